// The disks of this process: found by the names of the files on them, controlled by whoever
// attached them.

#define _GNU_SOURCE
#include "disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static meridian_disk *registry;

// MARK: What a kill would lose

// A number beside the database, in a file that exists only while a disk lies. It goes past the
// buffers, so it survives the process; the next one reads it.

static char *note_path(const meridian_disk *disk) {
    size_t length = strlen(disk->path) + sizeof("-unsynced");
    char *path = malloc(length);
    if (path) snprintf(path, length, "%s-unsynced", disk->path);
    return path;
}

static void read_note(meridian_disk *disk) {
    char *path = note_path(disk);
    if (!path) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        int64_t lost = 0;
        if (read(file, &lost, sizeof lost) == sizeof lost && lost > 0) {
            atomic_store(&disk->bytes_dropped, (uint64_t)lost);
        }
        close(file);
        unlink(path);
    }
    free(path);
}

void disk_note_promises(meridian_disk *disk) {
    int64_t promised = 0;
    for (disk_file *file = disk->files; file; file = file->next) promised += file->promised;
    if (promised == disk->noted) return;
    char *path = note_path(disk);
    if (!path) return;
    if (promised == 0) {
        unlink(path);
        if (disk->note >= 0) close(disk->note);
        disk->note = -1;
    } else {
        if (disk->note < 0) disk->note = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (disk->note >= 0 && pwrite(disk->note, &promised, sizeof promised, 0) < 0) {
            // Then the loss is counted as less than it is; nothing else depends on it.
        }
    }
    disk->noted = promised;
    free(path);
}

// MARK: The registry

static meridian_disk *make_disk(const char *path) {
    meridian_disk *disk = calloc(1, sizeof(meridian_disk));
    if (!disk) return NULL;
    disk->path = strdup(path);
    if (!disk->path) {
        free(disk);
        return NULL;
    }
    pthread_mutex_init(&disk->lock, NULL);
    disk->note = -1;
    disk->holders = 1;
    disk->next = registry;
    registry = disk;
    return disk;
}

/// Whether `name` is the database at `path` or a file beside it that belongs to it.
static int belongs(const char *name, const char *path) {
    size_t length = strlen(path);
    if (strncmp(name, path, length) != 0) return 0;
    return name[length] == 0 || name[length] == '-' || name[length] == '.';
}

static meridian_disk *find_disk(const char *name) {
    meridian_disk *best = NULL;
    for (meridian_disk *disk = registry; disk; disk = disk->next) {
        if (!disk->is_dead && belongs(name, disk->path)
            && (!best || strlen(disk->path) > strlen(best->path))) {
            best = disk;
        }
    }
    return best;
}

meridian_disk *disk_of_file(const char *name, int makes) {
    pthread_mutex_lock(&registry_lock);
    meridian_disk *disk = find_disk(name);
    if (disk) {
        disk->holders++;
    } else if (makes) {
        disk = make_disk(name);
    }
    pthread_mutex_unlock(&registry_lock);
    return disk;
}

meridian_disk *meridian_disk_attach(const char *path) {
    // The same name that SQLite will make of it.
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system) return NULL;
    char *full = malloc((size_t)system->mxPathname + 1);
    if (!full) return NULL;
    int result = system->xFullPathname(system, path, system->mxPathname + 1, full);
    if ((result & 0xFF) != SQLITE_OK) {
        snprintf(full, (size_t)system->mxPathname + 1, "%s", path);
    }
    pthread_mutex_lock(&registry_lock);
    meridian_disk *disk = find_disk(full);
    if (disk && strcmp(disk->path, full) == 0) {
        disk->holders++;
    } else {
        disk = make_disk(full);
        if (disk) read_note(disk);
    }
    pthread_mutex_unlock(&registry_lock);
    free(full);
    return disk;
}

void meridian_disk_release(meridian_disk *disk) {
    pthread_mutex_lock(&registry_lock);
    int is_last = --disk->holders == 0;
    if (is_last) {
        meridian_disk **link = &registry;
        while (*link != disk) link = &(*link)->next;
        *link = disk->next;
    }
    pthread_mutex_unlock(&registry_lock);
    if (!is_last) return;
    if (disk->note >= 0) close(disk->note);
    pthread_mutex_destroy(&disk->lock);
    free(disk->path);
    free(disk);
}

// MARK: Controls

void meridian_disk_set(meridian_disk *disk, meridian_disk_troubles troubles) {
    atomic_store(&disk->extra_sync, troubles.extra_sync);
    atomic_store(&disk->full, troubles.full);
    atomic_store(&disk->failing, troubles.failing);
    atomic_store(&disk->lying, troubles.lying);
}

meridian_disk_counters meridian_disk_count(meridian_disk *disk) {
    return (meridian_disk_counters){
        .syncs = atomic_load(&disk->syncs),
        .syncs_delayed = atomic_load(&disk->syncs_delayed),
        .syncs_skipped = atomic_load(&disk->syncs_skipped),
        .writes_refused = atomic_load(&disk->writes_refused),
        .operations_failed = atomic_load(&disk->operations_failed),
        .bytes_dropped = atomic_load(&disk->bytes_dropped),
        .records_damaged = atomic_load(&disk->records_damaged),
    };
}

int disk_fails(meridian_disk *disk) {
    if (disk->is_dead) return 1;
    if (!atomic_load(&disk->failing)) return 0;
    atomic_fetch_add(&disk->operations_failed, 1);
    return 1;
}

int disk_is_full(meridian_disk *disk) {
    if (!atomic_load(&disk->full)) return 0;
    atomic_fetch_add(&disk->writes_refused, 1);
    return 1;
}

void meridian_disk_lose_power(meridian_disk *disk) {
    pthread_mutex_lock(&registry_lock);
    pthread_mutex_lock(&disk->lock);
    disk->is_dead = 1;
    for (disk_file *file = disk->files; file; file = file->next) buffer_clear(&file->buffer);
    pthread_mutex_unlock(&disk->lock);
    pthread_mutex_unlock(&registry_lock);
}

// MARK: Rot

/// Looks through a file, a window at a time, and damages every place where the sample stands.
static int damage_file(
    disk_file *file, const unsigned char *sample, size_t count, size_t offset
) {
    enum { WINDOW = 1 << 16 };
    unsigned char *window = malloc(WINDOW);
    if (!window) return -1;
    int places = 0;
    for (int64_t start = 0; start < file->size; start += WINDOW - (int64_t)count + 1) {
        int64_t rest = file->size - start;
        int length = rest < WINDOW ? (int)rest : WINDOW;
        if (file_read(file, window, length, start) != SQLITE_OK) {
            places = -1;
            break;
        }
        unsigned char *place = window;
        while ((place = memmem(place, (size_t)(window + length - place), sample, count))) {
            int64_t where = start + (place - window) + (int64_t)offset;
            if (file_rot(file, where) != SQLITE_OK) {
                free(window);
                return -1;
            }
            places++;
            place++;
        }
    }
    free(window);
    return places;
}

int meridian_disk_damage(
    meridian_disk *disk, const unsigned char *sample, size_t count, size_t offset
) {
    if (count == 0 || count > 4096 || offset >= count) return -1;
    pthread_mutex_lock(&disk->lock);
    int places = -1;
    for (disk_file *file = disk->files; file && !disk->is_dead; file = file->next) {
        if (!file->is_database) continue;
        places = damage_file(file, sample, count, offset);
        break;
    }
    if (places > 0) atomic_fetch_add(&disk->records_damaged, 1);
    pthread_mutex_unlock(&disk->lock);
    return places;
}
