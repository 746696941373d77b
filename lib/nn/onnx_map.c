/* Files in memory: the model itself, and the external data of its tensors (onnx:
 * docs/ExternalData.md), whose names come from the model and so must not lead out of its folder
 * (CVE-2022-25882, CVE-2024-27318). */
#include "base/io.h"
#include "nn/onnx_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

static enum status read_whole(int fd, const char *name, struct mapping *mapping, struct error *err)
{
    enum { STEP = 1 << 20 };
    struct buffer all = {0};
    enum status status = STATUS_OK;
    size_t got = 1;
    while (status == STATUS_OK && got) {
        status = buffer_reserve(&all, STEP, err);
        if (status == STATUS_OK)
            status = io_read(fd, name, all.data + all.size, STEP, &got, err);
        if (status == STATUS_OK)
            all.size += got;
    }
    if (status != STATUS_OK) {
        buffer_free(&all);
        return status;
    }
    mapping->bytes = all.data;
    mapping->size = all.size;
    return STATUS_OK;
}

/* Is the file on another machine, or on a mount that a program makes (HDFS)? What is mapped from
 * there ends the program by SIGBUS when it cannot be had; what is read gives an error that can be
 * told. The numbers are of statfs(2). */
static int is_far(int fd)
{
#ifdef __linux__
    static const unsigned long far[] = {
        0x65735546, /* FUSE */
        0x6969,     /* NFS */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB 2 */
        0x00c36400, /* Ceph */
        0x0bd00bd0, /* Lustre */
        0x01021997, /* 9P */
    };
    struct statfs info;
    if (fstatfs(fd, &info) == 0)
        for (size_t i = 0; i < sizeof far / sizeof *far; i++)
            if (((unsigned long)info.f_type & 0xffffffff) == far[i])
                return 1;
#else
    (void)fd;
#endif
    return 0;
}

enum status onnx_map(struct model *model, int fd, const char *name, struct mapping **mapping,
                     struct error *err)
{
    struct stat info;
    struct mapping *new = arena_alloc(model->arena, 1, sizeof *new);
    enum status status = STATUS_OK;
    if (!new)
        return error_memory(err);
    if (fstat(fd, &info) != 0)
        return error_errno(err, "cannot read %s", name);
    if (S_ISREG(info.st_mode) && info.st_size > 0 && !is_far(fd)) {
        new->size = (size_t)info.st_size;
        new->bytes = mmap(NULL, new->size, PROT_READ, MAP_PRIVATE, fd, 0);
        new->is_mapped = new->bytes != MAP_FAILED;
    }
    if (!new->is_mapped)
        status = read_whole(fd, name, new, err);
    if (status == STATUS_OK) {
        new->next = model->mappings;
        model->mappings = new;
        *mapping = new;
    }
    return status;
}

static enum status refused(const char *location, const char *why, struct error *err)
{
    return error_set(err, STATUS_DAMAGED, "external data '%s': %s", location, why);
}

/* Opens a file below the folder, following no link on the way. */
static int open_below(const char *folder, const char *location)
{
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        const char *slash = strchr(location, '/');
        size_t length = slash ? (size_t)(slash - location) : strlen(location);
        char *part = strndup(location, length);
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (slash ? O_DIRECTORY : O_NONBLOCK);
        int below = part ? openat(at, part, flags) : -1;
        int code = errno;
        free(part);
        close(at);
        errno = code;
        if (!slash)
            return below;
        at = below;
        location = slash + 1;
    }
    return -1;
}

/* Not absolute, and no part empty, "." or "..". */
static int stays_inside(const char *location)
{
    for (;;) {
        size_t length = strcspn(location, "/");
        if (length == 0 || (length == 1 && location[0] == '.') ||
            (length == 2 && memcmp(location, "..", 2) == 0))
            return 0;
        if (!location[length])
            return 1;
        location += length + 1;
    }
}

static enum status map_external(const struct onnx_source *source, const char *location,
                                struct mapping **mapping, struct error *err)
{
    struct stat info;
    enum status status;
    int fd;
    if (!stays_inside(location))
        return refused(location, "the name leads out of the model's folder", err);
    fd = open_below(source->folder, location);
    if (fd < 0 && errno == ELOOP)
        return refused(location, "is a link", err);
    if (fd < 0)
        return error_errno(err, "cannot open external data '%s'", location);
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        status = refused(location, "is no plain file", err);
    else if (info.st_nlink != 1)
        status = refused(location, "has more than one name (hard link)", err);
    else
        status = onnx_map(source->model, fd, location, mapping, err);
    close(fd);
    if (status == STATUS_OK) {
        (*mapping)->name = arena_string(source->arena, location, strlen(location));
        if (!(*mapping)->name)
            return error_memory(err);
    }
    return status;
}

enum status onnx_external(const struct onnx_source *source, const char *location, int64_t offset,
                          int64_t *size, const unsigned char **bytes, struct error *err)
{
    struct mapping *mapping;
    uint64_t left;
    if (!source->model || !source->folder)
        return refused(location, "the model is no file, so there is nothing beside it", err);
    for (mapping = source->model->mappings; mapping; mapping = mapping->next)
        if (mapping->name && strcmp(mapping->name, location) == 0)
            break;
    if (!mapping) {
        enum status status = map_external(source, location, &mapping, err);
        if (status != STATUS_OK)
            return status;
    }
    left = offset < 0 || (uint64_t)offset > mapping->size ? 0 : mapping->size - (uint64_t)offset;
    if (*size < 0)
        *size = (int64_t)left;
    if (offset < 0 || (uint64_t)offset > mapping->size || (uint64_t)*size > left)
        return error_set(err, STATUS_DAMAGED,
                         "external data '%s' has %zu bytes, but %lld from %lld on are needed",
                         location, mapping->size, (long long)*size, (long long)offset);
    *bytes = (const unsigned char *)mapping->bytes + offset;
    return STATUS_OK;
}
