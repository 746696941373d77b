/* Where each result lies in the session's one block of memory.
 *
 * A place lives from the step that writes it to the last that reads it. An element-wise step writes
 * over its input, and a convolution over its residual, when nobody reads that later. Then the
 * places, largest first, each take the lowest offset at which no place of an overlapping life lies
 * (Pisarchyk & Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020: greedy by
 * size). */
#include "nn/net_internal.h"

#include <limits.h>
#include <stdlib.h>

int place_root(const struct plan *plan, int place, int64_t *shift)
{
    if (shift)
        *shift = 0;
    for (; plan->places[place].root != place; place = plan->places[place].root)
        if (shift)
            *shift += plan->places[place].shift;
    return place;
}

static void touch(struct plan *plan, int place, int step, int writes)
{
    struct place *root;
    if (place < 0)
        return;
    root = &plan->places[place_root(plan, place, NULL)];
    if (writes && step < root->first)
        root->first = step;
    if (step > root->last)
        root->last = step;
}

static void find_lives(struct plan *plan)
{
    for (size_t i = 0; i < plan->place_count; i++) {
        plan->places[i].first = INT_MAX;
        plan->places[i].last = -1;
    }
    if (plan->picture_place >= 0)
        plan->places[place_root(plan, plan->picture_place, NULL)].first = -1;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct step *step = &plan->steps[i];
        for (int j = 0; j < step->in_count; j++)
            touch(plan, step->in[j], (int)i, 0);
        for (int j = 0; j < step->out_count; j++)
            touch(plan, step->out[j], (int)i, 1);
        touch(plan, step->residual, (int)i, 0);
        touch(plan, step->scratch, (int)i, 1);
    }
    for (size_t i = 0, end; i < plan->step_count; i = end) { /* a chain needs these to its end */
        end = i + plan->steps[i].chain;
        for (size_t j = i; end > i + 1 && j < end; j++) { /* a step alone may have no input */
            touch(plan, plan->steps[j].in[0], (int)end - 1, 0);
            touch(plan, plan->steps[j].scratch, (int)end - 1, 0);
        }
    }
    for (size_t i = 0; i < plan->place_count; i++) /* each image needs these in all its steps */
        if (plan->places[i].image_bytes) {
            touch(plan, (int)i, 0, 1);
            touch(plan, (int)i, (int)plan->apart - 1, 0);
        }
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].keep) {
            struct place *root = &plan->places[place_root(plan, (int)i, NULL)];
            root->keep = 1;
            root->last = INT_MAX;
        }
}

int place_in_memory(const struct place *place)
{
    return !place->fixed && place->input < 0;
}

/* The result of step i takes the memory of one that it reads, when nobody reads that later and both
 * are the whole of what lies there. Returns 1 when it does. */
static int take_over(struct plan *plan, size_t i, int read)
{
    const struct step *step = &plan->steps[i];
    int64_t from_shift, to_shift;
    int from = place_root(plan, read, &from_shift), to = place_root(plan, step->out[0], &to_shift);
    struct place *place = &plan->places[from], *out = &plan->places[to];
    if (from == to || !place_in_memory(place) || place->last != (int)i ||
        place->bytes != out->bytes || from_shift || to_shift || out->first != (int)i)
        return 0;
    out->root = from;
    place->last = out->last;
    place->keep |= out->keep;
    return 1;
}

/* Does the step read that place as an input, in an order of its own? */
static int is_input(const struct plan *plan, const struct step *step, int place)
{
    for (int i = 0; i < step->in_count; i++)
        if (step->in[i] >= 0 &&
            place_root(plan, step->in[i], NULL) == place_root(plan, place, NULL))
            return 1;
    return 0;
}

/* Lets steps write over what they read element by element in the order of their results: an input
 * of in_place, or the residual. */
static void reuse_inputs(struct plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct step *step = &plan->steps[i];
        int done = step->out_count == 0 || step->out[0] < 0;
        for (int side = 0; step->in_place && !done && side < 2 && side < step->in_count; side++)
            if (step->in_place >> side & 1 && step->in[side] >= 0)
                done = take_over(plan, i, step->in[side]);
        if (!done && step->residual >= 0 && step->residual_ld == step->out_ld &&
            !is_input(plan, step, step->residual))
            take_over(plan, i, step->residual);
    }
}

struct life {
    int place;
    int64_t bytes, offset;
    int first, last;
};

static int by_size(const void *a, const void *b)
{
    const struct life *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->place - y->place;
}

/* The lowest offset for lives[i] among those already placed, lives[0..i). */
static int64_t lowest(const struct life *lives, size_t i)
{
    int64_t offset = 0;
    for (int moved = 1; moved;) {
        moved = 0;
        for (size_t j = 0; j < i; j++) {
            const struct life *other = &lives[j];
            if (other->first > lives[i].last || other->last < lives[i].first)
                continue;
            if (offset < other->offset + other->bytes && other->offset < offset + lives[i].bytes) {
                offset = other->offset + other->bytes;
                moved = 1;
            }
        }
    }
    return offset;
}

enum status plan_arena(struct plan *plan, struct error *err)
{
    struct life *lives = memory_array(plan->place_count + 1, sizeof *lives);
    size_t count = 0;
    if (!lives)
        return error_memory(err);
    find_lives(plan);
    reuse_inputs(plan);
    /* a chain writes from its beginning on; residuals only now, for each may be written over */
    for (size_t i = 0, end; i < plan->step_count; i = end) {
        end = i + plan->steps[i].chain;
        for (size_t j = i; end > i + 1 && j < end; j++) {
            touch(plan, plan->steps[j].out[0], (int)i, 1);
            touch(plan, plan->steps[j].residual, (int)end - 1, 0);
            touch(plan, plan->steps[j].scratch, (int)i, 1);
        }
    }
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        if (place->root != (int)i || !place_in_memory(place) || place->first == INT_MAX)
            continue;
        lives[count++] =
            (struct life){(int)i, (place->bytes + 63) / 64 * 64 + 64, 0, place->first, place->last};
    }
    qsort(lives, count, sizeof *lives, by_size);
    plan->memory = 0;
    for (size_t i = 0; i < count; i++) {
        lives[i].offset = lowest(lives, i);
        plan->places[lives[i].place].offset = lives[i].offset;
        if (lives[i].offset + lives[i].bytes > plan->memory)
            plan->memory = lives[i].offset + lives[i].bytes;
    }
    free(lives);
    if (plan->memory > NET_BYTES_MAX)
        return error_set(err, STATUS_FAILED, "the network would need %lld bytes for its results",
                         (long long)plan->memory);
    return STATUS_OK;
}
