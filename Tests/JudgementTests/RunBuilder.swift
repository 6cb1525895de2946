import Determinism
import Geography
import Judgement
import Recording
import Replication
import Scenarios

/// What scenarios expect, not what Testing does.
typealias Expectation = Scenarios.Expectation

/// Makes a record by hand: a plan, operations, events and a final state.
struct RunBuilder {
    var plan: Plan
    var history: [HistoryOperation] = []
    var events: [RecordedEvent] = []
    var final: [FinalRow] = []
    var isComplete = true

    static let regions = ["a", "b", "c"]

    /// A run of `seconds` in three regions.
    init(
        seconds: Int = 40, faults: [FaultSpec] = [], expect: [Expectation] = [],
        dataTypes: [DataTypeSpec] = []
    ) throws {
        let topology = TopologySpec(
            latency: .none,
            regions: Self.regions.map { RegionSpec(Region(name: $0, displayName: $0)) })
        plan = try Plan(
            Scenario(
                name: "hand-made", seed: 7, duration: .seconds(seconds), topology: topology,
                dataTypes: dataTypes, faults: faults, expectations: expect))
    }

    static func at(_ milliseconds: Int) -> Instant {
        .zero + TimeSpan.milliseconds(milliseconds)
    }

    /// Adds an operation planned and invoked at `at` (in milliseconds) that takes `taking`.
    @discardableResult
    mutating func add(
        _ function: HistoryFunction, _ value: HistoryValue = .null, key: String = "k", at: Int,
        taking: Int = 10, _ outcome: HistoryOperation.Outcome = .ok, version: Version? = nil,
        error: String? = nil, region: String = "a", dataType: String = "default",
        sent: Bool = true
    ) -> Int {
        var operation = HistoryOperation(
            index: history.count, process: history.count, client: 1, region: region,
            function: function, dataType: dataType, key: key, value: value, planned: Self.at(at),
            invoked: sent ? Self.at(at) : nil)
        operation.outcome = outcome
        if outcome != .info, sent { operation.completed = Self.at(at + taking) }
        operation.version = version
        operation.error = error
        history.append(operation)
        return operation.index
    }

    /// Adds a transaction with these steps: function, key and token.
    mutating func addTransaction(
        _ steps: [(String, String, String?)], _ outcome: HistoryOperation.Outcome = .ok,
        version: Version?
    ) {
        let steps = steps.compactMap { function, key, token in
            MicroOperation.Function(rawValue: function).map {
                MicroOperation($0, key, token.map(HistoryValue.text) ?? .null)
            }
        }
        add(.txn, .transaction(steps), at: 0, outcome, version: version)
        history[history.count - 1].key = nil
    }

    /// Adds reads of an absent key, one every `every` milliseconds.
    mutating func addReads(
        from: Int, to: Int, every: Int = 10, taking: Int = 10,
        _ outcome: HistoryOperation.Outcome = .ok, region: String = "a"
    ) {
        for time in stride(from: from, to: to, by: every) {
            add(.read, key: "never", at: time, taking: taking, outcome, region: region)
        }
    }

    /// Adds the events of a fault that took effect.
    mutating func addFault(
        _ id: String = "f1", kind: String = "kill", targets: [String] = ["a"], from: Int,
        to: Int?, leaders: [String] = [], homes: [String] = [], hadEffect: Bool? = true,
        converged: Int? = nil
    ) {
        events.append(
            FaultStarted(
                time: Self.at(from), id: id, kind: kind, targets: targets,
                leadersTaken: leaders.map { .init(group: $0, node: "a") }, homesTaken: homes
            ).event)
        if let to { events.append(FaultEnded(time: Self.at(to), id: id).event) }
        if let hadEffect {
            events.append(
                FaultEvidence(
                    time: Self.at(to ?? from), id: id, hadEffect: hadEffect,
                    evidence: [.init("killed", .integer(1))]
                ).event)
        }
        if let converged, let to {
            events.append(
                FaultConverged(
                    time: Self.at(to + converged), id: id, after: .milliseconds(converged)
                ).event)
        }
    }

    mutating func addEvent(
        _ kind: RecordedEvent.Kind, at: Int, node: String? = nil, group: String? = "default",
        _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) {
        events.append(
            RecordedEvent(
                time: Self.at(at), kind: kind, node: node, group: group,
                fields: fields.map { .init($0.key, $0.value) }))
    }

    mutating func addFinal(
        _ version: Version, key: String = "k", _ value: HistoryValue = .text("x"),
        nodes: [String] = Self.regions, dataType: String = "default"
    ) {
        for node in nodes {
            final.append(
                FinalRow(
                    dataType: dataType, node: node, key: key, version: version, value: value,
                    digest: "00"))
        }
    }

    var record: RecordContents {
        var run = RunInformation(
            meridian: "0", toolchain: "swift", latencyData: "none", commandLine: [],
            engine: .processes, scenario: plan.name, seed: plan.seed, host: [],
            startedAt: "2026-01-01T00:00:00Z")
        run.isComplete = isComplete
        run.wallMilliseconds = 41_000
        return RecordContents(
            run: run, plan: "name: hand-made\n", history: history, events: events, final: final)
    }

    func judge() -> Report { Judge.judge(record, plan: plan) }
}

/// A fault that a plan can hold; what it does does not matter to a judgement.
func kill(at: Int, for duration: Int?, mustBite: Bool = true) -> FaultSpec {
    FaultSpec(
        at: .once(.seconds(at)),
        .kill(.place(.region(RegionID(index: 0))), disk: .kept),
        for: duration.map { .seconds($0) }, mustBite: mustBite)
}

/// A version in a log.
func log(_ epoch: UInt64, _ index: UInt64) -> Version { .sequence(epoch: epoch, index: index) }

/// The `counter`-th write of the member in region `member`, which had seen `context`.
func dot(
    _ member: UInt16, _ counter: UInt64, seen context: [(UInt16, UInt64)] = [], wall: Int64 = 0
) -> Version {
    func identity(_ index: UInt16) -> MemberID {
        MemberID(NodeID(region: RegionID(index: index)))
    }
    var vector = VersionVector()
    for (index, count) in context { vector[identity(index)] = count }
    return .causal(
        dot: Dot(member: identity(member), counter: counter), context: vector,
        timestamp: HybridTimestamp(wall: WallTime(nanosecondsSince1970: wall), logical: 0))
}
