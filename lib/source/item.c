/* Small things that every kind of operand does the same way. */
#include "source_internal.h"

#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *items_new(size_t size, const struct items *items)
{
    struct items *made = memory_array(1, size);
    if (made)
        *made = *items;
    else
        input_free(items->input);
    return made;
}

void items_free(struct items *items)
{
    input_free(items->input);
    free(items);
}

void skip_member(const struct context *context, uint64_t *counter, const char *key, const char *why)
{
    ++*counter;
    if (context->options->skipped)
        context->options->skipped(context->options->listener, key, why);
}

enum status begin_picture(struct record *record, const char *name, struct error *err)
{
    record_clear(record);
    record->kind = RECORD_IMAGE;
    return set_key(record, name, err);
}

enum status fail_picture(const struct context *context, struct record *record, const char *name,
                         const char *reason, struct error *err)
{
    enum status status = begin_picture(record, name, err);
    return status == STATUS_OK ? record_fail(record, context->options->stage, reason, err) : status;
}

enum status set_key(struct record *record, const char *name, struct error *err)
{
    char cut[RECORD_KEY_MAX + 1];
    size_t length = strlen(name);
    if (length > RECORD_KEY_MAX) {
        uint64_t hash = length;
        for (size_t i = 0; i < length; i++)
            hash = random_mix(hash + (unsigned char)name[i]);
        snprintf(cut, sizeof cut, "%.*s~%016llx", RECORD_KEY_MAX - 17, name,
                 (unsigned long long)hash);
        name = cut;
    }
    return record_set_key(record, name, err);
}

int judge_picture(const struct context *context, const char *name, const unsigned char *head,
                  size_t size, char why[128])
{
    struct source_counts *counts = context->counts;
    if (strncmp(base_name(name), "._", 2) == 0 || strncmp(name, "__MACOSX/", 9) == 0) {
        skip_member(context, &counts->links, name, "an AppleDouble file");
        return 0;
    }
    if (content_of(head, size) == CONTENT_PICTURE)
        return 1;
    if (name_of_picture(name)) {
        snprintf(why, 128,
                 size ? "no picture: begins with bytes %02x %02x %02x %02x"
                      : "no picture: it is empty",
                 head[0], size > 1 ? head[1] : 0, size > 2 ? head[2] : 0, size > 3 ? head[3] : 0);
        return -1;
    }
    if (size == 0)
        skip_member(context, &counts->empty, name, "empty");
    else if (is_archive(name, head, size))
        skip_member(context, &counts->archives, name,
                    "an archive or a compressed file, not opened here");
    else
        skip_member(context, &counts->others, name, "no picture");
    return 0;
}
