/* kernels/isa/vmath: the functions of math.h that networks use, for vectors of f32.
 *
 * The error bounds are against libm over all floats and hold on every instruction set
 * (tests/nn/kernels_test.c); "relative" is to the exact result. NaN gives NaN everywhere.
 */
#ifndef NN_KERNELS_VMATH_H
#define NN_KERNELS_VMATH_H

#include "nn/kernels/isa/isa.h"

#include <math.h>

/* A number's bits as an integer that wraps around: x may be a NaN. */
typedef uint32_t uvec __attribute__((vector_size(VW * 4)));

INLINE vec vabs(vec x)
{
    return (vec)((ivec)x & 0x7fffffff);
}
/* |x| with the sign of `sign`. */
INLINE vec vcopysign(vec x, vec sign)
{
    return (vec)(((ivec)x & 0x7fffffff) | ((ivec)sign & INT32_MIN));
}
INLINE vec vsqrt(vec x)
{
#if defined(__AVX512F__)
    return (vec)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
    return (vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__SSE2__)
    return (vec)_mm_sqrt_ps((__m128)x);
#else
    for (int i = 0; i < VW; i++)
        x[i] = sqrtf(x[i]);
    return x;
#endif
}
/* Exact. From 2^23 on every float is whole; NaN is not below it either. */
INLINE vec vfloor(vec x)
{
    ivec small = vabs(x) < 8388608.0f;
    vec inside = choose(small, x, (vec){0});
    vec whole = __builtin_convertvector(__builtin_convertvector(inside, ivec), vec);
    whole -= choose(whole > inside, splat(1), (vec){0});
    return choose(small, vcopysign(whole, x), x);
}
INLINE vec vceil(vec x)
{
    return -vfloor(-x);
}

/* exp(x), relative error below 2e-7 for -87 <= x <= 88, beyond which it stays as it is there, so
 * that sigmoid and softmax never see an infinity: x = n ln2 + r, |r| <= ln2/2; exp(r) by the
 * polynomial of Cephes' expf. */
INLINE vec vexp(vec x)
{
    vec clamped = vmin(splat(88.0f), vmax(splat(-87.0f), x));
    vec shifted =
        clamped * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: rounds to an integer in the low bits */
    vec power = (vec)(((uvec)shifted + 127) << 23); /* 2^n */
    vec n = shifted - 12582912.0f;
    vec r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
    vec p = splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * power;
}
/* exp(x) over the whole range, relative error below 5e-7 where the result is a normal number:
 * exp(x / 2) squared, which goes through the denormal numbers to 0 and to infinity. */
INLINE vec vexp_whole(vec x)
{
    vec root = vexp(x * 0.5f);
    return root * root;
}
INLINE vec vsigmoid(vec x)
{
    return 1.0f / (1.0f + vexp(-x));
}
/* x sigmoid(x); sigmoid(x) does not fall to 0, so x must not fall further either. */
INLINE vec vswish(vec x)
{
    return vmax(splat(-87), x) * vsigmoid(x);
}
/* exp(x) - 1 for x <= 0, absolute error below 2e-7. */
INLINE vec vexpm1_negative(vec x)
{
    return vexp(x) - 1.0f;
}
/* Relative error below 5e-7: below 0.625 Cephes' odd polynomial, above 1 - 2 / (exp(2|x|) + 1). */
INLINE vec vtanh(vec x)
{
    vec size = vabs(x), s = x * x, far = 1.0f - 2.0f / (vexp(size + size) + 1.0f);
    vec p = splat(-5.70498872745e-3f);
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    return vcopysign(choose(size < 0.625f, p * s * size + size, far), x);
}
/* Relative error below 5e-7. Minimax polynomials by N. Juffa: erf(x) / x in x^2 below 0.921875,
 * above it log(1 - erf(|x|)). erf(4) is 1 in f32. */
INLINE vec verf(vec x)
{
    vec t = vmin(splat(4), vabs(x)), s = t * t;
    vec near = splat(-5.96761703e-4f), far = t * -1.72853470e-5f + 3.83197126e-4f;
    near = near * s + 4.99119423e-3f;
    near = near * s - 2.67681349e-2f;
    near = near * s + 1.12819925e-1f;
    near = near * s - 3.76125336e-1f;
    near = near * s + 1.28379166e-1f;
    far = far * s + (t * -3.88396438e-3f + 2.42546219e-2f);
    far = far * t - 1.06777877e-1f;
    far = far * t - 6.34846687e-1f;
    far = far * t - 1.28717512e-1f;
    far = 1.0f - vexp(far * t - t);
    return vcopysign(choose(t < 0.921875f, near * t + t, far), x);
}
/* log(x) for normal x > 0, relative error below 3e-7 (absolute near 1): x = 2^n m with m in
 * [sqrt(1/2), sqrt(2)), log(m) by the polynomial of Cephes' logf. */
INLINE vec vlog_normal(vec x)
{
    ivec bits = (ivec)((uvec)x - 0x3f3504f3); /* sqrt(1/2) */
    vec n = __builtin_convertvector(bits >> 23, vec);
    vec r = (vec)((bits & 0x7fffff) + 0x3f3504f3) - 1.0f, s = r * r;
    vec p = splat(7.0376836292e-2f);
    p = p * r - 1.1514610310e-1f;
    p = p * r + 1.1676998740e-1f;
    p = p * r - 1.2420140846e-1f;
    p = p * r + 1.4249322787e-1f;
    p = p * r - 1.6668057665e-1f;
    p = p * r + 2.0000714765e-1f;
    p = p * r - 2.4999993993e-1f;
    p = p * r + 3.3333331174e-1f;
    p = p * r * s + n * -2.12194440e-4f - 0.5f * s;
    return r + p + n * 0.693359375f;
}
/* log(1 + exp(x)), absolute error below 3e-7, relative above 0: max(x, 0) + log(1 + exp(-|x|)). */
INLINE vec vsoftplus(vec x)
{
    vec t = vexp(-vabs(x));
    return vmax((vec){0}, x) + vlog_normal(1.0f + t);
}
/* x tanh(log(1 + exp(x))): with e = exp(x) that is x (e^2 + 2e) / (e^2 + 2e + 2). */
INLINE vec vmish(vec x)
{
    vec e = vexp(vmin(splat(20), x)), product = e * (e + 2.0f);
    return vmax(splat(-87), x) * (product / (product + 2.0f));
}
INLINE vec vgelu(vec x)
{
    return 0.5f * x * (1.0f + verf(x * 0.70710678f));
}
/* The approximation x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
INLINE vec vgelu_tanh(vec x)
{
    return 0.5f * x * (1.0f + vtanh(0.7978845608f * (x + 0.044715f * x * x * x)));
}
/* Exact for the exponents that networks have; others by libm. */
INLINE vec vpow(vec x, float exponent)
{
    if (exponent == 2)
        return x * x;
    if (exponent == 3)
        return x * x * x;
    for (int i = 0; i < VW; i++)
        x[i] = powf(x[i], exponent);
    return x;
}

#endif
