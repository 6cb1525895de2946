import ArgumentParser
import Determinism
import Judgement
import Meridian
import Recording
import Reporting

/// `meridian replication`: which write reached which replica when.
struct ReplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replication",
        abstract: "Tells when writes reached which replica in a recorded run.",
        discussion: """
            Needs a record with a replication log: 'meridian run --replication-log' or \
            'simulate --replication-log', or 'replication_log: on' in the scenario. Without --key, \
            a summary by data type and region: how long writes took from the first replica that \
            applied them. With --key, every arrival of its writes in order of time; the version \
            of a write stands in its row of history.jsonl.

            EXAMPLE
              meridian replication runs/mine
              meridian replication runs/mine --data-type session --key k17
              meridian replication runs/mine --key k17 --version 1.42 --region eu-central-1
            """)

    @Argument(help: "The folder of a record.", completion: .directory)
    var record: String

    @Option(help: "Only this data type.")
    var dataType: String?

    @Option(help: "Each arrival of the writes of this key.")
    var key: String?

    @Option(help: "Only the write of this version.")
    var version: String?

    @Option(help: "Only arrivals in this region.")
    var region: String?

    @Flag(help: "Print JSON, a row a line.")
    var json = false

    func validate() throws {
        if version != nil, key == nil { throw ValidationError("--version needs --key") }
    }

    func run() throws {
        let log = try reportingErrors { try Meridian.replicationLog(folder: record) }
        if log.leftOut > 0 {
            complain("note: \(log.leftOut) arrivals are missing; there were too many to keep")
        }
        try check(dataType, "data type", log.rows.map(\.dataType))
        try check(region, "region", log.rows.map(\.region))
        try check(key, "key", log.rows(dataType: dataType).map(\.key))
        if key != nil {
            let rows = log.rows(dataType: dataType, key: key, version: version, region: region)
            if rows.isEmpty {
                throw ValidationError(
                    "no such write of key '\(key ?? "")' is in the log; without --version and "
                        + "--region all of them are shown")
            }
            showArrivals(rows)
        } else {
            let delays = ReplicationDelay.measured(
                log.rows(dataType: dataType), regions: log.regions)
            show(delays.filter { delay in region.map { $0 == delay.region } ?? true })
        }
    }

    /// What is asked for must be in the log.
    private func check(_ name: String?, _ what: String, _ known: [String]) throws {
        guard let name, !known.contains(name) else { return }
        let names = Set(known).sorted()
        let listed = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        throw ValidationError("no write of a \(what) '\(name)' was replicated; there are \(listed)")
    }

    private func showArrivals(_ rows: [ReplicationRow]) {
        let rows = rows.sorted { ($0.time, $0.node) < ($1.time, $1.node) }
        if json {
            for row in rows { print(row.json.line) }
            return
        }
        var table = TextTable([
            .right("ms"), .left("data type"), .left("version"), .left("reached"), .left("from"),
            .right("bytes"),
        ])
        for row in rows {
            table.add([
                decimal((row.time - .zero).milliseconds, places: 3), row.dataType, row.version,
                row.node,
                row.source, String(row.bytes),
            ])
        }
        print(table.text)
    }

    private func show(_ delays: [ReplicationDelay]) {
        if json {
            for delay in delays { print(delay.json.line) }
            return
        }
        var table = TextTable([
            .left("data type"), .left("region"), .right("writes"), .right("arrived"),
            .right("p50 ms"), .right("p99 ms"), .right("max ms"),
        ])
        for delay in delays {
            let spans = delay.delay.map { [$0.p50, $0.p99, $0.max].map { milliseconds($0) } }
            table.add(
                [delay.dataType, delay.region, String(delay.writes), String(delay.arrived)]
                    + (spans ?? ["–", "–", "–"]))
        }
        print(table.text)
    }
}
