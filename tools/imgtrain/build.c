/* The network, with what the model is to say of itself, and its trainer. */
#include "base/random.h"
#include "base/text.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdlib.h>
#include <string.h>

void build_read_net(struct imgtrain *train)
{
    struct error err;
    if (!train->net)
        return;
    if (netfile_read(train->net, &train->net_text, &train->net_size, &err) != STATUS_OK ||
        netfile_check(train->net_text, train->net_size, train->net, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

/* Label names, one a line. */
static enum status set_labels(const struct imgtrain *train, struct error *err)
{
    struct buffer names = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < dataset_label_count(train->data) && status == STATUS_OK; i++) {
        if (i > 0)
            status = buffer_text(&names, "\n", err);
        if (status == STATUS_OK)
            status = text_tsv(&names, dataset_label(train->data, i), err);
    }
    if (status == STATUS_OK)
        status = buffer_append(&names, "", 1, err);
    if (status == STATUS_OK &&
        model_set_metadata(train->model, MODEL_LABELS, (char *)names.data) < 0)
        status = error_memory(err);
    buffer_free(&names);
    return status;
}

/* For messages. */
static const char *build_name(const struct imgtrain *train)
{
    return train->net ? train->net : train->backbone.path;
}

static enum status make_trainer(struct imgtrain *train, struct error *err)
{
    float *weights = weights_of_classes(train);
    /* other rounds drop other values */
    uint64_t seed = train->round > 1 ? random_mix(train->seed + train->round) : train->seed;
    struct trainer_options training = {
        .batch = train->batch,
        .seed = seed,
        .optimiser = train->optimiser,
        .loss = train->loss,
        .label_smoothing = (float)train->smoothing,
        .class_weights = weights,
        .ema = train->ema,
        .keep = train->keep == KEEP_BEST,
        .freeze_norm = train->freeze_norm,
        .body = train->tuned.body,
        .body_rate = (float)train->backbone_rate,
    };
    enum status status = trainer_new(train->model, train->pool, &training, &train->trainer, err);
    free(weights);
    if (status == STATUS_FAILED && train->backbone.path) {
        struct error why = *err;
        status = error_set(err, STATUS_USAGE, "%s; --from NODE trains only what comes after a node",
                           why.text);
    }
    return status == STATUS_OK ? status : error_prefix(err, "%s", build_name(train));
}

/* The network that .net describes, or the model that there is. */
static enum status make_model(struct imgtrain *train, struct error *err)
{
    struct netfile_options network = {
        .input = train->input, .classes = train->classes, .seed = train->seed};
    if (train->backbone.path && (!train->net || !train->backbone.frozen)) {
        finetune_build(train);
        return STATUS_OK;
    }
    return netfile_parse(train->net_text, train->net_size, train->net, &network, &train->model,
                         err);
}

void build(struct imgtrain *train)
{
    struct error err;
    enum status status = make_model(train, &err);
    if (status == STATUS_OK && train->data) {
        status = set_labels(train, &err);
        if (status == STATUS_OK &&
            (model_set_metadata(train->model, MODEL_LOSS, loss_name(train->loss)) < 0 ||
             (*backbone_recipe(train) &&
              model_set_metadata(train->model, MODEL_RECIPE, backbone_recipe(train)) < 0)))
            status = error_memory(&err);
    }
    if (status == STATUS_OK) {
        stop_hold(1); /* signals are for the main thread */
        status = pool_new(train->tool.threads, &train->pool, &err);
        stop_hold(0);
    }
    if (status == STATUS_OK && train->data && !train->lbfgs)
        status = make_trainer(train, &err);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    if (train->backbone.frozen) { /* what does not go together is told before it is learned */
        struct model *whole;
        backbone_join(train, &whole);
        model_free(whole);
    }
    if (train->plain_pixels && !train->lbfgs && !train->backbone.path && !train->tool.quiet &&
        strcmp(train->model->nodes[0].op_type, "BatchNormalization") != 0)
        tool_message(
            &train->tool, NULL,
            "the pixels come as 0 to 255, which few networks learn from: begin the network with "
            "BatchNormalization, or use imgprep --scale 0.003921569");
    if (train->trainer && trainer_classes(train->trainer) != train->classes)
        tool_usage(
            &train->tool,
            "%s: the network puts out %d numbers, and there are %d labels: end with units=$classes",
            build_name(train), trainer_classes(train->trainer), train->classes);
    if (train->trainer)
        tool_say(&train->tool, "%s: %zu weights", build_name(train),
                 trainer_parameters(train->trainer));
}
