#include "tools/imgprep/copies.h"

#include "base/hash.h"
#include "base/random.h"
#include "image/geometry.h"
#include "image/pixels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct copier {
    const struct copies *copies;
    struct augment augment; /* for pictures of this size */
    struct window centre;   /* what the recipe's crop keeps */
    struct buffer picture;  /* f32 [height][width][channels] */
    struct buffer spoiled;  /* the same, for augment_apply to spoil */
    struct buffer changed;  /* f32, what comes out */
};

/* A window takes the place of the crop: it is of the same size, but anywhere in the picture. */
static enum status replace_crop(struct copies *copies, struct recipe *recipe, int fixed,
                                struct error *err)
{
    int side = copies->augment.crop;
    if (fixed && !recipe->crop_width)
        return error_set(err, STATUS_USAGE,
                         "random-crop=%d would change the size of pictures that the model says: "
                         "resized-crop does not",
                         side);
    if (recipe->crop_width && (recipe->crop_width != side || recipe->crop_height != side))
        return error_set(
            err, STATUS_USAGE,
            "random-crop=%d takes the place of the crop, which is %dx%d: give them the "
            "same size",
            side, recipe->crop_width, recipe->crop_height);
    augment_recipe(&copies->augment, recipe);
    TRY(recipe_check(recipe, err));
    copies->whole.crop_width = copies->whole.crop_height = 0;
    return STATUS_OK;
}

enum status copies_settle(struct copies *copies, struct recipe *recipe, int fixed,
                          struct error *err)
{
    struct augment *augment = &copies->augment;
    if (!copies->wanted)
        return copies->detailed ? error_set(err, STATUS_USAGE,
                                            "--copies, --original and --seed go with "
                                            "--augment, which says the changes")
                                : STATUS_OK;
    copies->whole = *recipe;
    copies->whole.type = TYPE_F32;
    copies->whole.layout = LAYOUT_HWC;
    if (augment->crop)
        TRY(replace_crop(copies, recipe, fixed, err));
    copies->recipe = *recipe;
    augment->channels = recipe_channels(recipe);
    augment_colours(augment, recipe);
    /* Sizes that are not known yet: of each picture in its turn. */
    if (!recipe_fixed_size(&copies->whole, &augment->width, &augment->height))
        augment->width = augment->height = augment->crop;
    return augment_check(augment, err);
}

enum status copier_new(const struct copies *copies, struct copier **result, struct error *err)
{
    struct copier *copier = memory_array(1, sizeof *copier);
    *result = copier;
    if (!copier)
        return error_memory(err);
    copier->copies = copies;
    copier->augment = copies->augment;
    return STATUS_OK;
}

void copier_free(struct copier *copier)
{
    if (!copier)
        return;
    buffer_free(&copier->picture);
    buffer_free(&copier->spoiled);
    buffer_free(&copier->changed);
    free(copier);
}

/* So many pixels of f32. */
static enum status make_room(const struct copier *copier, struct buffer *buffer, int height,
                             int width, struct error *err)
{
    size_t size = (size_t)height * (size_t)width * (size_t)copier->augment.channels * sizeof(float);
    TRY(buffer_room(buffer, size, err));
    buffer->size = size;
    return STATUS_OK;
}

/* Is there room for the number of the last copy? Then all of them are made, or none. */
static enum status check_key(const struct copies *copies, const char *key, struct error *err)
{
    int length = snprintf(NULL, 0, "%s+%d", key, copies->count);
    return length <= RECORD_KEY_MAX ? STATUS_OK
                                    : error_set(err, STATUS_FAILED,
                                                "the key of copy %d would have %d bytes, at most "
                                                "%d may be",
                                                copies->count, length, RECORD_KEY_MAX);
}

enum status copier_read(struct copier *copier, struct prep *prep, const char *key,
                        const struct prep_picture *picture, struct error *err)
{
    struct augment *augment = &copier->augment;
    int height, width;
    TRY(check_key(copier->copies, key, err));
    augment->height = (int)picture->shape.dim[0];
    augment->width = (int)picture->shape.dim[1];
    if (augment_check(augment, err) != STATUS_OK)
        return err->status = STATUS_FAILED;
    if (copier->copies->original)
        TRY(geometry_crop(&copier->copies->recipe, augment->width, augment->height, &copier->centre,
                          err));
    augment_size(augment, &height, &width);
    TRY(make_room(copier, &copier->picture, augment->height, augment->width, err));
    TRY(make_room(copier, &copier->spoiled, augment->height, augment->width, err));
    TRY(make_room(copier, &copier->changed, height, width, err));
    return prep_write(prep, copier->picture.data, err);
}

/* The random numbers of this copy of the picture that has this key. */
static uint64_t copy_seed(const struct copies *copies, const char *key, int number)
{
    return random_mix(random_mix(copies->seed) + hash_bytes(key, strlen(key))) + (uint64_t)number;
}

/* "KEY+1", and how it was made. */
static enum status name_copy(const struct copier *copier, const struct augment_change *change,
                             const char *of, int number, struct record *record, struct error *err)
{
    char key[RECORD_KEY_MAX + 1], drawn[AUGMENT_TEXT], made[AUGMENT_TEXT + 64];
    snprintf(key, sizeof key, "%s+%d", of, number);
    augment_describe(&copier->augment, change, drawn);
    snprintf(made, sizeof made, "seed=%" PRIu64 " copy=%d%s%s", copier->copies->seed, number,
             *drawn ? " " : "", drawn);
    TRY(record_set_key(record, key, err));
    return record_set(record, "augment", made, err);
}

enum status copier_make(struct copier *copier, const char *key, int number, struct record *record,
                        struct error *err)
{
    const struct recipe *recipe = &copier->copies->recipe;
    struct augment_change change;
    enum element_type type;
    struct shape shape;
    int height, width;
    augment_size(&copier->augment, &height, &width);
    if (number == 0) {
        augment_still(&copier->augment, &change);
        change.top = copier->centre.y;
        change.left = copier->centre.x;
    } else {
        augment_draw(&copier->augment, copy_seed(copier->copies, key, number), &change);
        TRY(name_copy(copier, &change, key, number, record, err));
    }
    memcpy(copier->spoiled.data, copier->picture.data, copier->picture.size);
    augment_apply(&copier->augment, &change, (float *)copier->spoiled.data,
                  (float *)copier->changed.data);
    prep_form(recipe, height, width, &type, &shape);
    TRY(record_set_tensor(record, type, &shape, err));
    pixels_arrange_values((const float *)copier->changed.data, (size_t)height * (size_t)width,
                          recipe, record->payload.data);
    return STATUS_OK;
}
