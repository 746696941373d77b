/* A folder, walked in the bytewise order of whole paths, as `find | LC_ALL=C sort` gives them.
 *
 * Links are followed; one that leads back to a folder that we are in is skipped.
 */
#include "source_internal.h"

#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct level {
    struct level *above;
    char **names; /* sorted; a folder's ends in '/', so that "a-b" comes before "a/b" as in whole
                     paths */
    size_t count, capacity, at;
    size_t length; /* of the path of this folder, with '/' */
    dev_t device;
    ino_t number;
    int sidecars; /* it has label files */
};

struct folder_reader {
    struct items items;
    struct level *level; /* the innermost; NULL: done */
    struct buffer path;  /* NUL-terminated */
    size_t root;         /* length of the operand with '/' */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void leave(struct folder_reader *reader)
{
    struct level *level = reader->level;
    reader->level = level->above;
    for (size_t i = 0; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
    free(level);
}

/* path = the level's folder and the name. */
static enum status set_path(struct folder_reader *reader, size_t length, const char *name,
                            struct error *err)
{
    enum status status;
    reader->path.size = length;
    status = buffer_append(&reader->path, name, strlen(name) + 1, err);
    reader->path.size--;
    return status;
}

static const char *path_of(const struct folder_reader *reader)
{
    return (const char *)reader->path.data;
}

static enum status add_name(struct folder_reader *reader, struct level *level, const char *name,
                            struct error *err)
{
    struct stat info;
    size_t length = strlen(name);
    char *copy, **names;
    enum status status = set_path(reader, level->length, name, err);
    if (status != STATUS_OK)
        return status;
    names = memory_more(level->names, level->count, &level->capacity, sizeof *names);
    if (!names)
        return error_memory(err);
    level->names = names;
    copy = malloc(length + 2);
    if (!copy)
        return error_memory(err);
    memcpy(copy, name, length + 1);
    if (stat(path_of(reader), &info) == 0 && S_ISDIR(info.st_mode))
        memcpy(copy + length, "/", 2);
    level->sidecars |= name_of_sidecar(reader->items.context->options->label, name);
    names[level->count++] = copy;
    return STATUS_OK;
}

/* Is the folder one that we are in? */
static int is_above(const struct level *level, const struct stat *info)
{
    for (; level; level = level->above)
        if (level->device == info->st_dev && level->number == info->st_ino)
            return 1;
    return 0;
}

/* Enters the folder at path, which ends in '/'. STATUS_FAILED: it cannot be read. */
static enum status enter(struct folder_reader *reader, struct error *err)
{
    const struct context *context = reader->items.context;
    struct level *level;
    struct dirent *entry;
    struct stat info;
    enum status status = STATUS_OK;
    DIR *folder = opendir(path_of(reader));
    if (!folder || fstat(dirfd(folder), &info) != 0) {
        status = error_errno(err, "cannot read the folder");
        if (folder)
            closedir(folder);
        return status == STATUS_SYSTEM ? STATUS_FAILED : status;
    }
    if (is_above(reader->level, &info)) {
        closedir(folder);
        skip_member(context, &context->counts->links, path_of(reader),
                    "a link to a folder that it is in");
        return STATUS_OK;
    }
    level = memory_array(1, sizeof *level);
    if (!level) {
        closedir(folder);
        return error_memory(err);
    }
    *level = (struct level){.above = reader->level,
                            .length = reader->path.size,
                            .device = info.st_dev,
                            .number = info.st_ino};
    reader->level = level;
    while (status == STATUS_OK && (errno = 0, entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = add_name(reader, level, entry->d_name, err);
    if (status == STATUS_OK && errno)
        status = error_errno(err, "cannot read the folder");
    closedir(folder);
    if (level->count)
        qsort(level->names, level->count, sizeof *level->names, compare_names);
    return status;
}

/* The rest of the file, whose size was `size`, to the payload. STATUS_FAILED: it is too large. */
static enum status read_rest(int fd, off_t size, uint64_t limit, struct buffer *payload,
                             struct error *err)
{
    size_t got = 1;
    while (got) {
        uint64_t here = payload->size, rest = size > (off_t)here ? (uint64_t)size - here : 0;
        enum status status;
        if (here + rest > limit)
            return error_set(err, STATUS_FAILED, "%llu bytes, more than the %llu allowed",
                             (unsigned long long)here + rest, (unsigned long long)limit);
        /* one byte more, to see the end, or that it has grown */
        status = buffer_reserve(payload, (size_t)rest + 1, err);
        if (status == STATUS_OK)
            status = io_read(fd, "it", payload->data + here, (size_t)rest + 1, &got, err);
        if (status != STATUS_OK)
            return status;
        payload->size += got;
    }
    return STATUS_OK;
}

/* Reads the open file: STATUS_FAILED with the reason when it cannot be. *given = 0: skipped. */
static enum status read_file(struct folder_reader *reader, int fd, const char *key,
                             struct record *record, int *given, struct error *err)
{
    const struct context *context = reader->items.context;
    unsigned char head[CONTENT_HEAD];
    char why[128];
    struct stat info;
    size_t got;
    int judged;
    enum status status;
    if (fstat(fd, &info) != 0)
        return error_errno(err, "cannot look at it");
    status = io_read(fd, "it", head, sizeof head, &got, err);
    if (status != STATUS_OK)
        return status;
    judged = judge_picture(context, key, head, got, why);
    *given = judged != 0;
    if (judged < 0)
        return error_set(err, STATUS_FAILED, "%s", why);
    if (judged == 0)
        return STATUS_OK;
    status = begin_picture(record, key, err);
    if (status == STATUS_OK)
        status = buffer_append(&record->payload, head, got, err);
    if (status == STATUS_OK)
        status = read_rest(fd, info.st_size, context->options->max_bytes, &record->payload, err);
    return status;
}

static enum status take_file(struct folder_reader *reader, struct record *record, int *given,
                             struct error *err)
{
    const struct context *context = reader->items.context;
    const char *path = path_of(reader), *key = path + reader->root;
    enum label_rule rule = context->options->label;
    struct stat info;
    enum status status;
    int fd;
    if (name_of_sidecar(rule, key))
        return STATUS_OK;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        skip_member(context, &context->counts->links, key, "a device, pipe or socket");
        return STATUS_OK;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        status = error_errno(err, "cannot open it");
    } else {
        status = read_file(reader, fd, key, record, given, err);
        close(fd);
    }
    if (status == STATUS_FAILED || status == STATUS_SYSTEM) {
        *given = 1;
        status = fail_picture(context, record, key, err->text, err);
    }
    if (status == STATUS_OK && *given && reader->level->sidecars)
        status = sidecar_beside(rule, path, record, err);
    return status;
}

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct folder_reader *reader = (struct folder_reader *)items;
    int given = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !given) {
        struct level *level = reader->level;
        const char *name;
        if (!level)
            return STATUS_END;
        if (level->at == level->count) {
            leave(reader);
            continue;
        }
        name = level->names[level->at++];
        status = set_path(reader, level->length, name, err);
        if (status != STATUS_OK)
            break;
        if (name[strlen(name) - 1] != '/') {
            status = take_file(reader, record, &given, err);
            continue;
        }
        status = enter(reader, err);
        if (status == STATUS_FAILED) {
            given = 1;
            status = fail_picture(items->context, record, path_of(reader) + reader->root, err->text,
                                  err);
        }
    }
    return status;
}

static void release(struct items *items)
{
    struct folder_reader *reader = (struct folder_reader *)items;
    while (reader->level)
        leave(reader);
    buffer_free(&reader->path);
    items_free(items);
}

enum status folder_items(const char *path, const struct context *context, struct items **items,
                         struct error *err)
{
    const struct items kind = {.context = context, .joint = '/', .next = next, .free = release};
    struct folder_reader *reader = items_new(sizeof *reader, &kind);
    size_t length = strlen(path);
    enum status status;
    if (!reader)
        return error_memory(err);
    status = buffer_append(&reader->path, path, length + 1, err);
    if (status == STATUS_OK)
        status = set_path(reader, length, length && path[length - 1] == '/' ? "" : "/", err);
    reader->root = reader->path.size;
    if (status == STATUS_OK)
        status = enter(reader, err);
    if (status == STATUS_OK) {
        *items = &reader->items;
        return STATUS_OK;
    }
    if (status == STATUS_FAILED && err) {
        struct error why = *err;
        status = error_set(err, STATUS_SYSTEM, "%s: %s", path, why.text);
    }
    release(&reader->items);
    return status;
}
