/* The kernels against plain double-precision loops, for every instruction set that this processor
 * runs. */
#include "nn/kernels/kernels.h"

#include "base/memory.h"
#include "base/random.h"
#include "tests/tap.h"

#include <math.h>

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
    }
    return 0;
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

int main(void)
{
    random_seed(&numbers, 1);
    for (size_t i = 0; kernels_at(i); i++)
        test_gemm(kernels_at(i));
    return tap_done();
}
