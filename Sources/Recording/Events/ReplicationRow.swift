import Determinism

/// A write that has reached a replica and is applied there: a line of `replication.jsonl`.
public struct ReplicationRow: Hashable, Sendable {
    /// When it was applied, from time 0 of the run.
    public var time: Instant
    /// The data type.
    public var dataType: String
    /// The node of the replica, by name.
    public var node: String
    /// Its region.
    public var region: String
    /// The node that the write came from: the leader, the member that passed it on, or the node
    /// itself if a client gave it.
    public var source: String
    /// What was written.
    public var key: String
    /// The version of the write, as operations carry it in `history.jsonl`.
    public var version: String
    /// The size of what was written, in bytes.
    public var bytes: Int

    /// A row with these parts.
    public init(
        time: Instant, dataType: String, node: String, region: String, source: String,
        key: String, version: String, bytes: Int
    ) {
        self.time = time
        self.dataType = dataType
        self.node = node
        self.region = region
        self.source = source
        self.key = key
        self.version = version
        self.bytes = bytes
    }

    /// What the event of a replica's note says; `nil` when it is another, or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .replicated, let node = event.node, let region = event.region,
            let group = event.group, let key = event["key"]?.text,
            let version = event["version"]?.text, let source = event["from"]?.text
        else { return nil }
        self.init(
            time: event.time, dataType: group, node: node, region: region, source: source,
            key: key, version: version, bytes: Int(clamping: event["bytes"]?.integer ?? 0))
    }

    /// The row as an object.
    public var json: JSONValue {
        .members([
            "time_ns": .integer(time.nanoseconds), "data_type": .text(dataType),
            "node": .text(node), "region": .text(region), "from": .text(source),
            "key": .text(key), "version": .text(version), "bytes": .count(bytes),
        ])
    }

    init(row: RowReader) throws(MalformedRow) {
        let bytes = try row.integer("bytes")
        guard (0...Int64(UInt32.max)).contains(bytes) else {
            throw MalformedRow("\"bytes\" must be a size, not \(bytes)")
        }
        guard VersionText.version(try row.text("version")) != nil else {
            throw MalformedRow("\"version\" must be a version, not \"\(try row.text("version"))\"")
        }
        self.init(
            time: Instant(nanoseconds: try row.time("time_ns")),
            dataType: try row.text("data_type"), node: try row.text("node"),
            region: try row.text("region"), source: try row.text("from"),
            key: try row.text("key"), version: try row.text("version"),
            bytes: Int(bytes))
    }
}

/// How complete the replication log of a run is.
public struct ReplicationLogTotals: Hashable, Sendable {
    /// When it was counted.
    public var time: Instant
    /// The rows of the log.
    public var rows: Int64
    /// Writes that were applied and are not in it, because there were too many.
    public var leftOut: Int64

    /// A log of `rows` rows that lacks `leftOut`.
    public init(time: Instant, rows: Int64, leftOut: Int64) {
        self.time = time
        self.rows = rows
        self.leftOut = leftOut
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .replicationLog,
            fields: [.init("rows", .integer(rows)), .init("left_out", .integer(leftOut))])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .replicationLog, let rows = event["rows"]?.integer,
            let leftOut = event["left_out"]?.integer
        else { return nil }
        self.init(time: event.time, rows: rows, leftOut: leftOut)
    }
}

/// The replication log, which a record may have.
extension RecordFolder {
    /// The replication log; `nil` if the record has none. Of a run that did not end the last row
    /// may be cut off; it is left out.
    public func readReplication() throws(RecordError) -> [ReplicationRow]? {
        guard has(.replication) else { return nil }
        var truncated: [String] = []
        return try rows(.replication, .replication, try readRun(), &truncated) {
            (row) throws(MalformedRow) in try ReplicationRow(row: row)
        }
    }
}
