import Determinism
import Foundation
import Geography
import Testing

@Suite struct MatrixTests {
    private static let measured: [RoundTripMatrix] = [.aws, .azure, .gcp]

    /// The committed figures, read without the generator.
    private func figures(_ name: String) throws -> [(String, String, String)] {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "data/geography/\(name).csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let rows = lines.filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        return rows.dropFirst().flatMap { row in
            zip(rows[0].dropFirst(), row.dropFirst()).map { (row[0], $0, $1) }
        }
    }

    @Test(arguments: ["aws", "azure", "gcp"])
    func everyCommittedFigureIsInItsTable(name: String) throws {
        let matrix = try #require(LatencyMatrix(rawValue: name)?.measured)
        let figures = try figures(name)
        #expect(figures.count == matrix.regions.count * matrix.regions.count)
        for (source, destination, figure) in figures {
            let expected = Double(figure).map { TimeSpan.milliseconds($0) }
            let found = matrix.roundTrip(from: source, to: destination)
            #expect(found == expected, "\(source) to \(destination)")
            #expect(found != nil || source == destination)
        }
    }

    @Test func everyCommittedRegionIsInItsCatalogue() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "data/geography/regions.csv"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        #expect(rows.count == 92)
        for row in rows {
            let fields = row.split(separator: ",").map(String.init)
            let catalogue = try #require(LatencyMatrix(rawValue: fields[0])).catalogue
            let expected = Region(
                name: fields[1], displayName: fields[2], city: fields[3],
                location: GeographicPoint(
                    latitude: try #require(Double(fields[4])),
                    longitude: try #require(Double(fields[5]))),
                continent: Continent(rawValue: fields[6]), country: fields[7],
                provider: fields[8], jurisdiction: fields[9])
            #expect(catalogue.region(named: fields[1]) == expected)
        }
    }

    @Test func figuresThatUsersKnow() {
        #expect(
            RoundTripMatrix.aws.roundTrip(from: "us-east-1", to: "ap-northeast-1")
                == .milliseconds(152.4))
        #expect(
            RoundTripMatrix.gcp.roundTrip(from: "us-east1", to: "europe-west1")
                == .milliseconds(93))
        // Directional: there is another way back.
        #expect(
            RoundTripMatrix.azure.roundTrip(from: "australiacentral", to: "eastus")
                == .milliseconds(210))
        #expect(
            RoundTripMatrix.azure.roundTrip(from: "australiaeast", to: "australiacentral")
                == .milliseconds(12))
        #expect(
            RoundTripMatrix.azure.roundTrip(from: "australiacentral", to: "australiaeast")
                == .milliseconds(10))
        #expect(RoundTripMatrix.aws.roundTrip(from: "us-east-1", to: "eastus") == nil)
    }

    @Test func everyMatrixSaysWhereItsFiguresComeFrom() {
        for matrix in Self.measured {
            #expect(!matrix.source.isEmpty && !matrix.date.isEmpty && !matrix.statistic.isEmpty)
        }
        #expect(RoundTripMatrix.aws.date == "2020-06-05")
        #expect(RoundTripMatrix.azure.date == "2026-07-30")
        #expect(RoundTripMatrix.azure.statistic == "95th percentile")
        for matrix in LatencyMatrix.allCases {
            #expect(!matrix.source.isEmpty && !matrix.statistic.isEmpty)
        }
    }

    /// No packet is faster than light in fibre; a wrong coordinate would show here.
    @Test func noMeasurementBeatsLight() throws {
        for matrix in Self.measured {
            for source in matrix.regions {
                for destination in matrix.regions where source.name != destination.name {
                    let time = try #require(
                        matrix.roundTrip(from: source.name, to: destination.name))
                    let start = try #require(source.location)
                    let end = try #require(destination.location)
                    let light = 2 * start.kilometres(to: end) / FibreDistance.kilometresPerSecond
                    #expect(time.seconds >= light, "\(source.name) to \(destination.name)")
                }
            }
        }
    }

    /// The stated path stretch is the median of what was measured with averages.
    @Test(arguments: ["aws", "gcp"])
    func thePathStretchIsTheMedian(name: String) throws {
        let matrix = try #require(LatencyMatrix(rawValue: name)?.measured)
        var ratios: [Double] = []
        for source in matrix.regions {
            for destination in matrix.regions where source.name != destination.name {
                let start = try #require(source.location)
                let end = try #require(destination.location)
                let kilometres = start.kilometres(to: end)
                guard kilometres > 500 else { continue }
                let time = try #require(
                    matrix.roundTrip(from: source.name, to: destination.name))
                ratios.append(time.seconds / (2 * kilometres / FibreDistance.kilometresPerSecond))
            }
        }
        ratios.sort()
        let median = ratios[ratios.count / 2]
        #expect((median - FibreDistance.pathStretch).magnitude < 0.03)
    }

    @Test func greatCirclesHaveTheirLength() {
        let paris = GeographicPoint(latitude: 48.8567, longitude: 2.3508)
        let newYork = GeographicPoint(latitude: 40.7128, longitude: -74.0060)
        #expect((paris.kilometres(to: newYork) - 5837).magnitude < 5)
        #expect(paris.kilometres(to: paris) == 0)
        #expect(paris.kilometres(to: newYork) == newYork.kilometres(to: paris))
        let antipode = GeographicPoint(latitude: -48.8567, longitude: 2.3508 - 180)
        #expect((paris.kilometres(to: antipode) - 20_015.1).magnitude < 0.1)
        let acrossTheDateLine = GeographicPoint(latitude: 0, longitude: 179.5)
            .kilometres(to: GeographicPoint(latitude: 0, longitude: -179.5))
        #expect((acrossTheDateLine - 111.195).magnitude < 0.01)
    }

    @Test func distanceEstimates() throws {
        let start = try #require(RegionCatalogue.all.region(named: "us-east-1"))
        let end = try #require(RegionCatalogue.all.region(named: "eu-central-1"))
        let entry = try #require(LatencyMatrix.distance.roundTrip(from: start, to: end))
        #expect(entry.isEstimate)
        // 6540 km there and back at 200,000 km/s, 1.7 times as long.
        #expect((entry.time.milliseconds - 111.4).magnitude < 1)
    }

    @Test func withinARegionTheMeasuredFigureOrTheDefaultCounts() throws {
        let virginia = Region(name: "us-east-1")
        #expect(
            LatencyMatrix.aws.roundTrip(from: virginia, to: virginia)?.time == .milliseconds(0.3))
        let east = Region(name: "eastus")
        #expect(LatencyMatrix.azure.roundTrip(from: east, to: east)?.time == .milliseconds(0.3))
        #expect(LatencyMatrix.none.roundTrip(from: east, to: virginia)?.time == .zero)
        var longest = TimeSpan.zero
        for matrix in Self.measured {
            for region in matrix.regions {
                longest = max(
                    longest, matrix.roundTrip(from: region.name, to: region.name) ?? .zero)
            }
        }
        #expect(longest == LatencyMatrix.withinRegion)
    }
}

@Suite struct RegionRoundTripsTests {
    @Test func inventedRegionsAreEstimatedFromTheirDistance() throws {
        let known = try #require(RegionCatalogue.aws.region(named: "us-east-1"))
        let invented = Region(
            name: "mid-atlantic", location: GeographicPoint(latitude: 38, longitude: -28))
        let table = try RegionRoundTrips(regions: [known, invented], matrix: .aws)
        #expect(!table[0, 0].isEstimate)
        #expect(table[0, 1].isEstimate)
        #expect(table[0, 1] == table[1, 0])
        #expect(table.oneWay(from: 0, to: 1) == table[0, 1].time / 2)
    }

    @Test func withoutALocationNothingIsEstimated() throws {
        let known = try #require(RegionCatalogue.aws.region(named: "us-east-1"))
        let error = #expect(throws: MissingRoundTrip.self) {
            try RegionRoundTrips(regions: [known, Region(name: "nowhere")], matrix: .aws)
        }
        #expect(error?.source == "us-east-1")
        #expect(error?.destination == "nowhere")
        #expect(error?.description.contains("give the location") == true)
        let table = try RegionRoundTrips(
            regions: [known, Region(name: "nowhere")], matrix: .none)
        #expect(table[0, 1].time == .zero)
    }

    @Test func oneWayIsHalfOfTheDirectedRoundTrip() throws {
        let regions = try ["australiacentral", "australiaeast"].map {
            try #require(RegionCatalogue.azure.region(named: $0))
        }
        var table = try RegionRoundTrips(
            regions: regions, matrix: .azure, sameRegion: .milliseconds(1))
        #expect(table[0, 0].time == .milliseconds(1))
        #expect(table.oneWay(from: 0, to: 1) == .milliseconds(5))
        #expect(table.oneWay(from: 1, to: 0) == .milliseconds(6))
        table[0, 1] = RoundTrip(time: .milliseconds(90), isEstimate: false)
        #expect(table.oneWay(from: 0, to: 1) == .milliseconds(45))
        #expect(table.oneWay(from: 1, to: 0) == .milliseconds(6))
    }
}
