import Determinism
import Replication

/// One operation of one client, over all its attempts, as a history records it.
package struct CompletedOperation: Hashable, Sendable {
    /// The operation's number in the order of invocation, from 0.
    package var index: UInt64
    /// Whose operations come one after another: a number that at most one open operation has.
    /// After ``Result/info`` it is never used again.
    package var process: UInt64
    /// Who issued it.
    package var client: ClientID
    /// The service session it was sent in; 0 for none.
    package var session: UInt64
    /// The region that the client stands beside.
    package var region: RegionID
    /// The node whose answer decided the operation; `nil` if none did.
    package var servedBy: NodeID?
    /// How often it was sent. 0: never, because no session could be opened in time or because
    /// too many operations were open.
    package var attempts: Int
    /// The group of its data type.
    package var group: GroupID
    /// The key; empty for a transaction, whose steps have their own.
    package var key: Key
    /// What was asked, with bare tokens.
    package var operation: Operation
    /// When it should have begun.
    package var planned: Instant
    /// When it began: later than ``planned`` by the lag of the harness. `nil` if it was never sent.
    package var invoked: Instant?
    /// When it ended; `nil` if it had not when the clients were closed.
    package var completed: Instant?
    /// Whether it took effect.
    package var result: Result
    /// What was answered, with bare tokens: values read, a counter's reading, a mismatch's actual
    /// value. `nil` without a decisive answer.
    package var answer: ClientReply.Outcome?
    /// Why the operation did not succeed: a code in lower case with hyphens, and mostly details
    /// after `: `. The codes are `mismatch`, `timeout`, `disconnected`, `not-sent`, and those of
    /// ``ServiceError/Code``, such as `no-leader`.
    package var error: String?
    /// The version written or read, if the answer gave one.
    package var version: Version?
    /// Of a read, the versions that the answer reflects; of an update, those that its client had
    /// read.
    package var context: VersionVector
    /// Of a request of the sessions that shows a token, how long that still lasted when the request
    /// was sent: at least so long if positive, over for at least so long if negative, 0 if that is
    /// not sure.
    package var tokenSlack: TimeSpan?

    /// Whether an operation took effect.
    package enum Result: Hashable, Sendable {
        /// It did, between its invocation and its completion.
        case ok
        /// It did not and never will.
        case fail
        /// Unknown: it may take effect at any time after its invocation, or never.
        case info
    }

    /// Whether it failed with a definite negative answer, which counts as available.
    package var isDefiniteNegative: Bool {
        switch answer {
        case .mismatch, .called(.session(.rejected)): result == .fail
        case .values, .done, .transaction, .sessionOpened, .called, .failed, nil: false
        }
    }
}
