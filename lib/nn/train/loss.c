/* The losses by name. */
#include "nn/train/train_internal.h"

static const char *const names[LOSS_TYPES] = {"softmax", "sigmoid"};

const char *loss_name(enum loss loss)
{
    return names[loss];
}

const struct train_op *loss_op(enum loss loss)
{
    return loss == LOSS_SIGMOID ? &train_loss_sigmoid : &train_loss_softmax;
}
