import Recording
import RegionCore
import Scenarios

/// Which write reached which replica when, as a run recorded it.
public struct ReplicationLog: Sendable {
    /// A row for each write and each replica that applied it, in the order in which they became
    /// known.
    public var rows: [ReplicationRow]
    /// How many rows the log lacks, because there were too many; 0 of a whole one.
    public var leftOut: Int64
    /// The regions that have members of each data type, by name.
    public var regions: [String: Set<String>]

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
/// Throws `RecordError` if the record has none or cannot be read, `ScenarioError` if its plan cannot.
public func replicationLog(folder path: String) throws -> ReplicationLog {
    let folder = try RecordFolder.open(at: path)
    guard let rows = try folder.readReplication() else {
        throw RecordError.inaccessible(
            path: path,
            reason: "has no replication log; run with --replication-log, or with "
                + "'replication_log: on' in the scenario")
    }
    let contents = try folder.read()
    let totals = contents.events.compactMap(ReplicationLogTotals.init).last
    let plan = try Plan(
        Scenario.decode(
            yaml: contents.plan, file: folder.path(of: .plan),
            strategies: strategies.descriptions))
    var regions: [String: Set<String>] = [:]
    for group in plan.groups {
        let members = Set(group.voters + group.learners)
        regions[group.name] = Set(
            plan.regions.filter { $0.nodes.contains(where: members.contains) }.map(\.name))
    }
    return ReplicationLog(rows: rows, leftOut: totals?.leftOut ?? 0, regions: regions)
}
