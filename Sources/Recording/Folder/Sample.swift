import Determinism

/// How a region fared in one interval: a line of `samples.jsonl`.
public struct Sample: Hashable, Sendable {
    /// The end of the interval, from time 0 of the run.
    public var time: Instant
    /// The length of the interval.
    public var interval: TimeSpan
    /// The region.
    public var region: String
    /// Operations of the region's clients that were planned for the interval.
    public var planned: Int
    /// Operations whose outcome became known in the interval, by outcome.
    public var ok: Int
    /// See ``ok``.
    public var fail: Int
    /// See ``ok``.
    public var info: Int
    /// Operations under way at the end of the interval.
    public var inFlight: Int
    /// Latencies of the operations that ended well; `nil` if none did.
    public var latency: MillisecondQuantiles?
    /// Frames that wait on the links out of the region.
    public var queued: Int
    /// For each group the most writes that a replica of the region lags behind.
    public var lag: [GroupCount]
    /// For each group the leader that the region's first node sees, if any.
    public var leaders: [GroupLeader]
    /// How far the region's wall clock is from the true time, in milliseconds.
    public var clockOffset: Double

    /// A number for a group.
    public struct GroupCount: Hashable, Sendable {
        /// The data type of the group.
        public var group: String
        /// The number.
        public var count: Int64
        /// The number `count` for `group`.
        public init(group: String, count: Int64) {
            self.group = group
            self.count = count
        }
    }

    /// A leader of a group.
    public struct GroupLeader: Hashable, Sendable {
        /// The data type of the group.
        public var group: String
        /// The node, by name.
        public var node: String
        /// The leader `node` of `group`.
        public init(group: String, node: String) {
            self.group = group
            self.node = node
        }
    }

    /// A sample in which nothing happened.
    public init(time: Instant, interval: TimeSpan, region: String) {
        self.time = time
        self.interval = interval
        self.region = region
        planned = 0
        ok = 0
        fail = 0
        info = 0
        inFlight = 0
        queued = 0
        lag = []
        leaders = []
        clockOffset = 0
    }

    func write(into writer: inout JSONWriter) {
        writer.value(
            .members([
                "time_ns": .integer(time.nanoseconds),
                "interval_ns": .integer(interval.nanoseconds), "region": .text(region),
                "planned": .count(planned), "ok": .count(ok), "fail": .count(fail),
                "info": .count(info), "in_flight": .count(inFlight),
                "latency_ms": latency?.json ?? .null, "queued": .count(queued),
                "lag": .object(lag.map { .init($0.group, .integer($0.count)) }),
                "leaders": .object(leaders.map { .init($0.group, .text($0.node)) }),
                "clock_offset_ms": .number(clockOffset),
            ]))
        writer.newline()
    }

    init(row: RowReader) throws(MalformedRow) {
        self.init(
            time: Instant(nanoseconds: try row.time("time_ns")),
            interval: TimeSpan(nanoseconds: try row.time("interval_ns")),
            region: try row.text("region"))
        planned = Int(try row.integer("planned"))
        ok = Int(try row.integer("ok"))
        fail = Int(try row.integer("fail"))
        info = Int(try row.integer("info"))
        inFlight = Int(try row.integer("in_flight"))
        latency = MillisecondQuantiles(json: row.row["latency_ms"])
        queued = Int(try row.integer("queued"))
        lag = (row.row["lag"]?.members ?? []).compactMap { member in
            member.value.integer.map { GroupCount(group: member.name, count: $0) }
        }
        leaders = (row.row["leaders"]?.members ?? []).compactMap { member in
            member.value.text.map { GroupLeader(group: member.name, node: $0) }
        }
        clockOffset = try row.double("clock_offset_ms")
    }
}
