/* If this fails, pictures resized by TensorFlow's filters are no longer what TensorFlow makes, to
 * the last bit of a fraction. The sums are of TensorFlow 2.21 (tests/conformance/tensorflow.py
 * compares many more). */
#include "tests/image/resized.h"
#include "tests/tap.h"

/* resize(picture_noise(width, height, channels, 1)) */
static const struct {
    int width, height, channels, new_width, new_height;
    uint32_t nearest, bilinear; /* of the whole result, u8 and f32 */
} golden[] = {
    {1, 1, 3, 5, 7, 0x54CCF878, 0x1A8F0476},      {5, 7, 3, 1, 1, 0xC6E51F41, 0xCEBA93ED},
    {9, 1, 1, 4, 4, 0xE5D6F4E8, 0xC32F4C83},      {64, 48, 3, 32, 24, 0x0FF45B71, 0x4AD8B509},
    {64, 48, 3, 32, 48, 0x14F5AF87, 0x093D97E8},  {64, 48, 3, 100, 90, 0xDDF1BEE1, 0xE91AD6FD},
    {31, 200, 3, 30, 10, 0x81D3C240, 0x02356E8F}, {100, 75, 1, 224, 224, 0x8106B499, 0x810704E1},
    {300, 200, 3, 3, 2, 0x7F69F8F0, 0x71E19B38},  {160, 120, 3, 97, 73, 0x097216FD, 0x4B492996},
};

int main(void)
{
    struct resizer resizer = {0};
    struct error err;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        struct picture from =
            picture_noise(golden[i].width, golden[i].height, golden[i].channels, 1);
        int width = golden[i].new_width, height = golden[i].new_height;
        size_t count = (size_t)width * (size_t)height * (size_t)from.channels;
        float *fractions = malloc(count * sizeof *fractions);
        const struct window all = {0, 0, width, height};
        ok(sum_of_resized(&resizer, &from, FILTER_TF_NEAREST, width, height) == golden[i].nearest,
           "nearest %dx%dx%d to %dx%d", golden[i].width, golden[i].height, golden[i].channels,
           width, height);
        resize_fractions(&resizer, &from, FILTER_TF_BILINEAR, width, height, &all, fractions, &err);
        ok(crc32(0, (const unsigned char *)fractions, (uInt)(count * sizeof *fractions)) ==
               golden[i].bilinear,
           "bilinear %dx%dx%d to %dx%d", golden[i].width, golden[i].height, golden[i].channels,
           width, height);
        free(fractions);
        picture_free(&from);
    }
    resizer_free(&resizer);
    return tap_done();
}
