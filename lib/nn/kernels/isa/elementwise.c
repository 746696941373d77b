/* Element-wise operations and local response normalisation: bound by memory, read once. */
#include "nn/kernels/isa/vmath.h"

INLINE vec apply(const enum binary op, vec a, vec b)
{
    switch (op) {
    case BINARY_ADD:
        return a + b;
    case BINARY_SUB:
        return a - b;
    case BINARY_MUL:
        return a * b;
    case BINARY_DIV:
        return a / b;
    case BINARY_MIN:
        return vmin(a, b);
    case BINARY_MAX:
        return vmax(a, b);
    case BINARY_PRELU:
        return choose(a < 0, a * b, a);
    }
    return a;
}

INLINE void run(const enum binary op, size_t inner, const float *a, size_t a_step, const float *b,
                size_t b_step, float *out, const struct epilogue *epilogue)
{
    for (size_t i = 0; i < inner; i += VW) {
        size_t left = inner - i;
        vec left_side = a_step ? load_up_to(a + i, left) : splat(*a);
        vec right_side = b_step ? load_up_to(b + i, left) : splat(*b);
        vec x = apply(op, left_side, right_side);
        store_up_to(out + i, epilogue ? ISA_NAME(activate)(epilogue, x) : x, left);
    }
}

void ISA_NAME(binary)(enum binary op, size_t outer, size_t middle, size_t inner,
                      const struct operand *a, const struct operand *b, float *out,
                      size_t out_outer, size_t out_middle, const struct epilogue *epilogue)
{
    for (size_t i = 0; i < outer; i++)
        for (size_t j = 0; j < middle; j++) {
            const float *x = a->data + i * a->outer + j * a->middle,
                        *y = b->data + i * b->outer + j * b->middle;
            float *to = out + i * out_outer + j * out_middle;
#define CASE(name)                                                                                 \
    case name:                                                                                     \
        run(name, inner, x, a->inner, y, b->inner, to, epilogue);                                  \
        break
            switch (op) {
                CASE(BINARY_ADD);
                CASE(BINARY_SUB);
                CASE(BINARY_MUL);
                CASE(BINARY_DIV);
                CASE(BINARY_MIN);
                CASE(BINARY_MAX);
                CASE(BINARY_PRELU);
            }
#undef CASE
        }
}

void ISA_NAME(scale_shift)(size_t rows, size_t channels, const float *in, size_t in_ld,
                           const float *scale, const float *shift, float *out, size_t out_ld,
                           const struct epilogue *epilogue)
{
    for (size_t row = 0; row < rows; row++, in += in_ld, out += out_ld)
        for (size_t c = 0; c < channels; c += VW) {
            size_t left = channels - c;
            vec x = load_up_to(in + c, left) * load_up_to(scale + c, left) +
                    load_up_to(shift + c, left);
            store_up_to(out + c, epilogue ? ISA_NAME(activate)(epilogue, x) : x, left);
        }
}

/* x^-beta; networks have 3/4, which needs only roots. */
INLINE vec lrn_factor(vec x, float beta)
{
    if (beta == 0.75f) {
        vec root = vsqrt(x);
        return 1.0f / (root * vsqrt(root));
    }
    return vpow(x, -beta);
}

/* Where the window lies inside the channels, VW of them at a time; the others one by one. */
void ISA_NAME(lrn)(size_t rows, size_t channels, size_t size, float alpha, float beta, float bias,
                   const float *in, float *out)
{
    size_t before = (size - 1) / 2, after = size - 1 - before; /* ONNX: floor before, ceil after */
    float share = alpha / (float)size;
    for (size_t row = 0; row < rows; row++, in += channels, out += channels)
        for (size_t c = 0; c < channels;) {
            if (c >= before && c + VW + after <= channels) {
                vec sum = {0};
                for (size_t i = c - before; i <= c + after; i++)
                    sum += load(in + i) * load(in + i);
                store(out + c, load(in + c) * lrn_factor(bias + share * sum, beta));
                c += VW;
            } else {
                size_t from = c < before ? 0 : c - before,
                       to = c + after < channels ? c + after + 1 : channels;
                float sum = 0;
                for (size_t i = from; i < to; i++)
                    sum += in[i] * in[i];
                out[c] = in[c] * powf(bias + share * sum, -beta);
                c++;
            }
        }
}
