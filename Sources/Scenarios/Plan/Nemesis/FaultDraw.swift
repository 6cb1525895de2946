import Determinism
import Geography
import Replication

/// One draw of a nemesis: what a fault of a kind does, to whom, and how hard.
struct FaultDraw {
    let resolution: FaultResolution
    /// The leaders that can be meant.
    let led: [NodeSelector]
    /// Whether a budget holds, under which what only the run can name must not be lost for good.
    let isBounded: Bool
    /// How far clocks may drift by what groups assume, in millionths.
    let driftMax: Double
    var random: RandomStream
    /// Whom faults strike, if they are to strike the same place.
    private var aim: NodeSelector?

    init(
        resolution: FaultResolution, led: [NodeSelector], isBounded: Bool, driftMax: Double,
        random: RandomStream
    ) {
        self.resolution = resolution
        self.led = led
        self.isBounded = isBounded
        self.driftMax = driftMax
        self.random = random
    }

    /// From now on faults strike one place, as far as they may.
    mutating func aimAtOnePlace() {
        aim = random.chance(0.5) && !led.isEmpty ? led[random.index(led.count)] : target()
    }

    /// A fault of `kind`, at no time yet; `nil` if this draw came to nothing sensible.
    mutating func fault(_ kind: RandomFaultKind) -> FaultSpec? {
        var cutsClients = false
        let drawn: FaultKind?
        switch kind {
        case .partition:
            drawn = partition()
            cutsClients = random.chance(0.15)
        case .isolate:
            drawn = isolation()
            cutsClients = random.chance(0.2)
        case .cut: drawn = cut()
        case .degrade: drawn = .degrade(scope(), degradation())
        case .reset: drawn = .reset(scope())
        case .refuse: drawn = .refuse(target())
        case .kill: drawn = kill()
        case .pause: drawn = .pause(target())
        case .clock: drawn = .clock(target(canBeLeader: !isBounded), clockError())
        case .disk: drawn = disk()
        case .slow: drawn = .slow(target(), factor: factor(2, 50))
        case .surge: drawn = .surge(.place(.region(region())), factor: factor(2, 8))
        }
        return drawn.map {
            FaultSpec(at: .once(.zero), $0, cutsClients: cutsClients, mustBite: false)
        }
    }

    // MARK: - Whom

    private var nodes: [NodeID] { resolution.nodes.map(\.id) }

    private mutating func node() -> NodeID { nodes[random.index(nodes.count)] }

    private mutating func region() -> RegionID {
        resolution.regions[random.index(resolution.regions.count)].id
    }

    /// A node mostly, a zone or region, or a leader.
    private mutating func target(canBeLeader: Bool = true) -> NodeSelector {
        if let aim, canBeLeader || resolution.unknowns(in: aim) == 0 { return aim }
        let share = random.unit()
        if canBeLeader, !led.isEmpty, share < 0.2 { return led[random.index(led.count)] }
        let node = node()
        if share < 0.3 { return .place(.zone(node.region, zone: node.zone)) }
        if share < 0.45 { return .place(.region(node.region)) }
        return .place(resolution.place(of: node))
    }

    /// Two different places: nodes, or regions.
    private mutating func pair() -> (Place, Place)? {
        let regions = resolution.regions.map(\.id)
        if regions.count > 1, random.chance(0.3) {
            let drawn = random.shuffled(regions)
            return (.region(drawn[0]), .region(drawn[1]))
        }
        guard nodes.count > 1 else { return nil }
        let drawn = random.shuffled(nodes)
        return (resolution.place(of: drawn[0]), resolution.place(of: drawn[1]))
    }

    private mutating func scope() -> LinkScope {
        let share = random.unit()
        guard share >= 0.15, let (one, other) = pair() else { return .all }
        if share < 0.45 { return .around(target()) }
        return share < 0.75 ? .between(one, other) : .directed(from: one, to: other)
    }

    // MARK: - What

    /// A split into two sides or three; or two that only reach each other's nodes over a bridge
    /// that keeps all its links.
    private mutating func partition() -> FaultKind? {
        let regions = resolution.regions
        var units = nodes.map { [$0] }
        if regions.count > 1, random.chance(0.3) { units = regions.map(\.nodes) }
        units = random.shuffled(units)
        guard units.count > 1 else { return nil }
        let shape = random.unit()
        if units.count > 2, shape < 0.25 { units.removeLast() }
        let isTriple = units.count > 2 && shape >= 0.25 && shape < 0.5
        var bounds = [0, 1 + random.index(units.count - (isTriple ? 2 : 1)), units.count]
        if isTriple {
            bounds.insert(bounds[1] + 1 + random.index(units.count - bounds[1] - 1), at: 2)
        }
        return .partition(
            zip(bounds, bounds.dropFirst()).map { low, high in
                list(units[low..<high].joined().sorted())
            })
    }

    private func list(_ nodes: [NodeID]) -> NodeSelector {
        let places = nodes.map { NodeSelector.place(resolution.place(of: $0)) }
        return places.count == 1 ? places[0] : .list(places)
    }

    private mutating func isolation() -> FaultKind? {
        let target = target()
        // Whom all are in cannot be set apart.
        return resolution.named(by: target).count == nodes.count ? nil : .isolate(target)
    }

    private mutating func cut() -> FaultKind? {
        guard let (one, other) = pair() else { return nil }
        let scope =
            random.chance(0.4) ? LinkScope.between(one, other) : .directed(from: one, to: other)
        return .cut(scope, layer: random.chance(0.5) ? .packet : .message)
    }

    private mutating func kill() -> FaultKind {
        // Who is lost for good must be known.
        let isGone = random.chance(0.12)
        return .kill(
            target(canBeLeader: !isGone || !isBounded), disk: isGone ? .gone : .kept)
    }

    private mutating func degradation() -> Degradation {
        var change = Degradation()
        while change == Degradation() {
            if random.chance(0.5) {
                change.delay =
                    random.chance(0.5)
                    ? .added(random.logarithmicMilliseconds(5, 500)) : .multiplied(factor(1.5, 10))
            }
            if random.chance(0.4) { change.jitter = jitter() }
            if random.chance(0.4) { change.loss = Double(1 + random.index(300)) / 1000 }
            if random.chance(0.3) { change.bandwidth = UInt64(1 + random.index(50)) * 1_000_000 }
        }
        return change
    }

    private mutating func jitter() -> DelayDistribution {
        switch random.index(4) {
        case 0: .uniform(minimum: .zero, maximum: random.logarithmicMilliseconds(2, 200))
        case 1: .normal(mean: .zero, deviation: random.logarithmicMilliseconds(1, 50))
        case 2: .exponential(mean: random.logarithmicMilliseconds(1, 100))
        case _:
            .pareto(
                minimum: random.logarithmicMilliseconds(1, 20),
                shape: Double(12 + random.index(20)) / 10)
        }
    }

    /// From milliseconds to minutes, either way; drift within the bound that is assumed, and more
    /// rarely far beyond.
    private mutating func clockError() -> ClockError {
        var error = ClockError()
        while error == ClockError() {
            if random.chance(0.6) {
                let offset = random.logarithmicMilliseconds(5, 600_000)
                error.offset = random.chance(0.5) ? offset : -offset
            }
            if random.chance(0.5) {
                let bound = Int(driftMax)
                let drift =
                    random.chance(0.75)
                    ? 1 + random.index(bound) : min(bound * (2 + random.index(99)), 100_000)
                error.driftPartsPerMillion = Double(random.chance(0.5) ? drift : -drift)
            }
        }
        return error
    }

    /// A disk that takes its time.
    mutating func slowDisk(atLeast shortest: Int = 1) -> FaultKind {
        .disk(target(), DiskTrouble(extraSync: random.logarithmicMilliseconds(shortest, 500)))
    }

    private mutating func disk() -> FaultKind {
        var trouble = DiskTrouble()
        switch random.index(8) {
        case 0, 1, 2: return slowDisk()
        case 3: trouble.isFull = true
        case 4: trouble.fails = true
        case 5: trouble.losesUnsynced = true
        case _: trouble.corrupts = true
        }
        return .disk(target(canBeLeader: !isBounded), trouble)
    }

    // MARK: - How much

    /// A factor from `low` to `high` in tenths, each order of magnitude alike.
    private mutating func factor(_ low: Double, _ high: Double) -> Double {
        let scale = DeterministicMath.exp(DeterministicMath.log(high / low) * random.unit())
        return max(low, min(high, (low * scale * 10).rounded() / 10))
    }
}
