/* Where pixels lie in memory, decided when all steps are known.
 *
 * A picture in NHWC need not be dense: most kernels read and write pixels that are `ld` floats
 * apart. That is used twice. An input of a concatenation over channels becomes a part of the
 * result, so that its producer writes there and nothing is copied; and pixels whose distance is a
 * multiple of a power of two, which would compete for the same few lines of the first-level cache,
 * get some room between them.
 *
 * Places form trees: a place is itself (a root), or a part of another, its pixels some channels of
 * the other's. All places of a tree have the same distance of pixels. A root that a step reads or
 * writes without regard to that distance (or that is an input, an output, a constant) is dense.
 */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

/* Pixels get room where their distance is a multiple of ALIAS bytes: a tile of a product reads 6 to
 * 14 of them at once, and every 4096 bytes fall into the same set of 8 to 12 lines. */
enum { ALIAS = 2048, ROOM = 16 };

static int takes_distance(const struct step *step, const int *operand)
{
    switch (step->kind) {
    case STEP_CONV:
    case STEP_MAX_POOL:
    case STEP_AVERAGE_POOL:
    case STEP_PAD:
        return 1;
    case STEP_GLOBAL_AVERAGE:
    case STEP_GLOBAL_MAX:
    case STEP_TO_NCHW:
        return operand == step->in;
    case STEP_TO_NHWC:
        return operand == step->out;
    case STEP_BINARY: /* not an operand that is broadcast */
        return step->by_pixel &&
               (operand == step->out || step->in_place >> (operand - step->in) & 1);
    default:
        return step->by_pixel;
    }
}

int place_top(const struct plan *plan, int place)
{
    const struct place *places = plan->places;
    while (places[place].root != place && places[places[place].root].rows == places[place].rows)
        place = places[place].root;
    return place;
}

static void look_at(const struct plan *plan, const struct step *step, const int *operand,
                    unsigned char *dense)
{
    if (*operand >= 0 && (!takes_distance(step, operand) || !plan->places[*operand].rows))
        dense[place_root(plan, *operand, NULL)] = 1;
}

/* Sets dense[root] for the roots whose pixels must lie side by side. */
static void find_dense(const struct plan *plan, unsigned char *dense)
{
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        int root = place_root(plan, (int)i, NULL);
        if (!place->rows || place->rows != plan->places[root].rows || place->fixed ||
            place->input >= 0 || place->keep || (int)i == plan->picture_place)
            dense[root] = 1;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct step *step = &plan->steps[i];
        for (int j = 0; j < step->in_count; j++)
            look_at(plan, step, &step->in[j], dense);
        for (int j = 0; j < step->out_count; j++)
            look_at(plan, step, &step->out[j], dense);
        look_at(plan, step, &step->residual, dense);
    }
}

/* ---- concatenations ---- */

/* Do the inputs already lie one after the other in one place, as those of the next layer's
 * concatenation do in DenseNet? Then the result is there. */
static int lies_there(struct plan *plan, const struct step *step, const unsigned char *dense)
{
    struct place *out = &plan->places[step->out[0]];
    int64_t first, shift;
    int root = place_root(plan, step->in[0], &first);
    if (out->root != step->out[0] || dense[step->out[0]] || root == step->out[0])
        return 0;
    for (int i = 0; i < step->in_count; i++)
        if (place_root(plan, step->in[i], &shift) != root ||
            shift != first + (int64_t)step->parts[i].at ||
            plan->places[step->in[i]].rows != out->rows)
            return 0;
    if (plan->places[root].rows != out->rows)
        return 0;
    out->root = root;
    out->shift = first;
    return 1;
}

/* Makes the place a part of `whole`, `shift` bytes from its beginning; 0 when it is dense or
 * already a part of some other place. */
static int become_part(struct plan *plan, int place, int whole, int64_t shift,
                       const unsigned char *dense)
{
    int64_t within;
    int root = place_root(plan, place, &within);
    struct place *r = &plan->places[root];
    if (dense[root] || root == place_root(plan, whole, NULL) || within ||
        r->channels != plan->places[place].channels || r->rows != plan->places[whole].rows)
        return 0;
    r->root = whole;
    r->shift = shift;
    return 1;
}

/* Leaves in the step what must be copied. */
static void place_inputs(struct plan *plan, struct step *step, const unsigned char *dense)
{
    int left = 0;
    if (step->in_count == 0)
        return;
    if (lies_there(plan, step, dense)) {
        step->in_count = 0;
        return;
    }
    for (int i = 0; i < step->in_count; i++)
        if (!become_part(plan, step->in[i], step->out[0], (int64_t)step->parts[i].at, dense)) {
            step->in[left] = step->in[i];
            step->parts[left++] = step->parts[i];
        }
    step->in_count = left;
}

/* The last first: it is the widest, and those before it often lie in it. */
static void place_concatenations(struct plan *plan, const unsigned char *dense)
{
    size_t left = 0;
    for (size_t i = plan->step_count; i-- > 0;)
        if (plan->steps[i].kind == STEP_CONCAT && plan->steps[i].by_pixel)
            place_inputs(plan, &plan->steps[i], dense);
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind != STEP_CONCAT || plan->steps[i].in_count > 0)
            plan->steps[left++] = plan->steps[i];
    plan->step_count = left;
}

/* ---- shuffles ---- */

/* The concatenation that alone writes what the shuffle alone reads, as many inputs as groups, all
 * of a group's size; NULL when there is none. */
static struct step *only_concatenation(const struct plan *plan, const struct step *shuffle)
{
    struct step *found = NULL;
    int64_t shift;
    int root = place_root(plan, shuffle->in[0], &shift);
    if (shift || plan->places[root].channels != shuffle->n * shuffle->k)
        return NULL;
    for (size_t i = 0; i < plan->step_count; i++) {
        struct step *step = &plan->steps[i];
        for (int j = 0; j < step->in_count; j++)
            if (step != shuffle && step->in[j] >= 0 && place_root(plan, step->in[j], NULL) == root)
                return NULL;
        if (step->residual >= 0 && place_root(plan, step->residual, NULL) == root)
            return NULL;
        if (step->out_count > 0 && step->out[0] == root && step->kind == STEP_CONCAT &&
            step->by_pixel && (size_t)step->in_count == shuffle->n)
            found = step;
    }
    for (int i = 0; found && i < found->in_count; i++)
        if (found->parts[i].length != shuffle->k * sizeof(float))
            return NULL;
    return found;
}

/* A shuffle of what was just concatenated takes the parts as they are. */
static void join_shuffles(struct plan *plan, const unsigned char *dense)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        struct step *step = &plan->steps[i], *concat;
        if (step->kind != STEP_SHUFFLE || dense[place_root(plan, step->in[0], NULL)])
            continue;
        concat = only_concatenation(plan, step);
        if (!concat)
            continue;
        step->in = concat->in;
        step->in_count = concat->in_count;
        step->parts = concat->parts;
        concat->in_count = 0;
        concat->out_count = 0;
    }
}

/* ---- distances ---- */

static void set_distances(struct plan *plan, const unsigned char *dense)
{
    for (size_t i = 0; i < plan->place_count; i++) {
        struct place *place = &plan->places[i];
        if (place->root != (int)i || dense[i])
            continue;
        place->ld = place->channels;
        if (place->channels * sizeof(float) % ALIAS == 0)
            place->ld += ROOM;
        place->bytes = (int64_t)(place->rows * place->ld * sizeof(float));
    }
    for (size_t i = 0; i < plan->place_count; i++) {
        int top = place_top(plan, (int)i);
        if (plan->places[top].root != top || dense[top])
            plan->places[top].ld = plan->places[top].channels;
        plan->places[i].ld = plan->places[top].ld;
    }
}

/* The distance of the place's pixels; of what is no picture, the length of a row. */
static size_t distance(const struct plan *plan, int place, size_t length)
{
    return place >= 0 && plan->places[place].rows ? plan->places[place].ld : length;
}

static void set_operands(const struct plan *plan, struct step *step)
{
    int dense = step->out_ld == step->k;
    for (int s = 0; s < 2 && step->by_pixel; s++)
        if (step->in_place >> s & 1) {
            size_t ld = distance(plan, step->in[s], step->k);
            step->operand[s].middle = ld;
            step->operand[s].outer = ld * step->n;
            dense &= ld == step->k;
        } else {
            dense = 0;
        }
    if (!step->by_pixel || !dense)
        return;
    step->k *= step->m * step->n; /* all of it in one row */
    step->m = step->n = 1;
    step->out_ld = step->k;
}

/* An activation looks at no channel: dense pixels are one row. */
static void set_activation(const struct plan *plan, struct step *step)
{
    const struct place *out = &plan->places[step->out[0]];
    if (step->in_ld == out->channels && step->out_ld == out->channels) {
        step->in_ld = step->out_ld = step->n;
        return;
    }
    step->m = out->rows;
    step->n = out->channels;
}

static void set_parts(const struct plan *plan, struct step *step)
{
    if (step->kind == STEP_CONCAT)
        step->k = distance(plan, step->out[0], step->k / sizeof(float)) * sizeof(float);
    for (int i = 0; i < step->in_count; i++) {
        struct part *part = &step->parts[i];
        part->stride = distance(plan, step->in[i], part->length / sizeof(float)) * sizeof(float);
    }
}

static void set_step(const struct plan *plan, struct step *step)
{
    int in = step->in_count > 0 ? step->in[0] : -1, out = step->out_count > 0 ? step->out[0] : -1;
    struct kernel_window *w = &step->window;
    size_t length = step->kind == STEP_BINARY ? step->k : step->n;
    int slides = step->kind == STEP_CONV || step->kind == STEP_MAX_POOL ||
                 step->kind == STEP_AVERAGE_POOL || step->kind == STEP_PAD;
    step->in_ld = slides ? w->channels : length;
    step->out_ld = step->residual_ld = slides ? w->out_channels : length;
    if (takes_distance(step, step->in))
        step->in_ld = distance(plan, in, step->in_ld);
    if (takes_distance(step, step->out))
        step->out_ld = distance(plan, out, step->out_ld);
    if (step->residual >= 0 && takes_distance(step, &step->residual))
        step->residual_ld = distance(plan, step->residual, step->residual_ld);
    if (slides) {
        w->in_ld = step->in_ld;
        w->out_ld = step->out_ld;
    } else if (step->kind == STEP_BINARY) {
        set_operands(plan, step);
    } else if (step->kind == STEP_ACTIVATION && step->by_pixel) {
        set_activation(plan, step);
    } else if (step->by_pixel && step->parts) {
        set_parts(plan, step);
    }
}

enum status plan_views(struct plan *plan, struct error *err)
{
    unsigned char *dense = memory_array(plan->place_count + 1, 1);
    if (!dense)
        return error_memory(err);
    find_dense(plan, dense);
    join_shuffles(plan, dense);
    place_concatenations(plan, dense);
    set_distances(plan, dense);
    for (size_t i = 0; i < plan->step_count; i++)
        set_step(plan, &plan->steps[i]);
    free(dense);
    return STATUS_OK;
}
