/* Locks: `input` covers reading (reader, next ticket, the record read ahead); `order` covers the
 * ring's states and the end of the run. Whoever holds `input` may wait for a slot to come free.
 * That cannot deadlock: slots are freed by whoever writes, which needs only `order`, and the slot
 * whose turn it is belongs to a worker that has left `input` and either works or has finished.
 *
 * All that the outside sees (bytes, messages, counts, the first failure) happens when a slot's turn
 * comes, so it is the same for any number of threads.
 */
#include "stream/map.h"

#include "base/io.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_A_WORKER = 4,
    TEXT_BLOCK = 64 * 1024, /* text of finished slots is written at once, up to about so much */
};

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_DONE };

/* A batch's results, waiting for their turn. */
struct slot {
    enum slot_state state;
    struct writer *writer;  /* records, in memory; NULL in a map of text */
    struct buffer text;     /* or text */
    struct buffer messages; /* key NUL text NUL key NUL text NUL ... */
    uint64_t records, errors_passed, failed;
    enum status status; /* not STATUS_OK: the run ends at this slot, and err says why */
    struct error err;
};

struct run {
    const struct map *map;
    struct reader *reader;
    struct writer *writer;
    int fd;
    struct map_result *result;
    size_t batch;
    void **workers;          /* each worker's own state */
    struct record *records;  /* each worker's batch, one after the other */
    struct record *failures; /* each worker's error record, to be built in */

    pthread_mutex_t input;
    uint64_t ticket;     /* of the next batch */
    struct record ahead; /* read, but of the next batch */
    int have_ahead;
    int at_end;

    pthread_mutex_t order;
    pthread_cond_t freed;
    struct slot *slots;
    size_t slot_count;
    uint64_t turn; /* the ticket to be written next */
    int writing;   /* somebody writes finished slots */
    int stopping;  /* no more batches are begun: the end of a run that failed */
    struct buffer text;
    enum status status;
    struct error err;
};

struct emitter {
    struct run *run;
    struct slot *slot;
    struct record *failure;
};

static enum status add_message(struct slot *slot, const char *key, const char *text,
                               struct error *err)
{
    enum status status = buffer_append(&slot->messages, key, strlen(key) + 1, err);
    return status == STATUS_OK ? buffer_append(&slot->messages, text, strlen(text) + 1, err)
                               : status;
}

enum status emit_record(struct emitter *emitter, const struct record *record, struct error *err)
{
    if (!emitter->slot->writer)
        return error_set(err, STATUS_USAGE, "a map of text cannot emit a record");
    return writer_put(emitter->slot->writer, record, err);
}

enum status emit_text(struct emitter *emitter, const char *text, size_t size, struct error *err)
{
    return buffer_append(&emitter->slot->text, text, size, err);
}

enum status emit_failure(struct emitter *emitter, const struct record *record, const char *reason,
                         struct error *err)
{
    const struct map *map = emitter->run->map;
    struct slot *slot = emitter->slot;
    struct record *failure = emitter->failure;
    enum status status;
    slot->failed++;
    if (map->strict)
        return error_set(err, STATUS_FAILED, "%.256s: %s", record_key(record), reason);
    status = add_message(slot, record_key(record), reason, err);
    if (status != STATUS_OK || !slot->writer)
        return status;
    status = record_copy_head(failure, record, err);
    if (status == STATUS_OK)
        status = record_fail(failure, map->stage, reason, err);
    return status == STATUS_OK ? writer_put(slot->writer, failure, err) : status;
}

/* Does work never see it, but it goes on as it is? */
static int passes(const struct run *run, const struct record *record)
{
    return !run->map->text && record->kind != RECORD_IMAGE && record->kind != RECORD_TENSOR;
}

/* May it share a batch, and with that one? */
static int batches(const struct record *record)
{
    return record->kind == RECORD_IMAGE || record->kind == RECORD_TENSOR;
}

static int alike(const struct record *a, const struct record *b)
{
    return a->kind == b->kind && batches(b) && a->type == b->type &&
           shape_equal(&a->shape, &b->shape);
}

/* The next record; damage becomes a message. STATUS_END at the end. Under `input`. */
static enum status next_record(struct run *run, struct slot *slot, struct record *record,
                               struct error *err)
{
    enum status status;
    if (run->have_ahead) {
        struct record swap = *record;
        *record = run->ahead;
        run->ahead = swap;
        run->have_ahead = 0;
        return STATUS_OK;
    }
    while ((status = reader_next(run->reader, record, err)) == STATUS_DAMAGED) {
        status = add_message(slot, "", err->text, err);
        if (status != STATUS_OK)
            return status;
    }
    return status;
}

/* Fills the batch. *count is 0 at the end of the input. Under `input`. */
static enum status read_batch(struct run *run, struct slot *slot, struct record *records,
                              size_t *count, struct error *err)
{
    enum status status = next_record(run, slot, &records[0], err);
    *count = status == STATUS_OK;
    while (status == STATUS_OK && *count < run->batch && batches(&records[0])) {
        struct record *next = &records[*count];
        status = next_record(run, slot, next, err);
        if (status == STATUS_OK && !run->map->together && !alike(&records[0], next)) {
            struct record swap = run->ahead;
            run->ahead = *next;
            *next = swap;
            run->have_ahead = 1;
            break;
        }
        *count += status == STATUS_OK;
    }
    if (status == STATUS_END) {
        run->at_end = 1;
        status = STATUS_OK;
    }
    return status;
}

/* Takes a slot and fills the batch. NULL: there is nothing more to do. */
static struct slot *take_batch(struct run *run, struct record *records, size_t *count)
{
    struct slot *slot = NULL;
    int stop;
    pthread_mutex_lock(&run->input);
    if (!run->at_end) {
        slot = &run->slots[run->ticket % run->slot_count];
        pthread_mutex_lock(&run->order);
        while (slot->state != SLOT_FREE && !run->stopping)
            pthread_cond_wait(&run->freed, &run->order);
        stop = run->stopping;
        if (!stop)
            slot->state = SLOT_TAKEN;
        pthread_mutex_unlock(&run->order);
        if (stop) {
            slot = NULL;
        } else {
            run->ticket++;
            slot->status = read_batch(run, slot, records, count, &slot->err);
            if (slot->status != STATUS_OK)
                run->at_end = 1;
        }
    }
    pthread_mutex_unlock(&run->input);
    return slot;
}

static enum status do_batch(struct run *run, int worker, struct slot *slot, struct record *records,
                            size_t count, struct error *err)
{
    struct emitter emitter = {run, slot, &run->failures[worker]};
    slot->records = count;
    for (size_t i = 0; i < count; i++)
        slot->errors_passed += records[i].kind == RECORD_ERROR;
    if (count == 0)
        return STATUS_OK;
    if (passes(run, &records[0]))
        return writer_put(slot->writer, &records[0], err);
    return run->map->work(run->map->context, run->workers[worker], records, count, &emitter, err);
}

static void tell_messages(const struct run *run, const struct slot *slot)
{
    const char *at = (const char *)slot->messages.data;
    const char *end = at + slot->messages.size;
    while (slot->messages.size && at < end) {
        const char *key = at;
        const char *text = key + strlen(key) + 1;
        at = text + strlen(text) + 1;
        if (run->map->message)
            run->map->message(run->map->listener, *key ? key : NULL, text);
    }
}

static enum status write_text(struct run *run, size_t limit, struct error *err)
{
    enum status status = STATUS_OK;
    if (run->text.size > limit) {
        status = io_write(run->fd, run->map->output, run->text.data, run->text.size, err);
        buffer_clear(&run->text);
    }
    return status;
}

/* The slot's turn: what it holds goes out. */
static enum status write_slot(struct run *run, struct slot *slot, struct error *err)
{
    struct map_result *result = run->result;
    enum status status = slot->status;
    tell_messages(run, slot);
    result->records += slot->records;
    result->failed += slot->failed;
    result->errors_passed += slot->errors_passed;
    if (status !=
        STATUS_OK) { /* the rows before it go out all the same, for any number of threads */
        write_text(run, 0, err);
        *err = slot->err;
        err->status = status;
    } else if (slot->writer) {
        status = writer_drain(run->writer, slot->writer, err);
    } else if (slot->text.size) {
        status = buffer_append(&run->text, slot->text.data, slot->text.size, err);
        if (status == STATUS_OK)
            status = write_text(run, TEXT_BLOCK, err);
    }
    if (status == STATUS_OK && run->map->progress)
        run->map->progress(run->map->listener, result->records);
    buffer_clear(&slot->text);
    buffer_clear(&slot->messages);
    slot->records = slot->failed = slot->errors_passed = 0;
    return status;
}

/* Under `order`, which is let go while writing. */
static void write_finished(struct run *run)
{
    struct slot *slot = &run->slots[run->turn % run->slot_count];
    enum status status = STATUS_OK;
    struct error err = {0};
    if (run->writing)
        return;
    run->writing = 1;
    while (slot->state == SLOT_DONE && run->status == STATUS_OK) {
        pthread_mutex_unlock(&run->order);
        status = write_slot(run, slot, &err);
        pthread_mutex_lock(&run->order);
        run->turn++;
        slot->state = SLOT_FREE;
        slot = &run->slots[run->turn % run->slot_count];
        if (status == STATUS_OK && slot->state != SLOT_DONE)
            status = write_text(run, 0, &err); /* nobody knows how long the next one takes */
        if (status != STATUS_OK) {
            run->status = status;
            run->err = err;
            run->stopping = 1;
        }
        pthread_cond_broadcast(&run->freed);
    }
    run->writing = 0;
}

static void worker_main(void *context, int worker)
{
    struct run *run = context;
    struct record *records = run->records + (size_t)worker * run->batch;
    struct slot *slot;
    size_t count = 0;
    while ((slot = take_batch(run, records, &count)) != NULL) {
        if (slot->status == STATUS_OK)
            slot->status = do_batch(run, worker, slot, records, count, &slot->err);
        pthread_mutex_lock(&run->order);
        slot->state = SLOT_DONE;
        if (slot->status != STATUS_OK)
            run->stopping = 1; /* those before it are still done and written */
        write_finished(run);
        pthread_mutex_unlock(&run->order);
    }
}

static enum status make_run(struct run *run, size_t threads, struct error *err)
{
    run->slot_count = threads * SLOTS_A_WORKER;
    run->slots = memory_array(run->slot_count, sizeof *run->slots);
    run->records = memory_array(threads * run->batch, sizeof *run->records);
    run->failures = memory_array(threads, sizeof *run->failures);
    run->workers = memory_array(threads, sizeof *run->workers);
    if (!run->slots || !run->records || !run->failures || !run->workers)
        return error_memory(err);
    for (size_t i = 0; i < run->slot_count && !run->map->text; i++) {
        enum status status = writer_open(-1, "memory", &run->slots[i].writer, err);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < threads && run->map->worker_new; i++) {
        enum status status = run->map->worker_new(run->map->context, &run->workers[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static void free_run(struct run *run, size_t threads)
{
    for (size_t i = 0; run->slots && i < run->slot_count; i++) {
        writer_free(run->slots[i].writer);
        buffer_free(&run->slots[i].text);
        buffer_free(&run->slots[i].messages);
    }
    for (size_t i = 0; run->records && i < threads * run->batch; i++)
        record_free(&run->records[i]);
    for (size_t i = 0; run->failures && i < threads; i++)
        record_free(&run->failures[i]);
    for (size_t i = 0; run->workers && i < threads; i++)
        if (run->workers[i] && run->map->worker_free)
            run->map->worker_free(run->workers[i]);
    record_free(&run->ahead);
    buffer_free(&run->text);
    free(run->slots);
    free(run->records);
    free(run->failures);
    free(run->workers);
}

static enum status run_workers(struct run *run, int threads, struct error *err)
{
    struct pool *pool;
    enum status status = pool_new(threads, &pool, err);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_init(&run->input, NULL);
    pthread_mutex_init(&run->order, NULL);
    pthread_cond_init(&run->freed, NULL);
    pool_run(pool, worker_main, run);
    pool_free(pool);
    pthread_cond_destroy(&run->freed);
    pthread_mutex_destroy(&run->order);
    pthread_mutex_destroy(&run->input);
    if (run->status != STATUS_OK && err)
        *err = run->err;
    return run->status;
}

enum status map_run(const struct map *map, struct reader *reader, struct writer *writer, int fd,
                    struct map_result *result, struct error *err)
{
    struct map_result unused = {0};
    int threads = map->threads > 0 ? map->threads : pool_processors();
    struct run run = {.map = map,
                      .reader = reader,
                      .writer = writer,
                      .fd = fd,
                      .result = result ? result : &unused,
                      .batch = map->batch ? map->batch : 1};
    enum status status = make_run(&run, (size_t)threads, err);
    memset(run.result, 0, sizeof *run.result);
    if (status == STATUS_OK)
        status = run_workers(&run, threads, err);
    free_run(&run, (size_t)threads);
    run.result->losses = reader_losses(reader);
    if (status == STATUS_OK && writer) {
        const struct tally *sum = reader_tally(reader);
        writer_set_loss(writer, sum->losses, reader_reason(reader));
        if (sum->shards)
            writer_set_shard(writer, sum->shard, sum->shards);
    }
    if (status == STATUS_OK && run.result->losses)
        status = error_set(err, STATUS_DAMAGED, "the input was not whole: %llu %s",
                           (unsigned long long)run.result->losses,
                           run.result->losses == 1 ? "loss" : "losses");
    return status;
}
