// The disk of a node, as far as faults are concerned: a file system for SQLite that keeps what is
// written in the memory of the process until SQLite asks for it to be made durable.
//
// So the end of a process is for its database what the loss of power is for a machine: whatever
// was not synced is gone. A sync that is missing anywhere, or that is only pretended, shows when
// the process is killed. On top of that the disk can be slow, full, failing, lying or rotten.
//
// Everything declared here may be called from any thread.

#ifndef C_MERIDIAN_DISK_H
#define C_MERIDIAN_DISK_H

#include <stddef.h>
#include <stdint.h>

/// The name under which SQLite knows the file system.
#define MERIDIAN_DISK_VFS "meridian"

/// The disk of one database: its file, its log and its journal.
typedef struct meridian_disk meridian_disk;

/// What the disk does wrong from now on.
typedef struct {
    /// How much longer each sync takes, in nanoseconds.
    int64_t extra_sync;
    /// Whether nothing more can be written.
    int full;
    /// Whether every operation fails.
    int failing;
    /// Whether syncs are reported as done and are not. The first sync after the lie has ended
    /// makes up for all of them.
    int lying;
} meridian_disk_troubles;

/// What the disk did since it was attached.
typedef struct {
    /// Syncs that were done.
    uint64_t syncs;
    /// Syncs that took longer.
    uint64_t syncs_delayed;
    /// Syncs that were reported as done and were not.
    uint64_t syncs_skipped;
    /// Writes and syncs that were turned away for want of room.
    uint64_t writes_refused;
    /// Operations that failed.
    uint64_t operations_failed;
    /// Bytes that were lost with the process before, though a sync had been reported as done.
    uint64_t bytes_dropped;
    /// Times that a record was damaged.
    uint64_t records_damaged;
} meridian_disk_counters;

/// Makes the file system known to SQLite; once is enough, more does no harm. Returns a result
/// code of SQLite's.
int meridian_disk_register(void);

/// The disk under the database at `path`, which need not exist yet; NULL if there is no memory.
/// Must be released. Takes note of what the process before lost.
meridian_disk *meridian_disk_attach(const char *path);

/// Lets go of a disk. It lives on as long as files on it are open.
void meridian_disk_release(meridian_disk *disk);

/// Puts troubles in force, in place of those before.
void meridian_disk_set(meridian_disk *disk, meridian_disk_troubles troubles);

/// What the disk did so far.
meridian_disk_counters meridian_disk_count(meridian_disk *disk);

/// Damages the database, which must be open: wherever the bytes `sample` stand in it, the one at
/// `offset` of them is changed. What SQLite has in its cache or its log is not. Returns how many
/// places there were, or -1 if the database could not be read or written.
int meridian_disk_damage(
    meridian_disk *disk, const unsigned char *sample, size_t count, size_t offset);

/// Ends the disk as the end of the process would: what was not synced is gone, and every operation
/// on files that are open fails. Who attaches the path again gets another disk.
void meridian_disk_lose_power(meridian_disk *disk);

#endif
