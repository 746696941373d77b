#include "stream/shards.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHRASES = 8 }; /* so many are told, however many shards are wrong */

/* What is wrong, phrase by phrase. */
struct complaint {
    char text[ERROR_TEXT / 2];
    size_t used;
    unsigned phrases;
};

enum status shards_add(struct shards *shards, uint32_t number, uint32_t of, struct error *err)
{
    struct shard *seen;
    if (of == 0)
        return STATUS_OK;
    if (shards->count == SHARDS_MAX) {
        shards->more = 1;
        return STATUS_OK;
    }
    seen = memory_more(shards->seen, shards->count, &shards->capacity, sizeof *seen);
    if (!seen)
        return error_memory(err);
    shards->seen = seen;
    seen[shards->count++] = (struct shard){number, of};
    return STATUS_OK;
}

static int compare(const void *left, const void *right)
{
    const struct shard *a = left, *b = right;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void __attribute__((format(printf, 2, 3)))
complain(struct complaint *complaint, const char *format, ...)
{
    va_list arguments;
    int length;
    size_t room = sizeof complaint->text - complaint->used;
    if (complaint->phrases++ >= PHRASES)
        return;
    length = snprintf(complaint->text + complaint->used, room, "%s", complaint->used ? "; " : "");
    complaint->used += (size_t)length;
    va_start(arguments, format);
    length = vsnprintf(complaint->text + complaint->used, room - (size_t)length, format, arguments);
    va_end(arguments);
    complaint->used += (size_t)length;
}

static void complain_missing(struct complaint *complaint, uint32_t first, uint32_t last,
                             uint32_t of)
{
    if (first == last)
        complain(complaint, "shard %lu of %lu is missing", (unsigned long)first, (unsigned long)of);
    else if (first < last)
        complain(complaint, "shards %lu to %lu of %lu are missing", (unsigned long)first,
                 (unsigned long)last, (unsigned long)of);
}

/* The shards of one whole, seen[0..count), sorted. */
static void check_whole(struct complaint *complaint, const struct shard *seen, size_t count)
{
    uint32_t of = seen->of, before = 0;
    for (size_t i = 0; i < count;) {
        uint32_t number = seen[i].number;
        size_t times = 1;
        while (i + times < count && seen[i + times].number == number)
            times++;
        complain_missing(complaint, before + 1, number - 1, of);
        if (times == 2)
            complain(complaint, "shard %lu of %lu is there twice", (unsigned long)number,
                     (unsigned long)of);
        else if (times > 2)
            complain(complaint, "shard %lu of %lu is there %zu times", (unsigned long)number,
                     (unsigned long)of, times);
        before = number;
        i += times;
    }
    if (before < of)
        complain_missing(complaint, before + 1, of, of);
}

enum status shards_check(struct shards *shards, struct error *err)
{
    struct complaint complaint = {.used = 0};
    const struct shard *seen = shards->seen;
    size_t begin = 0;
    if (shards->more)
        return error_set(err, STATUS_DAMAGED, "more than %d shards: too many to check them",
                         SHARDS_MAX);
    if (shards->count < 2)
        return STATUS_OK;
    qsort(shards->seen, shards->count, sizeof *seen, compare);
    if (seen[0].of != seen[shards->count - 1].of)
        complain(&complaint, "shards of %lu and of %lu are mixed", (unsigned long)seen[0].of,
                 (unsigned long)seen[shards->count - 1].of);
    for (size_t end = 1; end <= shards->count; end++)
        if (end == shards->count || seen[end].of != seen[begin].of) {
            check_whole(&complaint, seen + begin, end - begin);
            begin = end;
        }
    if (complaint.phrases == 0)
        return STATUS_OK;
    if (complaint.phrases > PHRASES)
        return error_set(err, STATUS_DAMAGED, "%s; and %u more of this kind", complaint.text,
                         complaint.phrases - PHRASES);
    return error_set(err, STATUS_DAMAGED, "%s", complaint.text);
}

void shards_free(struct shards *shards)
{
    free(shards->seen);
    memset(shards, 0, sizeof *shards);
}
