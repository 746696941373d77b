/* A stream as an operand: its records pass through, checked.
 *
 * The input has been looked into and perhaps decompressed, while a stream reader wants a
 * descriptor: a thread pumps the bytes through a pipe.
 */
#include "source_internal.h"

#include "base/io.h"
#include "stream/reader.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct stream_reader {
    struct items items;
    struct reader *reader;
    int pipe[2];
    pthread_t pump;
    int pumping;
    enum status pumped;
    struct error pump_error;
};

static void *pump(void *context)
{
    enum { STEP = 64 * 1024 };
    struct stream_reader *reader = context;
    unsigned char *bytes = malloc(STEP);
    size_t got = 1;
    sigset_t closed;
    sigemptyset(&closed);
    sigaddset(&closed, SIGPIPE); /* the reader may stop before the end */
    pthread_sigmask(SIG_BLOCK, &closed, NULL);
    reader->pumped = bytes ? STATUS_OK : error_memory(&reader->pump_error);
    while (reader->pumped == STATUS_OK && got) {
        reader->pumped = input_read(reader->items.input, bytes, STEP, &got, &reader->pump_error);
        if (io_write(reader->pipe[1], reader->items.input->name, bytes, got, NULL) != STATUS_OK)
            break;
    }
    free(bytes);
    close(reader->pipe[1]);
    return NULL;
}

static enum status join(struct stream_reader *reader, struct error *err)
{
    if (!reader->pumping)
        return STATUS_END;
    pthread_join(reader->pump, NULL);
    reader->pumping = 0;
    if (reader->pumped == STATUS_OK)
        return STATUS_END;
    if (err)
        *err = reader->pump_error;
    return reader->pumped == STATUS_SYSTEM ? STATUS_SYSTEM : STATUS_DAMAGED;
}

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct stream_reader *reader = (struct stream_reader *)items;
    enum status status = reader_next(reader->reader, record, err);
    return status == STATUS_END ? join(reader, err) : status;
}

static void release(struct items *items)
{
    struct stream_reader *reader = (struct stream_reader *)items;
    reader_free(reader->reader);
    if (reader->pipe[0] >= 0)
        close(reader->pipe[0]);
    if (reader->pumping)
        pthread_join(reader->pump, NULL);
    items_free(items);
}

static enum status start(struct stream_reader *reader, struct error *err)
{
    enum status status;
    if (pipe(reader->pipe) != 0) {
        reader->pipe[0] = -1;
        return error_errno(err, "cannot make a pipe");
    }
    if (pthread_create(&reader->pump, NULL, pump, reader) != 0) {
        close(reader->pipe[1]);
        return error_set(err, STATUS_SYSTEM, "cannot start a thread");
    }
    reader->pumping = 1;
    status = reader_open_fd(reader->pipe[0], reader->items.input->name, NULL, &reader->reader, err);
    return status;
}

enum status stream_items(struct input *input, const struct context *context, struct items **items,
                         struct error *err)
{
    const struct items kind = {
        .context = context, .input = input, .passes = 1, .next = next, .free = release};
    struct stream_reader *reader = items_new(sizeof *reader, &kind);
    enum status status;
    if (!reader)
        return error_memory(err);
    status = start(reader, err);
    if (status == STATUS_OK)
        *items = &reader->items;
    else
        release(&reader->items);
    return status;
}
