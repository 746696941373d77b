/* Would break: labels counted under another name, a table that loses names as it grows. */
#include "stats/counts.h"
#include "tests/tap.h"

static void small(void)
{
    struct counts counts = {0};
    struct error err;
    size_t index = 9, *order;
    same_int((long long)counts_of(&counts, "cat"), 0, "nothing is counted in an empty table");
    counts_add(&counts, "dog", 2, &err);
    counts_add(&counts, "cat", 1, &err);
    counts_add(&counts, "", 3, &err);
    counts_add(&counts, "dog", 1, &err);
    same_int((long long)counts.size, 3, "three names");
    same_int((long long)counts_of(&counts, "dog"), 3, "counts add up");
    same_int((long long)counts_of(&counts, "do"), 0,
             "a name that is the beginning of another is another");
    same_int((long long)counts_total(&counts), 7, "total");
    counts_index(&counts, "cat", &index, &err);
    same_int((long long)index, 1, "indices follow the first occurrence");
    order = counts_by_name(&counts);
    ok(order && order[0] == 2 && order[1] == 1 && order[2] == 0, "order by name");
    free(order);
    order = counts_by_count(&counts);
    ok(order && order[0] == 2 && order[1] == 0 && order[2] == 1, "order by count, ties by name");
    free(order);
    counts_free(&counts);
}

static void many(void)
{
    enum { NAMES = 50000 };
    struct counts counts = {0};
    struct error err;
    int wrong = 0;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < NAMES; i++) {
            char name[32];
            size_t index = 0;
            snprintf(name, sizeof name, "class %d", i);
            counts_index(&counts, name, &index, &err);
            wrong += index != (size_t)i || strcmp(counts.names[index], name) != 0;
        }
    same_int(wrong, 0, "50,000 names keep their index while the table grows");
    same_int((long long)counts.size, NAMES, "none is kept twice");
    counts_free(&counts);
}

static void limited(void)
{
    struct counts counts = {.limit = 2};
    struct error err;
    counts_add(&counts, "a", 1, &err);
    counts_add(&counts, "b", 1, &err);
    counts_add(&counts, "c", 1, &err);
    counts_add(&counts, "d", 1, &err);
    counts_add(&counts, "a", 1, &err);
    same_int((long long)counts_of(&counts, "a"), 2, "limit: known names go on counting");
    same_int((long long)counts_of(&counts, COUNTS_OTHER), 2,
             "limit: the others are counted together");
    same_int((long long)counts_total(&counts), 5, "limit: nothing is lost");
    counts_free(&counts);
}

int main(void)
{
    small();
    many();
    limited();
    return tap_done();
}
