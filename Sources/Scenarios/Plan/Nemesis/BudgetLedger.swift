import Determinism
import Replication

/// What all faults and actions of a run take away together, and whether one more fits into the
/// budget `minority`.
///
/// At each moment every group must keep a majority of its voters that run, reach each other both
/// ways, and have honest disks, their memories, and clocks within the assumed bounds. Operators
/// change who votes: new members may or may not count already, so the majority must be one in
/// either case; who is removed is not relied on any more.
struct BudgetLedger {
    /// A group as budgets see it.
    struct Group {
        /// The founding voters.
        var founders: [NodeID]
        /// Who may get a vote, and from when on.
        var candidates: [(node: NodeID, from: TimeSpan)]
        /// Who may lose its membership, and from when on.
        var removed: [(node: NodeID, from: TimeSpan)]
        /// By how many millionths its clocks may drift if it serves reads by leases, which trust
        /// every one of them; `nil` if it does not.
        var leaseDriftMax: Double?
        /// What its strategy needs to go on and to lose nothing, if that is not a majority.
        var tolerance: FaultTolerance?
    }

    /// How far a wall clock may be off, and how fast clocks may drift apart: what strategies are
    /// told to assume, where no group says otherwise.
    static let offsetMax = TimeSpan.seconds(60)
    static let driftPartsPerMillionMax = 1000.0

    let groups: [Group]
    private let resolution: FaultResolution
    private var damages: [Damage] = []
    /// Who has lost its memory or will, and since when at the earliest.
    private var forgetful: [NodeID: TimeSpan] = [:]
    /// How many lose it besides whom only the run can name.
    private var unknownForgetful = 0
    /// Whose disk lies, and since when; here and below `nil` stands for whom only the run can name.
    private var liars: [NodeID?: TimeSpan] = [:]
    /// When each node is ended for the last time.
    private var lastEnds: [NodeID?: TimeSpan] = [:]
    /// Whether a node may have forgotten promises without knowing it.
    private(set) var hasAmnesia = false

    init(groups: [Group], resolution: FaultResolution) {
        self.groups = groups
        self.resolution = resolution
    }

    /// Takes `fault`, which strikes once, into account.
    mutating func add(_ fault: FaultSpec) {
        guard let start = fault.timing.moments.first else { return }
        add(resolution.damage(of: fault, at: start))
        for (nodes, loss) in resolution.memoryLosses(of: fault.kind) {
            for node in nodes.map({ $0.map(Optional.some) }) ?? [nil] {
                note(loss, of: node, from: start, to: fault.duration.map { start + $0 })
            }
        }
    }

    mutating func add(_ more: [Damage]) { damages += more }

    /// Takes the end of a process by an operator into account.
    mutating func addEnd(of node: NodeID?, at moment: TimeSpan) {
        note(.ending, of: node, from: moment, to: moment)
    }

    private mutating func note(
        _ loss: MemoryLoss, of node: NodeID?, from start: TimeSpan, to end: TimeSpan?
    ) {
        switch loss {
        case .erased:
            guard let node else {
                unknownForgetful += 1
                return add([Damage(loss: .someNode, start: start, end: nil)])
            }
            forgetful[node] = min(forgetful[node] ?? start, start)
        case .unreliable:
            liars[node] = min(liars[node] ?? start, start)
        case .ending:
            let last = end ?? TimeSpan(nanoseconds: .max)
            lastEnds[node] = max(lastEnds[node] ?? last, last)
        }
        hasAmnesia = liars.contains { liar, since in
            lastEnds.contains { node, last in
                last >= since && (node == liar || node == nil || liar == nil)
            }
        }
    }

    /// Whether everything stays within `budget` when `fault` comes in addition.
    func admits(_ fault: FaultSpec, _ budget: FaultBudget) -> Bool {
        switch budget {
        case .none: return true
        case .minority: return keepsMajority(with: fault)
        case .memory:
            var next = self
            next.add(fault)
            guard next.keepsMemory else { return false }
            if case .clock = fault.kind { return !next.breaksLeases }
            return true
        }
    }

    private func keepsMajority(with fault: FaultSpec) -> Bool {
        guard let start = fault.timing.moments.first else { return false }
        let isHarmless =
            resolution.damage(of: fault, at: start).isEmpty
            && resolution.memoryLosses(of: fault.kind).isEmpty
        if isHarmless { return true }
        var next = self
        next.add(fault)
        if next.hasAmnesia || !next.sustains(resolution.nodes.map(\.id)) { return false }
        let isLasting =
            next.forgetful != forgetful || next.unknownForgetful != unknownForgetful
        let end = isLasting ? nil : fault.duration.map { start + $0 }
        return next.moments(from: start, to: end).allSatisfy(next.isWithinBudget)
    }

    /// Whether at each moment what is asked of a group holds.
    var isWithinBudget: Bool {
        !hasAmnesia && moments(from: .zero, to: nil).allSatisfy(isWithinBudget)
    }

    /// Whether no node has forgotten a promise and every group keeps a majority with its memory:
    /// then nothing that was acknowledged by a majority is lost, whatever else is broken.
    var keepsMemory: Bool {
        let losses = forgetful.count + unknownForgetful
        return !hasAmnesia && sustains(resolution.nodes.map(\.id))
            && groups.allSatisfy { losses <= $0.tolerance?.memoryLosses ?? losses }
    }

    /// Whether some clock ever drifts further than the leases of its group allow for.
    var breaksLeases: Bool {
        guard groups.contains(where: { $0.leaseDriftMax != nil }) else { return false }
        return moments(from: .zero, to: nil).contains { moment in
            let clocks = clocks(at: moment)
            return groups.contains { breaksLeases(of: $0, clocks, at: moment) }
        }
    }

    private func breaksLeases(
        of group: Group, _ clocks: [NodeID: Clock], at moment: TimeSpan
    ) -> Bool {
        guard let driftMax = group.leaseDriftMax else { return false }
        // A clock of which only the run can tell whose it is may be any member's.
        let unknown = damages.reduce(0.0) { sum, damage in
            guard case .someClock(let drift) = damage.loss, damage.isInForce(at: moment) else {
                return sum
            }
            return sum + drift.magnitude
        }
        let worst = members(of: group, at: moment).map { member in
            clocks[member]?.driftPartsPerMillion.magnitude ?? 0
        }.max()
        return unknown + (worst ?? 0) > driftMax
    }

    /// How far the clocks of a group that `fault` is drawn for may drift, in millionths.
    var driftMax: Double {
        groups.compactMap(\.leaseDriftMax).max() ?? Self.driftPartsPerMillionMax
    }

    /// Whether `core` is a majority of every group at the end, and as much as its strategy needs, by
    /// nodes that have kept their memory, whoever has a vote by then.
    func sustains(_ core: [NodeID]) -> Bool {
        let latest = TimeSpan(nanoseconds: .max)
        return groups.allSatisfy { group in
            let members = members(of: group, at: latest)
            let whole = members.filter { core.contains($0) && forgetful[$0] == nil }
            return isMajority(whole, of: group, at: latest, missing: unknownForgetful)
                && whole.count - unknownForgetful >= group.tolerance?.membersNeeded ?? 0
        }
    }

    // MARK: - One moment

    /// The moments within a span at which something begins, or a clock that others may have
    /// offset gets right. In between nothing gets worse.
    private func moments(from start: TimeSpan, to end: TimeSpan?) -> [TimeSpan] {
        var starts = damages.map(\.start) + forgetful.values
        starts += damages.compactMap { if case .clocks = $0.loss { $0.end } else { nil } }
        starts += groups.flatMap { $0.candidates.map(\.from) + $0.removed.map(\.from) }
        let within = starts.filter { begin in begin > start && end.map { begin < $0 } ?? true }
        return [start] + Set(within).sorted()
    }

    private func isWithinBudget(at moment: TimeSpan) -> Bool {
        var down: Set<NodeID> = []
        var cuts: [Cut] = []
        var unknown = 0
        for damage in damages where damage.isInForce(at: moment) {
            switch damage.loss {
            case .nodes(let nodes): down.formUnion(nodes)
            case .someNode: unknown += 1
            case .links(let one, let other): cuts.append(Cut(one: one, other: other))
            case .clocks, .someClock: break
            }
        }
        let clocks = clocks(at: moment)
        for (node, error) in clocks where isOutOfBounds(error) { down.insert(node) }
        for (node, since) in forgetful where since <= moment { down.insert(node) }
        return groups.allSatisfy { group in
            if breaksLeases(of: group, clocks, at: moment) { return false }
            let members = members(of: group, at: moment)
            let whole = Self.connected(members.filter { !down.contains($0) }, cuts: cuts)
            return isMajority(whole, of: group, at: moment, missing: unknown)
        }
    }

    private struct Cut {
        var one: Set<NodeID>
        var other: Set<NodeID>

        func separates(_ node: NodeID, _ peer: NodeID) -> Bool {
            node != peer
                && (one.contains(node) && other.contains(peer)
                    || other.contains(node) && one.contains(peer))
        }
    }

    /// What is wrong with a clock by all faults together.
    private struct Clock {
        var offset = TimeSpan.zero
        var driftPartsPerMillion = 0.0
    }

    private func isOutOfBounds(_ clock: Clock) -> Bool {
        clock.offset > Self.offsetMax || -clock.offset > Self.offsetMax
            || clock.driftPartsPerMillion.magnitude > driftMax
    }

    /// The clocks that are wrong.
    private func clocks(at moment: TimeSpan) -> [NodeID: Clock] {
        var result: [NodeID: Clock] = [:]
        for damage in damages where damage.isInForce(at: moment) {
            guard case .clocks(let nodes, let offset, let drift) = damage.loss else { continue }
            for node in nodes {
                result[node, default: Clock()].offset += offset
                result[node, default: Clock()].driftPartsPerMillion += drift
            }
        }
        return result
    }

    /// Who has or may have a vote and is not on the way out, or was taken in again.
    private func members(of group: Group, at moment: TimeSpan) -> [NodeID] {
        let coming = group.candidates.filter { $0.from <= moment }
        let leaving = group.removed.filter { removal in
            removal.from <= moment
                && !coming.contains { $0.node == removal.node && $0.from > removal.from }
        }.map(\.node)
        let all = group.founders + coming.map(\.node).filter { !group.founders.contains($0) }
        return all.filter { !leaving.contains($0) }
    }

    /// Whether `nodes`, less any `missing` of them, are a majority of `group`, whichever of those
    /// whose membership changes have a vote.
    func isMajority(
        _ nodes: [NodeID], of group: Group, at moment: TimeSpan, missing: Int = 0
    ) -> Bool {
        let changing = Set(
            (group.candidates + group.removed).filter { $0.from <= moment }.map(\.node))
        let voters = group.founders.count { !changing.contains($0) }
        let present = nodes.count { !changing.contains($0) }
        let absent = changing.subtracting(nodes).count
        return present - missing > (voters + absent) / 2
    }

    /// Of `nodes` as many as this finds that all reach each other: it leaves out who is cut off
    /// from most, until no cut is left.
    private static func connected(_ nodes: [NodeID], cuts: [Cut]) -> [NodeID] {
        var left = nodes
        while !cuts.isEmpty {
            let counts = left.map { node in
                left.count { peer in cuts.contains { $0.separates(node, peer) } }
            }
            guard let most = counts.max(), most > 0, let index = counts.lastIndex(of: most) else {
                break
            }
            left.remove(at: index)
        }
        return left
    }
}
