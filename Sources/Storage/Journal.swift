import Foundation
import GRDB
import Replication

/// The durable memory of a node: a journal of records per group and a checkpoint of each, in one
/// SQLite file, written by one thread.
///
/// Everything that is handed over while a commit runs goes into the next one (group commit): one
/// transaction, one row per group, one sync of the disk. What is reported durable has survived
/// the end of the process and, as far as the disk keeps its promises, of the machine.
///
/// After the first error nothing is written any more and nothing more is reported durable: the
/// node must stop acknowledging and end.
package final class Journal: @unchecked Sendable {
    /// What a journal tells its host. Called on the journal's own thread.
    package enum Event: Sendable {
        /// A commit succeeded; what it took is in it.
        case durable(Commit)
        /// The journal has failed, for good.
        case failed(reason: String)
    }

    /// One successful commit.
    package struct Commit: Sendable {
        /// How far each group that had records in it is durable now, in no particular order.
        package var positions: [(group: GroupID, through: JournalPosition)]
        /// How many records it held.
        package var records: Int
        /// How long it took, in nanoseconds.
        package var nanoseconds: UInt64
    }

    private let queue: DatabaseQueue
    private let disk: NodeDisk?
    private let condition = NSCondition()
    private let finished = DispatchSemaphore(value: 0)

    // Guarded by `condition`.
    private var queued = JournalBatch()
    private var isClosing = false
    private var hasFailed = false
    private var hasStarted = false
    private var damagesWanted = 0

    // Used by the writer's thread only.
    private var checkpoints: CheckpointWriter

    private init(queue: DatabaseQueue, checkpoints: CheckpointWriter, disk: NodeDisk?) {
        self.queue = queue
        self.checkpoints = checkpoints
        self.disk = disk
    }

    /// Opens the database, makes it if there is none, and reads back what it holds.
    package static func open(
        _ configuration: JournalConfiguration
    ) throws(JournalError) -> JournalOpening {
        do {
            return try opened(configuration)
        } catch let error as JournalError {
            throw error
        } catch let error as DamagedJournal {
            return .damaged(reason: error.reason)
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw .inUse(path: configuration.path)
            case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_PERM,
                .SQLITE_READONLY, .SQLITE_AUTH:
                throw .inputOutput("\(configuration.path): \(error)")
            case _: return .damaged(reason: "SQLite: \(error)")
            }
        } catch {
            throw .inputOutput("\(configuration.path): \(error)")
        }
    }

    private static func opened(_ configuration: JournalConfiguration) throws -> JournalOpening {
        if configuration.vfs == NodeDisk.fileSystem { NodeDisk.register() }
        let exists = FileManager.default.fileExists(atPath: configuration.path)
        if exists {
            if let reason = try FileIdentity.objection(toFileAt: configuration.path) {
                return .foreign(reason: reason)
            }
            if let reason = try WriteAheadLogScan.damage(inLogAt: configuration.path + "-wal") {
                return .damaged(reason: reason)
            }
            if configuration.damages > 0 { try damage(configuration) }
        } else {
            for suffix in ["-wal", "-journal", "-shm"]
            where FileManager.default.fileExists(atPath: configuration.path + suffix) {
                return .damaged(reason: "there is a \(suffix) file without its database")
            }
            do {
                try JournalDatabase.create(configuration)
            } catch let error as DatabaseError {
                throw JournalError.inputOutput("\(configuration.path): \(error)")
            }
        }
        let queue = try openQueue(configuration)
        do {
            return try recovered(configuration, queue, isNew: !exists)
        } catch {
            try? queue.close()
            throw error
        }
    }

    /// Damages records before anything is read, as a disk does that rotted while the node was down.
    private static func damage(_ configuration: JournalConfiguration) throws {
        guard let disk = configuration.disk else { return }
        let queue = try openQueue(configuration)
        for _ in 0..<configuration.damages {
            // What is damaged already may stand in the way; the node will find it then.
            try? queue.unsafeRead { try Rot.damage($0, on: disk) }
        }
        try queue.close()
    }

    private static func openQueue(_ configuration: JournalConfiguration) throws -> DatabaseQueue {
        do {
            return try JournalDatabase.openQueue(configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // SQLite says no more than this of a file system that it does not know.
            guard let vfs = configuration.vfs else { throw error }
            throw JournalError.inputOutput(
                "\(configuration.path): cannot be opened with file system '\(vfs)': \(error)")
        }
    }

    private static func recovered(
        _ configuration: JournalConfiguration, _ queue: DatabaseQueue, isNew: Bool
    ) throws -> JournalOpening {
        let owner = try queue.unsafeRead { try JournalRecovery.ownership(in: $0) }
        if owner.member.node != configuration.member.node {
            try queue.close()
            return .foreign(
                reason: "\(configuration.path) belongs to node \(owner.member), "
                    + "and this is node \(configuration.member)")
        }
        if owner.tokenDigest != configuration.tokenDigest {
            try queue.close()
            return .foreign(reason: "\(configuration.path) belongs to another run")
        }
        let groups = try queue.unsafeRead { try JournalRecovery.groups(in: $0) }
        let next = try queue.unsafeRead { try JournalRecovery.nextCheckpointNumbers(in: $0) }
        try queue.write { database in
            try JournalDatabase.putMeta("closed", [0], in: database)
            // Pieces of checkpoints that never came to count.
            try database.execute(
                sql: """
                    DELETE FROM checkpoint_part WHERE NOT EXISTS (
                        SELECT 1 FROM checkpoint WHERE checkpoint.group_id =
                            checkpoint_part.group_id
                        AND checkpoint.generation = checkpoint_part.generation)
                    """)
        }
        let journal = Journal(
            queue: queue,
            checkpoints: CheckpointWriter(nextPart: next.part, nextGeneration: next.1),
            disk: configuration.disk)
        return .opened(
            journal,
            RecoveredJournal(
                member: owner.member, isNew: isNew, wasClosed: owner.wasClosed, groups: groups))
    }

    /// Starts the writer's thread, which reports to `observer`. Must be called once.
    package func start(_ observer: @escaping @Sendable (Event) -> Void) {
        condition.withLock {
            precondition(!hasStarted, "a journal starts once")
            hasStarted = true
        }
        let thread = Thread { [self] in
            run(observer)
            finished.signal()
        }
        thread.name = "journal"
        thread.start()
    }

    /// Hands records and checkpoints over. Returns at once; ``Event/durable(_:)`` follows.
    package func submit(_ batch: consuming JournalBatch) {
        if batch.isEmpty { return }
        condition.lock()
        defer { condition.unlock() }
        if hasFailed || isClosing { return }
        let wasEmpty = queued.isEmpty
        queued.append(batch)
        if wasEmpty { condition.signal() }
    }

    /// Damages a record in the middle of what the disk holds, if the disk can be damaged at all.
    /// Returns at once; the disk counts what came of it.
    package func damageRecord() {
        condition.withLock {
            damagesWanted += 1
            condition.signal()
        }
    }

    /// How many bytes wait to be written, not counting a commit under way.
    package var queuedBytes: Int { condition.withLock { queued.byteCount } }

    /// Writes what was handed over, marks the database as closed in good order, and closes it.
    /// Blocks until that is done.
    package func close() {
        let isRunning = condition.withLock {
            isClosing = true
            condition.signal()
            return hasStarted
        }
        if isRunning { finished.wait() } else { finish() }
    }

    private func run(_ observer: @Sendable (Event) -> Void) {
        while true {
            condition.lock()
            while queued.isEmpty && checkpoints.isIdle && !isClosing && damagesWanted == 0 {
                condition.wait()
            }
            var batch = JournalBatch()
            swap(&batch, &queued)
            let damages = damagesWanted
            damagesWanted = 0
            let isLast = isClosing && batch.isEmpty
            condition.unlock()
            rot(damages)
            if isLast { break }
            if batch.isEmpty && checkpoints.isIdle { continue }
            do {
                let commit = try commit(batch)
                if !commit.positions.isEmpty { observer(.durable(commit)) }
            } catch {
                condition.withLock {
                    hasFailed = true
                    queued.removeAll()
                }
                observer(.failed(reason: "\(error)"))
                try? queue.close()
                return
            }
        }
        finish()
    }

    /// Lets the disk rot. What does not come about is no failure of the journal's.
    private func rot(_ damages: Int) {
        guard let disk else { return }
        for _ in 0..<damages {
            try? queue.writeWithoutTransaction { try Rot.damage($0, on: disk) }
        }
    }

    private func finish() {
        // Neither is needed for what was promised; recovery does without them.
        try? queue.write { try JournalDatabase.putMeta("closed", [1], in: $0) }
        try? queue.close()
    }

    /// One transaction: all records of the batch and one step of checkpoint work.
    private func commit(_ batch: JournalBatch) throws -> Commit {
        let start = DispatchTime.now().uptimeNanoseconds
        for checkpoint in batch.checkpoints { checkpoints.enqueue(checkpoint) }
        var positions: [(group: GroupID, through: JournalPosition)] = []
        for run in batch.runs {
            let through = JournalPosition(rawValue: run.last)
            if let index = positions.firstIndex(where: { $0.group == run.group }) {
                positions[index].through = through
            } else {
                positions.append((run.group, through))
            }
        }
        try queue.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                for run in batch.runs { try JournalDatabase.insert(run, in: database) }
                for (group, through) in positions {
                    try JournalDatabase.putHead(group, through.rawValue, in: database)
                }
                try checkpoints.step(in: database)
                return .commit
            }
        }
        return Commit(
            positions: positions, records: batch.recordCount,
            nanoseconds: DispatchTime.now().uptimeNanoseconds - start)
    }
}
