/* Operators that only move numbers: Pad, Reshape, Slice, Transpose and others like them. Which one
 * goes where is found out once, by running the operator itself (nn/ops) on a picture whose numbers
 * are their own places; the gradients go back the same ways. */
#include "nn/ops/op.h"
#include "nn/train/train_internal.h"

#include <string.h>

enum { INPUTS_MAX = 8 };

struct move {
    int32_t *from; /* for each number of the output: its place in the input + 1; 0: `fill` */
    float fill;
    int straight; /* all stay where they are */
};

static int is_op(const struct node *node, const char *op_type)
{
    return strcmp(node->op_type, op_type) == 0;
}

/* The same bytes under another shape. */
static int is_view(const struct node *node)
{
    return is_op(node, "Reshape") || is_op(node, "Squeeze") || is_op(node, "Unsqueeze");
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    const struct value *value = &model->values[node->outputs[0]];
    const int64_t *dim = value->shape.dim;
    int64_t size = shape_count(&value->shape);
    (void)in, (void)count;
    if (!value->typed || !model->values[node->inputs[0]].typed)
        return error_set(err, STATUS_FAILED, "%s of a shape that is not known cannot be trained",
                         node->op_type);
    if (value->shape.rank < 1 || dim[0] > 1 || size < 1 || size > 1 << 30)
        return error_set(err, STATUS_FAILED,
                         "%s whose output does not begin with the batch cannot be trained",
                         node->op_type);
    *out = (struct dims){(int)size, 1, 1};
    if (value->shape.rank == 4)
        *out = (struct dims){(int)dim[1], (int)dim[2], (int)dim[3]};
    return STATUS_OK;
}

/* Where element i in ONNX's order lies in the map: pictures are pixel by pixel. */
static size_t place(const struct activation_map *map, size_t i)
{
    size_t pixels = map->size / (size_t)map->dims.channels;
    return map->plain ? i : i % pixels * (size_t)map->dims.channels + i / pixels;
}

/* Runs the node on i32 tensors: `in`, whose numbers are known, to `out`. Its other inputs are the
 * model's constants; what Pad fills in comes later. */
static enum status run_op(const struct model *model, const struct node *node, struct tensor *in,
                          struct tensor *out, struct arena *scratch, struct error *err)
{
    const struct tensor *inputs[INPUTS_MAX] = {in};
    unsigned char wanted[1] = {1};
    struct op_call call = {.node = node,
                           .opset = model->opset,
                           .in = inputs,
                           .in_count = node->input_count,
                           .out = out,
                           .out_count = 1,
                           .wanted = wanted,
                           .scratch = scratch};
    const struct op *op;
    if (node->input_count > INPUTS_MAX || node->output_count != 1)
        return error_set(err, STATUS_FAILED, "%s like this cannot be trained", node->op_type);
    for (size_t i = 1; i < node->input_count; i++) {
        inputs[i] = node->inputs[i] < 0 ? NULL : model->values[node->inputs[i]].constant;
        if (node->inputs[i] >= 0 && !inputs[i])
            return error_set(err, STATUS_FAILED,
                             "%s with an input %zu that is no constant cannot "
                             "be trained",
                             node->op_type, i + 1);
    }
    if (is_op(node, "Pad"))
        inputs[2] = NULL;
    TRY(op_of_node(node, &op, err));
    TRY(op->infer(&call, err));
    return op->run(&call, err);
}

static enum status find_ways(const struct layer *layer, const struct model *model,
                             struct move *move, struct arena *arena, struct error *err)
{
    const struct activation_map *from = layer->in[0], *to = layer->out;
    struct tensor in = {ELEMENT_I32, model->values[layer->node->inputs[0]].shape, NULL}, out = in;
    int32_t *numbers = arena_alloc(arena, from->size, sizeof *numbers), *moved = numbers;
    if (!numbers)
        return error_memory(err);
    for (size_t i = 0; i < from->size; i++)
        numbers[i] = (int32_t)place(from, i) + 1;
    if (!is_view(layer->node)) {
        in.shape.dim[0] = 1;
        in.data = numbers;
        if (!(out.data = moved = arena_alloc(arena, to->size, sizeof *moved)))
            return error_memory(err);
        TRY(run_op(model, layer->node, &in, &out, arena, err));
    }
    move->straight = from->size == to->size;
    for (size_t i = 0; i < to->size; i++) {
        move->from[place(to, i)] = moved[i];
        move->straight &= moved[i] == (int32_t)place(to, i) + 1;
    }
    return STATUS_OK;
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct move *move = arena_alloc(layer->trainer->arena, 1, sizeof *move);
    const struct node *node = layer->node;
    struct arena *arena = arena_new();
    const float *fill;
    enum status status;
    if (move)
        move->from = arena_alloc(layer->trainer->arena, layer->out->size, sizeof *move->from);
    if (!move || !move->from || !arena) {
        arena_free(arena);
        return error_memory(err);
    }
    layer->state = move;
    status = find_ways(layer, model, move, arena, err);
    arena_free(arena);
    if (status != STATUS_OK || !is_op(node, "Pad"))
        return status;
    if (node_float(node, "value", 0) != 0)
        return error_set(err, STATUS_FAILED, "Pad with another value than 0 cannot be trained");
    if (node->input_count > 2 && node->inputs[2] >= 0) {
        if (!(fill = layer_constant(layer, model, 2, 1, err)))
            return err->status;
        move->fill = *fill;
    }
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct move *move = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    for (size_t n = first; n < first + count; n++) {
        const float *x = layer->in[0]->data + n * layer->in[0]->size;
        float *y = layer->out->data + n * size;
        if (move->straight)
            memcpy(y, x, size * sizeof *y);
        else
            for (size_t i = 0; i < size; i++)
                y[i] = move->from[i] ? x[move->from[i] - 1] : move->fill;
    }
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct move *move = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    if (!begin_gradient(layer, first, count))
        return;
    for (size_t n = first; n < first + count; n++) {
        const float *dy = layer->out->grad + n * size;
        float *dx = layer->in[0]->grad + n * layer->in[0]->size;
        if (move->straight)
            layer->trainer->train->add(size, dy, dx);
        else
            for (size_t i = 0; i < size; i++)
                if (move->from[i])
                    dx[move->from[i] - 1] += dy[i];
    }
}

const struct train_op train_move = {
    .op_type = "",
    .moves = 1,
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
