import Determinism
import Geography

/// A message between the replicas of a group. Its strategy owns and encodes it.
public protocol ReplicaMessage: ByteCodable {
    /// What the network model takes it for.
    var kind: MessageKind { get }
    /// Whether it only shows that its sender lives: heartbeats do not count as a fault's effect.
    /// By default it does more.
    var isKeepAlive: Bool { get }
    /// Whether it says the same as `other`, so that a host may pass on one reference to both. A
    /// message that is not known to be the same is not: by default none is.
    func isSame(as other: Self) -> Bool
    /// What it says, in the protocol's terms and on one line, for people who read a trace. Made
    /// only where there is one. By default the name of the type.
    var summary: String { get }
}

extension ReplicaMessage {
    /// It says something.
    public var isKeepAlive: Bool { false }
    /// None is known to be.
    public func isSame(as other: Self) -> Bool { false }
    /// The name of the type.
    public var summary: String { "\(Self.self)" }
}

/// One member of one replication group, as a state machine without input or output.
///
/// This is what a consistency strategy implements. The host feeds it ``ReplicaInput`` and carries
/// out the ``ReplicaOutput``. The machine reads no clock, opens no socket, draws from no random
/// stream but the one in its ``GroupSetup``, and must behave the same for the same inputs in
/// every process: never let the order of a `Dictionary` or `Set` show.
///
/// ## The life of a replica
///
/// 1. `init` with the setup. A replica whose setup says ``GroupSetup/isRejoining`` has lost what
///    its node knew and must not act on promises of an earlier life.
/// 2. ``restore(checkpoint:)`` at most once, then ``replay(_:)`` for each record persisted since,
///    in order.
/// 3. `handle(.start, …)` once, then any inputs in any order.
///
/// ## The host's duties
///
/// 1. After every call of ``handle(_:at:into:)``: hand the records to the disk in order, carry out
///    the effects in order, and call again with `.wake` when ``nextWake`` has come.
/// 2. Effects marked ``Timing/onceDurable`` wait until every record persisted so far, in this
///    output or before, is durable. The others do not wait.
/// 3. Tell the replica with `.durable` what has become durable, in order.
/// 4. Messages may be lost, delayed and, after a reset, repeated; per sender they usually arrive
///    in order. Requests may be repeated.
/// 5. A replica is used from one thread at a time.
public protocol Replica: AnyObject, SendableMetatype {
    /// What replicas of this strategy send each other.
    associatedtype Message: ReplicaMessage
    /// What replicas of this strategy write to their journals.
    associatedtype Record: ByteCodable

    /// What the strategy says of itself.
    static var strategy: StrategyDescription { get }

    /// A replica with an empty state.
    init(setup: GroupSetup, options: StrategyOptions) throws(InvalidOption)

    /// Takes over the state of a checkpoint that this strategy once put out. By default there are
    /// none.
    func restore(checkpoint: [UInt8]) throws(MalformedBytes)
    /// Applies a record that was persisted after the checkpoint.
    func replay(_ record: Record) throws(MalformedBytes)

    /// Takes an input and appends to `output` what is to be done about it.
    func handle(
        _ input: ReplicaInput<Message>, at now: NodeTime,
        into output: inout ReplicaOutput<Message, Record>)

    /// Takes a message, as ``handle(_:at:into:)`` does: most inputs are messages. By default
    /// hands it on to that.
    func receive(
        _ message: Message, from sender: MemberID, at now: NodeTime,
        into output: inout ReplicaOutput<Message, Record>)

    /// When `.wake` is due; ``Instant/distantFuture`` if never. Read after every call.
    var nextWake: Instant { get }

    /// How the group looks from here.
    var view: GroupView { get }

    /// Every key of the final state with its values and versions, sorted by key. Several values
    /// are concurrent ones. Deleted keys are reported with no value while they are remembered.
    func finalState() -> [FinalEntry]

    /// How often each of the strategy's ``StrategyDescription/transitions`` happened since
    /// `.start`, in that order. Nothing, unless the strategy counts.
    var transitionCounts: [UInt64] { get }
}

extension Replica {
    /// A strategy that puts out no checkpoints is never handed one.
    public func restore(checkpoint: [UInt8]) throws(MalformedBytes) {
        throw MalformedBytes("strategy '\(Self.strategy.name)' makes no checkpoints")
    }

    /// Nothing is counted.
    public var transitionCounts: [UInt64] { [] }
}

extension Replica {
    /// Hands the message on to ``handle(_:at:into:)``.
    public func receive(
        _ message: Message, from sender: MemberID, at now: NodeTime,
        into output: inout ReplicaOutput<Message, Record>
    ) {
        handle(.message(message, from: sender), at: now, into: &output)
    }
}
