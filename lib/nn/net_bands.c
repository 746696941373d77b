/* Chains of steps that run band by band.
 *
 * Where a picture is too large for the cache, what one layer writes is gone before the next reads
 * it. Such layers run together: some lines of the last, and of each before it the lines that these
 * need and that are not there yet. Every line is computed once. What only the next step reads has
 * room for the lines that are still needed: these move up before each band.
 */
#include "nn/net_internal.h"

enum { BAND_LEAST = 4 };

/* Can it run on some lines only, to the same bits? Winograd's tiles would begin elsewhere, and a
 * product over pixels that lie apart may be cut otherwise at the border than inside. */
static int takes_lines(const struct step *step)
{
    const struct kernel_window *w = &step->window;
    if (step->kind == STEP_MAX_POOL)
        return w->batch == 1;
    return step->kind == STEP_CONV && w->batch == 1 && !step->convolution->rounds_more &&
           (w->groups == w->channels || (w->kernel_h == 1 && w->kernel_w == 1) ||
            w->in_ld == w->channels);
}

static int64_t picture_bytes(const struct step *step)
{
    const struct kernel_window *w = &step->window;
    return (int64_t)(w->out_height * w->out_width * w->out_channels * sizeof(float));
}

/* Is the step's residual made by a step of the chain that begins at `first`? */
static int adds_own(const struct plan *plan, size_t first, size_t i)
{
    for (size_t j = first; j < i && plan->steps[i].residual >= 0; j++)
        if (place_root(plan, plan->steps[j].out[0], NULL) ==
            place_root(plan, plan->steps[i].residual, NULL))
            return 1;
    return 0;
}

static size_t chain_length(const struct net *net, const struct plan *plan, size_t first, size_t end)
{
    size_t i = first;
    while (i + 1 < end && i + 1 < first + CHAIN_MOST && takes_lines(&plan->steps[i]) &&
           takes_lines(&plan->steps[i + 1]) && plan->steps[i + 1].in[0] == plan->steps[i].out[0] &&
           picture_bytes(&plan->steps[i]) > net->options.cache && !adds_own(plan, first, i + 1))
        i++;
    return i + 1 - first;
}

/* Lines of the last step's output for which what lies between the steps takes half the cache. */
static size_t band_lines(const struct net *net, const struct plan *plan, size_t first, size_t count)
{
    int64_t bytes = 0, lines = (int64_t)plan->steps[first + count - 1].window.out_height;
    for (size_t i = first; i + 1 < first + count; i++)
        bytes += picture_bytes(&plan->steps[i]);
    lines = lines * (net->options.cache / 2) / bytes;
    return lines < BAND_LEAST ? (size_t)BAND_LEAST : (size_t)lines / BAND_LEAST * BAND_LEAST;
}

/* The most that the kernel wants for any number of lines. */
static void widen_scratch(struct plan *plan, const struct step *step)
{
    struct kernel_window w = step->window;
    struct place *place = step->scratch < 0 ? NULL : &plan->places[step->scratch];
    for (; place && w.out_height > 0; w.out_height--) {
        int64_t bytes = (int64_t)step->convolution->scratch_size(&w);
        place->bytes = bytes > place->bytes ? bytes : place->bytes;
    }
}

/* ---- outputs of which only some lines are kept ---- */

static int touches(const struct plan *plan, int place, int root)
{
    return place >= 0 && place_root(plan, place, NULL) == root;
}

/* Does anything but the two steps touch what the first one puts out for the second? */
static int is_private(const struct plan *plan, size_t i)
{
    int out = plan->steps[i].out[0];
    const struct place *place = &plan->places[out];
    if (place->root != out || place->keep || place->image_bytes)
        return 0;
    for (size_t j = 0; j < plan->step_count; j++) {
        const struct step *step = &plan->steps[j];
        if (touches(plan, step->residual, out))
            return 0;
        for (int k = 0; k < step->in_count; k++)
            if (j != i + 1 && touches(plan, step->in[k], out))
                return 0;
        for (int k = 0; k < step->out_count; k++)
            if (j != i && touches(plan, step->out[k], out))
                return 0;
    }
    return 1;
}

/* The most lines of output i that are there at once. */
static size_t lines_kept(const struct step *steps, size_t i)
{
    struct progress_of_step at[CHAIN_MOST] = {{0}};
    size_t count = steps->chain, lines = steps[count - 1].window.out_height, most = 0;
    for (size_t line = 0; line < lines; line += steps->band) {
        band_begin(steps, count, line + steps->band < lines ? line + steps->band : lines, at, NULL);
        for (size_t j = 0; j < count; j++)
            at[j].done = at[j].need > at[j].done ? at[j].need : at[j].done;
        most = at[i].done - at[i].base > most ? at[i].done - at[i].base : most;
    }
    return most;
}

static void keep_lines(struct plan *plan, size_t first, size_t count)
{
    struct step *steps = &plan->steps[first];
    for (size_t i = 0; i + 1 < count; i++)
        steps[i].slides = is_private(plan, first + i);
    for (size_t i = 0; i + 1 < count; i++)
        if (steps[i].slides) {
            const struct kernel_window *w = &steps[i].window;
            plan->places[steps[i].out[0]].bytes =
                (int64_t)(lines_kept(steps, i) * w->out_width * w->out_ld * sizeof(float));
        }
}

void plan_bands(const struct net *net, struct plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i += plan->steps[i].chain) {
        size_t end = i < plan->apart ? plan->apart : plan->step_count;
        size_t count = chain_length(net, plan, i, end);
        plan->steps[i].chain = count;
        if (count == 1)
            continue;
        plan->steps[i].band = band_lines(net, plan, i, count);
        for (size_t j = i; j < i + count; j++)
            widen_scratch(plan, &plan->steps[j]);
        keep_lines(plan, i, count);
    }
}

/* ---- the bands ---- */

/* Input lines, from the first on, that output lines [0, to) need; all when these are all. */
static size_t input_end(const struct kernel_window *whole, size_t to)
{
    size_t end = (to - 1) * whole->stride_h + (whole->kernel_h - 1) * whole->dilation_h + 1;
    end = end > whole->pad_top ? end - whole->pad_top : 0;
    return to == whole->out_height || end > whole->height ? whole->height : end;
}

/* The first input line that output lines from `from` on need. */
static size_t input_first(const struct kernel_window *whole, size_t from)
{
    size_t top = from * whole->stride_h;
    top = top > whole->pad_top ? top - whole->pad_top : 0;
    return top < whole->height ? top : whole->height;
}

void band_begin(const struct step *steps, size_t count, size_t to, struct progress_of_step *at,
                size_t *moves)
{
    at[count - 1].need = to;
    for (size_t i = count - 1; i-- > 0;) {
        size_t base = at[i].base;
        at[i].need = input_end(&steps[i + 1].window, at[i + 1].need);
        if (steps[i].slides) {
            at[i].base = input_first(&steps[i + 1].window, at[i + 1].done);
            at[i].done = at[i].done < at[i].base ? at[i].base : at[i].done;
        }
        if (moves)
            moves[i] = at[i].base - base;
    }
}

struct kernel_window band_window(const struct kernel_window *whole, size_t from, size_t to,
                                 size_t *first)
{
    struct kernel_window w = *whole;
    size_t top = from * w.stride_h;
    *first = input_first(whole, from);
    w.pad_top = top < w.pad_top ? w.pad_top - top : 0;
    w.height = w.stride_h == 1 && w.kernel_h == 1 && !w.pad_top ? to - from : w.height - *first;
    w.out_height = to - from;
    return w;
}
