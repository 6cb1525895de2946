import CMeridianDisk
import Determinism
import RegionCore

/// The disk under a node's database, as faults see it: a file system for SQLite that keeps what is
/// written in memory until it is synced, so that a kill loses what the loss of power would. It can
/// be slow, full, failing or lying, and counts what it did.
///
/// `CMeridianDisk` does the work, on the thread that uses the database; this may be used from any.
package final class NodeDisk: @unchecked Sendable {
    /// The name of the file system, for ``JournalConfiguration/vfs``.
    package static let fileSystem = MERIDIAN_DISK_VFS

    private let handle: OpaquePointer

    /// The disk under the database at `path`, which need not exist yet; `nil` if SQLite does not
    /// take the file system.
    package init?(path: String) {
        guard Self.register(), let handle = meridian_disk_attach(path) else { return nil }
        self.handle = handle
    }

    deinit { meridian_disk_release(handle) }

    /// Makes the file system known to SQLite; says whether it is.
    @discardableResult
    package static func register() -> Bool { meridian_disk_register() == 0 }

    /// Puts troubles in force, in place of those before. Corruptions are the journal's to carry
    /// out: see ``Journal/damageRecord()``.
    package func set(_ condition: DiskCondition) {
        meridian_disk_set(
            handle,
            meridian_disk_troubles(
                extra_sync: condition.extraSync.nanoseconds, full: condition.isFull ? 1 : 0,
                failing: condition.fails ? 1 : 0, lying: condition.losesUnsynced ? 1 : 0))
    }

    /// What the disk did since it was attached.
    package var counters: DiskCounters {
        let counts = meridian_disk_count(handle)
        var counters = DiskCounters()
        counters.syncs = counts.syncs
        counters.syncsDelayed = counts.syncs_delayed
        counters.syncsSkipped = counts.syncs_skipped
        counters.writesRefused = counts.writes_refused
        counters.operationsFailed = counts.operations_failed
        counters.bytesDropped = counts.bytes_dropped
        counters.recordsDamaged = counts.records_damaged
        return counters
    }

    /// Damages the open database wherever `sample` stands in it, at `offset` of the sample, and
    /// says in how many places that was.
    func damage(sample: [UInt8], at offset: Int) -> Int {
        Int(meridian_disk_damage(handle, sample, sample.count, offset))
    }

    /// Ends the disk as a kill would: what was not synced is gone, and files that are open fail.
    package func losePower() { meridian_disk_lose_power(handle) }
}
