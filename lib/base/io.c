#include "base/io.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IO_CHUNK = 1 << 30 }; /* Linux moves at most 2 GiB a call */

/* An inherited descriptor may be non-blocking (ssh and others leave them so): then wait here. */
static int wait_for(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    return (errno == EAGAIN || errno == EWOULDBLOCK) && (poll(&one, 1, -1) >= 0 || errno == EINTR);
}

enum status io_read_some(int fd, const char *name, void *bytes, size_t size, size_t *got,
                         struct error *err)
{
    size_t want = size < IO_CHUNK ? size : IO_CHUNK;
    ssize_t count;
    do
        count = read(fd, bytes, want);
    while (count < 0 && (errno == EINTR || wait_for(fd, POLLIN)));
    *got = count > 0 ? (size_t)count : 0;
    return count < 0 ? error_errno(err, "cannot read %s", name) : STATUS_OK;
}

enum status io_read(int fd, const char *name, void *bytes, size_t size, size_t *got,
                    struct error *err)
{
    enum status status = STATUS_OK;
    size_t count = 1;
    *got = 0;
    while (*got < size && count && status == STATUS_OK) {
        status = io_read_some(fd, name, (unsigned char *)bytes + *got, size - *got, &count, err);
        *got += count;
    }
    return status;
}

enum status io_write(int fd, const char *name, const void *bytes, size_t size, struct error *err)
{
    const unsigned char *from = bytes;
    while (size) {
        ssize_t count = write(fd, from, size < IO_CHUNK ? size : IO_CHUNK);
        if (count < 0 && (errno == EINTR || wait_for(fd, POLLOUT)))
            continue;
        if (count < 0)
            return error_errno(err, "cannot write %s", name);
        from += count;
        size -= (size_t)count;
    }
    return STATUS_OK;
}

enum status io_write_pieces(int fd, const char *name, struct iovec *pieces, int count,
                            struct error *err)
{
    while (count) {
        ssize_t written;
        if (pieces->iov_len == 0) {
            pieces++;
            count--;
            continue;
        }
        written = writev(fd, pieces, count);
        if (written < 0 && (errno == EINTR || wait_for(fd, POLLOUT)))
            continue;
        if (written < 0)
            return error_errno(err, "cannot write %s", name);
        for (size_t left = (size_t)written; left;) {
            size_t part = left < pieces->iov_len ? left : pieces->iov_len;
            pieces->iov_base = (unsigned char *)pieces->iov_base + part;
            pieces->iov_len -= part;
            left -= part;
            if (pieces->iov_len == 0) {
                pieces++;
                count--;
            }
        }
    }
    return STATUS_OK;
}

enum status io_slurp(const char *path, size_t limit, char **text, size_t *size, struct error *err)
{
    struct buffer all = {0};
    enum status status = STATUS_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t got = 1;
    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    while (status == STATUS_OK && got) {
        enum { STEP = 64 * 1024 };
        status = buffer_reserve(&all, STEP + 1, err);
        if (status == STATUS_OK)
            status = io_read(fd, path, all.data + all.size, STEP, &got, err);
        if (status == STATUS_OK)
            all.size += got;
        if (status == STATUS_OK && all.size > limit)
            status = error_set(err, STATUS_DAMAGED, "%s is larger than %zu bytes", path, limit);
    }
    close(fd);
    if (status != STATUS_OK) {
        buffer_free(&all);
        return status;
    }
    all.data[all.size] = '\0';
    *text = (char *)all.data;
    *size = all.size;
    return STATUS_OK;
}

/* No regular file, nor a name for one: opened as it is, which also tells at once what cannot be. */
static int is_special(const char *path)
{
    struct stat info;
    return !*path || (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
}

enum status output_open(struct output *output, const char *path, struct error *err)
{
    memset(output, 0, sizeof *output);
    if (!path || strcmp(path, "-") == 0) {
        output->fd = STDOUT_FILENO;
        output->name = "standard output";
        return STATUS_OK;
    }
    output->name = output->path = path;
    if (is_special(path)) {
        output->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        size_t room = strlen(path) + 32;
        output->temporary = memory_array(room, 1);
        if (!output->temporary)
            return error_memory(err);
        snprintf(output->temporary, room, "%s.%ld.tmp", path, (long)getpid());
        output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    if (output->fd < 0) {
        enum status status = error_errno(err, "cannot create %s", path);
        free(output->temporary);
        output->temporary = NULL;
        return status;
    }
    return STATUS_OK;
}

/* On HDFS no file can be renamed onto another: the old one steps aside first, and goes when the new
 * one has its name. Between the two renames no signal ends this thread; if the machine stops there,
 * both files are still there, under other names. */
static enum status put_in_place_of(const char *name, const char *temporary, const char *aside,
                                   struct error *err)
{
    enum status status = STATUS_OK;
    sigset_t all, before;
    int code = errno; /* why the plain rename failed */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (access(name, F_OK) != 0 || access(aside, F_OK) == 0 || rename(name, aside) != 0) {
        errno = code;
        status = error_errno(err, "cannot rename %s to %s", temporary, name);
    } else if (rename(temporary, name) == 0) {
        unlink(aside);
    } else {
        status = error_errno(err, "cannot rename %s to %s", temporary, name);
        if (rename(aside, name) != 0)
            error_set(err, status, "%s; what was there before is %s", err->text, aside);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static enum status put_in_place(const char *temporary, const char *name, struct error *err)
{
    enum status status;
    size_t room;
    char *aside;
    if (rename(temporary, name) == 0)
        return STATUS_OK;
    room = strlen(temporary) + sizeof ".old";
    aside = malloc(room);
    if (!aside)
        return error_memory(err);
    snprintf(aside, room, "%s.old", temporary);
    status = put_in_place_of(name, temporary, aside, err);
    free(aside);
    return status;
}

static enum status finish(struct output *output, const char *name, struct error *err)
{
    int fd = output->fd;
    output->fd = -1;
    /* A full disk may be told only by close(). EBADF: the caller started us without an output. */
    if (fd >= 0 && close(fd) != 0) {
        enum status status = error_errno(err, "cannot write %s", output->name);
        output_discard(output);
        return status;
    }
    if (output->temporary) {
        enum status status = put_in_place(output->temporary, name, err);
        if (status != STATUS_OK) {
            output_discard(output);
            return status;
        }
    }
    free(output->temporary);
    output->temporary = NULL;
    return STATUS_OK;
}

enum status output_commit(struct output *output, struct error *err)
{
    return finish(output, output->path, err);
}

enum status output_part(struct output *output, char **kept, struct error *err)
{
    enum status status;
    size_t room;
    *kept = NULL;
    if (!output->temporary)
        return finish(output, output->path, err);
    room = strlen(output->path) + sizeof ".part";
    *kept = memory_array(room, 1);
    if (!*kept)
        return error_memory(err);
    snprintf(*kept, room, "%s.part", output->path);
    status = finish(output, *kept, err);
    if (status != STATUS_OK) {
        free(*kept);
        *kept = NULL;
    }
    return status;
}

void output_discard(struct output *output)
{
    if (output->temporary) {
        if (output->fd >= 0)
            close(output->fd);
        output->fd = -1;
        unlink(output->temporary);
        free(output->temporary);
        output->temporary = NULL;
    }
}
