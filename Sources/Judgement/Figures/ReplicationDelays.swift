import Determinism
import Recording

/// How long writes of one data type took from the first replica that applied them to those of a
/// region.
public struct ReplicationDelay: Hashable, Sendable {
    /// The data type.
    public var dataType: String
    /// The region that writes of other regions reached.
    public var region: String
    /// The writes that were first applied elsewhere.
    public var writes: Int
    /// How many of them were applied in the region by the end of the log.
    public var arrived: Int
    /// Their bytes.
    public var bytes: Int
    /// Their delays, in milliseconds, of those that arrived; `nil` if none did.
    public var delay: MillisecondQuantiles?

    /// The delays that a replication log shows, by data type and region in order of their names;
    /// `regions`: those that have members of a data type, besides whatever a write reached.
    public static func measured(
        _ rows: [ReplicationRow], regions: [String: Set<String>] = [:]
    ) -> [ReplicationDelay] {
        struct Write: Hashable {
            var dataType: String
            var key: String
            var version: String
        }
        var first: [Write: ReplicationRow] = [:]
        var reached: [String: [Write: ReplicationRow]] = [:]
        var regions = regions
        for row in rows {
            let write = Write(dataType: row.dataType, key: row.key, version: row.version)
            if first[write].map({ row.time < $0.time }) ?? true { first[write] = row }
            regions[row.dataType, default: []].insert(row.region)
            let known = reached[row.region]?[write]
            if known.map({ row.time < $0.time }) ?? true {
                reached[row.region, default: [:]][write] = row
            }
        }
        let dataTypes = Set(rows.map(\.dataType)).sorted()
        var result: [ReplicationDelay] = []
        for dataType in dataTypes {
            let writes = first.filter { $0.key.dataType == dataType }
            for region in (regions[dataType] ?? []).sorted() {
                var delay = ReplicationDelay(
                    dataType: dataType, region: region, writes: 0, arrived: 0, bytes: 0)
                var spans: [Double] = []
                for (write, origin) in writes where origin.region != region {
                    delay.writes += 1
                    guard let arrival = reached[region]?[write] else { continue }
                    delay.bytes += arrival.bytes
                    spans.append((arrival.time - origin.time).milliseconds)
                }
                if delay.writes == 0 { continue }
                delay.arrived = spans.count
                spans.sort()
                if let longest = spans.last {
                    delay.delay = MillisecondQuantiles(
                        p50: spans[(spans.count - 1) / 2],
                        p99: spans[(spans.count * 99 + 99) / 100 - 1], max: longest)
                }
                result.append(delay)
            }
        }
        return result
    }

    /// The delay as an object.
    public var json: JSONValue {
        .members([
            "data_type": .text(dataType), "region": .text(region), "writes": .count(writes),
            "arrived": .count(arrived), "bytes": .count(bytes), "delay_ms": delay?.json ?? .null,
        ])
    }
}
