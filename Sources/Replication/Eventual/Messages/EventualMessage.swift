import Determinism
import Geography

/// What members of an eventually consistent group send each other.
///
/// Every message that says something of the sender's state is sent once that state is durable, so
/// that nothing a member has told is lost when it crashes.
public struct EventualMessage: ReplicaMessage, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    /// The messages.
    enum Body: Hashable, Sendable {
        case hello(PeerHello)
        /// Who belongs to the group.
        case members(GroupMembers)
        case writes(ReplicatedWrites)
        case writesAck(ReplicationAck)
        case compare(CompareRequest)
        case compareReply(CompareReply)
        case repair(RepairRequest)
        case repairReply(RepairReply)
        /// The exchange with this number is complete: all that the sender knew when it began is
        /// at the receiver.
        case finished(exchange: UInt64, KnownDots)
        /// Asks for what is held of a key; answered with ``getReply(_:)``.
        case get(GetRequest)
        case getReply(GetReply)
        /// Brings what is known of a key; answered with ``putReply(_:)`` once that is durable,
        /// unless its number is 0.
        case put(PutRequest)
        case putReply(UInt64)
    }

    /// What the network model takes the message for.
    public var kind: MessageKind {
        switch body {
        case .writes, .put: .write
        case .writesAck, .putReply: .writeAck
        case .get: .read
        case .getReply: .readReply
        case .hello, .members, .compare, .compareReply, .repair, .repairReply, .finished: .other
        }
    }

    /// Whether the message only shows that its sender lives.
    public var isKeepAlive: Bool {
        switch body {
        case .hello: true
        case .compare(let request): request.nodes.count == 1 && request.nodes[0].node == .root
        case .compareReply(let reply): reply.differences.isEmpty
        case .finished: true
        case .members, .writes, .writesAck, .repair, .repairReply: false
        case .get, .getReply, .put, .putReply: false
        }
    }
}

/// The first message after a start or a new connection, and its answer.
struct PeerHello: Hashable, Sendable {
    /// Whether this answers a hello.
    var isReply: Bool
    /// Whether the sender's state is incomplete, so that nothing can be learned from it.
    var isIncomplete: Bool
    /// How many of the receiver's first writes the sender knows.
    var knownOfReceiver: UInt64
    /// The ``GroupMembers/fingerprint`` of the sender's membership.
    var membership: UInt64
}

/// Asks a member for what it holds of a key.
struct GetRequest: Hashable, Sendable {
    /// The number of the read that asks, of the asking member.
    var number: UInt64
    var key: Key
}

/// The answer to ``GetRequest``.
struct GetReply: Hashable, Sendable {
    var number: UInt64
    /// What the member holds of the key, durable; `nil`: nothing.
    var entry: VersionedEntry?
}

/// Brings what is known of a key.
struct PutRequest: Hashable, Sendable {
    /// The number by which to answer; 0: no answer is wanted.
    var number: UInt64
    var keyed: KeyedEntry
}

/// Writes that the sender took in: the entries of the keys that the writes of this range touched,
/// as they are now.
struct ReplicatedWrites: Hashable, Sendable {
    var range: ClosedRange<UInt64>
    var entries: [KeyedEntry]
}

/// The answer to ``ReplicatedWrites``: they are durable.
struct ReplicationAck: Hashable, Sendable {
    var range: ClosedRange<UInt64>
    /// How many of the receiver's first writes the sender knows.
    var knownOfReceiver: UInt64
}

/// Asks to compare subtrees.
struct CompareRequest: Hashable, Sendable {
    /// The exchange that this belongs to, a number of the member that began it.
    var exchange: UInt64
    /// The number of the request within its exchange.
    var request: UInt64
    /// The ``GroupMembers/fingerprint`` of the sender's membership.
    var membership: UInt64
    /// With the first request: what the sender knew when the exchange began.
    var known: KnownDots?
    var nodes: [Sum]

    /// A subtree and the sender's sum of it.
    struct Sum: Hashable, Sendable {
        var node: TreeNode
        var hash: NodeHash
    }
}

/// The answer to ``CompareRequest``: subtrees that are not mentioned are equal.
struct CompareReply: Hashable, Sendable {
    var exchange: UInt64
    var request: UInt64
    /// When the request brought what its sender knows: what the answering member knew before it
    /// compared.
    var known: KnownDots?
    var differences: [Difference]

    /// A subtree that differs.
    enum Difference: Hashable, Sendable {
        /// The sums of its children at the answering member.
        case children(TreeNode, [NodeHash])
        /// All keys of it at the answering member.
        case leaf(TreeNode, [Leaf])

        var node: TreeNode {
            switch self {
            case .children(let node, _), .leaf(let node, _): node
            }
        }
    }

    /// A key as its hash, what is known of it as a hash, and the size of that in bytes.
    struct Leaf: Hashable, Sendable {
        var keyHash: UInt64
        var hash: NodeHash
        var bytes: UInt32
    }
}

/// Brings entries to the other member and asks for some of its own.
struct RepairRequest: Hashable, Sendable {
    var exchange: UInt64
    var request: UInt64
    var entries: [KeyedEntry]
    /// The hashes of keys of which the receiver's entries are wanted.
    var wanted: [UInt64]
}

/// The answer to ``RepairRequest``: the entries brought are durable.
struct RepairReply: Hashable, Sendable {
    var exchange: UInt64
    var request: UInt64
    /// The wanted entries, other than those that are now as they were brought.
    var entries: [KeyedEntry]
    /// Keys among those brought that were deleted everywhere and forgotten here.
    var forgotten: [Key]
    /// Wanted keys that did not fit; to be asked for again.
    var left: [UInt64]
}
