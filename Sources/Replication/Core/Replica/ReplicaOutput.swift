import Determinism

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
