import Determinism

/// How far a primary has brought one member, and what is under way to it.
struct ReplicaStream: Sendable {
    let member: MemberID
    /// Up to where the member has the primary's log durably; `nil` while that is not known.
    var match: LogIndex?
    /// The next entry to send.
    var next: LogIndex = .zero
    var mode: Mode = .closed
    /// When something was last sent that asks for an answer, or an answer came.
    var lastActivity: Instant = .zero
    /// The ends and sizes of the messages with entries under way.
    var underWay: [(end: LogIndex, bytes: Int)] = []

    enum Mode: Sendable {
        /// It was not asked yet, or the connection is gone.
        case closed
        /// It was asked where its log ends.
        case asked
        /// Entries are sent as they come.
        case streaming
        /// The whole state is sent.
        case copying(OutgoingCopy)
    }

    /// The most messages and bytes with entries under way.
    static let windowMessagesMax = 64
    static let windowBytesMax = 8 * Limits.mebibyte

    init(member: MemberID) { self.member = member }

    var isStreaming: Bool {
        if case .streaming = mode { true } else { false }
    }

    var hasRoom: Bool {
        underWay.count < Self.windowMessagesMax
            && underWay.reduce(0) { $0 + $1.bytes } < Self.windowBytesMax
    }

    mutating func acknowledged(_ index: LogIndex) {
        match = max(match ?? .zero, index)
        underWay.removeAll { $0.end <= index }
    }
}

/// A copy of the state on its way to a member.
struct OutgoingCopy: Sendable {
    /// The last entry applied to the state.
    var through: LogIndex
    /// Up to where the member's log agrees with the primary's.
    var fork: LogIndex
    var bytes: [UInt8]
    var sent = 0
    var acknowledged = 0

    /// The most pieces under way.
    static let windowPiecesMax = 4
}

/// A copy of the state that arrives in pieces.
struct IncomingCopy: Sendable {
    var sender: MemberID
    var epoch: Term
    var through: LogIndex
    var totalBytes: UInt64
    var bytes: [UInt8] = []
}
