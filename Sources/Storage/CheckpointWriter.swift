import Foundation
import GRDB
import Replication

/// Stores checkpoints, a piece at a time, so that no commit of the journal waits for a whole one.
///
/// The pieces of a checkpoint are rows that nothing refers to until the last is stored; then one
/// row makes them count, in one transaction. After that the pieces of the checkpoint before it
/// and the records that it covers are deleted, again a few at a time: recovery skips what is left
/// of them.
struct CheckpointWriter {
    private enum Stage {
        case storing(JournalBatch.Checkpoint, generation: Int64, firstPart: Int64, parts: Int)
        case pruningParts(group: GroupID, generation: Int64, through: UInt64)
        case pruningRecords(group: GroupID, through: UInt64)
    }

    private var stage: Stage?
    private var waiting: [JournalBatch.Checkpoint] = []
    private var nextPart: Int64
    private var nextGeneration: Int64

    /// How many rows one step deletes.
    private static let rowsPerStep = 64

    init(nextPart: Int64, nextGeneration: Int64) {
        self.nextPart = nextPart
        self.nextGeneration = nextGeneration
    }

    /// Whether there is nothing left to do.
    var isIdle: Bool { stage == nil && waiting.isEmpty }

    /// Takes a checkpoint in. One of the same group that has not begun yet is superseded.
    mutating func enqueue(_ checkpoint: JournalBatch.Checkpoint) {
        waiting.removeAll { $0.group == checkpoint.group }
        waiting.append(checkpoint)
    }

    /// Does one step of the work within a transaction of the caller's. If the transaction fails,
    /// the journal must not be used any more.
    mutating func step(in database: Database) throws {
        switch stage {
        case nil:
            guard !waiting.isEmpty else { return }
            stage = .storing(
                waiting.removeFirst(), generation: nextGeneration, firstPart: nextPart, parts: 0)
            nextGeneration += 1
            try step(in: database)
        case .storing(let checkpoint, let generation, let firstPart, let parts):
            let start = parts * JournalDatabase.partBytes
            if start < checkpoint.bytes.count {
                let end = min(start + JournalDatabase.partBytes, checkpoint.bytes.count)
                try insertPart(
                    Array(checkpoint.bytes[start..<end]), checkpoint.group, generation, parts,
                    in: database)
                stage = .storing(
                    checkpoint, generation: generation, firstPart: firstPart, parts: parts + 1)
            } else {
                try makeCount(checkpoint, generation, firstPart, parts, in: database)
                stage = .pruningParts(
                    group: checkpoint.group, generation: generation,
                    through: checkpoint.through)
            }
        case .pruningParts(let group, let generation, let through):
            try database.execute(
                sql: """
                    DELETE FROM checkpoint_part WHERE id IN (
                        SELECT id FROM checkpoint_part WHERE group_id = ? AND generation < ?
                        LIMIT 4)
                    """,
                arguments: [Int64(group.index), generation])
            if database.changesCount == 0 {
                stage = .pruningRecords(group: group, through: through)
            }
        case .pruningRecords(let group, let through):
            try database.execute(
                sql: """
                    DELETE FROM journal WHERE id IN (
                        SELECT id FROM journal WHERE id BETWEEN ? AND ? AND last_position <= ?
                        ORDER BY id LIMIT ?)
                    """,
                arguments: [
                    JournalDatabase.rowID(group, 0), JournalDatabase.rowID(group, through),
                    Int64(through), Self.rowsPerStep,
                ])
            if database.changesCount < Self.rowsPerStep { stage = nil }
        }
    }

    static func partChecksum(
        _ group: GroupID, _ generation: Int64, _ number: Int, _ content: [UInt8]
    ) -> UInt64 {
        let seed = Checksum.seed(
            7, UInt64(group.index), UInt64(bitPattern: generation), UInt64(number))
        return Checksum.of(content, seed: seed)
    }

    static func rowChecksum(
        _ group: GroupID, generation: Int64, through: UInt64, firstPart: Int64, parts: Int,
        bytes: Int, content: UInt64
    ) -> UInt64 {
        Checksum.seed(
            8, UInt64(group.index), UInt64(bitPattern: generation), through,
            UInt64(bitPattern: firstPart), UInt64(parts), UInt64(bytes), content)
    }

    static func contentChecksum(_ content: [UInt8]) -> UInt64 {
        Checksum.of(content, seed: Checksum.seed(9))
    }

    private mutating func insertPart(
        _ content: [UInt8], _ group: GroupID, _ generation: Int64, _ number: Int,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO checkpoint_part
                    (id, group_id, generation, number, content, checksum)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                nextPart, Int64(group.index), generation, number, Data(content),
                JournalDatabase.signed(
                    Self.partChecksum(group, generation, number, content)),
            ])
        nextPart += 1
    }

    private func makeCount(
        _ checkpoint: JournalBatch.Checkpoint, _ generation: Int64, _ firstPart: Int64,
        _ parts: Int, in database: Database
    ) throws {
        let content = Self.contentChecksum(checkpoint.bytes)
        let checksum = Self.rowChecksum(
            checkpoint.group, generation: generation, through: checkpoint.through,
            firstPart: firstPart, parts: parts, bytes: checkpoint.bytes.count, content: content)
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO checkpoint
                    (group_id, generation, through_position, first_part, part_count,
                     byte_count, content_checksum, checksum)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Int64(checkpoint.group.index), generation, Int64(checkpoint.through), firstPart,
                parts, checkpoint.bytes.count, JournalDatabase.signed(content),
                JournalDatabase.signed(checksum),
            ])
    }
}
