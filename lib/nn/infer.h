/* nn/infer: what each value of a model is for one picture, told before anything is run. */
#ifndef NN_INFER_H
#define NN_INFER_H

#include "nn/model.h"

/* Gives every value that has one a type and a shape, whose first dimension is 1 where that is the
 * batch. Nodes whose results do not depend on the inputs become constants (and another name for a
 * constant becomes that constant). width, height: of the pictures, where the model leaves them
 * open; 0: unknown. Values and their numbers stay; a constant
 * that several nodes of BatchNormalization, or several Add, read gets copies of its own for each.
 * STATUS_FAILED: an operator that is not supported, named; STATUS_USAGE: sizes that nobody says. */
enum status model_infer(struct model *model, int width, int height, struct error *err);

/* Leaves out nodes and constants that no output depends on. */
enum status model_prune(struct model *model, struct error *err);

#endif
