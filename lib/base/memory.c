#define _DEFAULT_SOURCE  /* madvise: POSIX has no word for large pages, and none that drops pages  \
                          */

#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE_PAGE = 2 << 20 }; /* x86-64's, and AArch64's with pages of 4 KiB */
enum { LIST_FIRST = 16 };      /* elements that a growing list has room for at first */

void *memory_array(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *memory_more(void *list, size_t count, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : LIST_FIRST;
    void *grown;
    if (count < *room)
        return list;
    grown = more <= SIZE_MAX / size ? realloc(list, more * size) : NULL;
    if (grown)
        *room = more;
    return grown;
}

void *memory_aligned(size_t size)
{
    void *bytes = NULL;
    size_t alignment = size >= LARGE_PAGE ? (size_t)LARGE_PAGE : (size_t)MEMORY_ALIGNMENT;
    if (size > SIZE_MAX - LARGE_PAGE)
        return NULL;
    if (posix_memalign(&bytes, alignment, size ? size : 1) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (size >= LARGE_PAGE) /* whole ones only, so that none of it is wasted */
        madvise(bytes, size / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
    return bytes;
}

void memory_unneeded(const void *bytes, size_t size)
{
#ifdef MADV_DONTNEED
    size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (page - (uintptr_t)bytes % page) % page;
    union { /* madvise does not take const, though here it changes nothing */
        const void *from;
        char *to;
    } data = {bytes};
    if (size > before && (size - before) / page > 0)
        madvise(data.to + before, (size - before) / page * page, MADV_DONTNEED);
#else
    (void)bytes, (void)size;
#endif
}

enum status buffer_reserve(struct buffer *buffer, size_t more, struct error *err)
{
    size_t need;
    size_t capacity;
    unsigned char *data;
    if (more > SIZE_MAX - buffer->size)
        return error_memory(err);
    need = buffer->size + more;
    if (need <= buffer->capacity)
        return STATUS_OK;
    capacity = buffer->capacity > SIZE_MAX / 2 ? need : buffer->capacity * 2;
    if (capacity < need)
        capacity = need;
    if (capacity < 256)
        capacity = 256;
    data = memory_aligned(capacity);
    if (!data)
        return error_memory(err);
    if (buffer->size)
        memcpy(data, buffer->data, buffer->size);
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return STATUS_OK;
}

enum status buffer_room(struct buffer *buffer, size_t size, struct error *err)
{
    buffer_clear(buffer);
    return buffer_reserve(buffer, size, err);
}

enum status buffer_append(struct buffer *buffer, const void *bytes, size_t count, struct error *err)
{
    enum status status = buffer_reserve(buffer, count, err);
    if (status != STATUS_OK)
        return status;
    if (count)
        memcpy(buffer->data + buffer->size, bytes, count);
    buffer->size += count;
    return STATUS_OK;
}

enum status buffer_text(struct buffer *buffer, const char *text, struct error *err)
{
    return buffer_append(buffer, text, strlen(text), err);
}

enum status buffer_printf(struct buffer *buffer, struct error *err, const char *format, ...)
{
    va_list arguments;
    int length;
    enum status status;
    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return error_set(err, STATUS_SYSTEM, "cannot format text");
    status = buffer_reserve(buffer, (size_t)length + 1, err);
    if (status != STATUS_OK)
        return status;
    va_start(arguments, format);
    vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return STATUS_OK;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    memset(buffer, 0, sizeof *buffer);
}

enum { ARENA_BLOCK = 64 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    unsigned char *bytes;
};

struct arena {
    struct block *blocks;
};

struct arena *arena_new(void)
{
    return memory_array(1, sizeof(struct arena));
}

/* Not zeroed. */
static void *arena_take(struct arena *arena, size_t need)
{
    struct block *block = arena->blocks;
    size_t start = 0, align = need >= MEMORY_ALIGNMENT ? MEMORY_ALIGNMENT : 16;
    if (block)
        start = (block->used + align - 1) / align * align;
    if (!block || start > block->size || need > block->size - start) {
        block = memory_array(1, sizeof *block);
        if (!block)
            return NULL;
        block->size = need > ARENA_BLOCK ? need : ARENA_BLOCK;
        block->bytes = memory_aligned(block->size);
        if (!block->bytes) {
            free(block);
            return NULL;
        }
        start = 0;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    block->used = start + need;
    return block->bytes + start;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    void *bytes;
    if (size && count > (SIZE_MAX - 2 * (size_t)MEMORY_ALIGNMENT) / size)
        return NULL;
    bytes = arena_take(arena, count * size);
    if (bytes)
        memset(bytes, 0, count * size);
    return bytes;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = size <= SIZE_MAX - 2 * (size_t)MEMORY_ALIGNMENT ? arena_take(arena, size) : NULL;
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_string(struct arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1, 1) : NULL;
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->blocks) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        free(block->bytes);
        free(block);
    }
    free(arena);
}
