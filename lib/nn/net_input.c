/* What the network takes: its inputs as the model declares them, the first one as a picture. */
#include "nn/net_internal.h"

#include <stdlib.h>

const struct value *net_input(const struct net *net, size_t i)
{
    return &net->model->values[net->model->inputs[i]];
}

size_t net_input_count(const struct net *net)
{
    return net->model->input_count;
}

/* Few numbers last and many first; but N x 64 x 4 x 4 is a map of features. */
int net_looks_nhwc(const struct value *value)
{
    const int64_t *dim = value->shape.dim;
    return value->typed && value->shape.rank == 4 && dim[3] >= 1 && dim[3] <= 4 &&
           !(dim[1] >= 1 && dim[1] <= 4) && (dim[2] < 0 || dim[2] > dim[3]);
}

enum status net_input_picture(const struct net *net, int *channels, int *height, int *width,
                              struct error *err)
{
    const struct value *value;
    char text[SHAPE_TEXT];
    int64_t dim[3];
    if (net->model->input_count < 1)
        return error_set(err, STATUS_FAILED, "the network has no input");
    value = net_input(net, 0);
    if (!value->typed || value->type != ELEMENT_F32 || value->shape.rank != 4)
        return error_set(err, STATUS_FAILED,
                         "the network's input '%s' is %s %s, not a batch of pictures", value->name,
                         value->typed ? element_name(value->type) : "of no declared type",
                         value->typed ? shape_format(&value->shape, text) : "");
    for (int i = 0; i < 3; i++) {
        static const int order[2][3] = {{1, 2, 3}, {3, 1, 2}};
        dim[i] = value->shape.dim[order[net->is_nhwc][i]];
        if (dim[i] == 0 || dim[i] > 1 << 16)
            return error_set(err, STATUS_FAILED,
                             "the network's input '%s' has the impossible shape %s", value->name,
                             shape_format(&value->shape, text));
    }
    if (dim[1] < 0 && net->options.height > 0)
        dim[1] = net->options.height;
    if (dim[2] < 0 && net->options.width > 0)
        dim[2] = net->options.width;
    *channels = dim[0] < 0 ? -1 : (int)dim[0];
    *height = dim[1] < 0 ? -1 : (int)dim[1];
    *width = dim[2] < 0 ? -1 : (int)dim[2];
    return STATUS_OK;
}

void net_picture_shape(const struct net *net, int64_t batch, int channels, int height, int width,
                       struct shape *shape)
{
    *shape = net->is_nhwc ? (struct shape){4, {batch, height, width, channels}}
                          : (struct shape){4, {batch, channels, height, width}};
}

int net_declared_inputs(const struct net *net, int batch, struct tensor *inputs)
{
    int channels, height, width;
    for (size_t i = 0; i < net->model->input_count; i++) {
        const struct value *value = net_input(net, i);
        inputs[i] = (struct tensor){value->type, value->shape, NULL};
        if (i == 0 && net_input_picture(net, &channels, &height, &width, NULL) == STATUS_OK)
            net_picture_shape(net, batch, channels, height, width, &inputs[i].shape);
        if (!value->typed)
            return 0;
        for (int d = 0; d < inputs[i].shape.rank; d++) {
            if (d == 0 && inputs[i].shape.dim[0] < 0)
                inputs[i].shape.dim[0] = batch;
            if (inputs[i].shape.dim[d] < 0)
                return 0;
        }
    }
    return 1;
}

enum status net_declared_plan(const struct net *net, struct plan **plan, struct error *err)
{
    struct tensor *inputs = memory_array(net->model->input_count + 1, sizeof *inputs);
    enum status status = inputs ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK && !net_declared_inputs(net, 1, inputs))
        status = error_set(err, STATUS_USAGE, "the model leaves the size of its input open");
    if (status == STATUS_OK)
        status = plan_new(net, inputs, 0, plan, err);
    free(inputs);
    return status;
}
