/* A plan run: for each image its first steps, then the others; chains of steps band by band. */
#include "nn/net_internal.h"

#include "base/progress.h"

#include <string.h>

/* The lines that stay move to the beginning of their place. */
static void move_lines(struct session *session, const struct step *step,
                       const struct progress_of_step *at, size_t lines)
{
    size_t line = step->window.out_width * step->window.out_ld;
    float *data = place_data(session, step->out[0]);
    memmove(data, data + lines * line, (at->done - at->base) * line * sizeof *data);
}

/* Lines up to `to` of the last of `count` steps, and what they need of those before. */
static void run_band(struct session *session, const struct step *steps, size_t count, size_t to,
                     struct progress_of_step *at, double *seconds)
{
    size_t moves[CHAIN_MOST] = {0};
    double now = seconds ? progress_now() : 0;
    band_begin(steps, count, to, at, moves);
    for (size_t i = 0; i < count; i++) {
        double before = now;
        if (moves[i] && at[i].done > at[i].base)
            move_lines(session, &steps[i], &at[i], moves[i]);
        if (at[i].need > at[i].done) {
            step_run_lines(session, &steps[i], at[i].done, at[i].need, at[i].base,
                           i > 0 ? at[i - 1].base : 0);
            at[i].done = at[i].need;
        }
        if (seconds) {
            now = progress_now();
            seconds[i] += now - before;
        }
    }
}

static void run_chain(struct session *session, const struct step *steps, double *seconds)
{
    struct progress_of_step at[CHAIN_MOST] = {{0}};
    size_t count = steps->chain, lines = steps[count - 1].window.out_height;
    for (size_t line = 0; line < lines; line += steps->band)
        run_band(session, steps, count, line + steps->band < lines ? line + steps->band : lines, at,
                 seconds);
}

/* Steps [from, to), for the image that the session is at. */
static enum status run_steps(struct session *session, size_t from, size_t to, double *seconds,
                             struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = from; i < to && status == STATUS_OK; i += session->plan->steps[i].chain) {
        const struct step *step = &session->plan->steps[i];
        double before;
        if (step->chain > 1) { /* which times its steps itself */
            run_chain(session, step, seconds ? seconds + i : NULL);
            continue;
        }
        before = seconds ? progress_now() : 0;
        status = step_run(session, step, err);
        if (seconds)
            seconds[i] += progress_now() - before;
    }
    return status;
}

enum status plan_run(struct session *session, double *seconds, struct error *err)
{
    const struct plan *plan = session->plan;
    enum status status = STATUS_OK;
    for (size_t i = 0; seconds && i < plan->step_count; i++)
        seconds[i] = 0;
    for (size_t i = 0; i < plan->images && status == STATUS_OK; i++) {
        session->image = i;
        status = run_steps(session, 0, plan->apart, seconds, err);
    }
    session->image = 0;
    return status == STATUS_OK ? run_steps(session, plan->apart, plan->step_count, seconds, err)
                               : status;
}
