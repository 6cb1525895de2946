import ArgumentParser
import Geography
import Reporting

/// `meridian regions`: the regions that scenarios can name.
struct RegionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "Lists the regions that scenarios can name.",
        discussion: """
            EXAMPLE
              meridian regions --matrix aws
            """)

    @Option(help: "Only the regions of this matrix: aws, azure or gcp.")
    var matrix: MatrixArgument?

    func run() {
        var table = TextTable([
            .left("REGION"), .left("NAME"), .left("CITY"), .left("COUNTRY"), .left("CONTINENT"),
            .left("PROVIDER"), .left("JURISDICTION"), .right("LATITUDE"), .right("LONGITUDE"),
        ])
        for region in matrix?.matrix.catalogue.regions ?? RegionCatalogue.all.regions {
            table.add([
                region.name, region.displayName, region.city ?? "", region.country ?? "",
                region.continent?.rawValue ?? "", region.provider ?? "",
                region.jurisdiction ?? "",
                region.location.map { decimal($0.latitude, places: 2) } ?? "",
                region.location.map { decimal($0.longitude, places: 2) } ?? "",
            ])
        }
        print(table.text)
        if let measured = matrix?.matrix.measured {
            print("\nRound trips: \(measured.statistic); \(measured.source), \(measured.date).")
        }
    }
}
