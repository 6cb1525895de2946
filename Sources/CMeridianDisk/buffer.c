// A hash table of blocks: small between two syncs of a sound disk, and as large as all that was
// written while a disk lies.

#include "buffer.h"

#include <stdlib.h>

static size_t bucket_of(const buffer *buffer, int64_t number) {
    return (size_t)((uint64_t)number * 0x9E3779B97F4A7C15u >> 20) & (buffer->bucket_count - 1);
}

block *buffer_find(const buffer *buffer, int64_t number) {
    if (buffer->count == 0) return NULL;
    block *found = buffer->buckets[bucket_of(buffer, number)];
    while (found && found->number != number) found = found->next;
    return found;
}

static int grow(buffer *old) {
    buffer larger = *old;
    larger.bucket_count = old->bucket_count ? old->bucket_count * 2 : 64;
    larger.buckets = calloc(larger.bucket_count, sizeof(block *));
    if (!larger.buckets) return 0;
    for (size_t index = 0; index < old->bucket_count; index++) {
        block *moved = old->buckets[index];
        while (moved) {
            block *next = moved->next;
            size_t bucket = bucket_of(&larger, moved->number);
            moved->next = larger.buckets[bucket];
            larger.buckets[bucket] = moved;
            moved = next;
        }
    }
    free(old->buckets);
    *old = larger;
    return 1;
}

block *buffer_add(buffer *buffer, int64_t number) {
    if (buffer->count >= buffer->bucket_count && !grow(buffer)) return NULL;
    block *added = calloc(1, sizeof(block));
    if (!added) return NULL;
    added->number = number;
    size_t bucket = bucket_of(buffer, number);
    added->next = buffer->buckets[bucket];
    buffer->buckets[bucket] = added;
    buffer->count++;
    return added;
}

void buffer_wrote(buffer *buffer, block *block, int low, int high) {
    buffer->pending -= block->high - block->low;
    if (block->low == block->high) {
        block->low = low;
        block->high = high;
    } else {
        if (low < block->low) block->low = low;
        if (high > block->high) block->high = high;
    }
    buffer->pending += block->high - block->low;
}

void buffer_truncate(buffer *buffer, int64_t size) {
    for (size_t index = 0; index < buffer->bucket_count; index++) {
        block **link = &buffer->buckets[index];
        while (*link) {
            block *kept = *link;
            int64_t rest = size - kept->number * BLOCK_BYTES;
            if (rest <= 0) {
                *link = kept->next;
                buffer->pending -= kept->high - kept->low;
                buffer->count--;
                free(kept);
                continue;
            }
            if (rest < BLOCK_BYTES) {
                // What a file grows by later reads as zero.
                for (int64_t byte = rest; byte < BLOCK_BYTES; byte++) kept->bytes[byte] = 0;
                buffer->pending -= kept->high - kept->low;
                if (kept->high > rest) kept->high = (int)rest;
                if (kept->low > kept->high) kept->low = kept->high;
                buffer->pending += kept->high - kept->low;
            }
            link = &kept->next;
        }
    }
}

static int by_number(const void *left, const void *right) {
    int64_t one = (*(block *const *)left)->number;
    int64_t other = (*(block *const *)right)->number;
    return one < other ? -1 : one > other;
}

block **buffer_sorted(const buffer *buffer) {
    if (buffer->count == 0) return NULL;
    block **sorted = malloc(buffer->count * sizeof(block *));
    if (!sorted) return NULL;
    size_t filled = 0;
    for (size_t index = 0; index < buffer->bucket_count; index++) {
        for (block *each = buffer->buckets[index]; each; each = each->next) {
            sorted[filled++] = each;
        }
    }
    qsort(sorted, filled, sizeof(block *), by_number);
    return sorted;
}

void buffer_clear(buffer *buffer) {
    for (size_t index = 0; index < buffer->bucket_count; index++) {
        block *each = buffer->buckets[index];
        while (each) {
            block *next = each->next;
            free(each);
            each = next;
        }
        buffer->buckets[index] = NULL;
    }
    buffer->count = 0;
    buffer->pending = 0;
    // A table that grew large while a disk lied would be slow to empty from now on.
    if (buffer->bucket_count > 4096) {
        free(buffer->buckets);
        buffer->buckets = NULL;
        buffer->bucket_count = 0;
    }
}
