/* imgprep: encoded pictures become tensors, ready for a model. */
#include "tools/imgprep/copies.h"
#include "tools/tool.h"

#include "base/number.h"
#include "image/prep.h"
#include "image/preset.h"
#include "nn/onnx.h"
#include "tools/published.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options that are fields of the recipe. Those from GIVEN_TYPE on say how the values travel,
 * not what they are. */
enum given {
    GIVEN_SIZE,
    GIVEN_SHORT,
    GIVEN_FIT,
    GIVEN_PAD,
    GIVEN_CROP,
    GIVEN_FILTER,
    GIVEN_COLOUR,
    GIVEN_SCALE,
    GIVEN_MEAN,
    GIVEN_STD,
    GIVEN_DCT,
    GIVEN_UPSAMPLING,
    GIVEN_FAST,
    GIVEN_EXIF,
    GIVEN_BACKGROUND,
    GIVEN_TYPE,
    GIVEN_LAYOUT,
    GIVEN
};

static const char *const given_names[GIVEN] = {
    "size", "short", "fit",        "pad",  "crop", "filter",     "colour", "scale", "mean",
    "std",  "dct",   "upsampling", "fast", "exif", "background", "type",   "layout"};

struct imgprep {
    struct tool tool;
    const char *given[GIVEN];       /* --size, --short ...: their arguments */
    const char *model;              /* -m */
    const char *preset;             /* --preset */
    const char *print;              /* --print-preset */
    int whole;                      /* --box ignore */
    struct decode_options decoding; /* --max-pixels, --max-scans, --max-memory, --jpeg-warnings */
    struct recipe recipe;           /* all of them, resolved */
    struct copies copies;           /* --augment, --copies, --original, --seed */
    char line[RECIPE_TEXT];         /* the recipe as it goes into the records */
};

enum {
    OPTION_FIELD = OPTION_LONG, /* OPTION_FIELD + i is given_names[i] */
    OPTION_PRESET = OPTION_LONG + GIVEN,
    OPTION_PRINT_PRESET,
    OPTION_MAX_PIXELS,
    OPTION_MAX_SCANS,
    OPTION_MAX_MEMORY,
    OPTION_JPEG_WARNINGS,
    OPTION_BOX,
    OPTION_AUGMENT,
    OPTION_COPIES,
    OPTION_ORIGINAL,
    OPTION_SEED,
};

static const struct option_entry options[] = {
    {'m', "model", "FILE", "prepare as the recipe in this ONNX model says"},
    {'s', "size", "N|WxH", "stretch to this size"},
    {OPTION_FIELD + GIVEN_SHORT, "short", "N", "resize so that the shorter side is N"},
    {OPTION_FIELD + GIVEN_FIT, "fit", "N|WxH", "resize to what fits in there"},
    {OPTION_FIELD + GIVEN_PAD, "pad", "V|R,G,B", "with --fit: fill the rest with this colour"},
    {OPTION_FIELD + GIVEN_CROP, "crop", "N|WxH", "keep the centre"},
    {OPTION_FIELD + GIVEN_FILTER, "filter", "NAME",
     "of the resize: pil-bilinear (default), pil-bicubic ...; see the manual"},
    {OPTION_FIELD + GIVEN_COLOUR, "colour", "NAME", "rgb (default), bgr or grey"},
    {OPTION_FIELD + GIVEN_SCALE, "scale", "X", "value = (pixel * scale - mean) / std; default 1"},
    {OPTION_FIELD + GIVEN_MEAN, "mean", "X[,X,X]", "default 0"},
    {OPTION_FIELD + GIVEN_STD, "std", "X[,X,X]", "default 1"},
    {OPTION_FIELD + GIVEN_TYPE, "type", "NAME",
     "u8 (default: the model applies scale, mean, std) or f32"},
    {OPTION_FIELD + GIVEN_LAYOUT, "layout", "NAME", "hwc (default) or chw"},
    {OPTION_BOX, "box", "NAME", "the attribute box: cut (default) or ignore"},
    {OPTION_PRESET, "preset", "NAME", "what well-known models were trained with, or none"},
    {OPTION_PRINT_PRESET, "print-preset", "NAME", "print the options it stands for, and end"},
    {OPTION_FIELD + GIVEN_DCT, "dct", "NAME", "JPEG: islow (default) or ifast"},
    {OPTION_FIELD + GIVEN_UPSAMPLING, "upsampling", "NAME", "JPEG: fancy (default) or plain"},
    {OPTION_FIELD + GIVEN_FAST, "fast", NULL, "decode large JPEGs at a fraction of their size"},
    {OPTION_FIELD + GIVEN_EXIF, "exif", "NAME",
     "the camera's orientation: ignore (default), apply"},
    {OPTION_FIELD + GIVEN_BACKGROUND, "background", "V|R,G,B", "behind transparent pixels"},
    {OPTION_JPEG_WARNINGS, "jpeg-warnings", "NAME",
     "damaged JPEGs: error (default), record, ignore"},
    {OPTION_MAX_PIXELS, "max-pixels", "N", "refuse larger pictures (default 178956970)"},
    {OPTION_MAX_SCANS, "max-scans", "N", "refuse progressive JPEGs with more (default 100)"},
    {OPTION_MAX_MEMORY, "max-memory", "MIB", "refuse pictures that take more (default 2048)"},
    {OPTION_AUGMENT, "augment", "CHANGES",
     "change at random: flip,rotate=10,cutout=8 ...: the options of imgtrain(1)"},
    {OPTION_COPIES, "copies", "N", "make N changed copies of each picture (default 1)"},
    {OPTION_ORIGINAL, "original", NULL, "and the picture itself before them"},
    {OPTION_SEED, "seed", "N", "of the changes: the same seed, the same copies (default 1)"},
    {0, NULL, NULL, NULL},
};

/* The options of copies. */
static enum status set_copies(struct copies *copies, int id, const char *argument,
                              struct error *err)
{
    int64_t number = 0;
    if (id == OPTION_AUGMENT) {
        copies->wanted = 1;
        return augment_parse(&copies->augment, argument, err);
    }
    copies->detailed = 1;
    if (id == OPTION_ORIGINAL) {
        copies->original = 1;
    } else if (id == OPTION_COPIES) {
        TRY(number_integer(argument, 1, COPIES_MAX, &number, err));
        copies->count = (int)number;
    } else {
        TRY(number_integer(argument, 0, INT64_MAX, &number, err));
        copies->seed = (uint64_t)number;
    }
    return STATUS_OK;
}

/* The options whose arguments are one of some names. */
static enum status set_name(int id, const char *argument, struct imgprep *prep, struct error *err)
{
    static const char *const boxes[] = {"cut", "ignore", NULL};
    static const char *const warnings[] = {"error", "record", "ignore", NULL};
    const char *const *names = id == OPTION_BOX ? boxes : warnings;
    int chosen = 0;
    while (names[chosen] && strcmp(argument, names[chosen]) != 0)
        chosen++;
    if (!names[chosen])
        return error_set(err, STATUS_USAGE, "--%s %s: expected %s",
                         id == OPTION_BOX ? "box" : "jpeg-warnings", argument,
                         id == OPTION_BOX ? "cut or ignore" : "error, record or ignore");
    if (id == OPTION_BOX)
        prep->whole = chosen;
    else
        prep->decoding.warnings = (enum decode_warnings)chosen;
    return STATUS_OK;
}

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgprep *prep = state;
    int64_t number = 0;
    enum status status = STATUS_OK;
    if (id >= OPTION_FIELD && id < OPTION_FIELD + GIVEN) {
        prep->given[id - OPTION_FIELD] = argument ? argument : ""; /* --fast has none */
        return STATUS_OK;
    }
    if (id >= OPTION_AUGMENT)
        return set_copies(&prep->copies, id, argument, err);
    switch (id) {
    case 'm':
        prep->model = argument;
        break;
    case 's':
        prep->given[GIVEN_SIZE] = argument;
        break;
    case OPTION_PRESET:
        prep->preset = argument;
        break;
    case OPTION_PRINT_PRESET:
        prep->print = argument;
        break;
    case OPTION_MAX_PIXELS:
        status = number_integer(argument, 1, INT32_MAX, &prep->decoding.max_pixels, err);
        break;
    case OPTION_MAX_SCANS:
        status = number_integer(argument, 1, INT32_MAX, &number, err);
        prep->decoding.max_scans = (int)number;
        break;
    case OPTION_MAX_MEMORY:
        status = number_integer(argument, 1, INT32_MAX, &number, err);
        prep->decoding.max_memory = number << 20;
        break;
    default:
        return set_name(id, argument, prep, err);
    }
    return status;
}

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
                       prep->given[i] ? given_names[i] : "preset");
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
            tool_usage(&prep->tool, "--%s and --%s contradict each other", given_names[first],
                       given_names[i]);
        if (prep->given[i])
            first = i;
    }
}

/* Model or preset first, then the single options, whatever their order on the command line. */
static void resolve(struct imgprep *prep)
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
            preset_option(given_names[i], prep->given[i], &prep->recipe, &err) != STATUS_OK)
            tool_usage(&prep->tool, "%s", err.text);
    if (!prep->model && prep->recipe.resize == RESIZE_NONE && !prep->recipe.crop_width &&
        (!prep->preset || strcmp(prep->preset, "none") != 0))
        tool_usage(&prep->tool, "which size? Give -m MODEL, --size N, --short N --crop N, --fit N, "
                                "--preset NAME, or --preset none to keep each picture's own");
    if (recipe_fractions(&prep->recipe) && !prep->given[GIVEN_TYPE])
        prep->recipe.type = TYPE_F32;
    if (recipe_check(&prep->recipe, &err) != STATUS_OK ||
        copies_settle(&prep->copies, &prep->recipe, prep->model != NULL, &err) != STATUS_OK)
        tool_usage(&prep->tool, "%s", err.text);
    recipe_format(&prep->recipe, prep->line);
}

/* What each thread has. */
struct worker {
    struct prep *prep;
    struct copier *copier; /* NULL without --augment */
    struct record result;
};

static void worker_free(void *state)
{
    struct worker *worker = state;
    if (!worker)
        return;
    prep_free(worker->prep);
    copier_free(worker->copier);
    record_free(&worker->result);
    free(worker);
}

static enum status worker_new(void *context, void **state, struct error *err)
{
    const struct imgprep *prep = context;
    const struct copies *copies = &prep->copies;
    struct worker *worker = memory_array(1, sizeof *worker);
    enum status status;
    *state = NULL;
    if (!worker)
        return error_memory(err);
    status = prep_new(copies->wanted ? &copies->whole : &prep->recipe, &prep->decoding,
                      &worker->prep, err);
    if (status == STATUS_OK && copies->wanted)
        status = copier_new(copies, &worker->copier, err);
    if (status != STATUS_OK)
        worker_free(worker);
    else
        *state = worker;
    return status;
}

/* What the result says of the picture read. STATUS_FAILED: it has too many attributes already. */
static enum status describe(struct record *result, const struct record *record, const char *line,
                            const struct prep_picture *picture, struct error *err)
{
    char number[16];
    TRY(record_copy_head(result, record, err));
    TRY(record_set(result, "recipe", line, err));
    snprintf(number, sizeof number, "%d", picture->width);
    TRY(record_set(result, "width", number, err));
    snprintf(number, sizeof number, "%d", picture->height);
    TRY(record_set(result, "height", number, err));
    return picture->warning ? record_set(result, "warning", picture->warning, err) : STATUS_OK;
}

/* Its copies, where they are wanted; key: the picture's. */
static enum status emit_copies(struct worker *worker, const struct copies *copies, const char *key,
                               const struct prep_picture *picture, struct emitter *emitter,
                               struct error *err)
{
    TRY(copier_read(worker->copier, worker->prep, key, picture, err));
    for (int i = copies->original ? 0 : 1; i <= copies->count; i++) {
        TRY(copier_make(worker->copier, key, i, &worker->result, err));
        TRY(emit_record(emitter, &worker->result, err));
    }
    return STATUS_OK;
}

/* STATUS_FAILED: the picture cannot be done. */
static enum status prepare(const struct imgprep *prep, struct worker *worker,
                           const struct record *record, struct emitter *emitter, struct error *err)
{
    const char *text = prep->whole ? NULL : record_get(record, "box");
    struct record *result = &worker->result;
    struct prep_picture picture;
    struct box box;
    if (record->kind != RECORD_IMAGE)
        return error_set(err, STATUS_FAILED, "a tensor already, expected an encoded image");
    if (text)
        TRY(box_parse(text, &box, err));
    TRY(prep_read(worker->prep, record->payload.data, record->payload.size, text ? &box : NULL,
                  &picture, err));
    TRY(describe(result, record, prep->line, &picture, err));
    if (worker->copier)
        return emit_copies(worker, &prep->copies, record_key(record), &picture, emitter, err);
    TRY(record_set_tensor(result, picture.type, &picture.shape, err));
    TRY(prep_write(worker->prep, result->payload.data, err));
    return emit_record(emitter, result, err);
}

static enum status work(void *context, void *state, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum status status = prepare(context, state, &records[i], emitter, err);
        if (status == STATUS_FAILED)
            status = emit_failure(emitter, &records[i], err->text, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* --print-preset. */
static int print_preset(struct imgprep *prep)
{
    struct error err;
    const char *text;
    if (preset_options(prep->print, &text, &err) != STATUS_OK)
        tool_usage(&prep->tool, "%s", err.text);
    puts(text);
    return tool_finish(&prep->tool);
}

int main(int argc, char **argv)
{
    struct imgprep prep = {
        .copies = {.count = 1, .seed = 1},
        .tool = {
            .name = "imgprep",
            .usage = "[OPTION]... [FILE]...",
            .purpose = "Turn a stream of encoded pictures into a stream of tensors for a model.",
            .examples = "  imgextract photos.tar | imgprep -m shapes.onnx > photos.its\n"
                        "  imgprep --size 224 --mean 128 --std 128 pics.its > ready.its\n",
            .options = options,
            .set = set,
            .state = &prep,
            .binary = 1,
        }};
    struct map map = {
        .work = work, .context = &prep, .worker_new = worker_new, .worker_free = worker_free};
    struct reader *reader;
    struct writer *writer;
    int operand;
    decode_init(&prep.decoding);
    operand = tool_start(&prep.tool, argc, argv);
    if (prep.print)
        return print_preset(&prep);
    resolve(&prep);
    tool_say(&prep.tool, "recipe: %s", prep.line);
    writer = tool_writer(&prep.tool);
    reader = tool_reader(&prep.tool, argc, argv, operand);
    tool_map(&prep.tool, &map, reader, writer);
    reader_free(reader);
    writer_free(writer);
    return tool_finish(&prep.tool);
}
