// The file system as SQLite sees it: the methods of files and of the whole.
//
// Files of a database, its log and its journal go through a buffer; temporary files are the
// system's own. There is no shared memory: a database in WAL mode needs `locking_mode=EXCLUSIVE`,
// and a node's has it.

#include "disk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3_vfs *below(sqlite3_vfs *vfs) { return vfs->pAppData; }
static disk_file *ours(sqlite3_file *file) { return (disk_file *)file; }

// MARK: Files

static int vfs_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
    disk_file *file = ours(base);
    pthread_mutex_lock(&file->disk->lock);
    int result =
        disk_fails(file->disk) ? SQLITE_IOERR_READ : file_read(file, bytes, count, offset);
    if (result == SQLITE_OK && offset + count > file->size) result = SQLITE_IOERR_SHORT_READ;
    pthread_mutex_unlock(&file->disk->lock);
    return result;
}

static int vfs_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    disk_file *file = ours(base);
    pthread_mutex_lock(&file->disk->lock);
    int result = disk_fails(file->disk) ? SQLITE_IOERR_WRITE
        : disk_is_full(file->disk)      ? SQLITE_FULL
                                        : file_write(file, bytes, count, offset);
    pthread_mutex_unlock(&file->disk->lock);
    return result;
}

static int vfs_truncate(sqlite3_file *base, sqlite3_int64 size) {
    disk_file *file = ours(base);
    pthread_mutex_lock(&file->disk->lock);
    int result = disk_fails(file->disk) ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
    if (result == SQLITE_OK) file_truncate(file, size);
    pthread_mutex_unlock(&file->disk->lock);
    return result;
}

static int vfs_file_size(sqlite3_file *base, sqlite3_int64 *size) {
    disk_file *file = ours(base);
    pthread_mutex_lock(&file->disk->lock);
    *size = file->size;
    pthread_mutex_unlock(&file->disk->lock);
    return SQLITE_OK;
}

static int sync_really(disk_file *file, int flags) {
    int result = file_flush(file);
    if (result != SQLITE_OK) return result;
    sqlite3_file *real = real_file(file);
    result = real->pMethods->xSync(real, flags);
    if (result == SQLITE_OK) file->promised = 0;
    return result;
}

static int sync_file(disk_file *file, int flags) {
    meridian_disk *disk = file->disk;
    if (disk_fails(disk)) return SQLITE_IOERR_FSYNC;
    if (file->buffer.pending > 0 && disk_is_full(disk)) return SQLITE_FULL;
    int result = SQLITE_OK;
    if (atomic_load(&disk->lying)) {
        file->promised = file->buffer.pending;
        atomic_fetch_add(&disk->syncs_skipped, 1);
    } else {
        // The lie has ended: what SQLite takes for durable must be so before it goes on.
        if (disk->noted > 0) {
            for (disk_file *each = disk->files; each && result == SQLITE_OK; each = each->next) {
                if (each != file && each->promised > 0) result = sync_really(each, flags);
            }
        }
        if (result == SQLITE_OK) result = sync_really(file, flags);
        if (result == SQLITE_OK) atomic_fetch_add(&disk->syncs, 1);
    }
    disk_note_promises(disk);
    return result;
}

static int vfs_sync(sqlite3_file *base, int flags) {
    disk_file *file = ours(base);
    meridian_disk *disk = file->disk;
    int64_t extra = atomic_load(&disk->extra_sync);
    if (extra > 0) {
        atomic_fetch_add(&disk->syncs_delayed, 1);
        struct timespec rest = {
            .tv_sec = (time_t)(extra / 1000000000), .tv_nsec = (long)(extra % 1000000000)};
        while (nanosleep(&rest, &rest) != 0) {}
    }
    pthread_mutex_lock(&disk->lock);
    int result = sync_file(file, flags);
    pthread_mutex_unlock(&disk->lock);
    return result;
}

/// A file that is closed in good order keeps what was written to it, as with any system whose
/// cache outlives a process.
static int vfs_close(sqlite3_file *base) {
    disk_file *file = ours(base);
    meridian_disk *disk = file->disk;
    pthread_mutex_lock(&disk->lock);
    int result = SQLITE_OK;
    int takes = !disk->is_dead && !atomic_load(&disk->failing) && !atomic_load(&disk->full);
    if (takes) result = file_flush(file);
    file->promised = 0;
    if (!disk->is_dead) disk_note_promises(disk);
    disk_file **link = &disk->files;
    while (*link != file) link = &(*link)->next;
    *link = file->next;
    pthread_mutex_unlock(&disk->lock);
    sqlite3_file *real = real_file(file);
    int closed = real->pMethods->xClose(real);
    buffer_clear(&file->buffer);
    free(file->buffer.buckets);
    meridian_disk_release(disk);
    return result == SQLITE_OK ? closed : result;
}

// What is not about content is the real file's business.

static int vfs_lock(sqlite3_file *base, int level) {
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xLock(real, level);
}

static int vfs_unlock(sqlite3_file *base, int level) {
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xUnlock(real, level);
}

static int vfs_check_lock(sqlite3_file *base, int *result) {
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xCheckReservedLock(real, result);
}

static int vfs_control(sqlite3_file *base, int operation, void *argument) {
    // Hints about the size would change the real file behind the buffer's back.
    if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_NOTFOUND;
    }
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xFileControl(real, operation, argument);
}

static int vfs_sector_size(sqlite3_file *base) {
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xSectorSize(real);
}

static int vfs_characteristics(sqlite3_file *base) {
    sqlite3_file *real = real_file(ours(base));
    return real->pMethods->xDeviceCharacteristics(real) & ~SQLITE_IOCAP_BATCH_ATOMIC;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_file_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_lock,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector_size,
    .xDeviceCharacteristics = vfs_characteristics,
};

// MARK: The whole

static int vfs_open(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags
) {
    int buffered = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    if (!name || !(flags & buffered)) {
        return below(vfs)->xOpen(below(vfs), name, base, flags, out_flags);
    }
    disk_file *file = ours(base);
    memset(file, 0, sizeof(disk_file));
    meridian_disk *disk = disk_of_file(name, 1);
    if (!disk) return SQLITE_NOMEM;
    sqlite3_file *real = real_file(file);
    int result = disk_fails(disk) ? SQLITE_CANTOPEN
                                  : below(vfs)->xOpen(below(vfs), name, real, flags, out_flags);
    if (result == SQLITE_OK) {
        sqlite3_int64 size = 0;
        result = real->pMethods->xFileSize(real, &size);
        file->size = file->visible = size;
        if (result != SQLITE_OK) real->pMethods->xClose(real);
    }
    if (result != SQLITE_OK) {
        meridian_disk_release(disk);
        return result;
    }
    file->disk = disk;
    file->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    pthread_mutex_lock(&disk->lock);
    file->next = disk->files;
    disk->files = file;
    pthread_mutex_unlock(&disk->lock);
    file->base.pMethods = &methods;
    return SQLITE_OK;
}

/// A file can be deleted at once only because all that counts stands in the others; so what they
/// hold back goes out first.
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int syncs_directory) {
    meridian_disk *disk = disk_of_file(name, 0);
    int result = SQLITE_OK;
    if (disk) {
        pthread_mutex_lock(&disk->lock);
        if (disk_fails(disk)) result = SQLITE_IOERR_DELETE;
        for (disk_file *file = disk->files; file && result == SQLITE_OK; file = file->next) {
            if (file->promised == 0) continue;
            result = file_flush(file);
            if (result == SQLITE_OK) file->promised = 0;
        }
        disk_note_promises(disk);
        pthread_mutex_unlock(&disk->lock);
        meridian_disk_release(disk);
    }
    return result == SQLITE_OK ? below(vfs)->xDelete(below(vfs), name, syncs_directory) : result;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    return below(vfs)->xAccess(below(vfs), name, flags, result);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int count, char *path) {
    return below(vfs)->xFullPathname(below(vfs), name, count, path);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    return below(vfs)->xRandomness(below(vfs), count, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    return below(vfs)->xSleep(below(vfs), microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, double *now) {
    return below(vfs)->xCurrentTime(below(vfs), now);
}

static int vfs_last_error(sqlite3_vfs *vfs, int count, char *text) {
    return below(vfs)->xGetLastError(below(vfs), count, text);
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *now) {
    return below(vfs)->xCurrentTimeInt64(below(vfs), now);
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .zName = MERIDIAN_DISK_VFS,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time64,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registered = SQLITE_ERROR;

static void register_once(void) {
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system || system->iVersion < 2) return;
    vfs.pAppData = system;
    vfs.mxPathname = system->mxPathname;
    vfs.szOsFile = (int)sizeof(disk_file) + system->szOsFile;
    registered = sqlite3_vfs_register(&vfs, 0);
}

int meridian_disk_register(void) {
    pthread_once(&once, register_once);
    return registered;
}
