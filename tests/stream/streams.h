/* Small streams for the tests, and what a reader makes of bytes. */
#ifndef TESTS_STREAM_STREAMS_H
#define TESTS_STREAM_STREAMS_H

#include "stream/reader.h"
#include "stream/writer.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <unistd.h>

#define MUST(call)                                                                                 \
    do {                                                                                           \
        if ((call) != STATUS_OK) {                                                                 \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #call);                            \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

__attribute__((unused)) static void make_image(struct record *record, const char *key,
                                               const char *bytes)
{
    record_clear(record);
    record->kind = RECORD_IMAGE;
    MUST(record_set_key(record, key, NULL));
    MUST(record_set(record, "label", "cat", NULL));
    MUST(buffer_append(&record->payload, bytes, strlen(bytes), NULL));
}

__attribute__((unused)) static void make_tensor(struct record *record, const char *key, int64_t n)
{
    struct shape shape = {1, {n}};
    record_clear(record);
    MUST(record_set_key(record, key, NULL));
    MUST(record_set_tensor(record, ELEMENT_U8, &shape, NULL));
    for (int64_t i = 0; i < n; i++)
        record->payload.data[i] = (unsigned char)(i * 7 + n);
}

/* An empty file of nobody's, open for reading and writing. */
__attribute__((unused)) static int scratch_file(void)
{
    char path[] = "/tmp/stream_test.XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        puts("Bail out! no temporary file");
        exit(1);
    }
    unlink(path);
    return fd;
}

__attribute__((unused)) static int file_of(const void *bytes, size_t size)
{
    int fd = scratch_file();
    if (pwrite(fd, bytes, size, 0) != (ssize_t)size) {
        puts("Bail out! cannot write a temporary file");
        exit(1);
    }
    return fd;
}

/* All bytes of a file, wherever its position is. */
__attribute__((unused)) static struct buffer bytes_of(int fd)
{
    struct buffer all = {0};
    ssize_t got;
    do {
        MUST(buffer_reserve(&all, 65536, NULL));
        got = pread(fd, all.data + all.size, 65536, (off_t)all.size);
        all.size += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    return all;
}

/* One of each: an image, a tensor, an error record, an unknown kind, an empty tensor; and the end
 * mark. */
__attribute__((unused)) static struct buffer sample_stream(void)
{
    int fd = scratch_file();
    struct writer *writer;
    struct record record = {0};
    struct shape empty = {2, {0, 3}};
    struct buffer all;
    MUST(writer_open(fd, "sample", &writer, NULL));
    make_image(&record, "cats/1.jpg",
               "not really a picture, but 70 bytes of something: that will do for it.");
    MUST(writer_put(writer, &record, NULL));
    make_tensor(&record, "cats/2.jpg", 100);
    MUST(writer_put(writer, &record, NULL));
    make_image(&record, "cats/3.jpg", "");
    MUST(record_fail(&record, "imgprep", "no such colour", NULL));
    MUST(writer_put(writer, &record, NULL));
    make_tensor(&record, "odd", 5);
    record.kind = 200;
    record.shape.dim[0] = -1;
    buffer_clear(&record.attributes);
    MUST(buffer_append(&record.attributes, "raw", 3, NULL));
    MUST(writer_put(writer, &record, NULL));
    make_tensor(&record, "empty", 1);
    MUST(record_set_tensor(&record, ELEMENT_F32, &empty, NULL));
    MUST(writer_put(writer, &record, NULL));
    MUST(writer_end(writer, NULL));
    writer_free(writer);
    record_free(&record);
    all = bytes_of(fd);
    close(fd);
    return all;
}

/* What came of reading to the end. */
struct reading {
    enum status status; /* of the last call: STATUS_END, or an error of the system */
    uint64_t records, errors, losses, ends,
        damaged; /* damaged: STATUS_DAMAGED was returned so often */
    uint64_t contents;
    uint32_t shard, shards;
    char keys[256];  /* "a b c" */
    char first[512]; /* the first message about damage */
};

__attribute__((unused)) static struct reading read_fd(int fd, const struct reader_options *options)
{
    struct reading result = {0};
    struct reader *reader;
    struct record record = {0};
    struct error err;
    MUST(reader_open_fd(fd, "test", options, &reader, NULL));
    while ((result.status = reader_next(reader, &record, &err)) == STATUS_OK ||
           result.status == STATUS_DAMAGED) {
        size_t used = strlen(result.keys);
        if (result.status == STATUS_OK)
            snprintf(result.keys + used, sizeof result.keys - used, "%s%s", used ? " " : "",
                     record_key(&record));
        else if (!result.damaged++)
            snprintf(result.first, sizeof result.first, "%.500s", err.text);
    }
    result.records = reader_tally(reader)->records;
    result.errors = reader_tally(reader)->errors;
    result.contents = reader_tally(reader)->contents;
    result.shard = reader_tally(reader)->shard;
    result.shards = reader_tally(reader)->shards;
    result.losses = reader_losses(reader);
    result.ends = reader_ends(reader);
    record_free(&record);
    reader_free(reader);
    return result;
}

__attribute__((unused)) static struct reading read_bytes(const void *bytes, size_t size)
{
    int fd = file_of(bytes, size);
    struct reading result = read_fd(fd, NULL);
    close(fd);
    return result;
}

#endif
