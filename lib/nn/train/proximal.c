#include "nn/train/proximal.h"

#include <math.h>
#include <string.h>

enum { WIDTH_MAX = 20, SWEEPS = 60 };

/* A sweep that gains less than this share of what all have gained is the last.
 */
static const double ENOUGH = 1e-3;

struct state {
    struct proximal *p;
    const double *x, *g;
    double *d;
    double t[WIDTH_MAX]; /* M W^T d */
    size_t width;
};

/* a (n x n) becomes its inverse, by Gauss and Jordan's method with pivots.
 * Returns 0 where it has none. */
static int invert(size_t n, double a[WIDTH_MAX][WIDTH_MAX])
{
    double b[WIDTH_MAX][WIDTH_MAX] = {{0}};
    for (size_t i = 0; i < n; i++)
        b[i][i] = 1;
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[best][k]))
                best = i;
        if (!(fabs(a[best][k]) > 0))
            return 0;
        for (size_t j = 0; j < n; j++) {
            double keep = a[k][j], other = b[k][j];
            a[k][j] = a[best][j], a[best][j] = keep;
            b[k][j] = b[best][j], b[best][j] = other;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = i == k ? 0 : a[i][k] / a[k][k];
            for (size_t j = 0; j < n; j++) {
                a[i][j] -= factor * a[k][j];
                b[i][j] -= factor * b[k][j];
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        double pivot = a[i][i];
        for (size_t j = 0; j < n; j++)
            a[i][j] = b[i][j] / pivot;
    }
    return 1;
}

static double product(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* W and W M. */
static void prepare(struct proximal *p)
{
    size_t count = p->problem->count, m = (size_t)p->pairs, n = 2 * m;
    double middle[WIDTH_MAX][WIDTH_MAX] = {{0}};
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double sy = product(count, p->s[i], p->y[j]);
            middle[i][j] = p->sigma * product(count, p->s[i], p->bs[j]);
            if (i > j)
                middle[i][m + j] = middle[m + j][i] = sy;
            if (i == j)
                middle[m + i][m + i] = -sy;
        }
    if (!invert(n, middle))
        p->pairs = 0;
    for (size_t k = 0; k < count && p->pairs; k++)
        for (size_t i = 0; i < n; i++)
            p->w[k * n + i] = i < m ? p->sigma * p->bs[i][k] : p->y[i - m][k];
    for (size_t k = 0; k < count && p->pairs; k++)
        for (size_t i = 0; i < n; i++)
            p->wm[k * n + i] = product(n, p->w + k * n, middle[i]);
}

static double diagonal(const struct lbfgs_problem *problem, size_t i)
{
    return problem->diagonal ? problem->diagonal(problem->context, i) : 1;
}

void proximal_add_column(const struct lbfgs_problem *problem, size_t i, double times, double *v)
{
    if (problem->add_column)
        problem->add_column(problem->context, i, times, v);
    else
        v[i] += times;
}

/* The best place for one variable, the others as they are. Returns what it
 * gains. */
static double improve(struct state *state, size_t i)
{
    struct proximal *p = state->p;
    const struct lbfgs_problem *problem = p->problem;
    size_t n = state->width;
    double l1 = i < problem->l1_count ? problem->l1 : 0, z = state->x[i] + state->d[i];
    double own = p->sigma * diagonal(problem, i), floor = own * 1e-3;
    double slope = state->g[i] + p->bd[i] - product(n, p->w + i * n, state->t), to, change;
    own -= product(n, p->w + i * n, p->wm + i * n);
    if (!(own > floor))
        own = floor > 0 ? floor : 1;
    to = z - slope / own;
    to = to > l1 / own ? to - l1 / own : to < -l1 / own ? to + l1 / own : 0;
    change = to - z;
    if (change == 0)
        return 0;
    state->d[i] = to == 0 ? -state->x[i] : state->d[i] + change;
    proximal_add_column(problem, i, p->sigma * change, p->bd);
    for (size_t k = 0; k < n; k++)
        state->t[k] += change * p->wm[i * n + k];
    return -(slope * change + own / 2 * change * change + l1 * (fabs(to) - fabs(z)));
}

double proximal_step(struct proximal *p, const double *x, const double *g, double *d, double *slope)
{
    const struct lbfgs_problem *problem = p->problem;
    size_t count = problem->count;
    struct state state = {.p = p, .x = x, .g = g, .d = d};
    double all = 0, gain, bend = 0;
    int whole = 1;
    prepare(p);
    state.width = 2 * (size_t)p->pairs;
    memset(d, 0, count * sizeof *d);
    memset(p->bd, 0, count * sizeof *p->bd);
    /* All variables, then those that are not 0 until they rest, then all again.
     */
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        gain = 0;
        for (size_t i = 0; i < count; i++)
            if (whole || i >= problem->l1_count || x[i] + d[i] != 0)
                gain += improve(&state, i);
        all += gain;
        if (gain <= ENOUGH * all) {
            if (whole)
                break;
            whole = 1;
        } else {
            whole = 0;
        }
    }
    *slope = product(count, g, d);
    for (size_t i = 0; i < count; i++) {
        bend += d[i] * (p->bd[i] - product(state.width, p->w + i * state.width, state.t));
        if (i < problem->l1_count)
            *slope += problem->l1 * (fabs(x[i] + d[i]) - fabs(x[i]));
    }
    return -(*slope + bend / 2);
}
