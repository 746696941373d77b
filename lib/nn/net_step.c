/* One step of a plan: the kernel or reference that it calls, with its operands. */
#include "nn/net_internal.h"

#include <string.h>

void *place_data(const struct session *session, int place)
{
    int64_t shift;
    const struct place *root = &session->plan->places[place_root(session->plan, place, &shift)];
    union {
        const void *from;
        unsigned char *to;
    } data;
    shift += (int64_t)session->image * root->image_bytes;
    if (root->input >= 0)
        data.from = session->inputs[root->input].data;
    else
        data.from = root->fixed ? root->fixed : session->memory + root->offset;
    return shift ? data.to + shift : data.to;
}

static const float *floats(const struct session *session, int place)
{
    return place_data(session, place);
}

static struct epilogue full_epilogue(const struct session *session, const struct step *step)
{
    struct epilogue epilogue = step->epilogue;
    epilogue.bias = session->net->graph.nodes[step->node].bias;
    epilogue.residual = step->residual < 0 ? NULL : floats(session, step->residual);
    epilogue.residual_ld = step->residual_ld;
    return epilogue;
}

/* The window over the output lines from `line` on, whose first input and output are given. */
static void run_window(struct session *session, const struct step *step,
                       const struct kernel_window *window, size_t line, const float *in, float *out)
{
    struct epilogue epilogue = full_epilogue(session, step);
    if (epilogue.residual)
        epilogue.residual += line * window->out_width * epilogue.residual_ld;
    step->convolution->run(window, in, step->packed, out, &epilogue,
                           step->scratch < 0 ? NULL : place_data(session, step->scratch));
}

static enum status run_conv(struct session *session, const struct step *step, float *out,
                            struct error *err)
{
    (void)err;
    run_window(session, step, &step->window, 0, floats(session, step->in[0]), out);
    return STATUS_OK;
}

static enum status run_gemm(struct session *session, const struct step *step, float *out,
                            struct error *err)
{
    struct epilogue epilogue = full_epilogue(session, step);
    (void)err;
    session->net->kernels->gemm_packed(step->m, step->n, step->k, floats(session, step->in[0]),
                                       step->k, step->packed, out, step->n, 0, &epilogue);
    return STATUS_OK;
}

/* A product for each m x n of the result; the right side is packed again when it is another. */
static enum status run_product(struct session *session, const struct step *step, float *out,
                               struct error *err)
{
    const struct kernels *kernels = session->net->kernels;
    const float *a = floats(session, step->in[0]), *b = floats(session, step->in[1]);
    float *packed = place_data(session, step->scratch);
    size_t m = step->m, n = step->n, k = step->k;
    size_t count = (size_t)session->plan->places[step->out[0]].bytes / sizeof(float) / (m * n);
    const size_t *at = step->matrices;
    (void)err;
    for (size_t i = 0; i < count; i++, at += 2, out += m * n) {
        if (i == 0 || at[1] != at[-1])
            kernels->pack_b(b + at[1] * k * n, step->transposed ? k : n, step->transposed, k, n,
                            packed);
        kernels->gemm_packed(m, n, k, a + at[0] * m * k, k, packed, out, n, 0, &step->epilogue);
    }
    return STATUS_OK;
}

static enum status run_pool(struct session *session, const struct step *step, float *out,
                            struct error *err)
{
    const struct kernels *kernels = session->net->kernels;
    const float *in = floats(session, step->in[0]);
    (void)err;
    if (step->kind == STEP_MAX_POOL)
        kernels->max_pool(&step->window, in, out);
    else
        kernels->average_pool(&step->window, session->net->graph.nodes[step->node].include_pad, in,
                              out);
    return STATUS_OK;
}

/* m pictures of k pixels and n channels */
static enum status run_global(struct session *session, const struct step *step, float *out,
                              struct error *err)
{
    const struct kernels *kernels = session->net->kernels;
    (void)err;
    (step->kind == STEP_GLOBAL_MAX ? kernels->global_max : kernels->global_average)(
        step->m, step->k, step->n, step->in_ld, floats(session, step->in[0]), out);
    return STATUS_OK;
}

/* m x n x k, outermost first */
static enum status run_binary(struct session *session, const struct step *step, float *out,
                              struct error *err)
{
    struct operand a = step->operand[0], b = step->operand[1];
    (void)err;
    a.data = floats(session, step->in[0]);
    b.data = floats(session, step->in[1]);
    session->net->kernels->binary(session->net->graph.nodes[step->node].binary, step->m, step->n,
                                  step->k, &a, &b, out, step->n * step->out_ld, step->out_ld,
                                  &step->epilogue);
    return STATUS_OK;
}

/* m rows of n channels */
static enum status run_scale(struct session *session, const struct step *step, float *out,
                             struct error *err)
{
    const struct graph_node *node = &session->net->graph.nodes[step->node];
    (void)err;
    session->net->kernels->scale_shift(step->m, step->n, floats(session, step->in[0]), step->in_ld,
                                       node->scale, node->shift, out, step->out_ld,
                                       &step->epilogue);
    return STATUS_OK;
}

/* m rows of n channels */
static enum status run_activation(struct session *session, const struct step *step, float *out,
                                  struct error *err)
{
    (void)err;
    session->net->kernels->activate(step->m, step->n, floats(session, step->in[0]), step->in_ld,
                                    out, step->out_ld, &step->epilogue);
    return STATUS_OK;
}

/* m rows of k bytes, of each input its part */
static enum status run_concat(struct session *session, const struct step *step, float *out,
                              struct error *err)
{
    (void)err;
    for (int i = 0; i < step->in_count; i++) {
        const struct part *part = &step->parts[i];
        const unsigned char *from = place_data(session, step->in[i]);
        unsigned char *to = (unsigned char *)out + part->at;
        for (size_t row = 0; row < step->m && part->length; row++)
            memcpy(to + row * step->k, from + row * part->stride, part->length);
    }
    return STATUS_OK;
}

/* m pixels of n groups of k channels */
static enum status run_shuffle(struct session *session, const struct step *step, float *out,
                               struct error *err)
{
    const float *in[SHUFFLE_GROUPS_MAX];
    size_t ld[SHUFFLE_GROUPS_MAX];
    (void)err;
    for (size_t i = 0; i < step->n; i++) {
        in[i] =
            step->parts ? floats(session, step->in[i]) : floats(session, step->in[0]) + i * step->k;
        ld[i] = step->parts ? step->parts[i].stride / sizeof(float) : step->in_ld;
    }
    session->net->kernels->shuffle(step->m, step->n, step->k, in, ld, out, step->out_ld);
    return STATUS_OK;
}

static enum status run_softmax(struct session *session, const struct step *step, float *out,
                               struct error *err)
{
    (void)err;
    session->net->kernels->softmax(step->m, step->n, floats(session, step->in[0]), out);
    return STATUS_OK;
}

/* m rows of n channels of k elements */
static enum status run_norm(struct session *session, const struct step *step, float *out,
                            struct error *err)
{
    const float *parameters[2] = {NULL, NULL};
    (void)err;
    for (int i = 0; i < 2; i++)
        if (step->in[1 + i] >= 0)
            parameters[i] = floats(session, step->in[1 + i]);
    session->net->kernels->normalize(
        step->m, step->n, step->k, step->period, session->net->graph.nodes[step->node].epsilon,
        floats(session, step->in[0]), parameters[0], parameters[1], out);
    return STATUS_OK;
}

/* m x n x k to m x k */
static enum status run_reduce(struct session *session, const struct step *step, float *out,
                              struct error *err)
{
    (void)err;
    session->net->kernels->reduce(session->net->graph.nodes[step->node].reduction, step->m, step->n,
                                  step->k, floats(session, step->in[0]), out);
    return STATUS_OK;
}

static enum status run_lrn(struct session *session, const struct step *step, float *out,
                           struct error *err)
{
    const struct node *node = session->net->graph.nodes[step->node].node;
    (void)err;
    session->net->kernels->lrn(step->m, step->n, (size_t)node_int(node, "size", 1),
                               node_float(node, "alpha", 0.0001F), node_float(node, "beta", 0.75F),
                               node_float(node, "bias", 1), floats(session, step->in[0]), out);
    return STATUS_OK;
}

/* m pictures of n channels and k pixels */
static enum status run_convert(struct session *session, const struct step *step, float *out,
                               struct error *err)
{
    const struct kernels *kernels = session->net->kernels;
    const float *in = floats(session, step->in[0]);
    (void)err;
    if (step->kind == STEP_TO_NHWC)
        kernels->to_nhwc(step->m, step->n, step->k, in, out, step->out_ld);
    else
        kernels->to_nchw(step->m, step->n, step->k, in, step->in_ld, out);
    return STATUS_OK;
}

/* all of it, or m pixels of n channels */
static enum status run_copy(struct session *session, const struct step *step, float *out,
                            struct error *err)
{
    size_t bytes = (size_t)session->plan->places[step->out[0]].bytes;
    const float *in = place_data(session, step->in[0]);
    (void)err;
    if (!step->by_pixel && bytes)
        memcpy(out, in, bytes);
    for (size_t row = 0; step->by_pixel && row < step->m; row++)
        memcpy(out + row * step->out_ld, in + row * step->in_ld, step->n * sizeof *out);
    return STATUS_OK;
}

/* Zeros around the pictures, whose pixels come in the order of the result's. */
static enum status run_pad(struct session *session, const struct step *step, float *out,
                           struct error *err)
{
    const struct kernel_window *w = &step->window;
    const float *in = floats(session, step->in[0]);
    size_t bytes = w->channels * sizeof *out;
    (void)err;
    for (size_t line = 0; line < w->batch * w->out_height; line++) {
        size_t y = line % w->out_height;
        int has_pixels = y >= w->pad_top && y < w->pad_top + w->height;
        for (size_t x = 0; x < w->out_width; x++, out += w->out_ld)
            if (has_pixels && x >= w->pad_left && x < w->pad_left + w->width) {
                memcpy(out, in, bytes);
                in += w->in_ld;
            } else {
                memset(out, 0, bytes);
            }
    }
    return STATUS_OK;
}

static enum status run_op(struct session *session, const struct step *step, float *first,
                          struct error *err)
{
    const struct graph_node *node = &session->net->graph.nodes[step->node];
    struct arena *scratch = arena_new();
    size_t in_count = (size_t)step->in_count, out_count = (size_t)step->out_count;
    struct tensor *ins = scratch ? arena_alloc(scratch, in_count + 1, sizeof *ins) : NULL;
    struct tensor *outs = scratch ? arena_alloc(scratch, out_count + 1, sizeof *outs) : NULL;
    const struct tensor **in = scratch ? arena_alloc(scratch, in_count + 1, sizeof *in) : NULL;
    unsigned char *wanted = scratch ? arena_alloc(scratch, out_count + 1, 1) : NULL;
    struct op_call call = {.node = node->node,
                           .opset = session->net->model->opset,
                           .in = in,
                           .in_count = in_count,
                           .out = outs,
                           .out_count = out_count,
                           .wanted = wanted,
                           .scratch = scratch};
    enum status status;
    (void)first;
    if (!ins || !outs || !in || !wanted) {
        if (scratch)
            arena_free(scratch);
        return error_memory(err);
    }
    for (size_t i = 0; i < in_count; i++)
        if (step->in[i] >= 0) {
            ins[i] = step->in_tensors[i];
            ins[i].data = place_data(session, step->in[i]);
            in[i] = &ins[i];
        }
    for (size_t i = 0; i < out_count; i++) {
        outs[i] = step->out_tensors[i];
        wanted[i] = step->out[i] >= 0;
        outs[i].data = wanted[i] ? place_data(session, step->out[i]) : NULL;
    }
    status = op_find(node->node->op_type)->run(&call, err);
    arena_free(scratch);
    return status == STATUS_OK ? status : node_error(err, node->node);
}

enum status step_run(struct session *session, const struct step *step, struct error *err)
{
    static enum status (*const runners[])(struct session *, const struct step *, float *,
                                          struct error *) = {
        [STEP_OP] = run_op,
        [STEP_CONV] = run_conv,
        [STEP_GEMM] = run_gemm,
        [STEP_PRODUCT] = run_product,
        [STEP_NORM] = run_norm,
        [STEP_REDUCE] = run_reduce,
        [STEP_MAX_POOL] = run_pool,
        [STEP_AVERAGE_POOL] = run_pool,
        [STEP_GLOBAL_AVERAGE] = run_global,
        [STEP_GLOBAL_MAX] = run_global,
        [STEP_BINARY] = run_binary,
        [STEP_SCALE] = run_scale,
        [STEP_ACTIVATION] = run_activation,
        [STEP_CONCAT] = run_concat,
        [STEP_SOFTMAX] = run_softmax,
        [STEP_LRN] = run_lrn,
        [STEP_TO_NHWC] = run_convert,
        [STEP_TO_NCHW] = run_convert,
        [STEP_COPY] = run_copy,
        [STEP_SHUFFLE] = run_shuffle,
        [STEP_PAD] = run_pad,
    };
    float *out =
        step->out_count > 0 && step->out[0] >= 0 ? place_data(session, step->out[0]) : NULL;
    return runners[step->kind](session, step, out, err);
}

void step_run_lines(struct session *session, const struct step *step, size_t from, size_t to,
                    size_t out_base, size_t in_base)
{
    size_t first;
    struct kernel_window window = band_window(&step->window, from, to, &first);
    const struct kernel_window *w = &window;
    float *out = place_data(session, step->out[0]);
    const float *in = floats(session, step->in[0]);
    out += (from - out_base) * w->out_width * w->out_ld;
    in += (first - in_base) * w->width * w->in_ld;
    if (step->kind == STEP_CONV)
        run_window(session, step, w, from, in, out);
    else
        session->net->kernels->max_pool(w, in, out);
}
