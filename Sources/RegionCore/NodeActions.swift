import Determinism
import Replication

/// What a node wants done: records to persist and actions, in order.
///
/// The host reuses one value for many calls: it carries out what is there and empties it.
package struct NodeActions {
    /// A record of a group's journal.
    package struct Persist {
        /// Whose journal.
        package var group: GroupID
        /// The record's number in that journal; without gaps.
        package var position: JournalPosition
        /// The record; encode it with its own `encode(into:)`.
        package var record: any ByteCodable
    }

    /// Something to be done.
    package enum Action {
        /// Send a message to a member. If the node of that name is known to live under another
        /// incarnation, the message is dropped.
        case send(HostedMessage, group: GroupID, to: MemberID)
        /// Answer a request.
        case reply(ClientReply, to: RequestHandle)
        /// Record what happened.
        case note(Note, group: GroupID)
        /// Store this checkpoint, and forget the group's records up to and including `through`,
        /// in one transaction, after the records persisted before it.
        case checkpoint([UInt8], group: GroupID, through: JournalPosition)
    }

    /// Records to persist, in order, before checkpoints of the same batch.
    package var records: [Persist] = []
    /// What else is to be done, in order.
    package var actions: [Action] = []

    /// Nothing to be done.
    @inlinable
    package init() {}

    /// Whether there is nothing to do.
    @inlinable
    package var isEmpty: Bool { records.isEmpty && actions.isEmpty }

    mutating func persist(
        _ record: any ByteCodable, group: GroupID, at position: JournalPosition
    ) {
        records.append(Persist(group: group, position: position, record: record))
    }

    mutating func append(_ action: Action) { actions.append(action) }

    /// Empties the actions and keeps their memory.
    package mutating func removeAll() {
        records.removeAll(keepingCapacity: true)
        actions.removeAll(keepingCapacity: true)
    }

    /// Begins to take out what is there, by ``takeRecord()`` and ``takeAction()``. Before all is
    /// taken nothing may be added.
    @inlinable
    @inline(__always)
    package mutating func beginTaking() {
        records.turnRound()
        actions.turnRound()
    }

    /// Takes out the next record.
    @inlinable
    @inline(__always)
    package mutating func takeRecord() -> Persist? { records.popLast() }

    /// Takes out the next action; records go first.
    @inlinable
    @inline(__always)
    package mutating func takeAction() -> Action? { actions.popLast() }
}

/// What happened to a node.
package enum NodeEvent {
    /// A member's message for a group arrived, in its encoding.
    case message([UInt8], group: GroupID, from: MemberID)
    /// A client asks; the reply carries the handle.
    case request(ClientRequest, group: GroupID, RequestHandle)
    /// An administrator asks; the reply carries the handle.
    case administer(Administration, group: GroupID, RequestHandle)
    /// A group's records up to this position are durable.
    case durable(JournalPosition, group: GroupID)
    /// ``RegionNode/nextWake`` has come.
    case wake
    /// The connection to a member was opened: what was sent before may be lost.
    case connected(MemberID)
    /// The connection to a member was reset: what was under way is lost.
    case disconnected(MemberID)
}
