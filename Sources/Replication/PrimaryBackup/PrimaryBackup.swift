import DequeModule
import Determinism

/// One member of a group in which one primary orders all updates and ships its log to the others,
/// and a failover manager decides who the primary is.
///
/// After Alsberg and Day, "A Principle for Resilient Sharing of Distributed Resources" (1976), and
/// what operators of databases made of it: asynchronous, semi-synchronous or synchronous
/// acknowledgement, a manager outside the data's way that detects, promotes and re-points (as
/// GitHub's Orchestrator, which decides by raft), leases (Gray and Cheriton, 1989) and log epochs
/// (Kafka's KIP-101). `docs/strategies/primary-backup.md` says what that promises.
///
/// ## How it works
///
/// - The primary puts each update into its log, sends it to all replicas, and acknowledges it when
///   it is on its own disk and on those of as many replicas as the mode asks for. Replicas apply
///   what they receive at once.
/// - The managers are a ``Raft`` group of nodes in the regions named, inside the members. All
///   members send them beats. The one that leads them acts: when it has heard nothing from the
///   primary for too long it decides on the next epoch, has the members *sealed* (they follow no
///   earlier primary any more, and say where their logs end), and promotes the newest.
/// - With fencing a primary acknowledges and reads only under a lease that the acting manager
///   renews in answer to its beats, once the managers' majority has confirmed that it still acts.
///   Nobody is promoted before the last lease has ended.
/// - A member whose log is not in line with the primary's gives up what follows the last common
///   entry: by cutting off what was not applied, or else by taking over a copy of the state.
///
/// ## What must hold
///
/// 1. Only the member that the managers decided on for an epoch makes entries of it, and only
///    after its disk knows: a primary that restarts has lost its reign, and is sealed and chosen
///    anew like anybody.
/// 2. A member says that it has an entry, or that it is sealed, once that is durable.
/// 3. A sealed member takes no entries of an earlier epoch, so that a write with k
///    acknowledgements is in the log of one of any N - k members that are sealed.
public final class PrimaryBackup: Replica {
    /// What members send each other.
    public typealias Message = PrimaryBackupMessage
    /// What members write to their journals.
    public typealias Record = PrimaryBackupRecord
    typealias Output = ReplicaOutput<PrimaryBackupMessage, PrimaryBackupRecord>

    let setup: GroupSetup
    let me: MemberID
    let options: PrimaryBackupOptions
    let supportedKinds: [OperationKind]
    var random: RandomStream

    // What is durable, or on its way to the disk.
    var configuration: Configuration
    /// The member follows no primary of an earlier epoch.
    var sealed = Term.zero
    var history = EpochHistory()
    var log = ReplicatedLog()
    var durability = Durability()
    var setAside: [SetAsideWrite] = []
    /// Bytes of entries in the journal since the last checkpoint, and the state's size then.
    var journalBytes = 0
    var checkpointedBytes = 0
    var replayedParts: [UInt8] = []

    /// What is applied: at a primary what is acknowledged, at a replica all that it has.
    var machine: LogStateMachine

    // The primary's part.
    var reign: Reign?
    /// Where the decision for this member will stand in the journal: then its reign begins.
    var reignDue: JournalPosition?

    /// The handover that ended the last reign, until it is known who followed.
    var handedOver: Reign.HandOver?

    // A replica's part.
    /// Whether the member is known to be in line with the primary.
    var isInLine = false
    var incoming: IncomingCopy?

    // Signs of life.
    var isStarted = false
    var beatDue: Instant = .distantFuture
    var joinDue: Instant = .distantFuture
    /// The lives that nodes are known to be in; looked up by node only.
    var lives: [NodeID: MemberID] = [:]
    let managerNodes: [NodeID]

    // The failover manager, where this node is one of it.
    private(set) var managers: ManagerGroup?
    var failover = FailoverManager()

    // Requests that wait for a primary, or for its answer.
    var waiting: Deque<WaitingRequest> = []
    var forwards = ForwardTable()
    /// What this node has sent itself, with the position that must be durable first.
    var loopback: Deque<(body: PrimaryBackupMessage.Body, after: JournalPosition)> = []
    var durablePosition = JournalPosition(rawValue: 0)

    /// When `.wake` is due.
    public private(set) var nextWake = Instant.distantFuture
    var transitions = TransitionCounts<PrimaryBackupTransition>()

    /// A member with an empty state. Throws if an option cannot be used.
    public init(setup: GroupSetup, options given: StrategyOptions) throws(InvalidOption) {
        self.setup = setup
        me = setup.member
        let checked = try PrimaryBackupOptions(given, setup: setup)
        options = checked
        random = setup.random
        supportedKinds = OperationKind.allCases.filter {
            Self.strategy.supports($0, on: setup.valueType)
        }
        let members = setup.voters.sorted()
        configuration = Configuration(
            epoch: Term(1), primary: members.first { $0.node.region == checked.primary },
            members: members)
        let managing = members.filter { checked.managerRegions.contains($0.node.region) }
        managerNodes = managing.map(\.node)
        machine = LogStateMachine(
            valueType: setup.valueType, sessionTimeout: PrimaryBackupOptions.sessionTimeout,
            sessionsMax: PrimaryBackupOptions.sessionsMax)
        guard managerNodes.contains(setup.member.node) else { return }
        let inner = GroupSetup(
            group: setup.group, member: setup.member, voters: managing,
            roundTrips: setup.roundTrips, random: setup.random.derived("manager"),
            clockDriftMax: setup.clockDriftMax, wallClockSkewMax: setup.wallClockSkewMax,
            isRejoining: setup.isRejoining)
        managers = ManagerGroup(try Raft(setup: inner, options: StrategyOptions()))
    }

    /// Takes an input, and does what has become due.
    public func handle(
        _ input: ReplicaInput<PrimaryBackupMessage>, at now: NodeTime,
        into output: inout ReplicaOutput<PrimaryBackupMessage, PrimaryBackupRecord>
    ) {
        switch input {
        case .start: start(now, &output)
        case .message(let message, let sender):
            receive(message.body, sender, now, &output)
        case .request(let request, let handle):
            take(request, from: .local(handle), now, &output)
        case .administer(let command, let handle):
            route(
                WaitingRequest(
                    work: .administration(command), origin: .local(handle),
                    deadline: now.monotonic + options.commitTimeout), now, &output)
        case .durable(let position): becameDurable(position, now, &output)
        case .wake: break
        case .connected(let member): connected(member, now, &output)
        case .disconnected(let member): disconnected(member, now, &output)
        }
        settle(now, &output)
    }

    /// Does what has become due, and what this node has sent itself.
    private func settle(_ now: NodeTime, _ output: inout Output) {
        guard isStarted else { return }
        runTimers(now, &output)
        while let first = loopback.first, first.after <= durablePosition {
            loopback.removeFirst()
            receive(first.body, me, now, &output)
            runTimers(now, &output)
        }
        nextWake = earliestTimer
    }

    /// Sends a message, to this node itself as well.
    func send(
        _ body: PrimaryBackupMessage.Body, to member: MemberID, _ output: inout Output,
        _ timing: Timing = .now
    ) {
        guard member != me else {
            let after = timing == .now ? JournalPosition(rawValue: 0) : output.position
            loopback.append((body, after))
            return
        }
        output.send(PrimaryBackupMessage(body), to: member, timing)
    }

    private func receive(
        _ body: PrimaryBackupMessage.Body, _ sender: MemberID, _ now: NodeTime,
        _ output: inout Output
    ) {
        switch body {
        case .manager(let message):
            withManagers(&output) { managers, output in
                managers.handle(.message(message, from: sender), at: now, into: &output)
            }
            mind(now, &output)
        case .beat(let beat): heard(beat, sender, now, &output)
        case .decided(let decision): learn(decision, now, &output)
        case .seal(let epoch): seal(before: epoch, sender, &output)
        case .sealed(let epoch, let lastEpoch, let lastIndex):
            let end = FailoverManager.End(
                member: sender, lastEpoch: lastEpoch, lastIndex: lastIndex)
            sealedIs(end, before: epoch, now, &output)
        case .ask(let configuration): asked(configuration, sender, now, &output)
        case .position(let position): placed(position, sender, now, &output)
        case .append(let request): follow(request, sender, now, &output)
        case .appended(let epoch, let index): appended(epoch, index, sender, now, &output)
        case .copy(let piece): receive(piece, sender, now, &output)
        case .copied(let epoch, let through, let offset):
            copied(epoch, through, Int(clamping: offset), sender, now, &output)
        case .superseded(let configuration): learn(configuration, now, &output)
        case .join: joinAsked(by: sender, now, &output)
        case .admit(let member, let epoch): admit(member, epoch, now, &output)
        case .handOver(let member, let epoch): handOver(to: member, epoch, now, &output)
        case .forward(let number, let request):
            take(request, from: .remote(sender, number), now, &output)
        case .forwardAdministration(let number, let command):
            route(
                WaitingRequest(
                    work: .administration(command), origin: .remote(sender, number),
                    deadline: now.monotonic + options.commitTimeout), now, &output)
        case .forwardReply(let number, let reply):
            forwardAnswered(number, reply, sender, now, &output)
        }
    }

    /// Whom the member takes for the primary.
    var primary: MemberID? { configuration.epoch >= sealed ? configuration.primary : nil }
    /// Whether this member holds the data.
    var isMember: Bool { configuration.members.contains(me) }
    /// Where the own log ends, in memory.
    var lastIndex: LogIndex { log.lastIndex }

    /// The member that a node is now, as far as known.
    func life(of node: NodeID) -> MemberID {
        if node == me.node { return me }
        return lives[node] ?? configuration.member(of: node) ?? MemberID(node)
    }

    /// Lets the managers' group do something, and keeps its checkpoint with the own.
    func withManagers(
        _ output: inout Output, _ body: (ManagerGroup, inout Output) -> [UInt8]?
    ) {
        guard let managers, let bytes = body(managers, &output) else { return }
        writeCheckpoint(manager: bytes, &output)
    }
}
