// A file of a database, with what was written to it and not synced.

#ifndef MERIDIAN_FILE_H
#define MERIDIAN_FILE_H

#include "buffer.h"
#include "include/CMeridianDisk.h"

#include <sqlite3.h>

/// An open file. The real one stands right behind it in memory.
typedef struct disk_file {
    sqlite3_file base;
    meridian_disk *disk;
    buffer buffer;
    /// How large the file is for SQLite.
    int64_t size;
    /// How much of the real file counts: what lies behind was truncated away.
    int64_t visible;
    /// How many bytes a kill would lose though a sync was reported as done.
    int64_t promised;
    int is_database;
    struct disk_file *next;
} disk_file;

/// The real file behind `file`.
static inline sqlite3_file *real_file(disk_file *file) { return (sqlite3_file *)&file[1]; }

// All of these with the lock of the disk held; they return result codes of SQLite's.

/// Reads what SQLite must see; what lies beyond the end is zero, and not an error.
int file_read(disk_file *file, void *bytes, int count, int64_t offset);

/// Takes bytes into the buffer.
int file_write(disk_file *file, const void *bytes, int count, int64_t offset);

/// Makes the file end at `size`.
void file_truncate(disk_file *file, int64_t size);

/// Hands everything to the real file, which is not synced.
int file_flush(disk_file *file);

/// Damages the byte at `offset`.
int file_rot(disk_file *file, int64_t offset);

#endif
