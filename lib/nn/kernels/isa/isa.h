/* kernels/isa: what the sources compiled once per instruction set (base/isa.h) share: the vector
 * type, its width, and the size of the register block.
 */
#ifndef NN_KERNELS_ISA_H
#define NN_KERNELS_ISA_H

#include "base/isa.h"
#include "nn/kernels/kernels.h"

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* VW floats a vector; a register block of MR rows x NV vectors: MR * NV accumulators, NV vectors of
 * B and a broadcast fit the register file (AVX-512 32, AVX2 16, SSE 16 registers). NEON has 32 too,
 * and MR of them hold A (gemm.c); its 16 accumulators are twice what two pipes of latency 4 need.
 */
#if defined(__AVX512F__)
enum { VW = 16, MR = 14, NV = 2 };
#elif defined(__AVX2__)
enum { VW = 8, MR = 6, NV = 2 };
#elif defined(__aarch64__)
enum { VW = 4, MR = 8, NV = 2 };
#else
enum { VW = 4, MR = 6, NV = 2 };
#endif

typedef float vec __attribute__((vector_size(VW * 4)));
typedef int32_t ivec __attribute__((vector_size(VW * 4)));
typedef float vec_unaligned __attribute__((vector_size(VW * 4), aligned(4), may_alias));

/* The compiler must not know how this pointer is related to others. */
#define HIDE(pointer) __asm__("" : "+r"(pointer))

/* n floats fill so many, up to the end of the last vector. */
INLINE size_t whole_vectors(size_t n)
{
    return (n + VW - 1) / VW * VW;
}

INLINE vec load(const float *p)
{
    return *(const vec_unaligned *)(const void *)p;
}
INLINE void store(float *p, vec x)
{
    *(vec_unaligned *)(void *)p = x;
}
INLINE vec splat(float x)
{
    return x - (vec){0};
}
/* The first n < VW elements; the others are zero, and are not touched. */
INLINE vec load_part(const float *p, size_t n)
{
#if defined(__AVX512F__)
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
    vec x = {0};
    for (size_t i = 0; i < n; i++)
        x[i] = p[i];
    return x;
#endif
}
/* Is a part of a vector as fast as a whole one? */
#if defined(__AVX512F__)
enum { PARTS_ARE_FAST = 1 };
#else
enum { PARTS_ARE_FAST = 0 };
#endif
INLINE void store_part(float *p, vec x, size_t n)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
#else
    for (size_t i = 0; i < n; i++)
        p[i] = x[i];
#endif
}
/* All of it when n >= VW. */
INLINE vec load_up_to(const float *p, size_t n)
{
    return n >= VW ? load(p) : load_part(p, n);
}
INLINE void store_up_to(float *p, vec x, size_t n)
{
    if (n >= VW)
        store(p, x);
    else
        store_part(p, x, n);
}

/* mask is all ones or all zeros in each element. */
INLINE vec choose(ivec mask, vec yes, vec no)
{
    return (vec)((mask & (ivec)yes) | (~mask & (ivec)no));
}
/* Element index[i] of x for each i; 0 <= index[i] < VW. */
INLINE vec vpermute(vec x, ivec index)
{
#if defined(__AVX512F__)
    return (vec)_mm512_permutexvar_ps((__m512i)index, (__m512)x);
#elif defined(__AVX2__)
    return (vec)_mm256_permutevar8x32_ps((__m256)x, (__m256i)index);
#else
    vec y;
    for (int i = 0; i < VW; i++)
        y[i] = x[index[i]];
    return y;
#endif
}
/* The second argument where either is NaN, so put the data second. */
INLINE vec vmax(vec a, vec b)
{
#if defined(__AVX512F__)
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (vec)_mm_max_ps((__m128)a, (__m128)b);
#else
    return choose(a > b, a, b);
#endif
}
INLINE vec vmin(vec a, vec b)
{
#if defined(__AVX512F__)
    return (vec)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (vec)_mm_min_ps((__m128)a, (__m128)b);
#else
    return choose(a < b, a, b);
#endif
}

/* The activation alone, for one vector. */
vec ISA_NAME(activate)(const struct epilogue *epilogue, vec x);

/* An activation that is clamping (none, Relu and Clip are), or that is not (all = 0). */
struct clamp {
    float low, high;
    int all;
};
INLINE struct clamp clamp_of(const struct epilogue *epilogue)
{
    struct clamp clamp = {-__builtin_inff(), __builtin_inff(), 1};
    switch (epilogue->activation) {
    case ACTIVATION_NONE:
        break;
    case ACTIVATION_RELU:
        clamp.low = 0;
        break;
    case ACTIVATION_CLIP:
        clamp.low = epilogue->low;
        clamp.high = epilogue->high;
        break;
    default:
        clamp.all = 0;
    }
    return clamp;
}
INLINE vec clamped(const struct clamp *clamp, const struct epilogue *epilogue, vec x)
{
    return clamp->all ? vmin(splat(clamp->high), vmax(splat(clamp->low), x))
                      : ISA_NAME(activate)(epilogue, x);
}

/* bias, residual and activation for the vector at (row, column); n elements of it exist. NULL:
 * nothing. */
INLINE vec finish_vector(const struct epilogue *epilogue, vec x, size_t row, size_t column,
                         size_t n)
{
    if (!epilogue)
        return x;
    if (epilogue->bias)
        x += load_up_to(epilogue->bias + column, n);
    if (epilogue->residual)
        x += load_up_to(epilogue->residual + row * epilogue->residual_ld + column, n);
    return ISA_NAME(activate)(epilogue, x);
}

/* What the blocks along K do of an epilogue: the first adds the residual, which may be the result
 * itself and is then what the block is added to; the last does the rest. So a residual gives the
 * same bits wherever it lies. */
struct epilogue_parts {
    struct epilogue only, first, last; /* only: of a block that is both */
    int in_place;
};
INLINE struct epilogue_parts parts_of(const struct epilogue *epilogue, const float *c)
{
    struct epilogue_parts parts = {.only = *epilogue, .in_place = epilogue->residual == c};
    if (parts.in_place)
        parts.only.residual = NULL;
    parts.last = parts.only;
    parts.last.residual = NULL;
    parts.first.residual = parts.only.residual;
    parts.first.residual_ld = parts.only.residual_ld;
    return parts;
}
INLINE const struct epilogue *part_of(const struct epilogue_parts *parts, int is_first, int is_last)
{
    if (is_last)
        return is_first ? &parts->only : &parts->last;
    return is_first && parts->first.residual ? &parts->first : NULL;
}

/* The rows of A as a convolution reads them in the picture itself: a row is `runs` runs of `run`
 * floats, run_step apart; `pixels` rows, pixel_step apart, are a line of output pixels; `lines`
 * lines, line_step apart, an image. All steps in floats. */
struct patches {
    const float *data;
    size_t images, image_step, lines, line_step, pixels, pixel_step, runs, run_step, run;
};
/* C[row][n] (+)= A[row][kc] * B[k0..k0+kc)[n] for all rows, kc = runs * run; B packed with `k` rows
 * in all; epilogue NULL unless this is the last block along K. */
void ISA_NAME(gemm_patches)(const struct patches *from, size_t n, size_t k, size_t k0,
                            const float *packed, float *c, size_t ldc, int accumulate,
                            const struct epilogue *epilogue);
/* The same for a plain matrix A of m rows, lda apart. */
void ISA_NAME(gemm_block)(size_t m, size_t n, size_t k, size_t k0, size_t kc, const float *a,
                          size_t lda, const float *packed, float *c, size_t ldc, int accumulate,
                          const struct epilogue *epilogue);
/* How K is cut: the blocks' length for that k, at most. */
size_t ISA_NAME(gemm_kc)(size_t k);
/* At most KC_MAX rows of B, and GEMM_MC rows of A, a block: that much of A stays in the
 * second-level cache. */
enum { KC_MAX = 256, GEMM_MC = 16 * MR };

/* B of a convolution (pack.c): column o is row o of `weights`, `ld` floats apart, each a list of
 * channels x taps; row tap * channels + channel of B. Times out_scale[o] and in_scale[channel]
 * (NULL: 1). */
void ISA_NAME(pack_taps)(const float *weights, size_t ld, size_t channels, size_t taps, size_t n,
                         const float *out_scale, const float *in_scale, float *packed);

/* The weights of depthwise convolutions (depthwise.c): [tap][channels rounded up to VW]. */
size_t ISA_NAME(depthwise_packed)(const struct kernel_window *w);
void ISA_NAME(depthwise_pack)(const struct kernel_window *w, const float *weights,
                              const float *out_scale, const float *in_scale, float *packed);

/* Weight gradients (conv_gradient.c; nn/train/kernels.h says what they do). */
size_t ISA_NAME(gemm_tn_scratch)(size_t n);
void ISA_NAME(gemm_tn)(size_t p, size_t k, size_t n, const float *a, size_t lda, const float *b,
                       size_t ldb, float *c, size_t ldc, float *scratch);

/* C = A^T B, or (accumulate) C += A^T B, where B (p x n) is packed: panels NV * VW columns wide
 * (the last one as many vectors as it needs), each panel p rows of consecutive vectors. */
void ISA_NAME(gemm_tn_panels)(size_t p, size_t k, size_t n, const float *a, size_t lda,
                              const float *panels, float *c, size_t ldc, int accumulate);

/* What table.c gathers; kernels.h says what each does. */
extern const struct convolution ISA_NAME(conv_gemm), ISA_NAME(conv_depthwise),
    ISA_NAME(conv_depthwise_tile), ISA_NAME(conv_grouped), ISA_NAME(conv_winograd2),
    ISA_NAME(conv_winograd4);
size_t ISA_NAME(packed_size)(size_t k, size_t n);
void ISA_NAME(pack_b)(const float *b, size_t ldb, int transposed, size_t k, size_t n,
                      float *packed);
void ISA_NAME(gemm_packed)(size_t m, size_t n, size_t k, const float *a, size_t lda,
                           const float *packed, float *c, size_t ldc, int accumulate,
                           const struct epilogue *epilogue);
void ISA_NAME(max_pool)(const struct kernel_window *window, const float *in, float *out);
void ISA_NAME(average_pool)(const struct kernel_window *window, int include_pad, const float *in,
                            float *out);
void ISA_NAME(global_average)(size_t batch, size_t pixels, size_t channels, size_t ld,
                              const float *in, float *out);
void ISA_NAME(global_max)(size_t batch, size_t pixels, size_t channels, size_t ld, const float *in,
                          float *out);
void ISA_NAME(binary)(enum binary op, size_t outer, size_t middle, size_t inner,
                      const struct operand *a, const struct operand *b, float *out,
                      size_t out_outer, size_t out_middle, const struct epilogue *epilogue);
void ISA_NAME(scale_shift)(size_t rows, size_t channels, const float *in, size_t in_ld,
                           const float *scale, const float *shift, float *out, size_t out_ld,
                           const struct epilogue *epilogue);
void ISA_NAME(activate_all)(size_t rows, size_t channels, const float *in, size_t in_ld, float *out,
                            size_t out_ld, const struct epilogue *epilogue);
void ISA_NAME(softmax)(size_t rows, size_t n, const float *in, float *out);
void ISA_NAME(normalize)(size_t rows, size_t channels, size_t length, size_t period, float epsilon,
                         const float *in, const float *scale, const float *shift, float *out);
void ISA_NAME(reduce)(enum reduction op, size_t outer, size_t n, size_t inner, const float *in,
                      float *out);
void ISA_NAME(lrn)(size_t rows, size_t channels, size_t size, float alpha, float beta, float bias,
                   const float *in, float *out);
void ISA_NAME(shuffle)(size_t rows, size_t groups, size_t channels, const float *const *in,
                       const size_t *in_ld, float *out, size_t out_ld);
void ISA_NAME(to_nhwc)(size_t batch, size_t channels, size_t pixels, const float *in, float *out,
                       size_t ld);
void ISA_NAME(to_nchw)(size_t batch, size_t channels, size_t pixels, const float *in, size_t ld,
                       float *out);

/* What train.c takes from linear.c; nn/train/kernels.h says what each does. */
void ISA_NAME(row_products)(size_t rows, size_t columns, size_t length, const float *const *x,
                            const float *w, float *z);
void ISA_NAME(row_gradients)(size_t rows, size_t columns, size_t length, const float *const *x,
                             const float *g, float *dw);

#endif
