import Determinism
import GRDB
import Replication

/// Reads a database from end to end and believes nothing that its checksums do not confirm.
enum JournalRecovery {
    /// What the database says about whose it is.
    struct Ownership {
        var member: MemberID
        var tokenDigest: [UInt8]
        var wasClosed: Bool
    }

    static func ownership(in database: Database) throws -> Ownership {
        let member = try meta("member", in: database)
        guard let owner = try? MemberID.decoded(member) else {
            throw DamagedJournal("the member that the database belongs to is not readable")
        }
        return Ownership(
            member: owner, tokenDigest: try meta("run", in: database),
            wasClosed: try meta("closed", in: database) == [1])
    }

    /// Every group that has a head or a checkpoint, in order.
    static func groups(in database: Database) throws -> [RecoveredGroup] {
        let checkpoints = try checkpoints(in: database)
        var result: [RecoveredGroup] = []
        var heads: [GroupID: UInt64] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT group_id, last_position, checksum FROM head ORDER BY group_id")
        while let row = try rows.next() {
            let group = try group(integer(row, 0, "a group"))
            let last = try position(row, 1)
            guard
                try UInt64(bitPattern: integer(row, 2, "a checksum"))
                    == JournalDatabase.headChecksum(group, last)
            else { throw DamagedJournal("the head of group \(group.index) is damaged") }
            heads[group] = last
        }
        for group in Set(heads.keys).union(checkpoints.keys).sorted() {
            let checkpoint = checkpoints[group]
            guard let head = heads[group] else {
                throw DamagedJournal("group \(group.index) has a checkpoint but no head")
            }
            let through = checkpoint?.through ?? 0
            let records = try records(of: group, after: through, in: database)
            let recovered = RecoveredGroup(
                group: group, checkpoint: checkpoint?.bytes,
                checkpointThrough: JournalPosition(rawValue: through), records: records)
            guard recovered.last.rawValue == head else {
                throw DamagedJournal(
                    "the journal of group \(group.index) ends at \(recovered.last.rawValue), "
                        + "and \(head) had been written")
            }
            result.append(recovered)
        }
        let stray = try Row.fetchOne(
            database, sql: "SELECT id FROM journal ORDER BY id DESC LIMIT 1")
        if let stray {
            let group = try group(integer(stray, 0, "an id") >> 47)
            guard heads[group] != nil else {
                throw DamagedJournal("group \(group.index) has records but no head")
            }
        }
        return result
    }

    /// The first part number and generation that no checkpoint has used.
    static func nextCheckpointNumbers(in database: Database) throws -> (part: Int64, Int64) {
        func largest(_ sql: String) throws -> Int64 {
            guard let row = try Row.fetchOne(database, sql: sql) else { return 0 }
            guard case .int64(let number) = (row[0] as DatabaseValue).storage else { return 0 }
            return number
        }
        let part = try largest("SELECT max(id) FROM checkpoint_part")
        let stored = try largest("SELECT max(generation) FROM checkpoint_part")
        let counted = try largest("SELECT max(generation) FROM checkpoint")
        guard part < .max, stored < .max, counted < .max else {
            throw DamagedJournal("the numbers of checkpoints are damaged")
        }
        return (part + 1, max(stored, counted) + 1)
    }

    private struct StoredCheckpoint {
        var through: UInt64
        var bytes: [UInt8]
    }

    private static func checkpoints(
        in database: Database
    ) throws -> [GroupID: StoredCheckpoint] {
        var result: [GroupID: StoredCheckpoint] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT group_id, generation, through_position, first_part, part_count,
                    byte_count, content_checksum, checksum
                FROM checkpoint ORDER BY group_id
                """)
        while let row = try rows.next() {
            let group = try group(integer(row, 0, "a group"))
            let generation = try integer(row, 1, "a generation")
            let through = try position(row, 2)
            let firstPart = try integer(row, 3, "a part")
            let parts = try count(row, 4)
            let size = try count(row, 5)
            let content = UInt64(bitPattern: try integer(row, 6, "a checksum"))
            let checksum = CheckpointWriter.rowChecksum(
                group, generation: generation, through: through, firstPart: firstPart,
                parts: parts, bytes: size, content: content)
            guard try UInt64(bitPattern: integer(row, 7, "a checksum")) == checksum else {
                throw DamagedJournal("the checkpoint of group \(group.index) is damaged")
            }
            let bytes = try self.parts(
                firstPart..<firstPart + Int64(parts), of: group, generation, in: database)
            guard bytes.count == size, CheckpointWriter.contentChecksum(bytes) == content else {
                throw DamagedJournal("the checkpoint of group \(group.index) is incomplete")
            }
            result[group] = StoredCheckpoint(through: through, bytes: bytes)
        }
        return result
    }

    private static func parts(
        _ ids: Range<Int64>, of group: GroupID, _ generation: Int64, in database: Database
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var number = 0
        let rows = try Row.fetchCursor(
            database,
            sql:
                "SELECT content, checksum FROM checkpoint_part WHERE id >= ? AND id < ? ORDER BY id",
            arguments: [ids.lowerBound, ids.upperBound])
        while let row = try rows.next() {
            let content = try blob(row, 0)
            let checksum = CheckpointWriter.partChecksum(group, generation, number, content)
            guard try UInt64(bitPattern: integer(row, 1, "a checksum")) == checksum else {
                throw DamagedJournal(
                    "part \(number) of the checkpoint of group \(group.index) is damaged")
            }
            bytes.append(contentsOf: content)
            number += 1
        }
        return bytes
    }

    private static func records(
        of group: GroupID, after through: UInt64, in database: Database
    ) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        var next = through + 1
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, first_position, last_position, content, checksum
                FROM journal WHERE id >= ? AND id < ? AND last_position > ? ORDER BY id
                """,
            arguments: [
                JournalDatabase.rowID(group, 0),
                JournalDatabase.rowID(GroupID(index: group.index + 1), 0), Int64(through),
            ])
        while let row = try rows.next() {
            let first = try position(row, 1)
            let last = try position(row, 2)
            let content = try blob(row, 3)
            guard try integer(row, 0, "an id") == JournalDatabase.rowID(group, first),
                first >= 1, first <= next, next <= last,
                try RecordFraming.isSound(
                    UInt64(bitPattern: integer(row, 4, "a checksum")),
                    JournalDatabase.rowChecksum(group, first, last, content))
            else {
                throw DamagedJournal(
                    "the journal of group \(group.index) is damaged or has a gap at \(next)")
            }
            let all = try RecordFraming.records(
                in: content, group: group, first: first, last: last)
            records.append(contentsOf: all.dropFirst(Int(next - first)))
            next = last + 1
        }
        return records
    }

    // MARK: Columns, whose types a damaged file may have changed

    private static func meta(_ name: String, in database: Database) throws -> [UInt8] {
        let row = try Row.fetchOne(
            database, sql: "SELECT content, checksum FROM meta WHERE name = ?",
            arguments: [name])
        guard let row else { throw DamagedJournal("the entry '\(name)' is missing") }
        let content = try blob(row, 0)
        guard
            try UInt64(bitPattern: integer(row, 1, "a checksum"))
                == JournalDatabase.metaChecksum(name, content)
        else { throw DamagedJournal("the entry '\(name)' is damaged") }
        return content
    }

    private static func integer(_ row: Row, _ column: Int, _ what: String) throws -> Int64 {
        guard case .int64(let number) = (row[column] as DatabaseValue).storage else {
            throw DamagedJournal("\(what) is not a number")
        }
        return number
    }

    private static func blob(_ row: Row, _ column: Int) throws -> [UInt8] {
        guard case .blob(let data) = (row[column] as DatabaseValue).storage else {
            throw DamagedJournal("a row's content is not a blob")
        }
        return [UInt8](data)
    }

    private static func position(_ row: Row, _ column: Int) throws -> UInt64 {
        let number = try integer(row, column, "a position")
        guard (0..<(1 << 47)).contains(number) else {
            throw DamagedJournal("position \(number) is impossible")
        }
        return UInt64(number)
    }

    private static func count(_ row: Row, _ column: Int) throws -> Int {
        let number = try integer(row, column, "a count")
        guard (0..<(1 << 40)).contains(number) else {
            throw DamagedJournal("a count of \(number) is impossible")
        }
        return Int(number)
    }

    private static func group(_ number: Int64) throws -> GroupID {
        guard (0..<Int64(Limits.groupsMax)).contains(number) else {
            throw DamagedJournal("group \(number) is impossible")
        }
        return GroupID(index: UInt16(number))
    }
}
