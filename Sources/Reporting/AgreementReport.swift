import Determinism
import Exploration
import Judgement
import Scenarios

/// A verification of the engines as text: a table with the worst comparisons first, what differs,
/// what could not be decided, and the verdict.
public struct AgreementReport: Sendable {
    private let agreement: Agreement
    private let rows: Int

    /// The rendering of `agreement` with the `rows` worst comparisons in its table.
    package init(_ agreement: Agreement, rows: Int = 20) {
        self.agreement = agreement
        self.rows = rows
    }

    /// The whole text.
    public var text: String {
        var parts = [heading, costs, table]
        parts += [list(.different, "DIFFERENT"), list(.undecided, "UNDECIDED")].compactMap { $0 }
        parts.append(summary)
        return parts.joined(separator: "\n\n")
    }

    private var heading: String {
        var lines = [
            "\(agreement.scenario): \(agreement.seeds.count) runs with processes, "
                + "\(agreement.virtualRuns) in virtual time; seeds "
                + agreement.seeds.map { "\($0)" }.joined(separator: ", ")
        ]
        if !agreement.disturbedSeeds.isEmpty {
            lines.append(
                "the host disturbed seeds "
                    + agreement.disturbedSeeds.map { "\($0)" }.joined(separator: ", ")
                    + ": more than 20 ms late at the 99th percentile; they do not count")
        }
        if agreement.areFaultsDrawn {
            lines.append(
                "faults are drawn, other ones under each seed, and the same in both engines: runs "
                    + "are compared as a whole; single faults, phases, the slowest operations and "
                    + "effects are not")
        }
        return lines.joined(separator: "\n")
    }

    private var costs: String {
        let cost = agreement.cost
        let values =
            "node: {fsync: \(decimal(cost.fsync.milliseconds, places: 2))ms, "
            + "per_operation: \(decimal(cost.perOperation.milliseconds * 1000, places: 0))us, "
            + "per_message: \(decimal(cost.perMessage.milliseconds * 1000, places: 0))us}"
        guard let calibration = agreement.calibration else { return values + " as given" }
        return values
            + " measured on \(calibration.samples) nodes of runs; idle nodes take "
            + "\(percentage(calibration.idleShare)) of a processor, "
            + "\(percentage(calibration.residualShare)) of all its time is not explained"
    }

    private var table: String {
        var table = TextTable([
            .left("QUANTITY"), .right("PROCESSES"), .right("VIRTUAL"), .right("DIFFERENCE, 90 %"),
            .right("MARGIN"), .left("FINDING"),
        ])
        let compared = agreement.comparisons.filter { $0.finding != .notCompared }
        for row in compared.prefix(rows) {
            table.add([
                row.quantity.text, number(row.processes, row), number(row.virtual, row),
                row.interval.map {
                    "\(signed($0.lowerBound)) to \(signed($0.upperBound))"
                } ?? "–",
                row.interval == nil
                    ? "–" : "\(number(row.margin, row))\(row.isMarginSpread ? " *" : "")",
                row.finding.rawValue,
            ])
        }
        var text = table.text
        if compared.prefix(rows).contains(where: \.isMarginSpread) {
            text += "\n* what runs with other seeds differ by, which is more than the stated margin"
        }
        if compared.count > rows {
            text += "\n… and \(compared.count - rows) more, all closer to each other"
        }
        return text
    }

    private func number(_ value: Double, _ row: Comparison) -> String {
        milliseconds(value) + row.quantity.measure.unit
    }

    private func signed(_ value: Double) -> String {
        (value > 0 ? "+" : "") + milliseconds(value)
    }

    private func list(_ finding: Finding, _ title: String) -> String? {
        var lines = agreement.comparisons.filter { $0.finding == finding }.map { row in
            let why = row.reason.map { " (\($0))" } ?? ""
            return "  \(row.quantity.text): \(number(row.processes, row)) with processes, "
                + "\(number(row.virtual, row)) in virtual time\(why)"
        }
        lines += agreement.statements.filter { $0.finding == finding }.map { row in
            "  \(row.text): held in \(Statement.count(row.processes)) runs with processes, in "
                + "\(Statement.count(row.virtual)) in virtual time"
        }
        return lines.isEmpty ? nil : ([title] + lines).joined(separator: "\n")
    }

    private var summary: String {
        let counts =
            "\(agreement.count(.equivalent)) equivalent, \(agreement.count(.different)) different, "
            + "\(agreement.count(.undecided)) undecided, "
            + "\(agreement.count(.notCompared)) with too little to compare"
        let verdict =
            switch agreement.verdict {
            case .agree: "THE ENGINES AGREE"
            case .differ: "THE ENGINES DIFFER"
            case .undecided: "UNDECIDED: more runs or a calmer host would tell"
            }
        return "\(counts)\nverdict: \(verdict)"
    }
}
