/* The recipe as a line of text: the names and values of its fields. */
#include "image/recipe.h"

#include "base/number.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The fields in the order of the line. */
enum field {
    FIELD_DCT,
    FIELD_UPSAMPLING,
    FIELD_DECODING,
    FIELD_EXIF,
    FIELD_BACKGROUND,
    FIELD_RESIZE,
    FIELD_FILTER,
    FIELD_PAD,
    FIELD_CROP,
    FIELD_COLOUR,
    FIELD_TYPE,
    FIELD_LAYOUT,
    FIELD_SCALE,
    FIELD_MEAN,
    FIELD_STD,
    FIELDS
};

static const char *const dct_names[] = {"islow", "ifast", NULL};
static const char *const upsampling_names[] = {"fancy", "plain", NULL};
static const char *const decoding_names[] = {"full", "fast", NULL};
static const char *const exif_names[] = {"ignore", "apply", NULL};
static const char *const size_rounding_names[] = {"truncate", "even", NULL};
static const char *const crop_rounding_names[] = {"truncate", "even", "halves", NULL};
static const char *const filter_names[] = {
    "none",          "pil-nearest",   "pil-box",    "pil-bilinear",   "pil-hamming",
    "pil-bicubic",   "pil-lanczos",   "pil13-box",  "pil13-bilinear", "pil13-hamming",
    "pil13-bicubic", "pil13-lanczos", "cv-nearest", "cv-linear",      "cv-area",
    "tf-bilinear",   "tf-nearest",    NULL};
static const char *const colour_names[] = {"rgb", "bgr", "grey", NULL};
static const char *const type_names[] = {"u8", "f32", NULL};
static const char *const layout_names[] = {"hwc", "chw", NULL};

_Static_assert(sizeof filter_names / sizeof *filter_names == FILTERS + 1,
               "every filter has a name");

/* Lines of older versions lack the fields added later. `fallback` is the value that says what was
 * done before they existed; with it they are not in the line. `meaning` is for who does not know
 * the fields. A field that is one of several names has them in `choices` and is the enum at `at`.
 */
static const struct {
    const char *name, *fallback, *meaning;
    const char *const *choices;
    size_t at;
} fields[FIELDS] = {
    [FIELD_DCT] = {"dct", NULL, "how JPEGs are decoded", dct_names, offsetof(struct recipe, dct)},
    [FIELD_UPSAMPLING] = {"upsampling", NULL, "how the colours of JPEGs are enlarged",
                          upsampling_names, offsetof(struct recipe, upsampling)},
    [FIELD_DECODING] = {"decoding", "full", "at which size JPEGs are decoded", decoding_names,
                        offsetof(struct recipe, decoding)},
    [FIELD_EXIF] = {"exif", "ignore", "the camera's orientation", exif_names,
                    offsetof(struct recipe, exif)},
    [FIELD_BACKGROUND] = {"background", "none", "what is behind transparent pixels", NULL, 0},
    [FIELD_RESIZE] = {"resize", NULL, "the size", NULL, 0},
    [FIELD_FILTER] = {"filter", NULL, "the filter of the resize", filter_names,
                      offsetof(struct recipe, filter)},
    [FIELD_PAD] = {"pad", "none", "what is around the picture", NULL, 0},
    [FIELD_CROP] = {"crop", NULL, "the part that is cut out", NULL, 0},
    [FIELD_COLOUR] = {"colour", NULL, "the order of the colours", colour_names,
                      offsetof(struct recipe, colour)},
    [FIELD_TYPE] = {"type", NULL, NULL, type_names, offsetof(struct recipe, type)},
    [FIELD_LAYOUT] = {"layout", NULL, NULL, layout_names, offsetof(struct recipe, layout)},
    [FIELD_SCALE] = {"scale", NULL, "what pixels are multiplied by", NULL, 0},
    [FIELD_MEAN] = {"mean", NULL, "what is subtracted from them", NULL, 0},
    [FIELD_STD] = {"std", NULL, "what they are divided by", NULL, 0},
};

_Static_assert(sizeof(enum recipe_filter) == sizeof(int), "the enums are read and written as int");

const char *recipe_filter_name(enum recipe_filter filter)
{
    return filter_names[filter];
}

static void format_numbers(const float values[RECIPE_CHANNELS], char text[RECIPE_TEXT])
{
    char number[NUMBER_TEXT];
    int same = values[1] == values[0] && values[2] == values[0];
    size_t at = 0;
    for (int c = 0; c < (same ? 1 : RECIPE_CHANNELS); c++)
        at += (size_t)snprintf(text + at, RECIPE_TEXT - at, "%s%s", c ? "," : "",
                               number_format(values[c], number));
}

static void format_resize(const struct recipe *recipe, char text[RECIPE_TEXT])
{
    switch (recipe->resize) {
    case RESIZE_NONE:
        snprintf(text, RECIPE_TEXT, "none");
        break;
    case RESIZE_STRETCH:
        snprintf(text, RECIPE_TEXT, "stretch:%dx%d", recipe->width, recipe->height);
        break;
    case RESIZE_SHORT:
        snprintf(text, RECIPE_TEXT, "short:%d:%s", recipe->width,
                 size_rounding_names[recipe->size_rounding]);
        break;
    case RESIZE_FIT:
        snprintf(text, RECIPE_TEXT, "fit:%dx%d:%s", recipe->width, recipe->height,
                 size_rounding_names[recipe->size_rounding]);
        break;
    }
}

static void format_colour(int there, const unsigned char rgb[RECIPE_CHANNELS],
                          char text[RECIPE_TEXT])
{
    if (!there)
        snprintf(text, RECIPE_TEXT, "none");
    else if (rgb[0] == rgb[1] && rgb[0] == rgb[2])
        snprintf(text, RECIPE_TEXT, "%d", rgb[0]);
    else
        snprintf(text, RECIPE_TEXT, "%d,%d,%d", rgb[0], rgb[1], rgb[2]);
}

static void format_crop(const struct recipe *recipe, char text[RECIPE_TEXT])
{
    if (recipe->crop_width)
        snprintf(text, RECIPE_TEXT, "%dx%d:%s", recipe->crop_width, recipe->crop_height,
                 crop_rounding_names[recipe->crop_rounding]);
    else
        snprintf(text, RECIPE_TEXT, "none");
}

/* The field's value as in the line. */
static const char *format_field(const struct recipe *recipe, enum field field,
                                char text[RECIPE_TEXT])
{
    int index;
    if (fields[field].choices) {
        memcpy(&index, (const char *)recipe + fields[field].at, sizeof index);
        return fields[field].choices[index];
    }
    switch (field) {
    case FIELD_BACKGROUND:
        format_colour(recipe->has_background, recipe->background, text);
        break;
    case FIELD_RESIZE:
        format_resize(recipe, text);
        break;
    case FIELD_PAD:
        format_colour(recipe->padded, recipe->pad, text);
        break;
    case FIELD_CROP:
        format_crop(recipe, text);
        break;
    case FIELD_SCALE:
        return number_format(recipe->scale, text);
    case FIELD_MEAN:
        format_numbers(recipe->mean, text);
        break;
    default:
        format_numbers(recipe->std, text);
    }
    return text;
}

const char *recipe_format(const struct recipe *recipe, char text[RECIPE_TEXT])
{
    char room[RECIPE_TEXT];
    size_t at = 0;
    for (int f = 0; f < FIELDS && at < RECIPE_TEXT; f++) {
        const char *value = format_field(recipe, (enum field)f, room);
        if (!fields[f].fallback || strcmp(value, fields[f].fallback) != 0)
            at += (size_t)snprintf(text + at, RECIPE_TEXT - at, "%s%s=%s", f ? " " : "",
                                   fields[f].name, value);
    }
    return text;
}

/* The index of the name among `names`, or -1 with a message that lists them ("none" is what is
 * there without a choice). */
static int choose(const char *name, const char *const *names, struct error *err)
{
    char list[512] = "";
    for (int i = 0; names[i]; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], "none") != 0)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "",
                     names[i]);
    error_set(err, STATUS_USAGE, "'%s' is none of: %s", name, list);
    return -1;
}

static enum status set_numbers(float values[RECIPE_CHANNELS], const char *text, struct error *err)
{
    double reals[RECIPE_CHANNELS];
    size_t count;
    enum status status = number_reals(text, reals, RECIPE_CHANNELS, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 2)
        return error_set(err, STATUS_USAGE, "'%s' has 2 numbers, expected 1, or 1 per channel",
                         text);
    for (size_t c = 0; c < RECIPE_CHANNELS; c++)
        values[c] = (float)reals[count == 1 ? 0 : c] + 0.0F; /* no negative zero */
    return STATUS_OK;
}

/* "none", one number of 0 to 255, or one each for red, green and blue. */
static enum status set_colour(const char *text, int *there, unsigned char rgb[RECIPE_CHANNELS],
                              struct error *err)
{
    double reals[RECIPE_CHANNELS];
    size_t count = 0;
    *there = strcmp(text, "none") != 0;
    memset(rgb, 0, RECIPE_CHANNELS);
    if (!*there)
        return STATUS_OK;
    if (number_reals(text, reals, RECIPE_CHANNELS, &count, NULL) != STATUS_OK || count == 2)
        count = 0;
    for (size_t c = 0; c < count; c++)
        if (!(reals[c] >= 0 && reals[c] <= 255) || reals[c] != (int)reals[c])
            count = 0;
    if (!count)
        return error_set(err, STATUS_USAGE,
                         "'%s' is not a colour: expected V or R,G,B, whole numbers from 0 to 255",
                         text);
    for (size_t c = 0; c < RECIPE_CHANNELS; c++)
        rgb[c] = (unsigned char)reals[count == 1 ? 0 : c];
    return STATUS_OK;
}

/* "SIZE" or "SIZE:ROUNDING". */
static enum status set_size(const char *text, const char *const *roundings, int *width, int *height,
                            enum recipe_rounding *rounding, struct error *err)
{
    char size[32];
    size_t length = strcspn(text, ":");
    if (length >= sizeof size)
        return error_set(err, STATUS_USAGE, "'%s' is not a size", text);
    memcpy(size, text, length);
    size[length] = '\0';
    if (text[length]) {
        int index = choose(text + length + 1, roundings, err);
        if (index < 0)
            return STATUS_USAGE;
        *rounding = (enum recipe_rounding)index;
    }
    return number_size(size, width, height, err);
}

static enum status set_resize(struct recipe *recipe, const char *text, struct error *err)
{
    recipe->width = recipe->height = 0;
    recipe->size_rounding = ROUND_TRUNCATE;
    if (strcmp(text, "none") == 0) {
        recipe->resize = RESIZE_NONE;
        return STATUS_OK;
    }
    if (strncmp(text, "stretch:", 8) == 0 && !strchr(text + 8, ':')) {
        recipe->resize = RESIZE_STRETCH;
        return number_size(text + 8, &recipe->width, &recipe->height, err);
    }
    if (strncmp(text, "short:", 6) == 0 && !strchr(text, 'x')) {
        recipe->resize = RESIZE_SHORT;
        return set_size(text + 6, size_rounding_names, &recipe->width, &recipe->height,
                        &recipe->size_rounding, err);
    }
    if (strncmp(text, "fit:", 4) == 0) {
        recipe->resize = RESIZE_FIT;
        recipe->size_rounding = ROUND_EVEN;
        return set_size(text + 4, size_rounding_names, &recipe->width, &recipe->height,
                        &recipe->size_rounding, err);
    }
    return error_set(
        err, STATUS_USAGE,
        "'%s' is none of: none, stretch:N, stretch:WxH, short:N, fit:N, fit:WxH; after "
        "short and fit also :ROUNDING",
        text);
}

static enum status set_crop(struct recipe *recipe, const char *text, struct error *err)
{
    recipe->crop_width = recipe->crop_height = 0;
    recipe->crop_rounding = ROUND_EVEN;
    if (strcmp(text, "none") == 0)
        return STATUS_OK;
    return set_size(text, crop_rounding_names, &recipe->crop_width, &recipe->crop_height,
                    &recipe->crop_rounding, err);
}

static enum status set_scale(struct recipe *recipe, const char *text, struct error *err)
{
    double number;
    enum status status = number_real(text, &number, err);
    if (status == STATUS_OK)
        recipe->scale = (float)number;
    return status;
}

static enum status set_field(struct recipe *recipe, enum field field, const char *value,
                             struct error *err)
{
    if (fields[field].choices) {
        int index = choose(value, fields[field].choices, err);
        if (index < 0)
            return STATUS_USAGE;
        memcpy((char *)recipe + fields[field].at, &index, sizeof index);
        return STATUS_OK;
    }
    switch (field) {
    case FIELD_BACKGROUND:
        return set_colour(value, &recipe->has_background, recipe->background, err);
    case FIELD_RESIZE:
        return set_resize(recipe, value, err);
    case FIELD_PAD:
        return set_colour(value, &recipe->padded, recipe->pad, err);
    case FIELD_CROP:
        return set_crop(recipe, value, err);
    case FIELD_SCALE:
        return set_scale(recipe, value, err);
    case FIELD_MEAN:
        return set_numbers(recipe->mean, value, err);
    default:
        return set_numbers(recipe->std, value, err);
    }
}

static enum field find_field(const char *name, size_t length)
{
    int f = 0;
    while (f < FIELDS && (strncmp(fields[f].name, name, length) != 0 || fields[f].name[length]))
        f++;
    return (enum field)f;
}

enum status recipe_set(struct recipe *recipe, const char *name, const char *value,
                       struct error *err)
{
    enum field field = find_field(name, strlen(name));
    if (field == FIELDS)
        return error_set(err, STATUS_USAGE, "a recipe has no '%s'", name);
    if (set_field(recipe, field, value, err) != STATUS_OK)
        return error_prefix(err, "%s", name);
    return STATUS_OK;
}

static enum status parse_field(const char *text, size_t length, struct recipe *recipe,
                               unsigned *seen, struct error *err)
{
    char value[RECIPE_TEXT];
    const char *equals = memchr(text, '=', length);
    size_t name = equals ? (size_t)(equals - text) : length;
    enum field field = find_field(text, name);
    if (!equals || length - name > sizeof value)
        return error_set(err, STATUS_DAMAGED, "recipe: '%.*s' is not NAME=VALUE",
                         (int)(length < 64 ? length : 64), text);
    if (field == FIELDS)
        return error_set(err, STATUS_DAMAGED, "recipe: '%.*s' is unknown to this version",
                         (int)(length < 64 ? length : 64), text);
    if (*seen & 1U << field)
        return error_set(err, STATUS_DAMAGED, "recipe: %s is there twice", fields[field].name);
    *seen |= 1U << field;
    memcpy(value, equals + 1, length - name - 1);
    value[length - name - 1] = '\0';
    if (set_field(recipe, field, value, err) == STATUS_OK)
        return STATUS_OK;
    error_prefix(err, "recipe: %s", fields[field].name);
    if (err)
        err->status = STATUS_DAMAGED;
    return STATUS_DAMAGED;
}

enum status recipe_parse(const char *line, struct recipe *recipe, struct error *err)
{
    unsigned seen = 0;
    recipe_init(recipe);
    while (*line) {
        size_t length = strcspn(line, " ");
        enum status status = length ? parse_field(line, length, recipe, &seen, err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
        line += length + (line[length] == ' ');
    }
    for (int f = 0; f < FIELDS; f++)
        if (!fields[f].fallback && !(seen & 1U << f))
            return error_set(err, STATUS_DAMAGED, "recipe: %s is missing", fields[f].name);
    if (recipe_check(recipe, err) != STATUS_OK) {
        error_prefix(err, "recipe");
        if (err)
            err->status = STATUS_DAMAGED;
        return STATUS_DAMAGED;
    }
    return STATUS_OK;
}

int recipe_difference(const struct recipe *found, const struct recipe *expected,
                      char text[RECIPE_TEXT])
{
    char a[RECIPE_TEXT], b[RECIPE_TEXT];
    int count = 0;
    text[0] = '\0';
    for (int f = 0; f < FIELDS; f++) {
        const char *is = format_field(found, (enum field)f, a);
        const char *should = format_field(expected, (enum field)f, b);
        size_t at = strlen(text);
        if (!fields[f].meaning || strcmp(is, should) == 0) /* type and layout are only transport */
            continue;
        if (count == 0)
            snprintf(text, RECIPE_TEXT, "%s (%s) is %.300s, expected %.300s", fields[f].meaning,
                     fields[f].name, is, should);
        else
            snprintf(text + at, RECIPE_TEXT - at, "%s%s",
                     count == 1 ? "; it also differs in " : ", ", fields[f].name);
        count++;
    }
    return count > 0;
}
