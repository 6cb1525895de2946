/// What a message carries, as far as the network model tells messages apart: a scenario may give
/// each kind delays of its own (the WARS model of Bailis et al., "Probabilistically Bounded
/// Staleness", VLDB 2012).
public enum MessageKind: UInt8, CaseIterable, Hashable, Sendable, Codable {
    /// Data on its way to a replica.
    case write
    /// A replica's answer that it has the data.
    case writeAck
    /// A question for a replica's data.
    case read
    /// A replica's answer with its data.
    case readReply
    /// Everything else: elections, heartbeats, anti-entropy, probes.
    case other

    /// The name in scenario files: `write`, `write-ack`, `read`, `read-reply`, `other`.
    public var name: String {
        switch self {
        case .write: "write"
        case .writeAck: "write-ack"
        case .read: "read"
        case .readReply: "read-reply"
        case .other: "other"
        }
    }
}
