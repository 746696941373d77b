/* base/pool: a fixed set of threads that run the same function at the same time, again and again.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/error.h"

#include <stddef.h>

/* The processors this process may use (its affinity mask), at least 1. */
int pool_processors(void);

struct pool;
enum status pool_new(int threads, struct pool **pool, struct error *err);
int pool_size(const struct pool *pool);
/* Calls work(context, worker) once for each worker 0..threads-1 at the same time and returns when
 * all have returned. Worker 0 is the caller's own thread, so a pool of one starts no thread at all.
 */
void pool_run(struct pool *pool, void (*work)(void *context, int worker), void *context);
void pool_free(struct pool *pool);

#endif
