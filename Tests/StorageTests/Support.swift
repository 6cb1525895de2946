import Determinism
import Foundation
import Replication
import Synchronization

@testable import Storage

/// A directory of its own for a test, removed at the end.
struct Scratch: ~Copyable {
    let directory: URL
    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: directory) }

    var path: String { directory.appendingPathComponent("node.db").path }
}

/// A record that is its bytes.
struct Record: ByteCodable, Equatable {
    var bytes: [UInt8]
    var encodedSize: Int { bytes.count }
    func encode(into writer: inout ByteWriter) { writer.writeRaw(bytes) }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Record {
        Record(bytes: try reader.readRaw(reader.remaining))
    }

    /// What stands at `position` of `group` in every test.
    static func expected(_ group: Int, _ position: UInt64) -> [UInt8] {
        var random = RandomStream(seed: position, name: "record of \(group)")
        let count = random.index(600)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}

/// What a checkpoint through `position` of `group` looks like in every test.
func expectedCheckpoint(_ group: Int, _ position: UInt64, bytes: Int) -> [UInt8] {
    var random = RandomStream(seed: position, name: "checkpoint of \(group)")
    return (0..<bytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

let testMember = MemberID(NodeID(region: RegionID(index: 2), zone: 1, ordinal: 3))

func configuration(_ path: String, member: MemberID = testMember) -> JournalConfiguration {
    JournalConfiguration(path: path, member: member, runToken: "run-1")
}

/// Waits for what a journal reports, without looking at a clock.
final class Reports: @unchecked Sendable {
    private let condition = NSCondition()
    private var durable: [GroupID: UInt64] = [:]
    private var failure: String?
    private var commitCount = 0
    var commits: Int { condition.withLock { commitCount } }

    /// Takes note of what was durable before the journal was opened.
    func recovered(_ group: GroupID, through position: UInt64) {
        condition.withLock { durable[group] = position }
    }

    func take(_ event: Journal.Event) {
        condition.withLock {
            switch event {
            case .durable(let commit):
                commitCount += 1
                for (group, through) in commit.positions {
                    durable[group] = through.rawValue
                }
            case .failed(let reason): failure = reason
            }
            condition.broadcast()
        }
    }

    /// Blocks until `group` is durable through `position`; false if the journal failed first.
    func wait(for group: Int, through position: UInt64) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while durable[GroupID(index: UInt16(group)), default: 0] < position && failure == nil {
            condition.wait()
        }
        return failure == nil
    }

    func waitForFailure() -> String {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let failure { return failure }
            condition.wait()
        }
    }
}

/// A journal in use: knows the next positions.
struct Writer {
    let journal: Journal
    let reports = Reports()
    var next: [Int: UInt64] = [:]

    init(_ journal: Journal) {
        self.journal = journal
        journal.start { [reports] in reports.take($0) }
    }

    mutating func write(_ group: Int, _ count: Int) {
        var batch = JournalBatch()
        for _ in 0..<count {
            let position = next[group, default: 1]
            batch.append(
                Record(bytes: Record.expected(group, position)),
                group: GroupID(index: UInt16(group)),
                position: JournalPosition(rawValue: position))
            next[group] = position + 1
        }
        journal.submit(batch)
    }

    func checkpoint(_ group: Int, bytes: Int) {
        var batch = JournalBatch()
        let through = next[group, default: 1] - 1
        batch.append(
            checkpoint: expectedCheckpoint(group, through, bytes: bytes),
            group: GroupID(index: UInt16(group)), through: JournalPosition(rawValue: through))
        journal.submit(batch)
    }

    func waitForAll() -> Bool {
        next.allSatisfy { reports.wait(for: $0.key, through: $0.value - 1) }
    }
}

/// Why recovered content is not what was written, or `nil`.
func mismatch(_ recovered: RecoveredJournal, checkpointBytes: Int = 0) -> String? {
    for group in recovered.groups {
        let index = Int(group.group.index)
        let through = group.checkpointThrough.rawValue
        if let checkpoint = group.checkpoint,
            checkpoint != expectedCheckpoint(index, through, bytes: checkpointBytes)
        {
            return "checkpoint \(through) of group \(index)"
        }
        for (offset, record) in group.records.enumerated()
        where record != Record.expected(index, through + UInt64(offset) + 1) {
            return "record \(through + UInt64(offset) + 1) of group \(index)"
        }
    }
    return nil
}
