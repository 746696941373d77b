#define _GNU_SOURCE /* sched_getaffinity: POSIX has no word for "the processors I may use" */
#include "base/pool.h"

#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct pool {
    int threads; /* the caller counted */
    int started; /* threads really running beside the caller */
    pthread_t *thread;
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    unsigned long round; /* which call of pool_run */
    int busy;            /* workers of this round still at work */
    int stopping;
    void (*work)(void *context, int worker);
    void *context;
};

struct worker {
    struct pool *pool;
    int index;
};

int pool_processors(void)
{
    cpu_set_t set;
    int count = 0;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

static void *worker_main(void *argument)
{
    struct worker self = *(struct worker *)argument;
    struct pool *pool = self.pool;
    unsigned long seen = 0;
    free(argument);
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == seen && !pool->stopping)
            pthread_cond_wait(&pool->begin, &pool->lock);
        if (pool->stopping)
            break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->lock);
        pool->work(pool->context, self.index);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->end);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static int start_worker(struct pool *pool, int index)
{
    struct worker *worker = memory_array(1, sizeof *worker);
    if (!worker)
        return -1;
    worker->pool = pool;
    worker->index = index;
    if (pthread_create(&pool->thread[index], NULL, worker_main, worker) != 0) {
        free(worker);
        return -1;
    }
    return 0;
}

enum status pool_new(int threads, struct pool **result, struct error *err)
{
    struct pool *pool = memory_array(1, sizeof *pool);
    if (!pool)
        return error_memory(err);
    pool->threads = threads < 1 ? 1 : threads;
    pool->thread = memory_array((size_t)pool->threads, sizeof *pool->thread);
    if (!pool->thread) {
        free(pool);
        return error_memory(err);
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->end, NULL);
    for (int i = 1; i < pool->threads; i++) {
        if (start_worker(pool, i) != 0) {
            pool_free(pool);
            return error_set(err, STATUS_SYSTEM, "cannot start thread %d of %d", i + 1, threads);
        }
        pool->started++;
    }
    *result = pool;
    return STATUS_OK;
}

int pool_size(const struct pool *pool)
{
    return pool->threads;
}

void pool_run(struct pool *pool, void (*work)(void *context, int worker), void *context)
{
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->context = context;
    pool->busy = pool->started;
    pool->round++;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->lock);
    work(context, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->busy)
        pthread_cond_wait(&pool->end, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i <= pool->started; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->begin);
    pthread_cond_destroy(&pool->end);
    pthread_mutex_destroy(&pool->lock);
    free(pool->thread);
    free(pool);
}
