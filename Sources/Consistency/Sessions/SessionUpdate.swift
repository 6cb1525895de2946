import Determinism
import Recording

/// An update of a key, as the clients' sessions order it.
struct SessionUpdate: Sendable {
    /// The position among the updates of its key, in the order of their invocation.
    let id: Int
    /// The operation, by index in the history.
    let index: Int
    /// Whose it is, by the order in which clients first touch the key.
    let session: Int
    /// Which of its session's acknowledged updates it is, from 1; `nil`: that it took effect is
    /// not known, or it does not follow the ones before it.
    let number: Int?
    /// Whether it leaves nothing to read.
    let isDelete: Bool
    /// When it was invoked.
    let invoked: Instant
    /// When it was acknowledged; `nil`: it was not.
    let acknowledged: Instant?
    /// What its session had read of the key, or written and was acknowledged, and all that came
    /// before that.
    let past: CausalPast
    /// How many different values of the key its session had read.
    let valuesRead: Int
}

extension HistoryOperation {
    /// The token that an update of a register leaves there; `nil` for a delete.
    var tokenWritten: String? {
        switch value {
        case .text(let token): token
        case .pair(_, let token): token
        case .null, .integer, .list, .transaction: nil
        }
    }

    /// The tokens that a read of a register showed.
    var tokensRead: [String] {
        switch value {
        case .text(let token): [token]
        case .list(let tokens): tokens
        case .null, .integer, .pair, .transaction: []
        }
    }
}
