/* The recipe that the options ask for. */
#include "image/preset.h"
#include "nn/onnx.h"
#include "tools/imgprep/imgprep.h"
#include "tools/published.h"

#include <string.h>

/* The recipe that the model was trained with stands in its metadata, or in models/public.tsv. */
static void recipe_of_model(struct imgprep *prep)
{
    struct error err;
    struct model *model;
    const char *line;
    char why[PUBLISHED_WHY];
    enum status status;
    for (int i = 0; i < GIVEN_TYPE; i++)
        if (prep->given[i] || prep->preset)
            tool_usage(&prep->tool, "--%s contradicts -m: the model's recipe says it",
                       prep->given[i] ? imgprep_given[i] : "preset");
    if (onnx_load(prep->model, &model, &err) != STATUS_OK)
        tool_die(&prep->tool, &err);
    published_recipe(&prep->tool, prep->model, model, why);
    line = model_get_metadata(model, MODEL_RECIPE);
    if (!line)
        tool_usage(&prep->tool,
                   "%s has no recipe in its metadata (%s)%s%s: say how it was trained, with "
                   "--preset, or with --size, --mean ...",
                   prep->model, MODEL_RECIPE, *why ? "; " : "", why);
    status = recipe_parse(line, &prep->recipe, &err);
    model_free(model);
    if (status != STATUS_OK) {
        error_prefix(&err, "%s", prep->model);
        tool_die(&prep->tool, &err);
    }
}

static void recipe_of_preset(struct imgprep *prep)
{
    struct error err;
    const char *text;
    if (preset_options(prep->preset, &text, &err) != STATUS_OK ||
        preset_apply(text, &prep->recipe, &err) != STATUS_OK)
        tool_usage(&prep->tool, "%s", err.text);
}

/* At most one of --size, --short and --fit. */
static void check_sizes(struct imgprep *prep)
{
    int first = -1;
    for (int i = GIVEN_SIZE; i <= GIVEN_FIT; i++) {
        if (prep->given[i] && first >= 0)
            tool_usage(&prep->tool, "--%s and --%s contradict each other", imgprep_given[first],
                       imgprep_given[i]);
        if (prep->given[i])
            first = i;
    }
}

/* Neither a model nor an option says a size. */
static void check_size_said(struct imgprep *prep)
{
    if (!prep->preset)
        tool_usage(&prep->tool, "which size? Give -m MODEL, --size N, --short N --crop N, --fit N, "
                                "--preset NAME, or --preset none to keep each picture's own");
    if (strcmp(prep->preset, "none") != 0)
        tool_usage(&prep->tool,
                   "which size? The preset %s does not say one: add --size N (or --short N --crop "
                   "N, --fit N)",
                   prep->preset);
}

void resolve(struct imgprep *prep)
{
    struct error err;
    recipe_init(&prep->recipe);
    check_sizes(prep);
    if (prep->model)
        recipe_of_model(prep);
    else if (prep->preset)
        recipe_of_preset(prep);
    for (int i = 0; i < GIVEN; i++)
        if (prep->given[i] &&
            preset_option(imgprep_given[i], prep->given[i], &prep->recipe, &err) != STATUS_OK)
            tool_usage(&prep->tool, "%s", err.text);
    if (!prep->model && prep->recipe.resize == RESIZE_NONE && !prep->recipe.crop_width)
        check_size_said(prep);
    if (recipe_fractions(&prep->recipe) && !prep->given[GIVEN_TYPE])
        prep->recipe.type = TYPE_F32;
    if (recipe_check(&prep->recipe, &err) != STATUS_OK ||
        copies_settle(&prep->copies, &prep->recipe, prep->model != NULL, &err) != STATUS_OK)
        tool_usage(&prep->tool, "%s", err.text);
    recipe_format(&prep->recipe, prep->line);
}
