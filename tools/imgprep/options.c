/* The command line: what the options are, and where their arguments go. */
#include "base/number.h"
#include "tools/imgprep/imgprep.h"

#include <string.h>

const char *const imgprep_given[GIVEN] = {
    "size", "short", "fit",        "pad",  "crop", "filter",     "colour", "scale", "mean",
    "std",  "dct",   "upsampling", "fast", "exif", "background", "type",   "layout"};

enum {
    OPTION_FIELD = OPTION_LONG, /* OPTION_FIELD + i is imgprep_given[i] */
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

const struct option_entry imgprep_options[] = {
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

enum status imgprep_set(void *state, int id, const char *argument, struct error *err)
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
