/* The functions of one variable, for one vector and for many. */
#include "nn/kernels/isa/vmath.h"

vec ISA_NAME(activate)(const struct epilogue *epilogue, vec x)
{
    float low = epilogue->low, high = epilogue->high;
    switch (epilogue->activation) {
    case ACTIVATION_NONE:
        break;
    case ACTIVATION_RELU:
        return vmax(splat(0), x);
    case ACTIVATION_CLIP:
        return vmin(splat(high), vmax(splat(low), x));
    case ACTIVATION_LEAKY:
        return choose(x < 0, x * low, x);
    case ACTIVATION_SIGMOID:
        return vsigmoid(x);
    case ACTIVATION_HARDSIGMOID:
        return vmin(splat(1), vmax(splat(0), x * low + high));
    case ACTIVATION_HARDSWISH:
        return x * vmin(splat(1), vmax(splat(0), x * (1.0f / 6) + 0.5f));
    case ACTIVATION_SWISH:
        return vswish(x);
    case ACTIVATION_TANH:
        return vtanh(x);
    case ACTIVATION_GELU:
        return vgelu(x);
    case ACTIVATION_GELU_TANH:
        return vgelu_tanh(x);
    case ACTIVATION_ELU:
        return high * choose(x < 0, low * vexpm1_negative(x), x);
    case ACTIVATION_SOFTPLUS:
        return vsoftplus(x);
    case ACTIVATION_MISH:
        return vmish(x);
    case ACTIVATION_ERF:
        return verf(x);
    case ACTIVATION_EXP:
        return vexp_whole(x);
    case ACTIVATION_SQRT:
        return vsqrt(x);
    case ACTIVATION_RECIPROCAL:
        return 1.0f / x;
    case ACTIVATION_ABS:
        return vabs(x);
    case ACTIVATION_NEG:
        return -x;
    case ACTIVATION_CEIL:
        return vceil(x);
    case ACTIVATION_FLOOR:
        return vfloor(x);
    case ACTIVATION_POW:
        return vpow(x, low);
    }
    return x;
}

void ISA_NAME(activate_all)(size_t rows, size_t channels, const float *in, size_t in_ld, float *out,
                            size_t out_ld, const struct epilogue *epilogue)
{
    for (size_t row = 0; row < rows; row++, in += in_ld, out += out_ld)
        for (size_t c = 0; c < channels; c += VW)
            store_up_to(out + c, ISA_NAME(activate)(epilogue, load_up_to(in + c, channels - c)),
                        channels - c);
}
