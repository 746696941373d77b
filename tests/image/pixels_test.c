/* If this fails, copies of pictures that were changed as values have other pixels than those
 * values, or in another place. */
#include "image/kernels.h"
#include "image/pixels.h"

#include "tests/tap.h"

#include <math.h>

enum { PIXELS = 256 };

/* Each pixel's value leads back to it. */
static void check_back(const char *name, const struct recipe *recipe)
{
    float values[RECIPE_CHANNELS][256], from[PIXELS * RECIPE_CHANNELS];
    unsigned char to[PIXELS * RECIPE_CHANNELS];
    int channels = recipe_channels(recipe), wrong = 0;
    recipe_values(recipe, values);
    for (int i = 0; i < PIXELS * channels; i++)
        from[i] = values[i % channels][i / channels];
    pixels_arrange_values(from, PIXELS, recipe, to);
    for (int i = 0; i < PIXELS * channels; i++)
        wrong += to[i] != (recipe->layout == LAYOUT_HWC ? i / channels : i % PIXELS);
    same_int(wrong, 0, name);
}

static void check_recipes(void)
{
    struct recipe recipe;
    recipe_init(&recipe);
    check_back("values that are pixels", &recipe);
    recipe.layout = LAYOUT_CHW;
    check_back("planes", &recipe);
    recipe.scale = 1 / 255.0F;
    recipe.mean[0] = 0.485F, recipe.mean[1] = 0.456F, recipe.mean[2] = 0.406F;
    recipe.std[0] = 0.229F, recipe.std[1] = 0.224F, recipe.std[2] = 0.225F;
    check_back("a mean and std for each channel", &recipe);
    recipe.scale = -1 / 127.5F;
    recipe.colour = COLOUR_BGR;
    check_back("a negative", &recipe);
    recipe.layout = LAYOUT_HWC;
    recipe.colour = COLOUR_GREY;
    check_back("grey", &recipe);
}

static void check_rounding(void)
{
    const float from[6] = {-0.6F, 0.4F, 99.6F, 255.2F, INFINITY, NAN};
    unsigned char to[6];
    struct recipe recipe;
    recipe_init(&recipe);
    pixels_arrange_values(from, 2, &recipe, to);
    ok(to[0] == 0 && to[1] == 0 && to[2] == 100 && to[3] == 255 && to[4] == 255 && to[5] == 0,
       "the nearest pixel there is");
}

/* Channels of values are the recipe's already: blue comes first and stays there. */
static void check_places(void)
{
    const float from[6] = {1, 2, 3, 4, 5, 6};
    const float planes[6] = {1, 4, 2, 5, 3, 6};
    float to[6];
    struct recipe recipe;
    recipe_init(&recipe);
    recipe.type = TYPE_F32;
    recipe.colour = COLOUR_BGR;
    recipe.scale = 7;
    pixels_arrange_values(from, 2, &recipe, to);
    ok(memcmp(to, from, sizeof to) == 0, "values stay as they are");
    recipe.layout = LAYOUT_CHW;
    pixels_arrange_values(from, 2, &recipe, to);
    ok(memcmp(to, planes, sizeof to) == 0, "in planes");
}

/* 18 levels of each channel, and as many pixels as leave some for the end of a vector. */
static void check_luma(const struct image_kernels *kernels)
{
    enum { LEVELS = 18, COUNT = LEVELS * LEVELS * LEVELS };
    static unsigned char pixels[3 * COUNT + PIXELS_SLACK];
    static int expected[COUNT];
    int wrong = 0;
    for (int i = 0; i < COUNT; i++) {
        int levels[3] = {i % LEVELS * 15, i / LEVELS % LEVELS * 15, i / LEVELS / LEVELS * 15};
        for (int c = 0; c < 3; c++)
            pixels[3 * i + c] = (unsigned char)levels[c];
        expected[i] = (levels[0] * 19595 + levels[1] * 38470 + levels[2] * 7471 + 32768) / 65536;
    }
    kernels->luma(pixels, COUNT, pixels);
    for (int i = 0; i < COUNT; i++)
        wrong += pixels[i] != expected[i];
    ok(wrong == 0, "%s: grey of colours, in place", kernels->isa);
}

static void check_order(const struct image_kernels *kernels)
{
    enum { COUNT = 203 };
    unsigned char pixels[3 * COUNT], planes[3][COUNT], reversed[3 * COUNT];
    int wrong = 0;
    for (int i = 0; i < 3 * COUNT; i++)
        pixels[i] = (unsigned char)(i * 7 % 251);
    kernels->planes(pixels, COUNT, planes[0], planes[1], planes[2]);
    kernels->reverse(pixels, COUNT, reversed);
    for (int i = 0; i < 3 * COUNT; i++) {
        wrong += planes[i % 3][i / 3] != pixels[i];
        wrong += reversed[i / 3 * 3 + 2 - i % 3] != pixels[i];
    }
    ok(wrong == 0, "%s: channels in planes, and in the other order", kernels->isa);
}

int main(void)
{
    for (size_t i = 0; image_kernels_at(i); i++)
        check_luma(image_kernels_at(i)), check_order(image_kernels_at(i));
    check_recipes();
    check_rounding();
    check_places();
    return tap_done();
}
