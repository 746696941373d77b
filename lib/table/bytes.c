#include "table/bytes.h"

#include "base/io.h"
#include "base/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_BLOCK = 256 * 1024, MARK = 2 };

struct bytes {
    int fd;
    const char *name;
    struct buffer ahead; /* read before it is asked for: the first bytes, or packed ones */
    size_t taken;        /* of ahead */
    int looked, packed, at_end;
    int inside; /* a gzip member has begun */
    z_stream inflate;
};

enum status bytes_open_fd(int fd, const char *name, const void *ahead, size_t size,
                          struct bytes **bytes, struct error *err)
{
    struct bytes *made = memory_array(1, sizeof *made);
    enum status status = made ? buffer_append(&made->ahead, ahead, size, err) : error_memory(err);
    if (status != STATUS_OK) {
        free(made);
        if (fd != STDIN_FILENO)
            close(fd);
        return status;
    }
    made->fd = fd;
    made->name = name;
    *bytes = made;
    return STATUS_OK;
}

enum status bytes_open(const char *path, struct bytes **bytes, struct error *err)
{
    int fd = STDIN_FILENO;
    if (!path || strcmp(path, "-") == 0)
        return bytes_open_fd(fd, "standard input", NULL, 0, bytes, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    return bytes_open_fd(fd, path, NULL, 0, bytes, err);
}

const char *bytes_name(const struct bytes *bytes)
{
    return bytes->name;
}

/* Reads until there is enough to see whether it is gzip. */
static enum status look(struct bytes *bytes, struct error *err)
{
    static const unsigned char gzip[MARK] = {0x1f, 0x8b};
    size_t got = 1;
    enum status status = buffer_reserve(&bytes->ahead, PACKED_BLOCK, err);
    while (status == STATUS_OK && bytes->ahead.size < MARK && got) {
        status = io_read_some(bytes->fd, bytes->name, bytes->ahead.data + bytes->ahead.size,
                              PACKED_BLOCK, &got, err);
        bytes->ahead.size += got;
    }
    if (status != STATUS_OK)
        return status;
    bytes->looked = 1;
    bytes->packed = bytes->ahead.size >= MARK && memcmp(bytes->ahead.data, gzip, MARK) == 0;
    if (bytes->packed && inflateInit2(&bytes->inflate, 15 + 16) != Z_OK)
        return error_memory(err);
    bytes->inside = bytes->packed;
    return STATUS_OK;
}

/* More packed bytes, when there are none. */
static enum status more_packed(struct bytes *bytes, struct error *err)
{
    enum status status;
    if (bytes->taken < bytes->ahead.size)
        return STATUS_OK;
    bytes->taken = 0;
    status = io_read_some(bytes->fd, bytes->name, bytes->ahead.data, PACKED_BLOCK,
                          &bytes->ahead.size, err);
    return status;
}

static enum status unpack(struct bytes *bytes, void *to, size_t room, size_t *got,
                          struct error *err)
{
    z_stream *z = &bytes->inflate;
    while (*got == 0 && !bytes->at_end) {
        enum status status = more_packed(bytes, err);
        size_t packed = bytes->ahead.size - bytes->taken;
        int code;
        if (status != STATUS_OK)
            return status;
        if (packed == 0) {
            bytes->at_end = 1;
            if (bytes->inside)
                return error_set(err, STATUS_DAMAGED, "%s: the gzip data ended early", bytes->name);
            break;
        }
        if (!bytes->inside) { /* another member; gunzip stops at anything else, and so do zeros */
            if (bytes->ahead.data[bytes->taken] != 0x1f) {
                bytes->at_end = 1;
                return error_set(err, STATUS_DAMAGED, "%s: there is something after the gzip data",
                                 bytes->name);
            }
            inflateReset(z);
            bytes->inside = 1;
        }
        z->next_in = bytes->ahead.data + bytes->taken;
        z->avail_in = (uInt)packed;
        z->next_out = to;
        z->avail_out = room < (1U << 30) ? (uInt)room : 1U << 30;
        *got = z->avail_out;
        code = inflate(z, Z_NO_FLUSH);
        *got -= z->avail_out;
        bytes->taken = bytes->ahead.size - z->avail_in;
        if (code == Z_STREAM_END)
            bytes->inside = 0;
        else if (code != Z_OK && code != Z_BUF_ERROR) {
            bytes->at_end = 1;
            return error_set(err, STATUS_DAMAGED, "%s: the gzip data are damaged (%s)", bytes->name,
                             z->msg ? z->msg : "no reason given");
        }
    }
    return STATUS_OK;
}

enum status bytes_read(struct bytes *bytes, void *to, size_t room, size_t *got, struct error *err)
{
    enum status status = bytes->looked ? STATUS_OK : look(bytes, err);
    *got = 0;
    if (status != STATUS_OK)
        return status;
    if (bytes->packed)
        return unpack(bytes, to, room, got, err);
    if (bytes->taken < bytes->ahead.size) {
        size_t left = bytes->ahead.size - bytes->taken;
        *got = left < room ? left : room;
        memcpy(to, bytes->ahead.data + bytes->taken, *got);
        bytes->taken += *got;
        return STATUS_OK;
    }
    return io_read_some(bytes->fd, bytes->name, to, room, got, err);
}

void bytes_free(struct bytes *bytes)
{
    if (!bytes)
        return;
    if (bytes->packed)
        inflateEnd(&bytes->inflate);
    if (bytes->fd != STDIN_FILENO)
        close(bytes->fd);
    buffer_free(&bytes->ahead);
    free(bytes);
}
