/* Fuzz target: the ONNX reader, the writer on what it read, and every node through nn/ops, as long
 * as its tensors stay small. Graph inputs are ramps of their declared shapes, an open dimension
 * being 2. */
#include "nn/onnx.h"
#include "nn/ops/op.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { ELEMENTS_MAX = 4096, ARGUMENTS_MAX = 32, NODES_MAX = 64 };

static void encode_again(const struct model *model)
{
    struct buffer bytes = {0};
    struct model *again = NULL;
    if (onnx_encode(model, &bytes, NULL) == STATUS_OK &&
        onnx_parse(bytes.data, bytes.size, &again, NULL) != STATUS_OK)
        abort();
    model_free(again);
    buffer_free(&bytes);
}

/* Zeroed data for a tensor that is small enough. */
static int give_data(struct arena *arena, struct tensor *tensor)
{
    int64_t count = shape_count(&tensor->shape);
    if (count < 0 || count > ELEMENTS_MAX || tensor->type == ELEMENT_NONE)
        return 0;
    tensor->data = arena_alloc(arena, (size_t)count, element_size(tensor->type));
    return tensor->data != NULL;
}

static void make_inputs(const struct model *model, struct tensor *values, struct arena *arena)
{
    for (size_t i = 0; i < model->value_count; i++) {
        const struct value *value = &model->values[i];
        if (value->constant) {
            values[i] = *value->constant;
        } else if (value->producer < 0 && value->typed) {
            values[i].type = value->type;
            values[i].shape = value->shape;
            for (int d = 0; d < value->shape.rank; d++)
                if (value->shape.dim[d] < 0)
                    values[i].shape.dim[d] = 2;
            if (!give_data(arena, &values[i]))
                values[i].type = ELEMENT_NONE;
            else
                for (int64_t k = 0; k < shape_bytes(&values[i].shape, values[i].type); k++)
                    ((unsigned char *)values[i].data)[k] = (unsigned char)(k & 3);
        }
    }
}

static void run_node(const struct model *model, const struct node *node, struct tensor *values,
                     struct arena *arena)
{
    const struct tensor *in[ARGUMENTS_MAX];
    struct tensor out[ARGUMENTS_MAX];
    unsigned char wanted[ARGUMENTS_MAX];
    struct op_call call = {
        .node = node, .opset = model->opset, .in = in, .out = out, .wanted = wanted};
    const struct op *op;
    if (op_of_node(node, &op, NULL) != STATUS_OK || node->input_count > ARGUMENTS_MAX ||
        node->output_count > ARGUMENTS_MAX)
        return;
    memset(out, 0, sizeof out);
    memset(wanted, 1, sizeof wanted);
    for (size_t i = 0; i < node->input_count; i++) {
        in[i] = node->inputs[i] < 0 ? NULL : &values[node->inputs[i]];
        if (in[i] && (in[i]->type == ELEMENT_NONE || shape_count(&in[i]->shape) > ELEMENTS_MAX))
            return;
    }
    call.in_count = node->input_count;
    call.out_count = node->output_count;
    if (op->infer(&call, NULL) != STATUS_OK)
        return;
    for (size_t i = 0; i < node->output_count; i++)
        if (!give_data(arena, &out[i]))
            return;
    call.scratch = arena;
    if (op->run(&call, NULL) != STATUS_OK)
        return;
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i] >= 0)
            values[node->outputs[i]] = out[i];
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct model *model = NULL;
    struct arena *arena = arena_new();
    struct tensor *values;
    if (arena && onnx_parse(data, size, &model, NULL) == STATUS_OK) {
        encode_again(model);
        values = arena_alloc(arena, model->value_count, sizeof *values);
        if (values && model->node_count <= NODES_MAX) {
            make_inputs(model, values, arena);
            for (size_t i = 0; i < model->node_count; i++)
                run_node(model, &model->nodes[i], values, arena);
        }
    }
    model_free(model);
    arena_free(arena);
    return 0;
}
