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

/// What a key holds at a replica.
public struct FinalEntry: Hashable, Sendable {
    /// The key.
    public var key: Key
    /// Its values, each with the version that wrote it; `nil`: deleted.
    public var values: [(value: Value?, version: Version)] {
        pairs.map { ($0.value, $0.version) }
    }
    private var pairs: [Pair]
    private struct Pair: Hashable, Sendable {
        var value: Value?
        var version: Version
    }

    /// The entry that `key` holds `values`.
    public init(key: Key, values: [(value: Value?, version: Version)]) {
        self.key = key
        pairs = values.map { Pair(value: $0.value, version: $0.version) }
    }
}

/// What a replica starts from.
public struct GroupSetup: Sendable {
    /// The group.
    public var group: GroupID
    /// This member.
    public var member: MemberID
    /// The founding members that count, in order of identity. A member that rejoins is not
    /// among them under its new identity.
    public var voters: [MemberID]
    /// The founding members that only listen, in order of identity.
    public var learners: [MemberID]
    /// The type of all values of the group.
    public var valueType: ValueType
    /// Expected round trips between the nodes.
    public var roundTrips: RoundTripTable
    /// The replica's own random numbers.
    public var random: RandomStream
    /// How fast or slow, as a share, monotonic clocks may run against each other (0.001: 1 ‰).
    public var clockDriftMax: Double
    /// How far ahead of the own wall clock a received timestamp may be.
    public var wallClockSkewMax: TimeSpan
    /// Whether the node lost its disk and comes back under a new identity.
    public var isRejoining: Bool
    /// The rules by which values can be merged.
    public var merges = MergeRules.standard

    /// A setup with these parts.
    public init(
        group: GroupID, member: MemberID, voters: [MemberID], learners: [MemberID] = [],
        valueType: ValueType = .register, roundTrips: RoundTripTable, random: RandomStream,
        clockDriftMax: Double = 0.001, wallClockSkewMax: TimeSpan = .seconds(60),
        isRejoining: Bool = false
    ) {
        self.group = group
        self.member = member
        self.voters = voters
        self.learners = learners
        self.valueType = valueType
        self.roundTrips = roundTrips
        self.random = random
        self.clockDriftMax = clockDriftMax
        self.wallClockSkewMax = wallClockSkewMax
        self.isRejoining = isRejoining
    }
}

/// Expected round trips between regions, for timeouts that suit the distances.
public struct RoundTripTable: Hashable, Sendable {
    /// The number of regions.
    public let regionCount: Int
    private let spans: [TimeSpan]

    /// A table of `spans`, row by row: the round trip from region i to region j at
    /// `i * regionCount + j`.
    public init(regionCount: Int, spans: [TimeSpan]) {
        precondition(spans.count == regionCount * regionCount, "a round trip for every pair")
        self.regionCount = regionCount
        self.spans = spans
    }

    /// The round trip from `source` to `target`; zero for a region that the table does not know.
    public subscript(source: RegionID, target: RegionID) -> TimeSpan {
        let row = Int(source.index)
        let column = Int(target.index)
        guard row < regionCount, column < regionCount else { return .zero }
        return spans[row * regionCount + column]
    }
}

/// What happened to a replica.
public enum ReplicaInput<Message: ReplicaMessage>: Sendable {
    /// The replica is restored and connected to its world; timers may start.
    case start
    /// Another member's message arrived.
    case message(Message, from: MemberID)
    /// A client asks; answer with a reply to the handle, exactly once.
    case request(ClientRequest, RequestHandle)
    /// An administrator asks; answer with a reply to the handle, exactly once.
    case administer(Administration, RequestHandle)
    /// Every record up to this position is durable.
    case durable(JournalPosition)
    /// ``Replica/nextWake`` has come.
    case wake
    /// A connection to the member was opened or reopened: what was sent before may be lost.
    case connected(MemberID)
    /// The connection to the member was reset: what was under way is lost.
    case disconnected(MemberID)
}

/// Identifies a request within its node until it is answered.
public struct RequestHandle: Hashable, Sendable {
    /// The connection that the request came in on.
    public var connection: UInt64
    /// The request's number on that connection.
    public var request: UInt64

    /// The request numbered `request` of `connection`.
    @inlinable
    public init(connection: UInt64, request: UInt64) {
        self.connection = connection
        self.request = request
    }
}

/// What an administrator can ask of a group.
public enum Administration: Hashable, Sendable {
    /// Hand leadership to a node of this region.
    case transferLeader(to: RegionID)
    /// Add a member that only listens.
    case addLearner(MemberID)
    /// Make a learner count.
    case promote(MemberID)
    /// Remove a member.
    case remove(MemberID)
}

/// How many records a group has persisted: a record's position is its number, from 1.
public struct JournalPosition: Hashable, Comparable, Sendable {
    /// The number of records.
    public var rawValue: UInt64

    /// The position after `rawValue` records.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// When an effect is carried out.
public enum Timing: Hashable, Sendable {
    /// At once, before what was persisted is durable.
    case now
    /// When every record persisted so far is durable.
    case onceDurable
}

/// What a replica wants done: records to persist and effects, in order.
///
/// The host reuses one output for many calls; a replica only appends.
@frozen
public struct ReplicaOutput<Message: ReplicaMessage, Record: ByteCodable> {
    @usableFromInline var recordsPut: [Record] = []
    @usableFromInline var effectsPut: [Effect] = []
    @usableFromInline var lastPosition: JournalPosition
    /// Whether somebody wants to know of every write that reaches this replica: only then
    /// ``replicated(_:_:bytes:from:)`` needs to be called.
    public package(set) var logsReplication = false

    /// Records to persist, in order.
    @inlinable public var records: [Record] { recordsPut }
    /// What else is to be done, in order.
    @inlinable public var effects: [Effect] { effectsPut }
    /// The position of the last record persisted, in this output or before.
    @inlinable public var position: JournalPosition { lastPosition }

    /// Something to be done.
    @frozen
    public enum Effect {
        /// Send a message to a member.
        case send(Message, to: MemberID, Timing)
        /// Answer a request.
        case reply(ClientReply, to: RequestHandle, Timing)
        /// Record what happened.
        case note(Note)
        /// Store this checkpoint: it stands for every record persisted so far, which the journal
        /// may then forget.
        case checkpoint([UInt8], through: JournalPosition)
    }

    /// An empty output after `position` records.
    @inlinable
    public init(position: JournalPosition = JournalPosition(rawValue: 0)) {
        lastPosition = position
    }

    /// Persists a record and returns its position.
    @inlinable
    @discardableResult
    public mutating func persist(_ record: Record) -> JournalPosition {
        recordsPut.append(record)
        lastPosition.rawValue += 1
        return lastPosition
    }

    /// Sends a message.
    @inlinable
    public mutating func send(_ message: Message, to member: MemberID, _ timing: Timing = .now) {
        effectsPut.append(.send(message, to: member, inForce(timing)))
    }

    /// Answers a request.
    @inlinable
    public mutating func reply(
        _ reply: ClientReply, to handle: RequestHandle, _ timing: Timing = .now
    ) {
        effectsPut.append(.reply(reply, to: handle, inForce(timing)))
    }

    #if PlantedBugs
        @usableFromInline
        func inForce(_ timing: Timing) -> Timing {
            PlantedBug.isPlanted(.acknowledgedBeforeSync) ? .now : timing
        }
    #else
        @inlinable
        func inForce(_ timing: Timing) -> Timing { timing }
    #endif

    /// Records what happened.
    @inlinable
    public mutating func note(_ kind: Note.Kind, _ fields: [Note.Field] = []) {
        effectsPut.append(.note(Note(kind, fields)))
    }

    /// Records that a write has reached this replica and is applied here: a line of
    /// `replication.jsonl`. Nothing happens unless ``logsReplication``.
    ///
    /// - Parameters:
    ///   - key: What was written.
    ///   - version: The version of the write.
    ///   - bytes: How large the value is.
    ///   - source: Who it came from; this member itself, if it took it from a client.
    public mutating func replicated(
        _ key: Key, _ version: Version, bytes: Int, from source: MemberID
    ) {
        guard logsReplication else { return }
        note(
            .replicated,
            [
                .init("key", .key(key)), .init("version", .version(version)),
                .init("bytes", .number(Int64(bytes))), .init("from", .member(source)),
            ])
    }

    /// Stores a checkpoint that stands for every record persisted so far.
    @inlinable
    public mutating func checkpoint(_ bytes: [UInt8]) {
        effectsPut.append(.checkpoint(bytes, through: lastPosition))
    }

    /// Begins to take out what is there, by ``takeRecord()`` and ``takeEffect()``. Before all is
    /// taken nothing may be added.
    @inlinable
    package mutating func beginTaking() {
        recordsPut.turnRound()
        effectsPut.turnRound()
    }

    /// Takes out the next record; positions go on.
    @inlinable
    package mutating func takeRecord() -> Record? { recordsPut.popLast() }

    /// Whether nothing is there.
    @inlinable
    package var isEmpty: Bool { effectsPut.isEmpty && recordsPut.isEmpty }

    /// Whether effects are left to take out.
    @inlinable
    package var hasEffects: Bool { !effectsPut.isEmpty }

    /// Takes out the next effect.
    @inlinable
    package mutating func takeEffect() -> Effect? { effectsPut.popLast() }

    /// Empties the output and keeps its memory; positions go on.
    @inlinable
    public mutating func removeAll() {
        recordsPut.removeAll(keepingCapacity: true)
        effectsPut.removeAll(keepingCapacity: true)
    }
}
