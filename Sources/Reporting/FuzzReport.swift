import Exploration

/// The summary of a fuzz run as text.
public struct FuzzReport {
    /// The text.
    public let text: String

    private static let groupsMax = 12

    /// What `summary` says after `seconds`; `replay` with `--seed N` runs one seed again.
    package init(_ summary: FuzzSummary, seconds: Double, replay: String) {
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
        text = lines.joined(separator: "\n")
    }
}
