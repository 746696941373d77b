/* The kernels against plain double-precision loops, for every instruction set that this processor
 * runs. */
#include "nn/kernels/kernels.h"

#include "base/memory.h"
#include "base/random.h"
#include "tests/tap.h"

#include <float.h>
#include <math.h>
#include <string.h>

static struct random numbers;

static float *some(size_t count)
{
    float *data = memory_aligned((count + 1) * sizeof *data);
    for (size_t i = 0; data && i < count; i++)
        data[i] = (float)(random_uniform(&numbers) * 2 - 1);
    return data;
}

static double activated(const struct epilogue *e, double x)
{
    switch (e->activation) {
    case ACTIVATION_NONE:
        return x;
    case ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case ACTIVATION_CLIP:
        return fmin(fmax(x, e->low), e->high);
    case ACTIVATION_LEAKY:
        return x < 0 ? x * e->low : x;
    case ACTIVATION_SIGMOID:
        return 1 / (1 + exp(-x));
    case ACTIVATION_HARDSIGMOID:
        return fmin(fmax(x * e->low + e->high, 0), 1);
    case ACTIVATION_HARDSWISH:
        return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case ACTIVATION_SWISH:
        return x / (1 + exp(-x));
    case ACTIVATION_TANH:
        return tanh(x);
    case ACTIVATION_GELU:
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    case ACTIVATION_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / 3.14159265358979) * (x + 0.044715 * x * x * x)));
    case ACTIVATION_ELU:
        return e->high * (x < 0 ? e->low * expm1(x) : x);
    case ACTIVATION_SOFTPLUS:
        return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    case ACTIVATION_MISH:
        return x * tanh(x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)));
    case ACTIVATION_ERF:
        return erf(x);
    case ACTIVATION_EXP:
        return exp(x);
    case ACTIVATION_SQRT:
        return sqrt(x);
    case ACTIVATION_RECIPROCAL:
        return 1 / x;
    case ACTIVATION_ABS:
        return fabs(x);
    case ACTIVATION_NEG:
        return -x;
    case ACTIVATION_CEIL:
        return ceil(x);
    case ACTIVATION_FLOOR:
        return floor(x);
    case ACTIVATION_POW:
        return pow(x, e->low);
    }
    return 0;
}

/* The largest one in the first n columns of m rows. */
static double difference(size_t m, size_t n, size_t ld, const float *a, const float *b)
{
    double worst = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            worst = fmax(worst, fabs((double)a[i * ld + j] - (double)b[i * ld + j]));
    return worst;
}

/* The largest error, relative to the sum of magnitudes that could have cancelled. */
static double gemm_error(const struct kernels *kernels, size_t m, size_t n, size_t k,
                         int transposed, int accumulate, const struct epilogue *shape)
{
    size_t lda = k + 3, ldb = (transposed ? k : n) + 2, ldc = n + 5;
    float *a = some(m * lda + k), *b = some((transposed ? n : k) * ldb), *c = some(m * ldc),
          *before = some(m * ldc);
    float *bias = some(n), *residual = some(m * ldc);
    float *packed = memory_aligned(kernels->packed_size(k, n) + 64);
    struct epilogue epilogue = {0};
    double worst = 0;
    memcpy(before, c, m * ldc * sizeof *c);
    if (shape) {
        epilogue = *shape;
        epilogue.bias = shape->bias ? bias : NULL;
        epilogue.residual = shape->residual ? residual : NULL;
        epilogue.residual_ld = ldc;
    }
    kernels->pack_b(b, ldb, transposed, k, n, packed);
    kernels->gemm_packed(m, n, k, a, lda, packed, c, ldc, accumulate, shape ? &epilogue : NULL);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < ldc; j++) {
            double sum = accumulate ? before[i * ldc + j] : 0;
            for (size_t l = 0; l < k && j < n; l++)
                sum += (double)a[i * lda + l] * (transposed ? b[j * ldb + l] : b[l * ldb + j]);
            if (shape && j < n) {
                sum += epilogue.bias ? bias[j] : 0;
                sum += epilogue.residual ? residual[i * ldc + j] : 0;
                sum = activated(&epilogue, sum);
            }
            if (j >= n)
                sum = before[i * ldc + j]; /* beyond the columns nothing is written */
            worst = fmax(worst, fabs(c[i * ldc + j] - sum) / (1 + sqrt((double)k)));
        }
    if (epilogue.residual && !accumulate) { /* once more over the residual */
        kernels->gemm_packed(m, n, k, a, lda, packed, residual, ldc, 0, &epilogue);
        worst = fmax(worst, difference(m, n, ldc, residual, c) / (1 + sqrt((double)k)));
    }
    free(a), free(b), free(c), free(before), free(bias), free(residual), free(packed);
    return worst;
}

static void test_gemm(const struct kernels *kernels)
{
    static const size_t ms[] = {1, 2, 3, 5, 6, 7, 11, 13, 14, 15, 27, 29, 49, 230};
    static const size_t ns[] = {1, 3, 4, 8, 15, 16, 17, 31, 32, 33, 48, 49, 100};
    static const size_t ks[] = {0, 1, 2, 9, 64, 255, 256, 257, 600};
    double worst = 0;
    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
        for (size_t j = 0; j < sizeof ns / sizeof *ns; j++)
            for (size_t l = 0; l < sizeof ks / sizeof *ks; l++)
                worst = fmax(worst, gemm_error(kernels, ms[i], ns[j], ks[l], (i + l) & 1,
                                               (j + l) & 1, NULL));
    ok(worst < 3e-6, "%s gemm: every edge size (worst %.2g)", kernels->isa, worst);
    worst = 0;
    for (int activation = ACTIVATION_NONE; activation <= ACTIVATION_GELU; activation++)
        for (int with = 0; with < 8; with++)
            for (size_t j = 0; j < sizeof ns / sizeof *ns; j++) {
                static const float there;
                struct epilogue epilogue = {.bias = with & 1 ? &there : NULL,
                                            .residual = with & 2 ? &there : NULL,
                                            .activation = (enum activation)activation,
                                            .low = -0.25f,
                                            .high = 0.5f};
                worst = fmax(worst, gemm_error(kernels, 17, ns[j], with & 4 ? 300 : 20, 0, with & 1,
                                               &epilogue));
            }
    ok(worst < 3e-6, "%s gemm: every epilogue (worst %.2g)", kernels->isa, worst);
}

/* ---- convolution ---- */

/* Input, kernel, stride, dilation, pads (top left bottom right), channels in and out, groups. */
struct conv_case {
    size_t h, w, kh, kw, sh, sw, dh, dw, top, left, bottom, right, in, out, groups;
};
static const struct conv_case conv_cases[] = {
    {7, 7, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 40, 70, 1},
    {8, 9, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 33, 16, 1},
    {9, 11, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3, 35, 1},
    {15, 14, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 3, 24, 1},
    {9, 8, 3, 3, 1, 1, 2, 3, 2, 3, 1, 2, 5, 6, 1},
    {6, 7, 1, 7, 1, 1, 1, 1, 0, 3, 0, 3, 50, 8, 1},
    {6, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 12, 18, 3},
    {3, 3, 5, 5, 1, 1, 1, 1, 4, 4, 4, 4, 2, 3, 1},
    {10, 12, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 24, 24, 24},
    {11, 31, 3, 3, 2, 2, 1, 1, 0, 0, 1, 1, 40, 40, 40},
    {9, 25, 5, 3, 1, 1, 2, 2, 4, 2, 4, 2, 17, 17, 17},
    {2, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 7, 7, 7},
    {4, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 6, 12, 6},
    {9, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 32, 32, 8},
    {11, 15, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 40, 40, 5},
    {7, 9, 5, 3, 1, 1, 2, 3, 4, 3, 4, 3, 15, 45, 15},
    {8, 29, 3, 3, 3, 4, 1, 1, 0, 5, 1, 0, 60, 70, 2},
    {3, 2, 2, 2, 4, 1, 1, 1, 0, 0, 3, 9, 20, 60, 20},
    {30, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 70, 33, 1},
    {1, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {1, 9, 3, 3, 1, 1, 1, 1, 1, 0, 1, 2, 1, 17, 1},
    {13, 2, 3, 3, 1, 1, 1, 1, 0, 1, 0, 0, 17, 1, 1},
    {3, 3, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 31, 47, 1},
    {2, 3, 3, 3, 1, 1, 1, 1, 5, 7, 6, 4, 9, 16, 1},
    {8, 8, 3, 3, 1, 1, 1, 1, 2, 0, 0, 2, 16, 32, 1},
    {29, 35, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 130, 21, 1},
    {7, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 300, 40, 1},
};

static struct kernel_window window_of(const struct conv_case *c)
{
    struct kernel_window w = {.batch = 2,
                              .height = c->h,
                              .width = c->w,
                              .channels = c->in,
                              .in_ld = c->in + 3,
                              .out_channels = c->out,
                              .out_ld = c->out + 5,
                              .kernel_h = c->kh,
                              .kernel_w = c->kw,
                              .stride_h = c->sh,
                              .stride_w = c->sw,
                              .dilation_h = c->dh,
                              .dilation_w = c->dw,
                              .pad_top = c->top,
                              .pad_left = c->left,
                              .pad_bottom = c->bottom,
                              .pad_right = c->right,
                              .groups = c->groups};
    w.out_height = (c->h + c->top + c->bottom - (c->kh - 1) * c->dh - 1) / c->sh + 1;
    w.out_width = (c->w + c->left + c->right - (c->kw - 1) * c->dw - 1) / c->sw + 1;
    return w;
}

/* The pixel under tap (i, j) of the window of output (y, x); NULL in the padding. */
static const float *under(const struct kernel_window *w, const float *in, size_t image, size_t y,
                          size_t x, size_t i, size_t j)
{
    ptrdiff_t row = (ptrdiff_t)(y * w->stride_h + i * w->dilation_h) - (ptrdiff_t)w->pad_top;
    ptrdiff_t column = (ptrdiff_t)(x * w->stride_w + j * w->dilation_w) - (ptrdiff_t)w->pad_left;
    if (row < 0 || column < 0 || row >= (ptrdiff_t)w->height || column >= (ptrdiff_t)w->width)
        return NULL;
    return in + ((image * w->height + (size_t)row) * w->width + (size_t)column) * w->in_ld;
}

static double conv_at(const struct kernel_window *w, const float *in, const float *weights,
                      size_t image, size_t y, size_t x, size_t o)
{
    size_t channels = w->channels / w->groups, group = o / (w->out_channels / w->groups);
    double sum = 0;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < w->kernel_h; i++)
            for (size_t j = 0; j < w->kernel_w; j++) {
                const float *pixel = under(w, in, image, y, x, i, j);
                size_t at = ((o * channels + c) * w->kernel_h + i) * w->kernel_w + j;
                sum += pixel ? (double)pixel[group * channels + c] * weights[at] : 0;
            }
    return sum;
}

/* The largest error, relative to the largest result before the activation. `like` says which parts
 * of the epilogue there are. */
static double conv_error(const struct convolution *method, const struct kernel_window *w,
                         const struct epilogue *like)
{
    size_t pixels = w->batch * w->out_height * w->out_width, channels = w->channels / w->groups;
    float *in = some(w->batch * w->height * w->width * w->in_ld);
    float *weights = some(w->out_channels * channels * w->kernel_h * w->kernel_w),
          *bias = some(w->out_channels);
    float *out_scale = some(w->out_channels), *in_scale = some(w->channels);
    float *out = some(pixels * w->out_ld), *residual = some(pixels * w->out_ld),
          *before = some(pixels * w->out_ld);
    float *packed = memory_aligned(method->packed_size(w) + 64),
          *scratch = memory_aligned(method->scratch_size(w) + 64);
    struct epilogue epilogue = *like;
    double worst = 0, largest = 1;
    epilogue.bias = like->bias ? bias : NULL;
    epilogue.residual = like->residual ? residual : NULL;
    epilogue.residual_ld = w->out_ld;
    memcpy(before, out, pixels * w->out_ld * sizeof *out);
    method->pack(w, weights, out_scale, in_scale, packed);
    method->run(w, in, packed, out, &epilogue, scratch);
    for (size_t o = 0; o < w->out_channels; o++) /* what pack did with the scales */
        for (size_t c = 0; c < channels; c++)
            for (size_t t = 0; t < w->kernel_h * w->kernel_w; t++)
                weights[(o * channels + c) * w->kernel_h * w->kernel_w + t] *=
                    out_scale[o] * in_scale[o / (w->out_channels / w->groups) * channels + c];
    for (size_t p = 0; p < pixels; p++)
        for (size_t o = 0; o < w->out_ld; o++) {
            size_t image = p / (w->out_height * w->out_width), y = p / w->out_width % w->out_height,
                   x = p % w->out_width;
            double expected =
                before[p * w->out_ld + o]; /* beyond the channels nothing is written */
            if (o < w->out_channels) {
                expected = conv_at(w, in, weights, image, y, x, o) + (like->bias ? bias[o] : 0) +
                           (like->residual ? residual[p * w->out_ld + o] : 0);
                largest = fmax(largest, fabs(expected));
                expected = activated(like, expected);
            }
            worst = fmax(worst, fabs(out[p * w->out_ld + o] - expected));
        }
    if (epilogue.residual) { /* once more over the residual */
        method->run(w, in, packed, residual, &epilogue, scratch);
        worst = fmax(worst, difference(pixels, w->out_channels, w->out_ld, residual, out));
    }
    free(in), free(weights), free(bias), free(out_scale), free(in_scale), free(out), free(residual),
        free(before);
    free(packed), free(scratch);
    return worst / largest;
}

static void test_convolution(const struct kernels *kernels)
{
    for (const struct convolution *const *method = kernels->convolutions; *method; method++) {
        static const float there;
        static const struct epilogue endings[] = {
            {.bias = &there, .residual = &there, .activation = ACTIVATION_RELU},
            {.bias = &there, .activation = ACTIVATION_CLIP, .low = -0.5f, .high = 6},
            {.residual = &there, .activation = ACTIVATION_SWISH},
            {.activation = ACTIVATION_NONE},
            {.bias = &there, .activation = ACTIVATION_LEAKY, .low = 0.1f},
        };
        enum { ENDINGS = sizeof endings / sizeof *endings };
        double worst = 0, tolerance = (*method)->rounds_more ? 6e-6 : 1e-6;
        int count = 0, sane = 1;
        for (size_t i = 0; i < sizeof conv_cases / sizeof *conv_cases; i++) {
            struct kernel_window w = window_of(&conv_cases[i]);
            if (!(*method)->suits(&w))
                continue;
            for (size_t e = 0; e < (w.channels > 100 ? 1 : ENDINGS); e++)
                worst = fmax(worst, conv_error(*method, &w, &endings[e]));
            sane = sane && (*method)->cost(&w) > 0;
            count++;
        }
        ok(count > 0 && worst < tolerance, "%s convolution %s: %d cases (worst %.2g)", kernels->isa,
           (*method)->name, count, worst);
        ok(sane, "%s convolution %s: costs something", kernels->isa, (*method)->name);
    }
}

/* ---- pooling ---- */

static double pool_at(const struct kernel_window *w, const float *in, size_t image, size_t y,
                      size_t x, size_t c, int is_max, int include_pad)
{
    double most = -INFINITY, sum = 0;
    int inside = 0, counted = 0;
    for (size_t i = 0; i < w->kernel_h; i++)
        for (size_t j = 0; j < w->kernel_w; j++) {
            const float *pixel = under(w, in, image, y, x, i, j);
            counted +=
                y * w->stride_h + i * w->dilation_h < w->pad_top + w->height + w->pad_bottom &&
                x * w->stride_w + j * w->dilation_w < w->pad_left + w->width + w->pad_right;
            if (!pixel)
                continue;
            inside++;
            most = fmax(most, pixel[c]);
            sum += pixel[c];
        }
    return is_max ? most : sum / (include_pad ? counted : inside);
}

static void test_pool(const struct kernels *kernels)
{
    static const struct conv_case cases[] = {
        {9, 11, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 37, 37, 1},
        {8, 8, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 16, 16, 1},
        {7, 9, 3, 2, 1, 1, 2, 3, 1, 0, 1, 2, 5, 5, 1},
    };
    double worst = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int kind = 0; kind < 3; kind++) {
            struct kernel_window w = window_of(&cases[i]);
            size_t pixels = w.batch * w.out_height * w.out_width;
            float *in = some(w.batch * w.height * w.width * w.in_ld),
                  *out = some(pixels * w.out_ld);
            if (kind == 0)
                kernels->max_pool(&w, in, out);
            else
                kernels->average_pool(&w, kind == 2, in, out);
            for (size_t p = 0; p < pixels; p++)
                for (size_t c = 0; c < w.channels; c++) {
                    double expected = pool_at(&w, in, p / (w.out_height * w.out_width),
                                              p / w.out_width % w.out_height, p % w.out_width, c,
                                              kind == 0, kind == 2);
                    worst = fmax(worst, fabs(out[p * w.out_ld + c] - expected));
                }
            free(in), free(out);
        }
    ok(worst < 1e-6, "%s pooling over windows (worst %.2g)", kernels->isa, worst);
}

static void test_global(const struct kernels *kernels)
{
    enum { PIXELS = 49, CHANNELS = 37, LD = 40 };
    float *in = some((size_t)2 * PIXELS * LD), mean[2 * CHANNELS], most[2 * CHANNELS];
    double worst = 0;
    kernels->global_average(2, PIXELS, CHANNELS, LD, in, mean);
    kernels->global_max(2, PIXELS, CHANNELS, LD, in, most);
    for (size_t i = 0; i < 2; i++)
        for (size_t c = 0; c < CHANNELS; c++) {
            double sum = 0, largest = -INFINITY;
            for (size_t p = 0; p < PIXELS; p++) {
                sum += in[(i * PIXELS + p) * LD + c];
                largest = fmax(largest, in[(i * PIXELS + p) * LD + c]);
            }
            worst = fmax(worst, fabs(mean[i * CHANNELS + c] - sum / PIXELS));
            worst = fmax(worst, fabs(most[i * CHANNELS + c] - largest));
        }
    ok(worst < 1e-6, "%s pooling over whole pictures (worst %.2g)", kernels->isa, worst);
    free(in);
}

/* ---- element by element ---- */

static void test_binary(const struct kernels *kernels)
{
    enum { OUTER = 2, MIDDLE = 3, INNER = 37, ROW = INNER + 2, PLANE = MIDDLE * ROW + 5 };
    static const size_t strides[][3] = {
        {MIDDLE * INNER, INNER, 1}, {INNER, 0, 1}, {0, 0, 1}, {0, 0, 0}, {MIDDLE, 1, 0}};
    float *a = some(OUTER * MIDDLE * INNER), *b = some(OUTER * MIDDLE * INNER), out[OUTER * PLANE];
    double worst = 0;
    int spilled = 0;
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++)
        for (int op = BINARY_ADD; op <= BINARY_PRELU; op++) {
            struct operand left = {a, MIDDLE * INNER, INNER, 1},
                           right = {b, strides[i][0], strides[i][1], strides[i][2]};
            struct epilogue relu = {.activation = ACTIVATION_RELU};
            memset(out, 0x55, sizeof out);
            kernels->binary((enum binary)op, OUTER, MIDDLE, INNER, &left, &right, out, PLANE, ROW,
                            i & 1 ? &relu : NULL);
            for (size_t row = 0; row < OUTER * MIDDLE; row++)
                spilled += memcmp(out + row / MIDDLE * PLANE + row % MIDDLE * ROW + INNER,
                                  "UUUUUUUU", 2 * sizeof *out) != 0;
            for (size_t p = 0; p < OUTER * MIDDLE * INNER; p++) {
                double x = a[p], y = b[p / (MIDDLE * INNER) * right.outer +
                                       p / INNER % MIDDLE * right.middle + p % INNER * right.inner];
                double results[] = {
                    x + y, x - y, x * y, x / y, fmin(x, y), fmax(x, y), x < 0 ? x * y : x};
                double expected = i & 1 ? fmax(0, results[op]) : results[op];
                float got =
                    out[p / (MIDDLE * INNER) * PLANE + p / INNER % MIDDLE * ROW + p % INNER];
                worst = fmax(worst, fabs(got - expected) / (1 + fabs(expected)));
            }
        }
    same_int(spilled, 0, "binary operations leave alone what lies between the rows");
    ok(worst < 1e-6, "%s binary operations with broadcasting (worst %.2g)", kernels->isa, worst);
    free(a), free(b);
}

/* The bounds that kernels/isa/vmath.h states: the error is at most relative * |f(x)| + absolute. */
static const struct {
    enum activation activation;
    float low, high;
    double relative, absolute;
} functions[] = {
    {ACTIVATION_NONE, 0, 0, 0, 0},
    {ACTIVATION_RELU, 0, 0, 0, 0},
    {ACTIVATION_CLIP, -0.25F, 0.5F, 0, 0},
    {ACTIVATION_LEAKY, 0.25F, 0, 1e-7, 1e-45},
    {ACTIVATION_SIGMOID, 0, 0, 5e-7, 1e-37},
    {ACTIVATION_HARDSIGMOID, 0.2F, 0.5F, 2e-7, 1e-7},
    {ACTIVATION_HARDSWISH, 0, 0, 1e-6, 1e-6},
    {ACTIVATION_SWISH, 0, 0, 5e-7, 1e-35},
    {ACTIVATION_TANH, 0, 0, 5e-7, 1e-45},
    {ACTIVATION_GELU, 0, 0, 5e-7, 1e-6},
    {ACTIVATION_GELU_TANH, 0, 0, 1e-6, 1e-6},
    {ACTIVATION_ELU, 1.5F, 1.25F, 2e-7, 1e-6},
    {ACTIVATION_SOFTPLUS, 0, 0, 3e-7, 3e-7},
    {ACTIVATION_MISH, 0, 0, 1e-6, 1e-35},
    {ACTIVATION_ERF, 0, 0, 5e-7, 1e-45},
    {ACTIVATION_EXP, 0, 0, 5e-7, 1e-44},
    {ACTIVATION_SQRT, 0, 0, 1e-7, 0},
    {ACTIVATION_RECIPROCAL, 0, 0, 1e-7, 1e-45},
    {ACTIVATION_ABS, 0, 0, 0, 0},
    {ACTIVATION_NEG, 0, 0, 0, 0},
    {ACTIVATION_CEIL, 0, 0, 0, 0},
    {ACTIVATION_FLOOR, 0, 0, 0, 0},
    {ACTIVATION_POW, 2, 0, 1e-7, 1e-45},
    {ACTIVATION_POW, 3, 0, 2e-7, 1e-44},
    {ACTIVATION_POW, -0.75F, 0, 1e-7, 1e-45},
};

/* Is it what the function should give? NaN for NaN; where the result is no finite f32, the same
 * infinity or NaN; at infinity a limit of the form 0 * infinity may be NaN. */
static int is_close(double got, double expected, double relative, double absolute, float x)
{
    if (isnan(x) || isnan(expected) || isnan(got))
        return isinf(x) || (isnan(got) && (isnan(x) || isnan(expected)));
    if (fabs(expected) > FLT_MAX)
        return isinf(got) && (got > 0) == (expected > 0);
    return fabs(got - expected) <= relative * fabs(expected) + absolute;
}

/* Over all floats, of either sign, denormal and infinite: every 5003rd of the bit patterns. */
static void test_activate(const struct kernels *kernels)
{
    enum { COUNT = 4096 };
    static float in[COUNT], out[COUNT];
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        struct epilogue epilogue = {.activation = functions[f].activation,
                                    .low = functions[f].low,
                                    .high = functions[f].high};
        long wrong = 0;
        float where = 0, what = 0;
        uint64_t bits = 0;
        while (bits < UINT64_C(1) << 32) {
            size_t count = 0;
            for (; count < COUNT && bits < UINT64_C(1) << 32; bits += 5003) {
                uint32_t pattern = (uint32_t)bits;
                memcpy(&in[count++], &pattern, sizeof pattern);
            }
            in[0] = INFINITY, in[1] = -INFINITY, in[2] = NAN;
            kernels->activate(1, count, in, count, out, count, &epilogue);
            for (size_t i = 0; i < count; i++)
                if (!is_close(out[i], activated(&epilogue, in[i]), functions[f].relative,
                              functions[f].absolute, in[i])) {
                    wrong++;
                    where = in[i];
                    what = out[i];
                }
        }
        ok(wrong == 0, "%s activation %d over all floats (%ld wrong, last f(%g) = %g)",
           kernels->isa, (int)functions[f].activation, wrong, (double)where, (double)what);
    }
}

static void test_rows(const struct kernels *kernels)
{
    enum { ROWS = 3, N = 37, OUT = N + 3, IN = N - 2 };
    float *in = some(ROWS * N), *scale = some(N), *shift = some(N), out[ROWS * OUT];
    struct epilogue relu = {.activation = ACTIVATION_RELU};
    double worst = 0;
    int wrong = 0;
    memset(out, 0, sizeof out);
    kernels->scale_shift(ROWS, IN, in, N, scale, shift, out, OUT, NULL);
    for (int row = 0; row < ROWS; row++)
        for (int c = 0; c < OUT; c++) {
            double expected = c < IN ? (double)in[row * N + c] * scale[c] + shift[c] : 0;
            worst = fmax(worst, fabs(out[row * OUT + c] - expected));
        }
    ok(worst < 1e-6, "%s scale and shift (worst %.2g)", kernels->isa, worst);
    kernels->activate(ROWS, IN, in, N, out, OUT, &relu);
    for (int row = 0; row < ROWS; row++)
        for (int c = 0; c < OUT; c++)
            wrong += out[row * OUT + c] != (c < IN ? fmaxf(0, in[row * N + c]) : 0);
    same_int(wrong, 0, "activations of rows that lie apart");
    worst = 0;
    in[5] = 300, in[N] = -300;
    kernels->softmax(ROWS, N, in, out);
    for (int row = 0; row < ROWS; row++) {
        double sum = 0, most = -INFINITY;
        for (int i = 0; i < N; i++)
            most = fmax(most, in[row * N + i]);
        for (int i = 0; i < N; i++)
            sum += exp(in[row * N + i] - most);
        for (int i = 0; i < N; i++)
            worst = fmax(worst, fabs(out[row * N + i] - exp(in[row * N + i] - most) / sum));
    }
    ok(worst < 1e-6, "%s softmax (worst %.2g)", kernels->isa, worst);
    worst = 0;
    in[5] = in[N] = 1;
    for (int size = 1; size < 6; size++) {
        const float beta = size == 2 ? 0.6F : 0.75F;
        kernels->lrn(ROWS, N, (size_t)size, 0.5F, beta, 1, in, out);
        for (int i = 0; i < ROWS * N; i++) {
            double sum = 0;
            for (int j = i % N - (size - 1) / 2; j <= i % N + size / 2; j++)
                sum += j < 0 || j >= N ? 0 : (double)in[i / N * N + j] * in[i / N * N + j];
            worst = fmax(worst, fabs(out[i] - in[i] / pow(1 + 0.5 / size * sum, (double)beta)));
        }
    }
    ok(worst < 1e-6, "%s local response normalisation (worst %.2g)", kernels->isa, worst);
    free(in), free(scale), free(shift);
}

/* Rows of channels x length, as normalisation in double precision makes them. */
static void test_normalize(const struct kernels *kernels)
{
    static const struct {
        size_t rows, channels, length, period;
    } cases[] = {{5, 37, 1, 37}, {3, 16, 1, 16}, {6, 1, 50, 3}, {4, 3, 17, 6}, {2, 5, 1, 10}};
    const float epsilon = 1e-3F;
    double worst = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = cases[i].channels * cases[i].length, rows = cases[i].rows;
        float *in = some(rows * n), *scale = some(cases[i].period), *shift = some(cases[i].period),
              *out = some(rows * n), *plain = some(rows * n);
        kernels->normalize(rows, cases[i].channels, cases[i].length, cases[i].period, epsilon, in,
                           scale, shift, out);
        kernels->normalize(rows, cases[i].channels, cases[i].length, cases[i].period, epsilon, in,
                           NULL, NULL, plain);
        for (size_t at = 0; at < rows * n; at++) {
            const float *row = in + at / n * n;
            size_t c = (at / n * cases[i].channels + at % n / cases[i].length) % cases[i].period;
            double mean = 0, square = 0, expected;
            for (size_t j = 0; j < n; j++)
                mean += row[j] / (double)n;
            for (size_t j = 0; j < n; j++)
                square += (row[j] - mean) * (row[j] - mean) / (double)n;
            expected = (in[at] - mean) / sqrt(square + (double)epsilon);
            worst = fmax(worst, fabs(plain[at] - expected));
            worst = fmax(worst, fabs(out[at] - (expected * scale[c] + shift[c])));
        }
        free(in), free(scale), free(shift), free(out), free(plain);
    }
    ok(worst < 3e-6, "%s normalisations (worst %.2g)", kernels->isa, worst);
}

static void test_reduce(const struct kernels *kernels)
{
    static const size_t sizes[][3] = {{3, 37, 1}, {2, 5, 19}, {1, 1, 33}, {4, 64, 1}, {2, 9, 1}};
    double worst = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int op = REDUCTION_SUM; op <= REDUCTION_MIN; op++) {
            size_t m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
            float *in = some(m * n * k), *out = some(m * k);
            kernels->reduce((enum reduction)op, m, n, k, in, out);
            for (size_t at = 0; at < m * k; at++) {
                const float *first = in + at / k * n * k + at % k;
                double sum = 0, most = first[0], least = first[0];
                for (size_t j = 0; j < n; j++) {
                    sum += first[j * k];
                    most = fmax(most, first[j * k]);
                    least = fmin(least, first[j * k]);
                }
                sum = op == REDUCTION_MEAN  ? sum / (double)n
                      : op == REDUCTION_MAX ? most
                      : op == REDUCTION_MIN ? least
                                            : sum;
                worst = fmax(worst, fabs(out[at] - sum));
            }
            free(in), free(out);
        }
    ok(worst < 1e-5, "%s reductions (worst %.2g)", kernels->isa, worst);
}

static void test_layout(const struct kernels *kernels)
{
    enum { CHANNELS = 19, PIXELS = 35, COUNT = 2 * CHANNELS * PIXELS, LD = CHANNELS + 4 };
    float *in = some(COUNT), turned[2 * PIXELS * LD], back[COUNT];
    int wrong = 0;
    kernels->to_nhwc(2, CHANNELS, PIXELS, in, turned, LD);
    kernels->to_nchw(2, CHANNELS, PIXELS, turned, LD, back);
    for (int i = 0; i < 2; i++)
        for (int c = 0; c < CHANNELS; c++)
            for (int p = 0; p < PIXELS; p++)
                wrong += turned[(i * PIXELS + p) * LD + c] != in[(i * CHANNELS + c) * PIXELS + p];
    ok(wrong == 0 && memcmp(in, back, sizeof back) == 0, "%s layout there and back", kernels->isa);
    wrong = 0;
    for (size_t groups = 2; groups <= 3; groups++) {
        const float *parts[3] = {in, in + 7, in + 14};
        const size_t ld[3] = {CHANNELS, CHANNELS, CHANNELS};
        memset(turned, 0, sizeof turned);
        kernels->shuffle(PIXELS, groups, 5, parts, ld, turned, LD);
        for (size_t row = 0; row < PIXELS; row++)
            for (size_t c = 0; c < LD; c++)
                wrong += turned[row * LD + c] !=
                         (c < 5 * groups ? in[row * CHANNELS + c % groups * 7 + c / groups] : 0);
    }
    ok(wrong == 0, "%s channels shuffled", kernels->isa);
    free(in);
}

int main(void)
{
    random_seed(&numbers, 1);
    for (size_t i = 0; kernels_at(i); i++) {
        const struct kernels *kernels = kernels_at(i);
        test_gemm(kernels);
        test_convolution(kernels);
        test_pool(kernels);
        test_global(kernels);
        test_binary(kernels);
        test_activate(kernels);
        test_rows(kernels);
        test_normalize(kernels);
        test_reduce(kernels);
        test_layout(kernels);
    }
    return tap_done();
}
