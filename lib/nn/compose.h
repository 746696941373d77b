/* nn/compose: models cut behind one of their values, and joined.
 *
 * A backbone up to some value and a head that takes this value make one model. Constants are not
 * copied: a model made here points into those that it is made of, which must outlive it.
 */
#ifndef NN_COMPOSE_H
#define NN_COMPOSE_H

#include "nn/model.h"

/* The backbone as far as `value`, whose shape for one picture (batch first) is given, and the head
 * after it. Nodes that the value does not depend on are left out. Names of the backbone stay; those
 * of the head get _2, _3 ... where they are taken. Where one has N x C and the other N x C x 1 x 1,
 * a Flatten or Reshape goes between them. The backbone's opset holds: what the head says in newer
 * words is said in older ones. Metadata is the backbone's, replaced by the head's where both have a
 * key.
 * STATUS_USAGE: the head takes another shape; STATUS_FAILED: the opset is too old. */
enum status model_join(const struct model *backbone, int value, const struct shape *shape,
                       const struct model *head, struct model **whole, struct error *err);

/* What comes after `value`, which is typed (nn/infer.h), as a model with this value as its input.
 * STATUS_USAGE: nothing comes after it, or that needs more of what comes before. */
enum status model_after(const struct model *model, int value, struct model **after,
                        struct error *err);

#endif
