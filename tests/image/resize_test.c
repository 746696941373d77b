/* If this fails, resized pixels are no longer the bytes that Pillow makes. The sums are of
 * Pillow 13.0 and 12.3 for the same pictures (tests/conformance/pixels.py compares many more). */
#include "image/kernels.h"
#include "image/pixels.h"

#include "tests/image/resized.h"
#include "tests/tap.h"

/* resize(picture_noise(width, height, channels, 1)) */
static const struct {
    int width, height, channels, new_width, new_height;
    uint32_t crc, crc12; /* of the whole result, by Pillow 13 and 12 */
} golden[] = {
    {1, 1, 3, 1, 1, 0x6CB7068A, 0x6CB7068A},      {1, 1, 3, 5, 7, 0x54CCF878, 0x54CCF878},
    {5, 7, 3, 1, 1, 0x918C8E1A, 0x918C8E1A},      {1, 9, 3, 4, 4, 0x423F655E, 0x423F655E},
    {9, 1, 1, 4, 4, 0x6B88D7C5, 0x6B88D7C5},      {64, 48, 3, 64, 48, 0x77275DD8, 0x77275DD8},
    {64, 48, 3, 32, 48, 0x3CAA55E1, 0x3CAA55E1},  {64, 48, 3, 64, 24, 0x91C151E3, 0x91C151E3},
    {64, 48, 3, 32, 32, 0x3BF3E6ED, 0x3BF3E6ED},  {64, 48, 3, 100, 90, 0x619CDE21, 0x619CDE21},
    {48, 64, 3, 33, 32, 0x12758C2C, 0x370916C2},  {48, 64, 3, 40, 32, 0x30FF0EEE, 0x10BFED20},
    {31, 200, 3, 30, 10, 0x1DED5A4B, 0x950BBEDC}, {31, 200, 1, 62, 10, 0x8D14ED24, 0x15D740BE},
    {200, 31, 3, 17, 62, 0xC83E1B09, 0xC83E1B09}, {100, 75, 1, 224, 224, 0x75525142, 0x75525142},
    {100, 75, 3, 7, 5, 0xE24F4982, 0xE24F4982},   {300, 200, 3, 3, 2, 0x8A1A02A1, 0x8A1A02A1},
    {37, 53, 3, 36, 52, 0x3C78E19A, 0x3C78E19A},
};

static const struct {
    int width, height, channels, new_width, new_height;
} shapes[] = {{64, 48, 3, 33, 70},     {31, 200, 3, 30, 10}, {37, 53, 1, 100, 5}, {9, 1, 3, 20, 3},
              {300, 200, 3, 150, 199}, {3000, 2, 3, 2, 5} /* sums of many weights */};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Of the pictures as above, made of those shapes. */
static const struct {
    enum recipe_filter filter;
    uint32_t crcs[SHAPES];
} by_filter[] = {
    {FILTER_PIL_NEAREST, {0xFF2C8B0A, 0x81D3C240, 0x6227E87A, 0xEF039ADA, 0xF8CA1025, 0x2B2A157E}},
    {FILTER_PIL_BOX, {0x84523B07, 0x7BB1EA75, 0x731FE8AA, 0xEF039ADA, 0xAA3923AA, 0xD04B3818}},
    {FILTER_PIL_BILINEAR, {0x93ADCDA8, 0x950BBEDC, 0x42858FF5, 0x6F9E4AA5, 0x5FEC55C6, 0xFD779AB2}},
    {FILTER_PIL_HAMMING, {0x479FBE61, 0xF94F5DB9, 0xBDAB7750, 0x10D6FA94, 0xD0FBE538, 0xFD779AB2}},
    {FILTER_PIL_BICUBIC, {0x732F267F, 0x781068FA, 0xCD673468, 0x64FAD1E6, 0x7AB7BF72, 0xFD779AB2}},
    {FILTER_PIL_LANCZOS, {0x18FB5C13, 0x87FC8062, 0x1267E838, 0xC07F22B9, 0xDD774E6B, 0x6CA0F6CB}},
    {FILTER_PIL13_BOX, {0x84523B07, 0x6E00C973, 0x731FE8AA, 0xEF039ADA, 0xAA3923AA, 0xD04B3818}},
    {FILTER_PIL13_BILINEAR,
     {0x93ADCDA8, 0x1DED5A4B, 0xB5859263, 0x6F9E4AA5, 0x5FEC55C6, 0xFD779AB2}},
    {FILTER_PIL13_HAMMING,
     {0x479FBE61, 0xDA0CFF78, 0xCDC57334, 0x10D6FA94, 0xD0FBE538, 0xFD779AB2}},
    {FILTER_PIL13_BICUBIC,
     {0x732F267F, 0x234504B4, 0x3F54052C, 0x64FAD1E6, 0x7AB7BF72, 0xFD779AB2}},
    {FILTER_PIL13_LANCZOS,
     {0x18FB5C13, 0xDCB63E74, 0x806227E7, 0xC07F22B9, 0xDD774E6B, 0x6CA0F6CB}},
};

static struct resizer resizer;
static struct error err;

static void filters(void)
{
    for (size_t f = 0; f < sizeof by_filter / sizeof *by_filter; f++) {
        int wrong = 0;
        for (size_t i = 0; i < SHAPES; i++) {
            struct picture from =
                picture_noise(shapes[i].width, shapes[i].height, shapes[i].channels, 1);
            wrong += sum_of_resized(&resizer, &from, by_filter[f].filter, shapes[i].new_width,
                                    shapes[i].new_height) != by_filter[f].crcs[i];
            picture_free(&from);
        }
        ok(wrong == 0, "filter %d gives Pillow's bytes for all shapes", by_filter[f].filter);
    }
}

static void sums(void)
{
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        struct picture from =
            picture_noise(golden[i].width, golden[i].height, golden[i].channels, 1);
        for (int old = 0; old < 2; old++) {
            enum recipe_filter filter = old ? FILTER_PIL_BILINEAR : FILTER_PIL13_BILINEAR;
            uint32_t crc =
                sum_of_resized(&resizer, &from, filter, golden[i].new_width, golden[i].new_height);
            ok(crc == (old ? golden[i].crc12 : golden[i].crc), "%dx%dx%d to %dx%d, Pillow %s: %08x",
               golden[i].width, golden[i].height, golden[i].channels, golden[i].new_width,
               golden[i].new_height, old ? "12" : "13", (unsigned)crc);
        }
        picture_free(&from);
    }
}

/* What of a picture the window of its resize needs. */
static struct picture reached(const struct picture *from, enum recipe_filter filter, int width,
                              int height, const struct window *window)
{
    struct picture part = {0};
    struct window needed;
    resize_reach(filter, from->width, width, window->x, window->width, &needed.x, &needed.width);
    resize_reach(filter, from->height, height, window->y, window->height, &needed.y,
                 &needed.height);
    if (picture_resize(&part, from->width, from->height, &needed, from->channels, NULL) !=
        STATUS_OK)
        abort();
    for (int y = 0; y < needed.height; y++)
        memcpy(part.pixels.data + (size_t)y * picture_stride(&part),
               picture_at(from, needed.x, needed.y + y), picture_stride(&part));
    return part;
}

/* Returns the bytes of a number of the result. */
static size_t resized(const struct picture *from, enum recipe_filter filter, int width, int height,
                      const struct window *window, float *to)
{
    if (filter == FILTER_TF_BILINEAR) {
        resize_fractions(&resizer, from, filter, width, height, window, to, &err);
        return sizeof *to;
    }
    resize(&resizer, from, filter, width, height, window, (unsigned char *)to, &err);
    return 1;
}

/* A window of the result, made of what it reaches, is the same as the result cut. */
static void windows(enum recipe_filter filter)
{
    static const int cases[][8] = {
        /* from, to, window */
        {90, 60, 45, 50, 5, 7, 30, 40},   {60, 90, 61, 33, 11, 0, 50, 33},
        {50, 50, 50, 70, 3, 60, 20, 10},  {50, 50, 80, 50, 79, 49, 1, 1},
        {50, 40, 50, 40, 10, 10, 30, 30}, {30, 400, 29, 20, 4, 3, 9, 8},
        {60, 40, 30, 20, 7, 3, 9, 17},    {60, 40, 20, 10, 0, 3, 5, 1},
    };
    float whole[100 * 100 * 3], part[100 * 100 * 3];
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int channels = 1; channels <= 3; channels += 2) {
            const int *c = cases[i];
            struct picture from = picture_noise(c[0], c[1], channels, 5), needed;
            const struct window all = {0, 0, c[2], c[3]}, window = {c[4], c[5], c[6], c[7]};
            size_t pixel;
            needed = reached(&from, filter, c[2], c[3], &window);
            resized(&from, filter, c[2], c[3], &all, whole);
            pixel = (size_t)channels * resized(&needed, filter, c[2], c[3], &window, part);
            for (int y = 0; y < window.height; y++)
                wrong += memcmp((char *)part + (size_t)(y * window.width) * pixel,
                                (char *)whole + (size_t)((window.y + y) * c[2] + window.x) * pixel,
                                (size_t)window.width * pixel) != 0;
            picture_free(&from);
            picture_free(&needed);
        }
    ok(wrong == 0, "filter %d: windows of the result are the result's", filter);
}

enum { TAPS = 12, COUNT = 21, WIDTH = 60, ROWS = 19 };

/* Weights of every sign and size, for outputs of 1 to `longest` taps. */
static struct resize_weights random_weights(int longest, int *starts, int *lengths,
                                            int16_t (*weights)[2][TAPS])
{
    uint32_t seed = 1;
    memset(weights, 0, COUNT * sizeof *weights);
    for (int x = 0; x < COUNT; x++) {
        starts[x] = x % 7;
        lengths[x] = 1 + x % longest;
        for (int t = 0; t < lengths[x]; t++) {
            seed = seed * 1664525U + 1013904223U;
            /* the sum stays within 32 bits, as those of a filter do */
            kernels_halve(((int32_t)(seed >> 10) - (1 << 21)) / (lengths[x] > 3 ? 4 : 1),
                          &weights[x][0][t], &weights[x][1][t]);
        }
    }
    return (struct resize_weights){COUNT, TAPS, longest, starts, lengths, weights[0][0]};
}

/* What kernels.h says, in plain words: inputs are `step` bytes apart. */
static int expected(const struct resize_weights *weights, int x, const unsigned char *from,
                    size_t step)
{
    const int16_t *low = weights->weights + 2 * x * weights->taps, *high = low + weights->taps;
    int32_t sum = RESIZE_HALF;
    for (int i = 0; i < weights->lengths[x]; i++)
        sum +=
            from[(size_t)(weights->starts[x] + i) * step] * (low[i] + high[i] * (1 << RESIZE_LOW));
    sum >>= RESIZE_BITS;
    return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}

static void rows_of(const struct image_kernels *kernels, const struct resize_weights *weights,
                    int channels)
{
    struct picture from = picture_noise(WIDTH, ROWS, channels, 11);
    unsigned char to[ROWS * 3 * COUNT + 1];
    int size = COUNT * channels, wrong = 0;
    for (int rows = 1; rows <= ROWS; rows++) {
        to[rows * size] = 99;
        kernels->rows(weights, from.pixels.data, (size_t)(WIDTH * channels), channels, rows, to);
        for (int i = 0; i < rows * size; i++)
            wrong +=
                to[i] != expected(weights, i % size / channels,
                                  from.pixels.data + i / size * WIDTH * channels + i % channels,
                                  (size_t)channels);
        wrong += to[rows * size] != 99;
    }
    ok(wrong == 0, "%s: rows of %d channels and %d taps", kernels->isa, channels, weights->longest);
    picture_free(&from);
}

static void columns_of(const struct image_kernels *kernels, const struct resize_weights *weights)
{
    struct picture from = picture_noise(WIDTH, ROWS, 3, 12);
    unsigned char to[COUNT * 3 * WIDTH + 1];
    int wrong = 0;
    for (int size = 1; size <= 3 * WIDTH; size += 7) {
        to[COUNT * size] = 99;
        kernels->columns(weights, from.pixels.data, 3 * WIDTH, (size_t)size, to);
        for (int i = 0; i < COUNT * size; i++)
            wrong += to[i] != expected(weights, i / size, from.pixels.data + i % size, 3 * WIDTH);
        wrong += to[COUNT * size] != 99;
    }
    ok(wrong == 0, "%s: columns of %d taps", kernels->isa, weights->longest);
    picture_free(&from);
}

/* Those of every instruction set of this processor. */
static void kernels(void)
{
    int16_t weights[COUNT][2][TAPS];
    int starts[COUNT], lengths[COUNT];
    const struct image_kernels *set;
    for (size_t i = 0; (set = image_kernels_at(i)) != NULL; i++)
        for (int longest = 2; longest <= TAPS; longest += 2) {
            struct resize_weights all = random_weights(longest, starts, lengths, weights);
            rows_of(set, &all, 1);
            rows_of(set, &all, 3);
            columns_of(set, &all);
        }
}

static void constants(void)
{
    struct picture from = picture_noise(37, 23, 3, 5);
    unsigned char to[64 * 64 * 3];
    const struct window all = {0, 0, 64, 9};
    int same = 1;
    memset(from.pixels.data, 255, from.pixels.size);
    resize(&resizer, &from, FILTER_PIL_BILINEAR, 64, 9, &all, to, &err);
    for (int i = 0; i < 64 * 9 * 3; i++)
        same = same && to[i] == 255;
    ok(same, "white stays white");
    picture_free(&from);
}

int main(void)
{
    sums();
    filters();
    for (int filter = FILTER_NONE + 1; filter < FILTERS; filter++)
        windows((enum recipe_filter)filter);
    kernels();
    constants();
    resizer_free(&resizer);
    return tap_done();
}
