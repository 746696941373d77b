#include "tools/imgtrain/imgtrain.h"
#include "nn/onnx.h"

#include <stdlib.h>

static void save(struct imgtrain *train)
{
    struct error err;
    struct model *whole = NULL;
    if (train->trainer && (trainer_sound(train->trainer, &err) != STATUS_OK ||
                           trainer_store(train->trainer, train->model, &err) != STATUS_OK))
        tool_die(&train->tool, &err);
    if (train->tuned.base)
        finetune_finish(train);
    if (train->backbone.frozen)
        backbone_join(train, &whole);
    if (onnx_save(whole ? whole : train->model, train->tool.output.fd, train->tool.output.name,
                  &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    model_free(whole);
    log_close(train);
}

static void release(struct imgtrain *train)
{
    online_close(train);
    trainer_free(train->trainer);
    feed_free(train->feed);
    feed_free(train->held_feed);
    each_epoch_free(train);
    dataset_free(train->held);
    pool_free(train->pool);
    finetune_close(train);
    model_free(train->model);
    backbone_close(train);
    free(train->net_text);
    record_free(&train->made);
}

/* From the options to the model. */
static void make(struct imgtrain *train, int argc, char **argv, int operand)
{
    int without_data = train->epochs == 0 && operand >= argc && !train->each_epoch.command;
    online_settle(train);
    options_settle(train);
    options_check(train, without_data, operand < argc);
    tool_output(&train->tool);
    log_open(train);
    build_read_net(train);
    backbone_open(train);
    if (train->online.on)
        online_open(train, argc, argv, operand);
    else if (!without_data)
        data_read(train, argc, argv, operand);
    backbone_check(train);
    build(train);
    if (train->data && !train->lbfgs)
        checkpoint_start(train);
    log_begin(train);
    if (train->online.on)
        online_learn(train);
    else if (train->lbfgs)
        optimum(train);
    else if (train->data)
        learn(train);
    save(train);
}

/* The exit status. */
static int finish(struct imgtrain *train)
{
    int damaged, status;
    release(train);
    damaged = train->online.on && train->tool.damaged;
    if (damaged) /* what was learned up to there is of use: no half a result */
        train->tool.damaged = 0;
    status = tool_finish(&train->tool);
    if (train->stopped)
        stop_end();
    return damaged ? EXIT_DAMAGED : status;
}

int main(int argc, char **argv)
{
    struct imgtrain train = {
        .tool = {.name = "imgtrain",
                 .usage = "-n NET -o MODEL.onnx [OPTION]... [FILE]...",
                 .purpose = "Learn a network from labelled tensors and write it as an ONNX model.",
                 .options = imgtrain_options,
                 .set = imgtrain_set,
                 .state = &train,
                 .binary = 1,
                 .examples = "  imgextract train.tar | imgprep --size 32 | imgtrain -n shapes.net "
                             "-o shapes.onnx\n"
                             "  imgtrain -n cnn4.net --val test.its --epochs 20 --flip --log "
                             "log.tsv -o cnn4.onnx train.its\n"},
        .course = {.epoch = 1},
        .online = {.buffer = 2048, .passes = 1, .window = 1000, .report = 1000},
        .epochs = 10,
        .batch = 64,
        .schedule = {.kind = SCHEDULE_COSINE, .rate = -1, .final_rate = -1},
        .optimiser = {.momentum = -1, .beta2 = -1, .epsilon = -1, .weight_decay = -1},
        .l2 = -1,
        .tolerance = 1e-8,
        .iterations = 1000,
        .seed = 1,
        .backbone_rate = 1,
        .memory = (int64_t)1024 << 20,
    };
    int operand = tool_start(&train.tool, argc, argv);
    if (train.average)
        return average(&train, argc - operand, argv + operand);
    make(&train, argc, argv, operand);
    return finish(&train);
}
