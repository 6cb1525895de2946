import ArgumentParser
import Consistency
import Foundation
import Reporting

/// `meridian-bench check-exhaust`: every checker against decisions from the definitions, on all
/// small histories and on seeded larger ones. The tests do a part of it.
struct CheckExhaust: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-exhaust",
        abstract: "Compares every checker with brute force.")

    @Option(help: "All histories of up to so many operations; of transactions up to four.")
    var operations = 5
    @Option(help: "Larger histories, so many for each model.") var seeded: UInt64 = 100_000
    @Option(help: "Only models whose name contains this, and those judged with them.")
    var model: String?
    @Flag(help: "Sessions: operations that read and then write are among them.") var swaps = false

    func run() throws {
        var differences: [String] = []
        for family in AgreementFamily.all where isWanted(family) {
            let small = timed { family.compareAll(upTo: operations, swaps: swaps) }
            let larger = timed { family.compareSeeded(0..<seeded) }
            var table = TextTable([
                .left("model"), .left(""), .right("histories"), .right("valid"),
                .right("invalid"), .right("unknown"), .right("missed"), .right("differ"),
                .right("seconds"),
            ])
            for (index, (first, second)) in zip(small.rows, larger.rows).enumerated() {
                // Those of one family are judged together.
                add(first, "all small", index == 0 ? small.seconds : nil, to: &table)
                add(second, "seeded", index == 0 ? larger.seconds : nil, to: &table)
                for row in [first, second] {
                    if let difference = row.tally.firstDifference { differences.append(difference) }
                }
            }
            tell(table.text)
        }
        guard let first = differences.first else { return tell("no differences") }
        tell("the first history about which they differ:\n\(first)")
        throw ArgumentParser.ExitCode(1)
    }

    private func isWanted(_ family: AgreementFamily) -> Bool {
        guard let model else { return true }
        return family.models.contains { $0.contains(model) }
    }

    private func timed(
        _ body: () -> [AgreementFamily.Row]
    ) -> (rows: [AgreementFamily.Row], seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let rows = body()
        return (rows, (clock.now - start) / .seconds(1))
    }

    private func add(
        _ row: AgreementFamily.Row, _ which: String, _ seconds: Double?, to table: inout TextTable
    ) {
        let tally = row.tally
        let counts = [
            tally.histories, tally.valid, tally.invalid, tally.unknown, tally.missed,
            tally.differences,
        ]
        let time = seconds.map { decimal($0, places: 1) } ?? ""
        table.add([row.model, which] + counts.map { grouped($0) } + [time])
    }

    private func tell(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
