/* Conv in one, two or three dimensions, with groups and dilations. In f32 (f64 too). */
#include "nn/ops/op_internal.h"

#include <string.h>

enum status conv_check(const struct op_call *call, const struct shape *in,
                       const struct shape *weight, struct window *window, struct error *err)
{
    int64_t groups = node_int(call->node, "group", 1), maps = weight->dim[0];
    size_t count;
    const int64_t *kernel = node_ints(call->node, "kernel_shape", &count);
    if (in->rank != weight->rank || in->rank < 3)
        return error_set(err, STATUS_USAGE, "an input of %d dimensions, a weight of %d", in->rank,
                         weight->rank);
    if (groups < 1 || maps < 1 || groups > maps || maps % groups || in->dim[1] % groups ||
        in->dim[1] / groups != weight->dim[1])
        return error_set(
            err, STATUS_USAGE, "%lld channels in %lld groups for a weight of %lld x %lld channels",
            (long long)in->dim[1], (long long)groups, (long long)maps, (long long)weight->dim[1]);
    if (kernel && (count != (size_t)weight->rank - 2 ||
                   memcmp(kernel, &weight->dim[2], count * sizeof *kernel) != 0))
        return error_set(err, STATUS_USAGE, "kernel_shape is not that of the weight");
    return window_make(call, in, &weight->dim[2], window, err);
}

enum status infer_conv(struct op_call *call, struct error *err)
{
    const struct tensor *bias;
    struct window window;
    struct shape shape = {0};
    TRY(op_arity(call, 2, 3, 1, err));
    TRY(conv_check(call, &call->in[0]->shape, &call->in[1]->shape, &window, err));
    bias = op_in(call, 2);
    if (!is_float(call->in[0]->type) || call->in[1]->type != call->in[0]->type ||
        (bias && bias->type != call->in[0]->type))
        return error_set(err, STATUS_USAGE, "Conv of %s and %s", element_name(call->in[0]->type),
                         element_name(call->in[1]->type));
    if (bias && shape_count(&bias->shape) != call->in[1]->shape.dim[0])
        return error_set(err, STATUS_USAGE, "a bias of %lld for %lld channels",
                         (long long)shape_count(&bias->shape),
                         (long long)call->in[1]->shape.dim[0]);
    window_shape(&window, call->in[0]->shape.dim[0], call->in[1]->shape.dim[0], &shape);
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

/* The places o for which 0 <= o * stride + shift < in: from *low up to, not with, *high. */
static void valid_range(int64_t in, int64_t out, int64_t stride, int64_t shift, int64_t *low,
                        int64_t *high)
{
    *low = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    *high = in - 1 < shift ? 0 : (in - 1 - shift) / stride + 1;
    *high = *high > out ? out : *high;
}

/* out += weight * in, for one element of the kernel. */
static void add_shifted(const struct window *w, const int64_t at[WINDOW_DIMS], float weight,
                        const float *in, float *out)
{
    int64_t low[WINDOW_DIMS], high[WINDOW_DIMS], shift[WINDOW_DIMS];
    for (int i = 0; i < WINDOW_DIMS; i++) {
        shift[i] = at[i] * w->dilation[i] - w->before[i];
        valid_range(w->in[i], w->out[i], w->stride[i], shift[i], &low[i], &high[i]);
    }
    for (int64_t d = low[0]; d < high[0]; d++)
        for (int64_t h = low[1]; h < high[1]; h++) {
            int64_t plane = (d * w->stride[0] + shift[0]) * w->in[1] + h * w->stride[1] + shift[1];
            const float *from = in + plane * w->in[2];
            float *to = out + (d * w->out[1] + h) * w->out[2];
            if (w->stride[2] == 1)
                for (int64_t x = low[2]; x < high[2]; x++)
                    to[x] += weight * from[x + shift[2]];
            else
                for (int64_t x = low[2]; x < high[2]; x++)
                    to[x] += weight * from[x * w->stride[2] + shift[2]];
        }
}

/* One output channel: for each input channel and element of the kernel, a shifted picture is added.
 */
static void conv_map(const struct window *w, int64_t channels, const float *in, const float *weight,
                     float bias, float *out)
{
    int64_t in_size = w->in[0] * w->in[1] * w->in[2], out_size = w->out[0] * w->out[1] * w->out[2];
    int64_t at[WINDOW_DIMS];
    for (int64_t i = 0; i < out_size; i++)
        out[i] = bias;
    for (int64_t c = 0; c < channels; c++)
        for (at[0] = 0; at[0] < w->kernel[0]; at[0]++)
            for (at[1] = 0; at[1] < w->kernel[1]; at[1]++)
                for (at[2] = 0; at[2] < w->kernel[2]; at[2]++)
                    add_shifted(w, at, *weight++, in + c * in_size, out);
}

/* out (N x M x window.out) = in (N x C x window.in) * weight (M x C/groups x window.kernel) + bias
 * (or NULL). */
static void convolve(const struct window *window, int64_t images, int64_t channels, int64_t maps,
                     int64_t groups, const float *in, const float *weight, const float *bias,
                     float *out)
{
    int64_t in_size = window->in[0] * window->in[1] * window->in[2];
    int64_t out_size = window->out[0] * window->out[1] * window->out[2];
    int64_t group_channels = channels / groups, group_maps = maps / groups;
    int64_t weight_size =
        group_channels * window->kernel[0] * window->kernel[1] * window->kernel[2];
    for (int64_t n = 0; n < images; n++)
        for (int64_t m = 0; m < maps; m++)
            conv_map(window, group_channels,
                     in + (n * channels + m / group_maps * group_channels) * in_size,
                     weight + m * weight_size, bias ? bias[m] : 0, out + (n * maps + m) * out_size);
}

enum status run_conv(struct op_call *call, struct error *err)
{
    const struct shape *in = &call->in[0]->shape, *weight = &call->in[1]->shape;
    const struct tensor *bias = op_in(call, 2);
    struct window window;
    const float *x, *w, *b = NULL;
    float *y;
    TRY(conv_check(call, in, weight, &window, err));
    x = op_floats(call, call->in[0]);
    w = op_floats(call, call->in[1]);
    if (bias)
        b = op_floats(call, bias);
    y = op_floats_out(call, &call->out[0]);
    if (!x || !w || !y || (bias && !b))
        return error_memory(err);
    convolve(&window, in->dim[0], in->dim[1], weight->dim[0], node_int(call->node, "group", 1), x,
             w, b, y);
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}
