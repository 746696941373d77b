/* Fuzz target: any bytes as a picture, through decoding, turning, cutting, resize, padding and
 * values. It may be refused; it may not crash, hang, or take more memory than its limit. The first
 * bytes choose the recipe, what libjpeg's warnings do, and a box. */
#include "image/prep.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const recipes[] = {
    "dct=islow upsampling=fancy resize=short:20:truncate filter=pil-bilinear crop=18x18:even "
    "colour=rgb type=u8 "
    "layout=hwc scale=1 mean=0 std=1",
    "dct=ifast upsampling=plain resize=stretch:33x7 filter=pil13-bilinear crop=none colour=bgr "
    "type=f32 layout=chw "
    "scale=1 mean=1 std=2",
    "dct=islow upsampling=fancy resize=none filter=none crop=none colour=grey type=u8 layout=hwc "
    "scale=1 mean=0 std=1",
    "dct=islow upsampling=fancy decoding=fast exif=apply background=1,2,3 resize=fit:9x20:even "
    "filter=pil-lanczos pad=7,8,9 crop=none colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1",
    "dct=islow upsampling=fancy exif=apply background=200 resize=short:9:even filter=cv-area "
    "crop=9x5:halves colour=grey type=f32 layout=chw scale=1 mean=0 std=1",
    "dct=ifast upsampling=plain decoding=fast resize=stretch:8x8 filter=tf-bilinear crop=none "
    "colour=rgb type=f32 layout=hwc scale=1 mean=0 std=1",
};
enum { RECIPES = sizeof recipes / sizeof *recipes, HEAD = 6 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct decode_options options;
    struct recipe recipe;
    struct prep *prep;
    struct prep_picture picture;
    struct box box;
    struct error err;
    if (size < HEAD)
        return 0;
    box = (struct box){data[2] / 100.0 - 0.5, data[3] / 100.0 - 0.5, data[4] / 100.0 - 0.5,
                       data[5] / 100.0 - 0.5};
    decode_init(&options);
    options.max_pixels = 1 << 20;
    options.max_memory = 1 << (data[1] / 6 % 2 ? 16 : 24);
    options.warnings = (enum decode_warnings)(data[1] % 3);
    if (recipe_parse(recipes[data[0] % RECIPES], &recipe, &err) != STATUS_OK)
        abort();
    if (prep_new(&recipe, &options, &prep, &err) != STATUS_OK)
        return 0;
    if (prep_read(prep, data + HEAD, size - HEAD, data[1] / 3 % 2 ? &box : NULL, &picture, &err) ==
        STATUS_OK) {
        void *to = malloc((size_t)shape_bytes(&picture.shape, picture.type));
        if (to && prep_write(prep, to, &err) != STATUS_OK)
            abort();
        free(to);
    }
    prep_free(prep);
    return 0;
}
