/* If this fails, a part of a picture, decoded alone, has other pixels than the same part of the
 * whole picture. */
#include "image/decode.h"

#include "tests/image/pictures.h"
#include "tests/tap.h"

static struct error err;
static struct picture whole, part;

/* A number below `limit`, and the next of the row. */
static uint32_t state = 1;
static int below(int limit)
{
    state = state * 1664525U + 1013904223U;
    return (int)((state >> 8) % (uint32_t)limit);
}

static int eighths = 8; /* JPEGs are decoded at so many eighths of their size */

static enum status decode(struct decoder *decoder, struct file file, const struct window *needed,
                          enum decode_rest rest, struct picture *picture)
{
    struct decode_info info;
    TRY(decode_open(decoder, file.bytes, file.size, &info, &err));
    if (eighths < 8)
        decode_shrink(decoder, (info.width * eighths + 7) / 8, (info.height * eighths + 7) / 8,
                      &info);
    TRY(decode_pixels(decoder, needed, rest, picture, &err));
    return picture->width == info.width && picture->height == info.height ? STATUS_OK
                                                                          : STATUS_FAILED;
}

/* Does the part decoded hold the window, with the pixels of the whole? */
static int agrees(const struct window *window)
{
    size_t size = (size_t)window->width * (size_t)whole.channels;
    if (part.width != whole.width || part.height != whole.height ||
        part.channels != whole.channels || part.part.x < 0 || part.part.x > window->x ||
        part.part.y < 0 || part.part.y > window->y ||
        part.part.x + part.part.width < window->x + window->width ||
        part.part.y + part.part.height < window->y + window->height)
        return 0;
    for (int y = window->y; y < window->y + window->height; y++)
        if (memcmp(picture_at(&part, window->x, y), picture_at(&whole, window->x, y), size) != 0)
            return 0;
    return 1;
}

enum { WINDOWS = 25, DAMAGES = 40 };

/* Corners, edges, single pixels, and any others. */
static struct window window_of(int i, int width, int height)
{
    struct window window = {0, 0, width, height};
    if (i == 0)
        return window;
    window.width = i % 4 == 1 ? 1 : 1 + below(width);
    window.height = i % 4 == 2 ? 1 : 1 + below(height);
    window.x = i % 5 == 1 ? 0 : i % 5 == 2 ? width - window.width : below(width - window.width + 1);
    window.y = i % 7 == 1   ? 0
               : i % 7 == 2 ? height - window.height
                            : below(height - window.height + 1);
    return window;
}

/* Windows of the file that differ from the whole. */
static int wrong(struct decoder *decoder, struct file file)
{
    int count = 0;
    if (decode(decoder, file, NULL, REST_CHECKED, &whole) != STATUS_OK)
        return -1;
    for (int i = 0; i < WINDOWS; i++) {
        struct window window = window_of(i, whole.width, whole.height);
        count += decode(decoder, file, &window, i % 3 ? REST_CHECKED : REST_UNREAD, &part) !=
                     STATUS_OK ||
                 !agrees(&window);
    }
    return count;
}

static const struct {
    const char *what;
    struct jpeg_kind kind;
} kinds[] = {
    {"4:4:4", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 1, 1}},
    {"4:2:2", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 2, 1}},
    {"4:2:0", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 2, 2}},
    {"4:4:0", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 1, 2}},
    {"4:1:1", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 4, 1}},
    {"4:1:0", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 4, 2}},
    {"3 for 1", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 3, 1}},
    {"grey", {JCS_GRAYSCALE, JCS_UNKNOWN, 1, 0, 0, NULL, 1, 1}},
    {"grey, sampled 2x2", {JCS_GRAYSCALE, JCS_UNKNOWN, 1, 0, 0, NULL, 2, 2}},
    {"CMYK", {JCS_CMYK, JCS_CMYK, 4, 0, 0, NULL, 1, 1}},
    {"YCCK 4:2:0", {JCS_CMYK, JCS_YCCK, 4, 0, 0, NULL, 2, 2}},
    {"4:2:0 with restarts", {JCS_RGB, JCS_UNKNOWN, 3, 0, 3, NULL, 2, 2}},
    {"4:2:0 progressive", {JCS_RGB, JCS_UNKNOWN, 3, 1, 0, NULL, 2, 2}},
    {"4:4:0 progressive with restarts", {JCS_RGB, JCS_UNKNOWN, 3, 1, 2, NULL, 1, 2}},
    {"4:2:2 progressive", {JCS_RGB, JCS_UNKNOWN, 3, 1, 0, NULL, 2, 1}},
    {"grey progressive", {JCS_GRAYSCALE, JCS_UNKNOWN, 1, 1, 0, NULL, 1, 1}},
};
static const struct {
    int width, height;
} sizes[] = {{1, 1}, {7, 5}, {16, 16}, {33, 50}, {95, 64}, {131, 97}};

static void jpegs(struct decoder *decoder, const char *how)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int count = 0;
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct picture noise = picture_noise(sizes[s].width, sizes[s].height,
                                                 kinds[k].kind.components, (uint32_t)(k + s));
            struct file file = jpeg_of(noise.pixels.data, noise.width, noise.height, kinds[k].kind);
            count += wrong(decoder, file);
            free(file.bytes);
            picture_free(&noise);
        }
        ok(count == 0, "%s, %s: a window has the pixels of the whole (%d differ)", kinds[k].what,
           how, count);
    }
}

/* Damaged files, taken with what libjpeg makes up: the same either way. */
static void damaged(struct decoder *decoder)
{
    int count = 0, taken = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct picture noise = picture_noise(75, 90, kinds[k].kind.components, (uint32_t)k);
        struct file file = jpeg_of(noise.pixels.data, 75, 90, kinds[k].kind);
        for (int i = 0; i < DAMAGES; i++) {
            struct file cut = {file.bytes, i % 3 ? file.size : (size_t)below((int)file.size)};
            size_t at = (size_t)below((int)file.size);
            struct window window = window_of(1 + below(1000), 75, 90);
            file.bytes[at] ^= (unsigned char)(1 << i % 8);
            if (decode(decoder, cut, NULL, REST_CHECKED, &whole) == STATUS_OK &&
                whole.width == 75 && whole.height == 90) {
                taken++;
                count += decode(decoder, cut, &window, REST_CHECKED, &part) != STATUS_OK ||
                         !agrees(&window);
            }
            file.bytes[at] ^= (unsigned char)(1 << i % 8);
        }
        free(file.bytes);
        picture_free(&noise);
    }
    ok(taken > 100 && count == 0,
       "of %d damaged files, a window has the pixels of the whole (%d differ)", taken, count);
}

int main(void)
{
    struct decode_options options;
    struct decoder *decoder;
    decode_init(&options);
    for (int plain = 0; plain < 2; plain++) {
        options.upsampling = plain ? UPSAMPLING_PLAIN : UPSAMPLING_FANCY;
        options.dct = plain ? DCT_IFAST : DCT_ISLOW;
        if (decoder_new(&options, &decoder, &err) != STATUS_OK)
            return 1;
        for (eighths = 8; eighths > 0; eighths /= 2)
            jpegs(decoder, plain ? "plain upsampling" : "fancy upsampling");
        eighths = 8;
        decoder_free(decoder);
    }
    options.warnings = WARNINGS_IGNORE;
    options.upsampling = UPSAMPLING_FANCY;
    options.dct = DCT_ISLOW;
    if (decoder_new(&options, &decoder, &err) != STATUS_OK)
        return 1;
    damaged(decoder);
    decoder_free(decoder);
    picture_free(&whole);
    picture_free(&part);
    return tap_done();
}
