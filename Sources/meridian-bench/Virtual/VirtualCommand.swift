import ArgumentParser
import Foundation
import Reporting

/// `meridian-bench virtual`: how fast virtual time goes by, with everything recorded and judged.
///
/// Three questions: how many messages a second a Raft group of five regions delivers under load;
/// whether a day of such a group fits a minute and four gigabytes; and how the cost of a message
/// grows with the regions and with the load.
struct VirtualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual",
        abstract: "Messages a second in virtual time; a simulated day; how cost grows.")

    @OptionGroup var place: Workplace

    @Flag(inversion: .prefixedNo, help: "Whether a day is simulated.")
    var day = true

    @Flag(inversion: .prefixedNo, help: "Whether the curves are measured.")
    var curves = true

    private static let regions = [
        "us-east-1", "eu-central-1", "ap-northeast-1", "us-west-2", "eu-west-1",
    ]
    private static let messagesPerSecondMin = 1_000_000.0
    private static let daySecondsMax = 60.0
    private static let dayBytesMax = 4_000_000_000
    /// About how many operations, or messages of a write, a run of the curves has.
    private static let curveOperations = 300_000
    private static let curveMessages = 2_000_000

    func run() throws {
        print("virtual: raft, 80 % reads, recorded and judged; \(HostFigures.summary)")
        var isMet = try measureThroughput()
        if day { isMet = try measureDay() && isMet }
        if curves {
            try measureRegions()
            try measureLoads()
        }
        print("virtual: \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    private func measureThroughput() throws -> Bool {
        var table = VirtualTable("five regions, 1,000 operations/s")
        var rates: [Double] = []
        for number in 1...3 {
            let run = try VirtualRun.measured(
                scenario("throughput", topology: known(), rate: 200, seconds: 300), in: place)
            rates.append(run.messagesPerSecond)
            table.add("run \(number)", run)
        }
        let median = rates.sorted()[1]
        let isMet = median >= Self.messagesPerSecondMin
        print(table.text)
        print(
            "median: \(grouped(Int(median))) messages/s (target "
                + "\(grouped(Int(Self.messagesPerSecondMin)))): \(isMet ? "met" : "missed")\n")
        return isMet
    }

    private func measureDay() throws -> Bool {
        let run = try VirtualRun.measured(
            scenario("day", topology: known(), rate: 20, seconds: 86_400), in: place)
        var table = VirtualTable("five regions, 100 operations/s")
        table.add("a day", run)
        let isMet =
            run.wallSeconds <= Self.daySecondsMax && run.bytesMax <= Self.dayBytesMax
            && run.verdict == "pass"
        print(table.text)
        print(
            "a day: \(decimal(run.wallSeconds, places: 1)) s (target "
                + "\(decimal(Self.daySecondsMax, places: 0))), \(bytes(run.bytesMax)) (target "
                + "\(bytes(Self.dayBytesMax))): \(isMet ? "met" : "missed")\n")
        return isMet
    }

    private func measureRegions() throws {
        var table = VirtualTable("100 operations/s in all")
        for count in [3, 5, 9, 17, 33, 65, 129, 256] {
            let seconds = max(10, Self.curveMessages / (300 * count))
            let run = try VirtualRun.measured(
                scenario(
                    "regions", topology: invented(count), rate: 100 / Double(count),
                    seconds: seconds), in: place)
            table.add("\(count) regions", run)
        }
        print(table.text + "\n")
    }

    private func measureLoads() throws {
        var table = VirtualTable("five regions")
        for rate in [100, 1000, 10_000, 100_000] {
            let run = try VirtualRun.measured(
                scenario(
                    "loads", topology: known("per_message: 0us, per_operation: 0us, queue: 65536"),
                    rate: Double(rate) / 5, seconds: max(5, Self.curveOperations / rate),
                    clients: 20), in: place)
            table.add("\(grouped(rate)) operations/s", run)
        }
        print(table.text + "\n")
    }

    // MARK: Scenarios

    private func known(_ node: String = "") -> String {
        "  regions: [\(Self.regions.joined(separator: ", "))]\n  node: {\(node)}"
    }

    /// Regions all over the globe, evenly: no matrix knows so many.
    private func invented(_ count: Int) -> String {
        var lines = ["  latency: distance", "  regions:"]
        for number in 0..<count {
            let height = 2 * (Double(number) + 0.5) / Double(count) - 1
            let latitude = asin(height) * 180 / Double.pi
            let longitude = (Double(number) * 137.508).truncatingRemainder(dividingBy: 360) - 180
            lines.append(
                "    - {name: r\(number), location: [\(decimal(latitude, places: 3)), "
                    + "\(decimal(longitude, places: 3))], provider: none, jurisdiction: XX}")
        }
        return lines.joined(separator: "\n")
    }

    private func scenario(
        _ name: String, topology: String, rate: Double, seconds: Int, clients: Int = 3
    ) -> String {
        """
        name: bench-\(name)
        duration: \(seconds)s
        topology:
        \(topology)
        replication: {strategy: raft}
        workload:
          clients: \(clients)
          rate: \(decimal(rate, places: 3))/s
          operations: {read: 80%, write: 20%}
          timeout: 5s
        expect: [linearizable]
        """
    }
}

/// A row for each run in virtual time.
struct VirtualTable {
    private var table: TextTable

    init(_ what: String) {
        table = TextTable([
            .left(what), .right("operations"), .right("messages"), .right("wall s"),
            .right("user+sys s"), .right("messages/s"), .right("ns/message"), .right("memory"),
            .left("verdict"),
        ])
    }

    mutating func add(_ name: String, _ run: VirtualRun) {
        table.add([
            name, grouped(run.operations), grouped(Int(run.delivered)),
            decimal(run.wallSeconds, places: 2), decimal(run.processorSeconds, places: 2),
            grouped(Int(run.messagesPerSecond)), decimal(run.nanosecondsPerMessage, places: 0),
            bytes(run.bytesMax), run.verdict,
        ])
    }

    var text: String { table.text }
}
