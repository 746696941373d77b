/* kernels/isa: the patches under a convolution's windows, as they lie in the picture.
 *
 * Where pixels lie side by side, a kernel row of a patch is one run of floats, and neighbouring
 * patches are a constant step apart: they can be read in place. Only where the window reaches over
 * the border are the input lines of a block first copied between zeros, which costs a copy of each
 * element for a block of lines, shared by all taps and output channels. All functions take one
 * group of channels; `in` points at the group's first.
 */
#ifndef NN_KERNELS_PATCHES_H
#define NN_KERNELS_PATCHES_H

#include "nn/kernels/isa/border.h"

INLINE int is_padded(const struct kernel_window *w)
{
    return w->pad_top || w->pad_left ||
           windows_span(w->out_height, w->stride_h, w->kernel_h, w->dilation_h) > w->height ||
           windows_span(w->out_width, w->stride_w, w->kernel_w, w->dilation_w) > w->width;
}

/* What is read at once: about so many output pixels, whole lines of one image or whole images; and
 * the input that they cover. */
struct block {
    size_t images, lines, in_lines, in_width;
};

INLINE struct block block_of(const struct kernel_window *w, size_t pixels)
{
    /* of wide pictures: a block copies again the lines that it shares with the one before */
    enum { LINES_LEAST = 4 };
    struct block b = {.images = 1, .lines = (pixels + w->out_width - 1) / w->out_width};
    if (b.lines < LINES_LEAST)
        b.lines = LINES_LEAST;
    if (b.lines >= w->out_height) {
        b.lines = w->out_height;
        b.images = pixels / (b.lines * w->out_width);
        b.images = b.images < 1 ? 1 : b.images > w->batch ? w->batch : b.images;
    } else {
        size_t blocks = (w->out_height + b.lines - 1) / b.lines;
        b.lines = (w->out_height + blocks - 1) / blocks;
    }
    b.in_lines = windows_span(b.lines, w->stride_h, w->kernel_h, w->dilation_h);
    b.in_width = windows_span(w->out_width, w->stride_w, w->kernel_w, w->dilation_w);
    return b;
}

/* Floats of the copy of a block; 0 where nothing is copied. */
INLINE size_t block_copy_size(const struct kernel_window *w, const struct block *b)
{
    return is_padded(w) ? b->images * b->in_lines * b->in_width * (w->channels / w->groups) : 0;
}

/* One line of the picture, between its padding; all of it zeros where it is padding (NULL). */
INLINE void copy_line(const struct kernel_window *w, const float *line, size_t in_width, float *to)
{
    size_t channels = w->channels / w->groups;
    struct range inside = picture_pixels(w, in_width);
    if (!line)
        inside.from = inside.to = in_width;
    memset(to, 0, inside.from * channels * sizeof *to);
    if (w->in_ld == channels && inside.to > inside.from)
        memcpy(to + inside.from * channels, line,
               (inside.to - inside.from) * channels * sizeof *to);
    else
        for (size_t x = inside.from; x < inside.to; x++, line += w->in_ld)
            memcpy(to + x * channels, line, channels * sizeof *to);
    memset(to + inside.to * channels, 0, (in_width - inside.to) * channels * sizeof *to);
}

INLINE void copy_block(const struct kernel_window *w, const struct block *b, const float *in,
                       size_t image, size_t line, float *to)
{
    size_t channels = w->channels / w->groups;
    for (size_t i = image; i < image + b->images && i < w->batch; i++)
        for (size_t l = 0; l < b->in_lines; l++, to += b->in_width * channels)
            copy_line(
                w,
                picture_line(w, in + i * w->height * w->width * w->in_ld, line * w->stride_h + l),
                b->in_width, to);
}

/* The first taps of the block from that image and output line on: `runs` and `run` are not set.
 * copy: block_copy_size() floats. */
INLINE struct patches block_patches(const struct kernel_window *w, const struct block *b,
                                    const float *in, size_t image, size_t line, float *copy)
{
    int padded = is_padded(w);
    size_t pixel = padded ? w->channels / w->groups : w->in_ld,
           line_step = pixel * (padded ? b->in_width : w->width);
    struct patches patches = {
        .data = padded ? copy : in + (image * w->height + line * w->stride_h) * line_step,
        .images = w->batch - image < b->images ? w->batch - image : b->images,
        .image_step = line_step * (padded ? b->in_lines : w->height),
        .lines = w->out_height - line < b->lines ? w->out_height - line : b->lines,
        .line_step = w->stride_h * line_step,
        .pixels = w->out_width,
        .pixel_step = w->stride_w * pixel,
    };
    if (padded)
        copy_block(w, b, in, image, line, copy);
    if (patches.line_step == patches.pixels * patches.pixel_step) {
        patches.pixels *= patches.lines; /* lines follow each other as their pixels do */
        patches.lines = 1;
    }
    return patches;
}

/* How the taps of a patch follow each other: `outer` times `inner` runs of `run` floats. */
struct taps {
    size_t outer, outer_step, inner, inner_step, run;
};

INLINE struct taps taps_of(const struct kernel_window *w, const struct block *b)
{
    int padded = is_padded(w);
    size_t channels = w->channels / w->groups, pixel = padded ? channels : w->in_ld,
           line = pixel * (padded ? b->in_width : w->width);
    if (pixel == channels && w->dilation_w == 1)
        return (struct taps){1, 0, w->kernel_h, w->dilation_h * line, w->kernel_w * channels};
    return (struct taps){w->kernel_h, w->dilation_h * line, w->kernel_w, w->dilation_w * pixel,
                         channels};
}

#endif
