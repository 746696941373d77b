#include "image/preset.h"

#include <stdio.h>
#include <string.h>

#define IMAGENET "--scale 0.003921569 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"

/* A preset that says nothing of the size leaves it to --size. */
static const struct {
    const char *name, *options;
} presets[] = {
    /* torchvision/transforms/_presets.py, ImageClassification: Resize(256), CenterCrop(224),
       ToTensor, Normalize. The weights IMAGENET1K_V1 for pictures of 224: ResNet, VGG, AlexNet,
       SqueezeNet, DenseNet, MobileNet, ShuffleNet, GoogLeNet. */
    {"torchvision", "--short 256 --filter pil-bilinear --crop 224 --colour rgb " IMAGENET},
    /* The same with resize_size=232: the weights IMAGENET1K_V2 of ResNet-50, ResNeXt-101 and
       MobileNetV2, those of ShuffleNet V2 x1.5 and x2.0, and others that say so there. */
    {"torchvision-v2", "--short 232 --filter pil-bilinear --crop 224 --colour rgb " IMAGENET},
    /* keras/src/applications/imagenet_utils.py, preprocess_input, its mode "caffe": ResNet-50, 101
       and 152, VGG-16 and 19. */
    {"keras-caffe", "--colour bgr --mean 103.939,116.779,123.68"},
    /* Its mode "tf": MobileNet, MobileNetV2, Inception v3, ResNet-50 to 152 V2, Xception, NASNet,
       Inception-ResNet v2. It computes x / 127.5 - 1, which rounds otherwise in the last bit. */
    {"keras-tf", "--colour rgb --mean 127.5 --std 127.5"},
    /* Its mode "torch": DenseNet. */
    {"keras-torch", "--colour rgb " IMAGENET},
    /* onnx/models, validated/vision/classification/imagenet_preprocess.py, preprocess: the long
       side rounded, the crop w / 2 - 112. The zoo's ResNet, VGG, MobileNet and SqueezeNet 1.1. */
    {"onnx-zoo", "--short 256:even --filter pil-bilinear --crop 224:halves --colour rgb " IMAGENET},
    /* onnx/models, efficientnet-lite4/README.md: cv2.imread (which turns pictures as EXIF says), a
       short side of 224 / 87.5 %, cut, INTER_LINEAR, the centre. */
    {"efficientnet-lite",
     "--exif apply --short 256 --filter cv-linear --crop 224:truncate --colour rgb --mean 127 "
     "--std 128"},
    /* cv2.resize(cv2.imread(path), (W, H)): EXIF applied, blue first, INTER_LINEAR. */
    {"opencv-stretch", "--exif apply --filter cv-linear --colour bgr"},
    {"none", ""},
};

enum { PRESETS = sizeof presets / sizeof *presets };

enum status preset_options(const char *name, const char **options, struct error *err)
{
    char list[256] = "";
    for (int i = 0; i < PRESETS; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            *options = presets[i].options;
            return STATUS_OK;
        }
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
