/// The schemas of a record's files. Every file carries its schema's name and version.
public struct RecordSchema: Hashable, Sendable {
    /// The name without the version, as in `meridian.history`.
    public let family: String
    /// The version that this Meridian writes, and the newest that it reads.
    public let version: Int

    /// The name with the version, as in `meridian.history/1`.
    public var name: String { "\(family)/\(version)" }

    /// Of `run.json`.
    public static let run = RecordSchema(family: "meridian.run", version: 1)
    /// Of `history.jsonl`.
    public static let history = RecordSchema(family: "meridian.history", version: 1)
    /// Of `events.jsonl`.
    public static let events = RecordSchema(family: "meridian.events", version: 1)
    /// Of `samples.jsonl`.
    public static let samples = RecordSchema(family: "meridian.samples", version: 1)
    /// Of `final.jsonl`.
    public static let final = RecordSchema(family: "meridian.final", version: 1)
    /// Of `trace.jsonl`.
    public static let trace = RecordSchema(family: "meridian.trace", version: 1)
    /// Of `replication.jsonl`.
    public static let replication = RecordSchema(family: "meridian.replication", version: 1)
    /// Of `report.json`.
    public static let report = RecordSchema(family: "meridian.report", version: 1)

    /// Whether this Meridian can read what was written with the schema named `name`.
    public func accepts(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == family, let number = Int(parts[1]) else { return false }
        return (1...version).contains(number)
    }

    /// The line that a file of lines opens with, line break included.
    var firstLine: [UInt8] { Array("{\"schema\":\"\(name)\"}\n".utf8) }
}
