import Recording

/// Which write reached which replica when, as a run recorded it.
public struct ReplicationLog: Sendable {
    /// A row for each write and each replica that applied it, in the order in which they became
    /// known.
    public var rows: [ReplicationRow]
    /// How many rows the log lacks, because there were too many; 0 of a whole one.
    public var leftOut: Int64

    /// The rows of this data type, key, version and region; `nil`: of all.
    public func rows(
        dataType: String?, key: String? = nil, version: String? = nil, region: String? = nil
    ) -> [ReplicationRow] {
        rows.filter { row in
            (dataType.map { $0 == row.dataType } ?? true) && (key.map { $0 == row.key } ?? true)
                && (version.map { $0 == row.version } ?? true)
                && (region.map { $0 == row.region } ?? true)
        }
    }
}

/// The replication log of the record in `folder`.
///
/// Throws ``RunError`` if the record has none, `RecordError` if it cannot be read.
public func replicationLog(folder path: String) throws -> ReplicationLog {
    let folder = try RecordFolder.open(at: path)
    guard let rows = try folder.readReplication() else {
        throw RunError(
            description: "'\(path)' has no replication log; run with --replication-log, or with "
                + "'replication_log: on' in the scenario")
    }
    let totals = try folder.read().events.compactMap(ReplicationLogTotals.init).last
    return ReplicationLog(rows: rows, leftOut: totals?.leftOut ?? 0)
}
