/* Element types and shapes; f16 and bf16 conversions against their definition, exhaustively. If
 * this fails, weights and tensors of these types are silently wrong. */
#include "base/tensor.h"
#include "tests/tap.h"

#include <math.h>

/* The value of a binary format with that many exponent and mantissa bits, by the definition of IEEE
 * 754. */
static double value_of(unsigned bits, int exponent_bits, int mantissa_bits)
{
    int exponent = (int)(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    int mantissa = (int)(bits & ((1U << mantissa_bits) - 1));
    int bias = (1 << (exponent_bits - 1)) - 1;
    double sign = bits >> (exponent_bits + mantissa_bits) ? -1.0 : 1.0;
    if (exponent == (1 << exponent_bits) - 1)
        return mantissa ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
    return sign * ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
}

static int same_value(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

struct half {
    const char *name;
    int exponent_bits, mantissa_bits;
    float (*widen)(uint16_t half);
    uint16_t (*narrow)(float value);
};

/* Between two neighbours: just below the middle, the middle (to the even one), just above it. */
static int rounds_well(const struct half *half, unsigned low)
{
    float a = half->widen((uint16_t)low), b = half->widen((uint16_t)(low + 1));
    float middle = (float)(((double)a + (double)b) / 2); /* exact: one bit more than a half has */
    unsigned even = low & 1 ? low + 1 : low;
    return half->narrow(nextafterf(middle, a)) == low &&
           half->narrow(nextafterf(middle, b)) == low + 1 && half->narrow(middle) == even &&
           half->narrow(-middle) == (even | 0x8000);
}

static void test_half(const struct half *half)
{
    const unsigned infinity = ((1U << half->exponent_bits) - 1) << half->mantissa_bits;
    int wide = 0, back = 0, rounded = 0;
    double largest = value_of(infinity - 1, half->exponent_bits, half->mantissa_bits);
    double ulp = largest - value_of(infinity - 2, half->exponent_bits, half->mantissa_bits);
    for (unsigned bits = 0; bits < 65536; bits++) {
        float value = half->widen((uint16_t)bits);
        uint16_t again = half->narrow(value);
        wide +=
            !same_value((double)value, value_of(bits, half->exponent_bits, half->mantissa_bits));
        back +=
            isnan(value) ? !isnan(half->widen(again)) || (again ^ bits) & 0x8000 : again != bits;
    }
    ok(wide == 0, "%s: all 65536 values are those of the definition", half->name);
    ok(back == 0, "%s: each comes back", half->name);
    for (unsigned low = 0; low + 1 < infinity; low++)
        rounded += !rounds_well(half, low);
    ok(rounded == 0, "%s: rounds to nearest, ties to even, between all neighbours", half->name);
    ok(half->narrow((float)(largest + ulp / 2)) == infinity,
       "%s: half a step above the largest is infinity", half->name);
    ok(half->narrow(nextafterf((float)(largest + ulp / 2), 0)) == infinity - 1,
       "%s: just below is not", half->name);
    ok(half->narrow(INFINITY) == infinity && half->narrow(-INFINITY) == (infinity | 0x8000),
       "%s: infinities", half->name);
    ok(half->narrow(0x1p-149f) == 0 || half->exponent_bits == 8, "%s: the smallest f32 is zero",
       half->name);
}

static void test_shapes(void)
{
    static const struct {
        struct shape shape;
        int64_t count, bytes; /* of f32 */
        const char *text;
    } cases[] = {
        {{0, {0}}, 1, 4, "scalar"},
        {{1, {7}}, 7, 28, "7"},
        {{3, {2, 3, 4}}, 24, 96, "2x3x4"},
        {{3, {2, 0, 4}}, 0, 0, "2x0x4"},
        {{2, {3, -1}}, -1, -1, "3x-1"},
        {{2, {0, -1}}, -1, -1, "0x-1"},
        {{2, {INT64_C(1) << 31, INT64_C(1) << 31}}, INT64_C(1) << 62, -1, "2147483648x2147483648"},
        {{3, {INT64_C(1) << 31, INT64_C(1) << 31, 2}}, -1, -1, "2147483648x2147483648x2"},
        {{2, {INT64_MAX, INT64_MAX}}, -1, -1, "9223372036854775807x9223372036854775807"},
        {{8,
          {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN}},
         -1,
         -1,
         "-9223372036854775808x-9223372036854775808x-9223372036854775808x-9223372036854775808x"
         "-9223372036854775808x-9223372036854775808x-9223372036854775808x-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SHAPE_TEXT];
        same_text(shape_format(&cases[i].shape, text), cases[i].text, "shape as text");
        same_int(shape_count(&cases[i].shape), cases[i].count, "its elements");
        same_int(shape_bytes(&cases[i].shape, ELEMENT_F32), cases[i].bytes, "its bytes");
    }
    ok(shape_equal(&cases[2].shape, &cases[2].shape) &&
           !shape_equal(&cases[2].shape, &cases[3].shape) &&
           !shape_equal(&cases[1].shape, &cases[2].shape),
       "shapes are compared by rank and dimensions");
}

static void test_types(void)
{
    static const size_t sizes[ELEMENT_TYPES] = {1, 1, 1, 2, 2, 4, 8, 2, 2, 4, 8};
    for (int type = ELEMENT_NONE; type < ELEMENT_TYPES; type++) {
        const char *name = element_name((enum element_type)type);
        same_int((long long)element_size((enum element_type)type), (long long)sizes[type], name);
        same_int(element_parse(name), type, "is found by its name");
    }
    same_int(element_parse("f128"), ELEMENT_NONE, "no such type");
    same_int(element_parse(""), ELEMENT_NONE, "no type without a name");
}

int main(void)
{
    static const struct half halves[] = {{"f16", 5, 10, f16_to_f32, f32_to_f16},
                                         {"bf16", 8, 7, bf16_to_f32, f32_to_bf16}};
    test_half(&halves[0]);
    test_half(&halves[1]);
    test_shapes();
    test_types();
    return tap_done();
}
