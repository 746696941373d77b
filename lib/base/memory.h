/* base/memory: allocation that checks its arithmetic, a growing buffer, and an arena.
 *
 * Every function returns NULL or STATUS_SYSTEM when memory is short; nothing aborts.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/error.h"

#include <stddef.h>

enum { MEMORY_ALIGNMENT = 64 }; /* a cache line, an AVX-512 register, the stream's payloads */

/* count * size zeroed bytes, or NULL when short or when the product overflows. Freed with free().
 */
void *memory_array(size_t count, size_t size);

/* Room for one more element in a list that holds `count` and has room for *room of `size` bytes:
 * the list itself, or what takes its place, with twice the room (not zeroed). NULL when short; the
 * list is then as it was. Starts as NULL with a room of 0; freed with free(). */
void *memory_more(void *list, size_t count, size_t *room, size_t size);

/* size bytes (not zeroed) aligned to MEMORY_ALIGNMENT. Large blocks get large pages where the
 * system has them: fewer faults and fewer misses in the TLB. Freed with free(). */
void *memory_aligned(size_t size);

/* Nobody will soon read these bytes, which must be of a file mapped for reading: whole pages of
 * them need not stay in memory. They are read again from the file when somebody does. */
void memory_unneeded(const void *bytes, size_t size);

/* Bytes that grow. The caller owns data, aligned to MEMORY_ALIGNMENT; zero-initialise to start. */
struct buffer {
    unsigned char *data;
    size_t size;
    size_t capacity;
};

/* Makes room for at least `more` bytes after size; size itself stays. */
enum status buffer_reserve(struct buffer *buffer, size_t more, struct error *err);
/* Empties the buffer and makes room for `size` bytes. */
enum status buffer_room(struct buffer *buffer, size_t size, struct error *err);
enum status buffer_append(struct buffer *buffer, const void *bytes, size_t count,
                          struct error *err);
enum status buffer_text(struct buffer *buffer, const char *text, struct error *err);
enum status buffer_printf(struct buffer *buffer, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* size = 0; the memory is kept for the next use. */
void buffer_clear(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

/* Many small things that live and die together. */
struct arena;
struct arena *arena_new(void);
/* Zeroed, aligned to MEMORY_ALIGNMENT for 64 bytes and more, else to 16; NULL when short. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
/* A copy of the bytes, aligned likewise. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
/* A copy of `length` bytes with a NUL after them. */
char *arena_string(struct arena *arena, const char *text, size_t length);
void arena_free(struct arena *arena);

#endif
