import Determinism

/// One member of a group without a leader in which reads and writes wait for quorums.
///
/// The member that a client asks coordinates the request (DeCandia et al., "Dynamo: Amazon's
/// Highly Available Key-value Store", SOSP 2007): a write is taken in here and sent to all
/// members, and acknowledged when ``QuorumOptions/write`` of them have it on disk; a read asks
/// the members and answers with what ``QuorumOptions/read`` of them know together.
///
/// The state, its versions and conflicts, the way of writes to the other members, comparison by
/// hash tree and membership are those of ``Eventual``, on top of which this counts.
///
/// With ``QuorumOptions/writesBack`` registers are linearizable (Attiya, Bar-Noy and Dolev,
/// "Sharing Memory Robustly in Message-Passing Systems", JACM 1995, with writers that first ask
/// for the highest tag, after Lynch and Shvartsman, 1997). The tag of a write is its hybrid time
/// and, among equals, its dot: who coordinated it, in which life, and its number there.
///
/// ## What must hold
///
/// 1. An answer says only what is durable at its sender, so that a member that crashed and came
///    back still holds what it was counted for.
/// 2. A member whose state is incomplete answers no reads. It completes its state from so many
///    others that one of them has every acknowledged write.
/// 3. With write_back a write's tag is later than every tag in a read quorum, and a value is
///    returned when a write quorum is known to hold it or something later.
///
/// This file holds the state and the way in; reads and writes are extensions in files of their
/// own.
public final class Quorum: Replica {
    /// What replicas of this strategy send each other.
    public typealias Message = EventualMessage
    /// What replicas of this strategy write to their journals.
    public typealias Record = EventualRecord
    typealias Output = ReplicaOutput<EventualMessage, EventualRecord>

    let me: MemberID
    let options: QuorumOptions
    let roundTrips: RoundTripTable
    /// Whether this node has no replica, and only coordinates.
    let isCoordinator: Bool
    /// The state, and everything that brings it to the other members.
    let store: Eventual

    /// Writes that wait for acknowledgements, by number.
    var writes: [QuorumWrite] = []
    /// Writes that a coordinator has for members that did not take them yet, by number.
    var handoffs: [Handoff] = []
    /// Reads that wait for answers, by number; those of writes with write_back among them.
    var reads: [QuorumRead] = []
    /// The number of the last read; where numbers begin is drawn for each life.
    var lastRead: UInt64 = 0
    /// Nodes without a replica that can be reached and may stand in for members, the nearest first.
    var standIns: [MemberID] = []
    /// The number of what this node took last in the place of members.
    var lastStandIn: UInt64 = 0
    /// Up to where the journal is durable.
    var durable = JournalPosition(rawValue: 0)
    /// When writes are offered again to members that did not take them.
    var nextHandoff = Instant.distantFuture
    /// The end of the log of writes when the store looked at it last.
    private var sent: UInt64 = 1
    var transitions = TransitionCounts<QuorumTransition>()

    /// A member with an empty state. Throws if an option cannot be used.
    public init(setup: GroupSetup, options given: StrategyOptions) throws(InvalidOption) {
        options = try QuorumOptions(given, setup: setup)
        me = setup.member
        roundTrips = setup.roundTrips
        isCoordinator = options.store.coordinators.contains(setup.member.node.region)
        store = Eventual(setup: setup, options: options.store, strategy: "quorum")
    }

    /// Takes over the state of a checkpoint.
    public func restore(checkpoint: [UInt8]) throws(MalformedBytes) {
        try store.restore(checkpoint: checkpoint)
    }

    /// Applies a record that was persisted after the checkpoint.
    public func replay(_ record: EventualRecord) throws(MalformedBytes) {
        try store.replay(record)
    }

    /// Takes an input and appends what is to be done about it.
    public func handle(
        _ input: ReplicaInput<EventualMessage>, at now: NodeTime,
        into output: inout ReplicaOutput<EventualMessage, EventualRecord>
    ) {
        switch input {
        case .request(let request, let handle): take(request, handle, now, &output)
        case .administer(let command, let handle) where options.writesBack:
            refuse(command, handle, &output)
        case .message(let message, let sender):
            receive(message.body, sender, now, &output)
            store.handle(input, at: now, into: &output)
        case .durable(let position):
            store.handle(input, at: now, into: &output)
            durable = position
            for index in writes.indices where writes[index].position <= position {
                if !isCoordinator || writes[index].countsCoordinator {
                    writes[index].acknowledge(by: me)
                }
            }
        case .start:
            transitions = TransitionCounts()
            // Late answers to an earlier life must not pass for answers to this one.
            lastRead = store.random.next() >> 2
            store.handle(input, at: now, into: &output)
            resumeStandingIn(now, &output)
        case .connected(let member):
            store.handle(input, at: now, into: &output)
            standInConnected(member, true)
            askAgain(member, &output)
            handOff(to: member, &output)
        case .disconnected(let member):
            store.handle(input, at: now, into: &output)
            standInConnected(member, false)
        case .administer, .wake: store.handle(input, at: now, into: &output)
        }
        letOthersStandIn(now, &output)
        settleReads(now, &output)
        settleWrites(now, &output)
        handOffWhatIsDue(now, &output)
        // Writes that were taken in since are sent at once.
        if store.log.end != sent { store.handle(.wake, at: now, into: &output) }
        sent = store.log.end
    }

    /// When `.wake` is due.
    public var nextWake: Instant {
        var earliest = store.nextWake
        for write in writes { earliest = min(earliest, write.deadline, write.standInAt) }
        for read in reads { earliest = min(earliest, read.nextStep) }
        if !handoffs.isEmpty { earliest = min(earliest, nextHandoff) }
        return earliest
    }

    private func receive(
        _ body: EventualMessage.Body, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        switch body {
        case .hello(let hello): acknowledged(through: hello.knownOfReceiver, by: sender)
        case .writesAck(let ack):
            acknowledged(through: ack.knownOfReceiver, by: sender)
            acknowledged(ack.range, by: sender)
        case .get(let request): answer(request, for: sender, &output)
        case .getReply(let reply): answered(reply, by: sender)
        case .put(let request): take(request, of: sender, now, &output)
        case .putReply(let number):
            writtenBack(number, by: sender)
            handedOff(number, to: sender)
            stoodIn(number, sender)
        case .members, .writes, .compare, .compareReply, .repair, .repairReply, .finished: break
        }
    }

    private func refuse(
        _ command: Administration, _ handle: RequestHandle, _ output: inout Output
    ) {
        output.reply(
            .failed(
                ServiceError(
                    .refused,
                    "the members of a group with write_back are fixed: quorums before and after a "
                        + "change might not meet", isIndefinite: false)), to: handle)
    }

    /// How the group looks from here.
    public var view: GroupView {
        var view = store.view
        if isCoordinator { view.isReady = true }
        return view
    }

    /// How often each of the ``StrategyDescription/transitions`` happened since the start.
    public var transitionCounts: [UInt64] { store.transitionCounts + transitions.counts }

    /// Every key with its values and versions, sorted by key.
    public func finalState() -> [FinalEntry] { isCoordinator ? [] : store.finalState() }
}
