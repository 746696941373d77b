/* Numbers from options and files: what is accepted, what is refused, and that f32 as text comes
 * back. */
#include "base/number.h"
#include "base/random.h"
#include "tests/tap.h"

#include <math.h>

static void test_integers(void)
{
    static const struct {
        const char *text;
        int64_t low, high, value;
        int good;
    } cases[] = {
        {"0", 0, 9, 0, 1},
        {"9", 0, 9, 9, 1},
        {"10", 0, 9, 0, 0},
        {"-1", 0, 9, 0, 0},
        {"-5", -9, 9, -5, 1},
        {"", 0, 9, 0, 0},
        {" 5", 0, 9, 0, 0},
        {"\t5", 0, 9, 0, 0},
        {"5 ", 0, 9, 0, 0},
        {"5x", 0, 9, 0, 0},
        {"0x5", 0, 9, 0, 0},
        {"5.0", 0, 9, 0, 0},
        {"1e3", 0, 9999, 0, 0},
        {"007", 0, 9, 7, 1},
        {"x", 0, 9, 0, 0},
        {"9223372036854775807", 0, INT64_MAX, INT64_MAX, 1},
        {"9223372036854775808", 0, INT64_MAX, 0, 0},
        {"-9223372036854775808", INT64_MIN, 0, INT64_MIN, 1},
        {"99999999999999999999999999", INT64_MIN, INT64_MAX, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 0;
        struct error err = {0};
        enum status status =
            number_integer(cases[i].text, cases[i].low, cases[i].high, &value, &err);
        ok(status == (cases[i].good ? STATUS_OK : STATUS_USAGE) && value == cases[i].value,
           "integer '%s': %lld %s", cases[i].text + (cases[i].text[0] == '\t'), (long long)value,
           err.text);
    }
}

static void test_reals(void)
{
    static const struct {
        const char *text;
        double value;
        int good;
    } cases[] = {{"1", 1, 1},    {"-2.5e3", -2500, 1}, {".5", 0.5, 1},  {"1e-320", 1e-320, 1},
                 {"", 0, 0},     {" 1", 0, 0},         {"\n1", 0, 0},   {"1,5", 0, 0},
                 {"nan", 0, 0},  {"inf", 0, 0},        {"1e999", 0, 0}, {"-1e999", 0, 0},
                 {"1.5 ", 0, 0}, {"one", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 0;
        enum status status = number_real(cases[i].text, &value, NULL);
        ok(status == (cases[i].good ? STATUS_OK : STATUS_USAGE) &&
               (status || value == cases[i].value),
           "real number %zu", i);
    }
}

static void test_ranges(void)
{
    struct error err;
    double value = 0;
    ok(number_within("0.5", 0.5, 1, &value, &err) == STATUS_OK && value == 0.5, "the least");
    ok(number_within("1", 0.5, 1, &value, &err) == STATUS_OK && value == 1, "the most");
    same_int(number_within("1.01", 0.5, 1, &value, &err), STATUS_USAGE, "more than that");
    same_text(err.text, "1.01 is not within 0.5 to 1", "the message says the range");
    same_int(number_within("one", 0.5, 1, &value, &err), STATUS_USAGE, "no number");
}

static void test_lists(void)
{
    static const struct {
        const char *text;
        size_t count; /* 0: refused */
    } cases[] = {{"1", 1},  {"1,2.5,-3", 3}, {"1,2,3,4", 0}, {"", 0},
                 {"1,", 0}, {",1", 0},       {"1,,2", 0},    {"1;2", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double values[3] = {0};
        size_t count = 0;
        enum status status = number_reals(cases[i].text, values, 3, &count, NULL);
        ok(cases[i].count ? status == STATUS_OK && count == cases[i].count : status == STATUS_USAGE,
           "list '%s'", cases[i].text);
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        int width, height; /* 0: refused */
    } cases[] = {{"224", 224, 224},
                 {"320x240", 320, 240},
                 {"1x65535", 1, 65535},
                 {"65536", 0, 0},
                 {"0", 0, 0},
                 {"0x5", 0, 0},
                 {"5x0", 0, 0},
                 {"x5", 0, 0},
                 {"5x", 0, 0},
                 {"5X5", 0, 0},
                 {"-5", 0, 0},
                 {"5x-5", 0, 0},
                 {" 5", 0, 0},
                 {"5x5x5", 0, 0},
                 {"", 0, 0},
                 {"99999999999999999999", 0, 0},
                 {"5x 5", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int width = 0, height = 0;
        enum status status = number_size(cases[i].text, &width, &height, NULL);
        ok(cases[i].width
               ? status == STATUS_OK && width == cases[i].width && height == cases[i].height
               : status == STATUS_USAGE,
           "size '%s'", cases[i].text);
    }
}

static void test_format(void)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0.1f, "0.1"},
                 {128, "128"},
                 {1e-5f, "1e-05"},
                 {0, "0"},
                 {-0.0f, "-0"},
                 {1.0f / 3, "0.33333334"},
                 {16777216, "16777216"},
                 {-2.5f, "-2.5"},
                 {90, "90"},
                 {-100, "-100"},
                 {999999936, "999999936"},
                 {1e9f, "1e+09"},
                 {INFINITY, "inf"}};
    struct random random;
    char text[NUMBER_TEXT];
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_text(number_format(cases[i].value, text), cases[i].text, cases[i].text);
    random_seed(&random, 1);
    for (int i = 0; i < 100000; i++) {
        uint32_t bits = (uint32_t)random_next(&random);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value))
            continue;
        wrong += strtof(number_format(value, text), NULL) != value;
    }
    same_int(wrong, 0, "100000 numbers come back from their text");
}

static void test_bytes(void)
{
    unsigned char bytes[8];
    put_le64(bytes, UINT64_C(0x0123456789abcdef));
    ok(memcmp(bytes, "\xef\xcd\xab\x89\x67\x45\x23\x01", 8) == 0, "64 bits, the lowest first");
    ok(get_le64(bytes) == UINT64_C(0x0123456789abcdef) && get_le32(bytes) == 0x89abcdef &&
           get_le16(bytes) == 0xcdef,
       "and back");
}

int main(void)
{
    test_integers();
    test_reals();
    test_ranges();
    test_lists();
    test_sizes();
    test_format();
    test_bytes();
    return tap_done();
}
