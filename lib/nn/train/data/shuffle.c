#include "nn/train/data/shuffle.h"

#include "base/memory.h"

#include <stdlib.h>

enum status shuffle_new(size_t places, int passes, uint64_t seed, struct shuffle *shuffle,
                        struct error *err)
{
    *shuffle = (struct shuffle){.places = places, .passes = passes};
    shuffle->order = memory_array(places, sizeof *shuffle->order);
    shuffle->left = memory_array(places, 1);
    if (!shuffle->order || !shuffle->left) {
        shuffle_free(shuffle);
        return error_memory(err);
    }
    for (size_t i = 0; i < places; i++)
        shuffle->order[i] = i;
    random_seed(&shuffle->random, random_mix(seed + 2));
    return STATUS_OK;
}

size_t shuffle_free_place(const struct shuffle *shuffle)
{
    return shuffle->order[shuffle->level + shuffle->waiting];
}

void shuffle_arrive(struct shuffle *shuffle)
{
    shuffle->left[shuffle_free_place(shuffle)] = (unsigned char)shuffle->passes;
    shuffle->waiting++;
}

void shuffle_admit(struct shuffle *shuffle)
{
    shuffle->level++;
    shuffle->waiting--;
}

static void swap(struct shuffle *shuffle, size_t a, size_t b)
{
    size_t place = shuffle->order[a];
    shuffle->order[a] = shuffle->order[b];
    shuffle->order[b] = place;
}

/* The first steps of Fisher & Yates. */
void shuffle_draw(struct shuffle *shuffle, size_t count)
{
    for (size_t i = 0; i < count; i++)
        swap(shuffle, i, i + (size_t)random_below(&shuffle->random, shuffle->level - i));
}

/* Who leaves changes places with the last in the buffer, and then with the last that waits: those
 * that wait are only as many as a batch, and their order must stay. */
void shuffle_learned(struct shuffle *shuffle, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        size_t place = shuffle->order[i];
        if (--shuffle->left[place] > 0)
            continue;
        shuffle->level--;
        swap(shuffle, i, shuffle->level);
        for (size_t k = 0; k < shuffle->waiting; k++)
            swap(shuffle, shuffle->level + k, shuffle->level + k + 1);
    }
}

void shuffle_free(struct shuffle *shuffle)
{
    free(shuffle->order);
    free(shuffle->left);
    *shuffle = (struct shuffle){0};
}
