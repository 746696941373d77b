/* The writer: to a descriptor, into memory and over, and when nobody takes the bytes. */
#include "tests/stream/streams.h"

#include <signal.h>

static void put_some(struct writer *writer, int first, int count, int64_t size)
{
    struct record record = {0};
    for (int i = first; i < first + count; i++) {
        char key[32];
        snprintf(key, sizeof key, "key%d", i);
        make_tensor(&record, key, size);
        MUST(writer_put(writer, &record, NULL));
    }
    record_free(&record);
}

/* Workers write into memory and somebody drains them in order: the bytes must be the same. */
static void test_drain(int64_t size)
{
    int one = scratch_file(), two = scratch_file();
    struct writer *direct, *to, *memory;
    struct buffer a, b;
    MUST(writer_open(one, "one", &direct, NULL));
    put_some(direct, 0, 30, size);
    MUST(writer_end(direct, NULL));
    MUST(writer_open(two, "two", &to, NULL));
    MUST(writer_open(-1, "memory", &memory, NULL));
    for (int i = 0; i < 30; i += 3) {
        put_some(memory, i, 3, size);
        MUST(writer_drain(to, memory, NULL));
        if (writer_tally(memory)->records)
            ok(0, "a drained writer has nothing left to count");
    }
    MUST(writer_end(to, NULL));
    a = bytes_of(one);
    b = bytes_of(two);
    ok(a.size == b.size && memcmp(a.data, b.data, a.size) == 0,
       "records of %lld bytes through memory are the same bytes", (long long)size);
    ok(tally_equal(writer_tally(direct), writer_tally(to)), "and the same tally");
    ok(a.size % 64 == 0, "a stream is a multiple of 64 bytes");
    writer_free(direct);
    writer_free(to);
    writer_free(memory);
    buffer_free(&a);
    buffer_free(&b);
    close(one);
    close(two);
}

static void test_failures(void)
{
    struct record record = {0};
    struct writer *writer;
    struct error err;
    int ends[2], full = open("/dev/full", O_WRONLY);
    if (full >= 0) {
        MUST(writer_open(full, "the disk", &writer, NULL));
        make_tensor(&record, "k", 3);
        MUST(writer_put(writer, &record, &err));
        same_int(writer_end(writer, &err), STATUS_SYSTEM,
                 "a full disk is told at the end at the latest");
        ok(strstr(err.text, "the disk") != NULL, "by name: %s", err.text);
        writer_free(writer);
        MUST(writer_open(full, "the disk", &writer, NULL));
        make_tensor(&record, "k", 1 << 20);
        same_int(writer_put(writer, &record, &err), STATUS_SYSTEM,
                 "and at once for a large record");
        writer_free(writer);
        close(full);
    } else {
        skip("a full disk", "no /dev/full");
    }
    signal(SIGPIPE, SIG_IGN);
    if (pipe(ends) == 0) {
        close(ends[0]);
        MUST(writer_open(ends[1], "the pipe", &writer, NULL));
        make_tensor(&record, "k", 1 << 20);
        same_int(writer_put(writer, &record, &err), STATUS_CLOSED,
                 "a closed pipe is STATUS_CLOSED");
        writer_free(writer);
        close(ends[1]);
    }
    record_free(&record);
}

/* A descriptor that others left non-blocking must not lose bytes. */
static void test_nonblocking(void)
{
    int ends[2];
    pid_t child;
    if (pipe(ends) != 0)
        return;
    child = fork();
    if (child == 0) {
        struct writer *writer;
        close(ends[0]);
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
        MUST(writer_open(ends[1], "pipe", &writer, NULL));
        put_some(writer, 0, 40, 300000);
        _exit(writer_end(writer, NULL) != STATUS_OK);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    {
        struct reading got = read_fd(ends[0], NULL);
        ok(got.status == STATUS_END && got.records == 40 && got.losses == 0,
           "non-blocking descriptors are waited for (status %d, records %llu)", (int)got.status,
           (unsigned long long)got.records);
    }
    close(ends[0]);
}

static void test_alignment(const struct buffer *sample)
{
    static const unsigned char sync[8] = {0x93, 'I', 'T', 'S', '\r', '\n', 0x1a, '\n'};
    int marks = 0, aligned = 0;
    for (size_t i = 0; i + 8 <= sample->size; i++)
        if (memcmp(sample->data + i, sync, 8) == 0) {
            marks++;
            aligned += i % 64 == 0;
        }
    ok(marks == 6 && aligned == 6, "every record begins at a multiple of 64 bytes");
}

int main(void)
{
    struct buffer sample = sample_stream();
    test_alignment(&sample);
    buffer_free(&sample);
    test_drain(1);
    test_drain(5000);
    test_drain(400000);
    test_failures();
    test_nonblocking();
    return tap_done();
}
