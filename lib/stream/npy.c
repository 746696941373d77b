#include "stream/npy.h"

#include "base/number.h"

#include <string.h>

enum {
    NPY_PREFIX = 10, /* magic, version, length of the text */
    NPY_ALIGN = 64,
};

static const char *const descriptions[ELEMENT_TYPES] = {
    [ELEMENT_U8] = "|u1",  [ELEMENT_I8] = "|i1",  [ELEMENT_U16] = "<u2",
    [ELEMENT_I16] = "<i2", [ELEMENT_I32] = "<i4", [ELEMENT_I64] = "<i8",
    [ELEMENT_F16] = "<f2", [ELEMENT_F32] = "<f4", [ELEMENT_F64] = "<f8",
};

static enum status head(enum element_type type, const int64_t *dims, int rank, struct buffer *out,
                        struct error *err)
{
    size_t begin = out->size, used;
    enum status status = buffer_append(out, "\x93NUMPY\x01\x00\x00\x00", NPY_PREFIX, err);
    if (!descriptions[type])
        return error_set(err, STATUS_FAILED, "numpy has no type %s", element_name(type));
    if (status == STATUS_OK)
        status = buffer_printf(out, err, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                               descriptions[type]);
    for (int i = 0; i < rank && status == STATUS_OK; i++) /* a tuple of one is written (3,) */
        status = buffer_printf(out, err, "%s%lld%s", i ? ", " : "", (long long)dims[i],
                               rank == 1 ? "," : "");
    if (status == STATUS_OK)
        status = buffer_text(out, "), }", err);
    while (status == STATUS_OK && (out->size - begin) % NPY_ALIGN != NPY_ALIGN - 1)
        status = buffer_text(out, " ", err);
    if (status == STATUS_OK)
        status = buffer_text(out, "\n", err);
    if (status != STATUS_OK)
        return status;
    used = out->size - begin - NPY_PREFIX;
    put_le16(out->data + begin + NPY_PREFIX - 2, (uint16_t)used);
    return STATUS_OK;
}

enum status npy_head(enum element_type type, const struct shape *shape, struct buffer *out,
                     struct error *err)
{
    return head(type, shape->dim, shape->rank, out, err);
}

enum status npy_stack_head(enum element_type type, const struct shape *shape, int64_t count,
                           struct buffer *out, struct error *err)
{
    int64_t dims[SHAPE_RANK_MAX + 1] = {count};
    memcpy(dims + 1, shape->dim, (size_t)shape->rank * sizeof *dims);
    return head(type, dims, shape->rank + 1, out, err);
}

enum status npy_widen(struct record *record, struct error *err)
{
    size_t count = record->payload.size / 2;
    struct buffer wide = {0};
    enum status status;
    if (record->type != ELEMENT_BF16)
        return STATUS_OK;
    status = buffer_reserve(&wide, 4 * count, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        put_le32(wide.data + 4 * i, (uint32_t)get_le16(record->payload.data + 2 * i) << 16);
    wide.size = 4 * count;
    buffer_free(&record->payload);
    record->payload = wide;
    record->type = ELEMENT_F32;
    return STATUS_OK;
}
