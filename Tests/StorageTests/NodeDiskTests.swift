import Determinism
import Foundation
import GRDB
import RegionCore
import Replication
import Testing

@testable import Storage

/// The file system that faults work through: sound as long as nothing is wrong, and wrong in the
/// way that it is told to be.
@Suite struct NodeDiskTests {
    private func settings(_ path: String, _ disk: NodeDisk? = nil) -> JournalConfiguration {
        var settings = configuration(path)
        settings.vfs = NodeDisk.fileSystem
        settings.disk = disk
        return settings
    }

    /// Opens a database that must be in order.
    private func open(_ settings: JournalConfiguration) throws -> (Journal, RecoveredJournal) {
        switch try Journal.open(settings) {
        case .opened(let journal, let recovered): return (journal, recovered)
        case .damaged(let reason), .foreign(let reason):
            Issue.record("not opened: \(reason)")
            throw CancellationError()
        }
    }

    private func troubles(_ change: (inout DiskCondition) -> Void) -> DiskCondition {
        var condition = DiskCondition()
        change(&condition)
        return condition
    }

    /// Writes through whole cycles of the log, with checkpoints, loses power, and looks.
    @Test func whatWasReportedDurableSurvivesTheLossOfPower() throws {
        let scratch = try Scratch()
        var next: [Int: UInt64] = [:]
        for round in 1...6 {
            let disk = try #require(NodeDisk(path: scratch.path))
            var setting = settings(scratch.path, disk)
            setting.logPagesMax = 20
            let (journal, recovered) = try open(setting)
            #expect(mismatch(recovered, checkpointBytes: 60_000) == nil)
            for (group, position) in next {
                let found = recovered.groups.first { Int($0.group.index) == group }
                #expect(found?.last.rawValue ?? 0 >= position - 1, "round \(round)")
            }
            var writer = Writer(journal)
            for group in recovered.groups {
                writer.next[Int(group.group.index)] = group.last.rawValue + 1
                writer.reports.recovered(group.group, through: group.last.rawValue)
            }
            for _ in 1...(10 * round) {
                writer.write(0, 4)
                writer.write(3, 1)
                #expect(writer.waitForAll())
            }
            writer.checkpoint(0, bytes: 60_000)
            writer.write(0, 1)
            #expect(writer.waitForAll())
            next = writer.next
            disk.losePower()
            journal.close()
            #expect(disk.counters.syncs > UInt64(10 * round))
        }
    }

    /// Whatever SQLite does with its files comes out as it does without the buffer, byte for byte.
    @Test(arguments: ["DELETE", "TRUNCATE", "PERSIST", "WAL"], 1...2)
    func filesAreTheSameAsTheSystems(_ mode: String, _ seed: Int) throws {
        let scratch = try Scratch()
        NodeDisk.register()
        func play(_ fileSystem: String) throws -> Data {
            let path = scratch.directory.appendingPathComponent("\(fileSystem).db").path
            var settings = Configuration()
            settings.prepareDatabase { database in
                try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                try database.execute(sql: "PRAGMA journal_mode = \(mode)")
                // A small cache spills pages before the end of a transaction.
                try database.execute(sql: "PRAGMA cache_size = 8")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 25")
            }
            let queue = try DatabaseQueue(
                path: "file:\(path)?vfs=\(fileSystem)", configuration: settings)
            var random = RandomStream(seed: UInt64(seed), name: "statements")
            try queue.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, x)") }
            for _ in 0..<60 {
                let keeps = random.chance(0.9)
                try queue.inTransaction { database in
                    for _ in 0...random.index(6) {
                        let bytes = (0..<random.index(9000)).map { UInt8($0 & 255) }
                        try database.execute(
                            sql: "INSERT OR REPLACE INTO t VALUES (?, ?)",
                            arguments: [random.index(60), Data(bytes)])
                        if random.chance(0.5) {
                            try database.execute(
                                sql: "DELETE FROM t WHERE id % 7 = ?",
                                arguments: [random.index(7)])
                        }
                    }
                    return keeps ? .commit : .rollback
                }
                if random.chance(0.2) {
                    try queue.writeWithoutTransaction {
                        try $0.execute(sql: "PRAGMA incremental_vacuum(20)")
                    }
                }
            }
            let verdict = try queue.read {
                try String.fetchOne($0, sql: "PRAGMA integrity_check")
            }
            #expect(verdict == "ok")
            try queue.close()
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            // The version of the library and counters of changes stand in the header.
            for offset in [24..<28, 92..<100].joined() { content[offset] = 0 }
            return content
        }
        #expect(try play(NodeDisk.fileSystem) == play("unix"))
    }

    /// A process with and without syncs, killed at one moment: what the first wrote is there, what
    /// the second wrote is not, although the kernel never crashed.
    @Test func aKillLosesWhatWasNotSynced() async throws {
        let scratch = try Scratch()
        let directory = scratch.directory.path
        for isSynchronous in [true, false] {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [directory = directory as String, isSynchronous = isSynchronous as Bool] in
                NodeDisk.register()
                var settings = Configuration()
                settings.prepareDatabase { database in
                    try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                    try database.execute(sql: "PRAGMA journal_mode = WAL")
                    try database.execute(
                        sql: "PRAGMA synchronous = \(isSynchronous ? "FULL" : "OFF")")
                }
                let queue = try DatabaseQueue(
                    path: "file:\(directory)/\(isSynchronous).db?vfs=\(NodeDisk.fileSystem)",
                    configuration: settings)
                try await queue.write { database in
                    try database.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (7)")
                }
                kill(getpid(), SIGKILL)
            }
        }
        func rows(_ name: String) throws -> Int? {
            let queue = try DatabaseQueue(path: "\(directory)/\(name).db")
            return try queue.read { database in
                guard try database.tableExists("t") else { return nil }
                return try Int.fetchOne(database, sql: "SELECT count(*) FROM t")
            }
        }
        #expect(try rows("true") == 1)
        #expect(try rows("false") == nil)
    }

    @Test func aLyingDiskLosesAllThatItPromised() throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        let (journal, _) = try open(settings(scratch.path, disk))
        var writer = Writer(journal)
        for _ in 1...10 {
            writer.write(0, 3)
            #expect(writer.waitForAll())
        }
        disk.set(troubles { $0.losesUnsynced = true })
        for _ in 1...20 {
            writer.write(0, 3)
            #expect(writer.waitForAll())
        }
        #expect(disk.counters.syncsSkipped >= 20)
        #expect(disk.counters.bytesDropped == 0)
        disk.losePower()
        journal.close()

        let next = try #require(NodeDisk(path: scratch.path))
        let (again, recovered) = try open(settings(scratch.path, next))
        defer { again.close() }
        #expect(recovered.groups.map(\.last.rawValue) == [30])
        #expect(mismatch(recovered) == nil)
        #expect(next.counters.bytesDropped > 20 * 3 * 100)
        // It is told once.
        #expect(NodeDisk(path: scratch.path + "x")?.counters.bytesDropped == 0)
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "-unsynced"))
    }

    @Test(arguments: [1000, 8])
    func afterALieTheNextSyncMakesUpForIt(logPagesMax: Int) throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        var setting = settings(scratch.path, disk)
        setting.logPagesMax = logPagesMax
        let (journal, _) = try open(setting)
        var writer = Writer(journal)
        disk.set(troubles { $0.losesUnsynced = true })
        for _ in 1...40 {
            writer.write(0, 3)
            #expect(writer.waitForAll())
        }
        disk.set(DiskCondition())
        writer.write(0, 1)
        #expect(writer.waitForAll())
        disk.losePower()
        journal.close()
        let next = try #require(NodeDisk(path: scratch.path))
        let (again, recovered) = try open(settings(scratch.path, next))
        defer { again.close() }
        #expect(recovered.groups.map(\.last.rawValue) == [121])
        #expect(mismatch(recovered) == nil)
        #expect(next.counters.bytesDropped == 0)
    }

    @Test func aLieEndsInGoodOrderWithTheProcess() throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        disk.set(troubles { $0.losesUnsynced = true })
        let (journal, _) = try open(settings(scratch.path, disk))
        var writer = Writer(journal)
        writer.write(0, 30)
        #expect(writer.waitForAll())
        journal.close()
        let (again, recovered) = try open(configuration(scratch.path))
        defer { again.close() }
        #expect(recovered.groups.map(\.last.rawValue) == [30])
        #expect(recovered.wasClosed)
    }

    @Test(arguments: [true, false])
    func aFullOrFailingDiskEndsTheJournalAndKeepsWhatWasDurable(isFull: Bool) throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        let (journal, _) = try open(settings(scratch.path, disk))
        var writer = Writer(journal)
        writer.write(0, 30)
        #expect(writer.waitForAll())
        disk.set(
            troubles {
                $0.isFull = isFull
                $0.fails = !isFull
            })
        writer.write(0, 1)
        let reason = writer.reports.waitForFailure()
        #expect(reason.contains(isFull ? "full" : "disk I/O error"), "\(reason)")
        #expect(!writer.waitForAll())
        #expect((disk.counters.writesRefused > 0) == isFull)
        #expect((disk.counters.operationsFailed > 0) == !isFull)
        // While it lasts, the database cannot be opened, and is not taken for damaged.
        #expect(throws: JournalError.self) { try Journal.open(settings(scratch.path, disk)) }
        journal.close()
        disk.set(DiskCondition())
        let (again, recovered) = try open(settings(scratch.path, disk))
        again.close()
        #expect(recovered.groups.map(\.last.rawValue) == [30])
    }

    @Test func aSlowDiskTakesItsTime() throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        let (journal, _) = try open(settings(scratch.path, disk))
        defer { journal.close() }
        var writer = Writer(journal)
        disk.set(troubles { $0.extraSync = .milliseconds(20) })
        let start = ContinuousClock.now
        for _ in 1...5 {
            writer.write(0, 1)
            #expect(writer.waitForAll())
        }
        #expect(ContinuousClock.now - start >= .milliseconds(100))
        #expect(disk.counters.syncsDelayed >= 5)
        disk.set(DiskCondition())
    }

    /// Few records, which stand on the page that is written next; and many.
    @Test(arguments: [2, 40, 800])
    func rotIsFoundAtTheNextStart(_ commits: Int) throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        let (journal, _) = try open(settings(scratch.path, disk))
        var writer = Writer(journal)
        for _ in 1...commits {
            writer.write(0, 2)
            #expect(writer.waitForAll())
        }
        journal.damageRecord()
        // Nothing notices, and nothing that is written afterwards repairs it.
        for _ in 1...30 {
            writer.write(0, 1)
            #expect(writer.waitForAll())
        }
        #expect(disk.counters.recordsDamaged == 1)
        journal.close()
        guard case .damaged(let reason) = try Journal.open(configuration(scratch.path)) else {
            Issue.record("the damage was not noticed")
            return
        }
        #expect(reason.contains("journal"), "\(reason)")
    }

    @Test(arguments: [0, 1, 60])
    func rotThatCameWhileTheNodeWasDownIsFoundToo(_ commits: Int) throws {
        let scratch = try Scratch()
        let disk = try #require(NodeDisk(path: scratch.path))
        let (journal, _) = try open(settings(scratch.path, disk))
        var writer = Writer(journal)
        for _ in 0..<commits {
            writer.write(0, 2)
            #expect(writer.waitForAll())
        }
        disk.losePower()
        journal.close()
        let next = try #require(NodeDisk(path: scratch.path))
        var setting = settings(scratch.path, next)
        setting.damages = 1
        guard case .damaged = try Journal.open(setting) else {
            Issue.record("the damage was not noticed")
            return
        }
        #expect(next.counters.recordsDamaged == 1)
        // What comes after it is whole again.
        _ = try DatabaseFiles.moveAside(scratch.path)
        setting.damages = 0
        let (new, recovered) = try open(setting)
        #expect(recovered.isNew)
        var second = Writer(new)
        second.write(0, 5)
        #expect(second.waitForAll())
        new.close()
        try open(setting).0.close()
    }
}
