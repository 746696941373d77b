/* One batch: load, forward, backward, update. */
#include "nn/train/train_internal.h"

#include <string.h>

/* Input: the weights are made ready for the kernels, one layer a job; then each lane loads its
 * pictures. */

static void prepare_layer(struct layer *input, int job, int worker)
{
    struct layer *layer = &input->trainer->layers[job];
    (void)worker;
    if (layer->op->prepare)
        layer->op->prepare(layer);
}

static void load_lane(struct layer *input, int lane, int worker)
{
    struct trainer *trainer = input->trainer;
    const struct batch_source *source = trainer->source;
    size_t first, count = lane_pictures(trainer, lane, &first);
    size_t classes = (size_t)trainer_classes(trainer);
    trainer->lane_error[lane].status = STATUS_OK;
    for (size_t i = first; i < first + count; i++) {
        float *pixels = input->out->data + i * input->out->size;
        enum status status =
            source->load(source->context, worker, trainer->first + i, pixels,
                         trainer->targets + i * classes, &trainer->lane_error[lane]);
        if (status != STATUS_OK) {
            trainer->lane_error[lane].status = status;
            return;
        }
    }
}

const struct train_op train_input = {
    .op_type = "",
    .forward = {{PER_BLOCK, prepare_layer}, {PER_LANE, load_lane}},
};

static enum status run(struct trainer *trainer, const struct program *program,
                       const struct batch_source *source, size_t first, size_t count,
                       struct batch_result *result, struct error *err)
{
    *result = (struct batch_result){0};
    if (count < 1 || count > (size_t)trainer->options.batch)
        return error_set(err, STATUS_USAGE, "%zu pictures in a batch of %d", count,
                         trainer->options.batch);
    trainer->source = source;
    trainer->first = first;
    trainer->count = count;
    program_run(program, trainer->pool);
    for (int lane = 0; lane < trainer->lanes; lane++) {
        if (trainer->lane_error[lane].status != STATUS_OK) {
            *err = trainer->lane_error[lane];
            return err->status;
        }
        result->loss += trainer->lane_result[lane].loss;
        result->count += trainer->lane_result[lane].count;
        result->labels += trainer->lane_result[lane].labels;
        result->correct += trainer->lane_result[lane].correct;
    }
    return STATUS_OK;
}

enum status trainer_step(struct trainer *trainer, const struct batch_source *source, size_t first,
                         size_t count, float rate, struct batch_result *result, struct error *err)
{
    trainer->rate = rate;
    trainer->batch_number++;
    trainer->samples += count;
    return run(trainer, &trainer->learn, source, first, count, result, err);
}

enum status trainer_evaluate(struct trainer *trainer, const struct batch_source *source,
                             size_t first, size_t count, float *outputs,
                             struct batch_result *result, struct error *err)
{
    const struct activation_map *logits = trainer->layers[trainer->layer_count - 1].out;
    enum status status;
    state_swap_average(trainer);
    status = run(trainer, &trainer->infer, source, first, count, result, err);
    state_swap_average(trainer);
    if (status == STATUS_OK && outputs)
        memcpy(outputs, logits->data, count * logits->size * sizeof *outputs);
    return status;
}
