/* nn/train/data/mix: two pictures become one, with a share of each one's target.
 *
 * mixup: each pixel is the weighted mean of both pictures' (Zhang et al., "mixup: Beyond Empirical
 * Risk Minimization", 2018). cutmix: a rectangle of the first is replaced by the second's (Yun et
 * al., "CutMix", 2019); with a share s of the first, its sides are sqrt(1 - s) of the picture's, it
 * is centred anywhere and clipped at the edges. s is drawn from Beta(alpha, alpha) for each
 * picture; both papers' programs draw one for a whole batch. */
#ifndef NN_TRAIN_DATA_MIX_H
#define NN_TRAIN_DATA_MIX_H

#include "base/random.h"
#include "nn/dims.h"

#include <stddef.h>

/* How a picture is mixed: drawn by mix_draw. */
struct mix {
    float share;                  /* of the first picture, 0 to 1 */
    int top, left, bottom, right; /* cutmix: the rectangle; mixup: none, bottom is 0 */
};

/* alpha of both; 0: not that one. With both, each is drawn for every other picture. Vectors (height
 * 0) are one row of pixels. */
void mix_draw(double mixup, double cutmix, struct dims dims, struct random *random,
              struct mix *mix);
/* Changes `pixels`. */
void mix_pixels(const struct mix *mix, struct dims dims, float *pixels, const float *other);
/* Changes `target`, `count` numbers. What is not known (-1) of one is not known of both. */
void mix_targets(const struct mix *mix, size_t count, float *target, const float *other);

#endif
