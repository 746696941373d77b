/* The gradient of a convolution by its input.
 *
 * dX[y] is the sum over taps i of w[i] dY[(y + pad - i * dilation) / stride] where that is whole.
 * With stride 1 this is a convolution of dY with the weights flipped, inputs and outputs exchanged.
 * With stride s the rows with the same (y + pad) mod s, a phase, meet the same taps, so each phase
 * is a convolution of its own, of stride 1, and together they multiply no more than forward does.
 */
#include "nn/train/layers/conv.h"

#include <string.h>

/* What a window does along one axis. */
struct axis {
    size_t size, out_size, kernel, stride, dilation, pad;
};

static struct input_axis phase_of(const struct axis *a, size_t phase)
{
    struct input_axis p = {.step = 1};
    ptrdiff_t pad;
    while (p.step * a->dilation % a->stride != 0)
        p.step++;
    p.dilation = p.step * a->dilation / a->stride;
    while (p.tap < a->kernel && p.tap * a->dilation % a->stride != phase)
        p.tap++;
    p.taps = p.tap < a->kernel ? (a->kernel - p.tap + p.step - 1) / p.step : 0;
    p.first = (phase + a->stride - a->pad % a->stride) % a->stride;
    p.count = p.first < a->size ? (a->size - p.first + a->stride - 1) / a->stride : 0;
    if (p.taps == 0)
        return p;
    pad = (ptrdiff_t)((p.taps - 1) * p.dilation) -
          ((ptrdiff_t)(p.first + a->pad) - (ptrdiff_t)(p.tap * a->dilation)) / (ptrdiff_t)a->stride;
    for (; pad < 0; pad += (ptrdiff_t)p.dilation)
        p.zeros++;
    p.pad = (size_t)pad;
    return p;
}

/* Rows after dY's last that the windows reach. */
static size_t pad_after(const struct input_axis *p, size_t out_size)
{
    size_t end = p->count - 1 + (p->taps + p->zeros - 1) * p->dilation + 1;
    return end > p->pad + out_size ? end - p->pad - out_size : 0;
}

static int plan_phase(struct layer *layer, struct input_phase *phase)
{
    const struct kernel_window *w = &((const struct conv *)layer->state)->window;
    const struct input_axis *rows = &phase->rows, *columns = &phase->columns;
    struct kernel_window window = {
        .batch = w->batch,
        .height = w->out_height,
        .width = w->out_width,
        .channels = w->out_channels,
        .in_ld = w->out_channels,
        .out_height = rows->count,
        .out_width = columns->count,
        .out_channels = w->channels,
        .out_ld = w->channels,
        .kernel_h = rows->taps + rows->zeros,
        .kernel_w = columns->taps + columns->zeros,
        .stride_h = 1,
        .stride_w = 1,
        .dilation_h = rows->dilation,
        .dilation_w = columns->dilation,
        .pad_top = rows->pad,
        .pad_left = columns->pad,
        .pad_bottom = pad_after(rows, w->out_height),
        .pad_right = pad_after(columns, w->out_width),
        .groups = w->groups,
    };
    return convolve_plan(layer, &window, &phase->convolve);
}

/* Floats of one picture of a phase. */
static size_t phase_size(const struct input_phase *phase)
{
    const struct kernel_window *w = &phase->convolve.window;
    return w->out_height * w->out_width * w->out_ld;
}

enum status conv_input_plan(struct layer *layer, struct error *err)
{
    struct conv *conv = layer->state;
    const struct kernel_window *w = &conv->window;
    const struct axis rows = {w->height,   w->out_height, w->kernel_h,
                              w->stride_h, w->dilation_h, w->pad_top},
                      columns = {w->width,    w->out_width,  w->kernel_w,
                                 w->stride_w, w->dilation_w, w->pad_left};
    size_t largest = 0;
    conv->phases =
        arena_alloc(layer->trainer->arena, w->stride_h * w->stride_w, sizeof *conv->phases);
    if (!conv->phases)
        return error_memory(err);
    for (size_t i = 0; i < w->stride_h * w->stride_w; i++) {
        struct input_phase *phase = &conv->phases[conv->phase_count];
        phase->rows = phase_of(&rows, i / w->stride_w);
        phase->columns = phase_of(&columns, i % w->stride_w);
        if (phase->rows.taps * phase->rows.count * phase->columns.taps * phase->columns.count == 0)
            continue;
        if (!plan_phase(layer, phase))
            return error_memory(err);
        largest = phase_size(phase) > largest ? phase_size(phase) : largest;
        conv->phase_count++;
    }
    if (w->stride_h * w->stride_w > 1)
        layer->scratch += w->batch * largest + MEMORY_ALIGNMENT;
    return STATUS_OK;
}

/* The phase's weights as ONNX has them, of outputs that are the inputs. */
static void phase_weights(const struct conv *conv, const struct input_phase *phase,
                          const float *weight, float *to)
{
    const struct input_axis *rows = &phase->rows, *columns = &phase->columns;
    size_t high = rows->zeros + rows->taps, wide = columns->zeros + columns->taps;
    for (size_t g = 0; g < conv->window.groups; g++)
        for (size_t in = 0; in < conv->in_group; in++)
            for (size_t out = 0; out < conv->out_group; out++)
                for (size_t i = 0; i < high; i++)
                    for (size_t j = 0; j < wide; j++, to++) {
                        size_t y = rows->tap + (high - 1 - i) * rows->step,
                               x = columns->tap + (wide - 1 - j) * columns->step;
                        *to = i < rows->zeros || j < columns->zeros
                                  ? 0
                                  : weight[conv_weight(conv, g, y * conv->window.kernel_w + x, in,
                                                       out)];
                    }
}

void conv_input_prepare(struct layer *layer)
{
    const struct conv *conv = layer->state;
    for (size_t i = 0; i < conv->phase_count; i++) {
        phase_weights(conv, &conv->phases[i], layer->parameter[0]->value, conv->onnx);
        convolve_pack(&conv->phases[i].convolve, conv->onnx);
    }
}

/* A phase's pictures are added to where they belong. */
static void scatter(const struct layer *layer, const struct input_phase *phase, size_t count,
                    const float *from, float *dx)
{
    const struct kernel_window *w = &((const struct conv *)layer->state)->window;
    for (size_t n = 0; n < count; n++, dx += layer->in[0]->size)
        for (size_t y = 0; y < phase->rows.count; y++) {
            float *to =
                dx + ((phase->rows.first + y * w->stride_h) * w->width + phase->columns.first) *
                         w->channels;
            for (size_t x = 0; x < phase->columns.count; x++, from += w->channels)
                layer->trainer->train->add(w->channels, from, to + x * w->stride_w * w->channels);
        }
}

void conv_input_gradient(struct layer *layer, size_t first, size_t count, float *scratch)
{
    const struct conv *conv = layer->state;
    const struct kernel_window *w = &conv->window;
    const float *dy = layer->out->grad + first * layer->out->size;
    float *dx = layer->in[0]->grad + first * layer->in[0]->size;
    if (w->stride_h * w->stride_w == 1) {
        convolve_run(&conv->phases[0].convolve, count, dy, dx, NULL, layer->more[0], scratch);
        return;
    }
    begin_gradient(layer, first, count);
    for (size_t i = 0; i < conv->phase_count; i++) {
        size_t taken = (count * phase_size(&conv->phases[i]) + 15) / 16 * 16;
        convolve_run(&conv->phases[i].convolve, count, dy, scratch, NULL, 0, scratch + taken);
        scatter(layer, &conv->phases[i], count, scratch, dx);
    }
}
