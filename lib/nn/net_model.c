/* What a model's last nodes say about it. */
#include "nn/net.h"

#include <string.h>

static int is_one_of(const char *op, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(op, *names) == 0)
            return 1;
    return 0;
}

const char *model_features(const struct model *model)
{
    static const char *const classifiers[] = {"Gemm", "MatMul", "Conv", NULL};
    for (size_t i = model->node_count; i-- > 0;) {
        const struct node *node = &model->nodes[i];
        if (is_one_of(node->op_type, classifiers) && node->input_count > 1 && node->inputs[0] >= 0)
            return model->values[node->inputs[0]].name;
    }
    return NULL;
}

int model_ends_in_softmax(const struct model *model)
{
    static const char *const same_values[] = {"Identity",  "Reshape", "Flatten", "Squeeze",
                                              "Unsqueeze", "Dropout", "Cast",    NULL};
    static const char *const probabilities[] = {"Softmax", "Sigmoid", "HardSigmoid", NULL};
    int value = model->output_count ? model->outputs[0] : -1;
    while (value >= 0 && model->values[value].producer >= 0) {
        const struct node *node = &model->nodes[model->values[value].producer];
        if (is_one_of(node->op_type, probabilities))
            return 1;
        if (!is_one_of(node->op_type, same_values) || node->input_count < 1)
            return 0;
        value = node->inputs[0];
    }
    return 0;
}
