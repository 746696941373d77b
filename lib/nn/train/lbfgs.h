/* nn/train/lbfgs: the minimum of a smooth function of many variables, to which
 * the sum of l1 * |x[i]| over some of them may be added.
 *
 * It knows nothing of networks. Method: limited-memory BFGS (Liu & Nocedal
 * 1989; Nocedal & Wright, Numerical Optimization, 2006, algorithm 7.4) with a
 * line search for the strong Wolfe conditions (ibid., algorithms 3.5 and 3.6).
 * With l1 a step goes to the minimum of the quadratic that BFGS has made, plus
 * the l1 term (proximal.h), so that variables become exactly 0. Where rounding
 * hides how the value changes, a step is taken for its slope (Hager & Zhang
 * 2005). Nothing here is random.
 */
#ifndef NN_TRAIN_LBFGS_H
#define NN_TRAIN_LBFGS_H

#include "base/error.h"

#include <stddef.h>

struct lbfgs_state {
    int iterations, evaluations;
    double value;    /* of the whole function, with the l1 term */
    double gradient; /* the largest partial derivative by size; 0 where the l1
                        term holds x at 0 */
    double step;     /* of this iteration: 1 is the full step */
    double excess;   /* estimate of value - minimum: what the next step promises */
};

struct lbfgs_problem {
    size_t count; /* variables */
    double l1;
    size_t l1_count;  /* the first so many variables have the l1 term */
    double precision; /* the value's relative rounding error */
    void *context;
    /* The smooth part and its gradient. What it returns but STATUS_OK ends the
     * search. */
    enum status (*evaluate)(void *context, const double *x, double *value, double *gradient,
                            struct error *err);
    /* v becomes a rough inverse Hessian times v: symmetric, positive definite.
     * May change from one iteration to the next; NULL: the identity. */
    void (*precondition)(void *context, double *v);
    /* With l1 instead of precondition: what that is the inverse of, B0: element i
     * of its diagonal; and v += times * its column i. */
    double (*diagonal)(void *context, size_t i);
    void (*add_column)(void *context, size_t i, double times, double *v);
    /* After each iteration; not 0 ends the search. Or NULL. */
    int (*report)(void *context, const struct lbfgs_state *state);
};

struct lbfgs_options {
    int iterations;   /* at most */
    double tolerance; /* ends when excess, and the last decrease, are below
                         tolerance * |value| */
};

struct lbfgs_result {
    enum lbfgs_end {
        LBFGS_OPTIMUM,    /* within the tolerance */
        LBFGS_PRECISION,  /* no step makes it less: that is all that the value's
                             rounding allows */
        LBFGS_ITERATIONS, /* the limit */
        LBFGS_STOPPED     /* by report */
    } end;
    struct lbfgs_state state;
};

/* Begins at x, where the result will be. STATUS_FAILED: the function is not
 * finite at x. */
enum status lbfgs_minimise(const struct lbfgs_problem *problem, const struct lbfgs_options *options,
                           double *x, struct lbfgs_result *result, struct error *err);

#endif
