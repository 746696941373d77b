/* How many pictures a run takes.
 *
 * A run reads all weights, whatever the number of its pictures, and writes and reads the results of
 * each. So many pictures are taken that the weights cost each of them at most half of what its
 * results do: more would bring little for the weights, and cost memory and cache for the results.
 * Which of the steps then go picture by picture is decided when planning (net_images.c). */
#include "nn/net_internal.h"

#include <stdlib.h>

enum { BATCH_MOST = 8 }; /* the weights then cost each picture an eighth; each takes memory */

int net_batch(const struct net *net)
{
    return net->batch;
}

/* The plan of a run of `batch` pictures; NULL when the network cannot take them, or leaves sizes
 * open. Only a lack of memory is an error: it must not change the batch, and with it the results.
 */
static enum status try_batch(const struct net *net, int batch, struct plan **plan,
                             struct error *err)
{
    struct tensor *inputs = memory_array(net->model->input_count + 1, sizeof *inputs);
    enum status status = STATUS_OK;
    *plan = NULL;
    if (!inputs)
        return error_memory(err);
    if (net->model->input_count == 1 && net_declared_inputs(net, batch, inputs))
        status = plan_new(net, inputs, 1, plan, err);
    free(inputs);
    if (status != STATUS_OK)
        *plan = NULL;
    return status == STATUS_SYSTEM ? status : STATUS_OK;
}

/* Can the network take so many at once, though it may say 1? Every output must have that many rows;
 * else the batch is 1. */
static enum status check_batch(struct net *net, struct error *err)
{
    struct plan *plan;
    enum status status = try_batch(net, net->batch, &plan, err);
    int works = plan != NULL;
    for (size_t i = 0; works && i < net->graph.output_count; i++) {
        const struct shape *shape = &plan->values[net->graph.outputs[i]].shape;
        works = shape->rank > 0 && shape->dim[0] == net->batch;
    }
    plan_free(plan);
    if (!works)
        net->batch = 1;
    return status;
}

static enum status find_best(struct net *net, struct error *err)
{
    struct plan *plan;
    enum status status = try_batch(net, 1, &plan, err);
    double weights = 0, results = 1;
    for (size_t i = 0; plan && i < plan->step_count; i++) {
        const struct step *step = &plan->steps[i];
        weights += (double)plan_weight_bytes(net, plan, step);
        for (int j = 0; j < step->out_count; j++)
            results += step->out[j] < 0 ? 0 : (double)plan->places[step->out[j]].bytes;
    }
    plan_free(plan);
    net->batch =
        2 * weights > (BATCH_MOST - 1) * results ? BATCH_MOST : 1 + (int)(2 * weights / results);
    return status;
}

enum status net_choose_batch(struct net *net, struct error *err)
{
    int channels, height, width;
    int64_t fixed =
        net->model->input_count && net_input(net, 0)->typed ? net_input(net, 0)->shape.dim[0] : -1;
    net->batch = 1;
    if (net_input_picture(net, &channels, &height, &width, NULL) != STATUS_OK)
        return STATUS_OK;
    if (fixed > 1 && fixed <= 1 << 16) {
        net->batch = (int)fixed;
        return STATUS_OK;
    }
    net->batch = net->options.batch;
    if (net->batch <= 0)
        TRY(find_best(net, err));
    return net->batch > 1 ? check_batch(net, err) : STATUS_OK;
}
