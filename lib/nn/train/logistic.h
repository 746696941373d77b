/* nn/train/logistic: penalised logistic regression to its optimum, over samples
 * that may be too many for memory.
 *
 * For samples x with class y, minimises over weights W (classes x length) and
 * biases b
 *
 *     mean over the samples of -log(softmax(W x + b)[y])  +  l2 / 2 * |W|^2  +
 * l1 * |W|_1
 *
 * Biases are not penalised. Two classes are one sigmoid of w x + b, w = W[1] -
 * W[0], and the penalty is that of w; the model gets W[1] = w / 2 and W[0] = -w
 * / 2. So in both cases it is scikit-learn's LogisticRegression with C = 1 / (n
 * * l2) or, for l1, C = 1 / (n * l1).
 *
 * Each evaluation goes through all samples once: logits, loss and gradient of a
 * block of rows while it is in the cache. Sums are f32 within a block, f64
 * beyond; blocks belong to lanes, whose sums are added in order, so that the
 * number of threads changes no bit. lbfgs.h minimises, curvature.h sets the
 * scale. */
#ifndef NN_TRAIN_LOGISTIC_H
#define NN_TRAIN_LOGISTIC_H

#include "base/pool.h"
#include "nn/train/lbfgs.h"
#include "nn/train/linear.h"
#include "nn/train/samples.h"
#include "nn/train/train.h"

/* How many samples should be fetched at once: samples.block. */
size_t logistic_block(size_t length);

struct logistic_options {
    double l1, l2;
    struct lbfgs_options search;
    void *context; /* of report */
    /* After each iteration; state->value is the mean loss with the penalty, score
     * that of all samples, without. Not 0 ends the search. NULL: none. */
    int (*report)(void *context, const struct lbfgs_state *state, const struct batch_result *score);
};

/* Begins with W = 0, whatever is in `linear`. Where there is no penalty and all
 * samples are told apart, there is no optimum: the weights would grow without
 * end. It ends then with LBFGS_STOPPED, too, once the loss is next to nothing.
 */
enum status logistic_fit(const struct samples *samples, struct pool *pool,
                         const struct logistic_options *options, struct linear *linear,
                         struct lbfgs_result *result, struct batch_result *score,
                         struct error *err);
/* How good it is on samples. */
enum status logistic_measure(const struct samples *samples, struct pool *pool,
                             const struct linear *linear, struct batch_result *score,
                             struct error *err);

#endif
