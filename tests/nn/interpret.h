/* Runs a model node by node through nn/ops alone: the reference that the engine is checked against.
 */
#ifndef TESTS_NN_INTERPRET_H
#define TESTS_NN_INTERPRET_H

#include "nn/ops/op.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INTERPRET_ARGUMENTS = 1000 };

/* One node: its inputs from values[], its outputs into it. */
static enum status interpret_node(const struct model *model, const struct node *node,
                                  struct tensor *values, struct arena *arena, struct error *err)
{
    const struct tensor *in[INTERPRET_ARGUMENTS];
    struct tensor out[INTERPRET_ARGUMENTS];
    unsigned char wanted[INTERPRET_ARGUMENTS] = {0};
    struct op_call call = {.node = node, .opset = model->opset, .in = in, .out = out};
    const struct op *op;
    enum status status = op_of_node(node, &op, err);
    if (status != STATUS_OK)
        return status;
    if (node->input_count > INTERPRET_ARGUMENTS || node->output_count > INTERPRET_ARGUMENTS)
        return error_set(err, STATUS_FAILED, "too many arguments");
    memset(out, 0, sizeof out);
    for (size_t i = 0; i < node->input_count; i++)
        in[i] = node->inputs[i] < 0 ? NULL : &values[node->inputs[i]];
    for (size_t i = 0; i < node->output_count; i++)
        wanted[i] = node->outputs[i] >= 0;
    call.in_count = node->input_count;
    call.out_count = node->output_count;
    call.wanted = wanted;
    status = op->infer(&call, err);
    for (size_t i = 0; status == STATUS_OK && i < node->output_count; i++) {
        int64_t bytes = shape_bytes(&out[i].shape, out[i].type);
        if (bytes < 0 || bytes > (INT64_C(1) << 30))
            return error_set(err, STATUS_FAILED, "too large");
        if (wanted[i] && !(out[i].data = arena_alloc(arena, (size_t)bytes, 1)))
            return error_memory(err);
    }
    call.scratch = arena;
    if (status == STATUS_OK)
        status = op->run(&call, err);
    for (size_t i = 0; status == STATUS_OK && i < node->output_count; i++)
        if (wanted[i])
            values[node->outputs[i]] = out[i];
    return status == STATUS_OK ? status : error_prefix(err, "%s (%s)", node->op_type, node->name);
}

/* inputs: one per input of the model; outputs: one per output, their data in the arena. */
static enum status interpret(const struct model *model, const struct tensor *inputs,
                             struct tensor *outputs, struct arena *arena, struct error *err)
{
    struct tensor *values = arena_alloc(arena, model->value_count, sizeof *values);
    enum status status = values ? STATUS_OK : error_memory(err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < model->value_count; i++)
        if (model->values[i].constant)
            values[i] = *model->values[i].constant;
    for (size_t i = 0; i < model->input_count; i++)
        values[model->inputs[i]] = inputs[i];
    for (size_t i = 0; status == STATUS_OK && i < model->node_count; i++)
        status = interpret_node(model, &model->nodes[i], values, arena, err);
    for (size_t i = 0; status == STATUS_OK && i < model->output_count; i++)
        outputs[i] = values[model->outputs[i]];
    return status;
}

static double interpret_real(const struct tensor *tensor, int64_t i)
{
    switch (tensor->type) {
    case ELEMENT_U8:
        return ((const uint8_t *)tensor->data)[i];
    case ELEMENT_I8:
        return ((const int8_t *)tensor->data)[i];
    case ELEMENT_U16:
        return ((const uint16_t *)tensor->data)[i];
    case ELEMENT_I16:
        return ((const int16_t *)tensor->data)[i];
    case ELEMENT_I32:
        return ((const int32_t *)tensor->data)[i];
    case ELEMENT_I64:
        return (double)((const int64_t *)tensor->data)[i];
    case ELEMENT_F16:
        return (double)f16_to_f32(((const uint16_t *)tensor->data)[i]);
    case ELEMENT_BF16:
        return (double)bf16_to_f32(((const uint16_t *)tensor->data)[i]);
    case ELEMENT_F32:
        return (double)((const float *)tensor->data)[i];
    case ELEMENT_F64:
        return ((const double *)tensor->data)[i];
    default:
        return NAN;
    }
}

/* Same type, shape and elements (within rtol and atol)? If not, why[] says what was seen. */
static int interpret_same(const struct tensor *got, const struct tensor *expected, double rtol,
                          double atol, char why[ERROR_TEXT])
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int64_t count = shape_count(&expected->shape);
    if (got->type != expected->type || !shape_equal(&got->shape, &expected->shape)) {
        snprintf(why, ERROR_TEXT, "got %s %s, expected %s %s", element_name(got->type),
                 shape_format(&got->shape, a), element_name(expected->type),
                 shape_format(&expected->shape, b));
        return 0;
    }
    for (int64_t i = 0; i < count; i++) {
        double x = interpret_real(got, i), y = interpret_real(expected, i);
        if (x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= atol + rtol * fabs(y))
            continue;
        snprintf(why, ERROR_TEXT, "element %lld is %.9g, expected %.9g", (long long)i, x, y);
        return 0;
    }
    return 1;
}

#endif
