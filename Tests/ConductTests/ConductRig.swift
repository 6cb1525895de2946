import Conduct
import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// A small engine in virtual time: processes that are numbers, real links, and one group whose
/// members copy their leader's log whenever the link lets them. Everything that the director asked
/// for is kept with its time.
final class ConductRig {
    let plan: Plan
    let director: Director
    private(set) var now = Instant.zero
    /// Every action, with when it was asked for.
    private(set) var log: [(at: Instant, action: ConductAction)] = []
    private(set) var end: RunEnd?
    var nodes: [NodeID: FakeNode] = [:]
    private(set) var wakes = 0

    /// What the tests bend.
    var behaviour = Behaviour()

    private var agenda: [Entry] = []
    private var sequence = 0
    var commitIndex: UInt64 = 0
    var term: UInt64 = 1
    var leader: NodeID?
    var leaderlessSince = Instant.zero
    private var cut: Set<NodeID> = []
    private var wallStart = (wall: WallTime(nanosecondsSince1970: 0), at: Instant.zero)

    struct Behaviour {
        /// How long a process takes to be ready; `nil`: for ever.
        var readyAfter: (NodeID, UInt32) -> TimeSpan? = { _, _ in .milliseconds(50) }
        /// How long a process lives on after it was killed.
        var diesAfter = TimeSpan.milliseconds(2)
        /// How long a process takes to end in good order.
        var stopsAfter = TimeSpan.milliseconds(5)
        /// Whether a node answers polls.
        var answersPolls: (NodeID, Instant) -> Bool = { _, _ in true }
        /// Whether signals that stop a process work.
        var canPause = true
        /// Whether the kernel says how processes are.
        var answersInspections = true
        /// Whether nodes carry out conditions.
        var appliesConditions = true
        /// Whether nodes carry out what is wrong with their clocks, disks and processors.
        var appliesNodeConditions = true
        /// Whether nodes have anything to write to their disks.
        var writes: (NodeID) -> Bool = { _ in true }
        /// Whether members copy their leader's log.
        var replicates: (NodeID, Instant) -> Bool = { _, _ in true }
        /// Whether nodes have anything to send each other.
        var isChatty = true
        /// The answer to an administrator's command; `nil`: none at all.
        var administers: (Administration, Instant) -> ClientReply? = { _, _ in
            ClientReply(.done(nil))
        }
        /// Whether final states are answered.
        var givesFinalState = true
        /// Members that the leader names; `nil`: all nodes.
        var voters: ((Instant) -> [NodeID])?
        /// Whether groups have a leader.
        var elects = true
    }

    struct FakeNode {
        var launch: UInt32 = 0
        var isAlive = false
        var isReady = false
        var isPaused = false
        var incarnation: UInt32 = 0
        var applied: UInt64 = 0
        var links: [(target: NodeID, link: Link)] = []
        var arrivals: [NodeID: ProbeArrivals] = [:]
        var notes: [TimedNote] = []
        /// Inputs that wait for a process that stands still.
        var pending: [Input] = []
        var condition = NodeCondition()
        var clock = NodeClock(wall: WallTime(nanosecondsSince1970: 0), at: .zero)
        var disk = DiskCounters()
        var stalled = TimeSpan.zero
        /// What a kill would lose though a sync was reported as done.
        var promisedBytes: UInt64 = 0
        /// How many corruptions launches so far were told of.
        var corruptionsTold = 0
        /// Whether the next start finds damage.
        var isRotten = false
        var runs: Bool { isAlive && isReady && !isPaused }
    }

    enum Input {
        case poll(UInt64)
        case conditions(NodeID, [LinkCondition])
        case condition(NodeCondition)
        case stop
    }

    private struct Entry {
        var at: Instant
        var sequence: Int
        var run: () -> Void
    }

    init(_ scenario: Scenario, hasLeader: Bool = true, timing: ConductTiming = .test) throws {
        plan = try Plan(scenario)
        director = try Director(
            plan: plan, strategies: [.fake(hasLeader: hasLeader)], timing: timing)
        behaviour.elects = hasLeader
        for node in plan.nodes { nodes[node.id] = FakeNode() }
    }

    /// Plays from the first launch until the run is over or `limit` has come.
    func play(until limit: Instant = .zero + .seconds(300)) {
        if wakes == 0 {
            var actions: [ConductAction] = []
            director.begin(at: now, into: &actions)
            carryOut(actions)
            at(now + .milliseconds(10)) { [self] in tick() }
        }
        while end == nil {
            let wake = max(now, director.nextWake)
            let next = agenda.first?.at ?? .distantFuture
            guard min(wake, next) <= limit else { return }
            if next <= wake {
                now = next
                agenda.removeFirst().run()
            } else {
                now = wake
                wakes += 1
                tell(.wake)
            }
        }
    }

    func tell(_ event: ConductEvent) {
        guard end == nil else { return }
        var actions: [ConductAction] = []
        director.handle(event, at: now, into: &actions)
        carryOut(actions)
    }

    /// Does something at a time counted from time 0 of the engine's clock.
    func at(_ time: Instant, _ run: @escaping () -> Void) {
        sequence += 1
        let entry = Entry(at: time, sequence: sequence, run: run)
        let index =
            agenda.firstIndex { ($0.at, $0.sequence) > (time, sequence) } ?? agenda.endIndex
        agenda.insert(entry, at: index)
    }

    /// A process ends by itself.
    func crash(_ node: NodeID, _ end: ProcessEnd = .exited(code: 70)) {
        ended(node, nodes[node]?.launch ?? 0, end)
    }

    private func carryOut(_ actions: [ConductAction]) {
        for action in actions {
            log.append((now, action))
            carryOut(action)
        }
    }

    private func carryOut(_ action: ConductAction) {
        switch action {
        case .launch(let node, let launch, let erasing, let condition, let conditions):
            launched(node, launch, erasing, condition, conditions)
        case .conditionNode(let node, let condition): input(.condition(condition), to: node)
        case .begin(let instant, let wall):
            wallStart = (wall, instant)
            for node in plan.nodes { nodes[node.id]?.clock.setWall(wall, at: instant) }
        case .kill(let node):
            guard nodes[node]?.isAlive == true, let launch = nodes[node]?.launch else { return }
            at(now + behaviour.diesAfter) { [self] in ended(node, launch, .signalled(9)) }
        case .stop(let node): input(.stop, to: node)
        case .pause(let node):
            if nodes[node]?.isAlive == true, behaviour.canPause { nodes[node]?.isPaused = true }
        case .resume(let node):
            nodes[node]?.isPaused = false
            let pending = nodes[node]?.pending ?? []
            nodes[node]?.pending = []
            for item in pending { input(item, to: node) }
        case .inspect(let node):
            guard behaviour.answersInspections else { return }
            let state: ProcessState =
                nodes[node]?.isAlive != true
                ? .gone : nodes[node]?.isPaused == true ? .stopped : .running
            at(now) { [self] in tell(.processState(node, state)) }
        case .condition(let source, let target, let conditions):
            input(.conditions(target, conditions), to: source)
        case .reset(let source, let target):
            change(source, target) { $0.reset(now: $1, into: &$2) }
        case .cutClients(let nodes): cut = nodes
        case .poll(let node, let token): input(.poll(token), to: node)
        case .administer(let id, _, _, let command):
            if let reply = behaviour.administers(command, now) {
                at(now + .milliseconds(2)) { [self] in tell(.administered(id, reply)) }
            }
        case .collect(let node, let group):
            guard behaviour.givesFinalState else { return }
            at(now + .milliseconds(2)) { [self] in tell(.finalState(node, group, [])) }
        case .send(let send): serve(send)
        case .finish(let end): self.end = end
        case .abandonAttempt, .record: break
        }
    }

    // MARK: Processes

    private func launched(
        _ id: NodeID, _ launch: UInt32, _ erasing: Bool, _ condition: NodeCondition,
        _ conditions: [NodeID: [LinkCondition]]
    ) {
        let before = nodes[id] ?? FakeNode()
        var node = FakeNode()
        node.launch = launch
        node.isAlive = true
        node.applied = erasing ? 0 : before.applied
        node.incarnation = before.incarnation + (erasing || before.isRotten ? 1 : 0)
        node.clock = NodeClock(wall: wallStart.wall, at: wallStart.at)
        if !erasing { node.disk.bytesDropped = before.promisedBytes }
        node.corruptionsTold = before.corruptionsTold
        if behaviour.appliesNodeConditions { node.take(condition, at: now, isLaunch: true) }
        for target in plan.nodes where target.id != id {
            let seed = RandomStream(seed: 7, name: "\(id.packed) \(target.id.packed) \(launch)")
            var link = Link(profile: plan.network.link(from: id, to: target.id), random: seed)
            var outputs: [LinkOutput] = []
            link.setConditions(conditions[target.id] ?? [], now: now, into: &outputs)
            node.links.append((target.id, link))
        }
        nodes[id] = node
        guard let delay = behaviour.readyAfter(id, launch) else { return }
        at(now + delay) { [self] in
            guard nodes[id]?.launch == launch, nodes[id]?.isAlive == true else { return }
            nodes[id]?.isReady = true
            tell(.nodeReady(id, launch: launch))
        }
    }

    private func ended(_ node: NodeID, _ launch: UInt32, _ how: ProcessEnd) {
        guard nodes[node]?.launch == launch, nodes[node]?.isAlive == true else { return }
        nodes[node]?.isAlive = false
        nodes[node]?.isReady = false
        for other in plan.nodes where other.id != node {
            change(other.id, node) { $0.connectionLost(now: $1, into: &$2) }
        }
        tell(.nodeEnded(node, launch: launch, how))
    }

    private func input(_ input: Input, to node: NodeID) {
        guard let state = nodes[node], state.isAlive else { return }
        guard !state.isPaused else {
            nodes[node]?.pending.append(input)
            return
        }
        switch input {
        case .poll(let token):
            guard state.isReady, behaviour.answersPolls(node, now) else { return }
            let status = status(of: node)
            nodes[node]?.notes = []
            at(now + .milliseconds(1)) { [self] in tell(.status(status, token: token)) }
        case .conditions(let target, let conditions):
            guard behaviour.appliesConditions else { return }
            change(node, target) { $0.setConditions(conditions, now: $1, into: &$2) }
        case .condition(let condition):
            guard behaviour.appliesNodeConditions else { return }
            nodes[node]?.take(condition, at: now, isLaunch: false)
        case .stop:
            let launch = state.launch
            at(now + behaviour.stopsAfter) { [self] in ended(node, launch, .exited(code: 0)) }
        }
    }

    /// What a node says of itself now.
    func status(of id: NodeID) -> NodeStatus {
        let node = nodes[id] ?? FakeNode()
        let members = (behaviour.voters?(now) ?? plan.nodes.map(\.id)).map { member in
            MemberID(member, incarnation: nodes[member]?.incarnation ?? 0)
        }
        var status = NodeStatus(
            member: MemberID(id, incarnation: node.incarnation), launch: node.launch,
            time: NodeTime(monotonic: now, wall: node.clock.reading(at: now).wall),
            groups: plan.groups.map { group in
                let role: GroupView.Role =
                    !behaviour.elects ? .peer : id == leader ? .leader : .follower
                return GroupStatus(
                    group: group.id,
                    view: GroupView(
                        role: role, leader: leader.map { MemberID($0) }, term: term,
                        commitIndex: commitIndex, lastIndex: commitIndex,
                        applied: .index(node.applied), lag: commitIndex - node.applied,
                        digest: StateDigest(high: 0, low: node.applied), keyCount: 0,
                        voters: members, learners: [],
                        isReady: !behaviour.elects || leader != nil))
            },
            links: node.links.map {
                LinkStatus(
                    target: $0.target, counters: $0.link.counters,
                    isConnected: $0.link.connection == .open)
            },
            arrivals: node.arrivals.values.sorted { $0.source < $1.source }, notes: node.notes)
        status.monotonicLead = node.clock.monotonicLead(at: now)
        status.disk = node.disk
        status.stalled = node.stalled
        if node.stalled > .zero { status.loopLag.p99 = .milliseconds(400) }
        return status
    }

    /// A node has something to tell with its next status.
    func note(_ node: NodeID, _ kind: Note.Kind, at time: Instant) {
        nodes[node]?.notes.append(
            TimedNote(time: time, group: GroupID(index: 0), note: Note(kind)))
    }

    // MARK: Clients

    private func serve(_ send: ClientSend) {
        guard nodes[send.node]?.runs == true, !cut.contains(send.node) else { return }
        let reply: ClientReply
        switch send.request.command {
        case .openSession: reply = ClientReply(.sessionOpened(1))
        case .operate(_, .read, _): reply = ClientReply(.values([]))
        case .operate:
            let serves = behaviour.elects ? leader : send.node
            guard let serves, nodes[serves]?.runs == true, !behaviour.elects || hasMajority(serves),
                serves == send.node || reaches(send.node, serves)
            else { return }
            commitIndex += 1
            nodes[serves]?.applied = commitIndex
            reply = ClientReply(.done(nil), version: .sequence(epoch: term, index: commitIndex))
        }
        at(now + .milliseconds(1)) { [self] in tell(.client(.reply(send.attempt, reply))) }
    }
}
