/* nn/kernels: the inner loops, f32, NHWC.
 *
 * The sources in kernels/isa/ are compiled once per instruction set (base/isa.h) and meet here as a
 * table of functions, chosen at run time. Matrices are row-major with a leading dimension in
 * elements. Nothing here allocates.
 */
#ifndef NN_KERNELS_KERNELS_H
#define NN_KERNELS_KERNELS_H

#include <stddef.h>

/* What happens to each result before it is stored, in this order: + bias[n], + residual,
 * activation. */
struct epilogue {
    const float *bias;     /* one per column (output channel); NULL for none */
    const float *residual; /* same layout as the result, leading dimension residual_ld; may be the
                              result itself, with the same leading dimension; NULL for none */
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
        ACTIVATION_GELU,
        ACTIVATION_GELU_TANH, /* its approximation by tanh */
        ACTIVATION_ELU,       /* alpha = low, gamma = high: Elu (gamma 1) and Selu */
        ACTIVATION_SOFTPLUS,
        ACTIVATION_MISH,
        ACTIVATION_ERF,
        ACTIVATION_EXP,
        ACTIVATION_SQRT,
        ACTIVATION_RECIPROCAL,
        ACTIVATION_ABS,
        ACTIVATION_NEG,
        ACTIVATION_CEIL,
        ACTIVATION_FLOOR,
        ACTIVATION_POW /* exponent = low */
    } activation;
    float low, high;
};

/* How a window slides over a batch of pictures, for convolution and pooling. Sizes in pixels; a
 * pixel's channels are consecutive, and pixels are in_ld (out_ld) floats apart, so a result can be
 * written into part of a wider one. */
struct kernel_window {
    size_t batch, height, width, channels, in_ld;
    size_t out_height, out_width, out_channels, out_ld;
    size_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
    size_t pad_top, pad_left, pad_bottom, pad_right;
    size_t groups;
};

/* One way to do a convolution. The engine takes that of kernels.convolutions which suits a node and
 * costs least. */
struct convolution {
    const char *name;
    int rounds_more; /* computes with sums of inputs and of weights: net_options.exact rules it out
                      */
    int (*suits)(const struct kernel_window *window);
    /* Estimated time, in multiply-adds of a large matrix product. */
    double (*cost)(const struct kernel_window *window);
    /* Bytes. The packed weights depend on channels, kernel and groups, not on the pictures. */
    size_t (*packed_size)(const struct kernel_window *window);
    /* From ONNX's O x I/groups x KH x KW; each weight is multiplied by out_scale[o] and in_scale[i]
     * (NULL: 1). */
    void (*pack)(const struct kernel_window *window, const float *weights, const float *out_scale,
                 const float *in_scale, float *packed);
    size_t (*scratch_size)(const struct kernel_window *window); /* bytes */
    void (*run)(const struct kernel_window *window, const float *in, const float *packed,
                float *out, const struct epilogue *epilogue, float *scratch);
};

enum binary {
    BINARY_ADD,
    BINARY_SUB,
    BINARY_MUL,
    BINARY_DIV,
    BINARY_MIN,
    BINARY_MAX,
    BINARY_PRELU
};

enum reduction { REDUCTION_SUM, REDUCTION_MEAN, REDUCTION_MAX, REDUCTION_MIN };

/* One side of an element-wise operation over outer x middle x inner: strides in elements, 0 where
 * it is broadcast. The inner stride is 0 or 1. */
struct operand {
    const float *data;
    size_t outer, middle, inner;
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

    const struct convolution *const *convolutions; /* NULL after the last, which suits everything */

    void (*max_pool)(const struct kernel_window *window, const float *in, float *out);
    /* Padding counts as zeros when include_pad; beyond the padding nothing counts. */
    void (*average_pool)(const struct kernel_window *window, int include_pad, const float *in,
                         float *out);
    /* Over all `pixels` of each picture: the mean, or the maximum. Results are `channels` apart. */
    void (*global_average)(size_t batch, size_t pixels, size_t channels, size_t ld, const float *in,
                           float *out);
    void (*global_max)(size_t batch, size_t pixels, size_t channels, size_t ld, const float *in,
                       float *out);

    /* out[outer][middle][inner] = activation(a op b), out_outer and out_middle floats apart. May
     * run in place on an operand that is not broadcast. Of the epilogue only the activation counts;
     * NULL for none. */
    void (*binary)(enum binary op, size_t outer, size_t middle, size_t inner,
                   const struct operand *a, const struct operand *b, float *out, size_t out_outer,
                   size_t out_middle, const struct epilogue *epilogue);
    /* out[row][c] = activation(in[row][c] * scale[c] + shift[c]); rows are in_ld (out_ld) floats
     * apart; may run in place. */
    void (*scale_shift)(size_t rows, size_t channels, const float *in, size_t in_ld,
                        const float *scale, const float *shift, float *out, size_t out_ld,
                        const struct epilogue *epilogue);
    /* out[row][c] = activation(in[row][c]); rows are in_ld (out_ld) floats apart; may run in place.
     */
    void (*activate)(size_t rows, size_t channels, const float *in, size_t in_ld, float *out,
                     size_t out_ld, const struct epilogue *epilogue);
    /* Each row of n: exp(x - max) / sum; may run in place. */
    void (*softmax)(size_t rows, size_t n, const float *in, float *out);
    /* Each row of channels x length: (x - mean) / sqrt(variance + epsilon) * scale[c] + shift[c],
     * where row r begins with channel r * channels % period; NULL: no scale, no shift. May run in
     * place. Layer normalisation is channels = period = n, length = 1; instance normalisation
     * channels = 1, period = C; group normalisation channels = C / groups, period = C. */
    void (*normalize)(size_t rows, size_t channels, size_t length, size_t period, float epsilon,
                      const float *in, const float *scale, const float *shift, float *out);
    /* outer x n x inner to outer x inner; n at least 1. */
    void (*reduce)(enum reduction op, size_t outer, size_t n, size_t inner, const float *in,
                   float *out);
    /* out[row][c] = in[row][c] / (bias + alpha / size * sum of squares of `size` channels around c)
     * ^ beta */
    void (*lrn)(size_t rows, size_t channels, size_t size, float alpha, float beta, float bias,
                const float *in, float *out);
    /* out[row][c * groups + g] = in[g][row][c], rows in_ld[g] (out_ld) floats apart. */
    void (*shuffle)(size_t rows, size_t groups, size_t channels, const float *const *in,
                    const size_t *in_ld, float *out, size_t out_ld);
    /* Between ONNX's N x C x P (P pixels), dense, and N x P x C, whose pixels are `ld` floats
     * apart. */
    void (*to_nhwc)(size_t batch, size_t channels, size_t pixels, const float *in, float *out,
                    size_t ld);
    void (*to_nchw)(size_t batch, size_t channels, size_t pixels, const float *in, size_t ld,
                    float *out);
};

/* The best table this processor runs, or the one that IMGUTILS_ISA names when the processor runs
 * it. */
const struct kernels *kernels_best(void);
/* The i-th table that this processor runs, best first; NULL after the last. For tests. */
const struct kernels *kernels_at(size_t i);

#endif
