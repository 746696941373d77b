/* The inner loops of resize.c. Weights are fixed point: the sum of weight * pixel is in units of
 * 1/2^RESIZE_BITS. */
#ifndef IMAGE_RESIZE_INTERNAL_H
#define IMAGE_RESIZE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* 32 bits less 8 for the pixel and 2 for sums beyond 255 (filters with negative lobes), as in
 * Pillow. */
enum { RESIZE_BITS = 32 - 8 - 2 };

/* Bytes that must be there after the last row of a kernel's input. */
enum { RESIZE_SLACK = 64 };

/* One row: to[x][c] = sum over i of weights[x * taps + i] * from[starts[x] + i][c], for x < count.
 * Reads at most 8 bytes after the last pixel it needs. */
void resize_row(const unsigned char *from, int channels, const int *starts, const int *lengths,
                const int32_t *weights, int taps, int count, unsigned char *to);

/* One row out of `length` rows: to[i] = sum over t of weights[t] * from[t * stride + i], for i <
 * size. Reads at most 32 bytes after the last row's end. */
void resize_column(const unsigned char *from, size_t stride, const int32_t *weights, int length,
                   size_t size, unsigned char *to);

#endif
