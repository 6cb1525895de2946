import Determinism
import Recording
import Replication

/// What a history says of operations that did not succeed: a code, and details after `: `.
enum FailureText {
    /// A compare-and-set found another value.
    static let mismatch = HistoryOperation.Failure.mismatch

    /// No answer came in time.
    static func timeout(after span: TimeSpan) -> String {
        timeout("no answer within " + rounded(span))
    }

    /// No answer came in time.
    static func timeout(_ details: String) -> String {
        HistoryOperation.Failure.timeout + ": " + details
    }

    /// The connection was lost, or none could be opened.
    static func disconnected(_ details: String) -> String {
        HistoryOperation.Failure.disconnected + ": " + details
    }

    /// The operation was never sent.
    static func notSent(_ details: String) -> String {
        HistoryOperation.Failure.notSent + ": " + details
    }

    /// A node answered with an error.
    static func error(_ error: ServiceError) -> String {
        code(error.code) + ": " + error.message
    }

    /// A span in the notation of scenario files, to the millisecond if it is longer than ten.
    static func rounded(_ span: TimeSpan) -> String {
        if span < .milliseconds(10) { return "\(span)" }
        return "\(TimeSpan.milliseconds(Int(span.milliseconds.rounded())))"
    }

    private static func code(_ code: ServiceError.Code) -> String {
        switch code {
        case .unsupported: "unsupported"
        case .invalid: "invalid"
        case .notMember: "not-member"
        case .noLeader: "no-leader"
        case .consensusNotAchieved: "consensus-not-achieved"
        case .sessionExpired: "session-expired"
        case .overloaded: "overloaded"
        case .recovering: "recovering"
        case .storage: "storage"
        case .refused: "refused"
        case .leadershipLost: "leadership-lost"
        case .regionsSilent: "regions-silent"
        }
    }
}
