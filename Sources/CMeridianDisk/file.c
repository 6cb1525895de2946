// Reading and writing through the buffer.

#include "file.h"

#include <stdlib.h>
#include <string.h>

/// The most that is handed to the real file at once; SQLite's own takes less than 128 KiB.
#define RUN_BLOCKS 16

static int64_t smaller(int64_t one, int64_t other) { return one < other ? one : other; }
static int64_t larger(int64_t one, int64_t other) { return one > other ? one : other; }

/// Reads from the real file, as far as it counts; the rest is zero.
static int read_real(disk_file *file, unsigned char *bytes, int64_t count, int64_t offset) {
    int64_t there = smaller(count, file->visible - offset);
    if (there < 0) there = 0;
    if (there < count) memset(bytes + there, 0, (size_t)(count - there));
    if (there == 0) return SQLITE_OK;
    sqlite3_file *real = real_file(file);
    int result = real->pMethods->xRead(real, bytes, (int)there, offset);
    // Shorter than it was: somebody else cut it off, and what is missing reads as zero.
    return result == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : result;
}

int file_read(disk_file *file, void *bytes, int count, int64_t offset) {
    int result = read_real(file, bytes, count, offset);
    if (result != SQLITE_OK || file->buffer.count == 0) return result;
    int64_t end = offset + count;
    for (int64_t number = offset / BLOCK_BYTES; number * BLOCK_BYTES < end; number++) {
        block *found = buffer_find(&file->buffer, number);
        if (!found) continue;
        int64_t start = number * BLOCK_BYTES;
        int64_t from = larger(offset, start);
        int64_t to = smaller(end, start + BLOCK_BYTES);
        memcpy((unsigned char *)bytes + (from - offset), found->bytes + (from - start),
               (size_t)(to - from));
    }
    return SQLITE_OK;
}

int file_write(disk_file *file, const void *bytes, int count, int64_t offset) {
    int64_t end = offset + count;
    for (int64_t number = offset / BLOCK_BYTES; number * BLOCK_BYTES < end; number++) {
        int64_t start = number * BLOCK_BYTES;
        int64_t from = larger(offset, start);
        int64_t to = smaller(end, start + BLOCK_BYTES);
        block *target = buffer_find(&file->buffer, number);
        if (!target) {
            target = buffer_add(&file->buffer, number);
            if (!target) return SQLITE_IOERR_NOMEM;
            // What is not overwritten stays what it was.
            if (to - from < BLOCK_BYTES) {
                int result = read_real(file, target->bytes, BLOCK_BYTES, start);
                if (result != SQLITE_OK) return result;
            }
        }
        memcpy(target->bytes + (from - start), (const unsigned char *)bytes + (from - offset),
               (size_t)(to - from));
        buffer_wrote(&file->buffer, target, (int)(from - start), (int)(to - start));
    }
    file->size = larger(file->size, end);
    return SQLITE_OK;
}

void file_truncate(disk_file *file, int64_t size) {
    buffer_truncate(&file->buffer, size);
    file->size = size;
    file->visible = smaller(file->visible, size);
}

/// Writes all blocks, in order, those that join each other together.
static int write_blocks(disk_file *file) {
    if (file->buffer.pending == 0) return SQLITE_OK;
    block **sorted = buffer_sorted(&file->buffer);
    unsigned char *run = malloc(RUN_BLOCKS * BLOCK_BYTES);
    int result = sorted && run ? SQLITE_OK : SQLITE_IOERR_NOMEM;
    size_t index = 0;
    while (result == SQLITE_OK && index < file->buffer.count) {
        int64_t start = sorted[index]->number * BLOCK_BYTES + sorted[index]->low;
        int64_t end = start;
        while (index < file->buffer.count) {
            block *each = sorted[index];
            int64_t begin = each->number * BLOCK_BYTES;
            int64_t length = each->high - each->low;
            if (begin + each->low != end || end + length - start > RUN_BLOCKS * BLOCK_BYTES) break;
            memcpy(run + (end - start), each->bytes + each->low, (size_t)length);
            end += length;
            index++;
        }
        if (end > start) {
            sqlite3_file *real = real_file(file);
            result = real->pMethods->xWrite(real, run, (int)(end - start), start);
        }
    }
    free(run);
    free(sorted);
    return result;
}

int file_flush(disk_file *file) {
    sqlite3_file *real = real_file(file);
    sqlite3_int64 size = 0;
    int result = real->pMethods->xFileSize(real, &size);
    if (result == SQLITE_OK && size > file->visible) {
        result = real->pMethods->xTruncate(real, file->visible);
    }
    if (result == SQLITE_OK) result = write_blocks(file);
    if (result == SQLITE_OK) result = real->pMethods->xFileSize(real, &size);
    // A file may have been made longer without a byte being written.
    if (result == SQLITE_OK && size < file->size) {
        result = real->pMethods->xTruncate(real, file->size);
    }
    if (result != SQLITE_OK) return result;
    buffer_clear(&file->buffer);
    file->visible = file->size;
    return SQLITE_OK;
}

int file_rot(disk_file *file, int64_t offset) {
    unsigned char value = 0;
    int result = file_read(file, &value, 1, offset);
    if (result != SQLITE_OK) return result;
    value ^= 0x40;
    block *buffered = buffer_find(&file->buffer, offset / BLOCK_BYTES);
    if (buffered) buffered->bytes[offset % BLOCK_BYTES] = value;
    if (offset >= file->visible) return SQLITE_OK;
    sqlite3_file *real = real_file(file);
    return real->pMethods->xWrite(real, &value, 1, offset);
}
