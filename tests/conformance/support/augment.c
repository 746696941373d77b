/* One change of a picture, as named on the command line, for augment.py:
 *
 *   augment CHANNELSxHEIGHTxWIDTH [NAME=NUMBER]... <f32-pixels >f32-pixels
 *
 * Names are those of struct augment_change, and crop, cutout (struct augment). Black is 0, white 1;
 * three channels are red, green, blue. seed=N: the change is drawn, with the ranges given as
 * range.brightness, range.contrast, range.saturation, rotate, flip, turn, shift, resized_crop. */
#include "image/augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double number(int argc, char **argv, const char *name, double otherwise)
{
    for (int i = 2; i < argc; i++)
        if (strncmp(argv[i], name, strlen(name)) == 0 && argv[i][strlen(name)] == '=')
            return atof(argv[i] + strlen(name) + 1);
    return otherwise;
}

int main(int argc, char **argv)
{
    struct augment augment = {0};
    struct augment_change change;
    struct recipe recipe;
    int height, width;
    float *from, *to;
    size_t size;
#define GET(NAME, FIELD, TYPE) (FIELD) = (TYPE)number(argc, argv, NAME, (double)(FIELD))
    if (argc < 2 ||
        sscanf(argv[1], "%dx%dx%d", &augment.channels, &augment.height, &augment.width) != 3)
        return 2;
    recipe_init(&recipe);
    recipe.scale = (float)(1 / 255.0);
    recipe.colour = augment.channels == 1 ? COLOUR_GREY : COLOUR_RGB;
    if (augment.channels <= RECIPE_CHANNELS)
        augment_colours(&augment, &recipe);
    GET("crop", augment.crop, int);
    GET("cutout", augment.cutout, int);
    GET("range.brightness", augment.brightness, double);
    GET("range.contrast", augment.contrast, double);
    GET("range.saturation", augment.saturation, double);
    augment_still(&augment, &change);
    if (number(argc, argv, "seed", -1) >= 0) {
        GET("rotate", augment.rotate, double);
        GET("resized_crop", augment.resized_crop, double);
        GET("shift", augment.shift, int);
        GET("turn", augment.turn, int);
        GET("flip", augment.flip, int);
        augment_draw(&augment, (uint64_t)number(argc, argv, "seed", 0), &change);
    } else {
        GET("brightness", change.brightness, float);
        GET("contrast", change.contrast, float);
        GET("saturation", change.saturation, float);
        GET("turns", change.turns, int);
        GET("angle", change.angle, double);
        GET("flip", change.flip, int);
        GET("top", change.top, int);
        GET("left", change.left, int);
        GET("window_height", change.window_height, int);
        GET("window_width", change.window_width, int);
        GET("cut_top", change.cut_top, int);
        GET("cut_left", change.cut_left, int);
    }
    augment_size(&augment, &height, &width);
    size = (size_t)augment.channels * (size_t)augment.height * (size_t)augment.width;
    from = calloc(size, sizeof *from);
    to = calloc((size_t)augment.channels * (size_t)height * (size_t)width, sizeof *to);
    if (!from || !to || fread(from, sizeof *from, size, stdin) != size)
        return 3;
    augment_apply(&augment, &change, from, to);
    size = (size_t)augment.channels * (size_t)height * (size_t)width;
    if (fwrite(to, sizeof *to, size, stdout) != size || fflush(stdout) != 0)
        return 4;
    free(from);
    free(to);
    return 0;
}
