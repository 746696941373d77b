#include "image/preset.h"

#include <stdio.h>
#include <string.h>

#define IMAGENET "--scale 0.003921569 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"

/* options NULL: known by name, but it needs what `lacks` says. */
static const struct {
    const char *name, *options, *lacks;
} presets[] = {
    /* torchvision/transforms/_presets.py, ImageClassification: Resize(256), CenterCrop(224),
       ToTensor, Normalize */
    {"torchvision", "--short 256 --filter pil-bilinear --crop 224 --colour rgb " IMAGENET, NULL},
    /* the weights IMAGENET1K_V2 of ResNet-50, MobileNetV2 ... */
    {"torchvision-v2", "--short 232 --filter pil-bilinear --crop 224 --colour rgb " IMAGENET, NULL},
    /* keras_applications/imagenet_utils.py, preprocess_input. It says nothing of the size. */
    {"keras-tf", "--colour rgb --mean 127.5 --std 127.5", NULL},
    {"keras-caffe", "--colour bgr --mean 103.939,116.779,123.68", NULL},
    {"keras-torch", "--colour rgb " IMAGENET, NULL},
    {"none", "", NULL},
    {"onnx-zoo", NULL, "its rounding of sizes"},
    {"efficientnet-lite", NULL, "the filter cv-linear"},
    {"opencv-stretch", NULL, "the filter cv-linear"},
};

enum { PRESETS = sizeof presets / sizeof *presets };

enum status preset_options(const char *name, const char **options, struct error *err)
{
    char list[256] = "";
    for (int i = 0; i < PRESETS; i++) {
        if (strcmp(presets[i].name, name) == 0 && presets[i].options) {
            *options = presets[i].options;
            return STATUS_OK;
        }
        if (strcmp(presets[i].name, name) == 0)
            return error_set(err, STATUS_USAGE, "the preset %s is not available yet: it needs %s",
                             name, presets[i].lacks);
        if (presets[i].options)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                     presets[i].name);
    }
    return error_set(err, STATUS_USAGE, "no preset '%s'; there are: %s", name, list);
}

enum status preset_option(const char *option, const char *value, struct recipe *recipe,
                          struct error *err)
{
    /* The options that are no field's name: the field, and what precedes the value there. */
    static const struct {
        const char *option, *field, *before;
    } special[] = {{"size", "resize", "stretch:"},
                   {"short", "resize", "short:"},
                   {"fit", "resize", "fit:"},
                   {"fast", "decoding", "fast"}};
    struct error inner;
    char text[128];
    const char *field = option;
    snprintf(text, sizeof text, "%s", value);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(option, special[i].option) == 0) {
            field = special[i].field;
            snprintf(text, sizeof text, "%s%s", special[i].before, value);
        }
    if (recipe_set(recipe, field, text, &inner) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "--%s: %s", option, inner.text + strlen(field) + 2);
    if (strcmp(field, "resize") != 0)
        return STATUS_OK;
    if (recipe->filter == FILTER_NONE)
        recipe->filter = FILTER_PIL_BILINEAR;
    if (recipe->resize != RESIZE_SHORT)
        recipe->crop_width = recipe->crop_height = 0; /* a preset's crop goes with its resize */
    return STATUS_OK;
}

enum status preset_apply(const char *options, struct recipe *recipe, struct error *err)
{
    char name[32], value[64];
    int length;
    while (sscanf(options, " --%31s %63s%n", name, value, &length) == 2) {
        enum status status = preset_option(name, value, recipe, err);
        if (status != STATUS_OK)
            return status;
        options += length;
    }
    return STATUS_OK;
}
