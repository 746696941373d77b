/* stats/counts: names and how often each occurred: labels, classes, reasons, shapes.
 *
 * A hash table from name to index; indices run from 0 in the order of first occurrence, so other
 * arrays can be kept beside it. Memory grows with the number of distinct names, and with nothing
 * else.
 */
#ifndef STATS_COUNTS_H
#define STATS_COUNTS_H

#include "base/memory.h"

#include <stdint.h>

struct counts {
    size_t size;      /* distinct names */
    char **names;     /* [size] */
    uint64_t *counts; /* [size] */
    size_t limit;     /* 0: none; else further names are all counted under COUNTS_OTHER */
    /* Private. */
    struct arena *arena;
    size_t room;     /* of names and counts */
    uint32_t *slots; /* [slot_count]: index + 1, 0 is free; a power of two, at most half full */
    size_t slot_count;
};

#define COUNTS_OTHER "(other)"

/* Zero-initialise (= {0}) to start. STATUS_SYSTEM when memory is short. */
/* The index of the name, which is added with a count of 0 when it is new. */
enum status counts_index(struct counts *counts, const char *name, size_t *index, struct error *err);
/* The same, and counts it `more` times. */
enum status counts_add(struct counts *counts, const char *name, uint64_t more, struct error *err);
/* Is the name there? Then *index says where. */
int counts_find(const struct counts *counts, const char *name, size_t *index);
/* How often the name was counted; 0 when it never occurred. */
uint64_t counts_of(const struct counts *counts, const char *name);
uint64_t counts_total(const struct counts *counts);
/* The indices in order of name (bytes), or from the largest count down (ties in order of name): an
 * array of `size` for free(); NULL when memory is short. */
size_t *counts_by_name(const struct counts *counts);
size_t *counts_by_count(const struct counts *counts);
void counts_free(struct counts *counts);

#endif
