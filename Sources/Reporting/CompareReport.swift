import Exploration
import Judgement
import Recording
import Replication
import Scenarios

/// A comparison of strategies for a terminal: a line for each figure, a column for each strategy.
public struct CompareReport {
    private let comparison: StrategyComparison
    private let showsAll: Bool

    /// The report of a comparison; with `all` every figure has a line.
    package init(_ comparison: StrategyComparison, all: Bool = false) {
        self.comparison = comparison
        showsAll = all
    }

    /// The text.
    public var text: String {
        let seeds = comparison.runs(of: 0).map(\.seed)
        let range =
            seeds.count == 1
            ? "seed \(seeds[0])" : "seeds \(seeds.first ?? 0) to \(seeds.last ?? 0)"
        var parts = [
            "\(comparison.scenario): \(comparison.strategies.count) strategies, "
                + "\(comparison.engine.rawValue), \(range)",
            figures.text, models.text,
        ]
        if seeds.count > 1 {
            parts.append(
                "± half of the interval that holds the mean with 95 % confidence; "
                    + "* sure to differ from \(comparison.strategies[0]), by the differences under "
                    + "the same seeds; (n) runs that have the figure, where not all do")
        }
        return parts.joined(separator: "\n\n")
    }

    private func heading(_ first: String) -> [TextTable.Column] {
        [.left(first)] + comparison.strategies.map { .right($0) }
    }

    private var figures: TextTable {
        var table = TextTable(heading("FIGURE"))
        for figure in comparison.figures where showsAll || Self.isShown(figure) {
            table.add(
                [figure] + comparison.strategies.indices.map { cell(figure, $0) })
        }
        return table
    }

    /// Of each operation the median and 99th percentile over the whole run in each region, and of
    /// availability the phases.
    private static func isShown(_ figure: String) -> Bool {
        let parts = figure.split(separator: ".")
        let phases: Set<Substring> = ["before", "during", "recovery", "after"]
        let name = parts[0]
        switch name {
        case "operations", "p95_ms", "p999_ms", "max_ms", "stale_age_p99_ms", "fault_converged_ms":
            return false
        case "availability_percent":
            return parts.count == 1 || parts.count == 2 && phases.contains(parts[1])
                || parts.count == 3 && parts[2] == "during" && !operations.contains(parts[1])
        case "p50_ms", "p99_ms":
            return parts.count == 3 && operations.contains(parts[1]) && !phases.contains(parts[2])
        default: return true
        }
    }

    private static let operations = Set(OperationKind.allCases.map { Substring($0.rawValue) })

    private func cell(_ figure: String, _ strategy: Int) -> String {
        guard let estimate = comparison.estimate(figure, of: strategy) else { return "–" }
        var cell = figureText(estimate.mean)
        if let half = estimate.halfWidth, half > 0 { cell += " ±" + figureText(half) }
        if estimate.count < comparison.runs(of: strategy).count { cell += " (\(estimate.count))" }
        if strategy > 0, comparison.difference(figure, of: strategy)?.isNotZero == true {
            cell += " *"
        }
        return cell
    }

    private var models: TextTable {
        var table = TextTable(heading("OVER ALL RUNS"))
        let strategies = comparison.strategies.indices
        table.add(["strongest model"] + strategies.map { comparison.strongestModel(of: $0) })
        let asked = comparison.runs.first?.models.verdicts.map(\.model) ?? []
        for model in asked {
            let counts = strategies.map { strategy in
                comparison.broken(of: strategy).first { $0.model == model }?.runs ?? 0
            }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            table.add(
                ["\(model.rawValue) broken"]
                    + strategies.map { "\(counts[$0]) of \(comparison.runs(of: $0).count)" })
        }
        table.add(
            ["expectations held"]
                + strategies.map { strategy in
                    let runs = comparison.runs(of: strategy)
                    let passed = runs.count { $0.report.verdict == .pass }
                    return "\(passed) of \(runs.count)"
                })
        return table
    }
}

/// A figure with three digits that count.
private func figureText(_ value: Double) -> String {
    let size = abs(value)
    return decimal(value, places: size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
