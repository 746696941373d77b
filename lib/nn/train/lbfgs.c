#include "nn/train/lbfgs.h"

#include "base/memory.h"
#include "nn/train/proximal.h"

#include <math.h>
#include <string.h>

enum { HISTORY = 10, TRIES = 30 };

static const double ENOUGH_DECREASE = 1e-4, ENOUGH_SLOPE = 0.9;

/* A point on the line that is searched: how far, the value and the slope there.
 */
struct place {
    double step, value, slope;
};

struct search {
    const struct lbfgs_problem *problem;
    struct arena *arena;
    struct error *err;
    struct lbfgs_state state;
    double *x, *gradient;           /* of the smooth part */
    double *slope;                  /* of the whole function: the pseudo-gradient */
    double *direction;              /* of the next step */
    double *next_x, *next_gradient; /* where the line search is */
    double smooth;                  /* the smooth part's value at next_x */
    double *s[HISTORY], *y[HISTORY], rho[HISTORY];
    double *solved; /* the inverse Hessian times the last y */
    double gamma;   /* scales the inverse Hessian that all begins with */
    int pairs, newest;
    double *bs[HISTORY]; /* with l1: B0 times s */
    double *w, *wm, *bd; /* with l1: room of proximal.h */
};

static double product(size_t count, const double *a, const double *b)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < count; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void add_times(size_t count, double factor, const double *x, double *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] += factor * x[i];
}

static double largest(size_t count, const double *v)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fabs(v[i]) > most ? fabs(v[i]) : most;
    return most;
}

static int has_l1(const struct search *search, size_t i)
{
    return search->problem->l1 > 0 && i < search->problem->l1_count;
}

static double l1_term(const struct search *search, const double *x)
{
    double sum = 0;
    for (size_t i = 0; has_l1(search, i); i++)
        sum += fabs(x[i]);
    return search->problem->l1 * sum;
}

/* The derivative of the whole function; where x is 0 that of the side to which
 * it falls, or 0 when it rises to both (Andrew & Gao, equation 4). */
static void pseudo_gradient(struct search *search)
{
    double l1 = search->problem->l1;
    for (size_t i = 0; i < search->problem->count; i++) {
        double g = search->gradient[i], x = search->x[i];
        if (has_l1(search, i)) {
            if (x > 0 || (x == 0 && g + l1 < 0))
                g += l1;
            else if (x < 0 || g - l1 > 0)
                g -= l1;
            else
                g = 0;
        }
        search->slope[i] = g;
    }
}

static void precondition(const struct search *search, double *v)
{
    if (search->problem->precondition)
        search->problem->precondition(search->problem->context, v);
}

/* direction = - H * slope, by the two loops. */
static void find_direction(struct search *search)
{
    size_t count = search->problem->count;
    double *d = search->direction, alpha[HISTORY];
    for (size_t i = 0; i < count; i++)
        d[i] = -search->slope[i];
    for (int k = 0; k < search->pairs; k++) {
        int at = (search->newest + HISTORY - k) % HISTORY;
        alpha[at] = search->rho[at] * product(count, search->s[at], d);
        add_times(count, -alpha[at], search->y[at], d);
    }
    precondition(search, d);
    for (size_t i = 0; i < count; i++)
        d[i] *= search->gamma;
    for (int k = search->pairs; k-- > 0;) {
        int at = (search->newest + HISTORY - k) % HISTORY;
        double beta = search->rho[at] * product(count, search->y[at], d);
        add_times(count, alpha[at] - beta, search->s[at], d);
    }
}

/* The step that was made is a pair (s, y) from now on, unless the curvature
 * along it says nothing.
 */
static void remember(struct search *search)
{
    size_t count = search->problem->count;
    int at = (search->newest + 1) % HISTORY;
    double *s = search->s[at], *y = search->y[at], curvature;
    for (size_t i = 0; i < count; i++) {
        s[i] = search->next_x[i] - search->x[i];
        y[i] = search->next_gradient[i] - search->gradient[i];
    }
    curvature = product(count, s, y);
    if (!(curvature > 1e-16 * product(count, y, y))) {
        search->pairs -= search->pairs == HISTORY; /* the place was the oldest one's */
        return;
    }
    search->newest = at;
    search->pairs += search->pairs < HISTORY;
    search->rho[at] = 1 / curvature;
    if (search->problem->l1 > 0) {
        memset(search->bs[at], 0, count * sizeof *s);
        for (size_t i = 0; i < count; i++)
            if (s[i] != 0)
                proximal_add_column(search->problem, i, s[i], search->bs[at]);
        search->gamma = product(count, s, search->bs[at]) / curvature;
        return;
    }
    memcpy(search->solved, y, count * sizeof *y);
    precondition(search, search->solved);
    search->gamma = curvature / product(count, y, search->solved);
}

/* The smooth part at next_x, and the whole function's value. A value that is
 * not finite is a place too far. */
static enum status evaluate(struct search *search, double *value)
{
    const struct lbfgs_problem *problem = search->problem;
    enum status status = problem->evaluate(problem->context, search->next_x, &search->smooth,
                                           search->next_gradient, search->err);
    search->state.evaluations++;
    *value = search->smooth + l1_term(search, search->next_x);
    if (!isfinite(*value))
        *value = INFINITY;
    return status;
}

static enum status go_to(struct search *search, double step, struct place *place)
{
    size_t count = search->problem->count;
    place->step = step;
    for (size_t i = 0; i < count; i++)
        search->next_x[i] = search->x[i] + step * search->direction[i];
    TRY(evaluate(search, &place->value));
    place->slope = product(count, search->next_gradient, search->direction);
    return STATUS_OK;
}

/* The minimum of the cubic through both places, kept a tenth of the way from
 * either (Nocedal & Wright, equation 3.59). */
static double between(const struct place *low, const struct place *high)
{
    double width = high->step - low->step, middle = low->step + width / 2, cubic;
    double d1 =
        low->slope + high->slope - 3 * (low->value - high->value) / (low->step - high->step);
    double root = d1 * d1 - low->slope * high->slope, near, far;
    if (!(root >= 0))
        return middle;
    root = width > 0 ? sqrt(root) : -sqrt(root);
    cubic = high->step - width * (high->slope + root - d1) / (high->slope - low->slope + 2 * root);
    near = low->step + 0.1 * width;
    far = high->step - 0.1 * width;
    if (!isfinite(cubic) || (cubic - near) * width < 0 || (cubic - far) * width > 0)
        return middle;
    return cubic;
}

/* The strong Wolfe conditions. found: next_x is a better place. */
static enum status wolfe_search(struct search *search, double slope, int *found)
{
    struct place start = {0, search->state.value, slope}, low = start, high = {0}, now;
    double slack = search->problem->precision * fabs(start.value), step = 1;
    int bracketed = 0;
    for (int i = 0; i < TRIES; i++) {
        TRY(go_to(search, step, &now));
        if (now.value > start.value + ENOUGH_DECREASE * step * slope + slack ||
            now.value > low.value + slack) {
            high = now;
            bracketed = 1;
        } else if (fabs(now.slope) <= -ENOUGH_SLOPE * slope) {
            low = now;
            break;
        } else {
            if (bracketed ? now.slope * (high.step - low.step) >= 0 : now.slope >= 0) {
                high = low;
                bracketed = 1;
            }
            low = now;
        }
        step = !bracketed ? 2 * step : isfinite(high.value) ? between(&low, &high) : step / 8;
    }
    *found = low.step > 0;
    search->state.step = low.step;
    search->state.value = low.value;
    return *found && low.step != now.step ? go_to(search, low.step, &now) : STATUS_OK;
}

/* Half the step until the value has decreased enough. */
static enum status halving_search(struct search *search, double slope, int *found)
{
    double slack = search->problem->precision * fabs(search->state.value), step = 1, value;
    *found = 0;
    for (int i = 0; i < TRIES && !*found; i++) {
        for (size_t k = 0; k < search->problem->count; k++)
            search->next_x[k] = search->x[k] + step * search->direction[k];
        TRY(evaluate(search, &value));
        *found = value <= search->state.value + ENOUGH_DECREASE * step * slope + slack;
        if (*found) {
            search->state.step = step;
            search->state.value = value;
        }
        step /= 2;
    }
    return STATUS_OK;
}

static void move(struct search *search)
{
    double *x = search->x, *gradient = search->gradient;
    remember(search);
    memcpy(x, search->next_x, search->problem->count * sizeof *x);
    search->gradient = search->next_gradient;
    search->next_gradient = gradient;
    pseudo_gradient(search);
    search->state.gradient = largest(search->problem->count, search->slope);
    search->state.iterations++;
}

/* The same with the l1 term. */
static double plan_proximal(struct search *search)
{
    const double *s[HISTORY], *bs[HISTORY], *y[HISTORY];
    struct proximal proximal = {.problem = search->problem,
                                .sigma = 1 / search->gamma,
                                .pairs = search->pairs,
                                .s = s,
                                .bs = bs,
                                .y = y,
                                .w = search->w,
                                .wm = search->wm,
                                .bd = search->bd};
    double slope;
    for (int i = 0; i < search->pairs; i++) {
        int at = (search->newest + HISTORY - search->pairs + 1 + i) % HISTORY;
        s[i] = search->s[at];
        bs[i] = search->bs[at];
        y[i] = search->y[at];
    }
    search->state.excess =
        proximal_step(&proximal, search->x, search->gradient, search->direction, &slope);
    return slope;
}

/* The direction of the next step and how much it promises; without a promise
 * the history is dropped. */
static double plan_step(struct search *search)
{
    size_t count = search->problem->count;
    double slope;
    find_direction(search);
    slope = product(count, search->direction, search->slope);
    if (!(slope < 0) && search->pairs > 0) {
        search->pairs = 0;
        find_direction(search);
        slope = product(count, search->direction, search->slope);
    }
    if (!search->problem->precondition && search->pairs == 0) { /* nothing tells the size */
        double size = sqrt(product(count, search->slope, search->slope));
        for (size_t i = 0; i < count && size > 0; i++)
            search->direction[i] /= size * search->gamma;
        slope /= size > 0 ? size * search->gamma : 1;
    }
    search->state.excess = -slope / 2;
    return slope;
}

static double plan(struct search *search)
{
    return search->problem->l1 > 0 ? plan_proximal(search) : plan_step(search);
}

static enum status run(struct search *search, const struct lbfgs_options *options,
                       enum lbfgs_end *end)
{
    const struct lbfgs_problem *problem = search->problem;
    double decrease = INFINITY, slope = plan(search);
    int found;
    for (;;) {
        double limit = options->tolerance * fabs(search->state.value), before = search->state.value;
        *end = LBFGS_OPTIMUM;
        if (search->state.gradient == 0 ||
            (search->state.excess <= limit && decrease <= limit && search->pairs > 0))
            return STATUS_OK;
        *end = LBFGS_ITERATIONS;
        if (search->state.iterations >= options->iterations)
            return STATUS_OK;
        TRY(problem->l1 > 0 ? halving_search(search, slope, &found)
                            : wolfe_search(search, slope, &found));
        *end = LBFGS_PRECISION;
        if (!found && search->pairs == 0)
            return STATUS_OK;
        if (found) {
            move(search);
            decrease = before - search->state.value;
        } else {
            search->pairs = 0;
        }
        slope = plan(search);
        *end = LBFGS_STOPPED;
        if (found && problem->report && problem->report(problem->context, &search->state))
            return STATUS_OK;
    }
}

static enum status prepare_proximal(struct search *search)
{
    size_t count = search->problem->count;
    search->bd = arena_alloc(search->arena, count, sizeof(double));
    search->w = arena_alloc(search->arena, count, 2 * HISTORY * sizeof(double));
    search->wm = arena_alloc(search->arena, count, 2 * HISTORY * sizeof(double));
    for (int i = 0; i < HISTORY; i++)
        if (!(search->bs[i] = arena_alloc(search->arena, count, sizeof(double))))
            return error_memory(search->err);
    return search->bd && search->w && search->wm ? STATUS_OK : error_memory(search->err);
}

static enum status prepare(struct search *search)
{
    size_t count = search->problem->count;
    double **vectors[] = {&search->gradient, &search->slope,         &search->direction,
                          &search->next_x,   &search->next_gradient, &search->solved};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (!(*vectors[i] = arena_alloc(search->arena, count, sizeof(double))))
            return error_memory(search->err);
    for (int i = 0; i < HISTORY; i++)
        if (!(search->s[i] = arena_alloc(search->arena, count, sizeof(double))) ||
            !(search->y[i] = arena_alloc(search->arena, count, sizeof(double))))
            return error_memory(search->err);
    if (search->problem->l1 > 0 && prepare_proximal(search) != STATUS_OK)
        return STATUS_SYSTEM;
    search->gamma = 1;
    memcpy(search->next_x, search->x, count * sizeof(double));
    TRY(evaluate(search, &search->state.value));
    if (!isfinite(search->state.value))
        return error_set(search->err, STATUS_FAILED, "the value at the start is not finite");
    memcpy(search->gradient, search->next_gradient, count * sizeof(double));
    pseudo_gradient(search);
    search->state.gradient = largest(count, search->slope);
    return STATUS_OK;
}

enum status lbfgs_minimise(const struct lbfgs_problem *problem, const struct lbfgs_options *options,
                           double *x, struct lbfgs_result *result, struct error *err)
{
    struct search search = {.problem = problem, .arena = arena_new(), .err = err, .x = x};
    enum status status;
    if (!search.arena)
        return error_memory(err);
    status = prepare(&search);
    if (status == STATUS_OK)
        status = run(&search, options, &result->end);
    result->state = search.state;
    arena_free(search.arena);
    return status;
}
