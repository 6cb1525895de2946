import RegionCore
import Replication
import Scenarios

/// Which state transitions of the strategies happened while which kinds of faults were in force,
/// and which never did: what a search for faults has been through.
package struct TransitionCoverage: Hashable, Sendable {
    /// The columns: no fault at all, then every kind that can be drawn.
    package static let conditions = ["none"] + RandomFaultKind.allCases.map(\.rawValue)

    /// The transitions of a strategy.
    package struct Strategy: Hashable, Sendable {
        /// The strategy.
        package var name: String
        /// Its transitions.
        package var transitions: [String]
        /// For each transition how often it happened under each of ``conditions``. What happened
        /// under two kinds counts for both.
        package var counts: [[UInt64]]

        /// Transitions that happened as often as `counts` says.
        package init(name: String, transitions: [String], counts: [[UInt64]]) {
            self.name = name
            self.transitions = transitions
            self.counts = counts
        }
    }

    /// By strategy, in order of names.
    package private(set) var strategies: [Strategy] = []

    /// Nothing has happened.
    package init() {}

    /// Adds what happened in another run, or in another part of this one.
    package mutating func add(_ other: Strategy) {
        guard let index = strategies.firstIndex(where: { $0.name == other.name }) else {
            strategies.append(other)
            strategies.sort { $0.name < $1.name }
            return
        }
        for (row, counts) in other.counts.enumerated()
        where row < strategies[index].counts.count {
            for (column, count) in counts.enumerated() {
                strategies[index].counts[row][column] += count
            }
        }
    }

    /// Adds everything of `other`.
    package mutating func add(_ other: TransitionCoverage) {
        for strategy in other.strategies { add(strategy) }
    }

    /// Adds transitions of a strategy that happened while faults of these kinds were in force.
    mutating func add(
        _ counts: [UInt64], of description: StrategyDescription, under kinds: [Int]
    ) {
        guard counts.contains(where: { $0 > 0 }) else { return }
        let columns = kinds.isEmpty ? [0] : kinds.map { $0 + 1 }
        let rows = description.transitions.indices.map { row in
            var cells = Array(repeating: UInt64(0), count: Self.conditions.count)
            if row < counts.count { for column in columns { cells[column] = counts[row] } }
            return cells
        }
        add(
            Strategy(
                name: description.name, transitions: description.transitions, counts: rows))
    }
}

/// Attributes transitions to the faults that were in force when they happened.
///
/// The machines only count; whenever faults strike or heal, what was counted since the last time
/// belongs to the faults that were in force until then.
struct CoverageCollector {
    private(set) var coverage = TransitionCoverage()
    private let descriptions: [StrategyDescription?]
    /// What each process had counted in each group when it was last looked at.
    private var seen: [ObjectIdentifier: [[UInt64]]] = [:]
    private var kinds: [Int] = []
    private(set) var changesSeen: UInt64 = 0

    init(_ plan: Plan, _ strategies: StrategyRegistry) {
        descriptions = plan.groups.map { strategies.description(of: $0.strategy) }
    }

    /// Takes in what `processes` counted; from now on faults of `kinds` are in force.
    mutating func take(
        _ processes: some Sequence<SimulatedProcess>, then kinds: [Int], changes: UInt64
    ) {
        for process in processes { take(process) }
        self.kinds = kinds
        changesSeen = changes
    }

    /// Takes in what a process counted, which may be about to end.
    mutating func take(_ process: SimulatedProcess, isLast: Bool = false) {
        let id = ObjectIdentifier(process)
        var before = seen[id] ?? []
        for (index, description) in descriptions.enumerated() {
            guard let description, !description.transitions.isEmpty,
                let counts = process.machine.transitionCounts(
                    of: GroupID(index: UInt16(index)))
            else { continue }
            while before.count <= index { before.append([]) }
            let earlier = before[index]
            let change = counts.enumerated().map { row, count in
                let before = row < earlier.count ? earlier[row] : 0
                // What it counted while it read its disk back is forgotten when it starts.
                return count >= before ? count - before : count
            }
            coverage.add(change, of: description, under: kinds)
            before[index] = counts
        }
        seen[id] = isLast ? nil : before
    }
}
