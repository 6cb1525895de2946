import DequeModule
import Determinism

/// One member of a group that keeps its state consistent by the Raft algorithm.
///
/// After Ongaro, "Consensus: Bridging Theory and Practice" (2014); numbers in comments are
/// sections of it. A leader, elected by a majority, orders all updates in its log, and an update
/// is acknowledged once a majority has it on disk. `docs/strategies/raft.md` says what that
/// promises and what happens under each kind of failure.
///
/// This file holds the state and the way in; each part of the protocol is an extension in a file
/// of its own: elections and votes, the leader's and the follower's half of replication, commit,
/// requests and their forwarding, reads, membership, transfer of leadership, snapshots, recovery.
///
/// ## How a burst is batched
///
/// A request that comes after a pause is written and sent at once. Those that follow within
/// ``RaftOptions/pace`` gather in memory and go together, in one record and one message to each
/// member, when the pace has passed (``nextWake``) or a batch is full. Reads gather in the same
/// way for their rounds of confirmation. So an idle group has no added latency and a busy one
/// never works per request.
///
/// ## What counts as acceptance
///
/// A member's answer that it has entries is sent once they are durable. The leader writes its
/// own log while its messages are under way and counts itself only from `.durable` on.
public final class Raft: Replica {
    /// What members send each other.
    public typealias Message = RaftMessage
    /// What members write to their journals.
    public typealias Record = RaftRecord
    typealias Output = ReplicaOutput<RaftMessage, RaftRecord>

    /// A member's part in elections. Transitions: `follower` to `preCandidate` or `candidate`
    /// when its leader is silent; `preCandidate` to `candidate` when a majority would vote for
    /// it; `candidate` to `leader` when a majority did; any to `follower` when it learns of a
    /// later term, of the term's leader, or that it cannot win, and a leader when it hears from
    /// no majority.
    enum Role: Hashable, Sendable {
        case follower, preCandidate, candidate, leader
    }

    let setup: GroupSetup
    let me: MemberID
    let options: RaftOptions
    /// What clients can ask, for every request is checked.
    let supportedKinds: [OperationKind]
    var random: RandomStream

    // What is durable, or on its way to the disk.
    var hardState = HardState()
    var log = ReplicatedLog()
    var durability = Durability()
    /// The latest term that is on disk: what a crash cannot take back.
    var durableTerm = Term.zero
    /// Where the current term will stand in the journal; `nil` if it is on disk.
    var termPosition: JournalPosition?
    var memberships: MembershipHistory
    /// Whether a committed membership has ever held this member. Until then it asks to be taken
    /// in: an entry that does so may yet be lost.
    var hasBelonged: Bool
    /// Bytes of entries in the journal since the last checkpoint.
    var journalBytes = 0
    /// The size of the state at that checkpoint.
    var checkpointedBytes = 0
    /// Pieces of a checkpoint that are being replayed.
    var replayedParts: [UInt8] = []

    // What is committed and applied.
    var commitIndex: LogIndex = .zero
    var machine: LogStateMachine

    // Elections.
    var role: Role = .follower {
        didSet { countChange(of: oldValue, to: role) }
    }
    var leader: MemberID?
    var isStarted = false
    var electionDeadline: Instant = .distantFuture
    /// When the leader of the current term was last heard.
    var lastLeaderContact: Instant?
    /// Until when a restarted voter does not vote, because of leases that it may have granted.
    var voteEmbargo: Instant?
    var campaign = Campaign()

    // Following.
    /// The last index that is known to agree with the leader of the current term.
    var verifiedIndex: LogIndex = .zero
    /// The highest commit index that a leader has told.
    var knownCommit: LogIndex = .zero
    /// Whether everything that the first leader heard in this life had committed is applied.
    var hasCaughtUp = false
    var catchUpTarget: LogIndex?
    var incoming: IncomingSnapshot?
    var joinDue: Instant = .distantFuture
    /// Whom this member met before it was taken in; all of them may have other identities than
    /// the founding ones.
    var acquaintances: Set<MemberID> = []

    // Leading.
    var peers: [Progress] = []
    /// The last entry that was handed to the disk.
    var persistedIndex: LogIndex = .zero
    var unpersistedBytes = 0
    var uncommittedBytes = 0
    var lastFlush: Instant?
    var flushDue: Instant = .distantFuture
    var heartbeatDue: Instant = .distantFuture
    var commitNoticeDue: Instant = .distantFuture
    /// The index of the entry that began the term.
    var termStart: LogIndex = .zero
    var proposals: Deque<Proposal> = []
    var reads = ReadQueue()
    var transfer: Transfer?
    var preferredTransferDue: Instant = .zero
    var outgoing: OutgoingSnapshot?

    // Requests that wait for a leader, or for the leader's answer.
    var waiting: Deque<WaitingRequest> = []
    var forwards = ForwardTable()

    /// When the earliest of the timers is due.
    public private(set) var nextWake = Instant.distantFuture

    var transitions = TransitionCounts<RaftTransition>()

    #if PlantedBugs
        var turn = PlantedTurn()
    #endif

    /// A member with an empty log. Throws if an option cannot work in this group.
    public init(setup: GroupSetup, options: StrategyOptions) throws(InvalidOption) {
        self.setup = setup
        me = setup.member
        let checked = try RaftOptions(options, setup: setup)
        self.options = checked
        supportedKinds = OperationKind.allCases.filter {
            Self.strategy.supports($0, on: setup.valueType)
        }
        random = setup.random
        let listening = setup.voters.filter { checked.learnerRegions.contains($0.node.region) }
        let founding = Membership(
            voters: setup.voters.filter { !listening.contains($0) },
            learners: setup.learners + listening)
        guard !founding.voters.isEmpty else {
            throw InvalidOption("learners", "no member is left that could vote")
        }
        memberships = MembershipHistory(base: founding)
        hasBelonged = founding.contains(setup.member)
        machine = LogStateMachine(
            valueType: setup.valueType, sessionTimeout: checked.sessionTimeout,
            sessionsMax: checked.sessionsMax)
    }

    /// Takes an input, and does what has become due.
    public func handle(
        _ input: ReplicaInput<RaftMessage>, at now: NodeTime,
        into output: inout ReplicaOutput<RaftMessage, RaftRecord>
    ) {
        #if PlantedBugs
            let now = plantedTime(of: input, now)
        #endif
        switch input {
        case .start: start(now, &output)
        case .message(let message, let sender):
            return receive(message, from: sender, at: now, into: &output)
        case .request(let request, let handle):
            take(request, from: .local(handle), now, &output)
        case .administer(let command, let handle):
            take(command, from: .local(handle), now, &output)
        case .durable(let position): becameDurable(position, now, &output)
        case .wake: break
        case .connected(let member): connected(member, now, &output)
        case .disconnected(let member): disconnected(member, now, &output)
        }
        nextWake = runTimers(now, &output)
    }

    /// Takes a message, and does what has become due.
    public func receive(
        _ message: RaftMessage, from sender: MemberID, at now: NodeTime,
        into output: inout ReplicaOutput<RaftMessage, RaftRecord>
    ) {
        receive(message.body, sender, now, &output)
        nextWake = runTimers(now, &output)
    }

    /// The term that the member is in.
    var term: Term { hardState.term }
    /// The membership in effect.
    var membership: Membership { memberships.current }
    /// Whether this member's vote counts.
    var isVoter: Bool { membership.isVoter(me) }
    var isLeader: Bool { role == .leader }

    func send(
        _ body: RaftMessage.Body, to member: MemberID, _ output: inout Output,
        _ timing: Timing = .now
    ) {
        output.send(RaftMessage(body), to: member, timing)
    }

    private func receive(
        _ body: RaftMessage.Body, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard sender != me else { return }
        switch body {
        case .vote(let request): answerVote(request, sender, now, &output)
        case .voteReply(let reply): countVote(reply, sender, now, &output)
        case .append(let request): follow(request, sender, now, &output)
        case .appendReply(let reply): appendAnswered(reply, sender, now, &output)
        case .heartbeat(let heartbeat): follow(heartbeat, sender, now, &output)
        case .heartbeatReply(let reply): heartbeatAnswered(reply, sender, now, &output)
        case .snapshot(let chunk): receive(chunk, sender, now, &output)
        case .snapshotReply(let reply): snapshotAnswered(reply, sender, now, &output)
        case .timeoutNow(let term): timeoutNow(term, sender, now, &output)
        case .join(let member): joinAsked(for: member, by: sender, now, &output)
        case .forward(let number, let request):
            take(request, from: .remote(sender, number), now, &output)
        case .forwardAdministration(let number, let command):
            take(command, from: .remote(sender, number), now, &output)
        case .forwardReply(let number, let reply):
            forwardAnswered(number, reply, sender, now, &output)
        }
    }
}
