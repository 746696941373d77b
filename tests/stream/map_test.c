/* The map: whatever the number of threads, the same bytes, messages and counts; and it always ends.
 */
#include "stream/map.h"

#include "base/random.h"
#include "tests/stream/streams.h"

#include <signal.h>
#include <time.h>

enum { RECORDS = 300 };

/* Tensors of two sizes in runs, some error records, some of an unknown kind. */
static struct buffer make_input(void)
{
    int fd = scratch_file();
    struct record record = {0};
    struct writer *writer;
    struct buffer all;
    MUST(writer_open(fd, "input", &writer, NULL));
    writer_set_shard(writer, 3, 5);
    for (int i = 0; i < RECORDS; i++) {
        char key[32];
        snprintf(key, sizeof key, "k%03d", i);
        make_tensor(&record, key, i % 50 < 30 ? 200 : 90);
        if (i % 41 == 7)
            MUST(record_fail(&record, "before", "was bad", NULL));
        if (i % 67 == 9)
            record.kind = 99;
        MUST(writer_put(writer, &record, NULL));
    }
    MUST(writer_end(writer, NULL));
    writer_free(writer);
    record_free(&record);
    all = bytes_of(fd);
    close(fd);
    return all;
}

struct context {
    int fail_every; /* records whose number is a multiple fail */
    int end_at;     /* work returns an error there; -1 never */
    int mixed;      /* a batch held records of different shape, kind or too many */
    size_t batch;
    int text;
    int workers;
    struct buffer messages;
    uint64_t progress;
};

static int number_of(const struct record *record)
{
    return (int)strtol(record_key(record) + 1, NULL, 10);
}

/* Some take longer, so that the order in which they finish is none. */
static void dawdle(int number)
{
    struct timespec wait = {0, (long)(random_mix((uint64_t)number) % 300) * 1000};
    nanosleep(&wait, NULL);
}

static enum status work(void *shared, void *worker, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    struct context *context = shared;
    *(int *)worker += 1;
    if (count > context->batch)
        context->mixed = 1;
    for (size_t i = 0; i < count; i++) {
        struct record *record = &records[i];
        int number = number_of(record);
        enum status status;
        if (record->kind != records[0].kind || !shape_equal(&record->shape, &records[0].shape))
            context->mixed = 1;
        dawdle(number);
        if (number == context->end_at)
            return error_set(err, STATUS_SYSTEM, "out of patience at %d", number);
        if (record->kind == RECORD_TENSOR && context->fail_every &&
            number % context->fail_every == 0) {
            status = emit_failure(emitter, record, "too round a number", err);
        } else if (context->text) {
            char row[64];
            int length = snprintf(row, sizeof row, "%s\t%u\n", record_key(record), record->kind);
            status = emit_text(emitter, row, (size_t)length, err);
        } else {
            for (size_t j = 0; j < record->payload.size; j++)
                record->payload.data[j] ^= 0x55;
            status = emit_record(emitter, record, err);
        }
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status worker_new(void *shared, void **worker, struct error *err)
{
    struct context *context = shared;
    (void)err;
    context->workers++;
    *worker = memory_array(1, sizeof(int));
    return STATUS_OK;
}

static void message(void *listener, const char *key, const char *text)
{
    struct context *context = listener;
    MUST(buffer_printf(&context->messages, NULL, "%s: %s\n", key ? key : "-", text));
}

static void progress(void *listener, uint64_t records)
{
    struct context *context = listener;
    if (records < context->progress)
        context->mixed = 1;
    context->progress = records;
}

struct outcome {
    enum status status;
    struct map_result result;
    struct buffer bytes, messages;
    struct error err;
    int mixed, workers;
};

struct variant {
    const char *what;
    int fail_every, end_at, text, strict;
    size_t batch;
    size_t damage; /* byte of the input to flip; 0 none */
    size_t size;   /* of the input, cut to; 0 all */
};

static struct outcome run(const struct buffer *input, const struct variant *variant, int threads)
{
    struct context context = {.fail_every = variant->fail_every,
                              .end_at = variant->end_at,
                              .text = variant->text,
                              .batch = variant->batch};
    struct map map = {.work = work,
                      .context = &context,
                      .worker_new = worker_new,
                      .worker_free = free,
                      .stage = "test",
                      .threads = threads,
                      .batch = variant->batch,
                      .text = variant->text,
                      .strict = variant->strict,
                      .listener = &context,
                      .message = message,
                      .progress = progress};
    struct outcome outcome = {0};
    int in = file_of(input->data, variant->size ? variant->size : input->size),
        out = scratch_file();
    struct reader *reader;
    struct writer *writer = NULL;
    if (variant->damage) {
        unsigned char byte = input->data[variant->damage] ^ 1;
        if (pwrite(in, &byte, 1, (off_t)variant->damage) != 1)
            exit(1);
    }
    MUST(reader_open_fd(in, "input", NULL, &reader, NULL));
    if (!variant->text)
        MUST(writer_open(out, "output", &writer, NULL));
    outcome.status =
        map_run(&map, reader, writer, variant->text ? out : -1, &outcome.result, &outcome.err);
    if (writer && (outcome.status == STATUS_OK || outcome.status == STATUS_DAMAGED))
        MUST(writer_end(writer, NULL));
    writer_free(writer);
    reader_free(reader);
    outcome.bytes = bytes_of(out);
    outcome.messages = context.messages;
    outcome.mixed = context.mixed;
    outcome.workers = context.workers;
    close(in);
    close(out);
    return outcome;
}

static int same_bytes(const struct buffer *a, const struct buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static void free_outcome(struct outcome *outcome)
{
    buffer_free(&outcome->bytes);
    buffer_free(&outcome->messages);
}

static void test_variant(const struct buffer *input, const struct variant *variant)
{
    static const int threads[] = {4, 16};
    struct outcome one = run(input, variant, 1);
    ok(!one.mixed, "%s: batches are no larger than asked, and of one kind and shape",
       variant->what);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct outcome many = run(input, variant, threads[i]);
        ok(one.status == many.status && same_bytes(&one.bytes, &many.bytes) &&
               same_bytes(&one.messages, &many.messages) &&
               memcmp(&one.result, &many.result, sizeof one.result) == 0 &&
               strcmp(one.err.text, many.err.text) == 0 && !many.mixed,
           "%s: %d threads give the bytes, messages and counts of one (status %d, %zu bytes)",
           variant->what, threads[i], (int)many.status, many.bytes.size);
        free_outcome(&many);
    }
    free_outcome(&one);
}

/* What comes out, looked at once; the other numbers of threads are compared with it. */
static void test_contents(const struct buffer *input)
{
    struct variant plain = {"", 10, -1, 0, 0, 4, 0, 0};
    struct outcome got = run(input, &plain, 3);
    struct reading in = read_bytes(input->data, input->size);
    struct reading out = read_bytes(got.bytes.data, got.bytes.size);
    same_int(got.status, STATUS_OK, "a map ends well");
    same_int((long long)out.records, RECORDS, "what goes in comes out");
    same_int((long long)got.result.records, RECORDS, "and is counted");
    same_int((long long)got.result.errors_passed, (long long)in.errors, "errors that came in pass");
    same_int((long long)out.errors, (long long)in.errors + (long long)got.result.failed,
             "failed items are error records");
    ok(got.result.failed > 20 && got.messages.size > 20 * 20, "and each is told");
    ok(out.shard == 3 && out.shards == 5, "the shard is passed on");
    same_text(out.keys, in.keys, "in the order of the input");
    free_outcome(&got);
}

static void test_loss(const struct buffer *input)
{
    struct variant cut = {"", 0, -1, 0, 0, 4, 0, input->size / 2};
    struct outcome got = run(input, &cut, 4);
    struct reading out = read_bytes(got.bytes.data, got.bytes.size);
    same_int(got.status, STATUS_DAMAGED, "a cut input is STATUS_DAMAGED");
    same_int((long long)out.losses, 1, "and every reader of the output is told");
    ok(out.records > 100, "all whole records were handled");
    ok(got.result.losses == 1, "the loss is counted");
    free_outcome(&got);
}

/* The reader of the output has gone: the map must end, with any number of threads. */
static void test_closed(const struct buffer *input)
{
    static const int threads[] = {1, 4, 16};
    for (int i = 0; i < 3; i++) {
        struct context context = {.end_at = -1, .batch = 1};
        struct map map = {.work = work,
                          .context = &context,
                          .worker_new = worker_new,
                          .worker_free = free,
                          .stage = "test",
                          .threads = threads[i],
                          .text = 1};
        int in = file_of(input->data, input->size), ends[2];
        struct map_result result;
        struct reader *reader;
        struct error err;
        context.text = 1;
        if (pipe(ends) != 0)
            return;
        close(ends[0]);
        MUST(reader_open_fd(in, "input", NULL, &reader, NULL));
        same_int(map_run(&map, reader, NULL, ends[1], &result, &err), STATUS_CLOSED,
                 "a closed pipe ends the map");
        reader_free(reader);
        close(in);
        close(ends[1]);
    }
}

/* Each call gets three records, whatever they are; the first of them is none that passes. */
static enum status threes(void *shared, void *worker, struct record *records, size_t count,
                          struct emitter *emitter, struct error *err)
{
    (void)shared;
    (void)worker;
    if (count != 3)
        return emit_failure(emitter, &records[0], "too few", err);
    dawdle(number_of(&records[0]));
    MUST(record_set(&records[0], "second", record_key(&records[1]), err));
    MUST(record_set(&records[0], "third", record_key(&records[2]), err));
    return emit_record(emitter, &records[0], err);
}

static struct buffer run_threes(const struct buffer *input, int threads, struct map_result *result)
{
    struct map map = {
        .work = threes, .threads = threads, .stage = "test", .batch = 3, .together = 1};
    int in = file_of(input->data, input->size), out = scratch_file();
    struct reader *reader;
    struct writer *writer;
    struct buffer bytes;
    MUST(reader_open_fd(in, "input", NULL, &reader, NULL));
    MUST(writer_open(out, "output", &writer, NULL));
    same_int(map_run(&map, reader, writer, -1, result, NULL), STATUS_OK, "records in threes");
    MUST(writer_end(writer, NULL));
    writer_free(writer);
    reader_free(reader);
    bytes = bytes_of(out);
    close(in);
    close(out);
    return bytes;
}

/* As a network with three inputs takes them. */
static void test_together(const struct buffer *input)
{
    struct map_result one, many;
    struct buffer expected = run_threes(input, 1, &one), got = run_threes(input, 8, &many);
    struct reading out = read_bytes(expected.data, expected.size);
    ok(same_bytes(&expected, &got) && memcmp(&one, &many, sizeof one) == 0,
       "8 threads give the bytes and counts of one");
    same_int((long long)one.records, RECORDS, "all are read");
    same_int((long long)out.records, 104, "5 pass on, 98 threes make one each, and one is left");
    same_int((long long)one.failed, 1, "alone, it fails");
    buffer_free(&expected);
    buffer_free(&got);
}

static enum status no_worker(void *shared, void **worker, struct error *err)
{
    (void)worker;
    if ((*(int *)shared)++ == 2)
        return error_set(err, STATUS_SYSTEM, "no third worker");
    return STATUS_OK;
}

static void test_no_worker(const struct buffer *input)
{
    int made = 0, in = file_of(input->data, input->size);
    struct map map = {
        .work = work, .context = &made, .worker_new = no_worker, .threads = 4, .text = 1};
    struct map_result result;
    struct reader *reader;
    struct error err;
    MUST(reader_open_fd(in, "input", NULL, &reader, NULL));
    same_int(map_run(&map, reader, NULL, 1, &result, &err), STATUS_SYSTEM,
             "a worker that cannot be made is told");
    same_text(err.text, "no third worker", "with its reason");
    reader_free(reader);
    close(in);
}

int main(void)
{
    struct buffer input = make_input();
    const struct variant variants[] = {
        {"records", 10, -1, 0, 0, 1, 0, 0},
        {"records in batches", 10, -1, 0, 0, 8, 0, 0},
        {"text", 7, -1, 1, 0, 1, 0, 0},
        {"text in batches", 7, -1, 1, 0, 5, 0, 0},
        {"strict", 100, -1, 0, 1, 4, 0, 0},
        {"strict text", 130, -1, 1, 1, 3, 0, 0},
        {"work ends the run", 10, 151, 0, 0, 4, 0, 0},
        {"work of text ends the run", 10, 151, 1, 0, 1, 0, 0},
        {"work ends at once", 0, 0, 0, 0, 1, 0, 0},
        {"damage in the middle", 10, -1, 0, 0, 4, input.size / 2, 0},
        {"damage at the start", 10, -1, 1, 0, 1, 3, 0},
        {"damage in the end mark", 10, -1, 1, 0, 1, input.size - 40, 0},
        {"a cut input", 10, -1, 0, 0, 2, 0, input.size / 3},
        {"an input of one byte", 10, -1, 0, 0, 2, 0, 1},
    };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        test_variant(&input, &variants[i]);
    test_contents(&input);
    test_loss(&input);
    test_closed(&input);
    test_together(&input);
    test_no_worker(&input);
    buffer_free(&input);
    return tap_done();
}
