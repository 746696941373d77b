/* nn/train/curvature: how strongly the loss of a linear layer bends, from the
 * features alone, to make steps of the right size in all directions.
 *
 * The second derivative of mean(loss) + l2 / 2 * |w|^2 by the weights w and
 * bias b of one output is about bend * (mean of (x,1) (x,1)^T) + l2 * (I,0),
 * where bend is the mean second derivative of the loss by the output (Boehning
 * 1992). In centred features its inverse falls apart into (bend * covariance +
 * l2 I)^-1 and 1 / bend. The covariance is taken from some thousand samples,
 * for it need not be exact; where there are too many features, only its
 * diagonal counts. */
#ifndef NN_TRAIN_CURVATURE_H
#define NN_TRAIN_CURVATURE_H

#include "base/pool.h"
#include "nn/train/samples.h"

struct curvature;
enum status curvature_new(const struct samples *samples, struct pool *pool,
                          struct curvature **curvature, struct error *err);
void curvature_free(struct curvature *curvature);
/* For the next solutions. Costs little when bend changed little. */
enum status curvature_set(struct curvature *curvature, double bend, double l2, struct error *err);
/* Of the features; by it they are centred. */
const double *curvature_mean(const struct curvature *curvature);
/* In centred features the second derivative is bend * covariance + l2 for the
 * weights, and bend for the bias. Its diagonal, i = length for the bias; and w
 * += times * its column i < length. */
double curvature_diagonal(const struct curvature *curvature, size_t i);
void curvature_add_column(const struct curvature *curvature, size_t i, double times, double *w);
/* (w, b), in centred features, become the inverse times (w, b); b: NULL when
 * there is no bias. */
void curvature_solve(const struct curvature *curvature, double *w, double *b);

#endif
