/* If this fails, pictures of cameras that were turned lie on their side, or damaged EXIF does harm.
 */
#include "image/formats/exif.h"

#include "image/decode.h"
#include "tests/image/pictures.h"
#include "tests/tap.h"

static struct error err;

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1
#define LITTLE      "II*\0\10\0\0\0"
#define BIG         "MM\0*\0\0\0\10"

static void parses(void)
{
    static const struct {
        const char *what;
        const unsigned char *tiff;
        size_t size;
        int orientation;
    } cases[] = {
        {"6, little-endian", BYTES(LITTLE "\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 6},
        {"8, big-endian", BYTES(BIG "\0\1\1\x12\0\3\0\0\0\1\0\10\0\0"), 8},
        {"3, as a long number", BYTES(LITTLE "\1\0\x12\1\4\0\1\0\0\0\3\0\0\0"), 3},
        {"2, big-endian, long", BYTES(BIG "\0\1\1\x12\0\4\0\0\0\1\0\0\0\2"), 2},
        {"5, after another entry",
         BYTES(LITTLE "\2\0\x0E\1\2\0\4\0\0\0abc\0\x12\1\3\0\1\0\0\0\5\0\0\0"), 5},
        {"9 is none", BYTES(LITTLE "\1\0\x12\1\3\0\1\0\0\0\x9\0\0\0"), 1},
        {"0 is none", BYTES(LITTLE "\1\0\x12\1\3\0\1\0\0\0\0\0\0\0"), 1},
        {"a text is none", BYTES(LITTLE "\1\0\x12\1\2\0\1\0\0\0\6\0\0\0"), 1},
        {"no entries", BYTES(LITTLE "\0\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 1},
        {"more entries than there are", BYTES(LITTLE "\xFF\xFF\x0E\1\3\0\1\0\0\0\6\0\0\0"), 1},
        {"half an entry", BYTES(LITTLE "\1\0\x12\1\3\0\1\0\0\0\6"), 1},
        {"a directory beyond the end", BYTES("II*\0\xFF\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 1},
        {"a directory far beyond", BYTES("II*\0\xFF\xFF\xFF\xFF\1\0"), 1},
        {"a directory at the very end", BYTES("II*\0\10\0\0\0\1"), 1},
        {"another magic", BYTES("IJ*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 1},
        {"too short", BYTES("II*\0"), 1},
        {"nothing", BYTES(""), 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* Exactly as long, so that ASan sees any read beyond it. */
        unsigned char *tiff = malloc(cases[i].size + !cases[i].size);
        memcpy(tiff, cases[i].tiff, cases[i].size);
        same_int(exif_orientation(tiff, cases[i].size), cases[i].orientation, cases[i].what);
        free(tiff);
    }
}

/* What EXIF's table says of the picture abc over def. */
static const char *const upright[9] = {"",       "abcdef", "cbafed", "fedcba", "defabc",
                                       "adbecf", "daebfc", "fcebda", "cfbead"};

static void turns(void)
{
    struct picture stored = {0}, turned = {0};
    struct window part = {1, 0, 2, 2}; /* bc over ef */
    for (int o = 1; o <= 8; o++) {
        struct window window = {0, 1, 2, 1}, back;
        char text[7] = "";
        picture_resize(&stored, 3, 2, NULL, 1, &err);
        memcpy(stored.pixels.data, "abcdef", 6);
        exif_turn(&stored, o, &turned, &err);
        memcpy(text, turned.pixels.data, 6);
        same_text(text, upright[o], "a picture turned upright");
        ok(turned.width == (exif_is_sideways(o) ? 2 : 3) &&
               turned.height == (exif_is_sideways(o) ? 3 : 2),
           "orientation %d: %dx%d", o, turned.width, turned.height);
        /* A part of it, and the way back from a window to what is stored of it. */
        back = exif_stored(&window, o, turned.width, turned.height);
        ok(back.width * back.height == 2 && back.x >= 0 && back.y >= 0 &&
               *picture_at(&stored, back.x, back.y) +
                       *picture_at(&stored, back.x + back.width - 1, back.y + back.height - 1) ==
                   *picture_at(&turned, 0, 1) + *picture_at(&turned, 1, 1),
           "orientation %d: where a window is stored", o);
        picture_resize(&stored, 3, 2, &part, 1, &err);
        memcpy(stored.pixels.data, "bcef", 4);
        exif_turn(&stored, o, &turned, &err);
        for (int y = turned.part.y; y < turned.part.y + turned.part.height; y++)
            for (int x = turned.part.x; x < turned.part.x + turned.part.width; x++)
                text[0] =
                    *picture_at(&turned, x, y) == upright[o][y * turned.width + x] ? text[0] : '!';
        ok(text[0] != '!' && turned.part.width * turned.part.height == 4,
           "orientation %d: a part of the picture", o);
    }
    picture_free(&stored);
    picture_free(&turned);
}

/* The JPEG with EXIF of this orientation. */
static struct file with_exif(struct file file, int orientation)
{
    unsigned char marker[] = "\xFF\xE1\0\x22"
                             "Exif\0\0" LITTLE "\1\0\x12\1\3\0\1\0\0\0\0\0\0\0\0\0\0\0";
    size_t size = 36;
    struct file result = {malloc(file.size + size), file.size + size};
    marker[28] = (unsigned char)orientation;
    memcpy(result.bytes, file.bytes, 2);
    memcpy(result.bytes + 2, marker, size);
    memcpy(result.bytes + 2 + size, file.bytes + 2, file.size - 2);
    return result;
}

/* Decoding upright, whole and in parts, is decoding and then turning. */
static void files(void)
{
    struct picture noise = picture_noise(37, 26, 3, 1), stored = {0}, expected = {0}, got = {0};
    struct file plain = jpeg_of(noise.pixels.data, 37, 26,
                                (struct jpeg_kind){JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 0, 0});
    struct decode_options options;
    struct decoder *ignoring, *applying;
    struct decode_info info;
    decode_init(&options);
    decoder_new(&options, &ignoring, &err);
    options.exif = EXIF_APPLY;
    decoder_new(&options, &applying, &err);
    for (int o = 0; o <= 9; o++) {
        struct file file = with_exif(plain, o);
        int wrong = 0;
        decode_open(ignoring, file.bytes, file.size, &info, &err);
        wrong += info.width != 37 || info.height != 26;
        decode_pixels(ignoring, NULL, REST_CHECKED, &stored, &err);
        exif_turn(&stored, o < 1 || o > 8 ? 1 : o, &expected, &err);
        for (int i = 0; i < 30; i++) {
            struct window window = {i % 7, i % 5, 1 + i % 19, 1 + i % 18};
            wrong += decode_open(applying, file.bytes, file.size, &info, &err) != STATUS_OK ||
                     info.width != expected.width || info.height != expected.height ||
                     decode_pixels(applying, &window, REST_CHECKED, &got, &err) != STATUS_OK;
            for (int y = window.y; !wrong && y < window.y + window.height; y++)
                wrong += memcmp(picture_at(&got, window.x, y), picture_at(&expected, window.x, y),
                                3 * (size_t)window.width) != 0;
        }
        same_int(wrong, 0, "a JPEG with an orientation, in parts");
        free(file.bytes);
    }
    decoder_free(ignoring);
    decoder_free(applying);
    picture_free(&noise);
    picture_free(&stored);
    picture_free(&expected);
    picture_free(&got);
    free(plain.bytes);
}

int main(void)
{
    parses();
    turns();
    files();
    return tap_done();
}
