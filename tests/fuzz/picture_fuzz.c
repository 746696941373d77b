/* Fuzz target: any bytes as a picture, through decoding, resize, crop and values. It may be
 * refused; it may not crash, hang, or take more memory than its limit. The first byte chooses what
 * libjpeg's warnings do and the recipe. */
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
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct decode_options options;
    struct recipe recipe;
    struct prep *prep;
    struct prep_picture picture;
    struct error err;
    if (size == 0)
        return 0;
    decode_init(&options);
    options.max_pixels = 1 << 20;
    options.warnings = data[0] & 1 ? WARNINGS_IGNORE : WARNINGS_ERROR;
    if (recipe_parse(recipes[data[0] / 2 % 3], &recipe, &err) != STATUS_OK)
        abort();
    if (prep_new(&recipe, &options, &prep, &err) != STATUS_OK)
        return 0;
    if (prep_read(prep, data + 1, size - 1, NULL, &picture, &err) == STATUS_OK) {
        void *to = malloc((size_t)shape_bytes(&picture.shape, picture.type));
        if (to && prep_write(prep, to, &err) != STATUS_OK)
            abort();
        free(to);
    }
    prep_free(prep);
    return 0;
}
