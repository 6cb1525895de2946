import Foundation
import GRDB
import Replication

/// The SQL of a node's database: its schema, and the statements that fill it.
///
/// | table | a row |
/// |---|---|
/// | `meta` | name, content, checksum: whose database it is, and whether it was closed |
/// | `journal` | consecutive records of one group; the id is group and first position |
/// | `head` | the last position of a group: shows if the journal's end got lost |
/// | `checkpoint_part` | a piece of a checkpoint |
/// | `checkpoint` | the checkpoint of a group that counts: its generation, parts and checksum |
///
/// The application id and the schema's version stand in the file's first page, which is written
/// before the file gets its name, so that they can be read without SQLite.
enum JournalDatabase {
    /// "MRDN".
    static let applicationID: UInt32 = 0x4D52_444E
    static let schemaVersion: UInt32 = 1
    static let partBytes = 1 << 20

    static func openQueue(
        _ configuration: JournalConfiguration, create: Bool = false
    ) throws -> DatabaseQueue {
        var settings = Configuration()
        settings.label = "journal"
        let logPagesMax = configuration.logPagesMax
        settings.prepareDatabase { database in
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            if create { return }
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(logPagesMax)")
            try database.execute(sql: "PRAGMA cache_size = -4096")
        }
        return try DatabaseQueue(path: configuration.databaseName, configuration: settings)
    }

    /// Makes the database under another name and then gives it its own, so that a database that
    /// can be seen is complete.
    static func create(_ configuration: JournalConfiguration) throws {
        var draft = configuration
        draft.path += ".new"
        for suffix in ["", "-journal", "-wal", "-shm"] {
            try removeIfPresent(draft.path + suffix)
        }
        let queue = try openQueue(draft, create: true)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA page_size = 4096")
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(schemaVersion)")
            try database.execute(sql: "PRAGMA synchronous = EXTRA")
        }
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE meta (
                        name TEXT PRIMARY KEY, content BLOB NOT NULL, checksum INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE journal (
                        id INTEGER PRIMARY KEY, first_position INTEGER NOT NULL,
                        last_position INTEGER NOT NULL, content BLOB NOT NULL,
                        checksum INTEGER NOT NULL);
                    CREATE TABLE head (
                        group_id INTEGER PRIMARY KEY, last_position INTEGER NOT NULL,
                        checksum INTEGER NOT NULL);
                    CREATE TABLE checkpoint_part (
                        id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL,
                        generation INTEGER NOT NULL, number INTEGER NOT NULL,
                        content BLOB NOT NULL, checksum INTEGER NOT NULL);
                    CREATE TABLE checkpoint (
                        group_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL,
                        through_position INTEGER NOT NULL, first_part INTEGER NOT NULL,
                        part_count INTEGER NOT NULL, byte_count INTEGER NOT NULL,
                        content_checksum INTEGER NOT NULL, checksum INTEGER NOT NULL);
                    """)
            try putMeta("member", configuration.member.encoded, in: database)
            try putMeta("run", configuration.tokenDigest, in: database)
            try putMeta("closed", [1], in: database)
        }
        try queue.close()
        try FileManager.default.moveItem(atPath: draft.path, toPath: configuration.path)
        synchroniseDirectory(of: configuration.path)
    }

    static func putMeta(_ name: String, _ content: [UInt8], in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO meta (name, content, checksum) VALUES (?, ?, ?)",
            arguments: [name, Data(content), signed(metaChecksum(name, content))])
    }

    static func metaChecksum(_ name: String, _ content: [UInt8]) -> UInt64 {
        Checksum.of(content, seed: Checksum.of(Array(name.utf8), seed: Checksum.seed(5)))
    }

    /// The id of the journal row of `group` that begins at `position`.
    static func rowID(_ group: GroupID, _ position: UInt64) -> Int64 {
        precondition(position < 1 << 47, "a journal position beyond what an id can hold")
        return Int64(group.index) << 47 | Int64(position)
    }

    static func insert(_ run: JournalBatch.Run, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO journal (id, first_position, last_position, content, checksum)
                VALUES (?, ?, ?, ?, ?)
                """)
        let checksum = rowChecksum(run.group, run.first, run.last, run.content)
        try statement.execute(arguments: [
            rowID(run.group, run.first), Int64(run.first), Int64(run.last), Data(run.content),
            signed(checksum),
        ])
    }

    static func rowChecksum(
        _ group: GroupID, _ first: UInt64, _ last: UInt64, _ content: [UInt8]
    ) -> UInt64 {
        Checksum.of(content, seed: Checksum.seed(2, UInt64(group.index), first, last))
    }

    static func putHead(_ group: GroupID, _ last: UInt64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO head (group_id, last_position, checksum) VALUES (?, ?, ?)
                ON CONFLICT (group_id) DO UPDATE
                SET last_position = excluded.last_position, checksum = excluded.checksum
                """)
        try statement.execute(arguments: [
            Int64(group.index), Int64(last), signed(headChecksum(group, last)),
        ])
    }

    static func headChecksum(_ group: GroupID, _ last: UInt64) -> UInt64 {
        Checksum.seed(6, UInt64(group.index), last)
    }

    static func signed(_ checksum: UInt64) -> Int64 { Int64(bitPattern: checksum) }

    /// Makes the directory's entries durable, after a file in it was given another name.
    static func synchroniseDirectory(of path: String) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(directory, O_RDONLY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func removeIfPresent(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}
