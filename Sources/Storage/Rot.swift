import GRDB
import Replication

/// Damages a record in the middle of what a database holds, as a disk does that rots: nothing
/// notices until the record is read, which is at the next start of the node.
enum Rot {
    /// How much of a record is looked for in the file. A record begins with its own checksum,
    /// which tells it from all others.
    private static let sampleBytesMax = 64

    /// Damages one record that recovery reads. Throws if there is none or the disk does not let
    /// it be done.
    static func damage(_ database: Database, on disk: NodeDisk) throws {
        // What stands in the log would be read and written instead of what is damaged.
        try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        guard let content = try victim(in: database), content.count > 1 else {
            throw DamagedJournal("the database holds nothing that could be damaged")
        }
        let sample = Array(content.prefix(sampleBytesMax))
        guard disk.damage(sample: sample, at: sample.count / 2) > 0 else {
            throw DamagedJournal("the record to be damaged was not found in the file")
        }
        // And so would what stands in the cache.
        try database.execute(sql: "PRAGMA shrink_memory")
    }

    /// The content of the middle one of the journal's rows that no checkpoint covers; without
    /// any, a part of a checkpoint; without that, whose database it is.
    private static func victim(in database: Database) throws -> [UInt8]? {
        let rows = """
            FROM journal LEFT JOIN checkpoint ON checkpoint.group_id = journal.id >> 47
            WHERE last_position > coalesce(through_position, 0)
            """
        let count = try Int.fetchOne(database, sql: "SELECT count(*) \(rows)") ?? 0
        let queries = [
            "SELECT content \(rows) ORDER BY id LIMIT 1 OFFSET \(count / 2)",
            "SELECT content FROM checkpoint_part JOIN checkpoint USING (group_id, generation)",
            "SELECT content FROM meta WHERE name = 'member'",
        ]
        for query in queries {
            if let data = try DatabaseValue.fetchOne(database, sql: query),
                case .blob(let bytes) = data.storage
            {
                return [UInt8](bytes)
            }
        }
        return nil
    }
}
