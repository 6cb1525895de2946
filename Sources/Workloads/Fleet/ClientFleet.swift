import Determinism
import Replication
import Scenarios

/// All clients of a run, as one machine without input or output: it plans operations, sends them,
/// waits, retries, turns elsewhere, and tells what became of each. Both engines use it.
///
/// ## What a client does
///
/// - **Open loop**: each region's operations begin at the times of a ``PoissonSchedule``, whatever
///   became of earlier ones, and are dealt to the region's clients at random. **Closed loop**: a
///   client begins an operation when its last one has ended; the planned time is that instant.
/// - **Attempts**: an operation is sent to the first node of the client's ``Route`` and ends with
///   the first answer that decides it, or at its timeout. A repeat carries the same client,
///   session and sequence number.
///
///   | what came of an attempt | what follows |
///   |---|---|
///   | an answer, also a late one to an earlier attempt | the operation is decided |
///   | error: unsupported, invalid, refused | it ends |
///   | error: session expired | an update ends; a read goes to the next node |
///   | error: no leader, leadership lost, no consensus | to the node hinted at, or wait |
///   | any other error | to the node hinted at, or to the next one |
///   | refused, connection lost | to the next node |
///   | nothing within the attempt timeout | to the next node |
///
///   After a whole round of the route, and where the table says so, the client waits (``Backoff``)
///   before it goes to the next node. An update that may have taken effect goes nowhere unless
///   the strategy recognises repeats: it stays open until its timeout, for an answer may come.
/// - **Results**: `fail` only if every attempt definitely had no effect; a read without an answer
///   is `fail`, for reads take no effect; else `info`.
/// - **Probes**, if the workload has any: ``ProbeSchedule``.
/// - **Sessions**: where the strategy needs them, each client opens one per group before it
///   starts, and another when it has expired. Updates wait for it, within their timeout.
///
/// ## The engine's duties
///
/// 1. Call ``prepare(at:into:)``, and when ``isPrepared``, ``start(at:)``; ``stop(at:)`` at any
///    time, also in advance. After each call, and each ``handle(_:at:into:)``, carry out the
///    actions in order and read ``nextWake``.
/// 2. Time never goes back between calls. Late wakes are fine: planned times stay as they are.
/// 3. Hand in at most one outcome for each attempt; for none at all, the timeouts apply.
/// 4. When ``isDrained``, every operation planned has been reported as completed.
package final class ClientFleet {
    /// The most operations of one region's clients that are open at a time. Beyond it operations
    /// are reported as never sent.
    package static let openPerRegionMax = Limits.requestsInFlightMax

    /// Answers that came after their operation had ended.
    package internal(set) var lateReplies = 0

    let setup: FleetSetup
    let groups: [FleetGroup]
    let backoff: Backoff
    let keyNames: KeyNames
    private(set) var keepsValues: Bool
    /// What was added of late, to be removed or added again.
    var recentElements = RecentElements()

    var planner: OperationPlanner
    var regions: [RegionClients] = []
    var clients: [FleetClient] = []
    var places: [OpenOperation] = []
    var freePlaces: [Int] = []
    var openCount = 0
    var missingSessions = 0
    var sessionOpenings = 0

    var agenda = AgendaHeap<AgendaItem>()
    var deadlines = DeadlineQueue<AttemptID>()
    var attemptDeadlines = DeadlineQueue<AttemptID>()

    var now = Instant(nanoseconds: .min)
    var isStarted = false
    var end = Instant.distantFuture
    var nextIndex: UInt64 = 0
    var nextProcess: UInt64 = 0
    var freeProcesses: [UInt64] = []
    var idleClients: [Int] = []
    var casDue: [CasDue] = []
    var probes: ProbeSchedule?
    /// What clients hold of the sessions service, and what decides what they do with it.
    var sessionPool: SessionPool
    var sessionDraws: RandomStream
    /// The session that the request about to begin is about.
    var sessionInHand: HeldSession?

    /// The clients that `setup` describes. Throws if the groups cannot do what the workload asks.
    package init(_ setup: FleetSetup) throws(InvalidWorkload) {
        let check = try CheckedWorkload(setup)
        self.setup = setup
        groups = check.groups
        planner = check.planner
        backoff = Backoff(attemptTimeout: setup.workload.attemptTimeout)
        keyNames = check.keyNames
        switch setup.workload.mix {
        case .operations(let shares, _):
            keepsValues = shares.contains { $0.item == .cas && $0.weight > 0 }
        case .ycsb: keepsValues = false
        }
        for group in groups where group.operations?.contains(where: { $0.item == .cas }) ?? false {
            keepsValues = true
        }
        let seeded = RandomStream(seed: setup.seed, name: "workload")
        sessionPool = SessionPool(regionCount: setup.regionNames.count)
        sessionDraws = seeded.derived("sessions")
        for (position, name) in setup.regionNames.enumerated() {
            let region = RegionID(index: UInt16(position))
            let count = setup.workload.clients[region]
            let stream = seeded.derived(name)
            let first = clients.count
            for ordinal in 0..<count {
                let number = UInt64(ordinal * setup.regionNames.count + position + 1)
                clients.append(
                    FleetClient(
                        id: ClientID(rawValue: number), region: position, ordinal: ordinal,
                        groupCount: groups.count, random: stream.derived("client \(ordinal)")))
            }
            var rate = 0.0
            if case .open(let rates) = setup.workload.arrivals, count > 0 { rate = rates[region] }
            regions.append(
                RegionClients(
                    id: region, first: first, count: count, rate: rate, random: stream,
                    routes: groups.map { Self.route(from: region, $0.members, setup) }))
        }
        for group in groups where group.strategy.needsSession { missingSessions += clients.count }
    }

    private static func route(
        from home: RegionID, _ members: [NodeID], _ setup: FleetSetup
    ) -> Route {
        Route(
            home: home, members: members, roundTrips: setup.roundTrips,
            failover: setup.workload.failover == .nearest)
    }

    /// What the clients do.
    var workload: WorkloadSpec { setup.workload }
    /// How many clients there are.
    package var clientCount: Int { clients.count }
    /// Whether every client has the sessions that it needs.
    package var isPrepared: Bool { missingSessions == 0 }
    /// Whether no operation is open or will begin any more.
    package var isDrained: Bool { now >= end && openCount == 0 }
    /// The running figures of a region's clients.
    package func tally(of region: RegionID) -> ClientTally { regions[Int(region.index)].tally }
    /// The running figures of all clients.
    package var tally: ClientTally {
        regions.reduce(into: ClientTally()) { $0 += $1.tally }
    }

    /// When the next ``ClientEvent/wake`` is due; ``Instant/distantFuture`` if never.
    package var nextWake: Instant {
        if isDrained { return .distantFuture }
        var earliest = now < end ? end : .distantFuture
        if let first = deadlines.first { earliest = min(earliest, first.at) }
        if let first = attemptDeadlines.first { earliest = min(earliest, first.at) }
        if let first = agenda.first { earliest = min(earliest, first.at) }
        return earliest
    }

    /// Opens the sessions that clients need, as fast as the nodes answer.
    package func prepare(at time: Instant, into actions: inout [ClientAction]) {
        advance(to: time)
        for group in groups.indices where groups[group].strategy.needsSession {
            for client in clients.indices where clients[client].sessions[group] == .none {
                openSession(client, group, &actions)
            }
        }
    }

    /// Lets the clients begin operations at `start`, which may be in the future.
    package func start(at start: Instant) {
        precondition(!isStarted, "clients start once")
        isStarted = true
        if let spec = workload.probes {
            probes = ProbeSchedule(spec, start: start, seed: setup.seed)
            planProbe()
        }
        switch workload.arrivals {
        case .open:
            for region in regions.indices where regions[region].count > 0 {
                regions[region].begin(at: start)
                planArrival(region)
            }
        case .closed: agenda.insert(.beginClosedLoop, at: start)
        }
    }

    /// Lets no operation begin at or after `end`; those open by then end by their timeouts. The
    /// operations planned before `end` are all begun, however late the wake comes.
    package func stop(at end: Instant) { self.end = end }

    /// Multiplies the rate of a region's operations in open loop by `factor` (at least 0) from
    /// `time` on; 1 is the workload's rate. Returns whether that means anything: in closed loop
    /// and in a region without clients it does not.
    package func setRateFactor(
        _ factor: Double, of region: RegionID, at time: Instant,
        into actions: inout [ClientAction]
    ) -> Bool {
        handle(.wake, at: time, into: &actions)
        let index = Int(region.index)
        guard !workload.isClosedLoop, regions.indices.contains(index), regions[index].count > 0,
            factor >= 0, factor.isFinite
        else { return false }
        regions[index].setFactor(factor, at: now)
        if isStarted { planArrival(index) }
        return true
    }

    /// Replaces the nodes that take requests for a group, when its membership has changed. An
    /// operation that is open goes on along the new routes. At least one node must be left; a
    /// group that the workload does not use changes nothing.
    package func setMembers(_ members: [NodeID], of group: GroupID) {
        precondition(!members.isEmpty, "clients need a node to turn to")
        guard let index = groups.firstIndex(where: { $0.id == group }) else { return }
        for region in regions.indices {
            regions[region].routes[index] = Self.route(
                from: regions[region].id, members, setup)
        }
    }

    /// Takes in what happened and appends what is to be done about it.
    package func handle(
        _ event: ClientEvent, at time: Instant, into actions: inout [ClientAction]
    ) {
        advance(to: time)
        runDue(&actions)
        switch event {
        case .wake: break
        case .reply(let attempt, let reply): take(reply, to: attempt, &actions)
        case .attemptFailed(let attempt, let definite, let reason):
            fail(attempt, definite: definite, reason: reason, &actions)
        }
        beginFollowing(&actions)
        if isDrained { cancelSessionOpenings(&actions) }
        forgetPassedDeadlines()
    }

    /// Ends the run at once: every open operation is reported, as unknown and without a
    /// completion, or as never sent; nothing begins any more.
    package func close(at time: Instant, into actions: inout [ClientAction]) {
        handle(.wake, at: time, into: &actions)
        end = min(end, now)
        for place in places.indices where places[place].isOpen {
            if places[place].purpose == .openSession { continue }
            if places[place].attempts.isEmpty {
                finish(place, .fail, error: FailureText.notSent("the run ended"), &actions)
            } else {
                finish(
                    place, .info, error: FailureText.timeout("the run ended"),
                    neverCompleted: true, &actions)
            }
        }
        idleClients.removeAll()
        casDue.removeAll()
        cancelSessionOpenings(&actions)
        forgetPassedDeadlines()
    }

    private func advance(to time: Instant) { now = max(now, time) }
}
