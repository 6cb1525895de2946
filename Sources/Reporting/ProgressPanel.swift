import Determinism

/// A run as it goes, drawn again and again: time, faults in force, rates and latency by region.
public struct ProgressPanel: Sendable {
    /// A region's line.
    public struct Row: Sendable {
        /// The region.
        public var region: String
        /// Its nodes that take part, and all of them: `1/1`.
        public var nodes: String
        /// Operations a second that ended well, in the last interval.
        public var okPerSecond: Double
        /// Operations of the last interval that failed or whose outcome is unknown.
        public var notOk: Int
        /// The median latency in the last interval, in milliseconds.
        public var p50: Double?
        /// The 99th percentile in the last interval, in milliseconds.
        public var p99: Double?
        /// Operations open now.
        public var open: Int

        /// A line with these figures.
        public init(
            region: String, nodes: String, okPerSecond: Double, notOk: Int, p50: Double?,
            p99: Double?, open: Int
        ) {
            self.region = region
            self.nodes = nodes
            self.okPerSecond = okPerSecond
            self.notOk = notOk
            self.p50 = p50
            self.p99 = p99
            self.open = open
        }
    }

    /// What is going on, in a word.
    public var phase: String
    /// The time since time 0; negative before.
    public var elapsed: TimeSpan
    /// How long clients run.
    public var duration: TimeSpan
    /// The faults in force.
    public var faults: [String]
    /// Who leads which group.
    public var leaders: [String]
    /// The regions.
    public var rows: [Row]

    /// A panel with these parts.
    public init(
        phase: String, elapsed: TimeSpan, duration: TimeSpan, faults: [String],
        leaders: [String], rows: [Row]
    ) {
        self.phase = phase
        self.elapsed = elapsed
        self.duration = duration
        self.faults = faults
        self.leaders = leaders
        self.rows = rows
    }

    /// The panel's lines, at most as many as 30 regions need.
    public var lines: [String] {
        var table = TextTable([
            .left("REGION"), .right("NODES"), .right("OK/S"), .right("NOT OK"), .right("P50 MS"),
            .right("P99 MS"), .right("OPEN"),
        ])
        for row in rows.prefix(30) {
            table.add([
                row.region, row.nodes, decimal(row.okPerSecond, places: 0), "\(row.notOk)",
                row.p50.map(milliseconds) ?? "–", row.p99.map(milliseconds) ?? "–",
                "\(row.open)",
            ])
        }
        var result = [summary]
        result.append("faults: " + (faults.isEmpty ? "none" : faults.joined(separator: ", ")))
        if !leaders.isEmpty { result.append("leader: " + leaders.joined(separator: ", ")) }
        result += table.text.split(separator: "\n").map(String.init)
        if rows.count > 30 { result.append("… and \(rows.count - 30) more regions") }
        return result
    }

    /// The panel in one line, for logs.
    public var summary: String {
        let seconds = decimal(max(0, elapsed.seconds), places: 1)
        let total = decimal(duration.seconds, places: 0)
        let width = 30
        let share = min(1, max(0, elapsed.seconds / max(0.001, duration.seconds)))
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(seconds) of \(total) s, \(phase)"
    }
}
