/* A struct model as ONNX. Each message but the graph is made whole before it is put into the one
 * around it, as its length stands first. Constants go out as raw_data that begins at a multiple of
 * 8 bytes of the file, so that the reader (and any other that maps files) uses them in place: two
 * numbers before it are written wider than needed, which protobuf allows. The same model gives the
 * same bytes. */
#include "base/io.h"
#include "base/number.h"
#include "nn/onnx.h"
#include "nn/onnx_internal.h"

#include <stdlib.h>
#include <string.h>

enum { GRAPH_LENGTH_WIDTH = 5 };          /* bytes: as many as protobuf reads of a length */
enum { ALIGNMENT = 8 };                   /* of constants: the widest element */
static const size_t LARGEST = 0x7fffffff; /* protobuf's limit for a message */
static const size_t UNPLACED = (size_t)-1;

/* Puts a message into another and empties it for the next. */
static enum status put_message(struct buffer *out, uint64_t number, struct buffer *message,
                               struct error *err)
{
    enum status status = protobuf_put_bytes(out, number, message->data, message->size, err);
    buffer_clear(message);
    return status;
}

static enum status put_pair(struct buffer *out, uint64_t number, const char *key, const char *value,
                            struct error *err)
{
    struct buffer entry = {0};
    enum status status = protobuf_put_text(&entry, ENTRY_KEY, key, err);
    if (status == STATUS_OK)
        status = protobuf_put_text(&entry, ENTRY_VALUE, value, err);
    if (status == STATUS_OK)
        status = put_message(out, number, &entry, err);
    buffer_free(&entry);
    return status;
}

/* Elements in the file's byte order. */
static enum status put_elements(struct buffer *out, const struct tensor *tensor, struct error *err)
{
    size_t size = element_size(tensor->type);
    size_t count = (size_t)shape_count(&tensor->shape);
    const unsigned char *from = tensor->data;
    unsigned char *to;
    TRY(buffer_reserve(out, count * size, err));
    to = out->data + out->size;
    for (size_t i = 0; i < count; i++, from += size, to += size) {
        uint64_t word;
        uint32_t half_word;
        uint16_t half;
        if (size == 8) {
            memcpy(&word, from, size);
            put_le64(to, word);
        } else if (size == 4) {
            memcpy(&half_word, from, size);
            put_le32(to, half_word);
        } else if (size == 2) {
            memcpy(&half, from, size);
            put_le16(to, half);
        } else {
            *to = *from;
        }
    }
    out->size += count * size;
    return STATUS_OK;
}

/* What of a tensor stands before its raw_data, the data type `wider` bytes wider than needed. */
static enum status put_tensor_head(struct buffer *out, const struct tensor *tensor,
                                   const char *name, int is_bool, size_t wider, struct error *err)
{
    uint64_t type = (uint64_t)onnx_type_of(tensor->type, is_bool);
    for (int i = 0; i < tensor->shape.rank; i++)
        TRY(protobuf_put_int(out, TENSOR_DIMS, tensor->shape.dim[i], err));
    TRY(protobuf_put_tag(out, TENSOR_DATA_TYPE, PROTOBUF_VARINT, err));
    TRY(protobuf_put_varint(out, type, 1 + wider, err));
    if (name[0])
        TRY(protobuf_put_text(out, TENSOR_NAME, name, err));
    TRY(protobuf_put_tag(out, TENSOR_RAW_DATA, PROTOBUF_BYTES, err));
    return protobuf_put_varint(out, (uint64_t)shape_bytes(&tensor->shape, tensor->type), 0, err);
}

/* `start`: the place in the file of the first byte of out; UNPLACED when that is not known. */
static enum status put_tensor(struct buffer *out, uint64_t number, const struct tensor *tensor,
                              const char *name, int is_bool, size_t start, struct error *err)
{
    struct buffer head = {0};
    int64_t bytes = shape_bytes(&tensor->shape, tensor->type);
    enum status status = STATUS_OK;
    size_t place;
    if (bytes < 0 || (uint64_t)bytes > LARGEST)
        return error_set(err, STATUS_FAILED, "constant '%s' is too large for ONNX", name);
    for (size_t wider = 0; status == STATUS_OK && wider < PROTOBUF_VARINT_MAX; wider++) {
        buffer_clear(&head);
        status = put_tensor_head(&head, tensor, name, is_bool, wider, err);
        place =
            start + out->size + 1 + protobuf_varint_size(head.size + (uint64_t)bytes) + head.size;
        if (start == UNPLACED || place % ALIGNMENT == 0)
            break;
    }
    if (status == STATUS_OK)
        status = protobuf_put_tag(out, number, PROTOBUF_BYTES, err);
    if (status == STATUS_OK)
        status = protobuf_put_varint(out, head.size + (uint64_t)bytes, 0, err);
    if (status == STATUS_OK)
        status = buffer_append(out, head.data, head.size, err);
    buffer_free(&head);
    return status == STATUS_OK ? put_elements(out, tensor, err) : status;
}

/* --- types ------------------------------------------------------------------------------------ */

/* The first open dimension of an input is the batch; the others have no name. */
static enum status put_shape(struct buffer *shape, const struct shape *dims, struct error *err)
{
    struct buffer dim = {0};
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < dims->rank; i++) {
        if (dims->dim[i] >= 0)
            status = protobuf_put_int(&dim, DIM_VALUE, dims->dim[i], err);
        else if (i == 0)
            status = protobuf_put_text(&dim, DIM_PARAM, "N", err);
        if (status == STATUS_OK)
            status = put_message(shape, SHAPE_DIM, &dim, err);
    }
    buffer_free(&dim);
    return status;
}

/* ValueInfoProto { name, type { tensor_type { elem_type, shape } } } */
static enum status put_value(struct buffer *graph, uint64_t number, const struct value *value,
                             struct error *err)
{
    struct buffer info = {0}, inner = {0}, outer = {0};
    enum onnx_type type = value->typed ? onnx_type_of(value->type, value->is_bool) : ONNX_FLOAT;
    enum status status = STATUS_OK;
    if (value->typed)
        status = put_shape(&inner, &value->shape, err);
    if (status == STATUS_OK)
        status = protobuf_put_int(&outer, TENSOR_TYPE_ELEM, type, err);
    if (status == STATUS_OK && value->typed)
        status = put_message(&outer, TENSOR_TYPE_SHAPE, &inner, err);
    if (status == STATUS_OK)
        status = put_message(&inner, TYPE_TENSOR, &outer, err);
    if (status == STATUS_OK)
        status = protobuf_put_text(&info, VALUE_NAME, value->name, err);
    if (status == STATUS_OK)
        status = put_message(&info, VALUE_TYPE, &inner, err);
    if (status == STATUS_OK)
        status = put_message(graph, number, &info, err);
    buffer_free(&info);
    buffer_free(&inner);
    buffer_free(&outer);
    return status;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static enum status put_attribute_value(struct buffer *out, const struct attribute *attribute,
                                       struct error *err)
{
    size_t count = attribute->count;
    switch (attribute->type) {
    case ATTRIBUTE_INT:
        TRY(protobuf_put_int(out, ATTR_I, attribute->ints[0], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_INT, err);
    case ATTRIBUTE_FLOAT:
        TRY(protobuf_put_float(out, ATTR_F, attribute->floats[0], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_FLOAT, err);
    case ATTRIBUTE_STRING:
        TRY(protobuf_put_text(out, ATTR_S, attribute->strings[0], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_STRING, err);
    case ATTRIBUTE_INTS:
        for (size_t i = 0; i < count; i++)
            TRY(protobuf_put_int(out, ATTR_INTS, attribute->ints[i], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_INTS, err);
    case ATTRIBUTE_FLOATS:
        for (size_t i = 0; i < count; i++)
            TRY(protobuf_put_float(out, ATTR_FLOATS, attribute->floats[i], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_FLOATS, err);
    case ATTRIBUTE_STRINGS:
        for (size_t i = 0; i < count; i++)
            TRY(protobuf_put_text(out, ATTR_STRINGS, attribute->strings[i], err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_STRINGS, err);
    case ATTRIBUTE_TENSOR:
        TRY(put_tensor(out, ATTR_T, attribute->tensor, "", attribute->is_bool, UNPLACED, err));
        return protobuf_put_int(out, ATTR_TYPE, ONNX_ATTR_TENSOR, err);
    default:
        return error_set(err, STATUS_FAILED, "attribute '%s' was not read, so it cannot be written",
                         attribute->name);
    }
}

static const char *value_name(const struct model *model, int value)
{
    return value < 0 ? "" : model->values[value].name;
}

static enum status put_node_fields(struct buffer *out, struct buffer *attribute,
                                   const struct model *model, const struct node *node,
                                   struct error *err)
{
    for (size_t i = 0; i < node->input_count; i++)
        TRY(protobuf_put_text(out, NODE_INPUT, value_name(model, node->inputs[i]), err));
    for (size_t i = 0; i < node->output_count; i++)
        TRY(protobuf_put_text(out, NODE_OUTPUT, value_name(model, node->outputs[i]), err));
    if (node->name[0])
        TRY(protobuf_put_text(out, NODE_NAME, node->name, err));
    TRY(protobuf_put_text(out, NODE_OP_TYPE, node->op_type, err));
    for (size_t i = 0; i < node->attribute_count; i++) {
        buffer_clear(attribute);
        TRY(protobuf_put_text(attribute, ATTR_NAME, node->attributes[i].name, err));
        TRY(put_attribute_value(attribute, &node->attributes[i], err));
        TRY(put_message(out, NODE_ATTRIBUTE, attribute, err));
    }
    if (node->domain[0])
        TRY(protobuf_put_text(out, NODE_DOMAIN, node->domain, err));
    return STATUS_OK;
}

static enum status put_node(struct buffer *graph, const struct model *model,
                            const struct node *node, struct error *err)
{
    struct buffer message = {0}, attribute = {0};
    enum status status = put_node_fields(&message, &attribute, model, node, err);
    if (status == STATUS_OK)
        status = put_message(graph, GRAPH_NODE, &message, err);
    else
        error_prefix(err, "node '%s' (%s)", node->name, node->op_type);
    buffer_free(&message);
    buffer_free(&attribute);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum status put_graph(struct buffer *graph, const struct model *model, struct error *err)
{
    for (size_t i = 0; i < model->node_count; i++)
        TRY(put_node(graph, model, &model->nodes[i], err));
    TRY(protobuf_put_text(graph, GRAPH_NAME, model->graph_name, err));
    for (size_t i = 0; i < model->value_count; i++) {
        const struct value *value = &model->values[i];
        if (value->constant)
            TRY(put_tensor(graph, GRAPH_INITIALIZER, value->constant, value->name, value->is_bool,
                           0, err));
    }
    for (size_t i = 0; i < model->input_count; i++)
        TRY(put_value(graph, GRAPH_INPUT, &model->values[model->inputs[i]], err));
    for (size_t i = 0; i < model->output_count; i++)
        TRY(put_value(graph, GRAPH_OUTPUT, &model->values[model->outputs[i]], err));
    return STATUS_OK;
}

static enum status put_opset(struct buffer *out, const char *domain, int64_t version,
                             struct error *err)
{
    struct buffer opset = {0};
    enum status status = protobuf_put_text(&opset, OPSET_DOMAIN, domain, err);
    if (status == STATUS_OK)
        status = protobuf_put_int(&opset, OPSET_VERSION, version, err);
    if (status == STATUS_OK)
        status = put_message(out, MODEL_OPSET_IMPORT, &opset, err);
    buffer_free(&opset);
    return status;
}

/* Room for all weights at once: a buffer that grows copies them. */
static enum status reserve_constants(struct buffer *out, const struct model *model,
                                     struct error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < model->value_count && bytes <= LARGEST; i++) {
        const struct tensor *constant = model->values[i].constant;
        if (constant)
            bytes += (uint64_t)shape_bytes(&constant->shape, constant->type);
    }
    if (bytes > LARGEST)
        return error_set(err, STATUS_FAILED, "the model is larger than ONNX's 2 GiB");
    return buffer_reserve(out, (size_t)(bytes + bytes / 64), err); /* and for what is around them */
}

/* The graph, which is nearly the whole file, goes straight to its place instead of into a message
 * of its own, so that its weights are copied once: its length is filled in afterwards. */
static enum status put_model_graph(struct buffer *out, const struct model *model, struct error *err)
{
    struct buffer length = {0};
    size_t place;
    enum status status;
    TRY(protobuf_put_tag(out, MODEL_GRAPH, PROTOBUF_BYTES, err));
    place = out->size;
    TRY(protobuf_put_varint(out, 0, GRAPH_LENGTH_WIDTH, err));
    TRY(reserve_constants(out, model, err));
    TRY(put_graph(out, model, err));
    if (out->size > LARGEST)
        return error_set(err, STATUS_FAILED, "the model is larger than ONNX's 2 GiB");
    status = protobuf_put_varint(&length, out->size - place - GRAPH_LENGTH_WIDTH,
                                 GRAPH_LENGTH_WIDTH, err);
    if (status == STATUS_OK)
        memcpy(out->data + place, length.data, GRAPH_LENGTH_WIDTH);
    buffer_free(&length);
    return status;
}

enum status onnx_encode(const struct model *model, struct buffer *out, struct error *err)
{
    /* Before IR 4 a constant had to be listed among the inputs as well. */
    TRY(protobuf_put_int(out, MODEL_IR_VERSION, model->ir_version < 4 ? 4 : model->ir_version,
                         err));
    TRY(protobuf_put_text(out, MODEL_PRODUCER_NAME, model->producer, err));
    TRY(put_opset(out, "", model->opset, err));
    for (size_t i = 0; i < model->metadata_count; i++)
        TRY(put_pair(out, MODEL_METADATA_PROPS, model->metadata[i].key, model->metadata[i].value,
                     err));
    return put_model_graph(out, model, err);
}

enum status onnx_save(const struct model *model, int fd, const char *name, struct error *err)
{
    struct buffer bytes = {0};
    enum status status = onnx_encode(model, &bytes, err);
    if (status == STATUS_OK)
        status = io_write(fd, name, bytes.data, bytes.size, err);
    buffer_free(&bytes);
    return status;
}
