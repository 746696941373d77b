/* stream/map: the shape of every program that maps records to records: read, hand to N worker
 * threads, write the results in input order, with bounded memory.
 *
 * How: a worker takes the lock of the input, reads the next batch, and gives it a number; works
 * without a lock; then puts its results into a ring of slots. Whoever fills the slot whose turn it
 * is writes it and every finished slot after it. The ring is 4 slots a worker, so a slow image does
 * not stop the others, and memory does not grow. With one thread, no thread is started. The output
 * is the same for any number of threads.
 */
#ifndef STREAM_MAP_H
#define STREAM_MAP_H

#include "base/pool.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Where a worker puts the results of its batch, in order. */
struct emitter;

/* A record for the output stream. */
enum status emit_record(struct emitter *emitter, const struct record *record, struct error *err);
/* Text for the output (TSV rows, JSON lines): whole lines. A map writes either records or text. */
enum status emit_text(struct emitter *emitter, const char *text, size_t size, struct error *err);
/* The item failed: it is counted, told through map.message, and its error record goes to the output
 * stream. A map of text writes the failed item's row itself, with emit_text. */
enum status emit_failure(struct emitter *emitter, const struct record *record, const char *reason,
                         struct error *err);

struct map {
    /* Required. Handles records[0..count) (count <= batch). STATUS_OK, or a status that ends the
     * whole run. An item that cannot be done is no reason to end: emit_failure. */
    enum status (*work)(void *context, void *worker, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err);
    void *context; /* shared by all workers; read-only while the map runs */
    /* Each worker's own state; both may be NULL. */
    enum status (*worker_new)(void *context, void **worker, struct error *err);
    void (*worker_free)(void *worker);
    const char *stage; /* the program's name, for error records */
    int threads;       /* 0: pool_processors() */
    size_t batch;      /* records per call of work, at most; 0: 1. Fewer at the end, before an error
                          record, and when the next record's type or shape differs */
    int together;      /* batch records belong together, whatever they are, fewer only at the end:
                         a network's inputs. But the first one passes on as below */
    int text;          /* results are text: error records and unknown kinds are given to work too.
                          Otherwise they pass on untouched and work never sees them */
    const char *output; /* what the output of text is called in messages */
    int strict;         /* the first failed item ends the run with STATUS_FAILED */
    void *listener;     /* handed to message and progress */
    /* One call per message, in input order, from one thread at a time. key is NULL when
     * it is no item but the stream that is damaged. */
    void (*message)(void *listener, const char *key, const char *text);
    /* Called after each slot is written, with the number of records done so far; may be NULL. */
    void (*progress)(void *listener, uint64_t records);
};

struct map_result {
    uint64_t records, failed; /* all records read; items that failed here */
    uint64_t errors_passed;   /* error records that came in */
    uint64_t losses;          /* of the input */
};

/* Reads until the reader's end. `writer` for records, `fd` for text (the other is NULL, -1).
 * Does not write the end mark; the input's losses and shard are set on the writer.
 * STATUS_OK, STATUS_FAILED (strict), STATUS_DAMAGED (all good records were handled, but the input
 * had losses), STATUS_SYSTEM, STATUS_CLOSED. */
enum status map_run(const struct map *map, struct reader *reader, struct writer *writer, int fd,
                    struct map_result *result, struct error *err);

#endif
