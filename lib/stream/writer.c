#include "stream/writer.h"

#include "base/io.h"

#include <stdlib.h>
#include <string.h>

/* Bytes collected before a write: some pipes' worth, and little beside one picture. */
enum { WRITER_BLOCK = 256 * 1024 };

struct writer {
    int fd; /* -1: memory */
    const char *name;
    struct buffer pending; /* whole records, padded, not yet written */
    struct tally tally;
    struct record mark;      /* the attributes of the end mark */
    unsigned char zeros[64]; /* padding */
};

enum status writer_open(int fd, const char *name, struct writer **writer, struct error *err)
{
    *writer = memory_array(1, sizeof **writer);
    if (!*writer)
        return error_memory(err);
    (*writer)->fd = fd;
    (*writer)->name = name;
    return STATUS_OK;
}

/* Writes what is pending and, without copying it, `size` bytes more with their padding. */
static enum status flush(struct writer *writer, void *bytes, size_t size, struct error *err)
{
    struct iovec pieces[3] = {
        {writer->pending.data, writer->pending.size},
        {bytes, size},
        {writer->zeros, (size_t)format_padded(size) - size},
    };
    enum status status = io_write_pieces(writer->fd, writer->name, pieces, 3, err);
    buffer_clear(&writer->pending);
    return status;
}

/* Takes padded bytes into memory; in a writer to a descriptor only while they are few. */
static enum status collect(struct writer *writer, void *bytes, size_t size, struct error *err)
{
    size_t padded = (size_t)format_padded(size);
    enum status status;
    if (writer->fd >= 0 &&
        (padded >= WRITER_BLOCK || writer->pending.size + padded >= WRITER_BLOCK))
        return flush(writer, bytes, size, err);
    status = buffer_reserve(&writer->pending, padded, err);
    if (status != STATUS_OK || !size)
        return status;
    memcpy(writer->pending.data + writer->pending.size, bytes, size);
    memset(writer->pending.data + writer->pending.size + size, 0, padded - size);
    writer->pending.size += padded;
    return STATUS_OK;
}

enum status writer_put(struct writer *writer, const struct record *record, struct error *err)
{
    enum status status = format_head(record, &writer->pending, &writer->tally, err);
    if (status != STATUS_OK)
        return status;
    return collect(writer, record->payload.data, record->payload.size, err);
}

enum status writer_drain(struct writer *to, struct writer *from, struct error *err)
{
    enum status status = collect(to, from->pending.data, from->pending.size, err);
    buffer_clear(&from->pending);
    tally_add(&to->tally, &from->tally);
    memset(&from->tally, 0, sizeof from->tally);
    return status;
}

void writer_set_shard(struct writer *writer, uint32_t shard, uint32_t shards)
{
    writer->tally.shard = shard;
    writer->tally.shards = shards;
}

void writer_set_loss(struct writer *writer, uint64_t losses, const char *reason)
{
    writer->tally.losses = losses;
    /* When memory is too short for the reason, the number still tells the loss. */
    (void)record_set(&writer->mark, "error", losses ? reason : NULL, NULL);
}

enum status writer_set_attributes(struct writer *writer, const struct record *from,
                                  struct error *err)
{
    return record_copy_head(&writer->mark, from, err);
}

enum status writer_end(struct writer *writer, struct error *err)
{
    enum status status = format_end(&writer->tally, &writer->mark, &writer->pending, err);
    if (status == STATUS_OK && writer->fd >= 0)
        status = flush(writer, NULL, 0, err);
    return status;
}

const struct tally *writer_tally(const struct writer *writer)
{
    return &writer->tally;
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    buffer_free(&writer->pending);
    record_free(&writer->mark);
    free(writer);
}
