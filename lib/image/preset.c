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

/* One option and its value. */
static enum status apply(const char *name, const char *value, struct recipe *recipe,
                         struct error *err)
{
    char resize[80];
    if (strcmp(name, "short") != 0)
        return recipe_set(recipe, name, value, err);
    snprintf(resize, sizeof resize, "short:%s", value);
    return recipe_set(recipe, "resize", resize, err);
}

enum status preset_apply(const char *options, struct recipe *recipe, struct error *err)
{
    char name[32], value[64];
    int length;
    while (sscanf(options, " --%31s %63s%n", name, value, &length) == 2) {
        enum status status = apply(name, value, recipe, err);
        if (status != STATUS_OK)
            return status;
        options += length;
    }
    return STATUS_OK;
}
