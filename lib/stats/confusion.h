/* stats/confusion: how often each label was predicted as each class.
 *
 * Only the pairs that occurred are kept, so a thousand classes cost what their mistakes cost, not a
 * million cells. Labels and classes are indices, such as those of stats/counts.h.
 */
#ifndef STATS_CONFUSION_H
#define STATS_CONFUSION_H

#include "base/memory.h"

#include <stdint.h>

struct confusion_cell {
    uint32_t label, predicted;
    uint64_t count;
};

struct confusion {
    size_t size;                  /* pairs that occurred */
    struct confusion_cell *cells; /* [size], in order of first occurrence */
    /* Private. */
    size_t room;
    uint32_t *slots; /* [slot_count]: index + 1, 0 is free; a power of two, at most half full */
    size_t slot_count;
};

/* Zero-initialise (= {0}) to start. STATUS_SYSTEM when memory is short. */
enum status confusion_add(struct confusion *confusion, size_t label, size_t predicted,
                          struct error *err);
uint64_t confusion_count(const struct confusion *confusion, size_t label, size_t predicted);
/* The wrong pairs, the most frequent first (ties in order of label, then of class, as `rank` orders
 * them; rank[i] is the place of class i). *count says how many. An array for free(), or NULL when
 * memory is short. */
struct confusion_cell *confusion_mistakes(const struct confusion *confusion, const size_t *rank,
                                          size_t *count);
void confusion_free(struct confusion *confusion);

#endif
