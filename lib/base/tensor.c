#include "base/tensor.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} elements[ELEMENT_TYPES] = {
    [ELEMENT_NONE] = {"-", 1},  [ELEMENT_U8] = {"u8", 1},   [ELEMENT_I8] = {"i8", 1},
    [ELEMENT_U16] = {"u16", 2}, [ELEMENT_I16] = {"i16", 2}, [ELEMENT_I32] = {"i32", 4},
    [ELEMENT_I64] = {"i64", 8}, [ELEMENT_F16] = {"f16", 2}, [ELEMENT_BF16] = {"bf16", 2},
    [ELEMENT_F32] = {"f32", 4}, [ELEMENT_F64] = {"f64", 8},
};

size_t element_size(enum element_type type)
{
    return elements[type].size;
}

const char *element_name(enum element_type type)
{
    return elements[type].name;
}

enum element_type element_parse(const char *name)
{
    for (int type = ELEMENT_U8; type < ELEMENT_TYPES; type++)
        if (strcmp(name, elements[type].name) == 0)
            return (enum element_type)type;
    return ELEMENT_NONE;
}

int64_t shape_count(const struct shape *shape)
{
    const int64_t limit = INT64_C(1) << 62;
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++)
        if (shape->dim[i] < 0)
            return -1;
        else if (shape->dim[i] == 0)
            count = 0;
        else if (count > limit / shape->dim[i])
            return -1;
        else
            count *= shape->dim[i];
    return count;
}

int64_t shape_bytes(const struct shape *shape, enum element_type type)
{
    int64_t count = shape_count(shape);
    int64_t size = (int64_t)element_size(type);
    if (count < 0 || count > (INT64_C(1) << 62) / size)
        return -1;
    return count * size;
}

int shape_equal(const struct shape *a, const struct shape *b)
{
    if (a->rank != b->rank)
        return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return 0;
    return 1;
}

const char *shape_format(const struct shape *shape, char text[SHAPE_TEXT])
{
    size_t used = 0;
    if (shape->rank == 0)
        snprintf(text, SHAPE_TEXT, "scalar");
    for (int i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT - used, "%s%lld", i ? "x" : "",
                                 (long long)shape->dim[i]);
    return text;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float bits_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float f16_to_f32(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = (half >> 10) & 31;
    uint32_t mantissa = half & 1023;
    if (exponent == 31)
        return bits_float(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24 */
        float value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    return bits_float(sign | (exponent + 112) << 23 | mantissa << 13);
}

uint16_t f32_to_f16(float value)
{
    uint32_t bits = float_bits(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (magnitude >= 0x477ff000) /* 65520 and above round to infinity */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude <
        0x38800000) { /* below 2^-14: adding 0.5 leaves round(m * 2^24) in the low bits */
        uint32_t sum = float_bits(bits_float(magnitude) + 0.5f);
        return (uint16_t)(sign | (sum - 0x3f000000));
    }
    magnitude += 0xfff + ((magnitude >> 13) & 1) - (UINT32_C(112) << 23);
    return (uint16_t)(sign | magnitude >> 13);
}

float bf16_to_f32(uint16_t half)
{
    return bits_float((uint32_t)half << 16);
}

uint16_t f32_to_bf16(float value)
{
    uint32_t bits = float_bits(value);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 64);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
