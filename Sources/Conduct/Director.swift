import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Conducts a run from the first launch to the last line of its record, without input or output:
/// an engine feeds it ``ConductEvent``s and carries out its ``ConductAction``s. Both engines use
/// it, so that a fault, a selector, readiness and convergence mean the same in both.
///
/// ## The way of a run
///
/// 1. **Starting**: all nodes are launched and awaited.
/// 2. **Settling**: links connect, groups find their (preferred) leaders, clients open sessions.
/// 3. **Running**, from time 0: clients work; the timeline's faults and actions happen. If the Plan
///    asks for liveness, a core is healed at the end of the timeline, and clients go on until it
///    has served them or had its time.
/// 4. **Draining**: clients have stopped; what is open ends by its timeouts.
/// 5. **Converging**: until all live members agree, or too long.
/// 6. **Collecting**: final states are read, then the nodes end.
///
/// ## The engine's duties
///
/// 1. Call ``begin(at:into:)`` once, then ``handle(_:at:into:)`` for everything that happens and
///    whenever ``nextWake`` has come. Time never goes back.
/// 2. Carry out actions in order. What is sent to one node arrives there in order.
/// 3. After `.finish` nothing more is handed in.
package final class Director {
    enum Phase: Equatable {
        case idle, starting, settling, running, draining, converging, collecting, ending, over
    }

    let plan: Plan
    let timing: ConductTiming
    let strategies: [StrategyDescription]
    var fleet: ClientFleet
    var clientActions: [ClientAction] = []

    var phase = Phase.idle
    var phaseBegan = Instant.zero
    var timeZero = Instant.zero
    var now = Instant.zero
    var timeline: Timeline
    var board: FaultBoard
    var nodes: [NodeID: NodeRecord]
    /// What each link is under now, as last told to its sender.
    var conditions: [DirectedLink: [LinkCondition]] = [:]
    /// What each node is under now, as last told to it.
    var nodeConditions: [NodeID: NodeCondition] = [:]
    var cutNodes: Set<NodeID> = []

    var strikes: [Strike] = []
    var convergences: [PendingConvergence] = []
    var acknowledged: [AppliedPosition?]
    var leaders: [LeaderSeen?]
    var commands: [UInt64: PendingCommand] = [:]
    var nextToken: UInt64 = 1
    var nextPoll = Instant.zero
    var interval: SampleInterval
    var lateness = LatenessHistogram()
    var startTraffic: [NodeID: [NodeID: LinkCounters]] = [:]
    var startUsage: [NodeID: UsageCounters] = [:]
    var worst = WorstLateness()
    var replicationLog = ReplicationLogState()
    /// Events before time 0, with times from the first launch: time 0 is not known yet.
    var early: [RecordedEvent] = []
    var uncollected: Set<Collection> = []
    var askedToCollect = false
    var lastHealOrStop = Instant.zero
    /// When clients begin nothing more.
    var clientsEnd = Instant.distantFuture
    /// What the core of the run has to show; `nil` if nothing is asked of any.
    var liveness: LivenessWatch?
    var failure: RunEnd?
    var isPreparingFleet = false
    var hasKilledAtEnd = false
    var surges: [RegionID: Double] = [:]
    /// The nodes that belong to each group, as its leader last said.
    var members: [[NodeID]]
    /// What members said of their states.
    var states: StateWatch
    /// Since when all live members agree, while convergence is awaited.
    var agreedSince: Instant?
    var latestSamples: [Sample?]

    /// A leader as the conductor last saw it.
    struct LeaderSeen: Equatable {
        var node: NodeID
        var term: UInt64
    }

    struct Collection: Hashable {
        var node: NodeID
        var group: GroupID
    }

    /// The conductor of `plan`. `strategies` describes at least those that the Plan names.
    package init(
        plan: Plan, strategies: [StrategyDescription], timing: ConductTiming = ConductTiming()
    ) throws(InvalidWorkload) {
        self.plan = plan
        self.timing = timing
        self.strategies = strategies
        let ids = plan.nodes.map(\.id)
        board = FaultBoard(nodes: ids)
        timeline = Timeline(plan)
        liveness = LivenessWatch(plan)
        nodes = Dictionary(uniqueKeysWithValues: ids.map { ($0, NodeRecord(id: $0)) })
        acknowledged = plan.groups.map { _ in nil }
        leaders = plan.groups.map { _ in nil }
        members = plan.groups.map { ($0.voters + $0.learners).sorted() }
        interval = SampleInterval(regionCount: plan.regions.count)
        latestSamples = plan.regions.map { _ in nil }
        states = StateWatch(
            isOrdered: plan.groups.map { group in
                strategies.first { $0.name == group.strategy }?.isLinearizable ?? false
            })
        var groups: [FleetGroup] = []
        for group in plan.groups {
            guard let strategy = strategies.first(where: { $0.name == group.strategy }) else {
                throw InvalidWorkload(
                    "data type '\(group.name)': no strategy is called '\(group.strategy)'")
            }
            groups.append(
                FleetGroup(
                    id: group.id, name: group.name, strategy: strategy,
                    valueType: group.valueType, options: group.options,
                    operations: group.spec.operations,
                    members: (group.voters + group.learners + group.coordinators).sorted()))
        }
        if plan.services.sessions != nil {
            groups.append(ClientFleet.sessionsGroup(nodes: plan.nodes.map(\.id)))
        }
        fleet = try ClientFleet(
            FleetSetup(
                workload: plan.workload, regionNames: plan.regions.map(\.name),
                roundTrips: plan.network.roundTrips, groups: groups, seed: plan.seed))
    }

    /// How often the faults in force have changed.
    package var faultChanges: UInt64 { board.changes }

    /// The kinds of faults in force, each once, by their positions among `RandomFaultKind`s.
    package var activeFaultKinds: [Int] {
        let names = Set(board.active.map(\.kind.name))
        return RandomFaultKind.allCases.indices.filter {
            names.contains(RandomFaultKind.allCases[$0].rawValue)
        }
    }

    /// The time since time 0; negative before.
    var elapsed: TimeSpan { now - timeZero }

    /// `now` as records write it.
    var recordTime: Instant { Instant(nanoseconds: elapsed.nanoseconds) }

    /// An instant of the engine's clock as records write it.
    func recordTime(_ instant: Instant) -> Instant {
        Instant(nanoseconds: (instant - timeZero).nanoseconds)
    }

    /// Launches everything.
    package func begin(at time: Instant, into actions: inout [ConductAction]) {
        now = time
        timeZero = time
        enter(.starting)
        for node in plan.nodes { launch(node.id, &actions) }
    }

    /// When the next ``ConductEvent/wake`` is due; ``Instant/distantFuture`` if never.
    package var nextWake: Instant {
        switch phase {
        case .idle, .over: return .distantFuture
        case .starting, .ending: return now + timing.eagerPollInterval
        case .settling, .converging, .collecting: return min(nextPoll, fleet.nextWake)
        case .running, .draining:
            var wake = min(nextPoll, fleet.nextWake, interval.end)
            if let next = timeline.nextTime { wake = min(wake, timeZero + next) }
            if phase == .running { wake = min(wake, clientsEnd) }
            if let next = liveness?.nextTime { wake = min(wake, timeZero + next) }
            return wake
        }
    }

    /// Takes in what happened and appends what is to be done about it.
    package func handle(
        _ event: ConductEvent, at time: Instant, into actions: inout [ConductAction]
    ) {
        guard phase != .over else { return }
        now = max(now, time)
        // What happens now belongs to the interval that begins now.
        if isUnderWay { takeSamples(&actions) }
        switch event {
        case .wake: fleet.handle(.wake, at: now, into: &clientActions)
        case .nodeReady(let node, let launch): nodeReady(node, launch, &actions)
        case .nodeEnded(let node, let launch, let end): nodeEnded(node, launch, end, &actions)
        case .status(let status, let token): take(status, token, &actions)
        case .processState(let node, let state): take(state, of: node)
        case .administered(let id, let reply): administered(id, reply, &actions)
        case .finalState(let node, let group, let entries):
            collected(entries, node, group, &actions)
        case .client(let event): fleet.handle(event, at: now, into: &clientActions)
        case .abandon(let reason, let interrupted):
            abandon(reason, interrupted: interrupted, &actions)
        }
        // What was acknowledged before a heal counts for it, so clients come first.
        passOnClientActions(&actions)
        advance(&actions)
        passOnClientActions(&actions)
    }

    /// Whether clients work or members come to agree.
    private var isUnderWay: Bool {
        switch phase {
        case .running, .draining, .converging: true
        case .idle, .starting, .settling, .collecting, .ending, .over: false
        }
    }

    /// Whether times of the record can be told.
    var isTimeZeroKnown: Bool {
        switch phase {
        case .idle, .starting, .settling: false
        case .running, .draining, .converging, .collecting, .ending, .over: true
        }
    }

    func enter(_ next: Phase) {
        phase = next
        phaseBegan = now
    }

    /// Does everything that is due now.
    private func advance(_ actions: inout [ConductAction]) {
        switch phase {
        case .idle, .over: break
        case .starting: awaitNodes(&actions)
        case .settling: settle(&actions)
        case .running, .draining:
            runTimeline(&actions)
            beginLivenessIfDue(&actions)
            finishStrikes(&actions)
            pollIfDue(&actions)
            repeatCommands(&actions)
            if phase == .running, now >= clientsEnd { enter(.draining) }
            if phase == .draining, fleet.isDrained, timeline.isOver, commands.isEmpty {
                beginConverging(&actions)
            }
        case .converging:
            finishStrikes(&actions)
            pollIfDue(&actions)
            awaitConvergence(&actions)
        case .collecting: collect(&actions)
        case .ending: awaitEnd(&actions)
        }
    }

    /// Ends the run at once. What is known is recorded; all processes are killed.
    func abandon(_ reason: String, interrupted: Bool, _ actions: inout [ConductAction]) {
        guard failure == nil else { return }
        failure = RunEnd(isComplete: false, failure: reason, isInterrupted: interrupted)
        fleet.close(at: now, into: &clientActions)
        passOnClientActions(&actions)
        if isUnderWay { recordTotals(&actions) }
        if !isTimeZeroKnown { setTimeZero(to: now, &actions) }
        for node in plan.nodes where nodes[node.id]?.state != .down {
            nodes[node.id]?.state = .ending
            actions.append(.kill(node.id))
        }
        enter(.ending)
    }

    func event(
        _ kind: RecordedEvent.Kind, node: NodeID? = nil, group: GroupID? = nil,
        _ fields: [JSONValue.Member] = [], _ actions: inout [ConductAction]
    ) {
        record(
            RecordedEvent(
                time: recordTime, kind: kind, node: node.map(plan.name(of:)),
                region: node.map { plan.name(of: $0.region) },
                group: group.map(name(of:)), fields: fields), &actions)
    }

    /// Records an event, at once or as soon as time 0 is known.
    func record(_ event: RecordedEvent, _ actions: inout [ConductAction]) {
        if isTimeZeroKnown {
            actions.append(.record(.event(event)))
        } else {
            early.append(event)
        }
    }

    /// Times of the record count from `instant`; what was recorded so far gets times before it.
    func setTimeZero(to instant: Instant, _ actions: inout [ConductAction]) {
        let shift = instant - timeZero
        timeZero = instant
        for var event in early {
            event.time = event.time - shift
            actions.append(.record(.event(event)))
        }
        early.removeAll()
    }

    func name(of group: GroupID) -> String {
        let index = Int(dataGroup(group).index)
        return plan.groups.indices.contains(index) ? plan.groups[index].name : "\(index)"
    }
}
