/* The shape of each value and, where they are known before the run, its elements: shapes, indices
 * and their like, which decide further shapes. */
#include "nn/net_builder_internal.h"

#include <string.h>

static enum status axis_shape(const struct graph_node *node, int64_t size, size_t kernel,
                              size_t stride, size_t dilation, size_t *pad, size_t *pad_end,
                              size_t *out, struct error *err)
{
    int64_t window = (int64_t)((kernel - 1) * dilation + 1), padded, room, step = (int64_t)stride;
    if (node->auto_pad == PAD_SAME_UPPER || node->auto_pad == PAD_SAME_LOWER) {
        int64_t count = (size + step - 1) / step, total = (count - 1) * step + window - size;
        size_t half;
        if (total < 0)
            total = 0;
        half = (size_t)total / 2;
        *pad = node->auto_pad == PAD_SAME_UPPER ? half : (size_t)total - half;
        *pad_end = (size_t)total - *pad;
        *out = (size_t)count;
        return STATUS_OK;
    }
    padded = size + (int64_t)(*pad + *pad_end);
    room = padded - window;
    if (room < 0)
        return error_set(err, STATUS_FAILED,
                         "the window spans %lld pixels, the padded input only %lld",
                         (long long)window, (long long)padded);
    *out = (size_t)(room / step) + 1;
    /* a window that would begin in the padding at the end is dropped */
    if (node->ceil_mode && room % step != 0 && (int64_t)(*out * stride) < size + (int64_t)*pad)
        ++*out;
    return STATUS_OK;
}

enum status plan_window(const struct graph_node *node, const struct shape *in,
                        struct kernel_window *window, struct error *err)
{
    enum status status;
    for (int i = 0; i < 4; i++)
        if (in->dim[i] < 1 || in->dim[i] > 1 << 24)
            return error_set(err, STATUS_FAILED,
                             "cannot work on a picture with a dimension of %lld",
                             (long long)in->dim[i]);
    *window = node->window;
    window->batch = (size_t)in->dim[0];
    window->channels = window->in_ld = (size_t)in->dim[1];
    window->height = (size_t)in->dim[2];
    window->width = (size_t)in->dim[3];
    window->out_channels = window->out_ld =
        node->kind == KIND_CONV ? node->outputs_n : window->channels;
    status = axis_shape(node, in->dim[2], window->kernel_h, window->stride_h, window->dilation_h,
                        &window->pad_top, &window->pad_bottom, &window->out_height, err);
    if (status != STATUS_OK)
        return status;
    return axis_shape(node, in->dim[3], window->kernel_w, window->stride_w, window->dilation_w,
                      &window->pad_left, &window->pad_right, &window->out_width, err);
}

void plan_set_shape(struct builder *b, int value, enum element_type type, const struct shape *shape)
{
    struct plan_value *v = value_at(b, value);
    v->known_shape = 1;
    v->type = type;
    v->shape = *shape;
}

int plan_make_call(struct builder *b, const struct graph_node *node, struct op_call *call)
{
    const struct tensor **in = plan_alloc(b, node->input_count, sizeof *in);
    struct tensor *list = plan_alloc(b, node->input_count, sizeof *list);
    unsigned char *wanted = plan_alloc(b, node->output_count, 1);
    *call = (struct op_call){.node = node->node,
                             .opset = b->net->model->opset,
                             .in = in,
                             .in_count = node->input_count,
                             .out = plan_alloc(b, node->output_count, sizeof *call->out),
                             .out_count = node->output_count,
                             .wanted = wanted};
    if (b->status != STATUS_OK)
        return 0;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= 0) {
            const struct plan_value *v = value_at(b, node->inputs[i]);
            union { /* a tensor's data is not const, though nobody writes an input */
                const void *from;
                void *to;
            } known = {v->known};
            list[i] = (struct tensor){v->type, v->shape, known.to};
            in[i] = &list[i];
        }
    for (size_t i = 0; i < node->output_count; i++)
        wanted[i] = node->outputs[i] >= 0 && b->net->graph.values[node->outputs[i]].uses > 0;
    return 1;
}

void plan_infer(struct builder *b, const struct graph_node *node, struct op_call *call)
{
    const struct op *op = op_find(node->node->op_type);
    if (!plan_make_call(b, node, call))
        return;
    b->status = op->infer(call, b->err);
    if (b->status == STATUS_END)
        b->status =
            error_set(b->err, STATUS_END,
                      "its output shape depends on values that are not known before the run");
    for (size_t i = 0; b->status == STATUS_OK && i < node->output_count; i++)
        if (node->outputs[i] >= 0) {
            plan_set_shape(b, node->outputs[i], call->out[i].type, &call->out[i].shape);
            if (shape_count(&call->out[i].shape) < 0)
                b->status = error_set(b->err, STATUS_FAILED, "its output is too large");
        }
}

enum { KNOWN_MAX = 1 << 16 }; /* elements: shapes, indices and their like */

static int all_known(const struct builder *b, const struct graph_node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= 0 && !value_at(b, node->inputs[i])->known)
            return 0;
    return node->input_count > 0;
}

/* The elements of what Shape puts out. */
static void know_dimensions(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int64_t rank = shape->rank, start = node_int(node->node, "start", 0),
            end = node_int(node->node, "end", rank);
    int64_t *data = plan_alloc(b, SHAPE_RANK_MAX, sizeof *data), count = 0;
    start = start < 0 ? start + rank : start;
    end = end < 0 ? end + rank : end;
    start = start < 0 ? 0 : start > rank ? rank : start;
    end = end > rank ? rank : end;
    for (int64_t i = start; data && i < end; i++)
        data[count++] = shape->dim[i];
    if (data) {
        struct shape list = {1, {count}};
        plan_set_shape(b, node->outputs[0], ELEMENT_I64, &list);
        value_at(b, node->outputs[0])->known = data;
    }
}

int plan_know_shape(struct builder *b, const struct graph_node *node)
{
    if (strcmp(node->node->op_type, "Shape") != 0 || node->input_count != 1 ||
        node->inputs[0] < 0 || node->output_count != 1 || node->outputs[0] < 0)
        return 0;
    know_dimensions(b, node);
    return 1;
}

int plan_know(struct builder *b, const struct graph_node *node, struct op_call *call)
{
    const struct op *op = op_find(node->node->op_type);
    int fused = node->kind != KIND_ACTIVATION && node->activation.activation != ACTIVATION_NONE;
    int64_t total = 0;
    if (!all_known(b, node) || node->kind == KIND_GEMM ||
        (fused && call->out[0].type != ELEMENT_F32))
        return 0; /* more than the operator */
    for (size_t i = 0; i < call->out_count; i++)
        total += shape_count(&call->out[i].shape);
    if (total > KNOWN_MAX)
        return 0;
    for (size_t i = 0; i < call->out_count; i++)
        call->out[i].data =
            plan_alloc(b, (size_t)shape_bytes(&call->out[i].shape, call->out[i].type), 1);
    call->scratch = b->plan->arena;
    if (b->status == STATUS_OK)
        b->status = op->run(call, b->err);
    if (b->status == STATUS_OK && fused) {
        size_t count = (size_t)shape_count(&call->out[0].shape);
        b->net->kernels->activate(1, count, call->out[0].data, count, call->out[0].data, count,
                                  &node->activation);
    }
    for (size_t i = 0; b->status == STATUS_OK && i < call->out_count; i++)
        if (node->outputs[i] >= 0)
            value_at(b, node->outputs[i])->known = call->out[i].data;
    return 1;
}
