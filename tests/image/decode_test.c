/* If this fails, some kind of JPEG, PNG or PNM gives other pixels than it holds, or a hostile file
 * gets through. */
#include "image/decode.h"

#include "tests/image/pictures.h"
#include "tests/tap.h"

static struct decoder *decoder;
static struct picture picture;
static struct error err;

static enum status decode_file(struct file file)
{
    /* Exactly as long as the file, so that ASan sees any read beyond it. */
    unsigned char *bytes = malloc(file.size ? file.size : 1);
    struct decode_info info;
    enum status status;
    memcpy(bytes, file.bytes, file.size);
    status = decode_open(decoder, bytes, file.size, &info, &err);
    if (status == STATUS_OK)
        status = decode_pixels(decoder, NULL, REST_CHECKED, &picture, &err);
    free(bytes);
    return status;
}

static void expect(struct file file, const char *what, int width, int height, int channels,
                   const unsigned char *pixels, int tolerance)
{
    enum status status = decode_file(file);
    int worst = 0;
    if (!ok(status == STATUS_OK && picture.width == width && picture.height == height &&
                picture.channels == channels,
            "%s is %dx%dx%d", what, width, height, channels)) {
        printf("#   status %d, %dx%dx%d: %s\n", status, picture.width, picture.height,
               picture.channels, status == STATUS_OK ? "" : err.text);
        return;
    }
    for (size_t i = 0; i < picture.pixels.size; i++) {
        int difference = abs(picture.pixels.data[i] - pixels[i]);
        worst = difference > worst ? difference : worst;
    }
    ok(worst <= tolerance, "%s: pixels within %d (%d)", what, tolerance, worst);
}

static void refused(struct file file, const char *what, const char *complaint)
{
    enum status status = decode_file(file);
    ok(status == STATUS_FAILED && strstr(err.text, complaint), "%s is refused: %s", what,
       status == STATUS_OK ? "(it was not)" : err.text);
}

/* A smooth picture, so that JPEG at quality 95 comes close. */
static void ramp(unsigned char *pixels, int width, int height, int channels)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++)
                pixels[(y * width + x) * channels + c] =
                    (unsigned char)(40 + 3 * x + 2 * y + 20 * c);
}

enum { W = 24, H = 17 };

static void jpegs(void)
{
    unsigned char pixels[W * H * 4], expected[W * H * 3];
    struct file file;
    static const struct {
        const char *what;
        struct jpeg_kind kind;
    } kinds[] = {
        {"YCbCr", {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 0, 0}},
        {"YCbCr progressive", {JCS_RGB, JCS_UNKNOWN, 3, 1, 0, NULL, 0, 0}},
        {"YCbCr with restarts", {JCS_RGB, JCS_UNKNOWN, 3, 0, 2, NULL, 0, 0}},
        {"RGB", {JCS_RGB, JCS_RGB, 3, 0, 0, NULL, 0, 0}},
        {"grey", {JCS_GRAYSCALE, JCS_UNKNOWN, 1, 0, 0, NULL, 0, 0}},
        {"grey progressive", {JCS_GRAYSCALE, JCS_UNKNOWN, 1, 1, 0, NULL, 0, 0}},
        {"CMYK", {JCS_CMYK, JCS_CMYK, 4, 0, 0, NULL, 0, 0}},
        {"YCCK", {JCS_CMYK, JCS_YCCK, 4, 0, 0, NULL, 0, 0}},
        {"YCCK progressive", {JCS_CMYK, JCS_YCCK, 4, 1, 0, NULL, 0, 0}},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int channels = kinds[i].kind.components;
        ramp(pixels, W, H, channels);
        file = jpeg_of(pixels, W, H, kinds[i].kind);
        memcpy(expected, pixels, (size_t)(W * H * (channels == 4 ? 3 : channels)));
        for (int p = 0; channels == 4 && p < W * H;
             p++) /* inverted inks: white is 255, so colour = ink * key */
            for (int c = 0; c < 3; c++)
                expected[p * 3 + c] =
                    (unsigned char)((pixels[p * 4 + c] * pixels[p * 4 + 3] + 127) / 255);
        expect(file, kinds[i].what, W, H, channels == 1 ? 1 : 3, expected, 6);
        free(file.bytes);
    }
}

static void broken_jpegs(void)
{
    struct picture noise = picture_noise(64, 48, 3, 7);
    struct file whole = jpeg_of(noise.pixels.data, 64, 48,
                                (struct jpeg_kind){JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 0, 0});
    struct file progressive = jpeg_of(
        noise.pixels.data, 64, 48, (struct jpeg_kind){JCS_RGB, JCS_UNKNOWN, 3, 1, 0, NULL, 0, 0});
    size_t through = 0;
    refused((struct file){whole.bytes, whole.size / 2}, "half a JPEG", "Premature end");
    refused((struct file){progressive.bytes, progressive.size / 2}, "half a progressive JPEG",
            "Premature end");
    refused((struct file){whole.bytes, 20}, "a JPEG of 20 bytes", "Premature end");
    for (size_t size = 3; size < whole.size; size++)
        through += decode_file((struct file){whole.bytes, size}) != STATUS_FAILED;
    same_int((long long)through, 0, "a JPEG cut at any byte is refused");
    for (size_t at = 3, i = 0; i < 500; i++, at = (at + 7919) % whole.size) {
        whole.bytes[at] ^= (unsigned char)(1 + i % 255);
        decode_file(whole); /* may pass or not; the sanitizers watch */
        whole.bytes[at] ^= (unsigned char)(1 + i % 255);
    }
    ok(decode_file(whole) == STATUS_OK, "after all of them, the decoder still decodes");
    free(whole.bytes);
    free(progressive.bytes);
    picture_free(&noise);
}

/* A header that claims much and holds little: libjpeg-turbo issue 328. */
static void bombs(void)
{
    unsigned char claim[] = {0xFF, 0xD8, 0xFF, 0xC2, 0, 11,   8,    0xF6, 0x12, 0xFF,
                             0x04, 1,    1,    0x11, 0, 0xFF, 0xDA, 0,    8,    1,
                             1,    0,    0,    0,    0, 0,    0xFF, 0xD9};
    struct picture grey = picture_noise(16, 16, 1, 3);
    /* Whole coefficients in each scan, so that repeating one is no error in itself. */
    static const jpeg_scan_info scans[2] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
    struct file file =
        jpeg_of(grey.pixels.data, 16, 16,
                (struct jpeg_kind){JCS_GRAYSCALE, JCS_UNKNOWN, 1, 0, 0, scans, 0, 0});
    struct file bomb = {NULL, 0};
    const char *scan = NULL;
    size_t length;
    refused((struct file){claim, sizeof claim}, "a JPEG that claims 65284x62994",
            "more than 178956970 pixels");
    /* The last scan, again and again. */
    for (size_t i = 0; i + 1 < file.size; i++)
        if (file.bytes[i] == 0xFF && file.bytes[i + 1] == 0xC4)
            scan = (const char *)file.bytes + i;
    length = (size_t)((const char *)file.bytes + file.size - 2 - scan);
    bomb.bytes = malloc(file.size + 2000 * length);
    memcpy(bomb.bytes, file.bytes, file.size - 2);
    bomb.size = file.size - 2;
    for (int i = 0; i < 2000; i++, bomb.size += length)
        memcpy(bomb.bytes + bomb.size, scan, length);
    refused(bomb, "a progressive JPEG of thousands of scans", "more than 100 scans");
    free(bomb.bytes);
    free(file.bytes);
    picture_free(&grey);
}

static void pngs(void)
{
    unsigned char rows[W * H * 8], expected[W * H * 3];
    static const struct {
        const char *what;
        int depth, colour, interlaced, channels,
            bytes; /* a pixel has so many bytes; 0: packed bits */
    } kinds[] = {
        {"PNG RGB", 8, PNG_COLOR_TYPE_RGB, 0, 3, 3},
        {"PNG RGB interlaced", 8, PNG_COLOR_TYPE_RGB, 1, 3, 3},
        {"PNG RGB 16", 16, PNG_COLOR_TYPE_RGB, 0, 3, 6},
        {"PNG RGBA", 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, 3, 4},
        {"PNG RGBA 16", 16, PNG_COLOR_TYPE_RGB_ALPHA, 1, 3, 8},
        {"PNG grey", 8, PNG_COLOR_TYPE_GRAY, 0, 1, 1},
        {"PNG grey 16", 16, PNG_COLOR_TYPE_GRAY, 0, 1, 2},
        {"PNG grey with alpha", 8, PNG_COLOR_TYPE_GRAY_ALPHA, 0, 1, 2},
        {"PNG palette", 8, PNG_COLOR_TYPE_PALETTE, 0, 3, 1},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int wide = kinds[i].depth / 8, channels = kinds[i].channels, bytes = kinds[i].bytes;
        int palette = kinds[i].colour == PNG_COLOR_TYPE_PALETTE;
        for (int p = 0; p < W * H * bytes; p++)
            rows[p] = (unsigned char)(p * 37 + p / 7);
        for (int p = 0; p < W * H; p++)
            for (int c = 0; c < channels; c++) {
                int index = rows[p * bytes];
                expected[p * channels + c] = palette
                                                 ? (unsigned char)(c < 2 ? 10 * index : 255 - index)
                                                 : rows[p * bytes + c * wide];
            }
        for (int transparent = 0; transparent <= palette; transparent++) {
            struct file file = png_of(rows, W, H, (size_t)(W * bytes), kinds[i].depth,
                                      kinds[i].colour, kinds[i].interlaced, transparent);
            expect(file, kinds[i].what, W, H, channels, expected, 0);
            free(file.bytes);
        }
    }
}

static void small_depths(void)
{
    for (int depth = 1; depth <= 4; depth *= 2) {
        unsigned char rows[H * W], expected[W * H];
        size_t stride = (size_t)(W * depth) / 8;
        struct file file;
        for (int i = 0; i < H * (int)stride; i++)
            rows[i] = (unsigned char)(i * 77);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int bits = rows[y * (int)stride + x * depth / 8] >> (8 - depth - x * depth % 8) &
                           ((1 << depth) - 1);
                expected[y * W + x] = (unsigned char)(bits * 255 / ((1 << depth) - 1));
            }
        file = png_of(rows, W, H, stride, depth, PNG_COLOR_TYPE_GRAY, 0, 0);
        expect(file, "PNG grey of few bits", W, H, 1, expected, 0);
        free(file.bytes);
    }
}

static void broken_pngs(void)
{
    struct picture noise = picture_noise(40, 30, 3, 9);
    struct file file = png_of(noise.pixels.data, 40, 30, 120, 8, PNG_COLOR_TYPE_RGB, 0, 0);
    unsigned char huge[33];
    size_t through = 0;
    uint32_t crc;
    for (size_t size = 8; size < file.size; size += size < 100 ? 1 : 13)
        through += decode_file((struct file){file.bytes, size}) != STATUS_FAILED;
    same_int((long long)through, 0, "a PNG cut anywhere is refused");
    file.bytes[file.size / 2] ^= 4;
    refused(file, "a PNG with a wrong bit", "PNG: ");
    file.bytes[file.size / 2] ^= 4;
    memcpy(huge, file.bytes, 33); /* signature and IHDR */
    memcpy(huge + 16, "\x00\x00\xF6\x12\x00\x00\xFF\x04", 8);
    crc = (uint32_t)crc32(0, huge + 12, 17);
    for (int i = 0; i < 4; i++)
        huge[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    refused((struct file){huge, 33}, "33 bytes of PNG", "ends early");
    memcpy(file.bytes, huge, 33);
    refused(file, "a PNG that claims 62994x65284", "62994x65284, more than");
    free(file.bytes);
    picture_free(&noise);
}

#define TEXT(text) ((struct file){(unsigned char *)(uintptr_t)(text), sizeof(text) - 1})

static void pnms(void)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
        int width, height, channels;
        const char *pixels;
    } good[] = {
#define PNM(bytes) bytes, sizeof(bytes) - 1
        {"P1", PNM("P1\n# two\n2 2\n0 11 0"), 2, 2, 1, "\xFF\0\0\xFF"},
        {"P2", PNM("P2 3 1 10\n0 5\t10 "), 3, 1, 1, "\0\x80\xFF"},
        {"P2 beyond its maximum", PNM("P2 2 1 10 99 10"), 2, 1, 1, "\xFF\xFF"},
        {"P3", PNM("P3#x\n1 1#y\r\n255\n1 2 3"), 1, 1, 3, "\1\2\3"},
        {"P4", PNM("P4 10 2\n\xAA\x40\x55\x80"), 10, 2, 1,
         "\0\xFF\0\xFF\0\xFF\0\xFF\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\0\xFF"},
        {"P5", PNM("P5 2 1 255\n\x0A\x20"), 2, 1, 1, "\x0A\x20"},
        {"P5 of 16 bits", PNM("P5 2 1 65535\n\x80\x80\xFF\xFF"), 2, 1, 1, "\x80\xFF"},
        {"P6", PNM("P6 1 2 255\nabcdef"), 1, 2, 3, "abcdef"},
        {"P6 with more after it", PNM("P6 1 1 255\nabcP6 1 1 255\nabc"), 1, 1, 3, "abc"},
    };
    static const struct {
        const char *what;
        struct file file;
        const char *complaint;
    } bad[] = {
        {"P6 that is short",
         {(unsigned char *)(uintptr_t) "P6 2 2 255\nabcdef", 17},
         "6 bytes of pixels, expected 12"},
        {"P3 that is short",
         {(unsigned char *)(uintptr_t) "P3 2 2 255\n1 2 3 4 5 6 7", 24},
         "ends early"},
        {"P3 that is shorter",
         {(unsigned char *)(uintptr_t) "P3 2 2 255\n1 2 3", 16},
         "at least 12"},
        {"P2 with a letter", {(unsigned char *)(uintptr_t) "P2 2 2 255\n1 2 x 4", 18}, "byte 0x78"},
        {"P1 with a 2", {(unsigned char *)(uintptr_t) "P1 2 2\n0 1 2 1", 14}, "2 of 4 pixels"},
        {"P5 of width 0", {(unsigned char *)(uintptr_t) "P5 0 2 255\n", 11}, "no pixels"},
        {"P5 of maximum 0", {(unsigned char *)(uintptr_t) "P5 1 1 0\nx", 10}, "the maximum is 0"},
        {"P5 of maximum 65536",
         {(unsigned char *)(uintptr_t) "P5 1 1 65536\nxx", 15},
         "the maximum is 65536"},
        {"P6 that claims 40000x40000",
         {(unsigned char *)(uintptr_t) "P6 40000 40000 255\nx", 20},
         "more than"},
        {"P6 of a number without end",
         {(unsigned char *)(uintptr_t) "P6 99999999999999 1 1\n", 22},
         "beyond"},
        {"P6 without a size", {(unsigned char *)(uintptr_t) "P6 ", 3}, "expected the width"},
        {"P6 without space", {(unsigned char *)(uintptr_t) "P6 1 1 255", 10}, "no white space"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect((struct file){(unsigned char *)(uintptr_t)good[i].bytes, good[i].size}, good[i].what,
               good[i].width, good[i].height, good[i].channels,
               (const unsigned char *)good[i].pixels, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i].file, bad[i].what, bad[i].complaint);
}

static void others(void)
{
    refused(TEXT(""), "nothing", "no bytes");
    refused(TEXT("GIF89a......"), "GIF", "GIF files are not supported");
    refused(TEXT("RIFF....WEBPVP8 "), "WebP", "WebP files");
    refused(TEXT("II*\0....."), "TIFF", "TIFF files");
    refused(TEXT("MM\0*....."), "big-endian TIFF", "TIFF files");
    refused(TEXT("BM......"), "BMP", "BMP files");
    refused(TEXT("P7\nWIDTH 1\n"), "PAM", "PAM files");
    refused(TEXT("hello"), "a text", "unknown format (the first byte is 0x68)");
    refused(TEXT("\xFF"), "one byte", "unknown format");
    refused(TEXT("P6"), "two bytes", "unknown format");
}

/* Options: warnings ignored, smaller limits. */
static void choices(void)
{
    struct picture noise = picture_noise(64, 48, 3, 7);
    struct file file = jpeg_of(noise.pixels.data, 64, 48,
                               (struct jpeg_kind){JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 0, 0});
    struct file progressive = jpeg_of(
        noise.pixels.data, 64, 48, (struct jpeg_kind){JCS_RGB, JCS_UNKNOWN, 3, 1, 0, NULL, 0, 0});
    struct decode_options options;
    uint32_t usual, fast;
    decode_file(file);
    usual = (uint32_t)crc32(0, picture.pixels.data, (uInt)picture.pixels.size);
    decoder_free(decoder);
    decode_init(&options);
    options.warnings = WARNINGS_IGNORE;
    options.max_pixels = 64 * 48;
    options.max_scans = 3;
    options.dct = DCT_IFAST;
    decoder_new(&options, &decoder, &err);
    ok(decode_file((struct file){file.bytes, file.size / 2}) == STATUS_OK,
       "half a JPEG, its warning ignored");
    refused((struct file){file.bytes, 20}, "a JPEG without a header all the same", "JPEG: ");
    ok(decode_file(file) == STATUS_OK, "as many pixels as allowed");
    fast = (uint32_t)crc32(0, picture.pixels.data, (uInt)picture.pixels.size);
    ok(usual != fast, "the fast DCT gives other pixels");
    refused(progressive, "more scans than allowed", "more than 3 scans");
    decoder_free(decoder);
    options.max_pixels--;
    options.upsampling = UPSAMPLING_PLAIN;
    decoder_new(&options, &decoder, &err);
    refused(file, "one pixel too many", "64x48, more than 3071 pixels");
    free(file.bytes);
    free(progressive.bytes);
    picture_free(&noise);
}

int main(void)
{
    struct decode_options options;
    decode_init(&options);
    if (decoder_new(&options, &decoder, &err) != STATUS_OK)
        return 1;
    jpegs();
    broken_jpegs();
    bombs();
    pngs();
    small_depths();
    broken_pngs();
    pnms();
    others();
    choices();
    decoder_free(decoder);
    picture_free(&picture);
    return tap_done();
}
