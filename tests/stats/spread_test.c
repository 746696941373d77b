/* Would break: least, median and most of sizes. */
#include "base/random.h"
#include "stats/spread.h"
#include "tests/tap.h"

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

int main(void)
{
    enum { COUNT = 5001 };
    static uint64_t values[COUNT];
    static const uint64_t edges[] = {0, 1, 2047, 2048, 4095, 4096, UINT32_MAX, UINT64_MAX};
    struct spread spread = {0};
    struct random random;
    struct error err;
    double off;
    same_int((long long)spread_median(&spread), 0, "no numbers: 0");
    random_seed(&random, 1);
    for (int i = 0; i < COUNT; i++) {
        values[i] = random_below(&random, 2000);
        spread_add(&spread, values[i], &err);
    }
    qsort(values, COUNT, sizeof *values, ascending);
    same_int((long long)spread_median(&spread), (long long)values[COUNT / 2],
             "exact for small numbers");
    same_int((long long)spread.least, (long long)values[0], "least");
    same_int((long long)spread.most, (long long)values[COUNT - 1], "most");
    spread_free(&spread);
    for (int i = 0; i < COUNT; i++) {
        values[i] = random_next(&random) >> random_below(&random, 60);
        spread_add(&spread, values[i], &err);
    }
    qsort(values, COUNT, sizeof *values, ascending);
    off = (double)spread_median(&spread) / (double)values[COUNT / 2] - 1;
    near(off, 0, 0.001, "within 0.1 % for large ones");
    spread_free(&spread);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        spread_add(&spread, edges[i], &err);
        ok(spread_median(&spread) == edges[i], "a single number is its own median: %llu",
           (unsigned long long)edges[i]);
        spread_free(&spread);
    }
    spread_add(&spread, 10, &err);
    spread_add(&spread, 20, &err);
    same_int((long long)spread_median(&spread), 10, "of two, the lower");
    spread_free(&spread);
    return tap_done();
}
