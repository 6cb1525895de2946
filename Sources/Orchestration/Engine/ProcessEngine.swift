import Conduct
import Determinism
import Geography
import Glibc
import NIOCore
import NodeHost
import Recording
import RegionCore
import Replication
import Scenarios
import Tokens
import Workloads

/// Runs a Plan with real processes: carries out what the ``Director`` asks for and tells it what
/// happens.
///
/// Everything here happens on one event loop. The loop's turns are short: whatever blocks (a
/// process that starts, a name to be resolved) happens elsewhere.
final class ProcessEngine {
    let plan: Plan
    let settings: RunSettings
    let eventLoop: any EventLoop
    let folder: RecordFolder
    let runToken = ProcessEngine.makeToken()
    let controlToken = ProcessEngine.makeToken()
    /// The keys of session tokens, of each region; none where no sessions are offered.
    let tokenKeys: [TokenKeyRing]
    private let director: Director
    private let sink: RecordSink
    private let finished: EventLoopPromise<RunEnd>
    private let watch: (RunProgress) -> Void
    private var actions: [ConductAction] = []
    private var deliveries = DeliveryQueue()
    private(set) var nodes: [NodeID: NodeHandle] = [:]
    /// One for each region of clients and node, region by region.
    private var paths: [ClientPath] = []
    private let nodeIndex: [NodeID: Int]
    /// The path that each attempt under way was sent on.
    private var attemptPaths: [AttemptID: Int] = [:]
    private var timer: Scheduled<Void>?
    private var timerAt = Instant.distantFuture
    private var isTurning = false
    private var isCarryingOut = false
    private var isOver = false
    private var nextShow = Instant.zero
    private var nextFlush = Instant.zero

    init(
        plan: Plan, strategies: StrategyRegistry, settings: RunSettings, folder: RecordFolder,
        eventLoop: any EventLoop, finished: EventLoopPromise<RunEnd>,
        watch: @escaping (RunProgress) -> Void
    ) throws {
        self.plan = plan
        self.settings = settings
        self.eventLoop = eventLoop
        self.folder = folder
        self.finished = finished
        self.watch = watch
        tokenKeys =
            plan.services.sessions == nil
            ? [] : try TokenKeyRing.make(regions: plan.regions.map(\.name))
        director = try Director(
            plan: plan, strategies: strategies.descriptions,
            timing: ConductTiming(duration: plan.duration, nodeCount: plan.nodes.count))
        sink = try RecordSink(folder: folder)
        nodeIndex = Dictionary(
            uniqueKeysWithValues: plan.nodes.enumerated().map { ($1.id, $0) })
        for region in plan.regions {
            for node in plan.nodes {
                paths.append(
                    ClientPath(
                        region: region.id, node: node.id,
                        forth: plan.network.clientLink(from: region.id, to: node.id.region),
                        back: plan.network.clientLink(from: node.id.region, to: region.id),
                        seed: plan.seed, name: "\(region.name)/\(node.name)", token: runToken,
                        eventLoop: eventLoop
                    ) { [unowned self] event, due in
                        switch event {
                        case .reply(let attempt, _), .attemptFailed(let attempt, _, _):
                            attemptPaths[attempt] = nil
                        case .wake: break
                        }
                        deliveries.add(event, due: due)
                        scheduleTurn()
                    })
            }
        }
        for node in plan.nodes {
            nodes[node.id] = NodeHandle(
                node: node, folder: try folder.makeNodeFolder(node.name), engine: self)
        }
    }

    /// Starts the run.
    func begin() {
        let now = MonotonicClock.now
        director.begin(at: now, into: &actions)
        carryOut(now)
        scheduleTurn()
    }

    /// Ends the run at once; its record stays incomplete.
    func abandon(_ reason: String, interrupted: Bool) {
        tell(.abandon(reason: reason, interrupted: interrupted))
    }

    /// Hands an event to the director and carries out what it wants.
    func tell(_ event: ConductEvent) {
        guard !isOver else { return }
        let now = MonotonicClock.now
        director.handle(event, at: now, into: &actions)
        carryOut(now)
        scheduleTurn()
    }

    /// A node's process listens at `address` now: everybody who talks to it is told.
    func nodeListens(_ id: NodeID, at address: SocketAddress) {
        settings.nodeListens?(
            NodeAccess(
                node: id, port: address.port ?? 0, runToken: runToken, controlToken: controlToken))
        let now = MonotonicClock.now
        for region in plan.regions.indices {
            path(from: region, to: id).nodeIs(at: address, now: now)
        }
        for other in plan.nodes where other.id != id {
            nodes[other.id]?.learn(of: id, at: address)
            if let theirs = nodes[other.id]?.address { nodes[id]?.learn(of: other.id, at: theirs) }
        }
    }

    /// A node's process is gone.
    func nodeIsGone(_ id: NodeID) {
        for region in plan.regions.indices { path(from: region, to: id).nodeIsGone() }
    }

    private func pathIndex(from region: Int, to node: NodeID) -> Int {
        region * plan.nodes.count + (nodeIndex[node] ?? 0)
    }

    private func path(from region: Int, to node: NodeID) -> ClientPath {
        paths[pathIndex(from: region, to: node)]
    }

    // MARK: Turns

    /// Wakes the engine when something is due, or soon if something changed.
    private func scheduleTurn() {
        guard !isOver, !isTurning else { return }
        var wake = min(director.nextWake, deliveries.nextDue)
        for path in paths { wake = min(wake, path.nextWake) }
        guard wake < timerAt else { return }
        timer?.cancel()
        timerAt = wake
        guard wake != .distantFuture else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: NIODeadline(wake)) { bound.value.turn() }
    }

    private func turn() {
        guard !isOver else { return }
        isTurning = true
        timerAt = .distantFuture
        let now = MonotonicClock.now
        for path in paths where path.nextWake <= now { path.wake(at: now) }
        while let event = deliveries.take(at: now) {
            director.handle(.client(event), at: now, into: &actions)
        }
        director.handle(.wake, at: now, into: &actions)
        carryOut(now)
        if now >= nextShow {
            nextShow = now + .milliseconds(200)
            watch(director.progress)
        }
        if now >= nextFlush {
            nextFlush = now + .seconds(1)
            do {
                try sink.flush()
            } catch {
                actions.removeAll()
                recordFailed(error)
            }
        }
        isTurning = false
        scheduleTurn()
    }

    private func recordFailed(_ error: RecordError) {
        guard !hasRecordFailed else { return }
        hasRecordFailed = true
        director.handle(
            .abandon(reason: "the record cannot be written: \(error)", interrupted: false),
            at: MonotonicClock.now, into: &actions)
        carryOut(MonotonicClock.now)
    }
    private var hasRecordFailed = false

    // MARK: Actions

    /// Carries out what the director asked for, in order. What it asks for meanwhile, because an
    /// action told it something at once, comes after.
    private func carryOut(_ now: Instant) {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        defer { isCarryingOut = false }
        while !actions.isEmpty {
            let batch = actions
            actions.removeAll(keepingCapacity: true)
            for action in batch { carryOut(action, now) }
        }
    }

    private func carryOut(_ action: ConductAction, _ now: Instant) {
        switch action {
        case .launch(let node, let launch, let erasing, let condition, let conditions):
            nodes[node]?.start(
                launch: launch, erasing: erasing, condition: condition, conditions: conditions)
        case .conditionNode(let node, let condition): nodes[node]?.setCondition(condition)
        case .kill(let node): nodes[node]?.process?.send(SIGKILL)
        case .stop(let node): nodes[node]?.process?.send(SIGTERM)
        case .pause(let node): nodes[node]?.process?.send(SIGSTOP)
        case .resume(let node): nodes[node]?.process?.send(SIGCONT)
        case .inspect(let node): inspect(node, attempts: 50)
        case .condition(let source, let target, let conditions):
            nodes[source]?.setConditions(conditions, to: target)
        case .reset(let source, let target): nodes[source]?.request(.resetLink(target))
        case .cutClients(let cut):
            for path in paths {
                path.setConditions(cut.contains(path.node) ? [.held] : [], now: now)
            }
        case .poll(let node, let token): nodes[node]?.poll(token)
        case .administer(let id, let node, let group, let command):
            nodes[node]?.administer(id, group, command)
        case .begin(let instant, let wall):
            for node in plan.nodes { nodes[node.id]?.setWall(wall, at: instant) }
        case .collect(let node, let group): nodes[node]?.collect(group)
        case .send(let send):
            let index = pathIndex(from: Int(send.from.index), to: send.node)
            attemptPaths[send.attempt] = index
            paths[index].send(send, now: now)
        case .abandonAttempt(let attempt):
            if let index = attemptPaths.removeValue(forKey: attempt) {
                paths[index].abandon(attempt)
            }
        case .record(let entry):
            do {
                try sink.add(entry)
            } catch {
                recordFailed(error)
            }
        case .finish(let end): finish(end)
        }
    }

    /// Asks the kernel for a process's state. A signal takes effect a moment after it was sent,
    /// so a process that still runs is asked about again for a while.
    private func inspect(_ node: NodeID, attempts: Int) {
        let state = nodes[node]?.process?.state ?? .gone
        tell(.processState(node, state))
        guard state == .running, attempts > 0, !isOver else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .milliseconds(2)) {
            bound.value.inspect(node, attempts: attempts - 1)
        }
    }

    private func finish(_ end: RunEnd) {
        isOver = true
        timer?.cancel()
        for path in paths { path.close() }
        for node in plan.nodes { nodes[node.id]?.close() }
        var result = end
        do {
            try sink.close()
        } catch {
            result.isComplete = false
            result.failure = result.failure ?? "the record cannot be written: \(error)"
        }
        finished.succeed(result)
    }

    private static func makeToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
