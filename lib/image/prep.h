/* image/prep: one encoded picture to one tensor, as a recipe says.
 *
 * In this order: decode, turn upright, cut the box, grey where the recipe is grey, resize, crop,
 * pad, order of channels, values, layout. Colour becomes grey by Pillow's formula before the resize
 * (as Image.open(...).convert("L").resize(...)); a grey file becomes colour by repeating its
 * channel. Each worker has one struct prep; its buffers are kept, so that in the steady state
 * nothing is allocated for a picture but what the decoders themselves need.
 */
#ifndef IMAGE_PREP_H
#define IMAGE_PREP_H

#include "base/tensor.h"
#include "image/box.h"
#include "image/decode.h"
#include "image/recipe.h"

struct prep;

/* Both are copied. The recipe's dct, upsampling, exif and background rule over those of the
 * options. STATUS_USAGE: recipe_check, or the recipe's own sizes are beyond max_pixels. */
enum status prep_new(const struct recipe *recipe, const struct decode_options *options,
                     struct prep **prep, struct error *err);
void prep_free(struct prep *prep);

/* What prep_read found. */
struct prep_picture {
    int width, height;   /* of the encoded picture, upright */
    const char *warning; /* of its decoder, where they are recorded (decode.h); NULL: none. Until
                            the next picture */
    enum element_type type;
    struct shape shape; /* of the tensor: height x width x channels, or channels x height x width */
};

/* What tensors of height x width are, by the recipe. */
void prep_form(const struct recipe *recipe, int height, int width, enum element_type *type,
               struct shape *shape);
/* Decodes: what is in the box, if there is one, else all. Damage beyond the box may stay unseen.
 * STATUS_FAILED says why this picture cannot be done; STATUS_SYSTEM. */
enum status prep_read(struct prep *prep, const void *bytes, size_t size, const struct box *box,
                      struct prep_picture *picture, struct error *err);
/* Puts the tensor of the picture read last into `to`: shape_bytes(&picture->shape, picture->type)
 * bytes, aligned for f32. STATUS_SYSTEM. */
enum status prep_write(struct prep *prep, void *to, struct error *err);

#endif
