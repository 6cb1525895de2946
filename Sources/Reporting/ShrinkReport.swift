import Exploration
import Scenarios

/// What a shrink came to: the scenario as a file that says what it shows, and a table of how much
/// smaller it is.
public struct ShrinkReport: Sendable {
    private let result: ShrinkResult
    /// The file that the scenario is to stand in, for the command that runs it.
    private let file: String

    /// The report of `result`, whose scenario is to stand in `file`.
    package init(_ result: ShrinkResult, file: String) {
        self.result = result
        self.file = file
    }

    /// The scenario as a file, with what fails and how to see it.
    public var yaml: String {
        var lines = ["What fails, under seed \(result.scenario.seed):"]
        for failure in result.trial.failures {
            lines.append("- \(failure.kind)")
            lines += wrapped(failure.detail, width: 90).map { "    \($0)" }
        }
        lines.append("")
        lines.append("To see it: meridian simulate \(file)")
        lines.append(
            "Made from a run of \(result.first.name) under seed \(result.first.seed), in "
                + "\(result.runs) runs.")
        let comment = lines.map { $0.isEmpty ? "#" : "# \($0)" }.joined(separator: "\n")
        return comment + "\n" + result.scenario.conciseYAML
    }

    /// The table.
    public var text: String {
        let (before, after) = (ScenarioSize(result.first), ScenarioSize(result.scenario))
        var table = TextTable([.left("SIZE"), .right("BEFORE"), .right("AFTER")])
        func row(_ name: String, _ value: (ScenarioSize, ShrinkTrial) -> String) {
            table.add([name, value(before, result.firstTrial), value(after, result.trial)])
        }
        row("faults and actions") { size, _ in grouped(size.faults + size.actions) }
        row("duration") { size, _ in "\(size.duration)" }
        row("regions") { size, _ in grouped(size.regions) }
        row("nodes") { size, _ in grouped(size.nodes) }
        row("clients") { size, _ in grouped(size.clients) }
        row("operations a second") { size, _ in
            size.rate == 0 ? "closed" : decimal(size.rate, places: size.rate < 10 ? 1 : 0)
        }
        row("keys") { size, _ in grouped(size.keys) }
        row("data types") { size, _ in grouped(size.dataTypes) }
        row("expectations") { size, _ in grouped(size.expectations) }
        row("operations") { _, trial in grouped(trial.operations) }
        row("messages") { _, trial in grouped(trial.messages) }
        return table.text + "\n\n" + summary
    }

    private var summary: String {
        let kinds = result.trial.failures.map(\.kind).joined(separator: "; ")
        let runs = "\(grouped(result.runs)) \(result.runs == 1 ? "run" : "runs")"
        let spent = result.isExhausted ? ", all that were allowed" : ""
        if result.isUnchanged {
            return "nothing smaller was found (\(runs)\(spent)); fails: \(kinds)"
        }
        return "\(runs)\(spent); still fails: \(kinds)"
    }

    private func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
