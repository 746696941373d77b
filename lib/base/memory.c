#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_array(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *memory_aligned(size_t size)
{
    void *bytes = NULL;
    if (size > SIZE_MAX - MEMORY_ALIGNMENT)
        return NULL;
    if (posix_memalign(&bytes, MEMORY_ALIGNMENT, size ? size : 1) != 0)
        return NULL;
    return bytes;
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

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    struct block *block = arena->blocks;
    size_t need, align, start = 0;
    if (size && count > (SIZE_MAX - 2 * (size_t)MEMORY_ALIGNMENT) / size)
        return NULL;
    need = count * size;
    align = need >= MEMORY_ALIGNMENT ? MEMORY_ALIGNMENT : 16;
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
    memset(block->bytes + start, 0, need);
    return block->bytes + start;
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
