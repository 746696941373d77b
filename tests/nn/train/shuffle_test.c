/* If this fails, records of a stream are lost in the buffer, learned more often than was asked for,
 * or before they were predicted, or stay in the order in which they came. */
#include "nn/train/data/shuffle.h"
#include "tests/tap.h"

enum { RECORDS = 1000, BATCH = 8, ROOM = 100, PLACES = ROOM + 2 * BATCH + 1 };

struct seen {
    int at[PLACES];       /* the record at a place */
    int learned[RECORDS]; /* how often */
    int predicted[RECORDS];
    int steps, early, twice, outside;
    uint64_t order;  /* of learning */
    double distance; /* between arrival and learning, in records */
};

static void learn(struct shuffle *shuffle, struct seen *seen, size_t count, int arrived)
{
    shuffle_draw(shuffle, count);
    for (size_t i = 0; i < count; i++) {
        int record = seen->at[shuffle->order[i]];
        seen->learned[record]++;
        seen->order = random_mix(seen->order + (uint64_t)record);
        seen->early += !seen->predicted[record];
        seen->distance += arrived - record;
        for (size_t k = 0; k < i; k++)
            seen->twice += shuffle->order[k] == shuffle->order[i];
    }
    shuffle_learned(shuffle, count);
    seen->steps++;
}

static void stream(int passes, uint64_t seed, struct seen *seen)
{
    struct shuffle shuffle;
    struct error err;
    int arrived = 0;
    memset(seen, 0, sizeof *seen);
    shuffle_new(PLACES, passes, seed, &shuffle, &err);
    while (arrived < RECORDS) {
        for (int i = 0; i < BATCH && arrived < RECORDS; i++) {
            seen->at[shuffle_free_place(&shuffle)] = arrived++;
            shuffle_arrive(&shuffle);
        }
        for (size_t i = 0; i < shuffle.waiting; i++) {
            int record = seen->at[shuffle.order[shuffle.level + i]];
            seen->outside += record != arrived - (int)(shuffle.waiting - i); /* first come, first */
            seen->predicted[record] = 1;
        }
        while (shuffle.waiting > 0) {
            shuffle_admit(&shuffle);
            while (shuffle.level >= ROOM + BATCH)
                learn(&shuffle, seen, BATCH, arrived);
        }
    }
    while (shuffle.level > 0)
        learn(&shuffle, seen, shuffle.level < BATCH ? shuffle.level : BATCH, arrived);
    shuffle_free(&shuffle);
}

static void properties(int passes)
{
    static struct seen seen, again, other;
    int wrong = 0;
    stream(passes, 1, &seen);
    stream(passes, 1, &again);
    stream(passes, 2, &other);
    for (int i = 0; i < RECORDS; i++)
        wrong += seen.learned[i] != passes;
    same_int(wrong, 0, "each record is learned as often as was asked for");
    same_int(seen.early, 0, "none before it was predicted");
    same_int(seen.twice, 0, "none twice in a batch");
    same_int(seen.outside, 0, "those that wait stay in their order");
    ok(seen.distance / (RECORDS * passes) > ROOM / 2, "it is some way from arrival to learning: %g",
       seen.distance / (RECORDS * passes));
    ok(memcmp(&seen, &again, sizeof seen) == 0, "the same seed, the same order");
    ok(seen.order != other.order, "another seed, another order");
}

int main(void)
{
    properties(1);
    properties(3);
    return tap_done();
}
