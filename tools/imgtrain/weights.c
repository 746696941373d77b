/* What the errors of each class count. */
#include "base/number.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdlib.h>
#include <string.h>

/* Softmax: all classes have the same say: pictures / (classes * pictures of the class). Sigmoid:
 * for each label the pictures that have it and those that have it not have the same say. */
static enum status balance(const struct imgtrain *train, float *weights, struct error *err)
{
    size_t all = dataset_count(train->data), classes = (size_t)train->classes;
    size_t *with = memory_array(2 * classes, sizeof *with), *without = with + classes;
    float *target = memory_array(classes, sizeof *target);
    for (size_t i = 0; with && target && i < all; i++) {
        dataset_target(train->data, i, target);
        for (size_t c = 0; c < classes; c++) {
            with[c] += target[c] > 0;
            without[c] += !(target[c] > 0) && !(target[c] < 0);
        }
    }
    for (size_t c = 0; with && target && c < classes; c++) {
        double own = (double)with[c], others = (double)without[c];
        if (train->loss == LOSS_SOFTMAX)
            weights[c] = (float)((double)all / ((double)classes * own));
        else
            weights[c] = own > 0 ? (float)(others / own) : 1; /* nothing says what it should be */
    }
    free(target);
    free(with);
    return with && target ? STATUS_OK : error_memory(err);
}

/* LABEL=WEIGHT */
static enum status set_weight(const struct imgtrain *train, char *word, float *weights,
                              struct error *err)
{
    char *number = strrchr(word, '=');
    double weight = 0;
    if (!number)
        return error_set(err, STATUS_USAGE, "'%s': expected LABEL=WEIGHT", word);
    *number++ = '\0';
    TRY(number_within(number, 0, 1e6, &weight, err));
    for (size_t c = 0; c < (size_t)train->classes; c++)
        if (strcmp(dataset_label(train->data, c), word) == 0) {
            weights[c] = (float)weight;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "no tensor has the label '%s'", word);
}

static enum status set_weights(const struct imgtrain *train, float *weights, struct error *err)
{
    size_t size = strlen(train->weights) + 1;
    char *text = memory_array(size, 1), *word, *rest;
    enum status status = STATUS_OK;
    if (!text)
        return error_memory(err);
    memcpy(text, train->weights, size);
    for (int c = 0; c < train->classes; c++)
        weights[c] = 1;
    for (word = strtok_r(text, ",", &rest); word && status == STATUS_OK;
         word = strtok_r(NULL, ",", &rest))
        status = set_weight(train, word, weights, err);
    free(text);
    return status;
}

float *weights_of_classes(struct imgtrain *train)
{
    struct error err;
    enum status status;
    float *weights;
    if (!train->weights)
        return NULL;
    if (!(weights = memory_array((size_t)train->classes, sizeof *weights))) {
        error_memory(&err);
        tool_die(&train->tool, &err);
    }
    status = strcmp(train->weights, "balanced") == 0 ? balance(train, weights, &err)
                                                     : set_weights(train, weights, &err);
    if (status != STATUS_OK) {
        error_prefix(&err, "--class-weights");
        tool_die(&train->tool, &err);
    }
    return weights;
}
