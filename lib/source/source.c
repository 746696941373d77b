/* The operands one after the other; keys, labels, patterns, shards. */
#include "source_internal.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_BYTES = 256 << 20 };

struct source {
    struct source_options options;
    struct source_counts counts;
    struct context context;
    struct labeller *labeller;
    struct names *names;
    FILE *list;
    char *entry; /* of the list, getdelim's */
    size_t entry_room;
    size_t operand; /* the next one */
    int several;    /* the operand is part of the keys */
    int listed;     /* the current operand is an entry of the list */
    char *path;     /* the current operand without "./" */
    struct items *items;
    uint64_t number; /* of the next picture, for shards */
    struct buffer text;
};

static const struct {
    const char *name;
    enum source_format format;
} formats[] = {
    {"auto", SOURCE_AUTO},   {"archive", SOURCE_ARCHIVE}, {"idx", SOURCE_IDX},
    {"cifar", SOURCE_CIFAR}, {"its", SOURCE_STREAM},      {"picture", SOURCE_PICTURE},
};

enum status source_format_parse(const char *name, enum source_format *format, struct error *err)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0) {
            *format = formats[i].format;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE,
                     "format '%s': expected auto, archive, idx, cifar, its or picture", name);
}

/* ---- opening ---- */

static enum status check_options(const struct source_options *options, struct error *err)
{
    int standard = options->list && strcmp(options->list, "-") == 0;
    for (size_t i = 0; i < options->operand_count; i++)
        if (strcmp(options->operands[i], "-") == 0 && standard++)
            return error_set(err, STATUS_USAGE, "standard input is used twice");
    if (options->shards && (options->shard < 1 || options->shard > options->shards))
        return error_set(err, STATUS_USAGE, "shard %lu/%lu: expected I/N with I from 1 to N",
                         (unsigned long)options->shard, (unsigned long)options->shards);
    if (options->except && !options->shards)
        return error_set(err, STATUS_USAGE, "'except' needs a shard that is left out");
    return STATUS_OK;
}

enum status source_open(const struct source_options *options, struct source **opened,
                        struct error *err)
{
    static char *const standard_input[] = {"-"};
    struct source *source;
    enum status status = check_options(options, err);
    *opened = NULL;
    if (status != STATUS_OK)
        return status;
    source = memory_array(1, sizeof *source);
    if (!source)
        return error_memory(err);
    source->options = *options;
    if (!source->options.max_bytes)
        source->options.max_bytes = MAX_BYTES;
    if (!options->operand_count && !options->list) {
        source->options.operands = standard_input;
        source->options.operand_count = 1;
    }
    source->context = (struct context){&source->options, &source->counts};
    source->several = options->list || options->operand_count > 1;
    source->names = names_new();
    status = source->names ? labeller_new(options, &source->labeller, err) : error_memory(err);
    if (status == STATUS_OK && options->list) {
        source->list = strcmp(options->list, "-") == 0 ? stdin : fopen(options->list, "re");
        if (!source->list)
            status = error_errno(err, "cannot open %s", options->list);
    }
    if (status == STATUS_OK)
        *opened = source;
    else
        source_free(source);
    return status;
}

/* The next operand or entry of the list in *path. */
static enum status next_operand(struct source *source, const char **path, struct error *err)
{
    const struct source_options *options = &source->options;
    ssize_t length;
    source->listed = source->operand >= options->operand_count;
    if (!source->listed) {
        *path = options->operands[source->operand++];
        return STATUS_OK;
    }
    if (!source->list)
        return STATUS_END;
    do {
        errno = 0;
        length = getdelim(&source->entry, &source->entry_room, options->list_nul ? '\0' : '\n',
                          source->list);
        if (length < 0 && ferror(source->list))
            return error_errno(err, "cannot read %s", options->list);
        if (length < 0)
            return STATUS_END;
        if (length && source->entry[length - 1] == '\n' && !options->list_nul)
            source->entry[--length] = '\0';
    } while (!source->entry[0]);
    *path = source->entry;
    return STATUS_OK;
}

/* What an input is, by its first bytes or by --format. STATUS_FAILED: nothing that we know. */
static enum status open_input(struct source *source, struct input *input, const char *path,
                              struct error *err)
{
    const struct context *context = &source->context;
    struct items **items = &source->items;
    enum source_format format = source->options.format;
    enum content content = content_of(input->head, input->head_size);
    if (!input->raw)
        return archive_items(input, context, items, err);
    if (format == SOURCE_STREAM || (format == SOURCE_AUTO && content == CONTENT_STREAM))
        return stream_items(input, context, items, err);
    if (format == SOURCE_IDX || (format == SOURCE_AUTO && content == CONTENT_IDX))
        return idx_items(input, context, path, items, err);
    if (format == SOURCE_PICTURE || (format == SOURCE_AUTO && content == CONTENT_PICTURE))
        return picture_items(input, context, path, items, err);
    if (format == SOURCE_CIFAR ||
        (input->head_size && input->head[0] < CIFAR_CLASSES && name_of_cifar(path, -1)))
        return cifar_items(input, context, path, items, err);
    error_set(err, STATUS_FAILED,
              "%s: no archive, picture, IDX, CIFAR-10 batch or stream: begins with bytes %02x %02x "
              "%02x %02x",
              input->name, input->head[0], input->head[1], input->head[2], input->head[3]);
    return STATUS_FAILED;
}

/* Opens a file. In a list, what is no picture is skipped (items stay NULL). */
static enum status open_file(struct source *source, const char *path, struct error *err)
{
    struct input *input;
    struct stat info;
    char why[128];
    int judged;
    enum status status;
    if (source->listed && stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0) {
        judged = judge_picture(&source->context, path, (const unsigned char *)"", 0, why);
        return judged < 0 ? error_set(err, STATUS_FAILED, "%s", why) : STATUS_OK;
    }
    if (source->listed && name_of_sidecar(source->options.label, path))
        return STATUS_OK;
    status = input_open(path, source->options.format, &input, err);
    if (status != STATUS_OK)
        return status;
    status = open_input(source, input, path, err);
    if (status != STATUS_FAILED)
        return status;
    if (!source->listed) {
        input_free(input);
        return STATUS_DAMAGED;
    }
    judged = judge_picture(&source->context, path, input->head, input->head_size, why);
    input_free(input);
    return judged < 0 ? error_set(err, STATUS_FAILED, "%s", why) : STATUS_OK;
}

static const char *plain_path(const char *path)
{
    while (path[0] == '.' && path[1] == '/' && path[2])
        path += 2;
    return path;
}

/* Opens the next operand. STATUS_OK with *given = 1: the record is the error record of an entry of
 * the list. */
static enum status open_next(struct source *source, struct record *record, int *given,
                             struct error *err)
{
    struct stat info;
    const char *path = "";
    enum status status = next_operand(source, &path, err);
    if (status != STATUS_OK)
        return status;
    free(source->path);
    source->path = strdup(plain_path(path));
    if (!source->path)
        return error_memory(err);
    if (strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        status = folder_items(path, &source->context, &source->items, err);
    else
        status = open_file(source, path, err);
    if (source->items)
        source->items->path = source->path;
    if (source->listed &&
        (status == STATUS_FAILED || status == STATUS_SYSTEM || status == STATUS_DAMAGED)) {
        *given = 1;
        return fail_picture(&source->context, record, source->path, err->text, err);
    }
    return status;
}

/* ---- each record ---- */

/* text = the name with the operand before it, as far as it has one. */
static enum status full_name(struct source *source, const char *name, struct error *err)
{
    const struct items *items = source->items;
    size_t length = strlen(source->path);
    enum status status;
    buffer_clear(&source->text);
    if (!items || !items->joint)
        return buffer_printf(&source->text, err, "%s", name);
    if (items->joint == '/' && length && source->path[length - 1] == '/')
        length--;
    status = buffer_append(&source->text, source->path, length, err);
    if (status == STATUS_OK)
        status = buffer_printf(&source->text, err, "%c%s", items->joint, name);
    return status;
}

/* Puts "#2", "#3" ... behind a key seen before. */
static enum status make_unique(struct source *source, struct record *record, struct error *err)
{
    int fresh;
    enum status status = names_add(source->names, record_key(record), &fresh, err);
    if (status != STATUS_OK || fresh)
        return status;
    buffer_clear(&source->text);
    status = buffer_text(&source->text, record_key(record), err);
    for (unsigned long copy = 2; status == STATUS_OK && !fresh; copy++) {
        size_t length = source->text.size;
        status = buffer_printf(&source->text, err, "#%lu", copy);
        if (status == STATUS_OK)
            status = names_add(source->names, (const char *)source->text.data, &fresh, err);
        if (status == STATUS_OK && fresh)
            status = set_key(record, (const char *)source->text.data, err);
        source->text.size = length;
    }
    return status;
}

/* Key, src and label. */
static enum status finish(struct source *source, struct record *record, struct error *err)
{
    const struct items *items = source->items;
    const char *name, *path;
    enum status status;
    if (items && items->passes)
        return source->options.label == LABEL_AUTO
                   ? STATUS_OK
                   : labeller_apply(source->labeller, record, record_key(record), err);
    status = full_name(source, record_key(record), err);
    if (status == STATUS_OK)
        status = record_set(record, "src", (const char *)source->text.data, err);
    name = record_key(record);
    path = (const char *)source->text.data;
    if (status == STATUS_OK && (!items || items->joint != '/'))
        path = name;
    if (status == STATUS_OK && source->several) {
        char *label_path = strdup(path);
        if (!label_path)
            return error_memory(err);
        status = set_key(record, (const char *)source->text.data, err);
        if (status == STATUS_OK)
            status = labeller_apply(source->labeller, record, label_path, err);
        free(label_path);
    } else if (status == STATUS_OK)
        status = labeller_apply(source->labeller, record, path, err);
    return status;
}

static int matches(const char *key, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], key, 0) == 0)
            return 1;
    return 0;
}

/* Is it asked for? Counts it where it is not. */
static enum status select_record(struct source *source, struct record *record, int *wanted,
                                 struct error *err)
{
    const struct source_options *options = &source->options;
    const char *key = record_key(record);
    enum status status = STATUS_OK;
    *wanted = 0;
    if ((options->include_count && !matches(key, options->include, options->include_count)) ||
        matches(key, options->exclude, options->exclude_count)) {
        source->counts.excluded++;
        return STATUS_OK;
    }
    if (!source->items || !source->items->passes)
        status = make_unique(source, record, err);
    if (options->shards &&
        (source->number++ % options->shards + 1 == options->shard) == options->except) {
        source->counts.elsewhere++;
        return status;
    }
    *wanted = 1;
    source->counts.records++;
    if (record->kind == RECORD_ERROR && (!source->items || !source->items->passes))
        source->counts.errors++;
    if (record->kind != RECORD_ERROR && options->label != LABEL_NONE &&
        !record_get(record, "label"))
        source->counts.unlabelled++;
    return status;
}

static void close_operand(struct source *source)
{
    if (source->items)
        source->items->free(source->items);
    source->items = NULL;
}

enum status source_next(struct source *source, struct record *record, struct error *err)
{
    struct source_counts *counts = &source->counts;
    if (source->options.limited && counts->records == source->options.limit)
        return STATUS_END;
    for (;;) {
        int given = 1, wanted;
        enum status status;
        if (source->items)
            status = source->items->next(source->items, record, err);
        else {
            given = 0;
            status = open_next(source, record, &given, err);
            if (status == STATUS_END)
                return status;
        }
        if (status == STATUS_END) {
            close_operand(source);
            continue;
        }
        if (status == STATUS_DAMAGED) {
            if (!counts->losses++ && err)
                snprintf(counts->reason, sizeof counts->reason, "%.*s",
                         (int)sizeof counts->reason - 1, err->text);
            return status;
        }
        if (status == STATUS_OK && given)
            status = finish(source, record, err);
        if (status != STATUS_OK)
            return status;
        if (!given)
            continue;
        status = select_record(source, record, &wanted, err);
        if (status != STATUS_OK || wanted)
            return status;
    }
}

const struct source_counts *source_counts(const struct source *source)
{
    return &source->counts;
}

void source_free(struct source *source)
{
    if (!source)
        return;
    close_operand(source);
    labeller_free(source->labeller);
    names_free(source->names);
    if (source->list && source->list != stdin)
        fclose(source->list);
    free(source->entry);
    free(source->path);
    buffer_free(&source->text);
    free(source);
}
