/* Elements of any type as f32, f64 or i64 and back, so that an operator is written once or twice,
 * not ten times. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

int is_float(enum element_type type)
{
    return type == ELEMENT_F16 || type == ELEMENT_BF16 || type == ELEMENT_F32 ||
           type == ELEMENT_F64;
}

int64_t real_to_int(double value)
{
    if (isnan(value))
        return 0;
    if (value >= 0x1p63)
        return INT64_MAX;
    if (value < -0x1p63)
        return INT64_MIN;
    return (int64_t)value;
}

#define SAME(x)        (x)
#define INT_OF_F16(x)  real_to_int((double)f16_to_f32(x))
#define INT_OF_BF16(x) real_to_int((double)bf16_to_f32(x))
#define INT_OF_REAL(x) real_to_int((double)(x))

/* One case of a switch over the element type: count elements, each through get(). */
#define READ(element, c_type, get, result)                                                         \
    case element: {                                                                                \
        const c_type *at = from;                                                                   \
        for (int64_t i = 0; i < count; i++, at += stride)                                          \
            to[i] = (result)get(*at);                                                              \
        return;                                                                                    \
    }
#define READ_INTEGERS(result)                                                                      \
    READ(ELEMENT_U8, uint8_t, SAME, result)                                                        \
    READ(ELEMENT_I8, int8_t, SAME, result)                                                         \
    READ(ELEMENT_U16, uint16_t, SAME, result)                                                      \
    READ(ELEMENT_I16, int16_t, SAME, result)                                                       \
    READ(ELEMENT_I32, int32_t, SAME, result)                                                       \
    READ(ELEMENT_I64, int64_t, SAME, result)
#define READ_REALS(result)                                                                         \
    READ_INTEGERS(result)                                                                          \
    READ(ELEMENT_F16, uint16_t, f16_to_f32, result)                                                \
    READ(ELEMENT_BF16, uint16_t, bf16_to_f32, result)                                              \
    READ(ELEMENT_F32, float, SAME, result)                                                         \
    READ(ELEMENT_F64, double, SAME, result)

void to_floats(enum element_type type, const void *from, int64_t stride, int64_t count, float *to)
{
    switch (type) {
        READ_REALS(float)
    default:
        return;
    }
}

void to_doubles(enum element_type type, const void *from, int64_t stride, int64_t count, double *to)
{
    switch (type) {
        READ_REALS(double)
    default:
        return;
    }
}

void to_ints(enum element_type type, const void *from, int64_t stride, int64_t count, int64_t *to)
{
    switch (type) {
        READ_INTEGERS(int64_t)
        READ(ELEMENT_F16, uint16_t, INT_OF_F16, int64_t)
        READ(ELEMENT_BF16, uint16_t, INT_OF_BF16, int64_t)
        READ(ELEMENT_F32, float, INT_OF_REAL, int64_t)
        READ(ELEMENT_F64, double, INT_OF_REAL, int64_t)
    default:
        return;
    }
}

#define WRITE(element, c_type, put)                                                                \
    case element: {                                                                                \
        c_type *at = to;                                                                           \
        for (int64_t i = 0; i < count; i++)                                                        \
            at[i] = (c_type)put(from[i]);                                                          \
        return;                                                                                    \
    }
#define WRITE_INTEGERS(put)                                                                        \
    WRITE(ELEMENT_U8, uint8_t, put)                                                                \
    WRITE(ELEMENT_I8, int8_t, put)                                                                 \
    WRITE(ELEMENT_U16, uint16_t, put)                                                              \
    WRITE(ELEMENT_I16, int16_t, put)                                                               \
    WRITE(ELEMENT_I32, int32_t, put)                                                               \
    WRITE(ELEMENT_I64, int64_t, put)
#define HALF(x)  f32_to_f16((float)(x))
#define BRAIN(x) f32_to_bf16((float)(x))
#define WRITE_FLOATS                                                                               \
    WRITE(ELEMENT_F16, uint16_t, HALF)                                                             \
    WRITE(ELEMENT_BF16, uint16_t, BRAIN)                                                           \
    WRITE(ELEMENT_F32, float, SAME)                                                                \
    WRITE(ELEMENT_F64, double, SAME)

void from_floats(enum element_type type, const float *from, int64_t count, void *to)
{
    switch (type) {
        WRITE_INTEGERS(INT_OF_REAL)
        WRITE_FLOATS
    default:
        return;
    }
}

void from_doubles(enum element_type type, const double *from, int64_t count, void *to)
{
    switch (type) {
        WRITE_INTEGERS(INT_OF_REAL)
        WRITE_FLOATS
    default:
        return;
    }
}

void from_ints(enum element_type type, const int64_t *from, int64_t count, void *to)
{
    switch (type) {
        WRITE_INTEGERS(SAME)
        WRITE_FLOATS
    default:
        return;
    }
}

static const void *element(const struct tensor *tensor, int64_t i)
{
    return (const char *)tensor->data + (size_t)i * element_size(tensor->type);
}

int64_t op_int_at(const struct tensor *tensor, int64_t i)
{
    int64_t value = 0;
    to_ints(tensor->type, element(tensor, i), 1, 1, &value);
    return value;
}

double op_real_at(const struct tensor *tensor, int64_t i)
{
    double value = 0;
    to_doubles(tensor->type, element(tensor, i), 1, 1, &value);
    return value;
}
