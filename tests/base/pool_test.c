/* The pool: every worker runs once a round, at the same time, again and again. */
#include "base/pool.h"
#include "tests/tap.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 500 };

struct shared {
    int runs[THREADS];
    pthread_t caller;
    int zero_elsewhere; /* worker 0 was not the caller's thread */
    pthread_barrier_t barrier;
};

static void work(void *context, int worker)
{
    struct shared *shared = context;
    shared->runs[worker]++;
    if (worker == 0)
        shared->zero_elsewhere += !pthread_equal(pthread_self(), shared->caller);
    pthread_barrier_wait(&shared->barrier); /* would hang, were they not all there at once */
}

static void test_size(int threads)
{
    struct shared shared = {.caller = pthread_self()};
    struct pool *pool;
    int wrong = 0;
    if (pool_new(threads, &pool, NULL) != STATUS_OK) {
        ok(0, "a pool of %d", threads);
        return;
    }
    pthread_barrier_init(&shared.barrier, NULL, (unsigned)threads);
    same_int(pool_size(pool), threads, "its size");
    for (int i = 0; i < ROUNDS; i++) {
        pool_run(pool, work, &shared);
        for (int j = 0; j < THREADS; j++)
            wrong += shared.runs[j] != (j < threads ? i + 1 : 0);
    }
    ok(wrong == 0 && shared.zero_elsewhere == 0,
       "%d workers: each runs once a round, 0 is the caller", threads);
    pool_free(pool);
    pthread_barrier_destroy(&shared.barrier);
}

int main(void)
{
    struct pool *pool;
    test_size(1);
    test_size(2);
    test_size(THREADS);
    ok(pool_processors() >= 1, "there is a processor");
    same_int(pool_new(0, &pool, NULL), STATUS_OK, "a pool of none");
    same_int(pool_size(pool), 1, "is the caller");
    pool_free(pool);
    pool_free(NULL);
    return tap_done();
}
