/* nn/train/kernels: the inner loops that only training needs, f32.
 *
 * The sources in lib/nn/kernels/isa/ are compiled once per instruction set. A matrix "rows x
 * channels" is dense: pixels of one or more NHWC pictures. Nothing here allocates. Sums over rows
 * go through f32 for a chunk of rows and then into f64.
 */
#ifndef NN_TRAIN_KERNELS_H
#define NN_TRAIN_KERNELS_H

#include "nn/kernels/kernels.h"

/* One way to make a convolution's gradient by its weights. */
struct convolution_gradient {
    const char *name;
    int (*suits)(const struct kernel_window *window);
    /* Estimated time, in multiply-adds of a large matrix product. */
    double (*cost)(const struct kernel_window *window);
    size_t (*scratch_size)(const struct kernel_window *window); /* floats */
    /* dw is added to: groups x taps x input channels of a group x output channels of a group */
    void (*run)(const struct kernel_window *window, const float *x, const float *dy, float *dw,
                float *scratch);
};

/* What an optimiser does to weights in one step. */
struct train_update {
    float scale, rate, decay, momentum;
    int nesterov;
    float rest, beta2, rest2, root, epsilon, keep; /* adam */
};

/* Which gradients pass: those where low < x * scale[c] + shift[c] < high. */
struct norm_gate {
    const float *scale, *shift;
    float low, high;
};

struct train_kernels {
    /* NULL after the last; one of them suits everything */
    const struct convolution_gradient *const *convolution_gradients;
    /* C[k][n] += sum_p A[p][k] * B[p][n]: weight gradients of dense layers. scratch:
     * gemm_tn_scratch(n) floats. */
    void (*gemm_tn)(size_t p, size_t k, size_t n, const float *a, size_t lda, const float *b,
                    size_t ldb, float *c, size_t ldc, float *scratch);
    size_t (*gemm_tn_scratch)(size_t n);
    /* z[r][c] = sum_j x[r][j] * w[c][j] for rows that lie anywhere: the logits of a linear layer.
     * dense z and w */
    void (*row_products)(size_t rows, size_t columns, size_t length, const float *const *x,
                         const float *w, float *z);
    /* dw[c][j] += sum_r g[r][c] * x[r][j]: its weight gradients */
    void (*row_gradients)(size_t rows, size_t columns, size_t length, const float *const *x,
                          const float *g, float *dw);
    /* y += x */
    void (*add)(size_t count, const float *x, float *y);
    /* y = min(max(x, low), high); x and y may be the same */
    void (*clip)(size_t count, const float *x, float low, float high, float *y);
    /* dx = dy where low < y < high, else 0; add: dx is added to. dx and dy may be the same */
    void (*clip_gradient)(size_t count, const float *y, float low, float high, const float *dy,
                          float *dx, int add);
    /* sum[c] = sum_r x[r][c] */
    void (*sums)(size_t rows, size_t channels, const float *x, float *sum);
    /* sum[c] += sum_r (x[r][c] - shift[c]), squares[c] += sum_r (x[r][c] - shift[c])^2 */
    void (*moments)(size_t rows, size_t channels, const float *x, const float *shift, double *sum,
                    double *squares);
    /* With g = dy where the gate lets it pass (NULL: everywhere), else 0:
     * sum[c] += sum_r g[r][c], product[c] += sum_r g[r][c] * (x[r][c] - mean[c]) */
    void (*gradient_moments)(size_t rows, size_t channels, const float *dy, const float *x,
                             const float *mean, const struct norm_gate *gate, double *sum,
                             double *product);
    /* y = x * scale[c] + shift[c] */
    void (*affine)(size_t rows, size_t channels, const float *x, const float *scale,
                   const float *shift, float *y);
    /* y = min(max(x * scale[c] + shift[c] + more, low), high); more: NULL for none */
    void (*affine_clip)(size_t rows, size_t channels, const float *x, const float *scale,
                        const float *shift, const float *more, float low, float high, float *y);
    /* dx = g * a[c] + x * b[c] + d[c], g as above; add: dx is added to */
    void (*affine2)(size_t rows, size_t channels, const float *dy, const float *x, const float *a,
                    const float *b, const float *d, const struct norm_gate *gate, float *dx,
                    int add);
    /* y[i][c] += x[i * step + c] * w[c] for `count` pixels: one tap of a depthwise convolution.
     * dense y */
    void (*tap)(size_t count, size_t channels, const float *x, size_t step, const float *w,
                float *y);
    /* dw[c] += sum_i dy[i][c] * x[i * step + c] */
    void (*tap_weight)(size_t count, size_t channels, const float *dy, const float *x, size_t step,
                       float *dw);
    /* One tap of max-pooling over `count` output pixels: where x[i * step + c] > y[i][c], that is
     * the new y[i][c], and at[i][c] = index. */
    void (*maximum)(size_t count, size_t channels, const float *x, size_t step, unsigned char index,
                    float *y, unsigned char *at);
    /* dx[i * step + c] += dy[i][c] where at[i][c] == index */
    void (*maximum_gradient)(size_t count, size_t channels, const float *dy,
                             const unsigned char *at, unsigned char index, float *dx, size_t step);
    /* The sum of the squares, in f64. */
    double (*squares)(size_t count, const float *x);
    /* y += share * (x - y) */
    void (*blend)(size_t count, const float *x, float share, float *y);
    /* g = scale * g + decay * w; v = momentum * v + g; w -= rate * v (nesterov: w -= rate * (g +
     * momentum * v)) */
    void (*sgd)(size_t count, float *w, float *v, const float *g,
                const struct train_update *update);
    /* g = scale * g + decay * w; m = momentum * m + rest * g; v = beta2 * v + rest2 * g^2; w = keep
     * * w - rate * m / (root * sqrt(v) + epsilon) */
    void (*adam)(size_t count, float *w, float *m, float *v, const float *g,
                 const struct train_update *update);
};

/* The table that belongs to this one of kernels_at(). */
const struct train_kernels *train_kernels_of(const struct kernels *kernels);

#endif
