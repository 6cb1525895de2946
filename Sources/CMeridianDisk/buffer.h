// What was written to a file and has not reached it yet: blocks of the file's content, each whole,
// with the stretch of it that was written.

#ifndef MERIDIAN_BUFFER_H
#define MERIDIAN_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#define BLOCK_BYTES 4096

/// A block of a file. All of its bytes are what a reader must see.
typedef struct block {
    /// Which block of the file, from 0.
    int64_t number;
    /// The stretch that was written; empty when `low` is `high`.
    int low, high;
    struct block *next;
    unsigned char bytes[BLOCK_BYTES];
} block;

/// The blocks of one file, in a hash table. All zero: an empty buffer.
typedef struct {
    block **buckets;
    size_t bucket_count;
    size_t count;
    /// How many bytes wait to be written.
    int64_t pending;
} buffer;

/// The block with this number, or NULL.
block *buffer_find(const buffer *buffer, int64_t number);

/// Adds a block that is not there yet, with all bytes zero; NULL if there is no memory.
block *buffer_add(buffer *buffer, int64_t number);

/// Takes note that the bytes from `low` to `high` of a block were written.
void buffer_wrote(buffer *buffer, block *block, int low, int high);

/// Forgets everything from `size` of the file on.
void buffer_truncate(buffer *buffer, int64_t size);

/// All blocks in order of their numbers, in an array that the caller frees; NULL if there are none
/// or there is no memory.
block **buffer_sorted(const buffer *buffer);

/// Forgets everything.
void buffer_clear(buffer *buffer);

#endif
