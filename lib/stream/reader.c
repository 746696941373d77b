/* How the reader works.
 *
 * It reads forward only, into a window of 1 MiB. A record's header and body are parsed in the
 * window; a large payload is read straight into the record. When a record turns out to be damaged,
 * the bytes taken are put back before the window, and the search for the next sync mark goes over
 * them: they may hold the beginning of the next stream, where `cat` joined one that was cut off to
 * a whole one. A damaged place is told once: when the next good record has been read (it is held
 * back for the next call) or the file has ended, so that the number of bytes skipped is known.
 */
#include "stream/reader.h"

#include "base/crc.h"
#include "base/io.h"
#include "stream/format_internal.h"
#include "stream/shards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WINDOW = 1 << 20,
    PIPE_DIRECT = 1 << 16, /* a pipe gives no more at once, so from here on a copy saves no call */
    PAYLOAD_STEP = 16 << 20, /* memory is taken as bytes arrive, not as a header promises */
    /* Bytes of payloads that may be read in vain, beside this many times the input so far; after
     * that the lengths in good headers are believed: else a hostile input, header in payload in
     * payload, could make the search read the same bytes millions of times. */
    VAIN_BYTES = 64 << 20,
    VAIN_TIMES = 8,
};

struct reader {
    char *const *paths;
    size_t count, next; /* files; the one to open next */
    int fd;             /* -1: none open */
    int owned;          /* fd is closed by us */
    const char *name;
    size_t direct; /* payloads with so many bytes to come are read straight into the record */
    int64_t payload_max;
    int give_ends;
    uint32_t range, ranges; /* of each file only this range; 0: all */
    uint64_t range_end;     /* of the range in the whole input */
    int part_cut;           /* the part's first records are in an earlier range */
    int eof;                /* the descriptor has no more */

    struct buffer window;
    size_t start;        /* the window's bytes from here are not yet taken */
    uint64_t offset;     /* of them in the whole input */
    uint64_t file_start; /* where in the input this file began */

    struct buffer head; /* header and padded body of the record being read */
    struct header header;
    uint64_t begin;     /* where that record began */
    struct record held; /* the record after a damaged place, for the next call */
    int holding;
    uint64_t vain; /* bytes of damaged payloads that were searched again */

    struct tally part, sum; /* since the last end mark; of the whole input */
    uint64_t part_losses;
    uint64_t ends;
    struct shards shards;
    int closed_part; /* nothing but an end mark, or damage to the end of the file, was last */
    char reason[ERROR_TEXT];
};

static size_t available(const struct reader *reader)
{
    return reader->window.size - reader->start;
}

static const unsigned char *here(const struct reader *reader)
{
    return reader->window.data + reader->start;
}

static void take(struct reader *reader, size_t size)
{
    reader->start += size;
    reader->offset += size;
}

/* Makes `want` bytes available, fewer only at the end of the file. */
static enum status fill(struct reader *reader, size_t want, struct error *err)
{
    struct buffer *window = &reader->window;
    enum status status = STATUS_OK;
    while (available(reader) < want && !reader->eof && status == STATUS_OK) {
        size_t more = want > WINDOW ? want : WINDOW;
        size_t got = 0;
        window->size = available(reader);
        if (window->size)
            memmove(window->data, here(reader), window->size);
        reader->start = 0;
        status = buffer_reserve(window, more, err);
        if (status == STATUS_OK)
            status = io_read_some(reader->fd, reader->name, window->data + window->size, more, &got,
                                  err);
        window->size += got;
        if (status == STATUS_OK && got == 0)
            reader->eof = 1;
    }
    return status;
}

/* Puts bytes that were taken back before the window. */
static enum status put_back(struct reader *reader, const unsigned char *bytes, size_t size,
                            struct error *err)
{
    struct buffer *window = &reader->window;
    if (reader->start < size) {
        size_t have = available(reader);
        enum status status = buffer_reserve(window, size, err);
        if (status != STATUS_OK)
            return status;
        if (have)
            memmove(window->data + size, here(reader), have);
        window->size = size + have;
        reader->start = size;
    }
    reader->start -= size;
    reader->offset -= size;
    if (size)
        memcpy(window->data + reader->start, bytes, size);
    return STATUS_OK;
}

/* Reads the payload, as far as there is one; memory grows with what has arrived. */
static enum status read_payload(struct reader *reader, struct buffer *payload, size_t size,
                                struct error *err)
{
    buffer_clear(payload);
    while (payload->size < size) {
        size_t left = size - payload->size;
        size_t step = payload->size > PAYLOAD_STEP ? payload->size : PAYLOAD_STEP;
        size_t got = available(reader);
        enum status status = buffer_reserve(payload, left < step ? left : step, err);
        if (status != STATUS_OK)
            return status;
        if (got) {
            got = got < left ? got : left;
            memcpy(payload->data + payload->size, here(reader), got);
            take(reader, got);
        } else if (reader->eof) {
            break;
        } else if (left < reader->direct) {
            status = fill(reader, 1, err);
        } else {
            size_t room = payload->capacity - payload->size;
            status = io_read_some(reader->fd, reader->name, payload->data + payload->size,
                                  room < left ? room : left, &got, err);
            reader->offset += got;
            reader->eof = status == STATUS_OK && got == 0;
        }
        if (status != STATUS_OK)
            return status;
        payload->size += got;
    }
    return STATUS_OK;
}

/* Does a record, or the end of the file, follow here? */
static int good_follows(struct reader *reader, struct error *err)
{
    struct header header;
    if (fill(reader, FORMAT_HEADER, err) != STATUS_OK)
        return 0;
    if (available(reader) == 0)
        return 1;
    return available(reader) >= FORMAT_HEADER &&
           format_parse_header(here(reader), &header, NULL) == STATUS_OK;
}

/* The payload after a good header and body, already taken. When it is damaged: if another record
 * begins where it ends, its length was right and it is skipped; else its bytes are put back. */
static enum status finish_record(struct reader *reader, struct record *record, struct error *err)
{
    const struct header *header = &reader->header;
    unsigned char padding[64];
    size_t pad = (size_t)(format_padded(header->payload) - header->payload);
    size_t pad_got = 0;
    int whole;
    enum status status = read_payload(reader, &record->payload, (size_t)header->payload, err);
    if (status == STATUS_OK && record->payload.size == header->payload) {
        status = fill(reader, pad, err);
        pad_got = available(reader) < pad ? available(reader) : pad;
        if (pad_got)
            memcpy(padding, here(reader), pad_got);
        take(reader, pad_got);
    }
    if (status != STATUS_OK)
        return status;
    whole = record->payload.size == header->payload && pad_got == pad;
    if (!whole)
        error_set(err, STATUS_DAMAGED, "cut off in its payload of %llu bytes",
                  (unsigned long long)header->payload);
    else if (crc_of(record->payload.data, record->payload.size) != header->payload_crc)
        error_set(err, STATUS_DAMAGED, "the payload's checksum is wrong");
    else if (!format_zero(padding, pad))
        error_set(err, STATUS_DAMAGED, "padding that must be zero is not");
    else
        return STATUS_OK;
    if (reader->vain > VAIN_BYTES + VAIN_TIMES * reader->offset)
        return STATUS_DAMAGED;
    if (whole && good_follows(reader, NULL))
        return STATUS_DAMAGED;
    reader->vain += record->payload.size;
    status = put_back(reader, padding, pad_got, err);
    if (status == STATUS_OK)
        status = put_back(reader, record->payload.data, record->payload.size, err);
    if (status == STATUS_OK) /* the header itself is not searched again */
        status = put_back(reader, reader->head.data + FORMAT_HEADER,
                          reader->head.size - FORMAT_HEADER, err);
    return status == STATUS_OK ? STATUS_DAMAGED : status;
}

/* The record at the present position. STATUS_END: no byte is left in this file. STATUS_DAMAGED: err
 * says why, the position is where the search for the next record has to begin, and the key is set
 * when known. */
static enum status read_record(struct reader *reader, struct record *record, struct error *err)
{
    size_t size, body;
    enum status status = fill(reader, FORMAT_HEADER, err);
    record_clear(record);
    reader->begin = reader->offset;
    if (status != STATUS_OK)
        return status;
    if (available(reader) == 0)
        return STATUS_END;
    if (available(reader) < FORMAT_HEADER) {
        size_t mark =
            available(reader) < sizeof format_sync ? available(reader) : sizeof format_sync;
        int begun = memcmp(here(reader), format_sync, mark) == 0;
        take(reader, 1);
        return error_set(err, STATUS_DAMAGED,
                         begun ? "cut off in a header" : "no record begins here");
    }
    status = format_parse_header(here(reader), &reader->header, err);
    if (status != STATUS_OK) {
        take(reader, 1);
        return status;
    }
    body = (size_t)format_body(&reader->header);
    size = FORMAT_HEADER + (size_t)format_padded(body);
    status = fill(reader, size, err);
    if (status != STATUS_OK)
        return status;
    if (available(reader) < size)
        status = error_set(err, STATUS_DAMAGED, "cut off before its payload");
    else
        status = format_parse_body(&reader->header, here(reader) + FORMAT_HEADER, record, err);
    if (status == STATUS_OK &&
        !format_zero(here(reader) + FORMAT_HEADER + body, size - FORMAT_HEADER - body))
        status = error_set(err, STATUS_DAMAGED, "padding that must be zero is not");
    if (status == STATUS_OK && reader->header.payload > (uint64_t)reader->payload_max)
        status =
            error_set(err, STATUS_DAMAGED, "a payload of %llu bytes, the limit is %lld",
                      (unsigned long long)reader->header.payload, (long long)reader->payload_max);
    if (status != STATUS_OK) {
        take(reader, FORMAT_HEADER);
        return status;
    }
    buffer_clear(&reader->head);
    status = buffer_append(&reader->head, here(reader), size, err);
    if (status != STATUS_OK)
        return status;
    take(reader, size);
    return finish_record(reader, record, err);
}

static void count_loss(struct reader *reader, uint64_t losses, const struct error *err)
{
    reader->sum.losses += losses;
    reader->part_losses += losses;
    if (!reader->reason[0])
        snprintf(reader->reason, sizeof reader->reason, "%s", err->text);
}

/* Goes to the next sync mark, or to the end of the file. */
static enum status find_sync(struct reader *reader, struct error *err)
{
    for (;;) {
        const unsigned char *found;
        enum status status = fill(reader, sizeof format_sync, err);
        if (status != STATUS_OK)
            return status;
        if (available(reader) < sizeof format_sync) {
            take(reader, available(reader));
            return STATUS_OK;
        }
        found = memchr(here(reader), format_sync[0], available(reader) - sizeof format_sync + 1);
        if (!found) {
            take(reader, available(reader) - sizeof format_sync + 1);
        } else {
            take(reader, (size_t)(found - here(reader)));
            if (memcmp(found, format_sync, sizeof format_sync) == 0)
                return STATUS_OK;
            take(reader, 1);
        }
    }
}

/* After damage at `begin` (why says what): the next good record is read and held. Tells the place.
 */
static enum status recover(struct reader *reader, uint64_t begin, const char *key,
                           const struct error *why, struct error *err)
{
    const char *quote = *key ? "'" : "";
    enum status status;
    uint64_t end;
    do {
        status = find_sync(reader, err);
        if (status == STATUS_OK)
            status = read_record(reader, &reader->held, err);
    } while (status == STATUS_DAMAGED);
    if (status != STATUS_OK && status != STATUS_END)
        return status;
    reader->holding = status == STATUS_OK;
    reader->closed_part = !reader->holding;
    end = reader->holding ? reader->begin : reader->offset;
    if (!reader->holding && begin == reader->file_start && !*key) {
        error_set(err, STATUS_DAMAGED,
                  "%s: not a stream of records: %s (archives and folders go through imgextract)",
                  reader->name, why->text);
        count_loss(reader, 1, err);
        return STATUS_DAMAGED;
    }
    error_set(err, STATUS_DAMAGED, "%s: damaged at byte %llu: %s%.256s%s%s%s; %llu bytes skipped%s",
              reader->name, (unsigned long long)(begin - reader->file_start), quote, key, quote,
              *key ? ": " : "", why->text, (unsigned long long)(end - begin),
              reader->holding ? "" : ", to the end");
    count_loss(reader, 1, err);
    return STATUS_DAMAGED;
}

/* An end mark against the records before it. STATUS_OK when all is well. */
static enum status check_end(struct reader *reader, const struct record *mark, struct error *err)
{
    const struct tally *part = &reader->part;
    struct tally said;
    const char *reason = record_get(mark, "error");
    enum status status = format_parse_end(mark->payload.data, &said, err);
    uint64_t losses = status == STATUS_OK ? said.losses : 0;
    if (status != STATUS_OK) {
        error_prefix(err, "%s", reader->name);
        losses++;
    } else if (reader->part_losses == 0 && !reader->part_cut && !tally_equal(&said, part)) {
        /* After damage they cannot agree, and that has been told. */
        error_set(err, STATUS_DAMAGED,
                  "%s: the end mark at byte %llu says %llu records, %llu errors, %llu bytes; "
                  "read were %llu, %llu, %llu%s",
                  reader->name, (unsigned long long)(reader->begin - reader->file_start),
                  (unsigned long long)said.records, (unsigned long long)said.errors,
                  (unsigned long long)said.bytes, (unsigned long long)part->records,
                  (unsigned long long)part->errors, (unsigned long long)part->bytes,
                  said.records == part->records ? " (other contents)" : "");
        losses++;
    } else if (losses) {
        error_set(err, STATUS_DAMAGED, "%s: its maker's input was not whole (losses: %llu): %s",
                  reader->name, (unsigned long long)losses, reason ? reason : "unknown");
    }
    if (losses)
        count_loss(reader, losses, err);
    reader->ends++;
    reader->sum.shard = reader->ends == 1 && status == STATUS_OK ? said.shard : 0;
    reader->sum.shards = reader->ends == 1 && status == STATUS_OK ? said.shards : 0;
    memset(&reader->part, 0, sizeof reader->part);
    reader->part_losses = 0;
    reader->part_cut = 0;
    reader->closed_part = 1;
    if (status == STATUS_OK &&
        shards_add(&reader->shards, said.shard, said.shards, err) != STATUS_OK)
        return STATUS_SYSTEM;
    return losses ? STATUS_DAMAGED : STATUS_OK;
}

static void close_file(struct reader *reader)
{
    if (reader->fd >= 0 && reader->owned)
        close(reader->fd);
    reader->fd = -1;
}

/* The file has no more bytes: was it whole? */
static enum status end_file(struct reader *reader, struct error *err)
{
    int empty = reader->offset == reader->file_start;
    close_file(reader);
    if (!empty && reader->closed_part)
        return STATUS_OK;
    if (empty)
        error_set(err, STATUS_DAMAGED,
                  "%s: no bytes at all: what was to write it ended before it began", reader->name);
    else
        error_set(err, STATUS_DAMAGED, "%s: cut off: ends at byte %llu without an end mark",
                  reader->name, (unsigned long long)(reader->offset - reader->file_start));
    count_loss(reader, 1, err);
    return STATUS_DAMAGED;
}

/* The range's first byte, where `range` is counted from 0. */
static uint64_t range_begin(uint64_t size, uint64_t range, uint64_t ranges)
{
    return size / ranges * range + size % ranges * range / ranges;
}

/* Goes to the first good header of the range. What is before it belongs to the range before. */
static enum status begin_range(struct reader *reader, const struct stat *info, struct error *err)
{
    uint64_t size = (uint64_t)info->st_size;
    uint64_t first = range_begin(size, reader->range - 1, reader->ranges);
    struct header header;
    if (!S_ISREG(info->st_mode))
        return error_set(err, STATUS_USAGE, "%s: only of a file can one read a shard",
                         reader->name);
    reader->range_end = UINT64_MAX;
    if (reader->range < reader->ranges)
        reader->range_end = reader->offset + range_begin(size, reader->range, reader->ranges);
    if (first == 0)
        return STATUS_OK;
    if (lseek(reader->fd, (off_t)first, SEEK_SET) < 0)
        return error_errno(err, "%s", reader->name);
    reader->offset += first;
    reader->part_cut = 1;
    for (;;) {
        enum status status = find_sync(reader, err);
        if (status == STATUS_OK)
            status = fill(reader, FORMAT_HEADER, err);
        if (status != STATUS_OK)
            return status;
        reader->closed_part = available(reader) == 0; /* what is cut off there is told by others */
        if (available(reader) == 0 ||
            (available(reader) >= FORMAT_HEADER &&
             format_parse_header(here(reader), &header, NULL) == STATUS_OK))
            return STATUS_OK;
        take(reader, 1);
    }
}

/* Is the next record in another range? Without a good header nobody there would find it. */
static int range_is_over(struct reader *reader)
{
    uint64_t next = reader->holding ? reader->begin : reader->offset;
    return next >= reader->range_end &&
           (reader->holding || (available(reader) > 0 && good_follows(reader, NULL)));
}

static enum status begin_file(struct reader *reader, int fd, int owned, const char *name,
                              struct error *err)
{
    struct stat info = {0};
    reader->fd = fd;
    reader->owned = owned;
    reader->name = name;
    reader->direct = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? WINDOW : PIPE_DIRECT;
    reader->eof = 0;
    reader->window.size = reader->start = 0;
    reader->file_start = reader->offset;
    memset(&reader->part, 0, sizeof reader->part);
    reader->part_losses = 0;
    reader->closed_part = 0;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return reader->ranges ? begin_range(reader, &info, err) : STATUS_OK;
}

static enum status open_next(struct reader *reader, struct error *err)
{
    const char *path = reader->count ? reader->paths[reader->next] : "-";
    int fd;
    reader->next++;
    if (strcmp(path, "-") == 0)
        return begin_file(reader, STDIN_FILENO, 0, "standard input", err);
    do
        fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    return begin_file(reader, fd, 1, path, err);
}

enum status reader_next(struct reader *reader, struct record *record, struct error *err)
{
    struct error unasked; /* the reason of a loss is kept, whether the caller wants it or not */
    err = err ? err : &unasked;
    for (;;) {
        struct error why;
        enum status status = STATUS_OK;
        if (reader->fd < 0 && reader->next >= reader->count)
            return STATUS_END;
        if (reader->fd < 0)
            status = open_next(reader, err);
        if (status != STATUS_OK)
            return status;
        if (range_is_over(reader)) {
            reader->holding = 0;
            close_file(reader);
            continue;
        }
        if (reader->holding) {
            struct record swap = *record;
            *record = reader->held;
            reader->held = swap;
            reader->holding = 0;
        } else {
            status = read_record(reader, record, &why);
        }
        if (status == STATUS_END) {
            status = end_file(reader, err);
        } else if (status == STATUS_DAMAGED) {
            status = recover(reader, reader->begin, record_key(record), &why, err);
            record_clear(record);
        } else if (status != STATUS_OK) {
            *err = why;
            return status;
        } else if (record->kind == RECORD_END) {
            status = check_end(reader, record, err);
            if (reader->give_ends)
                return status;
            record_clear(record);
        } else {
            format_count(&reader->part, &reader->header, &record->key);
            format_count(&reader->sum, &reader->header, &record->key);
            reader->closed_part = 0;
            return STATUS_OK;
        }
        if (status != STATUS_OK)
            return status;
    }
}

static enum status reader_new(const struct reader_options *options, struct reader **reader,
                              struct error *err)
{
    *reader = memory_array(1, sizeof **reader);
    if (!*reader)
        return error_memory(err);
    (*reader)->fd = -1;
    (*reader)->payload_max =
        options && options->payload_max ? options->payload_max : RECORD_PAYLOAD_DEFAULT;
    (*reader)->give_ends = options && options->ends;
    (*reader)->range_end = UINT64_MAX;
    (*reader)->range = options ? options->shard : 0;
    (*reader)->ranges = options ? options->shards : 0;
    return STATUS_OK;
}

enum status reader_open(char *const *paths, size_t count, const struct reader_options *options,
                        struct reader **reader, struct error *err)
{
    enum status status = reader_new(options, reader, err);
    if (status != STATUS_OK)
        return status;
    (*reader)->paths = paths;
    (*reader)->count = count;
    status = open_next(*reader, err);
    if (status != STATUS_OK) {
        reader_free(*reader);
        *reader = NULL;
    }
    return status;
}

enum status reader_open_fd(int fd, const char *name, const struct reader_options *options,
                           struct reader **reader, struct error *err)
{
    enum status status = reader_new(options, reader, err);
    if (status != STATUS_OK)
        return status;
    status = begin_file(*reader, fd, 0, name, err);
    if (status == STATUS_OK && options && options->ahead_size)
        status = buffer_append(&(*reader)->window, options->ahead, options->ahead_size, err);
    if (status != STATUS_OK) {
        reader_free(*reader);
        *reader = NULL;
    }
    return status;
}

const struct tally *reader_tally(const struct reader *reader)
{
    return &reader->sum;
}

uint64_t reader_losses(const struct reader *reader)
{
    return reader->sum.losses;
}

const char *reader_reason(const struct reader *reader)
{
    return reader->reason;
}

uint64_t reader_offset(const struct reader *reader)
{
    return reader->begin;
}

uint64_t reader_ends(const struct reader *reader)
{
    return reader->ends;
}

enum status reader_check_shards(struct reader *reader, struct error *err)
{
    return shards_check(&reader->shards, err);
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    close_file(reader);
    buffer_free(&reader->window);
    buffer_free(&reader->head);
    record_free(&reader->held);
    shards_free(&reader->shards);
    free(reader);
}
