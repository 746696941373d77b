/* If this fails, recipes that mean the same differ, recipes that differ pass, or a stored model's
 * line no longer reads. */
#include "image/recipe.h"

#include "tests/tap.h"

#define LINE                                                                                       \
    "dct=islow upsampling=fancy resize=short:256:truncate filter=pil-bilinear crop=224x224:even "  \
    "colour=rgb type=u8 "                                                                          \
    "layout=hwc scale=0.003921569 mean=0.485,0.456,0.406 std=0.229,0.224,0.225"
#define PLAIN                                                                                      \
    "dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc "  \
    "scale=1 mean=0 std=1"

#define TAIL "crop=none colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1"

/* Lines that read, and the line they become. */
static const struct {
    const char *line, *canonical;
} good[] = {
    {LINE, LINE},
    {PLAIN, PLAIN},
    {"std=1 mean=-0 scale=1.0 layout=hwc type=u8 colour=rgb crop=none filter=none resize=none  "
     "upsampling=fancy dct=islow",
     PLAIN},
    {"dct=ifast upsampling=plain resize=stretch:32x16 filter=pil-bilinear crop=8x16:truncate "
     "colour=grey type=f32 "
     "layout=chw scale=2 mean=3,3,3 std=4,4,4",
     "dct=ifast upsampling=plain resize=stretch:32x16 filter=pil-bilinear crop=8x16:truncate "
     "colour=grey type=f32 "
     "layout=chw scale=2 mean=3 std=4"},
    {"dct=islow upsampling=fancy resize=stretch:7 filter=pil-bilinear crop=5 colour=bgr type=u8 "
     "layout=hwc scale=1 "
     "mean=103.939,116.779,123.68 std=1",
     "dct=islow upsampling=fancy resize=stretch:7x7 filter=pil-bilinear crop=5x5:even colour=bgr "
     "type=u8 layout=hwc "
     "scale=1 mean=103.939,116.779,123.68 std=1"},
    /* Fields that older versions did not know: written only when they say something else. */
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL
     " decoding=full exif=ignore background=none pad=none",
     PLAIN},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL
     " background=255,0,7 exif=apply decoding=fast",
     "dct=islow upsampling=fancy decoding=fast exif=apply background=255,0,7 resize=none "
     "filter=none " TAIL},
    {"dct=islow upsampling=fancy background=9,9,9 resize=fit:30 filter=pil-bilinear "
     "pad=0,1,2 " TAIL,
     "dct=islow upsampling=fancy background=9 resize=fit:30x30:even filter=pil-bilinear "
     "pad=0,1,2 " TAIL},
    {"dct=islow upsampling=fancy resize=fit:30x20:truncate filter=pil-bilinear pad=128 " TAIL,
     "dct=islow upsampling=fancy resize=fit:30x20:truncate filter=pil-bilinear pad=128 " TAIL},
    {"dct=islow upsampling=fancy resize=short:30:even filter=pil-bilinear crop=20x10:halves "
     "colour=grey type=u8 layout=hwc scale=1 mean=73 std=9e+01",
     "dct=islow upsampling=fancy resize=short:30:even filter=pil-bilinear crop=20x10:halves "
     "colour=grey type=u8 layout=hwc scale=1 mean=73 std=90"},
};

static const struct {
    const char *line, *complaint;
} bad[] = {
    {"", "dct is missing"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " dct=islow", "dct is there twice"},
    {"dct=slow upsampling=fancy resize=none filter=none " TAIL, "'slow' is none of: islow, ifast"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " hue=apply",
     "'hue=apply' is unknown"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " exif=turn",
     "'turn' is none of: ignore, apply"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " exif=apply exif=apply",
     "exif is there twice"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " decoding=slow",
     "'slow' is none of: full, fast"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " background=256",
     "'256' is not a colour"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " background=1,2",
     "'1,2' is not a colour"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " background=1.5",
     "'1.5' is not a colour"},
    {"dct=islow upsampling=fancy resize=stretch:8 filter=pil-bilinear " TAIL " pad=0",
     "pad is for a picture that was made to fit"},
    {"dct=islow upsampling=fancy resize=fit:8 filter=pil-bilinear crop=4 colour=rgb type=u8 "
     "layout=hwc scale=1 mean=0 std=1 pad=0",
     "pad and crop contradict"},
    {"dct=islow upsampling=fancy resize=fit:8 filter=pil-bilinear crop=none colour=grey type=u8 "
     "layout=hwc scale=1 mean=0 std=1 pad=1,2,3",
     "pad of grey pictures is one number"},
    {"dct=islow upsampling=fancy resize=fit:8x6 filter=pil-bilinear crop=7 colour=grey type=u8 "
     "layout=hwc scale=1 mean=0 std=1",
     "the crop 7x7 is larger than the picture of 8x6"},
    {"dct=islow upsampling=fancy resize=fit:8:halves filter=pil-bilinear " TAIL,
     "'halves' is none of: truncate, even"},
    {"dct=islow upsampling=fancy resize=none filter=none " TAIL " exif", "is not NAME=VALUE"},
    {"dct=islow upsampling=fancy resize=stretch:8x8 filter=none " TAIL, "contradict"},
    {"dct=islow upsampling=fancy resize=none filter=pil-bilinear " TAIL, "contradict"},
    {"dct=islow upsampling=fancy resize=short:8x8 filter=pil-bilinear " TAIL,
     "is none of: none, stretch:N"},
    {"dct=islow upsampling=fancy resize=short:8:up filter=pil-bilinear " TAIL,
     "'up' is none of: truncate"},
    {"dct=islow upsampling=fancy resize=stretch:0x8 filter=pil-bilinear " TAIL,
     "'0x8' is not a size"},
    {"dct=islow upsampling=fancy resize=stretch:8x8 filter=pil-bilinear crop=9x8 colour=rgb "
     "type=u8 layout=hwc scale=1 "
     "mean=0 std=1",
     "the crop 9x8 is larger"},
    {"dct=islow upsampling=fancy resize=short:8 filter=pil-bilinear crop=9 colour=rgb type=u8 "
     "layout=hwc scale=1 "
     "mean=0 std=1",
     "the crop 9x9 is larger"},
    {"dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc "
     "scale=0 mean=0 std=1",
     "scale is not"},
    {"dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc "
     "scale=1 mean=0 std=0",
     "std is 0"},
    {"dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc "
     "scale=1 mean=1e99 std=1",
     "range of f32"},
    {"dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc "
     "scale=1 mean=1,2 std=1",
     "has 2 numbers"},
    {"dct=islow upsampling=fancy resize=none filter=none crop=none colour=grey type=u8 layout=hwc "
     "scale=1 mean=1,2,3 "
     "std=1",
     "grey"},
};

static void lines(void)
{
    char text[RECIPE_TEXT];
    struct error err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct recipe recipe;
        if (recipe_parse(good[i].line, &recipe, &err) != STATUS_OK)
            ok(0, "reads '%s': %s", good[i].line, err.text);
        else
            same_text(recipe_format(&recipe, text), good[i].canonical, "canonical line");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct recipe recipe;
        enum status status = recipe_parse(bad[i].line, &recipe, &err);
        ok(status == STATUS_DAMAGED && err.status == STATUS_DAMAGED &&
               strstr(err.text, bad[i].complaint),
           "'%s' is refused: %s", bad[i].line, status == STATUS_OK ? "(it was not)" : err.text);
    }
}

/* One field changed at a time: which difference is told. */
static const struct {
    const char *name, *value, *text;
} differences[] = {
    {"dct", "ifast", "how JPEGs are decoded (dct) is ifast, expected islow"},
    {"upsampling", "plain",
     "how the colours of JPEGs are enlarged (upsampling) is plain, expected fancy"},
    {"resize", "stretch:256x256",
     "the size (resize) is stretch:256x256, expected short:256:truncate"},
    {"crop", "192", "the part that is cut out (crop) is 192x192:even, expected 224x224:even"},
    {"colour", "bgr", "the order of the colours (colour) is bgr, expected rgb"},
    {"scale", "1", "what pixels are multiplied by (scale) is 1, expected 0.003921569"},
    {"mean", "0.5", "what is subtracted from them (mean) is 0.5, expected 0.485,0.456,0.406"},
    {"std", "0.229,0.224,0.226",
     "what they are divided by (std) is 0.229,0.224,0.226, expected 0.229,0.224,0.225"},
    {"decoding", "fast", "at which size JPEGs are decoded (decoding) is fast, expected full"},
    {"exif", "apply", "the camera's orientation (exif) is apply, expected ignore"},
    {"background", "255", "what is behind transparent pixels (background) is 255, expected none"},
    {"background", "none", ""},
    {"pad", "1,2,3", "what is around the picture (pad) is 1,2,3, expected none"},
    {"type", "f32", ""},
    {"layout", "chw", ""},
    {"std", "0.229,0.224,0.225", ""},
};

static void compare(void)
{
    struct error err;
    char text[RECIPE_TEXT];
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        struct recipe model, stream;
        recipe_parse(LINE, &model, &err);
        stream = model;
        ok(recipe_set(&stream, differences[i].name, differences[i].value, &err) == STATUS_OK,
           "%s can be set", differences[i].name);
        same_int(recipe_difference(&stream, &model, text), *differences[i].text != 0,
                 "they differ, or not");
        same_text(text, differences[i].text, "the difference in words");
    }
}

/* Several fields at once. */
static void compare_all(void)
{
    struct error err;
    struct recipe torchvision, caffe;
    char text[RECIPE_TEXT];
    recipe_parse(LINE, &torchvision, &err);
    recipe_parse("dct=islow upsampling=fancy resize=short:256:truncate filter=pil-bilinear "
                 "crop=224x224:even colour=bgr type=f32 layout=chw scale=1 "
                 "mean=103.939,116.779,123.68 std=1",
                 &caffe, &err);
    same_int(recipe_difference(&caffe, &torchvision, text), 1, "they differ");
    same_text(text,
              "the order of the colours (colour) is bgr, expected rgb; it also differs in scale, "
              "mean, std",
              "all differences are named");
}

static void values(void)
{
    struct recipe recipe;
    struct error err;
    static float table[RECIPE_CHANNELS][256];
    int width = 0, height = 0;
    recipe_parse(LINE, &recipe, &err);
    recipe_values(&recipe, table);
    near(table[0][0], -0.485 / 0.229, 1e-6, "black, red");
    near(table[2][255], (1 - 0.406) / 0.225, 1e-6, "white, blue");
    near(table[1][128], (128 / 255.0 - 0.456) / 0.224, 1e-6, "middle, green");
    same_int(recipe_channels(&recipe), 3, "channels");
    ok(recipe_fixed_size(&recipe, &width, &height) && width == 224 && height == 224,
       "the crop fixes the size");
    recipe_set(&recipe, "crop", "none", &err);
    ok(!recipe_fixed_size(&recipe, &width, &height), "a short side alone does not");
    recipe_set(&recipe, "resize", "stretch:30x20", &err);
    ok(recipe_fixed_size(&recipe, &width, &height) && width == 30 && height == 20,
       "a stretch does");
    recipe_set(&recipe, "resize", "fit:30x20", &err);
    ok(!recipe_fixed_size(&recipe, &width, &height), "a fit alone does not");
    recipe_set(&recipe, "pad", "0", &err);
    ok(recipe_fixed_size(&recipe, &width, &height) && width == 30 && height == 20,
       "with padding it does");
    ok(recipe_set(&recipe, "colours", "rgb", &err) == STATUS_USAGE, "an unknown field: %s",
       err.text);
}

int main(void)
{
    lines();
    compare();
    compare_all();
    values();
    return tap_done();
}
