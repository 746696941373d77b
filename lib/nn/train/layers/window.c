#include "nn/train/layers/window.h"

#include <string.h>

/* Two positive numbers of the attribute, or those of `absent`. */
static enum status pair(const struct node *node, const char *name, const int absent[2], int out[2],
                        struct error *err)
{
    size_t count;
    const int64_t *ints = node_ints(node, name, &count);
    if (!ints) {
        memcpy(out, absent, 2 * sizeof *out);
        return STATUS_OK;
    }
    if (count != 2)
        return error_set(err, STATUS_USAGE,
                         "%s has %zu numbers, expected 2 (pictures have height and width)", name,
                         count);
    for (int i = 0; i < 2; i++) {
        if (ints[i] < 1 || ints[i] > 65535)
            return error_set(err, STATUS_USAGE, "%s %lld is not within 1 to 65535", name,
                             (long long)ints[i]);
        out[i] = (int)ints[i];
    }
    return STATUS_OK;
}

static enum status paddings(const struct node *node, struct kernel_window *window,
                            const struct dims *in, struct error *err)
{
    const char *automatic = node_string(node, "auto_pad", "NOTSET");
    size_t count;
    const int64_t *pads = node_ints(node, "pads", &count);
    int size[2] = {in->height, in->width},
        kernel[2] = {(int)window->kernel_h, (int)window->kernel_w};
    int stride[2] = {(int)window->stride_h, (int)window->stride_w},
        dilation[2] = {(int)window->dilation_h, (int)window->dilation_w}, before[2] = {0, 0},
        after[2] = {0, 0};
    if (strcmp(automatic, "SAME_UPPER") == 0 || strcmp(automatic, "SAME_LOWER") == 0) {
        for (int i = 0; i < 2; i++) {
            int span = (kernel[i] - 1) * dilation[i] + 1;
            int total = ((size[i] + stride[i] - 1) / stride[i] - 1) * stride[i] + span - size[i];
            total = total < 0 ? 0 : total;
            before[i] = strcmp(automatic, "SAME_UPPER") == 0 ? total / 2 : total - total / 2;
            after[i] = total - before[i];
        }
    } else if (strcmp(automatic, "NOTSET") == 0 && pads) {
        if (count != 4)
            return error_set(err, STATUS_USAGE,
                             "pads has %zu numbers, expected 4 (top, left, bottom, right)", count);
        for (int i = 0; i < 4; i++)
            if (pads[i] < 0 || pads[i] > 65535)
                return error_set(err, STATUS_USAGE, "pads %lld is not within 0 to 65535",
                                 (long long)pads[i]);
        before[0] = (int)pads[0], before[1] = (int)pads[1], after[0] = (int)pads[2],
        after[1] = (int)pads[3];
    }
    window->pad_top = (size_t)before[0];
    window->pad_left = (size_t)before[1];
    window->pad_bottom = (size_t)after[0];
    window->pad_right = (size_t)after[1];
    return STATUS_OK;
}

static int positions(int size, int span, int stride, int before, int after, int ceil_mode)
{
    int room = size + before + after - span;
    int count = room < 0 ? 0 : (ceil_mode ? (room + stride - 1) / stride : room / stride) + 1;
    /* A window that would begin in the padding after the picture is none (as in PyTorch and ONNX
     * since opset 19). */
    if (ceil_mode && count > 1 && (count - 1) * stride >= size + before)
        count--;
    return count;
}

enum status window_parse(const struct node *node, const int kernel[2], const struct dims *in,
                         struct kernel_window *window, struct dims *out, struct error *err)
{
    static const int ones[2] = {1, 1};
    int shape[2], strides[2], dilations[2], span[2];
    enum status status = STATUS_OK;
    if (!kernel && !node_attribute(node, "kernel_shape"))
        return error_set(err, STATUS_USAGE, "%s needs kernel_shape", node->op_type);
    if ((status = pair(node, "kernel_shape", kernel ? kernel : ones, shape, err)) != STATUS_OK ||
        (status = pair(node, "strides", ones, strides, err)) != STATUS_OK ||
        (status = pair(node, "dilations", ones, dilations, err)) != STATUS_OK)
        return status;
    *window = (struct kernel_window){
        .height = (size_t)in->height,
        .width = (size_t)in->width,
        .channels = (size_t)in->channels,
        .in_ld = (size_t)in->channels,
        .out_channels = (size_t)in->channels,
        .out_ld = (size_t)in->channels,
        .kernel_h = (size_t)shape[0],
        .kernel_w = (size_t)shape[1],
        .stride_h = (size_t)strides[0],
        .stride_w = (size_t)strides[1],
        .dilation_h = (size_t)dilations[0],
        .dilation_w = (size_t)dilations[1],
        .batch = 1,
        .groups = 1,
    };
    for (int i = 0; i < 2; i++) {
        if ((int64_t)shape[i] * dilations[i] > 1 << 24)
            return error_set(err, STATUS_USAGE, "a window of %d with dilation %d is too large",
                             shape[i], dilations[i]);
        span[i] = (shape[i] - 1) * dilations[i] + 1;
    }
    if ((status = paddings(node, window, in, err)) != STATUS_OK)
        return status;
    out->channels = in->channels;
    out->height = positions(in->height, span[0], strides[0], (int)window->pad_top,
                            (int)window->pad_bottom, (int)node_int(node, "ceil_mode", 0));
    out->width = positions(in->width, span[1], strides[1], (int)window->pad_left,
                           (int)window->pad_right, (int)node_int(node, "ceil_mode", 0));
    if (out->height < 1 || out->width < 1)
        return error_set(err, STATUS_USAGE,
                         "a window of %dx%d does not fit into %dx%d with pads %zu,%zu,%zu,%zu",
                         span[0], span[1], in->height, in->width, window->pad_top, window->pad_left,
                         window->pad_bottom, window->pad_right);
    window->out_height = (size_t)out->height;
    window->out_width = (size_t)out->width;
    return STATUS_OK;
}

static void taps_inside(size_t start, size_t kernel, size_t dilation, size_t before, size_t size,
                        size_t *first, size_t *end)
{
    /* start: of the window in the padded picture, whose pixels are before .. before + size - 1 */
    *first = start < before ? (before - start + dilation - 1) / dilation : 0;
    *end = size + before > start ? (size + before - start + dilation - 1) / dilation : 0;
    *first = *first > kernel ? kernel : *first;
    *end = *end > kernel ? kernel : *end;
    *end = *end < *first ? *first : *end;
}

void window_rows(const struct kernel_window *w, size_t at, size_t *first, size_t *end)
{
    taps_inside(at * w->stride_h, w->kernel_h, w->dilation_h, w->pad_top, w->height, first, end);
}

void window_columns(const struct kernel_window *w, size_t at, size_t *first, size_t *end)
{
    taps_inside(at * w->stride_w, w->kernel_w, w->dilation_w, w->pad_left, w->width, first, end);
}

void window_places(const struct kernel_window *w, size_t j, size_t *first, size_t *end)
{
    size_t last = w->width + w->pad_left, tap = j * w->dilation_w; /* x * stride + tap < last */
    *first = tap < w->pad_left ? (w->pad_left - tap + w->stride_w - 1) / w->stride_w : 0;
    *end = last > tap ? (last - tap + w->stride_w - 1) / w->stride_w : 0;
    *end = *end < w->out_width ? *end : w->out_width;
    *end = *end < *first ? *first : *end;
}
