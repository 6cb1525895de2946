import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

@testable import Conduct

/// A region by its position.
func region(_ index: Int) -> RegionID { RegionID(index: UInt16(index)) }

/// The first node of a region, or another one.
func node(_ index: Int, _ ordinal: Int = 1) -> NodeID {
    NodeID(region: region(index), ordinal: UInt8(ordinal))
}

/// All nodes of a region, selected.
func at(_ index: Int) -> NodeSelector { .place(.region(region(index))) }

/// That many seconds.
func s(_ seconds: Double) -> TimeSpan { .seconds(seconds) }

/// That many seconds, as an instant of the record.
func moment(_ seconds: Double) -> Instant { .zero + .seconds(seconds) }

extension StrategyDescription {
    /// A strategy that can do everything, with or without a leader.
    static func fake(hasLeader: Bool = true, name: String = "raft") -> StrategyDescription {
        StrategyDescription(
            name: name, promise: "Nothing.", options: [],
            operations: [.register: Set(OperationKind.allCases)],
            recognisesRepeats: true, needsSession: false, hasLeader: hasLeader,
            isLinearizable: false)
    }
}

extension ConductTiming {
    /// Short waits.
    static var test: ConductTiming {
        var timing = ConductTiming()
        timing.readinessMax = .seconds(10)
        timing.convergenceMax = .seconds(10)
        return timing
    }
}

/// Regions with `nodesPerRegion` nodes each, no delay unless `rtt` says so, ten operations a second
/// beside each.
func scenario(
    regions: Int = 3, nodesPerRegion: Int = 1, duration: TimeSpan = .seconds(8),
    rtt: TimeSpan = .milliseconds(10), faults: [FaultSpec] = [], actions: [ActionSpec] = [],
    expectations: [Expectation] = [], workload: WorkloadSpec? = nil,
    replication: ReplicationSpec = ReplicationSpec(), dataTypes: [DataTypeSpec] = []
) -> Scenario {
    let names = ["us-east-1", "eu-central-1", "ap-northeast-1", "us-west-2", "eu-west-1"]
    let known = names.prefix(regions).compactMap { name in
        RegionCatalogue.aws.regions.first { $0.name == name }
    }
    return Scenario(
        name: "test", duration: duration,
        topology: TopologySpec(
            latency: .none, regions: known.map { RegionSpec($0, nodeCount: nodesPerRegion) },
            links: [LinkSpec(.all, delay: .roundTrip(rtt))]),
        replication: replication, dataTypes: dataTypes,
        workload: workload
            ?? WorkloadSpec(
                clients: PerRegion(2), arrivals: .open(PerRegion(10)),
                mix: .operations([Share(.read, 0.5), Share(.write, 0.5)], KeySpec(count: 5)),
                timeout: .milliseconds(900)),
        faults: faults, actions: actions, expectations: expectations)
}

/// A fault that strikes once.
func fault(
    _ at: Double, _ kind: FaultKind, for duration: Double? = nil, clients: Bool = false
) -> FaultSpec {
    FaultSpec(
        at: .once(.seconds(at)), kind, for: duration.map { .seconds($0) }, cutsClients: clients)
}

extension ConductRig {
    /// Plays a scenario to its end.
    static func played(
        _ scenario: Scenario, hasLeader: Bool = true, _ bend: (inout Behaviour) -> Void = { _ in }
    ) throws -> ConductRig {
        let rig = try ConductRig(scenario, hasLeader: hasLeader)
        bend(&rig.behaviour)
        rig.play()
        return rig
    }

    /// When time 0 was, on the engine's clock.
    var timeZero: Instant? {
        for case (_, .begin(let instant, _)) in log { return instant }
        return nil
    }

    /// The events of the record, in order.
    var events: [RecordedEvent] {
        log.compactMap { entry in
            guard case .record(.event(let event)) = entry.action else { return nil }
            return event
        }
    }
    func events(_ kind: RecordedEvent.Kind) -> [RecordedEvent] {
        events.filter { $0.kind == kind }
    }
    var operations: [HistoryOperation] {
        log.compactMap { entry in
            guard case .record(.operation(let operation)) = entry.action else { return nil }
            return operation
        }
    }
    var samples: [Sample] {
        log.compactMap { entry in
            guard case .record(.sample(let sample)) = entry.action else { return nil }
            return sample
        }
    }
    var started: [FaultStarted] { events.compactMap(FaultStarted.init) }
    var ended: [FaultEnded] { events.compactMap(FaultEnded.init) }
    var evidence: [FaultEvidence] { events.compactMap(FaultEvidence.init) }
    var faultsConverged: [FaultConverged] { events.compactMap(FaultConverged.init) }
    var convergence: Convergence? { events.compactMap(Convergence.init).last }

    /// Whether the fault numbered `number` took effect, as the last evidence says.
    func hadEffect(_ number: Int) -> Bool? {
        evidence.last { $0.id == "f\(number)" }?.hadEffect
    }
    func evidence(_ number: Int, _ name: String) -> Int64? {
        evidence.last { $0.id == "f\(number)" }?.evidence.first { $0.name == name }?.value.integer
    }

    /// Actions other than records, polls, and what clients send, from time 0 on, each as a line.
    func lines(from: Double = 0, to: Double = 1e6) -> [String] {
        guard let zero = timeZero else { return [] }
        return log.filter { $0.at >= zero + .seconds(from) && $0.at < zero + .seconds(to) }
            .compactMap { Self.line($0.action, plan) }
    }

    /// An action in words; `nil` for records, polls and what clients send.
    static func line(_ action: ConductAction, _ plan: Plan) -> String? {
        func name(_ node: NodeID) -> String { "\(node.region.index).\(node.ordinal)" }
        switch action {
        case .launch(let node, let launch, let erasing, _, let conditions):
            let under = conditions.sorted { $0.key < $1.key }
                .map { " \(name($0.key)):\($0.value)" }.joined()
            return "launch \(name(node)) #\(launch)\(erasing ? " erasing" : "")\(under)"
        case .kill(let node): return "kill \(name(node))"
        case .stop(let node): return "stop \(name(node))"
        case .pause(let node): return "pause \(name(node))"
        case .resume(let node): return "resume \(name(node))"
        case .condition(let from, let to, let conditions):
            return "condition \(name(from))>\(name(to)) \(conditions)"
        case .conditionNode(let node, let condition):
            return "condition \(name(node)) \(condition)"
        case .reset(let from, let to): return "reset \(name(from))>\(name(to))"
        case .cutClients(let nodes):
            return "cut clients \(nodes.sorted().map(name).joined(separator: " "))"
        case .administer(_, let node, let group, let command):
            return "administer \(name(node)) \(group.index) \(command)"
        case .collect(let node, _): return "collect \(name(node))"
        case .begin: return "begin"
        case .finish(let end): return "finish \(end.isComplete)"
        case .inspect, .poll, .send, .abandonAttempt, .record: return nil
        }
    }
}
