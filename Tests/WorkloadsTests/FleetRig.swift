import Determinism
import Replication
import Scenarios

@testable import Workloads

/// A fleet under test, with its actions sorted into what was sent, abandoned and completed.
struct FleetRig {
    var fleet: ClientFleet
    var sends: [ClientSend] = []
    var abandoned: [AttemptID] = []
    var completed: [CompletedOperation] = []

    init(_ setup: FleetSetup) throws { fleet = try ClientFleet(setup) }

    /// The sends since the last call.
    mutating func takeSends() -> [ClientSend] {
        defer { sends.removeAll() }
        return sends
    }

    /// The completed operations since the last call.
    mutating func takeCompleted() -> [CompletedOperation] {
        defer { completed.removeAll() }
        return completed
    }

    mutating func prepare(at time: Instant = ms(0)) {
        run { $0.prepare(at: time, into: &$1) }
    }
    mutating func handle(_ event: ClientEvent, at time: Instant) {
        run { $0.handle(event, at: time, into: &$1) }
    }
    mutating func wake(at time: Instant) { handle(.wake, at: time) }
    mutating func reply(_ send: ClientSend, _ outcome: ClientReply.Outcome, at time: Instant) {
        handle(.reply(send.attempt, ClientReply(outcome)), at: time)
    }
    mutating func reply(
        _ send: ClientSend, error code: ServiceError.Code, indefinite: Bool = false,
        hint: NodeID? = nil, at time: Instant
    ) {
        let error = ServiceError(code, "because", isIndefinite: indefinite, hint: hint)
        handle(.reply(send.attempt, .failed(error)), at: time)
    }
    mutating func close(at time: Instant) { run { $0.close(at: time, into: &$1) } }
    mutating func surge(_ factor: Double, _ region: Int, at time: Instant) -> Bool {
        var result = false
        run { result = $0.setRateFactor(factor, of: Self.region(region), at: time, into: &$1) }
        return result
    }

    /// Wakes the fleet whenever it asks for it, up to `time`, and answers every request with
    /// `answer`, if that gives one, after `delay`.
    mutating func play(
        until time: Instant, delay: TimeSpan = .milliseconds(1),
        answer: (ClientSend) -> ClientReply? = FleetRig.agreeable
    ) {
        var due: [(at: Instant, attempt: AttemptID, reply: ClientReply)] = []
        var now = fleet.now
        while true {
            for send in takeSends() {
                if let reply = answer(send) { due.append((now + delay, send.attempt, reply)) }
            }
            let next = min(due.first?.at ?? .distantFuture, fleet.nextWake)
            if next > time { return }
            now = max(now, next)
            if let first = due.first, first.at <= next {
                due.removeFirst()
                handle(.reply(first.attempt, first.reply), at: now)
            } else {
                wake(at: now)
            }
        }
    }

    private mutating func run(_ body: (inout ClientFleet, inout [ClientAction]) -> Void) {
        var actions: [ClientAction] = []
        body(&fleet, &actions)
        for action in actions {
            switch action {
            case .send(let send): sends.append(send)
            case .abandon(let attempt): abandoned.append(attempt)
            case .completed(let operation): completed.append(operation)
            }
        }
    }

    /// An answer that suits the request.
    static func agreeable(_ send: ClientSend) -> ClientReply? {
        switch send.request.command {
        case .openSession: ClientReply(.sessionOpened(send.request.client.rawValue + 100))
        case .operate(_, .read, _): ClientReply(.values([]))
        case .operate(_, .transaction(let steps), _):
            ClientReply(.transaction(reads: steps.filter(\.isRead).map { _ in nil }))
        case .operate: ClientReply(.done(nil))
        }
    }

    static func region(_ index: Int) -> RegionID { RegionID(index: UInt16(index)) }
}

/// The instant that many milliseconds after time 0.
func ms(_ count: Int) -> Instant { .zero + .milliseconds(count) }

/// The first node of a region, or another one.
func node(_ region: Int, _ ordinal: Int = 1) -> NodeID {
    NodeID(region: FleetRig.region(region), ordinal: UInt8(ordinal))
}

/// How a strategy treats clients, as far as the fleet cares.
func strategy(
    recognisesRepeats: Bool, needsSession: Bool = false,
    operations: Set<OperationKind> = Set(OperationKind.allCases)
) -> StrategyDescription {
    StrategyDescription(
        name: "test", promise: "Nothing.", options: [],
        operations: [.register: operations, .counter: operations, .list: operations],
        recognisesRepeats: recognisesRepeats, needsSession: needsSession, hasLeader: false,
        isLinearizable: false)
}

/// A run of `regions` regions with a node each, 10 ms apart from neighbour to neighbour, one
/// group and a workload.
func setup(
    _ workload: WorkloadSpec, regions: Int = 3,
    strategy description: StrategyDescription = strategy(recognisesRepeats: true),
    valueType: ValueType = .register, members: [NodeID]? = nil, seed: UInt64 = 7
) -> FleetSetup {
    var spans: [TimeSpan] = []
    for from in 0..<regions {
        for to in 0..<regions { spans.append(.milliseconds(10 * abs(from - to))) }
    }
    return FleetSetup(
        workload: workload, regionNames: (0..<regions).map { "region-\($0)" },
        roundTrips: RoundTripTable(regionCount: regions, spans: spans),
        groups: [
            FleetGroup(
                id: GroupID(index: 0), name: "default", strategy: description,
                valueType: valueType, members: members ?? (0..<regions).map { node($0) })
        ], seed: seed)
}

/// One client beside region 0 that does one kind of operation after another: timeout 900 ms,
/// attempt timeout 300 ms.
func closedLoop(
    _ kind: OperationKind, failover: WorkloadSpec.Failover = .nearest, valueSize: Int = 0,
    keys: Int = 1
) -> WorkloadSpec {
    WorkloadSpec(
        clients: PerRegion(0, named: [FleetRig.region(0): 1]), arrivals: .closed,
        mix: .operations([Share(kind, 1)], KeySpec(count: keys, distribution: .uniform)),
        valueSize: valueSize, timeout: .milliseconds(900), failover: failover)
}
