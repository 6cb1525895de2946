import DequeModule
import Determinism

/// One member of a group that takes writes anywhere and comes to agree afterwards.
///
/// A write is durable at the member that takes it in and acknowledged at once. Its dot (member
/// and number) names it for ever; its context says which writes of the key it superseded. The
/// member sends it to all others until they have it on disk, and all members compare their states
/// by hash tree from time to time, so that whatever was lost on the way arrives in the end.
/// `docs/strategies/eventual.md` says what that promises and what happens under each failure.
///
/// ## What must hold
///
/// 1. A dot names one write. Messages that say something of the state, and reads, go out once
///    what they say is durable, so that a dot that anyone has seen is never given again, and a
///    crash takes no member back; a member that lost its disk comes back under another identity.
/// 2. Whatever is in ``known`` is applied to ``table`` or superseded by what is there. A key
///    that is absent although a dot of its is known was deleted everywhere and forgotten.
/// 3. Entries only grow: merging is commutative, associative and idempotent.
///
/// This file holds the state and the way in; requests, replication, anti-entropy, membership,
/// tombstones and recovery are extensions in files of their own.
public final class Eventual: Replica {
    /// What replicas of this strategy send each other.
    public typealias Message = EventualMessage
    /// What replicas of this strategy write to their journals.
    public typealias Record = EventualRecord
    typealias Output = ReplicaOutput<EventualMessage, EventualRecord>

    /// The strategy's name, for errors.
    let strategyName: String
    let setup: GroupSetup
    let me: MemberID
    let options: EventualOptions
    var random: RandomStream

    // What is durable, or on its way to the disk.
    var table: EntryTable
    var known = KnownDots()
    /// The number of the last own write; never goes back.
    var counter: UInt64 = 0
    var members: GroupMembers
    /// Whether the state must be completed from another member before it may be used.
    var isIncomplete: Bool
    /// Bytes of records since the last checkpoint.
    var journalBytes = 0

    // What a restart forgets.
    var clock: HybridClock
    /// Changes of keys on their way to the disk, in order: the record that holds each.
    var unwritten: Deque<(position: JournalPosition, key: Key)> = []
    /// The last of these records for each key.
    var unwrittenKeys: [Key: JournalPosition] = [:]
    var log = WriteLog(after: 0)
    /// The other members that count, in order.
    var links: [PeerLink] = []
    var exchange: Exchange?
    /// When the next comparison with another member is due, and with whom it was last.
    var nextExchange = Instant.distantFuture
    var lastPartner: MemberID?
    /// The members whose whole state was taken over while this one's is incomplete.
    var sources: [MemberID] = []
    /// Connected members that are not known to count: lives that began while this one was away.
    var strangers: [MemberID] = []
    /// When to ask again to be let in, or to greet again whom nothing was heard of.
    var nextJoin = Instant.distantFuture
    /// Deleted keys that wait to be forgotten; the set tells which are in the queue.
    var deleted: Deque<Key> = []
    var isQueued: Set<Key> = []
    var forgotten = ForgottenKeys()
    /// Times ahead of the own clock that were last reported, and when.
    var reportedSkews: UInt64 = 0
    var nextSkewReport = Instant.zero
    /// The message with writes built last, which other links that are as far can send too.
    var lastBatch: (limit: UInt64, message: EventualMessage)?
    var transitions = TransitionCounts<EventualTransition>()
    var wakeAt = Instant.distantFuture
    /// The time of the event being handled.
    var batchTime = Instant.zero

    /// A member with an empty state. Throws if an option cannot be used.
    public convenience init(
        setup: GroupSetup, options: StrategyOptions
    ) throws(InvalidOption) {
        self.init(setup: setup, options: try EventualOptions(options, setup: setup))
    }

    /// A member with an empty state: of this strategy, or as what another one, by the name of
    /// `strategy`, keeps its state in.
    init(setup: GroupSetup, options checked: EventualOptions, strategy: String = "eventual") {
        strategyName = strategy
        self.setup = setup
        self.options = checked
        me = setup.member
        random = setup.random
        table = EntryTable(resolver: checked.resolver)
        clock = HybridClock(driftMax: setup.wallClockSkewMax)
        let founders = setup.voters + setup.learners
        members = GroupMembers(founders: founders)
        isIncomplete = setup.isRejoining || !founders.contains(setup.member)
    }

    /// When `.wake` is due.
    public var nextWake: Instant { wakeAt }

    /// Takes an input and appends what is to be done about it.
    public func handle(
        _ input: ReplicaInput<EventualMessage>, at now: NodeTime,
        into output: inout ReplicaOutput<EventualMessage, EventualRecord>
    ) {
        switch input {
        case .start: start(now, &output)
        case .message(let message, let sender): receive(message.body, sender, now, &output)
        case .request(let request, let handle): take(request, handle, now, &output)
        case .administer(let command, let handle): take(command, handle, &output)
        case .durable(let position): becameDurable(position)
        case .wake: break
        case .connected(let member): connected(member, now, &output)
        case .disconnected(let member): disconnected(member)
        }
        pump(now, &output)
        checkpointIfDue(&output)
        wakeAt = earliestWake
    }

    /// Does what is due: sends, sends again, compares.
    private func pump(_ now: NodeTime, _ output: inout Output) {
        lastBatch = nil
        batchTime = now.monotonic
        for index in links.indices { replicate(to: index, now, &output) }
        lastBatch = nil
        log.forget(below: links.reduce(log.end) { min($0, $1.firstNeeded) })
        if let age = options.backlogAge { log.forget(dueBefore: now.monotonic, minus: age) }
        compareIfDue(now, &output)
        joinIfDue(now, &output)
    }

    private var earliestWake: Instant {
        var earliest = min(nextJoin, exchangeWake)
        if serves { for link in links { earliest = min(earliest, replicationWake(link)) } }
        return earliest
    }

    private func becameDurable(_ position: JournalPosition) {
        while let first = unwritten.first, first.position <= position {
            if unwrittenKeys[first.key] == first.position { unwrittenKeys[first.key] = nil }
            unwritten.removeFirst()
        }
    }

    /// Takes note that the record just put out changes `key`.
    func noteUnwritten(_ key: Key, _ output: Output) {
        unwritten.append((output.position, key))
        unwrittenKeys[key] = output.position
    }

    /// Whether the member belongs to its group as far as it knows.
    var belongs: Bool { members.contains(me) }
    /// Whether the member takes part: answers clients, sends its writes, lets others compare.
    var serves: Bool { belongs && !isIncomplete }

    func persist(_ body: EventualRecord.Body, _ output: inout Output) {
        let record = EventualRecord(body)
        journalBytes += record.encodedSize
        output.persist(record)
    }

    /// Sends once all that is persisted so far is durable.
    func send(_ body: EventualMessage.Body, to member: MemberID, _ output: inout Output) {
        output.send(EventualMessage(body), to: member, .onceDurable)
    }

    func position(of member: MemberID) -> Int? { links.firstIndex { $0.member == member } }

    private func receive(
        _ body: EventualMessage.Body, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard sender != me else { return }
        switch body {
        case .hello(let hello): return greeted(hello, by: sender, now, &output)
        case .members(let theirs): return membersTold(theirs, by: sender, &output)
        case .writes, .writesAck, .compare, .compareReply, .repair, .repairReply, .finished: break
        // Of quorums, which are counted elsewhere.
        case .get, .getReply, .put, .putReply: return
        }
        guard belongs, let index = position(of: sender) else {
            // A stranger, someone removed, or an earlier life: it learns who belongs.
            return send(.members(members), to: sender, &output)
        }
        links[index].lastHeard = now.monotonic
        switch body {
        case .writes(let writes): receive(writes, from: index, now, &output)
        case .writesAck(let ack): acknowledged(ack, by: index, now, &output)
        case .compare(let request): compare(request, for: index, now, &output)
        case .compareReply(let reply): compared(reply, by: index, now, &output)
        case .repair(let request): repair(request, for: index, now, &output)
        case .repairReply(let reply): repaired(reply, by: index, now, &output)
        case .finished(_, let theirs): finished(theirs, by: index, &output)
        case .hello, .members, .get, .getReply, .put, .putReply: break
        }
    }

    /// How the group looks from here.
    public var view: GroupView {
        let confirmed = links.reduce(counter) { min($0, $1.confirmed) }
        return GroupView(
            role: .peer, leader: nil, term: 0, commitIndex: 0, lastIndex: 0,
            applied: .vector(known.prefix), lag: counter - confirmed, digest: table.digest,
            keyCount: UInt64(table.liveCount), voters: members.active, learners: [],
            isReady: serves)
    }

    /// How often each of the ``StrategyDescription/transitions`` happened since the start.
    public var transitionCounts: [UInt64] { transitions.counts }

    /// Every key with its values and versions, sorted by key.
    public func finalState() -> [FinalEntry] {
        table.items.map { item in
            FinalEntry(
                key: item.key,
                values: table.resolver.values(of: item.entry))
        }.sorted { $0.key < $1.key }
    }
}
