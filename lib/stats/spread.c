#include "stats/spread.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SPREAD_BITS = 10,
    SPREAD_STEPS = 1 << SPREAD_BITS,
    SPREAD_BUCKETS = (64 - SPREAD_BITS + 1) * SPREAD_STEPS,
};

/* Of how many bits is the number too long for a bucket of width 1? */
static unsigned excess(uint64_t value)
{
    unsigned bits = 0;
    while (value >> bits >= 2 * SPREAD_STEPS)
        bits++;
    return bits;
}

static size_t bucket_of(uint64_t value)
{
    unsigned bits = excess(value);
    return (size_t)bits * SPREAD_STEPS + (size_t)(value >> bits);
}

/* The middle of the bucket. */
static uint64_t value_of(size_t bucket)
{
    unsigned bits = bucket < 2 * (size_t)SPREAD_STEPS ? 0 : (unsigned)(bucket / SPREAD_STEPS) - 1;
    uint64_t start = (uint64_t)(bucket - (size_t)bits * SPREAD_STEPS) << bits;
    return start + ((UINT64_C(1) << bits) - 1) / 2;
}

enum status spread_add(struct spread *spread, uint64_t value, struct error *err)
{
    if (!spread->buckets) {
        spread->buckets = memory_array(SPREAD_BUCKETS, sizeof *spread->buckets);
        if (!spread->buckets)
            return error_memory(err);
    }
    if (spread->count == 0 || value < spread->least)
        spread->least = value;
    if (spread->count == 0 || value > spread->most)
        spread->most = value;
    spread->count++;
    spread->buckets[bucket_of(value)]++;
    return STATUS_OK;
}

uint64_t spread_median(const struct spread *spread)
{
    uint64_t before = 0, value;
    size_t bucket = 0;
    if (spread->count == 0)
        return 0;
    for (; before + spread->buckets[bucket] < (spread->count + 1) / 2; bucket++)
        before += spread->buckets[bucket];
    value = value_of(bucket);
    return value < spread->least ? spread->least : value > spread->most ? spread->most : value;
}

void spread_free(struct spread *spread)
{
    free(spread->buckets);
    memset(spread, 0, sizeof *spread);
}
