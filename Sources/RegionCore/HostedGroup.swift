import Determinism
import Replication

/// A replica of whatever strategy, with the bookkeeping that every strategy needs: effects that
/// wait for the disk, and the passage between typed messages and the node's.
///
/// A class with overridden methods rather than an existential: one virtual call per event.
package class HostedGroup {
    let group: GroupID

    /// When `.wake` is due, as the replica last said.
    final fileprivate(set) var nextWake = Instant.distantFuture

    init(group: GroupID) { self.group = group }

    package var view: GroupView { unimplemented() }
    func restore(checkpoint: [UInt8]) throws(MalformedBytes) { unimplemented() }
    func replay(_ record: [UInt8], position: JournalPosition) throws(MalformedBytes) {
        unimplemented()
    }
    func recovered(through position: JournalPosition) { unimplemented() }
    func start(at now: NodeTime, into actions: inout NodeActions) { unimplemented() }
    func receive(
        encoded bytes: [UInt8], from member: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) { unimplemented() }
    func receive(
        _ hosted: HostedMessage, from member: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) { unimplemented() }
    func handle(_ event: GroupEvent, at now: NodeTime, into actions: inout NodeActions) {
        unimplemented()
    }
    package func finalState() -> [FinalEntry] { unimplemented() }
    /// From now on notes tell of every write that is applied.
    func logReplication() { unimplemented() }
    package var transitionCounts: [UInt64] { unimplemented() }

    private func unimplemented() -> Never {
        preconditionFailure("HostedGroup is abstract: use HostedReplica")
    }
}

/// An event for a group that has the same form under every strategy.
enum GroupEvent {
    case request(ClientRequest, RequestHandle)
    case administer(Administration, RequestHandle)
    case durable(JournalPosition)
    case wake
    case connected(MemberID)
    case disconnected(MemberID)
}

/// A replica of one strategy in its node.
///
/// The methods that every event passes are specialised for the strategies that come with Meridian:
/// as generic code, looking up types takes several times as long as the strategies do.
final class HostedReplica<Strategy: Replica>: HostedGroup {
    private let replica: Strategy
    private var output = ReplicaOutput<Strategy.Message, Strategy.Record>()
    private var durable = JournalPosition(rawValue: 0)
    /// Effects that wait for the disk, in order, each with the position it waits for.
    private var waiting: [(position: JournalPosition, action: NodeActions.Action)] = []
    private var firstWaiting = 0

    init(_ replica: Strategy, group: GroupID) {
        self.replica = replica
        super.init(group: group)
        nextWake = replica.nextWake
    }

    override var view: GroupView { replica.view }
    override func finalState() -> [FinalEntry] { replica.finalState() }
    override var transitionCounts: [UInt64] { replica.transitionCounts }

    override func logReplication() { output.logsReplication = true }

    override func restore(checkpoint: [UInt8]) throws(MalformedBytes) {
        try replica.restore(checkpoint: checkpoint)
    }

    override func replay(
        _ record: [UInt8], position: JournalPosition
    ) throws(MalformedBytes) {
        try replica.replay(Strategy.Record.decoded(record))
    }

    override func recovered(through position: JournalPosition) {
        durable = position
        let logsReplication = output.logsReplication
        output = ReplicaOutput(position: position)
        output.logsReplication = logsReplication
        nextWake = replica.nextWake
    }

    @_specialize(where Strategy == Raft)
    @_specialize(where Strategy == Eventual)
    @_specialize(where Strategy == Quorum)
    @_specialize(where Strategy == PrimaryBackup)
    override func start(at now: NodeTime, into actions: inout NodeActions) {
        replica.handle(.start, at: now, into: &output)
        flush(into: &actions)
    }

    override func receive(
        encoded bytes: [UInt8], from member: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        let message = try Strategy.Message.decoded(bytes)
        receive(message, from: member, at: now, into: &actions)
    }

    @_specialize(where Strategy == Raft)
    @_specialize(where Strategy == Eventual)
    @_specialize(where Strategy == Quorum)
    @_specialize(where Strategy == PrimaryBackup)
    override func receive(
        _ hosted: HostedMessage, from member: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        guard type(of: hosted) == TypedMessage<Strategy.Message>.self else {
            throw MalformedBytes("a message of another strategy than the group's")
        }
        let typed = unsafeDowncast(hosted, to: TypedMessage<Strategy.Message>.self)
        replica.receive(typed.message, from: member, at: now, into: &output)
        flush(into: &actions)
    }

    @_specialize(where Strategy == Raft)
    @_specialize(where Strategy == Eventual)
    @_specialize(where Strategy == Quorum)
    @_specialize(where Strategy == PrimaryBackup)
    private func receive(
        _ message: Strategy.Message, from member: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) {
        replica.receive(message, from: member, at: now, into: &output)
        flush(into: &actions)
    }

    @_specialize(where Strategy == Raft)
    @_specialize(where Strategy == Eventual)
    @_specialize(where Strategy == Quorum)
    @_specialize(where Strategy == PrimaryBackup)
    override func handle(
        _ event: GroupEvent, at now: NodeTime, into actions: inout NodeActions
    ) {
        take(event, at: now, into: &actions)
    }

    /// Apart from ``handle(_:at:into:)``, which would look up the types below before it turns to
    /// what was specialised.
    @_specialize(where Strategy == Raft)
    @_specialize(where Strategy == Eventual)
    @_specialize(where Strategy == Quorum)
    @_specialize(where Strategy == PrimaryBackup)
    @inline(never)
    private func take(
        _ event: GroupEvent, at now: NodeTime, into actions: inout NodeActions
    ) {
        switch event {
        case .request(let request, let handle):
            replica.handle(.request(request, handle), at: now, into: &output)
        case .administer(let command, let handle):
            replica.handle(.administer(command, handle), at: now, into: &output)
        case .durable(let position):
            durable = max(durable, position)
            releaseWaiting(into: &actions)
            replica.handle(.durable(position), at: now, into: &output)
        case .wake: replica.handle(.wake, at: now, into: &output)
        case .connected(let member): replica.handle(.connected(member), at: now, into: &output)
        case .disconnected(let member):
            replica.handle(.disconnected(member), at: now, into: &output)
        }
        flush(into: &actions)
    }

    /// Moves what the replica put out into the node's actions, holding back what must wait.
    private func flush(into actions: inout NodeActions) {
        nextWake = replica.nextWake
        if output.isEmpty { return }
        let last = output.position
        var position = JournalPosition(rawValue: last.rawValue - UInt64(output.records.count))
        output.beginTaking()
        while let record = output.takeRecord() {
            position.rawValue += 1
            actions.persist(record, group: group, at: position)
        }
        // What is sent to many is passed on as one message.
        var sent: TypedMessage<Strategy.Message>?
        taking: while true {
            switch output.takeEffect() {
            case .send(let message, let member, let timing)?:
                let typed: TypedMessage<Strategy.Message>
                if let sent, sent.message.isSame(as: message) {
                    typed = sent
                } else {
                    typed = TypedMessage(message)
                    if output.hasEffects { sent = typed }
                }
                pass(.send(typed, group: group, to: member), timing, last, &actions)
            case .reply(let reply, let handle, let timing)?:
                pass(.reply(reply, to: handle), timing, last, &actions)
            case .note(let note)?: actions.append(.note(note, group: group))
            case .checkpoint(let bytes, let through)?:
                actions.append(.checkpoint(bytes, group: group, through: through))
            case nil: break taking
            }
        }
    }

    @inline(__always)
    private func pass(
        _ action: NodeActions.Action, _ timing: Timing, _ last: JournalPosition,
        _ actions: inout NodeActions
    ) {
        switch timing {
        case .now: actions.append(action)
        case .onceDurable:
            if last <= durable {
                actions.append(action)
            } else {
                waiting.append((last, action))
            }
        }
    }

    private func releaseWaiting(into actions: inout NodeActions) {
        while firstWaiting < waiting.count, waiting[firstWaiting].position <= durable {
            actions.append(waiting[firstWaiting].action)
            firstWaiting += 1
        }
        if firstWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            firstWaiting = 0
        } else if firstWaiting > 1024, firstWaiting * 2 > waiting.count {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
    }
}
