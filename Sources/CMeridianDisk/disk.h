// A disk and the files that are open on it, for the parts of this target.

#ifndef MERIDIAN_DISK_INTERNAL_H
#define MERIDIAN_DISK_INTERNAL_H

#include "include/CMeridianDisk.h"
#include "file.h"

#include <pthread.h>
#include <stdatomic.h>

struct meridian_disk {
    /// The database, as SQLite names it.
    char *path;
    /// How many hold on to the disk: whoever attached it, and the files open on it.
    int holders;
    struct meridian_disk *next;

    // Set from one thread and read by another, each on its own.
    _Atomic int64_t extra_sync;
    _Atomic int full, failing, lying;
    _Atomic uint64_t syncs, syncs_delayed, syncs_skipped, writes_refused, operations_failed;
    _Atomic uint64_t bytes_dropped, records_damaged;

    /// Guards all that follows, and the files.
    pthread_mutex_t lock;
    /// Whether the power is gone.
    int is_dead;
    disk_file *files;
    /// What the note beside the database says: how many bytes a kill would lose though a sync of
    /// theirs was reported as done.
    int64_t noted;
    int note;
};

/// The disk that the file `name` is on; one is made for a database that nobody attached one to.
/// Whoever gets it holds on to it.
meridian_disk *disk_of_file(const char *name, int makes);

/// Whether an operation fails because the disk is failing or dead, which is counted.
int disk_fails(meridian_disk *disk);

/// Whether there is no room, which is counted.
int disk_is_full(meridian_disk *disk);

/// Writes down what a kill would lose now. With the lock held.
void disk_note_promises(meridian_disk *disk);

#endif
