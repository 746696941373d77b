/* nn/train/proximal: the step of lbfgs.h where there is an l1 term. */
#ifndef NN_TRAIN_PROXIMAL_H
#define NN_TRAIN_PROXIMAL_H

#include "nn/train/lbfgs.h"

/* The function's second derivatives as limited-memory BFGS has them: B = sigma
 * * B0 - W M W^T with W = (sigma * B0 S, Y) (Nocedal & Wright, 2006,
 * theorem 7.4). */
struct proximal {
    const struct lbfgs_problem *problem;
    double sigma;
    int pairs;               /* newest last */
    const double *const *s;  /* the steps */
    const double *const *bs; /* B0 times these */
    const double *const *y;  /* the changes of the gradient */
    double *w, *wm;          /* count x 2 pairs: W and W M; room */
    double *bd;              /* count: sigma * B0 d; room */
};

/* d: near the minimum of g d + d B d / 2 + l1 |x + d|, by descent along one
 * variable after the other (Tang & Scheinberg 2016; Lee, Sun & Saunders 2014).
 * Returns what it promises: minus the value of that. slope: the part of it that
 * is linear near 0, which is negative. */
double proximal_step(struct proximal *proximal, const double *x, const double *g, double *d,
                     double *slope);
/* v += times * column i of B0 */
void proximal_add_column(const struct lbfgs_problem *problem, size_t i, double times, double *v);

#endif
