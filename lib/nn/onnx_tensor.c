/* One TensorProto in any of its encodings. Nothing is allocated by a declared size: the data is
 * counted first. */
#include "base/number.h"
#include "nn/onnx.h"
#include "nn/onnx_internal.h"

#include <string.h>

static const struct {
    enum onnx_type onnx;
    enum element_type type;
    int field;               /* the list that holds it when raw_data does not */
    enum protobuf_type wire; /* of one number there */
    int64_t low, high;       /* of a number in int32_data */
} types[] = {
    {ONNX_FLOAT, ELEMENT_F32, TENSOR_FLOAT_DATA, PROTOBUF_FIXED32, 0, 0},
    {ONNX_UINT8, ELEMENT_U8, TENSOR_INT32_DATA, PROTOBUF_VARINT, 0, UINT8_MAX},
    {ONNX_INT8, ELEMENT_I8, TENSOR_INT32_DATA, PROTOBUF_VARINT, INT8_MIN, INT8_MAX},
    {ONNX_UINT16, ELEMENT_U16, TENSOR_INT32_DATA, PROTOBUF_VARINT, 0, UINT16_MAX},
    {ONNX_INT16, ELEMENT_I16, TENSOR_INT32_DATA, PROTOBUF_VARINT, INT16_MIN, INT16_MAX},
    {ONNX_INT32, ELEMENT_I32, TENSOR_INT32_DATA, PROTOBUF_VARINT, INT32_MIN, INT32_MAX},
    {ONNX_INT64, ELEMENT_I64, TENSOR_INT64_DATA, PROTOBUF_VARINT, INT64_MIN, INT64_MAX},
    {ONNX_BOOL, ELEMENT_U8, TENSOR_INT32_DATA, PROTOBUF_VARINT, 0, 1},
    {ONNX_FLOAT16, ELEMENT_F16, TENSOR_INT32_DATA, PROTOBUF_VARINT, 0, UINT16_MAX},
    {ONNX_DOUBLE, ELEMENT_F64, TENSOR_DOUBLE_DATA, PROTOBUF_FIXED64, 0, 0},
    {ONNX_BFLOAT16, ELEMENT_BF16, TENSOR_INT32_DATA, PROTOBUF_VARINT, 0, UINT16_MAX},
};
enum { TYPES = sizeof types / sizeof types[0] };

static size_t find_type(int64_t onnx)
{
    size_t i = 0;
    while (i < TYPES && (int64_t)types[i].onnx != onnx)
        i++;
    return i;
}

enum element_type onnx_element_type(int64_t type)
{
    size_t i = find_type(type);
    return i < TYPES ? types[i].type : ELEMENT_NONE;
}

enum onnx_type onnx_type_of(enum element_type type, int is_bool)
{
    if (type == ELEMENT_U8 && is_bool)
        return ONNX_BOOL;
    for (size_t i = 0; i < TYPES; i++)
        if (types[i].type == type)
            return types[i].onnx;
    return ONNX_FLOAT;
}

enum status onnx_text(struct arena *arena, const struct protobuf_field *field, const char **text,
                      struct error *err)
{
    size_t size = protobuf_size(&field->bytes);
    enum status status = protobuf_expect(field, PROTOBUF_BYTES, err);
    if (status != STATUS_OK)
        return status;
    if (memchr(field->bytes.at, '\0', size))
        return error_set(err, STATUS_DAMAGED, "byte %zu: a name with a NUL byte in it",
                         (size_t)(field->bytes.at - field->bytes.file));
    *text = arena_string(arena, (const char *)field->bytes.at, size);
    return *text ? STATUS_OK : error_memory(err);
}

enum status onnx_int(const struct protobuf_field *field, int64_t *value, struct error *err)
{
    *value = (int64_t)field->value;
    return protobuf_expect(field, PROTOBUF_VARINT, err);
}

/* What a TensorProto says, but for its elements. */
struct description {
    const struct onnx_source *source;
    int64_t onnx_type;
    struct shape shape;
    const char *name;
    int has_raw, has_list, is_external, has_strings, is_segment;
    struct protobuf raw;
    const char *location, *offset, *length;
};

static enum status read_entry(void *context, struct protobuf_field *field, struct error *err)
{
    const char **entry = context; /* key, value; their arena is entry[2] */
    struct arena *arena = (struct arena *)(void *)entry[2];
    if (field->number == ENTRY_KEY || field->number == ENTRY_VALUE)
        return onnx_text(arena, field, &entry[field->number - ENTRY_KEY], err);
    return STATUS_OK;
}

static enum status read_external(struct description *seen, struct protobuf_field *field,
                                 struct error *err)
{
    const char *entry[3] = {"", "", (const char *)(void *)seen->source->arena};
    enum status status = protobuf_expect(field, PROTOBUF_BYTES, err);
    if (status == STATUS_OK)
        status = protobuf_fields(field->bytes, read_entry, entry, err);
    if (strcmp(entry[0], "location") == 0)
        seen->location = entry[1];
    else if (strcmp(entry[0], "offset") == 0)
        seen->offset = entry[1];
    else if (strcmp(entry[0], "length") == 0)
        seen->length = entry[1];
    return status;
}

static enum status read_dims(struct description *seen, struct protobuf_field *field,
                             struct error *err)
{
    uint64_t dim;
    enum status status;
    while ((status = protobuf_each(field, PROTOBUF_VARINT, &dim, err)) == STATUS_OK) {
        if (seen->shape.rank == SHAPE_RANK_MAX)
            return error_set(err, STATUS_DAMAGED, "a tensor of more than %d dimensions",
                             SHAPE_RANK_MAX);
        if ((int64_t)dim < 0)
            return error_set(err, STATUS_DAMAGED, "a dimension of %lld", (long long)(int64_t)dim);
        seen->shape.dim[seen->shape.rank++] = (int64_t)dim;
    }
    return status == STATUS_END ? STATUS_OK : status;
}

static enum status describe(void *context, struct protobuf_field *field, struct error *err)
{
    struct description *seen = context;
    int64_t number;
    enum status status;
    switch (field->number) {
    case TENSOR_DIMS:
        return read_dims(seen, field, err);
    case TENSOR_DATA_TYPE:
        return onnx_int(field, &seen->onnx_type, err);
    case TENSOR_NAME:
        return onnx_text(seen->source->arena, field, &seen->name, err);
    case TENSOR_SEGMENT:
        seen->is_segment = 1;
        return STATUS_OK;
    case TENSOR_STRING_DATA:
        seen->has_strings = 1;
        return STATUS_OK;
    case TENSOR_RAW_DATA:
        seen->has_raw = 1;
        seen->raw = field->bytes;
        return protobuf_expect(field, PROTOBUF_BYTES, err);
    case TENSOR_EXTERNAL_DATA:
        return read_external(seen, field, err);
    case TENSOR_DATA_LOCATION:
        status = onnx_int(field, &number, err);
        seen->is_external = number == 1;
        return status;
    case TENSOR_FLOAT_DATA:
    case TENSOR_INT32_DATA:
    case TENSOR_INT64_DATA:
    case TENSOR_DOUBLE_DATA:
    case TENSOR_UINT64_DATA:
        seen->has_list = 1;
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

/* The elements in a list field: counted when there is no tensor yet, else stored. */
struct list {
    size_t type; /* index into types */
    int64_t count;
    unsigned char *to; /* NULL: count only */
};

static void store(unsigned char *to, size_t size, uint64_t value)
{
    uint8_t byte = (uint8_t)value;
    uint16_t half = (uint16_t)value;
    uint32_t word = (uint32_t)value;
    memcpy(to,
           size == 1   ? (void *)&byte
           : size == 2 ? (void *)&half
           : size == 4 ? (void *)&word
                       : (void *)&value,
           size);
}

static enum status read_list(void *context, struct protobuf_field *field, struct error *err)
{
    struct list *list = context;
    size_t size = element_size(types[list->type].type);
    uint64_t value;
    enum status status = STATUS_END;
    if (field->number != (uint64_t)types[list->type].field)
        return STATUS_OK;
    while ((status = protobuf_each(field, types[list->type].wire, &value, err)) == STATUS_OK) {
        if (types[list->type].wire == PROTOBUF_VARINT &&
            ((int64_t)value < types[list->type].low || (int64_t)value > types[list->type].high))
            return error_set(err, STATUS_DAMAGED, "an element is %lld, which no %s can be",
                             (long long)(int64_t)value, element_name(types[list->type].type));
        if (list->to)
            store(list->to + (size_t)list->count * size, size, value);
        list->count++;
    }
    return status == STATUS_END ? STATUS_OK : status;
}

static enum status wrong_count(const struct tensor *tensor, int64_t got, const char *unit,
                               struct error *err)
{
    char shape[SHAPE_TEXT];
    return error_set(err, STATUS_DAMAGED, "%lld %s of data for %s %s", (long long)got, unit,
                     shape_format(&tensor->shape, shape), element_name(tensor->type));
}

static enum status take_list(const struct onnx_source *source, struct protobuf message, size_t type,
                             struct tensor *tensor, struct error *err)
{
    struct list list = {.type = type};
    enum status status = protobuf_fields(message, read_list, &list, err);
    if (status != STATUS_OK)
        return status;
    if (list.count != shape_count(&tensor->shape))
        return wrong_count(tensor, list.count, "elements", err);
    list.to = arena_alloc(source->arena, (size_t)list.count, element_size(tensor->type));
    if (!list.to)
        return error_memory(err);
    tensor->data = list.to;
    list.count = 0;
    return protobuf_fields(message, read_list, &list, err);
}

static int little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* Bytes as the file has them: little-endian, used in place where this processor can. */
static enum status take_raw(const struct onnx_source *source, const unsigned char *bytes,
                            int64_t count, struct tensor *tensor, struct error *err)
{
    size_t size = element_size(tensor->type);
    unsigned char *copy;
    if (count != shape_bytes(&tensor->shape, tensor->type))
        return wrong_count(tensor, count, "bytes", err);
    if ((uintptr_t)bytes % size == 0 && (little_endian() || size == 1)) {
        tensor->data = (void *)bytes; /* nobody writes to a constant */
        return STATUS_OK;
    }
    copy = arena_copy(source->arena, bytes, (size_t)count);
    if (!copy)
        return error_memory(err);
    for (size_t i = 0; i < (size_t)count && !little_endian(); i += size)
        store(copy + i, size,
              size == 1   ? bytes[i]
              : size == 2 ? get_le16(bytes + i)
              : size == 4 ? get_le32(bytes + i)
                          : get_le64(bytes + i));
    if (source->model)
        model_unneeded(source->model, bytes, (size_t)count);
    tensor->data = copy;
    return STATUS_OK;
}

static enum status take_external(const struct description *seen, struct tensor *tensor,
                                 struct error *err)
{
    int64_t offset = 0, size = -1;
    const unsigned char *bytes = NULL;
    enum status status = STATUS_OK;
    if (!seen->location)
        return error_set(err, STATUS_DAMAGED, "external data without a location");
    if (seen->offset)
        status = number_integer(seen->offset, 0, INT64_MAX, &offset, err);
    if (status == STATUS_OK && seen->length)
        status = number_integer(seen->length, 0, INT64_MAX, &size, err);
    if (status != STATUS_OK)
        return error_set(err, STATUS_DAMAGED, "external data '%s': offset or length is no number",
                         seen->location);
    if (!seen->length)
        size = shape_bytes(&tensor->shape, tensor->type);
    status = onnx_external(seen->source, seen->location, offset, &size, &bytes, err);
    return status == STATUS_OK ? take_raw(seen->source, bytes, size, tensor, err) : status;
}

static enum status take_data(const struct description *seen, struct protobuf message,
                             struct tensor *tensor, struct error *err)
{
    size_t type = find_type(seen->onnx_type);
    if (type == TYPES || seen->has_strings)
        return error_set(err, STATUS_DAMAGED, "elements of ONNX type %lld are not supported",
                         (long long)seen->onnx_type);
    if (seen->is_segment)
        return error_set(err, STATUS_DAMAGED, "a tensor in segments is not supported");
    if (seen->has_raw + seen->has_list + seen->is_external > 1)
        return error_set(err, STATUS_DAMAGED, "a tensor with its data in two places");
    tensor->type = types[type].type;
    tensor->shape = seen->shape;
    if (shape_bytes(&tensor->shape, tensor->type) < 0)
        return error_set(err, STATUS_DAMAGED, "the dimensions are too large");
    if (seen->is_external)
        return take_external(seen, tensor, err);
    if (seen->has_raw)
        return take_raw(seen->source, seen->raw.at, (int64_t)protobuf_size(&seen->raw), tensor,
                        err);
    return take_list(seen->source, message, type, tensor, err);
}

enum status onnx_read_tensor(const struct onnx_source *source, struct protobuf message,
                             struct tensor *tensor, const char **name, int *is_bool,
                             struct error *err)
{
    struct description seen = {.source = source, .name = ""};
    enum status status = protobuf_fields(message, describe, &seen, err);
    if (status == STATUS_OK)
        status = take_data(&seen, message, tensor, err);
    if (status != STATUS_OK && seen.name[0])
        error_prefix(err, "tensor '%s'", seen.name);
    if (name)
        *name = seen.name;
    if (is_bool)
        *is_bool = seen.onnx_type == ONNX_BOOL;
    return status;
}

enum status onnx_parse_tensor(const void *bytes, size_t size, struct arena *arena,
                              struct tensor *tensor, struct error *err)
{
    struct onnx_source source = {.arena = arena};
    return onnx_read_tensor(&source, protobuf_from(bytes, size), tensor, NULL, NULL, err);
}
