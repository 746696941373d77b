/* If this fails, the minimiser stops before the minimum, or l1 leaves weights near 0 instead of at
 * 0. */
#include "base/memory.h"
#include "nn/train/cholesky.h"
#include "nn/train/lbfgs.h"
#include "tests/tap.h"

#include <math.h>

enum { MANY = 50 };

/* Sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 over pairs; the minimum is 0 at (1, 1, ...). */
static enum status rosenbrock(void *context, const double *x, double *value, double *gradient,
                              struct error *err)
{
    (void)context, (void)err;
    *value = 0;
    for (size_t i = 0; i < MANY; i += 2) {
        double off = x[i + 1] - x[i] * x[i];
        *value += 100 * off * off + (1 - x[i]) * (1 - x[i]);
        gradient[i] = -400 * x[i] * off - 2 * (1 - x[i]);
        gradient[i + 1] = 200 * off;
    }
    return STATUS_OK;
}

/* sum of scale[i] / 2 * (x[i] - target[i])^2, scale 1 .. 1e3: with l1 the minimum is target
 * shrunk by l1 / scale. */
static double scale_of(size_t i)
{
    return pow(10, 3.0 * (double)i / (MANY - 1));
}

static double target_of(size_t i)
{
    return sin((double)i * 1.7) * (i % 3 == 0 ? 2 : 0.2);
}

static enum status quadratic(void *context, const double *x, double *value, double *gradient,
                             struct error *err)
{
    (void)context, (void)err;
    *value = 0;
    for (size_t i = 0; i < MANY; i++) {
        double off = x[i] - target_of(i);
        *value += scale_of(i) / 2 * off * off;
        gradient[i] = scale_of(i) * off;
    }
    return STATUS_OK;
}

/* (a - 1, b + 1, a + b) C (..) / 2 with pulls between the variables; l1 = 1 makes b exactly 0: at
 * a = 5 / 8, b = 0 the slopes are a: 4 a - 3.5 + 1 = 0, b: 2 a - 1.5 = -0.25, within 1. */
static enum status coupled(void *context, const double *x, double *value, double *gradient,
                           struct error *err)
{
    (void)context, (void)err;
    *value = 2 * x[0] * x[0] + 2 * x[0] * x[1] + 3 * x[1] * x[1] - 3.5 * x[0] - 1.5 * x[1];
    gradient[0] = 4 * x[0] + 2 * x[1] - 3.5;
    gradient[1] = 2 * x[0] + 6 * x[1] - 1.5;
    return STATUS_OK;
}

/* Precise to a value that is rounded to f32. */
static enum status rounded(void *context, const double *x, double *value, double *gradient,
                           struct error *err)
{
    enum status status = quadratic(context, x, value, gradient, err);
    *value = (double)(float)*value + 1;
    return status;
}

static enum status fails(void *context, const double *x, double *value, double *gradient,
                         struct error *err)
{
    (void)context, (void)x, (void)gradient;
    *value = 0;
    return error_set(err, STATUS_DAMAGED, "no more data");
}

static enum status not_finite(void *context, const double *x, double *value, double *gradient,
                              struct error *err)
{
    (void)context, (void)x, (void)err;
    *value = NAN;
    gradient[0] = 0;
    return STATUS_OK;
}

static int stop_at_three(void *context, const struct lbfgs_state *state)
{
    (void)context;
    return state->iterations == 3;
}

static const struct lbfgs_options exact = {.iterations = 2000, .tolerance = 1e-14};

static void smooth_functions(void)
{
    struct lbfgs_problem problem = {.count = MANY, .evaluate = rosenbrock};
    struct lbfgs_options two = {.iterations = 2, .tolerance = 1e-14};
    struct lbfgs_result result;
    struct error err = {0};
    double x[MANY], wrong = 0;
    for (size_t i = 0; i < MANY; i++)
        x[i] = i % 2 ? 1 : -1.2;
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_OK, "Rosenbrock's valley");
    for (size_t i = 0; i < MANY; i++)
        wrong = fmax(wrong, fabs(x[i] - 1));
    near(wrong, 0, 1e-5, "  has its minimum at 1");
    ok(result.state.iterations < 200, "  found in %d iterations", result.state.iterations);

    memset(x, 0, sizeof x);
    problem.evaluate = quadratic;
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_OK, "scales from 1 to 1e3");
    near(result.state.value, 0, 1e-8, "  are all minimised");
    memset(x, 0, sizeof x);
    ok(lbfgs_minimise(&problem, &two, x, &result, &err) == STATUS_OK &&
           result.end == LBFGS_ITERATIONS && result.state.iterations == 2,
       "the limit of iterations is kept and told");
    problem.report = stop_at_three;
    memset(x, 0, sizeof x);
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_OK &&
           result.end == LBFGS_STOPPED && result.state.iterations == 3,
       "report can stop it");
    problem.report = NULL;
    problem.evaluate = rounded;
    problem.precision = 1e-7;
    memset(x, 0, sizeof x);
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_OK, "a rounded value");
    near(x[MANY - 1], target_of(MANY - 1), 1e-4, "  does not hide the minimum");
}

static void sparse_functions(void)
{
    struct lbfgs_problem problem = {
        .count = MANY, .l1 = 10, .l1_count = MANY - 1, .evaluate = quadratic};
    struct lbfgs_result result;
    struct error err = {0};
    double x[MANY] = {0}, two[2] = {3, -3}, wrong = 0;
    int zeros = 0, expected = 0;
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_OK, "l1");
    for (size_t i = 0; i < MANY; i++) {
        double target = target_of(i), less = i < MANY - 1 ? 10 / scale_of(i) : 0;
        double best = fabs(target) <= less ? 0 : target - copysign(less, target);
        wrong = fmax(wrong, fabs(x[i] - best) * sqrt(scale_of(i)));
        zeros += x[i] == 0;
        expected += best == 0;
    }
    near(wrong, 0, 1e-3, "  shrinks each variable as it should");
    same_int(zeros, expected, "  and makes these exactly 0");

    problem = (struct lbfgs_problem){.count = 2, .l1 = 1, .l1_count = 2, .evaluate = coupled};
    ok(lbfgs_minimise(&problem, &exact, two, &result, &err) == STATUS_OK, "coupled variables");
    near(two[0], 0.625, 1e-7, "  one is what it should be");
    ok(two[1] == 0, "  the other exactly 0");
    near(result.state.value, -0.78125, 1e-9, "  the value holds the l1 term");
}

static void bad_functions(void)
{
    struct lbfgs_problem problem = {.count = 1, .evaluate = fails};
    struct lbfgs_result result;
    struct error err = {0};
    double x[1] = {0};
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_DAMAGED &&
           strcmp(err.text, "no more data") == 0,
       "an error of the function is handed on");
    problem.evaluate = not_finite;
    ok(lbfgs_minimise(&problem, &exact, x, &result, &err) == STATUS_FAILED,
       "a start that is not finite is refused");
}

/* A = R^T R + I with R pseudo-random, over several blocks; and one that is not definite. */
static void cholesky(void)
{
    enum { N = 150 };
    float *a = memory_array(N * N, sizeof *a), *u = memory_array(N * N, sizeof *u);
    double x[N], v[N] = {0}, wrong = 0;
    struct pool *pool = NULL;
    struct error err;
    if (!ok(a && u && pool_new(2, &pool, &err) == STATUS_OK, "memory"))
        return;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = i == j;
            for (size_t k = 0; k < 10; k++)
                sum += sin((double)(i * 10 + k)) * sin((double)(j * 10 + k));
            a[i * N + j] = u[i * N + j] = (float)sum;
        }
    for (size_t i = 0; i < N; i++)
        x[i] = cos((double)i);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            v[i] += (double)a[i * N + j] * x[j];
    ok(cholesky_factor(N, u, pool, &err) == STATUS_OK, "Cholesky");
    cholesky_solve(N, u, v);
    for (size_t i = 0; i < N; i++)
        wrong = fmax(wrong, fabs(v[i] - x[i]));
    near(wrong, 0, 1e-4, "  solves");
    memset(u, 0, N * N * sizeof *u);
    ok(cholesky_factor(N, u, pool, &err) == STATUS_OK, "a matrix of zeros");
    cholesky_solve(N, u, v);
    ok(isfinite(v[0]) && isfinite(v[N - 1]), "  gives numbers");
    free(a);
    free(u);
    pool_free(pool);
}

int main(void)
{
    smooth_functions();
    sparse_functions();
    bad_functions();
    cholesky();
    return tap_done();
}
