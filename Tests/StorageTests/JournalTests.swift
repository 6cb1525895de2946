import Foundation
import Replication
import Testing

@testable import Storage

@Suite struct JournalTests {
    /// Opens a database that must be in order.
    private func open(_ path: String) throws -> (Journal, RecoveredJournal) {
        switch try Journal.open(configuration(path)) {
        case .opened(let journal, let recovered): return (journal, recovered)
        case .damaged(let reason), .foreign(let reason):
            Issue.record("not opened: \(reason)")
            throw CancellationError()
        }
    }

    @Test func whatWasWrittenIsReadBack() throws {
        let scratch = try Scratch()
        let (journal, new) = try open(scratch.path)
        #expect(new.isNew && new.groups.isEmpty && new.member == testMember)
        var writer = Writer(journal)
        for round in 1...20 {
            writer.write(0, round)
            writer.write(5, 1)
        }
        #expect(writer.waitForAll())
        journal.close()

        let (again, recovered) = try open(scratch.path)
        defer { again.close() }
        #expect(!recovered.isNew && recovered.wasClosed)
        #expect(recovered.groups.map(\.group.index) == [0, 5])
        #expect(recovered.groups.map(\.last.rawValue) == [210, 20])
        #expect(mismatch(recovered) == nil)
    }

    @Test func aCheckpointReplacesWhatItCovers() throws {
        let scratch = try Scratch()
        let size = 3 * JournalDatabase.partBytes + 17
        var (journal, _) = try open(scratch.path)
        var writer = Writer(journal)
        for _ in 1...40 {
            writer.write(1, 5)
            #expect(writer.waitForAll())
        }
        writer.checkpoint(1, bytes: size)
        writer.write(1, 3)
        #expect(writer.waitForAll())
        // The writer works the checkpoint off before it closes, one step per commit.
        for _ in 1...20 {
            writer.write(1, 1)
            #expect(writer.waitForAll())
        }
        journal.close()

        let recovered: RecoveredJournal
        (journal, recovered) = try open(scratch.path)
        journal.close()
        let group = try #require(recovered.groups.first)
        #expect(group.checkpointThrough.rawValue == 200)
        #expect(group.checkpoint?.count == size)
        #expect(group.last.rawValue == 223)
        #expect(mismatch(recovered, checkpointBytes: size) == nil)
    }

    @Test func aSecondProcessIsRefused() throws {
        let scratch = try Scratch()
        let (journal, _) = try open(scratch.path)
        defer { journal.close() }
        #expect(throws: JournalError.inUse(path: scratch.path)) {
            try Journal.open(configuration(scratch.path))
        }
    }

    @Test func anotherNodesOrRunsDatabaseIsForeign() throws {
        let scratch = try Scratch()
        try open(scratch.path).0.close()
        let other = MemberID(NodeID(region: RegionID(index: 9)))
        guard case .foreign = try Journal.open(configuration(scratch.path, member: other)) else {
            Issue.record("opened another node's database")
            return
        }
        var stranger = configuration(scratch.path)
        stranger.runToken = "run-2"
        guard case .foreign = try Journal.open(stranger) else {
            Issue.record("opened another run's database")
            return
        }
        let later = MemberID(testMember.node, incarnation: 4)
        guard
            case .opened(let journal, let recovered) = try Journal.open(
                configuration(scratch.path, member: later))
        else {
            Issue.record("did not open its own database")
            return
        }
        #expect(recovered.member == testMember)
        journal.close()
    }

    @Test func aFileThatIsNoDatabaseIsForeignAndUntouched() throws {
        let scratch = try Scratch()
        let content = Data("a letter to a friend".utf8)
        try content.write(to: URL(fileURLWithPath: scratch.path))
        guard case .foreign = try Journal.open(configuration(scratch.path)) else {
            Issue.record("opened a letter")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == content)
    }

    @Test func afterAFailedCommitNothingIsReportedDurable() throws {
        let scratch = try Scratch()
        let (journal, _) = try open(scratch.path)
        let writer = Writer(journal)
        // A record above SQLite's bound on one blob stands for every error of a commit.
        var batch = JournalBatch()
        batch.append(
            Record(bytes: [UInt8](repeating: 7, count: 1_000_000_001)),
            group: GroupID(index: 0), position: JournalPosition(rawValue: 1))
        journal.submit(batch)
        #expect(writer.reports.waitForFailure().contains("too big"))
        #expect(!writer.reports.wait(for: 0, through: 1))
        journal.close()
    }

    @Test func aDamagedDatabaseIsMovedAsideWithItsLog() throws {
        let scratch = try Scratch()
        for suffix in ["", "-wal"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: scratch.path + suffix))
        }
        #expect(try DatabaseFiles.moveAside(scratch.path) == scratch.path + ".damaged-1")
        let left = try FileManager.default.contentsOfDirectory(
            atPath: scratch.directory.path)
        #expect(left.sorted() == ["node.db.damaged-1", "node.db.damaged-1-wal"])
        try Data("x".utf8).write(to: URL(fileURLWithPath: scratch.path))
        #expect(try DatabaseFiles.moveAside(scratch.path) == scratch.path + ".damaged-2")
    }
}

extension JournalTests {
    @Test func anotherFileSystemCanBeNamed() throws {
        let scratch = try Scratch()
        var settings = configuration(scratch.path)
        // One of those that SQLite brings along on Unix.
        settings.vfs = "unix-excl"
        guard case .opened(let journal, _) = try Journal.open(settings) else {
            Issue.record("not opened")
            return
        }
        journal.close()
        #expect(FileManager.default.fileExists(atPath: scratch.path))
        settings.vfs = "no such file system"
        #expect(throws: JournalError.self) { try Journal.open(settings) }
    }
}
