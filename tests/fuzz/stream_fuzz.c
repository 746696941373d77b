/* Fuzz target: the stream reader, and the text dump of what it reads. tests/fuzz/Makefile builds it
 * with libFuzzer; tests/stream/mutate_test.c runs it over a fixed set of mutations in make check.
 *
 * Checksums keep a fuzzer out, so the first byte may ask that those of the first record be put
 * right.
 */
#include "stream/dump.h"
#include "stream/format_internal.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include "base/crc.h"
#include "base/number.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Makes the checksums of header and body right in every place where a record seems to begin. */
static void mend(unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at + FORMAT_HEADER <= size; at++) {
        unsigned char *header = bytes + at;
        uint64_t body, rest = size - at - FORMAT_HEADER;
        if (memcmp(header, format_sync, sizeof format_sync) != 0)
            continue;
        body = 8 * (uint64_t)header[11] + get_le32(header + 12) + 1 + get_le32(header + 16);
        if (body <= rest)
            put_le32(header + 56, crc_of(header + FORMAT_HEADER, (size_t)body));
        if (body <= rest && format_padded(body) <= rest &&
            get_le64(header + 24) <= rest - format_padded(body))
            put_le32(header + 52, crc_of(header + FORMAT_HEADER + format_padded(body),
                                         (size_t)get_le64(header + 24)));
        put_le32(header + 60, crc_of(header, 60));
    }
}

/* Reads everything, and writes what was read again: neither may crash, hang or disagree. */
static void read_all(int fd)
{
    struct reader_options options = {.payload_max = 1 << 24, .ends = 1};
    struct record record = {0};
    struct buffer text = {0};
    struct reader *reader;
    struct writer *writer;
    enum status status;
    uint64_t damaged = 0;
    if (reader_open_fd(fd, "fuzz", &options, &reader, NULL) != STATUS_OK)
        abort();
    if (writer_open(-1, "memory", &writer, NULL) != STATUS_OK)
        abort();
    while ((status = reader_next(reader, &record, NULL)) != STATUS_END) {
        if (status != STATUS_OK && status != STATUS_DAMAGED)
            abort();
        damaged += status == STATUS_DAMAGED;
        if (status == STATUS_OK && record.kind != RECORD_END &&
            writer_put(writer, &record, NULL) != STATUS_OK)
            abort();
        if (status == STATUS_OK && dump_record(&record, &text, NULL) != STATUS_OK)
            abort();
        buffer_clear(&text);
    }
    if (!tally_equal(reader_tally(reader), writer_tally(writer)))
        abort();
    if ((damaged == 0) != (reader_losses(reader) == 0))
        abort();
    buffer_free(&text);
    record_free(&record);
    writer_free(writer);
    reader_free(reader);
}

/* The bytes as lines of a dump. */
static void undump_all(const unsigned char *bytes, size_t size)
{
    struct undump undump = {0};
    char *copy = malloc(size + 1), *line = copy;
    int complete;
    if (!copy)
        return;
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    while (line) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (undump_line(&undump, line, &complete, NULL) != STATUS_OK)
            break;
        line = end;
    }
    undump_free(&undump);
    free(copy);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char path[] = "/tmp/stream_fuzz.XXXXXX";
    unsigned char *copy;
    int fd;
    if (size == 0)
        return 0;
    if (data[0] == 'T') {
        undump_all(data + 1, size - 1);
        return 0;
    }
    copy = malloc(size);
    fd = mkstemp(path);
    if (!copy || fd < 0)
        abort();
    unlink(path);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 1)
        mend(copy, size - 1);
    if (pwrite(fd, copy, size - 1, 0) != (ssize_t)(size - 1))
        abort();
    read_all(fd);
    close(fd);
    free(copy);
    return 0;
}
