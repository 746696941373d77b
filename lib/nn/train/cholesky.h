/* nn/train/cholesky: a symmetric positive definite matrix A (n x n, f32, dense, row by row) as U^T
 * U, and A^-1 times a vector. Made for preconditioners: where A is not positive definite to the
 * rounding of f32, it is made so rather than refused. Method: blocked, right-looking (Golub & Van
 * Loan, Matrix Computations, 4.2). */
#ifndef NN_TRAIN_CHOLESKY_H
#define NN_TRAIN_CHOLESKY_H

#include "base/pool.h"

/* The upper triangle of a becomes U; what is below the diagonal is not read. A row whose pivot is
 * lost in rounding gets its old diagonal as pivot (1 where that is not positive). The same bits for
 * any number of threads. STATUS_SYSTEM: no memory. */
enum status cholesky_factor(size_t n, float *a, struct pool *pool, struct error *err);
/* v = A^-1 v */
void cholesky_solve(size_t n, const float *u, double *v);

#endif
