/* The plan for given input shapes: each value's shape and, where it is known already, its elements;
 * each node's step; and each value's layout.
 *
 * Layout: a value of four dimensions lies in ONNX's order (N, C, H, W) or as N, H, W, C. Kernels
 * that work on pictures ask for the second, everything else for the first; where a value is not
 * there in the form asked for, a step that converts it is put in, once. With one channel, or one
 * pixel, both are the same bytes. Element-wise steps take what there is.
 */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    const struct net *net;
    struct plan *plan;
    struct error *err;
    enum status status; /* the first that was not OK */
    size_t place_room, step_room;
    int node; /* being planned */
};

static void fail_memory(struct builder *b)
{
    if (b->status == STATUS_OK)
        b->status = error_memory(b->err);
}

static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    void *more = list;
    if (count == *room) {
        *room = *room ? 2 * *room : 64;
        more = realloc(list, *room * size);
    }
    return more;
}

static void *plan_alloc(struct builder *b, size_t count, size_t size)
{
    void *data = arena_alloc(b->plan->arena, count + 1, size);
    if (!data)
        fail_memory(b);
    return data;
}

/* ---- places ---- */

static int add_place(struct builder *b, int64_t bytes)
{
    struct plan *plan = b->plan;
    struct place *places = grow(plan->places, plan->place_count, &b->place_room, sizeof *places);
    if (!places || bytes < 0 || bytes > NET_BYTES_MAX) {
        plan->places = places ? places : plan->places;
        if (b->status == STATUS_OK)
            b->status = places ? error_set(b->err, STATUS_FAILED,
                                           "a result of %lld bytes is too large", (long long)bytes)
                               : error_memory(b->err);
        return 0;
    }
    plan->places = places;
    places[plan->place_count] = (struct place){
        .bytes = bytes, .root = (int)plan->place_count, .first = -1, .last = -1, .input = -1};
    return (int)plan->place_count++;
}

static int is_trivial(const struct shape *shape)
{
    return shape->rank == 4 && (shape->dim[1] == 1 || shape->dim[2] * shape->dim[3] == 1);
}

static void set_place(struct builder *b, int value, enum form form, int place)
{
    struct plan_value *v = &b->plan->values[value];
    v->place[form] = place;
    if (is_trivial(&v->shape))
        v->place[FORM_ONNX] = v->place[FORM_NHWC] = place;
}

static int new_output(struct builder *b, int value, enum form form)
{
    const struct plan_value *v = &b->plan->values[value];
    int place = add_place(b, shape_bytes(&v->shape, v->type));
    set_place(b, value, form, place);
    return place;
}

static int add_fixed(struct builder *b, const void *data, int64_t bytes)
{
    int place = add_place(b, bytes);
    if (b->status == STATUS_OK)
        b->plan->places[place].fixed = data;
    return place;
}

/* ---- steps ---- */

static struct step *add_step(struct builder *b, enum step_kind kind, size_t in_count,
                             size_t out_count)
{
    struct plan *plan = b->plan;
    struct step *steps = grow(plan->steps, plan->step_count, &b->step_room, sizeof *steps), *step;
    int *lists = plan_alloc(b, in_count + out_count, sizeof *lists);
    if (!steps || !lists) {
        fail_memory(b);
        plan->steps = steps ? steps : plan->steps;
        return NULL;
    }
    plan->steps = steps;
    step = &steps[plan->step_count++];
    *step = (struct step){.kind = kind,
                          .node = b->node,
                          .in_count = (int)in_count,
                          .out_count = (int)out_count,
                          .in = lists,
                          .out = lists + in_count,
                          .residual = -1,
                          .scratch = -1};
    return step;
}

/* A step from one place to another; NULL when memory is short. */
static struct step *add_simple(struct builder *b, enum step_kind kind, int in, int out)
{
    struct step *step = add_step(b, kind, 1, 1);
    if (step) {
        step->in[0] = in;
        step->out[0] = out;
    }
    return step;
}

static struct plan_value *value_at(const struct builder *b, int value)
{
    return &b->plan->values[value];
}

/* The place of a value in that form, converted when it is not there yet. */
static int ensure(struct builder *b, int value, enum form form)
{
    struct plan_value *v = value_at(b, value);
    enum form other = form == FORM_ONNX ? FORM_NHWC : FORM_ONNX;
    struct step *step;
    int from, to;
    if (v->place[FORM_ONNX] < 0 && v->place[FORM_NHWC] < 0)
        set_place(b, value, FORM_ONNX, add_fixed(b, v->known, shape_bytes(&v->shape, v->type)));
    if (v->place[form] >= 0 || b->status != STATUS_OK)
        return v->place[form];
    from = v->place[other];
    to = add_place(b, shape_bytes(&v->shape, v->type));
    step = add_simple(b, form == FORM_NHWC ? STEP_TO_NHWC : STEP_TO_NCHW, from, to);
    if (step) {
        step->m = (size_t)v->shape.dim[0];
        step->n = (size_t)v->shape.dim[1];
        step->k = (size_t)(v->shape.dim[2] * v->shape.dim[3]);
    }
    v->place[form] = to;
    return to;
}

static int is_f32(const struct builder *b, int value)
{
    return value >= 0 && value_at(b, value)->type == ELEMENT_F32;
}

static int is_picture(const struct builder *b, int value)
{
    return is_f32(b, value) && value_at(b, value)->shape.rank == 4;
}

/* ---- shapes ---- */

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

static void set_shape(struct builder *b, int value, enum element_type type,
                      const struct shape *shape)
{
    struct plan_value *v = value_at(b, value);
    v->known_shape = 1;
    v->type = type;
    v->shape = *shape;
}

/* The call of a node's operator, with its inputs' shapes and known elements, and room for its
 * outputs. */
static int make_call(struct builder *b, const struct graph_node *node, struct op_call *call)
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

static void infer(struct builder *b, const struct graph_node *node, struct op_call *call)
{
    const struct op *op = op_find(node->node->op_type);
    if (!make_call(b, node, call))
        return;
    b->status = op->infer(call, b->err);
    if (b->status == STATUS_END)
        b->status =
            error_set(b->err, STATUS_END,
                      "its output shape depends on values that are not known before the run");
    for (size_t i = 0; b->status == STATUS_OK && i < node->output_count; i++)
        if (node->outputs[i] >= 0) {
            set_shape(b, node->outputs[i], call->out[i].type, &call->out[i].shape);
            if (shape_count(&call->out[i].shape) < 0)
                b->status = error_set(b->err, STATUS_FAILED, "its output is too large");
        }
}

/* ---- values known before the run ---- */

enum { KNOWN_MAX = 1 << 16 }; /* elements: shapes, indices and their like */

static int all_known(const struct builder *b, const struct graph_node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= 0 && !value_at(b, node->inputs[i])->known)
            return 0;
    return node->input_count > 0;
}

/* Shape needs no elements, only the shape. */
static void know_shape(struct builder *b, const struct graph_node *node)
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
        set_shape(b, node->outputs[0], ELEMENT_I64, &list);
        value_at(b, node->outputs[0])->known = data;
    }
}

/* Runs the node now when all its inputs are known and its outputs are small; returns 1 when it was.
 */
static int know(struct builder *b, const struct graph_node *node, struct op_call *call)
{
    const struct op *op = op_find(node->node->op_type);
    int64_t total = 0;
    if (!all_known(b, node) || node->kind == KIND_GEMM ||
        node->activation.activation != ACTIVATION_NONE)
        return 0; /* a fused node is more than its operator */
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
    for (size_t i = 0; b->status == STATUS_OK && i < call->out_count; i++)
        if (node->outputs[i] >= 0)
            value_at(b, node->outputs[i])->known = call->out[i].data;
    return 1;
}

/* ---- one node, by its reference ---- */

/* Operators that treat every element alike can run on any layout. */
static int is_unary(const char *op)
{
    static const char *const names[] = {
        "Abs",  "Ceil", "Cos",      "Elu",        "Erf",   "Exp",  "Floor",
        "Log",  "Neg",  "Not",      "Reciprocal", "Round", "Selu", "Sigmoid",
        "Sign", "Sin",  "Softplus", "Softsign",   "Sqrt",  "Tanh", "ThresholdedRelu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(op, names[i]) == 0)
            return 1;
    return 0;
}

static void add_activation(struct builder *b, const struct graph_node *node, int place)
{
    struct step *step;
    if (node->activation.activation == ACTIVATION_NONE)
        return;
    step = add_simple(b, STEP_ACTIVATION, place, place);
    if (step) {
        step->epilogue = node->activation;
        step->n = (size_t)b->plan->places[place].bytes / sizeof(float);
    }
}

static void plan_op(struct builder *b, const struct graph_node *node)
{
    struct op_call call;
    struct step *step;
    enum form form = FORM_ONNX;
    int *in = plan_alloc(b, node->input_count, sizeof *in);
    if (node->input_count != node->node->input_count) {
        b->status = error_set(b->err, STATUS_FAILED, "only f32 is supported here");
        return;
    }
    if (!make_call(b, node, &call))
        return;
    if (node->input_count == 1 && is_picture(b, node->inputs[0]) && is_unary(node->node->op_type) &&
        value_at(b, node->inputs[0])->place[FORM_ONNX] < 0)
        form = FORM_NHWC;
    for (size_t i = 0; i < node->input_count; i++)
        in[i] = node->inputs[i] < 0 ? -1 : ensure(b, node->inputs[i], form);
    step = add_step(b, STEP_OP, node->input_count, node->output_count);
    if (!step || b->status != STATUS_OK)
        return;
    memcpy(step->in, in, node->input_count * sizeof *in);
    step->in_tensors = plan_alloc(b, node->input_count, sizeof *step->in_tensors);
    step->out_tensors = call.out;
    for (size_t i = 0; b->status == STATUS_OK && i < node->input_count; i++)
        if (node->inputs[i] >= 0)
            step->in_tensors[i] = *call.in[i];
    for (size_t i = 0; i < node->output_count; i++) {
        step->out[i] = -1;
        if (node->outputs[i] < 0)
            continue;
        call.out[i] = (struct tensor){value_at(b, node->outputs[i])->type,
                                      value_at(b, node->outputs[i])->shape, NULL};
        if (call.wanted[i]) {
            int place = new_output(b, node->outputs[i], form);
            step->out[i] = place;
        }
    }
    /* A node that is an activation itself has been done; one folded into another is a kernel's,
     * f32. */
    if (node->kind == KIND_ACTIVATION || node->activation.activation == ACTIVATION_NONE ||
        step->out_count == 0 || step->out[0] < 0)
        return;
    if (is_f32(b, node->outputs[0]))
        add_activation(b, node, step->out[0]);
    else
        b->status = error_set(b->err, STATUS_FAILED, "only f32 is supported here");
}

/* ---- convolution, products, pooling ---- */

static void plan_conv(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct kernel_window window;
    struct shape out = {4, {0}};
    struct step *step;
    size_t scratch;
    int in;
    char text[SHAPE_TEXT];
    if (!is_picture(b, node->inputs[0]) || shape->dim[1] != (int64_t)node->inputs_k) {
        b->status = error_set(b->err, STATUS_FAILED,
                              "the input is %s %s, the weights want f32 with %zu channels",
                              element_name(value_at(b, node->inputs[0])->type),
                              shape_format(shape, text), node->inputs_k);
        return;
    }
    b->status = plan_window(node, shape, &window, b->err);
    if (b->status != STATUS_OK)
        return;
    out.dim[0] = shape->dim[0];
    out.dim[1] = (int64_t)window.out_channels;
    out.dim[2] = (int64_t)window.out_height;
    out.dim[3] = (int64_t)window.out_width;
    set_shape(b, node->outputs[0], ELEMENT_F32, &out);
    in = ensure(b, node->inputs[0], FORM_NHWC);
    step = add_simple(b, STEP_CONV, in, new_output(b, node->outputs[0], FORM_NHWC));
    if (!step)
        return;
    step->window = window;
    step->epilogue = node->activation;
    scratch = node->convolution->scratch_size(&window);
    if (scratch) {
        int place = add_place(b, (int64_t)scratch);
        b->plan->steps[b->plan->step_count - 1].scratch = place;
    }
}

static void plan_gemm(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct step *step;
    int in;
    if (!is_f32(b, node->inputs[0]) || shape->rank < 1) {
        b->status = error_set(b->err, STATUS_FAILED, "the input is %s, the weights are f32",
                              element_name(value_at(b, node->inputs[0])->type));
        return;
    }
    in = ensure(b, node->inputs[0], FORM_ONNX);
    step = add_simple(b, STEP_GEMM, in, new_output(b, node->outputs[0], FORM_ONNX));
    if (step) {
        step->n = node->outputs_n;
        step->k = node->inputs_k;
        step->m = (size_t)shape_count(&value_at(b, node->outputs[0])->shape) / step->n;
        step->epilogue = node->activation;
    }
}

static void plan_pool(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct kernel_window window;
    struct shape out = *shape;
    struct step *step;
    int in;
    b->status = plan_window(node, shape, &window, b->err);
    if (b->status != STATUS_OK)
        return;
    out.dim[2] = (int64_t)window.out_height;
    out.dim[3] = (int64_t)window.out_width;
    set_shape(b, node->outputs[0], ELEMENT_F32, &out);
    in = ensure(b, node->inputs[0], FORM_NHWC);
    step = add_simple(b, node->kind == KIND_MAX_POOL ? STEP_MAX_POOL : STEP_AVERAGE_POOL, in,
                      new_output(b, node->outputs[0], FORM_NHWC));
    if (step)
        step->window = window;
}

static void plan_global(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int in = ensure(b, node->inputs[0], FORM_NHWC),
        out = new_output(b, node->outputs[0], FORM_ONNX);
    struct step *step = add_simple(
        b, node->kind == KIND_GLOBAL_MAX ? STEP_GLOBAL_MAX : STEP_GLOBAL_AVERAGE, in, out);
    if (step) {
        step->m = (size_t)shape->dim[0];
        step->n = (size_t)shape->dim[1];
        step->k = (size_t)(shape->dim[2] * shape->dim[3]);
    }
}

/* ---- element-wise ---- */

/* The rows of a tensor whose last dimension is its channels. */
static void plan_scale(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    enum form form = shape->rank == 4 ? FORM_NHWC : FORM_ONNX;
    int in = ensure(b, node->inputs[0], form);
    struct step *step = add_simple(b, STEP_SCALE, in, new_output(b, node->outputs[0], form));
    if (step) {
        step->n = node->outputs_n;
        step->m = (size_t)shape_count(shape) / step->n;
        step->epilogue = node->activation;
        step->in_place = 1;
    }
}

static void plan_activation(struct builder *b, const struct graph_node *node)
{
    const struct plan_value *v = value_at(b, node->inputs[0]);
    enum form form = v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0 ? FORM_NHWC : FORM_ONNX;
    int in = ensure(b, node->inputs[0], form);
    struct step *step = add_simple(b, STEP_ACTIVATION, in, new_output(b, node->outputs[0], form));
    if (step) {
        step->n = (size_t)shape_count(&v->shape);
        step->epilogue = node->activation;
        step->in_place = 1;
    }
}

/* The shape with leading ones up to `rank` dimensions, in the order of the form. */
static struct shape laid_out(const struct shape *shape, int rank, enum form form)
{
    static const int order[4] = {0, 2, 3, 1};
    struct shape full = {rank, {0}}, turned;
    for (int i = 0; i < rank; i++)
        full.dim[i] = i < rank - shape->rank ? 1 : shape->dim[i - (rank - shape->rank)];
    turned = full;
    for (int i = 0; form == FORM_NHWC && i < 4; i++)
        turned.dim[i] = full.dim[order[i]];
    return turned;
}

/* Merges neighbouring dimensions that the operands broadcast in the same way into at most three,
 * and gives each operand its strides; 0 when there are more. */
static int merge(const struct shape *out, const struct shape sides[2], size_t size[3],
                 struct operand operand[2])
{
    int groups = 0, last = 0;
    size_t stride[2] = {1, 1}, strides[2][3] = {{0}};
    size[0] = size[1] = size[2] = 1;
    for (int i = out->rank; i-- > 0;) {
        int how = (sides[0].dim[i] != out->dim[i]) | (sides[1].dim[i] != out->dim[i]) << 1;
        if (out->dim[i] == 1)
            continue;
        if (groups == 0 || how != last) {
            if (groups == 3)
                return 0;
            for (int s = 0; s < 2; s++)
                strides[s][groups] = how >> s & 1 ? 0 : stride[s];
            groups++;
        }
        last = how;
        size[groups - 1] *= (size_t)out->dim[i];
        for (int s = 0; s < 2; s++)
            if (!(how >> s & 1))
                stride[s] *= (size_t)out->dim[i];
    }
    for (int s = 0; s < 2; s++)
        operand[s] = (struct operand){NULL, strides[s][2], strides[s][1], strides[s][0]};
    return 1;
}

/* A binary step over NHWC: at least one side lies so, and the other can be read so without a change
 * of order. */
static enum form binary_form(const struct builder *b, const struct graph_node *node,
                             const struct shape *out)
{
    int wants = 0;
    for (int s = 0; s < 2; s++) {
        const struct plan_value *v = value_at(b, node->inputs[s]);
        struct shape full = laid_out(&v->shape, out->rank, FORM_ONNX);
        if (out->rank != 4 || (v->shape.rank != 4 && !is_trivial(&full)))
            return FORM_ONNX;
        wants |= v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0;
    }
    return wants ? FORM_NHWC : FORM_ONNX;
}

/* The step that alone writes this value and could add a residual to it; -1 when there is none. */
static int adding_step(const struct builder *b, int value)
{
    const struct plan_value *v = value_at(b, value);
    if (b->net->graph.values[value].uses != 1)
        return -1;
    for (size_t i = b->plan->step_count; i-- > 0;) {
        const struct step *step = &b->plan->steps[i];
        if ((step->kind != STEP_CONV && step->kind != STEP_GEMM) ||
            (step->out[0] != v->place[FORM_ONNX] && step->out[0] != v->place[FORM_NHWC]))
            continue;
        return step->residual < 0 && step->epilogue.activation == ACTIVATION_NONE ? (int)i : -1;
    }
    return -1;
}

/* Add becomes part of the convolution or product that makes one side: that step moves to here,
 * where both sides are there. Returns 1 when it was done. */
static int plan_residual(struct builder *b, const struct graph_node *node)
{
    struct plan *plan = b->plan;
    const struct shape *out = &value_at(b, node->outputs[0])->shape;
    int maker[2], side, other;
    struct step moved;
    for (int s = 0; s < 2; s++) {
        if (!shape_equal(&value_at(b, node->inputs[s])->shape, out))
            return 0;
        maker[s] = adding_step(b, node->inputs[s]);
    }
    side = maker[1] > maker[0];
    if (node->binary != BINARY_ADD || maker[side] < 0)
        return 0;
    other = ensure(b, node->inputs[1 - side],
                   plan->steps[maker[side]].kind == STEP_CONV ? FORM_NHWC : FORM_ONNX);
    moved = plan->steps[maker[side]];
    memmove(plan->steps + maker[side], plan->steps + maker[side] + 1,
            (plan->step_count - 1 - (size_t)maker[side]) * sizeof moved);
    moved.residual = other;
    moved.epilogue = node->activation;
    moved.out[0] = new_output(b, node->outputs[0], moved.kind == STEP_CONV ? FORM_NHWC : FORM_ONNX);
    plan->steps[plan->step_count - 1] = moved;
    return 1;
}

static void plan_binary(struct builder *b, const struct graph_node *node)
{
    const struct shape *out = &value_at(b, node->outputs[0])->shape;
    enum form form = binary_form(b, node, out);
    struct shape whole = laid_out(out, out->rank, form), sides[2];
    size_t size[3];
    struct operand operand[2];
    struct step *step;
    int in[2];
    if (plan_residual(b, node))
        return;
    for (int s = 0; s < 2; s++)
        sides[s] = laid_out(&value_at(b, node->inputs[s])->shape, out->rank, form);
    if (!merge(&whole, sides, size, operand)) {
        plan_op(b, node);
        return;
    }
    for (int s = 0; s < 2; s++) /* a side of fewer dimensions is the same bytes in both forms */
        in[s] = ensure(b, node->inputs[s],
                       value_at(b, node->inputs[s])->shape.rank == 4 ? form : FORM_ONNX);
    step = add_step(b, STEP_BINARY, 2, 1);
    if (!step)
        return;
    for (int s = 0; s < 2; s++) {
        step->in[s] = in[s];
        step->operand[s] = operand[s];
        if (shape_equal(&sides[s], &whole))
            step->in_place |= 1 << s;
    }
    step->m = size[2];
    step->n = size[1];
    step->k = size[0];
    step->epilogue = node->activation;
    step->out[0] = new_output(b, node->outputs[0], form);
}

/* ---- the others ---- */

static void plan_concat(struct builder *b, const struct graph_node *node)
{
    static const int nhwc_axis[4] = {0, 3, 1, 2};
    const struct plan_value *out = value_at(b, node->outputs[0]);
    int64_t axis = node_int(node->node, "axis", 1);
    enum form form = FORM_ONNX;
    struct step *step;
    size_t *lengths = plan_alloc(b, node->input_count, sizeof *lengths), rows = 1;
    int *in = plan_alloc(b, node->input_count, sizeof *in);
    if (b->status != STATUS_OK)
        return;
    axis = axis < 0 ? axis + out->shape.rank : axis;
    for (size_t i = 0; i < node->input_count; i++) {
        const struct plan_value *v = value_at(b, node->inputs[i]);
        if (is_picture(b, node->inputs[i]) && v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0)
            form = FORM_NHWC;
    }
    for (size_t i = 0; i < node->input_count; i++) {
        const struct plan_value *v = value_at(b, node->inputs[i]);
        struct shape shape = laid_out(&v->shape, v->shape.rank, form);
        rows = 1;
        lengths[i] = element_size(v->type);
        in[i] = ensure(b, node->inputs[i], form);
        for (int d = 0; d < shape.rank; d++)
            *(d < (form == FORM_NHWC ? nhwc_axis[axis] : axis) ? &rows : &lengths[i]) *=
                (size_t)shape.dim[d];
    }
    step = add_step(b, STEP_CONCAT, node->input_count, 1);
    if (!step)
        return;
    memcpy(step->in, in, node->input_count * sizeof *in);
    step->lengths = lengths;
    step->m = rows;
    step->out[0] = new_output(b, node->outputs[0], form);
}

static void plan_softmax(struct builder *b, const struct graph_node *node)
{
    const struct plan_value *v = value_at(b, node->inputs[0]);
    int old = b->net->model->opset < 13, rank = v->shape.rank;
    int64_t axis = node_int(node->node, "axis", old ? 1 : -1);
    enum form form = FORM_ONNX;
    size_t length = 1, after = 1;
    struct step *step;
    int in;
    axis = axis < 0 ? axis + rank : axis;
    for (int64_t i = axis; i < rank; i++)
        *(i == axis || old ? &length : &after) *= (size_t)v->shape.dim[i];
    if (after > 1 && rank == 4 && axis == 1)
        form = FORM_NHWC;
    else if (after > 1 || rank < 1 || length < 1) {
        plan_op(b, node);
        return;
    }
    in = ensure(b, node->inputs[0], form);
    step = add_simple(b, STEP_SOFTMAX, in, new_output(b, node->outputs[0], form));
    if (step) {
        step->n = length;
        step->m = (size_t)shape_count(&v->shape) / length;
        step->in_place = 1;
    }
}

static void plan_lrn(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int in = ensure(b, node->inputs[0], FORM_NHWC);
    struct step *step = add_simple(b, STEP_LRN, in, new_output(b, node->outputs[0], FORM_NHWC));
    if (step) {
        step->n = (size_t)shape->dim[1];
        step->m = (size_t)(shape->dim[0] * shape->dim[2] * shape->dim[3]);
    }
}

static void plan_reshape(struct builder *b, const struct graph_node *node)
{
    int in = ensure(b, node->inputs[0], FORM_ONNX),
        out = new_output(b, node->outputs[0], FORM_ONNX);
    if (b->status == STATUS_OK)
        b->plan->places[out].root = b->plan->places[in].root;
}

/* A transposition that is only another name for what lies there; else the reference. */
static void plan_transpose(struct builder *b, const struct graph_node *node)
{
    static const int64_t to_nchw[4] = {0, 3, 1, 2}, to_nhwc[4] = {0, 2, 3, 1};
    size_t count;
    const int64_t *perm = node_ints(node->node, "perm", &count);
    int in, out;
    if (count != 4 || !is_picture(b, node->inputs[0]) ||
        (memcmp(perm, to_nchw, sizeof to_nchw) != 0 &&
         memcmp(perm, to_nhwc, sizeof to_nhwc) != 0)) {
        plan_op(b, node);
        return;
    }
    if (memcmp(perm, to_nchw, sizeof to_nchw) == 0) {
        in = ensure(b, node->inputs[0], FORM_ONNX);
        out = new_output(b, node->outputs[0], FORM_NHWC);
    } else {
        in = ensure(b, node->inputs[0], FORM_NHWC);
        out = new_output(b, node->outputs[0], FORM_ONNX);
    }
    if (b->status == STATUS_OK)
        b->plan->places[out].root = b->plan->places[in].root;
}

/* Does the kind's kernel take these inputs? Otherwise the reference runs. */
static int kernel_fits(const struct builder *b, const struct graph_node *node)
{
    int x = node->inputs[0];
    switch (node->kind) {
    case KIND_MAX_POOL:
    case KIND_AVERAGE_POOL:
    case KIND_GLOBAL_AVERAGE:
    case KIND_GLOBAL_MAX:
        return is_picture(b, x) && shape_count(&value_at(b, x)->shape) > 0 &&
               (node->window.kernel_h ||
                (node->kind != KIND_MAX_POOL && node->kind != KIND_AVERAGE_POOL));
    case KIND_LRN:
        return is_picture(b, x) && node_int(node->node, "size", 1) > 0;
    case KIND_SCALE:
        return is_f32(b, x) &&
               (value_at(b, x)->shape.rank == 4 || value_at(b, x)->shape.rank == 2) &&
               value_at(b, x)->shape.dim[1] == (int64_t)node->outputs_n;
    case KIND_BINARY:
        return is_f32(b, x) && is_f32(b, node->inputs[1]) &&
               value_at(b, node->outputs[0])->shape.rank <= SHAPE_RANK_MAX;
    case KIND_ACTIVATION:
    case KIND_SOFTMAX:
        return is_f32(b, x);
    default:
        return 1;
    }
}

static void plan_node(struct builder *b, const struct graph_node *node)
{
    static void (*const planners[])(struct builder *, const struct graph_node *) = {
        [KIND_OP] = plan_op,
        [KIND_CONV] = plan_conv,
        [KIND_GEMM] = plan_gemm,
        [KIND_MAX_POOL] = plan_pool,
        [KIND_AVERAGE_POOL] = plan_pool,
        [KIND_GLOBAL_AVERAGE] = plan_global,
        [KIND_GLOBAL_MAX] = plan_global,
        [KIND_BINARY] = plan_binary,
        [KIND_SCALE] = plan_scale,
        [KIND_ACTIVATION] = plan_activation,
        [KIND_CONCAT] = plan_concat,
        [KIND_SOFTMAX] = plan_softmax,
        [KIND_LRN] = plan_lrn,
        [KIND_RESHAPE] = plan_reshape,
        [KIND_TRANSPOSE] = plan_transpose,
    };
    struct op_call call = {0};
    int own =
        node->kind == KIND_CONV || node->kind == KIND_ACTIVATION ||
        ((node->kind == KIND_MAX_POOL || node->kind == KIND_AVERAGE_POOL) && kernel_fits(b, node));
    if (strcmp(node->node->op_type, "Shape") == 0 && node->input_count == 1 &&
        node->inputs[0] >= 0 && node->output_count == 1 && node->outputs[0] >= 0) {
        know_shape(b, node);
        return;
    }
    if (node->kind == KIND_ACTIVATION)
        set_shape(b, node->outputs[0], value_at(b, node->inputs[0])->type,
                  &value_at(b, node->inputs[0])->shape);
    if (!own)
        infer(b, node, &call);
    if (b->status != STATUS_OK || (!own && know(b, node, &call)))
        return;
    if (node->kind == KIND_OP || kernel_fits(b, node))
        planners[node->kind](b, node);
    else
        plan_op(b, node);
}

/* ---- inputs and outputs ---- */

static void plan_inputs(struct builder *b)
{
    const struct model *model = b->net->model;
    struct plan *plan = b->plan;
    for (size_t i = 0; i < model->input_count && b->status == STATUS_OK; i++) {
        const struct tensor *input = &plan->inputs[i];
        int value = model->inputs[i], place;
        if (plan->values[value].known) /* a constant that the model also calls an input */
            continue;
        set_shape(b, value, input->type, &input->shape);
        plan->values[value].known = input->data;
        place = add_place(b, shape_bytes(&input->shape, input->type));
        if (b->status != STATUS_OK)
            return;
        if (plan->pictures && i == 0) {
            plan->picture_place = place;
            set_place(b, value, b->net->is_nhwc ? FORM_ONNX : FORM_NHWC, place);
        } else {
            plan->places[place].input = (int)i;
            set_place(b, value, FORM_ONNX, place);
        }
    }
}

static void plan_outputs(struct builder *b)
{
    const struct graph *graph = &b->net->graph;
    struct plan *plan = b->plan;
    plan->output_places = plan_alloc(b, graph->output_count, sizeof *plan->output_places);
    for (size_t i = 0; i < graph->output_count && b->status == STATUS_OK; i++) {
        int place = ensure(b, graph->outputs[i], FORM_ONNX), root;
        if (b->status != STATUS_OK)
            return;
        root = plan->places[place].root;
        if (plan->places[root].input >=
            0) { /* the caller's memory: the result must be the session's */
            int copy = add_place(b, plan->places[place].bytes);
            add_simple(b, STEP_COPY, place, copy);
            place = root = copy;
        }
        if (b->status != STATUS_OK)
            return;
        plan->places[root].keep = 1;
        plan->output_places[i] = place;
    }
}

static enum status init_values(struct builder *b)
{
    struct plan *plan = b->plan;
    const struct graph *graph = &b->net->graph;
    plan->values = plan_alloc(b, graph->value_count, sizeof *plan->values);
    for (size_t i = 0; b->status == STATUS_OK && i < graph->value_count; i++) {
        const struct tensor *constant = graph->values[i].constant;
        plan->values[i].place[FORM_ONNX] = plan->values[i].place[FORM_NHWC] = -1;
        if (constant) {
            set_shape(b, (int)i, constant->type, &constant->shape);
            plan->values[i].known = constant->data;
        }
    }
    return b->status;
}

/* Is the value part of what the plan was made for? Small integers are (shapes, axes), and small
 * numbers of any type where that is needed. */
static int is_key(const struct tensor *input, int values_matter)
{
    int64_t count = shape_count(&input->shape);
    int whole = input->type != ELEMENT_F32 && input->type != ELEMENT_F64 &&
                input->type != ELEMENT_F16 && input->type != ELEMENT_BF16;
    return input->data && count >= 0 &&
           ((whole && count <= 1024) || (values_matter && count <= 4096));
}

static void copy_inputs(struct builder *b, const struct tensor *inputs, int values_matter)
{
    size_t count = b->net->model->input_count;
    b->plan->values_matter = values_matter;
    b->plan->inputs = plan_alloc(b, count, sizeof *b->plan->inputs);
    for (size_t i = 0; b->status == STATUS_OK && i < count; i++) {
        int64_t bytes = shape_bytes(&inputs[i].shape, inputs[i].type);
        b->plan->inputs[i] = inputs[i];
        b->plan->inputs[i].data = NULL;
        if (is_key(&inputs[i], values_matter) && bytes >= 0) {
            b->plan->inputs[i].data = plan_alloc(b, (size_t)bytes, 1);
            if (b->plan->inputs[i].data && bytes)
                memcpy(b->plan->inputs[i].data, inputs[i].data, (size_t)bytes);
        }
    }
}

static enum status try_plan(const struct net *net, const struct tensor *inputs, int pictures,
                            int values_matter, struct plan **made, struct error *err)
{
    struct builder b = {.net = net, .err = err, .node = -1};
    *made = b.plan = memory_array(1, sizeof *b.plan);
    if (!b.plan || !(b.plan->arena = arena_new())) {
        free(b.plan);
        *made = NULL;
        return error_memory(err);
    }
    b.plan->pictures = pictures;
    b.plan->picture_place = -1;
    copy_inputs(&b, inputs, values_matter);
    if (b.status == STATUS_OK && init_values(&b) == STATUS_OK)
        plan_inputs(&b);
    for (size_t i = 0; i < net->graph.node_count && b.status == STATUS_OK; i++) {
        const struct graph_node *node = &net->graph.nodes[i];
        b.node = (int)i;
        if (!node->dead)
            plan_node(&b, node);
        if (b.status != STATUS_OK)
            node_error(err, node->node);
    }
    if (b.status == STATUS_OK)
        plan_outputs(&b);
    if (b.status == STATUS_OK)
        b.status = plan_arena(b.plan, err);
    if (b.status != STATUS_OK) {
        plan_free(b.plan);
        *made = NULL;
    }
    return b.status;
}

enum status plan_new(const struct net *net, const struct tensor *inputs, int pictures,
                     struct plan **plan, struct error *err)
{
    enum status status = try_plan(net, inputs, pictures, 0, plan, err);
    if (status == STATUS_END)
        status = try_plan(net, inputs, pictures, 1, plan, err);
    if (status == STATUS_END && err)
        err->status = STATUS_FAILED;
    return status == STATUS_END ? STATUS_FAILED : status;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->places);
    free(plan->steps);
    arena_free(plan->arena);
    free(plan);
}
