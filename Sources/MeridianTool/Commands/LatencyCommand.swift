import ArgumentParser
import Determinism
import Geography
import Reporting

/// `meridian latency`: the round trip between two regions.
struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Tells the round trip between two regions, both ways.",
        discussion: """
            EXAMPLE
              meridian latency us-east-1 ap-northeast-1
              meridian latency eastus japaneast --matrix azure
            """)

    @Argument(help: "Where the round trip begins.")
    var from: String

    @Argument(help: "Where it turns.")
    var to: String

    @Option(help: "aws, azure, gcp or distance. The default is the first that knows both.")
    var matrix: MatrixArgument?

    func run() throws {
        let choices = matrix.map { [$0.matrix] } ?? [.aws, .azure, .gcp, .distance]
        for choice in choices {
            let catalogue = choice.catalogue
            guard let start = catalogue.region(named: from), let end = catalogue.region(named: to),
                let forth = choice.roundTrip(from: start, to: end),
                let back = choice.roundTrip(from: end, to: start)
            else { continue }
            print("\(start.name) → \(end.name)  \(describe(forth))")
            print("\(end.name) → \(start.name)  \(describe(back))")
            if let here = start.location, let there = end.location {
                let distance = decimal(here.kilometres(to: there), places: 0)
                let fibre = FibreDistance.roundTrip(from: here, to: there).milliseconds
                print(
                    "\(distance) km apart; by distance alone \(decimal(fibre, places: 1)) ms "
                        + "(\(FibreDistance.explanation))")
            }
            print("\(choice.rawValue): \(choice.statistic); \(choice.source), \(choice.date)")
            return
        }
        throw unknownRegion(in: choices)
    }

    private func describe(_ trip: RoundTrip) -> String {
        let time = "round trip \(decimal(trip.time.milliseconds, places: 1)) ms"
        return trip.isEstimate ? time + " (estimated from the distance)" : time
    }

    private func unknownRegion(in choices: [LatencyMatrix]) -> ValidationError {
        let catalogue = choices.count == 1 ? choices[0].catalogue : .all
        for name in [from, to] where catalogue.region(named: name) == nil {
            let near = catalogue.suggestions(for: name).prefix(3).joined(separator: ", ")
            return ValidationError(
                "there is no region '\(name)'"
                    + (near.isEmpty ? "" : "; did you mean \(near)?")
                    + " 'meridian regions' lists all.")
        }
        return ValidationError(
            "no matrix knows both '\(from)' and '\(to)'; "
                + "'meridian latency \(from) \(to) --matrix distance' estimates by distance")
    }
}
