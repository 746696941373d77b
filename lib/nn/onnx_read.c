/* ModelProto and what is in it, to a struct model.
 *
 * The fields of a message may come in any order, and a node can be checked only when the
 * initializers and inputs are known: so the graph is gone through once for each kind of thing in
 * it. A GRAPH attribute (the body of If, Loop, Scan) is noted, not read. */
#include "nn/model_internal.h"
#include "nn/onnx.h"
#include "nn/onnx_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
    struct onnx_source source;
    struct model *model;
    struct protobuf graph;
    int graphs;
    uint64_t wanted; /* the field of the graph that this pass reads */
    size_t position; /* of the thing being read, among its kind */
};

static enum status message_of(const struct protobuf_field *field, struct protobuf *message,
                              struct error *err)
{
    *message = field->bytes;
    return protobuf_expect(field, PROTOBUF_BYTES, err);
}

/* --- entries of the model ------------------------------------------------------------------- */

/* A message of two texts, or of a text and a number: StringStringEntryProto, OperatorSetIdProto,
 * FunctionProto. */
struct pair {
    struct arena *arena;
    uint64_t text_field, other_field;
    const char *text, *other;
    int64_t number;
};

static enum status read_pair_field(void *context, struct protobuf_field *field, struct error *err)
{
    struct pair *pair = context;
    if (field->number == pair->text_field)
        return onnx_text(pair->arena, field, &pair->text, err);
    if (field->number == pair->other_field && field->type == PROTOBUF_VARINT)
        return onnx_int(field, &pair->number, err);
    if (field->number == pair->other_field)
        return onnx_text(pair->arena, field, &pair->other, err);
    return STATUS_OK;
}

static enum status read_pair(struct reader *reader, const struct protobuf_field *field,
                             uint64_t text_field, uint64_t other_field, struct pair *pair,
                             struct error *err)
{
    struct protobuf message;
    enum status status = message_of(field, &message, err);
    *pair = (struct pair){.arena = reader->model->arena,
                          .text_field = text_field,
                          .other_field = other_field,
                          .text = "",
                          .other = ""};
    return status == STATUS_OK ? protobuf_fields(message, read_pair_field, pair, err) : status;
}

static int is_default_domain(const char *domain)
{
    return domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;
}

static enum status read_model_field(void *context, struct protobuf_field *field, struct error *err)
{
    struct reader *reader = context;
    struct model *model = reader->model;
    struct pair pair;
    enum status status;
    switch (field->number) {
    case MODEL_IR_VERSION:
        return onnx_int(field, &model->ir_version, err);
    case MODEL_PRODUCER_NAME:
        return onnx_text(model->arena, field, &model->producer, err);
    case MODEL_GRAPH:
        if (reader->graphs++)
            return error_set(err, STATUS_DAMAGED, "more than one graph");
        return message_of(field, &reader->graph, err);
    case MODEL_OPSET_IMPORT:
        status = read_pair(reader, field, OPSET_DOMAIN, OPSET_VERSION, &pair, err);
        if (status == STATUS_OK && is_default_domain(pair.text))
            model->opset = pair.number;
        return status;
    case MODEL_METADATA_PROPS:
        status = read_pair(reader, field, ENTRY_KEY, ENTRY_VALUE, &pair, err);
        if (status == STATUS_OK && model_append_metadata(model, pair.text, pair.other) != 0)
            return error_memory(err);
        return status;
    case MODEL_FUNCTIONS:
        status = read_pair(reader, field, FUNCTION_NAME, FUNCTION_DOMAIN, &pair, err);
        if (status == STATUS_OK && is_default_domain(pair.other))
            return error_set(err, STATUS_DAMAGED,
                             "the model redefines operator %s by a function: not supported",
                             pair.text);
        return status;
    default:
        return STATUS_OK;
    }
}

/* --- types ------------------------------------------------------------------------------------ */

struct value_info {
    struct arena *arena;
    const char *name;
    int64_t onnx_type;
    int has_shape;
    struct shape shape;
};

static enum status read_dim(void *context, struct protobuf_field *field, struct error *err)
{
    int64_t *dim = context;
    if (field->number != DIM_VALUE)
        return STATUS_OK;
    enum status status = onnx_int(field, dim, err);
    if (*dim < 0)
        *dim = -1;
    return status;
}

static enum status read_shape(void *context, struct protobuf_field *field, struct error *err)
{
    struct value_info *info = context;
    struct protobuf message;
    int64_t dim = -1;
    enum status status = STATUS_OK;
    if (field->number != SHAPE_DIM)
        return STATUS_OK;
    status = message_of(field, &message, err);
    if (status == STATUS_OK)
        status = protobuf_fields(message, read_dim, &dim, err);
    if (status == STATUS_OK && info->shape.rank == SHAPE_RANK_MAX)
        return error_set(err, STATUS_DAMAGED, "'%s' has more than %d dimensions", info->name,
                         SHAPE_RANK_MAX);
    if (status == STATUS_OK)
        info->shape.dim[info->shape.rank++] = dim;
    return status;
}

static enum status read_tensor_type(void *context, struct protobuf_field *field, struct error *err)
{
    struct value_info *info = context;
    struct protobuf message;
    enum status status;
    if (field->number == TENSOR_TYPE_ELEM)
        return onnx_int(field, &info->onnx_type, err);
    if (field->number != TENSOR_TYPE_SHAPE)
        return STATUS_OK;
    status = message_of(field, &message, err);
    info->has_shape = 1;
    return status == STATUS_OK ? protobuf_fields(message, read_shape, info, err) : status;
}

static enum status read_type(void *context, struct protobuf_field *field, struct error *err)
{
    struct protobuf message;
    enum status status;
    if (field->number != TYPE_TENSOR)
        return STATUS_OK;
    status = message_of(field, &message, err);
    return status == STATUS_OK ? protobuf_fields(message, read_tensor_type, context, err) : status;
}

static enum status read_value_info(void *context, struct protobuf_field *field, struct error *err)
{
    struct value_info *info = context;
    struct protobuf message;
    enum status status;
    if (field->number == VALUE_NAME)
        return onnx_text(info->arena, field, &info->name, err);
    if (field->number != VALUE_TYPE)
        return STATUS_OK;
    status = message_of(field, &message, err);
    return status == STATUS_OK ? protobuf_fields(message, read_type, info, err) : status;
}

/* Notes a declared type; a shape that is not given at all cannot be noted. */
static void declare(struct value *value, const struct value_info *info)
{
    enum element_type type = onnx_element_type(info->onnx_type);
    if (value->constant || value->typed || type == ELEMENT_NONE)
        return;
    value->type = type;
    value->is_bool = info->onnx_type == ONNX_BOOL;
    value->typed = info->has_shape;
    value->shape = info->shape;
}

/* --- values of the graph ---------------------------------------------------------------------- */

static enum status add_value(struct reader *reader, const char *name, int *value, struct error *err)
{
    if (name[0] == '\0')
        return error_set(err, STATUS_DAMAGED, "a value without a name");
    if (model_find_value(reader->model, name) >= 0)
        return error_set(err, STATUS_DAMAGED, "two values are called '%s'", name);
    *value = model_add_value(reader->model, name);
    return *value < 0 ? error_memory(err) : STATUS_OK;
}

static enum status read_initializer(struct reader *reader, struct protobuf message,
                                    struct error *err)
{
    struct tensor *tensor = arena_alloc(reader->model->arena, 1, sizeof *tensor);
    const char *name;
    int is_bool, index;
    struct value *value;
    enum status status;
    if (!tensor)
        return error_memory(err);
    status = onnx_read_tensor(&reader->source, message, tensor, &name, &is_bool, err);
    if (status == STATUS_OK)
        status = add_value(reader, name, &index, err);
    if (status != STATUS_OK)
        return status;
    value = &reader->model->values[index];
    value->constant = tensor;
    value->typed = 1;
    value->type = tensor->type;
    value->is_bool = is_bool;
    value->shape = tensor->shape;
    return STATUS_OK;
}

static enum status read_typed_value(struct reader *reader, struct protobuf message,
                                    struct error *err)
{
    struct value_info info = {.arena = reader->model->arena, .name = ""};
    enum status status = protobuf_fields(message, read_value_info, &info, err);
    int value;
    if (status != STATUS_OK)
        return status;
    value = model_find_value(reader->model, info.name);
    if (reader->wanted == GRAPH_INPUT) {
        if (value >= 0 && reader->model->values[value].constant)
            return STATUS_OK; /* IR 3: an initializer is listed among the inputs too */
        status = add_value(reader, info.name, &value, err);
        if (status == STATUS_OK && model_append_input(reader->model, value) != 0)
            return error_memory(err);
    } else if (reader->wanted == GRAPH_OUTPUT) {
        if (value < 0)
            return error_set(err, STATUS_DAMAGED, "nothing makes the output '%s'", info.name);
        if (model_add_output(reader->model, value) < 0)
            return error_memory(err);
    }
    if (status == STATUS_OK && value >= 0)
        declare(&reader->model->values[value], &info);
    return status;
}

/* --- nodes ------------------------------------------------------------------------------------ */

struct attribute_reading {
    struct reader *reader;
    struct attribute *attribute;
    int64_t type; /* AttributeProto.type; 0: not said */
    const int64_t *one_int;
    const float *one_float;
    const char *const *one_string;
    size_t string_size;
    size_t ints, floats, strings;
    int is_other;
};

static enum status append_number(struct attribute_reading *reading, struct protobuf_field *field,
                                 struct error *err)
{
    struct arena *arena = reading->reader->model->arena;
    struct attribute *attribute = reading->attribute;
    int is_int = field->number == ATTR_INTS;
    enum protobuf_type wire = is_int ? PROTOBUF_VARINT : PROTOBUF_FIXED32;
    enum status status;
    uint64_t value;
    while ((status = protobuf_each(field, wire, &value, err)) == STATUS_OK) {
        if (is_int) {
            int64_t *ints = list_grow(arena, (void *)attribute->ints, reading->ints, sizeof *ints);
            if (!ints)
                return error_memory(err);
            ints[reading->ints++] = (int64_t)value;
            attribute->ints = ints;
        } else {
            uint32_t bits = (uint32_t)value;
            float *floats =
                list_grow(arena, (void *)attribute->floats, reading->floats, sizeof *floats);
            if (!floats)
                return error_memory(err);
            memcpy(&floats[reading->floats++], &bits, sizeof bits);
            attribute->floats = floats;
        }
    }
    return status == STATUS_END ? STATUS_OK : status;
}

static enum status append_string(struct attribute_reading *reading, struct protobuf_field *field,
                                 struct error *err)
{
    struct arena *arena = reading->reader->model->arena;
    const char **strings =
        list_grow(arena, (void *)reading->attribute->strings, reading->strings, sizeof *strings);
    if (!strings)
        return error_memory(err);
    reading->attribute->strings = strings;
    return onnx_text(arena, field, &strings[reading->strings++], err);
}

/* The fields that hold one value: f, i, s. */
static enum status read_single(struct attribute_reading *reading, struct protobuf_field *field,
                               struct error *err)
{
    void *place = arena_alloc(reading->reader->model->arena, 1, sizeof(int64_t));
    uint32_t bits = (uint32_t)field->value;
    if (!place)
        return error_memory(err);
    switch (field->number) {
    case ATTR_F:
        memcpy(place, &bits, sizeof bits);
        reading->one_float = place;
        return protobuf_expect(field, PROTOBUF_FIXED32, err);
    case ATTR_I:
        reading->one_int = place;
        return onnx_int(field, place, err);
    default:
        reading->one_string = place;
        reading->string_size = protobuf_size(&field->bytes);
        if (field->type == PROTOBUF_BYTES && memchr(field->bytes.at, '\0', reading->string_size)) {
            reading->is_other = 1; /* bytes, not text: of no use to the operators here */
            return STATUS_OK;
        }
        return onnx_text(reading->reader->model->arena, field, place, err);
    }
}

static enum status read_attribute_field(void *context, struct protobuf_field *field,
                                        struct error *err)
{
    struct attribute_reading *reading = context;
    struct model *model = reading->reader->model;
    struct protobuf message;
    struct tensor *tensor;
    enum status status;
    switch (field->number) {
    case ATTR_NAME:
        return onnx_text(model->arena, field, &reading->attribute->name, err);
    case ATTR_TYPE:
        return onnx_int(field, &reading->type, err);
    case ATTR_F:
    case ATTR_I:
    case ATTR_S:
        return read_single(reading, field, err);
    case ATTR_FLOATS:
    case ATTR_INTS:
        return append_number(reading, field, err);
    case ATTR_STRINGS:
        return append_string(reading, field, err);
    case ATTR_T:
        tensor = arena_alloc(model->arena, 1, sizeof *tensor);
        if (!tensor)
            return error_memory(err);
        status = message_of(field, &message, err);
        reading->attribute->tensor = tensor;
        return status == STATUS_OK ? onnx_read_tensor(&reading->reader->source, message, tensor,
                                                      NULL, &reading->attribute->is_bool, err)
                                   : status;
    default:
        return STATUS_OK;
    }
}

/* The type where an old file does not say it: by what is there. */
static int64_t guess_type(const struct attribute_reading *reading)
{
    return reading->one_float           ? ONNX_ATTR_FLOAT
           : reading->one_int           ? ONNX_ATTR_INT
           : reading->one_string        ? ONNX_ATTR_STRING
           : reading->attribute->tensor ? ONNX_ATTR_TENSOR
           : reading->floats            ? ONNX_ATTR_FLOATS
           : reading->strings           ? ONNX_ATTR_STRINGS
                                        : ONNX_ATTR_INTS;
}

static void settle_attribute(struct attribute_reading *reading)
{
    static const int64_t zero;
    static const float zero_float;
    static const char *const empty = "";
    struct attribute *attribute = reading->attribute;
    attribute->count = 1;
    switch (reading->type ? reading->type : guess_type(reading)) {
    case ONNX_ATTR_FLOAT:
        attribute->type = ATTRIBUTE_FLOAT;
        attribute->floats = reading->one_float ? reading->one_float : &zero_float;
        break;
    case ONNX_ATTR_INT:
        attribute->type = ATTRIBUTE_INT;
        attribute->ints = reading->one_int ? reading->one_int : &zero;
        break;
    case ONNX_ATTR_STRING:
        attribute->type = ATTRIBUTE_STRING;
        attribute->strings = reading->one_string ? reading->one_string : &empty;
        attribute->count = reading->string_size;
        break;
    case ONNX_ATTR_TENSOR:
        attribute->type = attribute->tensor ? ATTRIBUTE_TENSOR : ATTRIBUTE_OTHER;
        break;
    case ONNX_ATTR_FLOATS:
        attribute->type = ATTRIBUTE_FLOATS;
        attribute->count = reading->floats;
        break;
    case ONNX_ATTR_INTS:
        attribute->type = ATTRIBUTE_INTS;
        attribute->count = reading->ints;
        break;
    case ONNX_ATTR_STRINGS:
        attribute->type = ATTRIBUTE_STRINGS;
        attribute->count = reading->strings;
        break;
    default:
        attribute->type = ATTRIBUTE_OTHER;
    }
    if (reading->is_other)
        attribute->type = ATTRIBUTE_OTHER;
}

static enum status read_attribute(struct reader *reader, struct node *node,
                                  struct protobuf_field *field, struct error *err)
{
    struct attribute_reading reading = {.reader = reader};
    struct protobuf message;
    enum status status = message_of(field, &message, err);
    if (status != STATUS_OK)
        return status;
    reading.attribute = node_append_attribute(reader->model, node, "");
    if (!reading.attribute)
        return error_memory(err);
    status = protobuf_fields(message, read_attribute_field, &reading, err);
    if (status != STATUS_OK)
        return error_prefix(err, "attribute '%s'", reading.attribute->name);
    settle_attribute(&reading);
    return STATUS_OK;
}

struct node_reading {
    struct reader *reader;
    struct node *node;
    int index; /* of the node */
};

static enum status append_value(struct node_reading *reading, int value, int **list, size_t *count,
                                struct error *err)
{
    int *grown = list_grow(reading->reader->model->arena, *list, *count, sizeof *grown);
    if (!grown)
        return error_memory(err);
    *list = grown;
    grown[(*count)++] = value;
    return STATUS_OK;
}

static enum status read_node_field(void *context, struct protobuf_field *field, struct error *err)
{
    struct node_reading *reading = context;
    struct model *model = reading->reader->model;
    struct node *node = reading->node;
    const char *name = "";
    enum status status;
    int value = -1;
    switch (field->number) {
    case NODE_INPUT:
        status = onnx_text(model->arena, field, &name, err);
        if (status == STATUS_OK && name[0])
            value = model_find_value(model, name);
        if (status == STATUS_OK && name[0] &&
            (value < 0 || model->values[value].producer == reading->index))
            return error_set(err, STATUS_DAMAGED, "its input '%s' is made by nothing before it",
                             name);
        return status == STATUS_OK
                   ? append_value(reading, value, &node->inputs, &node->input_count, err)
                   : status;
    case NODE_OUTPUT:
        status = onnx_text(model->arena, field, &name, err);
        if (status == STATUS_OK && name[0])
            status = add_value(reading->reader, name, &value, err);
        if (status == STATUS_OK && value >= 0)
            model->values[value].producer = reading->index;
        return status == STATUS_OK
                   ? append_value(reading, value, &node->outputs, &node->output_count, err)
                   : status;
    case NODE_NAME:
        return onnx_text(model->arena, field, &node->name, err);
    case NODE_OP_TYPE:
        return onnx_text(model->arena, field, &node->op_type, err);
    case NODE_DOMAIN:
        status = onnx_text(model->arena, field, &node->domain, err);
        if (status == STATUS_OK && is_default_domain(node->domain))
            node->domain = "";
        return status;
    case NODE_ATTRIBUTE:
        return read_attribute(reading->reader, node, field, err);
    default:
        return STATUS_OK;
    }
}

static enum status read_node(struct reader *reader, struct protobuf message, struct error *err)
{
    struct node_reading reading = {.reader = reader, .index = (int)reader->model->node_count};
    enum status status;
    reading.node = model_append_node(reader->model);
    if (!reading.node)
        return error_memory(err);
    reading.node->op_type = "";
    status = protobuf_fields(message, read_node_field, &reading, err);
    if (status == STATUS_OK && reading.node->op_type[0] == '\0')
        status = error_set(err, STATUS_DAMAGED, "it has no operator");
    if (status != STATUS_OK)
        return error_prefix(err, "node %zu '%s' (%s)", reader->position, reading.node->name,
                            reading.node->op_type);
    return STATUS_OK;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum status read_graph_field(void *context, struct protobuf_field *field, struct error *err)
{
    struct reader *reader = context;
    struct protobuf message;
    enum status status;
    if (field->number != reader->wanted)
        return STATUS_OK;
    status = message_of(field, &message, err);
    if (status != STATUS_OK)
        return status;
    reader->position++;
    switch (field->number) {
    case GRAPH_NAME:
        return onnx_text(reader->model->arena, field, &reader->model->graph_name, err);
    case GRAPH_SPARSE_INITIALIZER:
        return error_set(err, STATUS_DAMAGED, "a sparse initializer is not supported");
    case GRAPH_INITIALIZER:
        return read_initializer(reader, message, err);
    case GRAPH_NODE:
        return read_node(reader, message, err);
    default:
        return read_typed_value(reader, message, err);
    }
}

static enum status check_version(const struct reader *reader, struct error *err)
{
    const struct model *model = reader->model;
    if (reader->graphs == 0)
        return error_set(err, STATUS_DAMAGED, "no graph in it: not an ONNX model");
    if (model->ir_version < ONNX_IR_FIRST)
        return error_set(err, STATUS_DAMAGED, "IR version %lld, expected %d or later",
                         (long long)model->ir_version, ONNX_IR_FIRST);
    if (model->opset < ONNX_OPSET_FIRST || model->opset > ONNX_OPSET_LAST)
        return error_set(err, STATUS_DAMAGED, "opset %lld, expected %d to %d",
                         (long long)model->opset, ONNX_OPSET_FIRST, ONNX_OPSET_LAST);
    return STATUS_OK;
}

/* Reads into the model, which has only an arena and perhaps the mapping that holds the bytes. */
static enum status read_model(struct model *model, const char *folder, const void *bytes,
                              size_t size, struct error *err)
{
    static const uint64_t passes[] = {
        GRAPH_NAME,   GRAPH_SPARSE_INITIALIZER, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_NODE,
        GRAPH_OUTPUT, GRAPH_VALUE_INFO};
    struct reader reader = {.model = model};
    enum status status;
    reader.source = (struct onnx_source){.arena = model->arena, .model = model, .folder = folder};
    model->ir_version = model->opset = 0;
    model->producer = model->graph_name = "";
    status = protobuf_fields(protobuf_from(bytes, size), read_model_field, &reader, err);
    if (status == STATUS_OK)
        status = check_version(&reader, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof passes / sizeof passes[0]; i++) {
        reader.wanted = passes[i];
        reader.position = 0;
        status = protobuf_fields(reader.graph, read_graph_field, &reader, err);
    }
    return status;
}

enum status onnx_parse(const void *bytes, size_t size, struct model **model, struct error *err)
{
    struct model *new = model_new();
    enum status status = new ? read_model(new, NULL, bytes, size, err) : error_memory(err);
    if (status != STATUS_OK) {
        model_free(new);
        return status;
    }
    *model = new;
    return STATUS_OK;
}

/* The folder part of a path, in the arena. */
static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_string(arena, path, (size_t)(slash - path));
}

enum status onnx_load(const char *path, struct model **model, struct error *err)
{
    struct model *new = model_new();
    struct mapping *mapping;
    const char *folder = new ? folder_of(new->arena, path) : NULL;
    enum status status = STATUS_OK;
    int fd;
    if (!folder) {
        model_free(new);
        return error_memory(err);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        status = error_errno(err, "cannot open %s", path);
        model_free(new);
        return status;
    }
    status = onnx_map(new, fd, path, &mapping, err);
    close(fd);
    if (status == STATUS_OK) {
        status = read_model(new, folder, mapping->bytes, mapping->size, err);
        if (status != STATUS_OK)
            error_prefix(err, "%s", path);
    }
    if (status != STATUS_OK) {
        model_free(new);
        return status;
    }
    *model = new;
    return STATUS_OK;
}
