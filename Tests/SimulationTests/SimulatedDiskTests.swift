import Determinism
import Replication
import Testing

@testable import RegionCore
@testable import Simulation

/// What a crash leaves on a simulated disk, and what recovery makes of it.
struct SimulatedDiskTests {
    struct Record: ByteCodable {
        var number: UInt64
        var encodedSize: Int { 8 }
        func encode(into writer: inout ByteWriter) { writer.writeInteger(number) }
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Record {
            Record(number: try reader.readInteger())
        }
    }

    let group = GroupID(index: 0)
    let member = MemberID(NodeID(region: RegionID(index: 0)))

    /// A disk that holds the records 1 to `count`.
    func disk(holding count: UInt64, seed: UInt64 = 1) -> SimulatedDisk {
        var disk = SimulatedDisk(random: RandomStream(seed: seed, name: "disk"))
        _ = disk.open()
        disk.found(by: member)
        write(1...count, to: &disk)
        return disk
    }

    func append(_ numbers: ClosedRange<UInt64>, to disk: inout SimulatedDisk) {
        var actions = NodeActions()
        for number in numbers {
            actions.persist(
                Record(number: number), group: group, at: JournalPosition(rawValue: number))
        }
        for record in actions.records { disk.append(record) }
    }

    @discardableResult
    func write(
        _ numbers: ClosedRange<UInt64>, to disk: inout SimulatedDisk,
        _ condition: DiskCondition = DiskCondition()
    ) -> Bool {
        append(numbers, to: &disk)
        _ = disk.beginCommit(.milliseconds(1), condition)
        var positions: [(group: GroupID, through: UInt64)] = []
        let isDone = disk.endCommit(condition, into: &positions)
        if isDone { #expect(positions.map(\.through) == [numbers.upperBound]) }
        return isDone
    }

    /// The numbers of the records that recovery finds; `nil` on a damaged disk.
    func recovered(_ disk: inout SimulatedDisk) throws -> [UInt64]? {
        switch disk.open() {
        case .empty: return []
        case .damaged: return nil
        case .groups(let owner, let groups):
            #expect(owner == member)
            return try groups.flatMap { group in
                try group.records.map { try Record.decoded($0).number }
            }
        }
    }

    @Test func whatWasCommittedSurvives() throws {
        var disk = disk(holding: 3)
        disk.crash()
        #expect(try recovered(&disk) == [1, 2, 3])
    }

    @Test func whatWaitsIsLost() throws {
        var disk = disk(holding: 3)
        append(4...5, to: &disk)
        disk.crash()
        #expect(try recovered(&disk) == [1, 2, 3])
    }

    @Test func theCommitUnderWayIsThereWholeOrNotAtAll() throws {
        var outcomes: Set<Int> = []
        for seed in 1...200 {
            var disk = disk(holding: 3, seed: UInt64(seed))
            append(4...9, to: &disk)
            _ = disk.beginCommit(.milliseconds(1), DiskCondition())
            append(10...11, to: &disk)
            disk.crash()
            outcomes.insert(try #require(try recovered(&disk)).count)
        }
        #expect(outcomes == [3, 9])
    }

    @Test func aLyingDiskLosesEverythingSinceTheLastSync() throws {
        var disk = disk(holding: 3)
        let lies = DiskCondition(losesUnsynced: true)
        #expect(write(4...5, to: &disk, lies))
        #expect(write(6...6, to: &disk, lies))
        #expect(disk.counters.syncsSkipped == 2)
        disk.crash()
        #expect(try recovered(&disk) == [1, 2, 3])
        #expect(disk.counters.bytesDropped == 24)
    }

    @Test func anHonestSyncMakesUpForTheLies() throws {
        var disk = disk(holding: 3)
        write(4...5, to: &disk, DiskCondition(losesUnsynced: true))
        write(6...6, to: &disk)
        disk.crash()
        #expect(try recovered(&disk) == [1, 2, 3, 4, 5, 6])
    }

    @Test func fullAndFailingDisksCommitNothing() throws {
        for condition in [DiskCondition(isFull: true), DiskCondition(fails: true)] {
            var disk = disk(holding: 3)
            #expect(!write(4...4, to: &disk, condition))
            disk.crash()
            #expect(try recovered(&disk) == [1, 2, 3])
        }
    }

    @Test func rotIsFound() throws {
        var disk = disk(holding: 3)
        disk.rot()
        #expect(disk.counters.recordsDamaged == 1)
        disk.crash()
        #expect(try recovered(&disk) == nil)
        disk.erase()
        #expect(try recovered(&disk) == [])
    }

    @Test func aCheckpointTakesThePlaceOfRecordsAndOfTheirRot() throws {
        var disk = disk(holding: 3)
        disk.rot()
        disk.append(checkpoint: [7], group: group, through: JournalPosition(rawValue: 3))
        write(4...4, to: &disk)
        disk.crash()
        guard case .groups(_, let groups) = disk.open() else {
            Issue.record("the disk is damaged")
            return
        }
        #expect(groups.map(\.checkpoint) == [[7]])
        #expect(groups.map(\.through.rawValue) == [3])
        #expect(groups.flatMap(\.records).count == 1)
    }

    @Test func slowSyncsTakeLonger() {
        var disk = disk(holding: 3)
        append(4...4, to: &disk)
        let slow = DiskCondition(extraSync: .milliseconds(50))
        #expect(disk.beginCommit(.milliseconds(1), slow) == .milliseconds(51))
        append(5...5, to: &disk)
        #expect(disk.beginCommit(.milliseconds(1), slow) == nil, "one commit at a time")
    }
}
