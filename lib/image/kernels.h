/* image/kernels: the inner loops over pixels, u8. Every instruction set (base/isa.h) gives the same
 * bytes.
 *
 * A weight of a resize is a fixed-point number with RESIZE_BITS bits, kept in two halves of 16
 * bits, weight = low + high * 2^RESIZE_LOW, because processors multiply and add pairs of 16-bit
 * numbers in one instruction. |low| is at most |weight|, so that the sum of its products stays
 * within 32 bits where that of the whole weights does, however many they are.
 */
#ifndef IMAGE_KERNELS_H
#define IMAGE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    RESIZE_BITS = 32 - 8 - 2, /* less 8 for the pixel and 2 for sums beyond 255, as in Pillow */
    RESIZE_HALF = 1 << (RESIZE_BITS - 1),
    RESIZE_LOW = 15,
    RESIZE_TAPS = 4, /* room for weights is a multiple of this */
    LINEAR_BITS = 11,
    LINEAR_SHIFT = 4,   /* what a row loses after the weights: two rows' products fit 32 bits */
    LINEAR_WEIGHTS = 8, /* those of one output pixel, two and copies of them */
    PIXELS_SLACK = 64,  /* bytes that must be readable after the last one of a kernel's input */
};

/* The weights of `count` output pixels. */
struct resize_weights {
    int count;
    int taps;               /* room for weights of one output pixel */
    int longest;            /* of the lengths */
    const int *starts;      /* [count]: the first input pixel */
    const int *lengths;     /* [count]: how many input pixels */
    const int16_t *weights; /* [count][low, high][taps]; 0 beyond the pixel's length */
};

/* -2^(RESIZE_LOW - 1) <= low < 2^(RESIZE_LOW - 1) */
static inline void kernels_halve(int32_t weight, int16_t *low, int16_t *high)
{
    const int32_t half = 1 << (RESIZE_LOW - 1);
    *low = (int16_t)(((weight + half) & (2 * half - 1)) - half);
    *high = (int16_t)((weight - *low) >> RESIZE_LOW);
}

struct image_kernels {
    const char *isa;
    /* `rows` rows of pixels of 1 or 3 channels: to[y][x][c] = sum over i of weight[x][i] *
     * from[y * stride + (starts[x] + i) * channels + c]. */
    void (*rows)(const struct resize_weights *weights, const unsigned char *from, size_t stride,
                 int channels, int rows, unsigned char *to);
    /* Columns of `size` bytes: to[y][i] = sum over t of weight[y][t] * from[(starts[y] + t) *
     * stride + i], i < size. */
    void (*columns)(const struct resize_weights *weights, const unsigned char *from, size_t stride,
                    size_t size, unsigned char *to);
    /* OpenCV's linear filter, with weights of LINEAR_BITS bits that add up to 1. A row of pixels of
     * 1 or 3 channels: to[x][c] = the sum of two pixels, from[starts[x] - starts[0]] and the next
     * one, each times its weight, >> LINEAR_SHIFT. PIXELS_SLACK bytes after the row may be written.
     */
    void (*linear_row)(const int *starts, const int16_t *weights, int count,
                       const unsigned char *from, int channels, int16_t *to);
    /* Two such rows: to[i] = ((weights[0] * above[i] >> 16) + (weights[1] * below[i] >> 16) + 2) >>
     * 2. */
    void (*linear_mix)(const int16_t *above, const int16_t *below, const int16_t *weights,
                       size_t count, unsigned char *to);
    /* RGB to grey, as Pillow does it: to[i] = (19595 R + 38470 G + 7471 B + 2^15) >> 16. It may be
     * done in place. */
    void (*luma)(const unsigned char *from, size_t count, unsigned char *to);
    /* The three channels of each pixel to a plane each. */
    void (*planes)(const unsigned char *from, size_t count, unsigned char *first,
                   unsigned char *second, unsigned char *third);
    /* The three channels of each pixel in the other order. */
    void (*reverse)(const unsigned char *from, size_t count, unsigned char *to);
};

/* The best table this processor runs; see isa_best. */
const struct image_kernels *image_kernels_best(void);
/* The i-th table that this processor runs, best first; NULL after the last. For tests. */
const struct image_kernels *image_kernels_at(size_t i);

#endif
