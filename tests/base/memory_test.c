/* Buffers, arenas, and arithmetic that would overflow. */
#include "base/memory.h"
#include "tests/tap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Under AddressSanitizer a size that no machine has is NULL too, not the end of the test. */
const char *__asan_default_options(void); /* NOLINT: the sanitizer's name */
const char *__asan_default_options(void)  /* NOLINT */
{
    return "allocator_may_return_null=1";
}

static void test_buffer(void)
{
    struct buffer buffer = {0};
    struct error err = {0};
    int wrong = 0;
    for (int i = 0; i < 10000; i++)
        wrong += buffer_append(&buffer, &(unsigned char){(unsigned char)i}, 1, NULL) != STATUS_OK;
    for (size_t i = 0; i < buffer.size; i++)
        wrong += buffer.data[i] != (unsigned char)i;
    ok(wrong == 0 && buffer.size == 10000, "a buffer grows and keeps its bytes");
    ok(((uintptr_t)buffer.data & (MEMORY_ALIGNMENT - 1)) == 0, "it is aligned");
    same_int(buffer_reserve(&buffer, SIZE_MAX - 100, &err), STATUS_SYSTEM,
             "a size that overflows is out of memory");
    same_int(buffer_reserve(&buffer, SIZE_MAX / 2, &err), STATUS_SYSTEM,
             "a size that no machine has too");
    ok(buffer.size == 10000 && buffer.data[9999] == (unsigned char)9999, "the buffer is as it was");
    buffer_clear(&buffer);
    buffer_printf(&buffer, NULL, "%d-%s", 5, "x");
    buffer_text(&buffer, "!", NULL);
    ok(buffer.size == 4 && memcmp(buffer.data, "5-x!", 4) == 0, "text is appended without its NUL");
    buffer_append(&buffer, NULL, 0, NULL);
    same_int((long long)buffer.size, 4, "nothing is appended as nothing");
    buffer_free(&buffer);
    ok(buffer.data == NULL && buffer.size == 0, "a freed buffer can be used again");
}

static void test_list(void)
{
    int *list = NULL, wrong = 0;
    size_t room = 0, before;
    for (int i = 0; i < 1000; i++) {
        int *more = memory_more(list, (size_t)i, &room, sizeof *list);
        if (!more)
            break;
        list = more;
        list[i] = i;
    }
    for (int i = 0; list && i < 1000; i++)
        wrong += list[i] != i;
    ok(list && wrong == 0, "a list grows and keeps its elements");
    before = room;
    ok(room >= 1000 && memory_more(list, room - 1, &room, sizeof *list) == list && room == before,
       "where there is room it stays");
    ok(!memory_more(list, room, &room, SIZE_MAX / 8) && room == before && list && list[999] == 999,
       "a size that overflows is NULL, and the list is as it was");
    free(list);
}

static void test_arena(void)
{
    struct arena *arena = arena_new();
    int wrong = 0;
    for (size_t i = 1; i < 2000; i++) {
        unsigned char *bytes = arena_alloc(arena, i, i % 7 + 1);
        size_t size = i * (i % 7 + 1);
        if (!bytes || ((uintptr_t)bytes & ((size >= 64 ? 64 : 16) - 1)) != 0) {
            wrong++;
            continue;
        }
        for (size_t j = 0; j < size; j++)
            wrong += bytes[j] != 0;
        memset(bytes, 0xff, size);
    }
    same_int(wrong, 0, "an arena's pieces are zero, apart and aligned");
    ok(arena_alloc(arena, SIZE_MAX / 2, 3) == NULL, "an overflowing product is NULL");
    ok(arena_alloc(arena, 0, 8) != NULL, "nothing is something");
    ok(memcmp(arena_copy(arena, "hello", 5), "hello", 5) == 0, "a copy");
    same_text(arena_string(arena, "hello", 4), "hell", "a string is cut where asked");
    arena_free(arena);
    arena_free(NULL);
    ok(memory_array(SIZE_MAX / 2, 3) == NULL, "so is an array's");
    ok(memory_aligned(SIZE_MAX) == NULL, "and an aligned block's");
}

static void test_large(void)
{
    enum { SIZE = 5 << 20, REST = 100 };
    unsigned char *bytes = memory_aligned(SIZE + REST);
    int aligned = ((uintptr_t)bytes & (MEMORY_ALIGNMENT - 1)) == 0;
    memset(bytes, 7, SIZE + REST);
    ok(aligned && bytes[SIZE + REST - 1] == 7, "a block of large pages");
    free(bytes);
}

/* A page that nobody needs is still there for who reads it. */
static void test_unneeded(void)
{
    FILE *file = tmpfile();
    size_t size = 3 * 65536, wrong = 0;
    unsigned char *bytes;
    for (size_t i = 0; i < size; i++)
        fputc((int)(i % 251), file);
    fflush(file);
    bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    for (size_t from = 0; from < 3; from++) {
        memory_unneeded(bytes + from, from == 2 ? 10 : size - from - 1);
        for (size_t i = 0; i < size; i++)
            wrong += bytes[i] != i % 251;
    }
    same_int((long long)wrong, 0, "a mapped file's bytes are read again after they were dropped");
    munmap(bytes, size);
    fclose(file);
}

int main(void)
{
    test_buffer();
    test_list();
    test_arena();
    test_large();
    test_unneeded();
    return tap_done();
}
