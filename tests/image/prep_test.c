/* If this fails, the channels, values or layout of a tensor are not those of its recipe. */
#include "image/prep.h"

#include "tests/image/pictures.h"
#include "tests/tap.h"

/* Two pixels: (10, 20, 30) and (200, 100, 0); grey 18 and 118 by Pillow's formula. */
static const char colour_file[] = "P6 2 1 255\n\x0A\x14\x1E\xC8\x64\x00";
static const char grey_file[] = "P5 2 1 255\n\x0A\x64";

#define HEAD "dct=islow upsampling=fancy resize=none filter=none crop=none "

static const struct {
    const char *recipe;
    int grey;
    int64_t shape[3];
    double values[6];
} cases[] = {
    {HEAD "colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1",
     0,
     {1, 2, 3},
     {10, 20, 30, 200, 100, 0}},
    {HEAD "colour=bgr type=u8 layout=hwc scale=1 mean=0 std=1",
     0,
     {1, 2, 3},
     {30, 20, 10, 0, 100, 200}},
    {HEAD "colour=rgb type=u8 layout=chw scale=1 mean=0 std=1",
     0,
     {3, 1, 2},
     {10, 200, 20, 100, 30, 0}},
    {HEAD "colour=bgr type=u8 layout=chw scale=1 mean=0 std=1",
     0,
     {3, 1, 2},
     {30, 0, 20, 100, 10, 200}},
    {HEAD "colour=grey type=u8 layout=hwc scale=1 mean=0 std=1", 0, {1, 2, 1}, {18, 118}},
    {HEAD "colour=grey type=u8 layout=chw scale=1 mean=0 std=1", 0, {1, 1, 2}, {18, 118}},
    {HEAD "colour=grey type=u8 layout=hwc scale=1 mean=0 std=1", 1, {1, 2, 1}, {10, 100}},
    {HEAD "colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1",
     1,
     {1, 2, 3},
     {10, 10, 10, 100, 100, 100}},
    {HEAD "colour=bgr type=u8 layout=chw scale=1 mean=0 std=1",
     1,
     {3, 1, 2},
     {10, 100, 10, 100, 10, 100}},
    /* u8 keeps the pixels, whatever the values shall become */
    {HEAD "colour=rgb type=u8 layout=hwc scale=2 mean=5 std=3",
     0,
     {1, 2, 3},
     {10, 20, 30, 200, 100, 0}},
    {HEAD "colour=rgb type=f32 layout=hwc scale=2 mean=1,2,3 std=1,2,4",
     0,
     {1, 2, 3},
     {19, 19, 14.25, 399, 99, -0.75}},
    {HEAD "colour=bgr type=f32 layout=chw scale=2 mean=1,2,3 std=1,2,4",
     0,
     {3, 1, 2},
     {59, -1, 19, 99, 4.25, 99.25}},
    {HEAD "colour=grey type=f32 layout=hwc scale=1 mean=128 std=128",
     1,
     {1, 2, 1},
     {-118 / 128.0, -28 / 128.0}},
    {HEAD "colour=rgb type=f32 layout=chw scale=1 mean=1,2,3 std=1",
     1,
     {3, 1, 2},
     {9, 99, 8, 98, 7, 97}},
};

static struct error err;

static void tensors(void)
{
    struct decode_options options;
    decode_init(&options);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct recipe recipe;
        struct prep *prep;
        struct prep_picture picture;
        unsigned char bytes[6];
        float floats[6];
        int wrong = 0;
        const char *file = cases[i].grey ? grey_file : colour_file;
        size_t size = cases[i].grey ? sizeof grey_file - 1 : sizeof colour_file - 1;
        if (recipe_parse(cases[i].recipe, &recipe, &err) != STATUS_OK ||
            prep_new(&recipe, &options, &prep, &err) != STATUS_OK) {
            ok(0, "%s", err.text);
            continue;
        }
        for (int again = 0; again < 2; again++) { /* the second time every buffer is a used one */
            prep_read(prep, file, size, NULL, &picture, &err);
            prep_write(prep, recipe.type == TYPE_U8 ? (void *)bytes : (void *)floats, &err);
            for (int64_t k = 0; k < shape_count(&picture.shape); k++) {
                double got = recipe.type == TYPE_U8 ? bytes[k] : floats[k];
                wrong += got - cases[i].values[k] > 1e-6 || cases[i].values[k] - got > 1e-6;
            }
        }
        ok(picture.shape.rank == 3 &&
               memcmp(picture.shape.dim, cases[i].shape, sizeof cases[i].shape) == 0 && !wrong &&
               picture.width == 2 && picture.height == 1,
           "%s of a %s file", cases[i].recipe + sizeof HEAD - 1, cases[i].grey ? "grey" : "colour");
        prep_free(prep);
    }
}

static void refusals(void)
{
    struct decode_options options;
    struct recipe recipe;
    struct prep *prep;
    struct prep_picture picture;
    decode_init(&options);
    recipe_init(&recipe);
    recipe.width = 3;
    recipe.std[1] = 0;
    ok(prep_new(&recipe, &options, &prep, &err) == STATUS_USAGE && !prep,
       "a recipe that makes no sense: %s", err.text);
    recipe_init(&recipe);
    recipe_set(&recipe, "resize", "stretch:100x100", &err);
    recipe_set(&recipe, "filter", "pil-bilinear", &err);
    options.max_pixels = 9999;
    ok(prep_new(&recipe, &options, &prep, &err) == STATUS_USAGE && !prep,
       "a size beyond the limit: %s", err.text);
    recipe_init(&recipe);
    recipe_set(&recipe, "crop", "3x1", &err);
    prep_new(&recipe, &options, &prep, &err);
    ok(prep_read(prep, grey_file, sizeof grey_file - 1, NULL, &picture, &err) == STATUS_FAILED &&
           strstr(err.text, "the crop 3x1 is larger"),
       "a crop larger than the picture: %s", err.text);
    ok(prep_read(prep, "GIF89a", 6, NULL, &picture, &err) == STATUS_FAILED, "no picture: %s",
       err.text);
    prep_free(prep);
}

int main(void)
{
    tensors();
    refusals();
    return tap_done();
}
