import Exploration
import Simulation

/// The summary of a fuzz run as text.
public struct FuzzReport {
    /// The text.
    public let text: String

    private static let groupsMax = 12

    private static func coverage(
        of strategy: TransitionCoverage.Strategy, isWhole: Bool
    ) -> [String] {
        let never = zip(strategy.transitions, strategy.counts).filter { $1.allSatisfy { $0 == 0 } }
        let happened = strategy.transitions.count - never.count
        var lines = [
            "",
            "\(strategy.name): \(happened) of \(strategy.transitions.count) transitions happened"
                + (never.isEmpty ? "" : ", never: " + never.map(\.0).joined(separator: ", ")),
        ]
        guard isWhole else { return lines }
        let conditions = TransitionCoverage.conditions
        var table = TextTable([.left("transition")] + conditions.map { .right($0) })
        for (name, counts) in zip(strategy.transitions, strategy.counts) {
            table.add([name] + counts.map { $0 == 0 ? "-" : grouped(Int($0)) })
        }
        lines.append(table.text)
        return lines
    }

    /// What `summary` says after `seconds`; `replay` with `--seed N` runs one seed again.
    ///
    /// With `coverage` every transition of the strategies has a row.
    package init(
        _ summary: FuzzSummary, seconds: Double, replay: String, coverage showsCoverage: Bool
    ) {
        var lines: [String] = []
        let rate = Double(summary.runs) / max(0.001, seconds)
        lines.append(
            "\(grouped(Int(summary.runs))) seeds in \(decimal(seconds, places: 1)) s "
                + "(\(decimal(rate, places: 1)) a second, "
                + "\(grouped(Int(Double(summary.delivered) / max(0.001, seconds)))) messages a "
                + "second): \(grouped(Int(summary.passed))) passed, "
                + "\(grouped(Int(summary.failed))) failed")
        if summary.canaries.run > 0 {
            let (run, caught) = summary.canaries
            lines.append(
                caught == run
                    ? "canaries: \(caught) of \(run) were found"
                    : "canaries: ONLY \(caught) of \(run) were found; do not trust the rest")
        }
        for group in summary.groups.prefix(Self.groupsMax) {
            lines.append("")
            lines.append("\(group.kind): \(grouped(group.seeds.count)) seeds")
            if !group.detail.isEmpty { lines.append("  \(group.detail)") }
            for seed in group.seeds.prefix(5) { lines.append("  \(replay) --seed \(seed)") }
            if group.seeds.count > 5 {
                lines.append("  and \(grouped(group.seeds.count - 5)) more")
            }
        }
        if summary.groups.count > Self.groupsMax {
            lines.append("")
            lines.append("and \(summary.groups.count - Self.groupsMax) kinds more; see --json")
        }
        for strategy in summary.coverage.strategies {
            lines += Self.coverage(of: strategy, isWhole: showsCoverage)
        }
        text = lines.joined(separator: "\n")
    }
}
