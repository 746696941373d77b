#include "stats/events.h"

#include "base/folder.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/protobuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { /* fields of the messages */
       EVENT_TIME = 1,
       EVENT_STEP = 2,
       EVENT_VERSION = 3,
       EVENT_SUMMARY = 5,
       EVENT_SESSION = 7,
       SESSION_STATUS = 1,
       SUMMARY_VALUE = 1,
       VALUE_TAG = 1,
       VALUE_SIMPLE = 2,
};

enum { HEAD = 12, TAIL = 4 }; /* bytes of a record before and after the message */

struct events {
    int fd;
    char *path;
    struct buffer record, summary, value; /* of the event being written */
};

/* CRC-32C, bit by bit: events are short and rare. */
static uint32_t crc32c(const unsigned char *bytes, size_t size)
{
    const uint32_t polynomial = 0x82f63b78;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
    }
    return ~crc;
}

static uint32_t masked_crc(const unsigned char *bytes, size_t size)
{
    uint32_t crc = crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

/* A record begins with a place for its head, which is filled in last. */
static enum status begin_record(struct events *events, double time, struct error *err)
{
    static const unsigned char head[HEAD];
    buffer_clear(&events->record);
    TRY(buffer_append(&events->record, head, HEAD, err));
    return protobuf_put_double(&events->record, EVENT_TIME, time, err);
}

static enum status write_record(struct events *events, struct error *err)
{
    struct buffer *record = &events->record;
    unsigned char tail[TAIL];
    size_t size = record->size - HEAD;
    put_le64(record->data, size);
    put_le32(record->data + 8, masked_crc(record->data, 8));
    put_le32(tail, masked_crc(record->data + HEAD, size));
    TRY(buffer_append(record, tail, TAIL, err));
    return io_write(events->fd, events->path, record->data, record->size, err);
}

/* A file of its own for each run, also of two within a second. */
static enum status create(struct events *events, const char *folder, const char *host, double time,
                          struct error *err)
{
    struct buffer path = {0};
    enum status status = STATUS_OK;
    for (int i = 0; events->fd < 0 && status == STATUS_OK; i++) {
        buffer_clear(&path);
        status = buffer_printf(&path, err, "%s/events.out.tfevents.%.0f.%s", folder, time, host);
        if (status == STATUS_OK && i)
            status = buffer_printf(&path, err, ".%d", i);
        if (status == STATUS_OK)
            status = buffer_append(&path, "", 1, err);
        if (status == STATUS_OK)
            events->fd = open((char *)path.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (status == STATUS_OK && events->fd < 0 && errno != EEXIST)
            status = error_errno(err, "cannot create %s", (char *)path.data);
    }
    events->path = (char *)path.data;
    return status;
}

enum status events_open(const char *folder, const char *host, double time, struct events **events,
                        struct error *err)
{
    struct events *made = memory_array(1, sizeof *made);
    enum status status;
    int fd = -1;
    if (!made)
        return error_memory(err);
    made->fd = -1;
    status = folder_open(folder, &fd, err);
    if (fd >= 0)
        close(fd);
    if (status == STATUS_OK)
        status = create(made, folder, host, time, err);
    if (status == STATUS_OK)
        status = begin_record(made, time, err);
    if (status == STATUS_OK)
        status = protobuf_put_text(&made->record, EVENT_VERSION, "brain.Event:2", err);
    if (status == STATUS_OK)
        status = write_record(made, err);
    if (status != STATUS_OK) {
        events_close(made, NULL);
        return status;
    }
    *events = made;
    return STATUS_OK;
}

enum status events_add(struct events *events, double time, int64_t step,
                       const struct event_scalar *scalars, size_t count, struct error *err)
{
    struct buffer *record = &events->record, *summary = &events->summary, *value = &events->value;
    buffer_clear(summary);
    for (size_t i = 0; i < count; i++) {
        buffer_clear(value);
        TRY(protobuf_put_text(value, VALUE_TAG, scalars[i].tag, err));
        TRY(protobuf_put_float(value, VALUE_SIMPLE, (float)scalars[i].value, err));
        TRY(protobuf_put_bytes(summary, SUMMARY_VALUE, value->data, value->size, err));
    }
    TRY(begin_record(events, time, err));
    TRY(protobuf_put_int(record, EVENT_STEP, step, err));
    TRY(protobuf_put_bytes(record, EVENT_SUMMARY, summary->data, summary->size, err));
    return write_record(events, err);
}

enum status events_restart(struct events *events, double time, int64_t step, struct error *err)
{
    static const int START = 1;
    struct buffer *session = &events->value;
    buffer_clear(session);
    TRY(protobuf_put_int(session, SESSION_STATUS, START, err));
    TRY(begin_record(events, time, err));
    TRY(protobuf_put_int(&events->record, EVENT_STEP, step, err));
    TRY(protobuf_put_bytes(&events->record, EVENT_SESSION, session->data, session->size, err));
    return write_record(events, err);
}

enum status events_close(struct events *events, struct error *err)
{
    enum status status = STATUS_OK;
    if (!events)
        return status;
    if (events->fd >= 0 && close(events->fd) != 0)
        status = error_errno(err, "cannot write %s", events->path);
    free(events->path);
    buffer_free(&events->record);
    buffer_free(&events->summary);
    buffer_free(&events->value);
    free(events);
    return status;
}
