/* stream/shards: are the parts of an input the shards of one whole, each there once?
 *
 * Takes 8 bytes for each end mark that names a shard, up to SHARDS_MAX of them, whatever numbers
 * the marks claim.
 */
#ifndef STREAM_SHARDS_H
#define STREAM_SHARDS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SHARDS_MAX = 1 << 20 };

struct shard {
    uint32_t number, of; /* shard 1 of 3 */
};

/* Starts zeroed; ends with shards_free. */
struct shards {
    struct shard *seen;
    size_t count, capacity;
    int more; /* more than SHARDS_MAX came */
};

/* An end mark says: shard `number` of `of`; 0 of 0 is none. STATUS_SYSTEM: no memory. */
enum status shards_add(struct shards *shards, uint32_t number, uint32_t of, struct error *err);
/* STATUS_OK: each shard of one whole is there once, or fewer than two parts are shards (one alone
 * is a whole input). STATUS_DAMAGED: err names which are missing and which are there more than
 * once. Sorts what it has seen. */
enum status shards_check(struct shards *shards, struct error *err);
void shards_free(struct shards *shards);

#endif
