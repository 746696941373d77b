/* imgtrain --average: the models of several workers as one. */
#include "nn/average.h"
#include "nn/onnx.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdlib.h>
#include <string.h>

/* The options of a training have no meaning here, and would be missed in silence. */
static void check_options(struct imgtrain *train, int count)
{
    const char *name, *value;
    for (size_t at = 0; record_next_attribute(&train->made, &at, &name, &value);)
        if (strcmp(name, "--average") != 0 && strcmp(name, "--model") != 0)
            tool_usage(&train->tool, "%s has no meaning with --average, which learns nothing",
                       name);
    if (train->net || train->log || train->validation || train->checkpoint || train->resume ||
        train->labels)
        tool_usage(&train->tool, "--average takes models, and learns nothing");
    if (count < 1)
        tool_usage(&train->tool, "--average: which models?");
}

/* How many samples the model of -m, from which all went on, has learned from; 0 without it. */
static enum status samples_before(const struct imgtrain *train, int64_t *before, struct error *err)
{
    struct model *model = NULL;
    *before = 0;
    if (!train->backbone.path)
        return STATUS_OK;
    TRY(onnx_load(train->backbone.path, &model, err));
    *before = model_samples(model);
    model_free(model);
    if (*before < 0) /* one that others made */
        *before = 0;
    return STATUS_OK;
}

int average(struct imgtrain *train, int count, char **paths)
{
    struct error err;
    struct average_part *parts = memory_array((size_t)count + 1, sizeof *parts);
    enum status status = parts ? STATUS_OK : error_memory(&err);
    int weighted = 1;
    int64_t before = 0;
    check_options(train, count);
    tool_output(&train->tool);
    if (status == STATUS_OK)
        status = samples_before(train, &before, &err);
    for (int i = 0; i < count && status == STATUS_OK; i++) {
        parts[i].name = paths[i];
        status = onnx_load(paths[i], &parts[i].model, &err);
    }
    if (status == STATUS_OK)
        status = models_average(parts, (size_t)count, before, &weighted, &err);
    if (status == STATUS_OK && !weighted && !train->tool.quiet)
        tool_message(
            &train->tool, NULL,
            "not every model says how many samples it has learned from: all weigh the same");
    for (int i = 0; i < count && status == STATUS_OK; i++)
        tool_say(&train->tool, "%s: %lld samples", parts[i].name, (long long)parts[i].samples);
    if (status == STATUS_OK)
        status = onnx_save(parts[0].model, train->tool.output.fd, train->tool.output.name, &err);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    for (int i = 0; i < count; i++)
        model_free(parts[i].model);
    free(parts);
    record_free(&train->made);
    return tool_finish(&train->tool);
}
