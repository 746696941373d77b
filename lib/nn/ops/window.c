/* How kernels slide over pictures: strides, dilations, padding, and how many places that gives. */
#include "nn/ops/op_internal.h"

#include <string.h>

/* A limit on each number that keeps every sum and product here within 64 bits. */
static const int64_t LIMIT = INT64_C(1) << 30;

enum auto_pad { NOTSET, SAME_UPPER, SAME_LOWER, VALID };

static enum status find_auto_pad(const struct op_call *call, enum auto_pad *result,
                                 struct error *err)
{
    static const char *const names[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
    const char *name = node_string(call->node, "auto_pad", "NOTSET");
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            *result = (enum auto_pad)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "auto_pad '%s'", name);
}

/* The attribute's `count` numbers, each from `low` on, into to[]; `absent` where there is none. */
static enum status get_numbers(const struct op_call *call, const char *name, int count, int64_t low,
                               int64_t absent, int64_t *to, struct error *err)
{
    size_t given;
    const int64_t *ints = node_ints(call->node, name, &given);
    if (ints && given != (size_t)count)
        return error_set(err, STATUS_USAGE, "%s has %zu numbers, expected %d", name, given, count);
    for (int i = 0; i < count; i++) {
        to[i] = ints ? ints[i] : absent;
        if (to[i] < low || to[i] > LIMIT)
            return error_set(err, STATUS_USAGE, "%s has %lld", name, (long long)to[i]);
    }
    return STATUS_OK;
}

/* Places along one dimension, and the padding where auto_pad asks for it. */
static enum status place(struct window *window, int i, enum auto_pad auto_pad, int ceil_mode,
                         struct error *err)
{
    int64_t in = window->in[i], stride = window->stride[i];
    int64_t reach = (window->kernel[i] - 1) * window->dilation[i] + 1, slack;
    if (auto_pad == VALID)
        window->before[i] = window->after[i] = 0;
    if (auto_pad == SAME_UPPER || auto_pad == SAME_LOWER) {
        int64_t out = (in + stride - 1) / stride, total = (out - 1) * stride + reach - in;
        total = total < 0 ? 0 : total;
        window->before[i] = (auto_pad == SAME_UPPER ? total : total + 1) / 2;
        window->after[i] = total - window->before[i];
    }
    slack = in + window->before[i] + window->after[i] - reach;
    if (slack < 0)
        return error_set(err, STATUS_USAGE, "a window of %lld on %lld elements", (long long)reach,
                         (long long)(slack + reach));
    window->out[i] = slack / stride + 1;
    /* Rounded up; a window that would begin in the padding behind is left out. */
    if (ceil_mode && slack % stride != 0 && window->out[i] * stride < in + window->before[i])
        window->out[i]++;
    return STATUS_OK;
}

enum status window_make(const struct op_call *call, const struct shape *in, const int64_t *kernel,
                        struct window *window, struct error *err)
{
    int dims = in->rank - 2, skip = WINDOW_DIMS - dims;
    int ceil_mode = node_int(call->node, "ceil_mode", 0) != 0;
    int64_t pads[2 * WINDOW_DIMS];
    enum auto_pad auto_pad = NOTSET;
    if (dims < 1 || dims > WINDOW_DIMS)
        return error_set(err, dims > WINDOW_DIMS ? STATUS_FAILED : STATUS_USAGE,
                         "an input of %d dimensions, expected 3 to 5", in->rank);
    for (int i = 0; i < WINDOW_DIMS; i++) {
        window->in[i] = window->out[i] = window->kernel[i] = 1;
        window->stride[i] = window->dilation[i] = 1;
        window->before[i] = window->after[i] = 0;
    }
    window->dims = dims;
    TRY(find_auto_pad(call, &auto_pad, err));
    TRY(get_numbers(call, "strides", dims, 1, 1, window->stride + skip, err));
    TRY(get_numbers(call, "dilations", dims, 1, 1, window->dilation + skip, err));
    TRY(get_numbers(call, "pads", 2 * dims, 0, 0, pads, err));
    if (kernel)
        memcpy(window->kernel + skip, kernel, (size_t)dims * sizeof *kernel);
    else
        TRY(get_numbers(call, "kernel_shape", dims, 1, 0, window->kernel + skip, err));
    for (int i = skip; i < WINDOW_DIMS; i++) {
        window->in[i] = in->dim[2 + i - skip];
        window->before[i] = pads[i - skip];
        window->after[i] = pads[i - skip + dims];
        if (window->in[i] < 1 || window->in[i] > LIMIT || window->kernel[i] < 1 ||
            window->kernel[i] > LIMIT)
            return error_set(err, STATUS_USAGE, "a window of %lld on %lld elements",
                             (long long)window->kernel[i], (long long)window->in[i]);
        TRY(place(window, i, auto_pad, ceil_mode, err));
    }
    return STATUS_OK;
}

void window_shape(const struct window *window, int64_t images, int64_t channels,
                  struct shape *shape)
{
    shape->rank = window->dims + 2;
    shape->dim[0] = images;
    shape->dim[1] = channels;
    memcpy(&shape->dim[2], window->out + WINDOW_DIMS - window->dims,
           (size_t)window->dims * sizeof(int64_t));
}
