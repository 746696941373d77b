/* image/preset: the preparations that widely used models were trained with, under their names. */
#ifndef IMAGE_PRESET_H
#define IMAGE_PRESET_H

#include "image/recipe.h"

/* The options of imgprep that the preset stands for ("--short 256 --crop 224 ..."; "" for none).
 * STATUS_USAGE lists the presets there are. */
enum status preset_options(const char *name, const char **options, struct error *err);
/* Applies one option of imgprep, without its dashes, to a recipe ("short", "256"; "fast", ""). A
 * resize without a filter gets pil-bilinear; size and fit take a crop away: give them first.
 * STATUS_USAGE names the option. */
enum status preset_option(const char *option, const char *value, struct recipe *recipe,
                          struct error *err);
/* Applies a line of options to a recipe. */
enum status preset_apply(const char *options, struct recipe *recipe, struct error *err);

#endif
