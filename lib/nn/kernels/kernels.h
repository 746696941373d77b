/* nn/kernels: the inner loops, f32, NHWC.
 *
 * The sources in kernels/isa/ are compiled once per instruction set (Makefile) and meet here as a
 * table of functions, chosen at run time. IMGUTILS_ISA=x86_64|avx2|avx512 in the environment picks
 * a lesser one, for tests. Matrices are row-major with a leading dimension in elements. Nothing
 * here allocates.
 */
#ifndef NN_KERNELS_KERNELS_H
#define NN_KERNELS_KERNELS_H

#include <stddef.h>

/* What happens to each result before it is stored, in this order: + bias[n], + residual,
 * activation. */
struct epilogue {
    const float *bias; /* one per column (output channel); NULL for none */
    const float
        *residual; /* same layout as the result, leading dimension residual_ld; NULL for none */
    size_t residual_ld;
    enum activation {
        ACTIVATION_NONE,
        ACTIVATION_RELU,
        ACTIVATION_CLIP,  /* low, high */
        ACTIVATION_LEAKY, /* alpha = low */
        ACTIVATION_SIGMOID,
        ACTIVATION_HARDSIGMOID, /* alpha = low, beta = high */
        ACTIVATION_HARDSWISH,
        ACTIVATION_SWISH, /* x * sigmoid(x) */
        ACTIVATION_TANH,
        ACTIVATION_GELU
    } activation;
    float low, high;
};

struct kernels {
    const char *isa;

    /* Bytes that B (K x N) takes when packed; pack_b(transposed = 1) reads B as N x K. */
    size_t (*packed_size)(size_t k, size_t n);
    void (*pack_b)(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed);
    /* C[m][n] = sum_k A[m][k] * B[k][n], then the epilogue (NULL for none). A and C as they are, B
     * packed. accumulate: C is added to (before the epilogue). */
    void (*gemm_packed)(size_t m, size_t n, size_t k, const float *a, size_t lda,
                        const float *packed, float *c, size_t ldc, int accumulate,
                        const struct epilogue *epilogue);
    /* The others (convolution, depthwise, pooling, element-wise) are added by the engine, below. */
};

/* The best table this processor runs, or the one that IMGUTILS_ISA names when the processor runs
 * it. */
const struct kernels *kernels_best(void);
/* The i-th table that this processor runs, best first; NULL after the last. For tests. */
const struct kernels *kernels_at(size_t i);

#endif
