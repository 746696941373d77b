/* Would break: separators found where there are none, numbers that are off by a bit, rows that are
 * kept and not found. */
#include "base/isa.h"
#include "base/random.h"
#include "table/kept.h"
#include "table/masks_internal.h"
#include "table/table.h"
#include "tests/tap.h"

#include <stdint.h>

/* Bit by bit, for every byte value and place. */
static void masks(size_t set)
{
    enum { BLOCKS = 8, SIZE = BLOCKS * MASKS_BLOCK };
    unsigned char bytes[SIZE];
    uint64_t delimiters[BLOCKS], newlines[BLOCKS], quotes[BLOCKS];
    const struct masks found = {delimiters, newlines, quotes};
    struct random random;
    int wrong = 0;
    random_seed(&random, 1);
    for (int turn = 0; turn < 200; turn++) {
        int odd = 0, quote = turn % 3 ? '"' : -1, got;
        unsigned char delimiter = turn % 2 ? ',' : '\t';
        for (int i = 0; i < SIZE; i++) {
            static const unsigned char some[] = "ab,\t\n\"0\x80\xffz,";
            bytes[i] = turn < 100 ? some[random_below(&random, 10)]
                                  : (unsigned char)(32 + random_below(&random, 224));
            if (turn >= 100 && bytes[i] == '\\')
                bytes[i] = 'x';
            if (turn == 150)
                bytes[i] = (unsigned char)(i == 77 ? '\\' : 'x');
            if (turn == 151)
                bytes[i] = i == 500 ? 0 : 'x';
            odd |= (bytes[i] < 32 && bytes[i] != '\n' && bytes[i] != delimiter) || bytes[i] == '\\';
        }
        got = masks_at(set, bytes, BLOCKS, delimiter, quote, &found);
        wrong += got != odd;
        for (int i = 0; i < SIZE; i++) {
            uint64_t bit = UINT64_C(1) << (i % MASKS_BLOCK);
            int b = i / MASKS_BLOCK;
            wrong += ((delimiters[b] & bit) != 0) != (bytes[i] == delimiter);
            wrong += ((newlines[b] & bit) != 0) != (bytes[i] == '\n');
            wrong += ((quotes[b] & bit) != 0) != (quote >= 0 && bytes[i] == quote);
        }
    }
    ok(wrong == 0, "every bit of the masks, by %s", isa_name(isa_at(set)));
}

static void numbers(void)
{
    static const char *const none[] = {"",   ".",  "-",     "1e",    "0x10", "nan", "inf",
                                       "1 ", " 1", "1.2.3", "1e999", "+-1",  "1,5"};
    static const char *const some[] = {"0",
                                       "1",
                                       "-1",
                                       "+2",
                                       ".5",
                                       "5.",
                                       "1e3",
                                       "0.1",
                                       "0.99",
                                       "0.123456789012345",
                                       "123456789012345",
                                       "0.23454899999999998",
                                       "1234567890123456789",
                                       "00001.500",
                                       "9007199254740993",
                                       "1e-300"};
    struct random random;
    double number;
    int wrong = 0;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ok(!field_number((struct text){none[i], strlen(none[i])}, &number), "'%s' is no number",
           none[i]);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        ok(field_number((struct text){some[i], strlen(some[i])}, &number) &&
               number == strtod(some[i], NULL),
           "%s", some[i]);
    random_seed(&random, 2);
    for (int i = 0; i < 20000; i++) {
        char text[64];
        int size = snprintf(text, sizeof text, "%.*f", (int)random_below(&random, 14),
                            random_uniform(&random) * (i % 2 ? 1 : 1000));
        wrong += !field_number((struct text){text, (size_t)size}, &number) ||
                 number != strtod(text, NULL);
    }
    same_int(wrong, 0, "random decimals, to the last bit");
}

static struct text text_of(char *to, uint64_t number)
{
    return (struct text){to, (size_t)sprintf(to, "%llx", (unsigned long long)number)};
}

/* 20,000 keys with one to three rows each, and a row of several MiB. */
static void kept(void)
{
    const struct kept_options options = {.values = 2, .each = 1};
    enum { KEYS = 20000, LARGE = 3 << 20 };
    char key[32], first[32], *large = malloc(LARGE);
    struct kept *rows;
    struct error err;
    int wrong = 0;
    if (!large || kept_new(&options, &rows, &err) != STATUS_OK)
        return;
    memset(large, 'x', LARGE);
    for (int turn = 0; turn < 3; turn++)
        for (uint64_t i = 0; i < KEYS; i++) {
            struct text values[2] = {text_of(first, i * 10 + (uint64_t)turn),
                                     {large, i == 77 ? LARGE : (size_t)i % 200}};
            int fresh, expected = turn == 0;
            if (i % 3 < (uint64_t)turn)
                continue;
            if (kept_add(rows, text_of(key, i * 7919), values, &fresh, &err) != STATUS_OK ||
                fresh != expected)
                wrong++;
        }
    same_int(wrong, 0, "rows are added");
    same_int((long long)kept_keys(rows), KEYS, "the number of keys");
    for (uint64_t i = 0; i < 2 * KEYS; i++) {
        struct match match;
        struct text values[2];
        uint64_t count = 0;
        int more = kept_find(rows, text_of(key, i * 7919), &match);
        for (; more; more = kept_more(&match), count++) {
            struct text expected = text_of(first, i * 10 + count);
            kept_values(&match, values);
            wrong += values[0].size != expected.size ||
                     memcmp(values[0].at, expected.at, expected.size) != 0;
            wrong += values[1].size != (i == 77 ? (size_t)LARGE : (size_t)i % 200) ||
                     (values[1].size && values[1].at[values[1].size - 1] != 'x');
        }
        wrong += count != (i < KEYS ? i % 3 + 1 : 0);
    }
    same_int(wrong, 0, "all rows of each key are found, in their order, and no others");
    kept_free(rows);
    free(large);
}

static void limit(void)
{
    const struct kept_options options = {.values = 1, .limit = 1 << 20};
    struct kept *rows;
    struct match match;
    struct error err;
    char key[32];
    struct text value = {"0123456789", 10};
    if (kept_new(&options, &rows, &err) != STATUS_OK)
        return;
    for (uint64_t i = 0; i < 100000; i++)
        kept_add(rows, text_of(key, i), &value, NULL, &err);
    ok(kept_needs(rows) > 100000 * (2 + 10 + 8) && kept_needs(rows) < 100000 * 45,
       "what is needed is counted: %llu", (unsigned long long)kept_needs(rows));
    ok(kept_find(rows, text_of(key, 0), &match) && !kept_find(rows, text_of(key, 99999), &match),
       "what is beyond the limit is not kept");
    kept_free(rows);
}

int main(void)
{
    for (size_t i = 0; isa_at(i) < ISA_COUNT; i++)
        masks(i);
    numbers();
    kept();
    limit();
    return tap_done();
}
