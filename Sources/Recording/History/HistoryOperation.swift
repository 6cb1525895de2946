import Determinism
import Replication

/// One operation of a run: a line of `history.jsonl`.
///
/// All attempts of an operation are one line. Times count from time 0 of the run on one monotonic
/// clock.
public struct HistoryOperation: Hashable, Sendable {
    /// The position in the order of invocation, from 0.
    public var index: Int
    /// The sequential process: not used again after an unknown outcome.
    public var process: Int
    /// The client that issued it.
    public var client: UInt64
    /// The session that the client had; 0 for none.
    public var session: UInt64
    /// The region that the client stands beside.
    public var region: String
    /// The node that answered, or that the last attempt went to; `nil` if none was reached.
    public var servedBy: String?
    /// How often it was sent.
    public var attempts: Int
    /// What it does.
    public var function: HistoryFunction
    /// The data type that it works on.
    public var dataType: String
    /// The key; `nil` for operations that have none.
    public var key: String?
    /// What was written or expected; for a read what was answered.
    public var value: HistoryValue
    /// What an update answered besides: the counter's new reading, or what a compare-and-set that
    /// did not match found there. `nil` when nothing was answered.
    public var result: HistoryValue?
    /// When it was to start: latency counts from here.
    public var planned: Instant
    /// When it started; `nil`: it was never sent.
    public var invoked: Instant?
    /// When its outcome was known; `nil`: never.
    public var completed: Instant?
    /// What is known of its effect.
    public var outcome: Outcome
    /// Why it was not `ok`: a code of ``Failure``, and details after `: `.
    public var error: String?
    /// The version written, or the version of the value read.
    public var version: Version?
    /// The versions that the operation had read: for a read those that the answer reflects, for an
    /// update those that its client had seen of the key before.
    public var context: VersionVector

    /// What is known of an operation's effect (`type`).
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// It took effect, and the answer arrived.
        case ok
        /// It did not take effect, and never will.
        case fail
        /// Unknown: it may have taken effect, or may later, or never.
        case info
    }

    /// Codes that ``error`` begins with. The errors of a node begin with their own code.
    public enum Failure {
        /// A compare-and-set found another value: a definite answer.
        public static let mismatch = "mismatch"
        /// The thing asked for does not exist: a definite answer.
        public static let notFound = "not-found"
        /// No answer in time.
        public static let timeout = "timeout"
        /// The connection was lost, or none could be opened.
        public static let disconnected = "disconnected"
        /// Never sent: the run ended, or the client had too much under way.
        public static let notSent = "not-sent"
    }

    /// An operation with these properties; without the later ones it has not completed.
    @inlinable
    @inline(__always)
    public init(
        index: Int, process: Int, client: UInt64, session: UInt64 = 0, region: String,
        servedBy: String? = nil, attempts: Int = 0, function: HistoryFunction, dataType: String,
        key: String?, value: HistoryValue, result: HistoryValue? = nil, planned: Instant,
        invoked: Instant?, completed: Instant? = nil, outcome: Outcome = .info,
        error: String? = nil, version: Version? = nil, context: VersionVector = VersionVector()
    ) {
        self.index = index
        self.process = process
        self.client = client
        self.session = session
        self.region = region
        self.servedBy = servedBy
        self.attempts = attempts
        self.function = function
        self.dataType = dataType
        self.key = key
        self.value = value
        self.result = result
        self.planned = planned
        self.invoked = invoked
        self.completed = completed
        self.outcome = outcome
        self.error = error
        self.version = version
        self.context = context
    }

    /// The code that ``error`` begins with.
    public var errorCode: Substring? { error.map { $0.prefix { $0 != ":" } } }

    /// Whether the answer was a definite "no": the service worked, the thing was just not so.
    public var isDefiniteNegative: Bool {
        guard outcome == .fail, let code = errorCode else { return false }
        return code == Failure.mismatch || code == Failure.notFound
            || SessionRejection.allCases.contains { $0.name == code }
    }

    /// Whether the service answered as it should: the operation counts as available.
    public var isAnswered: Bool { outcome == .ok || isDefiniteNegative }

    /// From the planned start to the outcome; `nil` when there was none.
    public var latency: TimeSpan? { completed.map { $0 - planned } }
}
