#include "stream/record.h"

#include <string.h>

void record_clear(struct record *record)
{
    record->kind = 0;
    record->type = ELEMENT_NONE;
    record->shape.rank = 0;
    buffer_clear(&record->key);
    buffer_clear(&record->attributes);
    buffer_clear(&record->payload);
}

void record_free(struct record *record)
{
    buffer_free(&record->key);
    buffer_free(&record->attributes);
    buffer_free(&record->payload);
    memset(record, 0, sizeof *record);
}

enum status record_set_key(struct record *record, const char *key, struct error *err)
{
    size_t length = strlen(key);
    enum status status;
    if (length == 0)
        return error_set(err, STATUS_USAGE, "the key of a record is empty");
    if (length > RECORD_KEY_MAX)
        return error_set(err, STATUS_USAGE, "the key of a record has %zu bytes, at most %d may be",
                         length, RECORD_KEY_MAX);
    buffer_clear(&record->key);
    status = buffer_append(&record->key, key, length + 1, err);
    if (status == STATUS_OK)
        record->key.size = length;
    return status;
}

const char *record_key(const struct record *record)
{
    return record->key.size ? (const char *)record->key.data : "";
}

/* Where in the attributes the pair of that name stands: its first byte, its value, and the byte
 * after it. */
struct place {
    size_t begin, value, end;
};

static int find(const struct record *record, const char *name, struct place *place)
{
    const char *found, *value;
    size_t at = 0;
    place->begin = 0;
    while (record_next_attribute(record, &at, &found, &value)) {
        if (strcmp(found, name) == 0) {
            place->value = (size_t)((const unsigned char *)value - record->attributes.data);
            place->end = at;
            return 1;
        }
        place->begin = at;
    }
    return 0;
}

enum status record_set(struct record *record, const char *name, const char *value,
                       struct error *err)
{
    struct buffer *all = &record->attributes;
    struct place old = {all->size, all->size, all->size};
    size_t name_size = strlen(name) + 1;
    size_t new_size = value ? name_size + strlen(value) + 1 : 0;
    enum status status;
    if (name_size == 1)
        return error_set(err, STATUS_USAGE, "the name of an attribute is empty");
    if (!find(record, name, &old))
        old.begin = old.end = all->size;
    if (new_size > RECORD_ATTRIBUTES_MAX ||
        all->size - (old.end - old.begin) + new_size > RECORD_ATTRIBUTES_MAX)
        return error_set(err, STATUS_FAILED, "attribute '%.64s': more than %d bytes of attributes",
                         name, RECORD_ATTRIBUTES_MAX);
    status = buffer_reserve(all, new_size + 1, err);
    if (status != STATUS_OK)
        return status;
    memmove(all->data + old.begin + new_size, all->data + old.end, all->size - old.end);
    if (value) {
        memcpy(all->data + old.begin, name, name_size);
        memcpy(all->data + old.begin + name_size, value, new_size - name_size);
    }
    all->size = all->size - (old.end - old.begin) + new_size;
    return STATUS_OK;
}

const char *record_get(const struct record *record, const char *name)
{
    struct place place;
    return find(record, name, &place) ? (const char *)record->attributes.data + place.value : NULL;
}

int record_next_attribute(const struct record *record, size_t *at, const char **name,
                          const char **value)
{
    const struct buffer *all = &record->attributes;
    const unsigned char *begin, *middle, *end;
    if (*at >= all->size)
        return 0;
    begin = all->data + *at;
    middle = memchr(begin, 0, all->size - *at);
    if (!middle) /* only in a record of an unknown kind, whose bytes nobody has checked */
        return 0;
    end = memchr(middle + 1, 0, (size_t)(all->data + all->size - (middle + 1)));
    if (!end)
        return 0;
    *name = (const char *)begin;
    *value = (const char *)middle + 1;
    *at = (size_t)(end + 1 - all->data);
    return 1;
}

enum status record_set_tensor(struct record *record, enum element_type type,
                              const struct shape *shape, struct error *err)
{
    char text[SHAPE_TEXT];
    int64_t bytes = shape_bytes(shape, type);
    enum status status;
    if (type == ELEMENT_NONE || shape->rank < 0 || shape->rank > SHAPE_RANK_MAX)
        return error_set(err, STATUS_USAGE, "a tensor needs an element type and 0 to %d dimensions",
                         SHAPE_RANK_MAX);
    if (bytes < 0 || bytes > RECORD_PAYLOAD_MAX)
        return error_set(err, STATUS_FAILED, "a tensor of shape %s is larger than a record may be",
                         shape_format(shape, text));
    status = buffer_room(&record->payload, (size_t)bytes, err);
    if (status != STATUS_OK)
        return status;
    record->payload.size = (size_t)bytes;
    record->kind = RECORD_TENSOR;
    record->type = type;
    record->shape = *shape;
    return STATUS_OK;
}

struct tensor record_tensor(const struct record *record)
{
    struct tensor tensor = {record->type, record->shape, record->payload.data};
    return tensor;
}

static enum status copy_bytes(struct buffer *to, const struct buffer *from, struct error *err)
{
    enum status status;
    status = buffer_room(to, from->size + 1, err); /* the key's NUL is not counted in its size */
    if (status != STATUS_OK)
        return status;
    if (from->size)
        memcpy(to->data, from->data, from->size);
    to->data[from->size] = '\0';
    to->size = from->size;
    return STATUS_OK;
}

enum status record_copy_head(struct record *to, const struct record *from, struct error *err)
{
    enum status status = copy_bytes(&to->key, &from->key, err);
    if (status == STATUS_OK)
        status = copy_bytes(&to->attributes, &from->attributes, err);
    buffer_clear(&to->payload);
    to->type = ELEMENT_NONE;
    to->shape.rank = 0;
    return status;
}

enum status record_copy(struct record *to, const struct record *from, struct error *err)
{
    enum status status = record_copy_head(to, from, err);
    if (status != STATUS_OK)
        return status;
    to->kind = from->kind;
    to->type = from->type;
    to->shape = from->shape;
    return buffer_append(&to->payload, from->payload.data, from->payload.size, err);
}

enum status record_fail(struct record *record, const char *stage, const char *reason,
                        struct error *err)
{
    enum status status;
    record->kind = RECORD_ERROR;
    record->type = ELEMENT_NONE;
    record->shape.rank = 0;
    buffer_clear(&record->payload);
    status = record_set(record, "stage", stage, err);
    if (status == STATUS_OK)
        status = record_set(record, "error", reason, err);
    if (status == STATUS_FAILED) { /* no room beside the others: who and why is what matters now */
        buffer_clear(&record->attributes);
        status = record_set(record, "stage", stage, err);
        if (status == STATUS_OK)
            status = record_set(record, "error", reason, err);
    }
    return status;
}
