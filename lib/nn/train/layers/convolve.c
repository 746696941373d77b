#include "nn/train/layers/conv.h"

/* The engine says bytes; the need may be larger with fewer pictures, for blocks are cut evenly. */
static size_t scratch_floats(const struct convolution *how, struct kernel_window window)
{
    size_t most = 0;
    for (; window.batch > 0; window.batch--) {
        size_t size = how->scratch_size(&window) / sizeof(float);
        most = size > most ? size : most;
    }
    return most;
}

int convolve_plan(struct layer *layer, const struct kernel_window *window,
                  struct convolve *convolve)
{
    const struct convolution *const *at = layer->trainer->kernels->convolutions;
    double least = 0;
    size_t scratch;
    convolve->window = *window;
    for (; *at; at++) {
        double cost = (*at)->suits(window) ? (*at)->cost(window) : 0;
        if ((*at)->suits(window) && (!convolve->how || cost < least)) {
            convolve->how = *at;
            least = cost;
        }
    }
    convolve->packed =
        arena_alloc(layer->trainer->arena, 1, convolve->how->packed_size(window) + 1);
    scratch = scratch_floats(convolve->how, *window);
    layer->scratch = scratch > layer->scratch ? scratch : layer->scratch;
    return convolve->packed != NULL;
}

void convolve_pack(const struct convolve *convolve, const float *weights)
{
    convolve->how->pack(&convolve->window, weights, NULL, NULL, convolve->packed);
}

void convolve_run(const struct convolve *convolve, size_t count, const float *in, float *out,
                  const float *bias, int add, float *scratch)
{
    const struct kernel_window *w = &convolve->window;
    size_t in_size = w->height * w->width * w->in_ld,
           out_size = w->out_height * w->out_width * w->out_ld;
    for (size_t n = 0; n < count; n += w->batch, in += w->batch * in_size) {
        struct kernel_window window = *w;
        struct epilogue epilogue = {
            .bias = bias, .residual = add ? out : NULL, .residual_ld = w->out_ld};
        window.batch = count - n < w->batch ? count - n : w->batch;
        convolve->how->run(&window, in, convolve->packed, out, &epilogue, scratch);
        out += w->batch * out_size;
    }
}
