/* If this fails, pictures resized by OpenCV's filters are no longer the bytes that OpenCV makes.
 * The sums are of OpenCV 5.0 and 4.14, which agree (tests/conformance/opencv.py compares many
 * more). */
#include "image/kernels.h"

#include "tests/image/resized.h"
#include "tests/tap.h"

enum { NAMES = 3 };
static const enum recipe_filter filters[NAMES] = {FILTER_CV_NEAREST, FILTER_CV_LINEAR,
                                                  FILTER_CV_AREA};
static const char *const names[NAMES] = {"nearest", "linear", "area"};

/* resize(picture_noise(width, height, channels, 1)): enlarging, shrinking, halving (where linear
 * is area), whole factors, other ones, single pixels. */
static const struct {
    int width, height, channels, new_width, new_height;
    uint32_t crc[NAMES]; /* of the whole result */
} golden[] = {
    {1, 1, 3, 5, 7, {0x54CCF878, 0x54CCF878, 0x54CCF878}},
    {5, 7, 3, 1, 1, {0x6CB7068A, 0xC6E51F41, 0x6699DE77}},
    {1, 9, 3, 4, 4, {0x24568080, 0x1E9C025C, 0x16626941}},
    {9, 1, 1, 4, 4, {0xB08DACFC, 0x02B57092, 0x9B59B804}},
    {64, 48, 3, 32, 24, {0xA1750F9F, 0x2B4CC870, 0x2B4CC870}},
    {64, 48, 1, 32, 24, {0xDD123F1C, 0xD05F5F91, 0xD05F5F91}},
    {64, 48, 3, 32, 48, {0x6DDC8F19, 0xB3A8D383, 0x5A84007A}},
    {64, 48, 3, 16, 16, {0xE726DA69, 0x062ED019, 0xA54577D5}},
    {63, 48, 3, 21, 8, {0x488BC3FA, 0xE481DECB, 0x9E01340E}},
    {64, 48, 3, 100, 90, {0x21209790, 0x32D7B462, 0xDB290D1D}},
    {48, 64, 3, 33, 32, {0x4CB88285, 0x725C43D2, 0x4D618626}},
    {31, 200, 3, 30, 10, {0xE9B10500, 0x2245720C, 0x367EA7A0}},
    {31, 200, 1, 62, 10, {0xD231A0FB, 0xA7EC0A72, 0x0DAB66EC}},
    {100, 75, 1, 224, 224, {0xD30D365D, 0x8D2BCE3B, 0x909E2969}},
    {100, 75, 3, 7, 5, {0xE05539A0, 0x10DDA374, 0xF27A145B}},
    {300, 200, 3, 3, 2, {0x65142FDC, 0xA79B5CB3, 0xA03F9758}},
    {37, 53, 3, 36, 52, {0x053CCC4B, 0x227F7954, 0x14DA4ECF}},
    {98, 49, 3, 2, 1, {0x53148921, 0xF246B34B, 0x97B82F4C}},
    {160, 120, 3, 97, 73, {0x8D00C70E, 0xEACD5CB3, 0x90DD3146}},
    {49, 49, 1, 1, 1, {0xFD6D930A, 0xC5B551CE, 0x65BFB3B6}},
};

static void sums(void)
{
    struct resizer resizer = {0};
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        struct picture from =
            picture_noise(golden[i].width, golden[i].height, golden[i].channels, 1);
        int width = golden[i].new_width, height = golden[i].new_height;
        for (int f = 0; f < NAMES; f++) {
            uint32_t crc = sum_of_resized(&resizer, &from, filters[f], width, height);
            ok(crc == golden[i].crc[f], "%s %dx%dx%d to %dx%d: %08x", names[f], golden[i].width,
               golden[i].height, golden[i].channels, width, height, (unsigned)crc);
        }
        picture_free(&from);
    }
    resizer_free(&resizer);
}

enum { WIDTH = 50, ROW = 3 * WIDTH };

/* Two input rows and every output width: all ways in which a row can end. */
static void kernel(const struct image_kernels *set, int channels)
{
    struct picture from = picture_noise(ROW / channels, 2, channels, 3);
    int starts[WIDTH], wrong = 0;
    int16_t weights[WIDTH][LINEAR_WEIGHTS], rows[2][ROW + PIXELS_SLACK];
    unsigned char to[ROW];
    for (int x = 0; x < WIDTH; x++) {
        starts[x] = 5 + x * 7 / 8;
        for (int i = 0; i < LINEAR_WEIGHTS; i++)
            weights[x][i] = (int16_t)(i % 2 ? 41 * x : (1 << LINEAR_BITS) - 41 * x);
    }
    for (int count = 1; count <= WIDTH; count++) {
        for (int r = 0; r < 2; r++)
            set->linear_row(starts, weights[0], count, picture_at(&from, 5, r), channels, rows[r]);
        for (int i = 0; i < count * channels; i++)
            for (int r = 0; r < 2; r++) {
                int x = i / channels, c = i % channels;
                int sum = picture_at(&from, starts[x], r)[c] * weights[x][0] +
                          picture_at(&from, starts[x] + 1, r)[c] * weights[x][1];
                wrong += rows[r][i] != sum >> LINEAR_SHIFT;
            }
        set->linear_mix(rows[0], rows[1], weights[count - 1], (size_t)(count * channels), to);
        for (int i = 0; i < count * channels; i++)
            wrong += to[i] != ((weights[count - 1][0] * rows[0][i] >> 16) +
                               (weights[count - 1][1] * rows[1][i] >> 16) + 2) >>
                                  2;
    }
    ok(wrong == 0, "%s: linear rows of %d channels", set->isa, channels);
    picture_free(&from);
}

int main(void)
{
    const struct image_kernels *set;
    sums();
    for (size_t i = 0; (set = image_kernels_at(i)) != NULL; i++) {
        kernel(set, 1);
        kernel(set, 3);
    }
    return tap_done();
}
