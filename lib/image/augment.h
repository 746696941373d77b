/* image/augment: random changes of a picture, so that a network learns what does not matter.
 *
 * A change is drawn from a seed and then made, so that it can be repeated, or made by itself. The
 * changes and their ranges are those of torchvision.transforms.v2 (ColorJitter,
 * RandomHorizontalFlip, RandomCrop, RandomResizedCrop, RandomRotation) on f32 pictures, but for
 * what is said below; cutout is that of DeVries & Taylor, "Improved Regularization of Convolutional
 * Neural Networks with Cutout", 2017. They are made in this order, whatever was asked for:
 *
 *   colour   brightness, contrast, saturation (ColorJitter draws the order of the three)
 *   place    turned and rotated, mirrored, and the window taken, in one pass
 *   cutout   of the window
 *
 * Pictures are f32, [height][width][channels], normalised as the network wants them. Whatever comes
 * in from outside of the picture, and what is cut out, is 0: the mean colour where the recipe
 * subtracts a mean, black where it does not. Colours are changed between black and white, 0 to 1,
 * and kept in between, as those of u8 pictures would be.
 */
#ifndef IMAGE_AUGMENT_H
#define IMAGE_AUGMENT_H

#include "image/recipe.h"

#include <stdint.h>

/* What is wanted. All 0: nothing is changed. */
struct augment {
    /* The pictures that come in. */
    int channels, height, width;
    int colours; /* black, white and grey are known */
    float black[RECIPE_CHANNELS],
        white[RECIPE_CHANNELS];  /* [channel]: values of pixels 0 and 255 */
    float grey[RECIPE_CHANNELS]; /* [channel]: its share of the grey value; sum 1 */

    double brightness, contrast, saturation; /* factors between 1 - X (at least 0) and 1 + X */
    int turn;            /* by a random number of right angles; of half turns when not square */
    double rotate;       /* by up to so many degrees each way, bilinear */
    int flip;            /* left to right, every other one */
    int crop;            /* a window of so many pixels square; 0: as large as the picture */
    int shift;           /* the window may reach so many pixels beyond each edge */
    double resized_crop; /* the window has this share of the area, up to 1, and sides of 3:4 to 4:3;
                            it is then resized (bilinear, not antialiased); 0: not resized */
    int cutout;          /* the side of a square somewhere in the picture, parts of which may lie
                            outside */
};

/* What becomes of one picture. */
struct augment_change {
    float brightness, contrast, saturation; /* factors; 1: as it is */
    int turns;                              /* right angles, counter-clockwise */
    double angle;                           /* degrees, counter-clockwise */
    int flip;
    int top, left, window_height,
        window_width;      /* of the window in the picture turned and mirrored */
    int cut_top, cut_left; /* of the square */
};

/* One change, named as the programs' options are, with its number as text: "rotate", "10"; NULL for
 * those that take none: "flip". STATUS_USAGE. */
enum status augment_set(struct augment *augment, const char *name, const char *value,
                        struct error *err);
/* A list of them: "flip,rotate=10,cutout=8". */
enum status augment_parse(struct augment *augment, const char *list, struct error *err);
/* The recipe's black and white, for pictures made by it. */
void augment_colours(struct augment *augment, const struct recipe *recipe);
/* What was learned from windows takes the centre of a picture, as large as they are: the recipe
 * says so from now on. */
void augment_recipe(const struct augment *augment, struct recipe *recipe);
/* STATUS_USAGE: a change that these pictures do not allow. */
enum status augment_check(const struct augment *augment, struct error *err);
/* Some change was asked for. */
int augment_any(const struct augment *augment);
/* Of the pictures that come out. */
void augment_size(const struct augment *augment, int *height, int *width);

/* The change that the seed stands for. */
void augment_draw(const struct augment *augment, uint64_t seed, struct augment_change *change);
enum { AUGMENT_TEXT = 256 };
/* The change as text, of what was asked for: "brightness=1.1 turns=0 angle=-3.2 flip=1
 * window=56x50+4-2 cutout=8x8+3+1"; places are width x height + left + top, in pixels. With the
 * size of what came out, enough to make it again. Returns text. */
const char *augment_describe(const struct augment *augment, const struct augment_change *change,
                             char text[AUGMENT_TEXT]);
/* No change but the window's size: it is taken from the centre. For validation. */
void augment_still(const struct augment *augment, struct augment_change *change);
/* Writes the changed picture; `from` is spoiled. */
void augment_apply(const struct augment *augment, const struct augment_change *change, float *from,
                   float *to);

#endif
