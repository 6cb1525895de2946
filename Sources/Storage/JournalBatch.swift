import Determinism
import Replication

/// What a node hands to its disk at once: records of several groups, in order, and checkpoints.
///
/// Records are framed as they are added, each with its length and its own checksum, so that the
/// writer's thread only moves bytes.
package struct JournalBatch: Sendable {
    /// Consecutive records of one group.
    package struct Run: Sendable {
        /// Whose records.
        package var group: GroupID
        /// The position of the first.
        package var first: UInt64
        /// The position of the last.
        package var last: UInt64
        /// The framed records.
        package var content: [UInt8]
    }

    /// A group's checkpoint.
    package struct Checkpoint: Sendable {
        /// Whose checkpoint.
        package var group: GroupID
        /// The checkpoint stands for every record up to this position.
        package var through: UInt64
        /// The checkpoint itself.
        package var bytes: [UInt8]
    }

    /// The records, one run per group and stretch, in order.
    package private(set) var runs: [Run] = []
    /// The checkpoints, in order.
    package private(set) var checkpoints: [Checkpoint] = []
    /// How many bytes of records and checkpoints wait here.
    package private(set) var byteCount = 0
    /// How many records wait here.
    package private(set) var recordCount = 0

    /// A run grows no further than this many bytes; then the next one starts.
    static let runBytesMax = 4 * Limits.mebibyte

    /// Nothing to store.
    package init() {}

    /// Whether there is nothing to store.
    package var isEmpty: Bool { runs.isEmpty && checkpoints.isEmpty }

    /// Adds a record. Positions of one group follow each other without gaps.
    package mutating func append(
        _ record: any ByteCodable, group: GroupID, position: JournalPosition
    ) {
        let index = run(for: group, position: position.rawValue)
        let before = runs[index].content.count
        RecordFraming.append(
            record, group: group, position: position.rawValue, to: &runs[index].content)
        byteCount += runs[index].content.count - before
        recordCount += 1
    }

    /// Adds a checkpoint that stands for every record of its group up to `through`, which must
    /// have been handed over before.
    package mutating func append(
        checkpoint bytes: [UInt8], group: GroupID, through: JournalPosition
    ) {
        checkpoints.append(
            Checkpoint(group: group, through: through.rawValue, bytes: bytes))
        byteCount += bytes.count
    }

    /// Adds everything in `other`, which follows what is here.
    package mutating func append(_ other: consuming JournalBatch) {
        if isEmpty {
            self = other
            return
        }
        for run in other.runs {
            if let index = runs.lastIndex(where: { $0.group == run.group }),
                runs[index].content.count + run.content.count <= Self.runBytesMax
            {
                precondition(
                    run.first == runs[index].last + 1, "a gap in the records of a group")
                runs[index].last = run.last
                runs[index].content.append(contentsOf: run.content)
            } else {
                runs.append(run)
            }
        }
        checkpoints.append(contentsOf: other.checkpoints)
        byteCount += other.byteCount
        recordCount += other.recordCount
    }

    /// Empties the batch and keeps some of its memory.
    package mutating func removeAll() { self = JournalBatch() }

    private mutating func run(for group: GroupID, position: UInt64) -> Int {
        if let index = runs.lastIndex(where: { $0.group == group }) {
            precondition(position == runs[index].last + 1, "a gap in the records of a group")
            if runs[index].content.count < Self.runBytesMax {
                runs[index].last = position
                return index
            }
        }
        runs.append(Run(group: group, first: position, last: position, content: []))
        return runs.count - 1
    }
}

/// How records stand in a row of the journal: a 4-byte length, an 8-byte checksum seeded with
/// group and position, then the record's bytes; big-endian.
enum RecordFraming {
    static let headerBytes = 12

    static func seed(group: GroupID, position: UInt64) -> UInt64 {
        Checksum.seed(1, UInt64(group.index), position)
    }

    static func append(
        _ record: any ByteCodable, group: GroupID, position: UInt64, to content: inout [UInt8]
    ) {
        var writer = ByteWriter()
        swap(&writer.bytes, &content)
        let start = writer.bytes.count
        writer.writeInteger(UInt32(0))
        writer.writeInteger(UInt64(0))
        record.encode(into: &writer)
        swap(&writer.bytes, &content)
        let length = UInt32(content.count - start - headerBytes)
        let checksum = Checksum.of(
            content, from: start + headerBytes, seed: seed(group: group, position: position))
        content.withUnsafeMutableBytes {
            $0.storeBytes(of: length.bigEndian, toByteOffset: start, as: UInt32.self)
            $0.storeBytes(of: checksum.bigEndian, toByteOffset: start + 4, as: UInt64.self)
        }
    }

    /// Whether the checksum stored with a record, or with a row of them, is the right one.
    static func isSound(_ stored: UInt64, _ right: UInt64) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.tornRecordAccepted) { return true }
        #endif
        return stored == right
    }

    /// The records of a row that holds the positions from `first` to `last`.
    static func records(
        in content: [UInt8], group: GroupID, first: UInt64, last: UInt64
    ) throws(DamagedJournal) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var reader = ByteReader(content)
        var position = first
        while position <= last {
            do {
                let length: UInt32 = try reader.readInteger()
                let checksum: UInt64 = try reader.readInteger()
                let record = try reader.readRaw(Int(length))
                let right = Checksum.of(record, seed: seed(group: group, position: position))
                guard Self.isSound(checksum, right) else {
                    throw MalformedBytes("its checksum does not match")
                }
                records.append(record)
            } catch {
                throw DamagedJournal("record \(position) of group \(group.index): \(error)")
            }
            position += 1
        }
        guard reader.isAtEnd else {
            throw DamagedJournal("bytes behind record \(last) of group \(group.index)")
        }
        return records
    }
}

/// What was found in a database must not be used. The reason is for a log.
struct DamagedJournal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}
