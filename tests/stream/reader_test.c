/* The reader against damaged, cut, joined and hostile input. */
#include "stream/format_internal.h"

#include "base/crc.h"
#include "base/number.h"
#include "tests/stream/streams.h"

#include <sys/resource.h>

static const char sample_keys[] = "cats/1.jpg cats/2.jpg cats/3.jpg odd empty";

static void test_whole(const struct buffer *sample)
{
    struct reading whole = read_bytes(sample->data, sample->size);
    same_int(whole.status, STATUS_END, "a whole stream is read to its end");
    same_text(whole.keys, sample_keys, "every record comes");
    ok(whole.losses == 0 && whole.damaged == 0 && whole.ends == 1,
       "without loss, with one end mark");
    same_int((long long)whole.errors, 1, "the error record is counted");
}

/* Must not be silent, wherever a stream is cut: point 5 of the issue. */
static void test_cuts(const struct buffer *sample)
{
    size_t silent = 0, lost = 0;
    int fd = file_of(sample->data, sample->size);
    uint64_t records = 0;
    for (size_t size = sample->size; size-- > 0;) {
        struct reading cut;
        if (ftruncate(fd, (off_t)size) != 0 || lseek(fd, 0, SEEK_SET) != 0)
            break;
        cut = read_fd(fd, NULL);
        silent += cut.losses != 1 || cut.damaged != 1 || cut.status != STATUS_END;
        if (size == 128 + 128) /* header, body, 70 bytes padded to 128: the first record is whole */
            records = cut.records;
        lost += size >= 256 && cut.records < 1;
    }
    same_int((long long)silent, 0, "a stream cut at any byte is one loss, told once");
    same_int((long long)records, 1, "the record before the cut comes");
    same_int((long long)lost, 0, "and for every later cut too");
    close(fd);
}

static void test_flips(const struct buffer *sample)
{
    static const unsigned char masks[] = {0x01, 0x80, 0xff, 0x20};
    size_t unseen = 0, twice = 0, lost = 0;
    int fd = file_of(sample->data, sample->size);
    for (size_t at = 0; at < sample->size; at++)
        for (size_t m = 0; m < sizeof masks; m++) {
            unsigned char byte = sample->data[at] ^ masks[m];
            struct reading flipped;
            if (pwrite(fd, &byte, 1, (off_t)at) != 1 || lseek(fd, 0, SEEK_SET) != 0)
                continue;
            flipped = read_fd(fd, NULL);
            unseen += flipped.losses == 0;
            twice += flipped.losses > 1;
            lost += flipped.records < 4;
            if (pwrite(fd, &sample->data[at], 1, (off_t)at) != 1)
                break;
        }
    same_int((long long)unseen, 0,
             "every flipped byte is found: padding and checksums leave none out");
    same_int((long long)twice, 0, "each is one loss");
    same_int((long long)lost, 0, "and costs one record at most");
    close(fd);
}

struct join {
    const char *what;
    size_t from_a, to_a; /* bytes of the sample, */
    const char *middle;  /* then these, */
    size_t from_b, to_b; /* then bytes of the sample again */
    uint64_t losses, records, ends;
    const char *message; /* a part of the first one */
};

static void test_joins(const struct buffer *sample)
{
    const size_t all = sample->size;
    /* The first record takes 256 bytes: header 64, body 64, payload 128. */
    const struct join cases[] = {
        {"two streams joined are one", 0, all, "", 0, all, 0, 10, 2, NULL},
        {"bytes between records", 0, 256, "rubbish", 256, all, 1, 5, 1, "7 bytes skipped"},
        {"bytes before the first record", 0, 0, "rubbish", 0, all, 1, 5, 1, "damaged at byte 0"},
        {"bytes after the end mark", 0, all, "rubbish", 0, 0, 1, 5, 1,
         "7 bytes skipped, to the end"},
        {"half a sync mark in the rubbish", 0, 256, "\x93ITS\r\n\x1a", 256, all, 1, 5, 1,
         "7 bytes skipped"},
        {"one cut in a payload, then a whole one", 0, 200, "", 0, all, 1, 5, 1, "'cats/1.jpg'"},
        {"one cut in a header, then a whole one", 0, 300, "", 0, all, 1, 6, 1, "44 bytes skipped"},
        {"one cut at a record's end, then a whole one", 0, 256, "", 0, all, 1, 6, 1, "read were 6"},
        {"a record lost in the middle", 0, 0, "", 256, all, 1, 4, 1, "says 5 records"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct join *join = &cases[i];
        struct buffer bytes = {0};
        struct reading got;
        MUST(buffer_append(&bytes, sample->data + join->from_a, join->to_a - join->from_a, NULL));
        MUST(buffer_text(&bytes, join->middle, NULL));
        MUST(buffer_append(&bytes, sample->data + join->from_b, join->to_b - join->from_b, NULL));
        got = read_bytes(bytes.data, bytes.size);
        ok(got.losses == join->losses && got.records == join->records && got.ends == join->ends,
           "%s: losses %llu, records %llu, end marks %llu", join->what,
           (unsigned long long)got.losses, (unsigned long long)got.records,
           (unsigned long long)got.ends);
        if (join->message)
            ok(strstr(got.first, join->message) != NULL, "%s: told: %s", join->what, got.first);
        buffer_free(&bytes);
    }
}

/* Dropped at any byte offset, it finds the next record: for splitting a file by byte ranges. */
static void test_offsets(const struct buffer *sample)
{
    size_t wrong = 0;
    for (size_t at = 1; at < sample->size - 128; at++) {
        struct reading got = read_bytes(sample->data + at, sample->size - at);
        wrong += at <= 256 && got.records != 4; /* from within the first record: the other four */
        wrong += got.losses != 1;
    }
    same_int((long long)wrong, 0,
             "from any offset the next record is found, and the rest is one loss");
}

static void test_empty(void)
{
    struct reading got = read_bytes("", 0);
    same_int((long long)got.losses, 1, "no bytes at all is a loss");
    ok(strstr(got.first, "no bytes at all") != NULL, "and told: %s", got.first);
}

/* A pipe that gives a byte at a time. */
static void test_pipe(const struct buffer *sample)
{
    int ends[2];
    struct reading got;
    if (pipe(ends) != 0)
        return;
    if (fork() == 0) {
        close(ends[0]);
        for (size_t i = 0; i < sample->size; i++)
            if (write(ends[1], sample->data + i, 1) != 1)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    got = read_fd(ends[0], NULL);
    close(ends[0]);
    same_text(got.keys, sample_keys, "a pipe that gives byte after byte is read too");
    same_int((long long)got.losses, 0, "without loss");
}

static struct buffer one_tensor(int64_t size)
{
    int fd = scratch_file();
    struct record record = {0};
    struct writer *writer;
    struct buffer all;
    MUST(writer_open(fd, "large", &writer, NULL));
    make_tensor(&record, "large", size);
    MUST(writer_put(writer, &record, NULL));
    make_tensor(&record, "after", 3);
    MUST(writer_put(writer, &record, NULL));
    MUST(writer_end(writer, NULL));
    writer_free(writer);
    record_free(&record);
    all = bytes_of(fd);
    close(fd);
    return all;
}

/* Payloads around the sizes at which reading goes another way; whole, cut, flipped. */
static void test_sizes(void)
{
    static const int64_t sizes[] = {1, 64, 65535, 1 << 20, (1 << 20) + 1, (3 << 20) + 17, 40 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer all = one_tensor(sizes[i]);
        struct reading got = read_bytes(all.data, all.size);
        ok(got.losses == 0 && got.records == 2, "a payload of %lld bytes", (long long)sizes[i]);
        got = read_bytes(all.data, 128 + (size_t)sizes[i] / 2);
        ok(got.losses == 1 && got.records == 0, "cut");
        all.data[128 + (size_t)sizes[i] / 2] ^= 4;
        got = read_bytes(all.data, all.size);
        ok(got.losses == 1 && strcmp(got.keys, "after") == 0, "flipped");
        buffer_free(&all);
    }
}

/* A header that promises half a gigabyte gets no memory for it. */
static void test_promise(void)
{
    struct buffer all = one_tensor(100);
    struct rusage before, after;
    struct reading got;
    put_le64(all.data + 64, 1 << 29); /* the dimension, and the length to match */
    put_le64(all.data + 24, 1 << 29);
    put_le32(all.data + 56, crc_of(all.data + 64, 8 + 6));
    put_le32(all.data + 60, crc_of(all.data, 60));
    getrusage(RUSAGE_SELF, &before);
    got = read_bytes(all.data, all.size);
    getrusage(RUSAGE_SELF, &after);
    ok(got.losses == 1 && strcmp(got.keys, "after") == 0, "a length beyond the end is one loss: %s",
       got.first);
    ok(after.ru_maxrss - before.ru_maxrss < 100 * 1024, "no memory is taken for it (%ld KiB)",
       after.ru_maxrss - before.ru_maxrss);
    buffer_free(&all);
}

static void test_limit(void)
{
    struct buffer all = one_tensor(1000);
    struct reader_options options = {.payload_max = 999};
    int fd = file_of(all.data, all.size);
    struct reading got = read_fd(fd, &options);
    ok(got.losses == 1 && strcmp(got.keys, "after") == 0, "a payload beyond the limit: %s",
       got.first);
    close(fd);
    buffer_free(&all);
}

static void test_version(const struct buffer *sample)
{
    struct buffer all = {0};
    struct reading got;
    MUST(buffer_append(&all, sample->data, sample->size, NULL));
    all.data[8] = 2;
    put_le32(all.data + 60, crc_of(all.data, 60));
    got = read_bytes(all.data, all.size);
    ok(got.losses == 1 && strstr(got.first, "version 2") != NULL, "another version is told: %s",
       got.first);
    buffer_free(&all);
}

/* Headers within payloads within payloads must not make the search slow. */
static void test_nested(void)
{
    struct buffer frame = one_tensor(1), all = {0};
    const size_t count = 40000;
    struct reading got;
    for (size_t i = 0; i < count; i++) {
        size_t left = (count - i - 1) * 128 / 2;
        put_le64(frame.data + 64, left);
        put_le64(frame.data + 24, left);
        put_le32(frame.data + 56, crc_of(frame.data + 64, 8 + 6));
        put_le32(frame.data + 60, crc_of(frame.data, 60));
        MUST(buffer_append(&all, frame.data, 128, NULL));
    }
    got = read_bytes(all.data, all.size);
    ok(got.losses >= 1, "a nest of lying headers is damage");
    buffer_free(&frame);
    buffer_free(&all);
}

static void test_losses(void)
{
    int fd = scratch_file();
    struct writer *writer;
    struct reading got;
    MUST(writer_open(fd, "x", &writer, NULL));
    writer_set_shard(writer, 2, 7);
    writer_set_loss(writer, 3, "the disk fell down");
    MUST(writer_end(writer, NULL));
    writer_free(writer);
    lseek(fd, 0, SEEK_SET);
    got = read_fd(fd, NULL);
    same_int((long long)got.losses, 3, "an end mark's losses are the reader's");
    ok(strstr(got.first, "the disk fell down") != NULL, "with their reason: %s", got.first);
    ok(got.shard == 2 && got.shards == 7, "the shard is known");
    close(fd);
}

/* Each file must be whole by itself, and a missing one is told when its turn comes. */
static void test_files(const struct buffer *sample)
{
    char whole[] = "/tmp/stream_test.XXXXXX", cut[] = "/tmp/stream_test.XXXXXX";
    int a = mkstemp(whole), b = mkstemp(cut);
    char *good[] = {whole, whole}, *bad[] = {cut, whole}, *missing[] = {whole, "/nonexistent"};
    char **lists[] = {good, bad, missing};
    static const uint64_t losses[] = {0, 1, 0}, records[] = {10, 6, 5};
    static const enum status last[] = {STATUS_END, STATUS_END, STATUS_SYSTEM};
    struct record record = {0};
    if (write(a, sample->data, sample->size) < 0 || write(b, sample->data, 256) < 0)
        return;
    for (int i = 0; i < 3; i++) {
        struct reader *reader;
        struct error err;
        enum status status;
        MUST(reader_open(lists[i], 2, NULL, &reader, NULL));
        while ((status = reader_next(reader, &record, &err)) == STATUS_OK ||
               status == STATUS_DAMAGED) {
        }
        ok(status == last[i] && reader_losses(reader) == losses[i] &&
               reader_tally(reader)->records == records[i],
           "files %d: status %d, losses %llu, records %llu", i, (int)status,
           (unsigned long long)reader_losses(reader),
           (unsigned long long)reader_tally(reader)->records);
        reader_free(reader);
    }
    close(a);
    close(b);
    unlink(whole);
    unlink(cut);
    record_free(&record);
}

int main(void)
{
    struct buffer sample = sample_stream();
    test_whole(&sample);
    test_cuts(&sample);
    test_flips(&sample);
    test_joins(&sample);
    test_offsets(&sample);
    test_empty();
    test_pipe(&sample);
    test_sizes();
    test_promise();
    test_limit();
    test_version(&sample);
    test_nested();
    test_losses();
    test_files(&sample);
    buffer_free(&sample);
    return tap_done();
}
