import Conduct
import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Carries out a Plan in virtual time: all nodes, links, disks, clocks and clients of a run in one
/// queue of events under one clock.
///
/// The machines are those that real processes run, the links are those that real nodes stamp
/// their frames by, and the ``Director`` is the same; only who advances time and who carries the
/// bytes differs. Everything follows from the Plan: the engine reads no clock, starts no thread
/// and draws only from streams of the Plan's seed.
///
/// ## What is modelled, and what it stands for
///
/// | in virtual time | with processes |
/// |---|---|
/// | ``SimulatedLink``, ``SimulatedClientPath`` | connections, stamped by the same ``Link`` |
/// | ``SimulatedDisk`` | the journal on SQLite, its commits and syncs |
/// | ``SimulatedProcess`` | the host's event loop: one input after the other, each at a cost |
/// | ``NodeClock`` | the same |
/// | instantaneous control | the control connection on the loopback |
package final class VirtualEngine {
    let plan: Plan
    let strategies: StrategyRegistry
    let director: Director
    let record: any RecordReceiver
    let trace: (any TraceReceiver)?
    let isTraced: Bool
    let roundTrips: RoundTripTable
    let placements: [GroupPlacement]
    let priorities: GroupPriorities
    let costs: NodeCost
    /// The positions of nodes, by identity.
    let nodeIndex: [NodeID: Int]
    /// Each region's first node, mostly its only one, and its position.
    private let firstOfRegion: [(node: NodeID, position: Int)]
    let nodes: [SimulatedNode]
    let nodeCount: Int
    /// The link from node i to node j at `i * nodes.count + j`; `nil` from a node without a process.
    var links: [SimulatedLink?]
    /// One for each region of clients and node, region by region.
    let paths: [SimulatedClientPath]
    var underWay = AttemptsUnderWay()

    let queue = EventQueue<SimulatedEvent>()
    package private(set) var now = Instant.zero
    var actions: [ConductAction] = []
    private var underHand: [ConductAction] = []
    var nodeActions = NodeActions()
    var linkOutputs: [LinkOutput] = []
    /// How far the records of groups reach that a disk has just made durable; empty in between.
    var positions: [(group: GroupID, through: UInt64)] = []
    var cut: Set<NodeID> = []
    var trueWall: (wall: WallTime, at: Instant)
    private var conductorWakeDue = Instant.distantFuture
    private var isCarryingOut = false
    private var end: RunEnd?
    private var recordFailure: RecordError?

    private var collector: CoverageCollector

    /// Which transitions of the strategies happened under which faults; complete when the run is
    /// over.
    package var coverage: TransitionCoverage { collector.coverage }

    /// What the run cost so far.
    package internal(set) var work = VirtualWork()

    /// An engine for `plan` that records into `record` and, if given, traces into `trace`.
    ///
    /// - Throws: `InvalidWorkload` if the clients cannot do what the Plan asks, `InvalidOption` if
    ///   a strategy cannot use its options.
    package init(
        plan: Plan, strategies: StrategyRegistry, record: any RecordReceiver,
        trace: (any TraceReceiver)? = nil
    ) throws {
        self.plan = plan
        self.strategies = strategies
        self.record = record
        self.trace = trace
        collector = CoverageCollector(plan, strategies)
        isTraced = trace != nil
        nodeCount = plan.nodes.count
        roundTrips = plan.network.roundTrips
        director = try Director(
            plan: plan, strategies: strategies.descriptions,
            timing: ConductTiming(duration: plan.duration, nodeCount: plan.nodes.count))
        placements = plan.groups.map { group in
            GroupPlacement(
                name: group.name, strategy: group.strategy, options: group.options,
                voters: group.voters.map { MemberID($0) },
                learners: group.learners.map { MemberID($0) },
                candidates: plan.candidates(of: group), valueType: group.valueType,
                priority: plan.priority(of: group))
        }
        priorities = GroupPriorities(of: placements)
        nodeIndex = Dictionary(
            uniqueKeysWithValues: plan.nodes.enumerated().map { ($1.id, $0) })
        let nodeIndex = self.nodeIndex
        costs = plan.nodeCost
        firstOfRegion = plan.regions.map { region in
            let first = region.nodes.first ?? NodeID(region: region.id, ordinal: 0)
            return (first, nodeIndex[first] ?? -1)
        }
        nodes = plan.nodes.enumerated().map { position, node in
            SimulatedNode(
                node: node, position: position,
                disk: SimulatedDisk(
                    random: RandomStream(seed: plan.seed, name: "disk/\(MemberID(node.id))")),
                clock: NodeClock(wall: plan.start, at: .zero))
        }
        links = Array(repeating: nil, count: nodes.count * nodes.count)
        trueWall = (plan.start, .zero)
        paths = plan.regions.flatMap { region in
            plan.nodes.enumerated().map { index, node in
                SimulatedClientPath(
                    node: index,
                    forth: plan.network.clientLink(from: region.id, to: node.id.region),
                    back: plan.network.clientLink(from: node.id.region, to: region.id),
                    seed: plan.seed, name: "\(region.name)/\(node.name)")
            }
        }
    }

    /// Runs from the first launch to the last line of the record.
    ///
    /// `watch` is called now and then, with how the run goes; what it returns says whether to go
    /// on. A run that is not to go on ends like an interrupted one.
    package func run(
        watch: (VirtualEngine) -> Bool = { _ in true }
    ) throws(RecordError) -> RunEnd {
        director.begin(at: now, into: &actions)
        carryOutActions()
        scheduleConductor()
        var untilWatch = Self.eventsPerWatch
        while end == nil, !queue.isEmpty {
            queue.advance()
            now = queue.now
            work.events += 1
            handle(queue.removeFirst())
            untilWatch -= 1
            if untilWatch == 0 {
                untilWatch = Self.eventsPerWatch
                if !watch(self) {
                    tell(.abandon(reason: "interrupted", interrupted: true))
                }
            }
        }
        if let recordFailure { throw recordFailure }
        collectCoverage()
        try record.close()
        return end
            ?? RunEnd(
                isComplete: false, failure: "nothing was left to happen", isInterrupted: false)
    }

    /// The position of a node; `nil` for one that the Plan does not know.
    @inline(__always)
    func position(of node: NodeID) -> Int? {
        let region = Int(node.region.index)
        if region < firstOfRegion.count {
            let first = firstOfRegion[region]
            if first.node == node, first.position >= 0 { return first.position }
        }
        return nodeIndex[node]
    }

    private static let eventsPerWatch = 1 << 16

    /// Time 0 of the run, from which its record counts; zero before it is known.
    package var timeZero: Instant { trueWall.at }

    /// How the run goes, for whoever watches.
    package var progress: RunProgress { director.progress }

    private func handle(_ event: consuming SimulatedEvent) {
        switch consume event {
        case .message(let message): arrived(message)
        case .probe(let link, let launch, let sent): probeArrived(link, launch, sent)
        case .request(let request): arrived(request)
        case .client(let event): tellOfClient(event)
        case .nodeWake(let index): nodeWake(index)
        case .processorFree(let index):
            let node = nodes[index]
            guard let process = node.process else { return }
            process.isFreeExpected = false
            work(node, process)
        case .linkWake(let index): linkWake(index)
        case .pathWake(let index): pathWake(index)
        case .synced(let index, let launch): synced(index, launch)
        case .probes(let index, let launch): sendProbes(index, launch)
        case .helloLate(let link, let attempt): helloLate(link, attempt)
        case .ready(let index, let launch): ready(index, launch)
        case .ended(let index, let launch, let end): ended(index, launch, end)
        case .conduct(let event): tell(event)
        case .conductorWake:
            guard now >= conductorWakeDue else { return }
            conductorWakeDue = .distantFuture
            if director.nextWake <= now { tell(.wake) } else { scheduleConductor() }
        }
    }

    // MARK: The conductor

    /// Hands an event to the director and carries out what it wants.
    func tell(_ event: ConductEvent) {
        guard end == nil else { return }
        director.handle(event, at: now, into: &actions)
        if director.faultChanges != collector.changesSeen { collectCoverage() }
        carryOutActions()
        scheduleConductor()
    }

    private func collectCoverage() {
        collector.take(
            nodes.lazy.compactMap(\.process), then: director.activeFaultKinds,
            changes: director.faultChanges)
    }

    /// A process is about to be gone, with what it counted.
    func coverLast(_ process: SimulatedProcess) { collector.take(process, isLast: true) }

    private func scheduleConductor() {
        let wake = max(now, director.nextWake)
        guard wake < conductorWakeDue, wake != .distantFuture else { return }
        conductorWakeDue = wake
        queue.insert(.conductorWake, at: wake)
    }

    /// Carries out what the director asked for, in order. What it asks for meanwhile comes after.
    private func carryOutActions() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        defer { isCarryingOut = false }
        while !actions.isEmpty {
            // Out of the engine while they are carried out, so that nothing has to be copied.
            swap(&actions, &underHand)
            underHand.takeAll { carryOut($0) }
        }
    }

    func add(_ entry: RecordEntry) {
        guard recordFailure == nil else { return }
        do throws(RecordError) {
            try record.add(entry)
        } catch {
            recordFailure = error
            end = RunEnd(isComplete: false, failure: "\(error)", isInterrupted: false)
        }
    }

    func finish(_ end: RunEnd) { self.end = self.end ?? end }
}

/// What a run in virtual time cost the machine that it ran on.
package struct VirtualWork: Hashable, Sendable {
    /// Events taken out of the queue.
    package var events: UInt64 = 0
    /// Messages of members that were delivered.
    package var messages: UInt64 = 0
    /// Requests of clients that were delivered to nodes.
    package var requests: UInt64 = 0
    /// Answers that were delivered to clients.
    package var replies: UInt64 = 0

    /// Everything that was delivered.
    package var delivered: UInt64 { messages + requests + replies }
}
