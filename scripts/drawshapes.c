/* drawshapes: draws a labelled sample of JPEG pictures and writes them as a tar to standard output.
 *
 * Six kinds of shapes (the folder is the label), each picture with its own size, colours, position,
 * rotation, background, clutter, blur and noise. With --sets a picture holds none, one or two of
 * them, and the folder names all ("circle,star"; "-" for none). What is drawn depends on seed and
 * picture number alone, so a sample can be drawn again instead of being kept.
 *
 * A shape is a signed distance function: negative inside, in units of the shape's radius. It gives
 * smooth edges at any rotation (coverage of a pixel = 1/2 - distance in pixels, clamped).
 */
#include "base/io.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/options.h"
#include "base/random.h"
#include "stream/label_set.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

enum { SET_MAX = 2 }; /* shapes of a picture */
enum { SHAPES = 6, SIDE_LOW = 16, SIDE_HIGH = 1024 };

struct settings {
    int64_t count; /* -n */
    int64_t seed;  /* -s */
    int64_t low;   /* -S: shortest and longest side in pixels */
    int64_t high;
    int sets; /* --sets */
};

/* The part of a picture that a shape may cover, in pixels. */
struct frame {
    int x, y, width, height;
};

struct colour {
    float rgb[3]; /* 0..255 */
};

struct picture {
    int width, height;
    float *rgb; /* height x width x 3, 0..255 */
    float *spare;
};

static double circle(double x, double y)
{
    return hypot(x, y) - 0.9;
}

static double square(double x, double y)
{
    return fmax(fabs(x), fabs(y)) - 0.75;
}

static double triangle(double x, double y)
{
    return fmax(fabs(x) * 0.8660254 + y * 0.5, -y) - 0.5;
}

/* Five points: fold the plane into one tenth of a turn, then it is one edge. */
static double star(double x, double y)
{
    const double tenth = 3.14159265358979 / 5;
    double angle = fabs(remainder(atan2(x, y), 2 * tenth)), length = hypot(x, y);
    double across = length * sin(angle), along = length * cos(angle);
    /* the edge runs from the tip (0, 1) to the notch at radius 0.42, half a fold away */
    double notch_x = 0.42 * sin(tenth), notch_y = 0.42 * cos(tenth);
    double edge = hypot(notch_x, 1 - notch_y);
    return (across * (1 - notch_y) + (along - 1) * notch_x) / edge;
}

static double cross(double x, double y)
{
    double upright = fmax(fabs(x) - 0.25, fabs(y) - 0.9);
    double level = fmax(fabs(x) - 0.9, fabs(y) - 0.25);
    return fmin(upright, level);
}

static double ring(double x, double y)
{
    return fabs(hypot(x, y) - 0.7) - 0.2;
}

static const struct {
    const char *name;
    double (*distance)(double x, double y);
} shapes[SHAPES] = {
    {"circle", circle}, {"square", square}, {"triangle", triangle},
    {"star", star},     {"cross", cross},   {"ring", ring},
};

static double between(struct random *random, double low, double high)
{
    return low + (high - low) * random_uniform(random);
}

static struct colour any_colour(struct random *random)
{
    struct colour colour;
    for (int c = 0; c < 3; c++)
        colour.rgb[c] = (float)between(random, 0, 255);
    return colour;
}

static double colour_distance(const struct colour *a, const struct colour *b)
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += (a->rgb[c] - b->rgb[c]) * (a->rgb[c] - b->rgb[c]);
    return sqrt(sum);
}

static void blend(float *pixel, const struct colour *colour, double share)
{
    for (int c = 0; c < 3; c++)
        pixel[c] += (float)share * (colour->rgb[c] - pixel[c]);
}

/* Plain, gradient, stripes or checks, from colour a towards colour b. */
static void draw_background(struct picture *picture, struct random *random, const struct colour *a,
                            const struct colour *b)
{
    uint64_t kind = random_below(random, 4);
    double turn = between(random, 0, 6.2831853), step = between(random, 6, 20);
    double dx = cos(turn), dy = sin(turn), longest = hypot(picture->width, picture->height);
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++) {
            float *pixel = picture->rgb + 3 * ((size_t)y * (size_t)picture->width + (size_t)x);
            double along = x * dx + y * dy, across = y * dx - x * dy;
            double share = kind == 0   ? 0
                           : kind == 1 ? 0.5 + along / longest
                           : kind == 2 ? 0.5 + 0.5 * sin(6.2831853 * along / step)
                                       : 0.5 + 0.5 * sin(6.2831853 * along / step) *
                                                   sin(6.2831853 * across / step);
            memcpy(pixel, a->rgb, sizeof a->rgb);
            blend(pixel, b, 0.6 * fmin(fmax(share, 0), 1));
        }
}

/* A few thin lines behind the shape. */
static void draw_clutter(struct picture *picture, struct random *random)
{
    for (uint64_t lines = random_below(random, 4); lines; lines--) {
        struct colour colour = any_colour(random);
        double turn = between(random, 0, 6.2831853), half = between(random, 0.5, 1.2);
        double dx = cos(turn), dy = sin(turn);
        double offset =
            between(random, 0, picture->width) * dx + between(random, 0, picture->height) * dy;
        for (int y = 0; y < picture->height; y++)
            for (int x = 0; x < picture->width; x++) {
                double away = fabs(x * dx + y * dy - offset) - half;
                if (away < 0.5)
                    blend(picture->rgb + 3 * ((size_t)y * (size_t)picture->width + (size_t)x),
                          &colour, 0.7 * fmin(0.5 - away, 1));
            }
    }
}

static void draw_shape(struct picture *picture, struct random *random, struct frame frame,
                       int shape, const struct colour *colour)
{
    double side = fmin(frame.width, frame.height);
    double radius = side * between(random, 0.3, 0.46), turn = between(random, 0, 6.2831853);
    double x0 = frame.x + between(random, radius * 0.9, frame.width - radius * 0.9);
    double y0 = frame.y + between(random, radius * 0.9, frame.height - radius * 0.9);
    double dx = cos(turn) / radius, dy = sin(turn) / radius;
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++) {
            double u = (x - x0) * dx + (y - y0) * dy, v = (y - y0) * dx - (x - x0) * dy;
            double share = 0.5 - shapes[shape].distance(u, v) * radius;
            if (share > 0)
                blend(picture->rgb + 3 * ((size_t)y * (size_t)picture->width + (size_t)x), colour,
                      fmin(share, 1));
        }
}

/* One pass of a (1 2 1)/4 filter both ways, edges repeated. */
static void blur(struct picture *picture)
{
    int width = picture->width, height = picture->height;
    for (int pass = 0; pass < 2; pass++) {
        const float *from = pass ? picture->spare : picture->rgb;
        float *to = pass ? picture->rgb : picture->spare;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int left = pass    ? x
                           : x > 0 ? x - 1
                                   : x,
                    right = pass            ? x
                            : x + 1 < width ? x + 1
                                            : x;
                int up = pass && y > 0 ? y - 1 : y, down = pass && y + 1 < height ? y + 1 : y;
                const float *here = from + 3 * (y * width + x),
                            *before = from + 3 * (up * width + left);
                const float *after = from + 3 * (down * width + right);
                for (int c = 0; c < 3; c++)
                    to[3 * (y * width + x) + c] = (before[c] + 2 * here[c] + after[c]) / 4;
            }
    }
}

/* Shapes side by side along the longer side, or the one in the whole picture. */
static void draw_shapes(struct picture *picture, struct random *random, const int *set, int count,
                        const struct colour *ink)
{
    int flat = picture->width > picture->height;
    for (int i = 0; i < count; i++) {
        int low = (flat ? picture->width : picture->height) * i / count;
        int high = (flat ? picture->width : picture->height) * (i + 1) / count;
        struct frame frame = flat ? (struct frame){low, 0, high - low, picture->height}
                                  : (struct frame){0, low, picture->width, high - low};
        draw_shape(picture, random, frame, set[i], ink);
    }
}

static void draw(struct picture *picture, struct random *random, const int *set, int count)
{
    struct colour ink, ground, other;
    do {
        ink = any_colour(random);
        ground = any_colour(random);
        other = any_colour(random);
    } while (colour_distance(&ink, &ground) < 110 || colour_distance(&ink, &other) < 80);
    draw_background(picture, random, &ground, &other);
    draw_clutter(picture, random);
    draw_shapes(picture, random, set, count, &ink);
    for (uint64_t passes = random_below(random, 4); passes; passes--)
        blur(picture);
}

/* Adds triangular noise (two uniform bytes a value) and rounds to bytes, in place of `pixels`. */
static void add_noise(const struct picture *picture, struct random *random, unsigned char *pixels)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    double strength = between(random, 0, 16) / 128;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = random_next(random);
        for (int c = 0; c < 3; c++, bits >>= 16) {
            double noise = (double)(bits & 255) + (double)(bits >> 8 & 255) - 255;
            double value = picture->rgb[3 * i + (size_t)c] + strength * noise;
            pixels[3 * i + (size_t)c] = (unsigned char)(fmin(fmax(value, 0), 255) + 0.5);
        }
    }
}

/* The JPEG is in *bytes, from malloc. libjpeg's own error exit suits a program this small. */
static void encode(const struct picture *picture, unsigned char *pixels, int quality,
                   unsigned char **bytes, unsigned long *size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    *bytes = NULL;
    *size = 0;
    jpeg_mem_dest(&jpeg, bytes, size);
    jpeg.image_width = (JDIMENSION)picture->width;
    jpeg.image_height = (JDIMENSION)picture->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = pixels + 3 * (size_t)jpeg.next_scanline * (size_t)picture->width;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
}

static int store(struct archive *tar, const char *name, const unsigned char *bytes, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    int done;
    if (!entry)
        return 0;
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    done = archive_write_header(tar, entry) == ARCHIVE_OK &&
           archive_write_data(tar, bytes, size) == (la_ssize_t)size;
    archive_entry_free(entry);
    return done;
}

/* The shapes' names, or that there is none. */
static void name_folder(const int *set, int count, char *name, size_t room)
{
    size_t used = (size_t)snprintf(name, room, "%s", count ? "" : LABEL_SET_NONE);
    for (int i = 0; i < count; i++)
        used +=
            (size_t)snprintf(name + used, room - used, "%s%s", i ? "," : "", shapes[set[i]].name);
}

static int draw_one(struct archive *tar, const struct settings *settings, struct picture *picture,
                    unsigned char *pixels, int64_t number, const int *set, int count)
{
    struct random random;
    unsigned char *bytes;
    unsigned long size;
    char folder[64], name[96];
    int done;
    random_seed(&random, random_mix((uint64_t)settings->seed) + (uint64_t)number);
    uint64_t span = (uint64_t)(settings->high - settings->low + 1);
    picture->width = (int)(settings->low + (int64_t)random_below(&random, span));
    picture->height = (int)(settings->low + (int64_t)random_below(&random, span));
    draw(picture, &random, set, count);
    add_noise(picture, &random, pixels);
    encode(picture, pixels, 60 + (int)random_below(&random, 36), &bytes, &size);
    name_folder(set, count, folder, sizeof folder);
    snprintf(name, sizeof name, "%s/%05lld.jpg", folder, (long long)number);
    done = store(tar, name, bytes, size);
    free(bytes);
    return done;
}

/* None, the shape, or it and a different one. Returns how many. */
static int draw_set(struct random *random, int shape, int set[SET_MAX])
{
    int count = (int)random_below(random, SET_MAX + 1);
    int other = (shape + 1 + (int)random_below(random, SHAPES - 1)) % SHAPES;
    set[0] = count == 2 && other < shape ? other : shape;
    set[1] = other < shape ? shape : other;
    return count;
}

/* The pictures come in blocks of one of each kind, each block in an order of its own. */
static int draw_all(struct archive *tar, const struct settings *settings)
{
    size_t values = 3 * (size_t)settings->high * (size_t)settings->high;
    struct picture picture = {.rgb = memory_array(values, sizeof(float)),
                              .spare = memory_array(values, sizeof(float))};
    unsigned char *pixels = memory_array(values, 1);
    int order[SHAPES] = {0, 1, 2, 3, 4, 5};
    int done = picture.rgb && picture.spare && pixels;
    struct random shuffle;
    random_seed(&shuffle, (uint64_t)settings->seed);
    for (int64_t number = 0; done && number < settings->count; number++) {
        int place = (int)(number % SHAPES);
        int other = place + (int)random_below(&shuffle, (uint64_t)(SHAPES - place));
        int shape = order[other], set[SET_MAX] = {shape}, count = 1;
        order[other] = order[place];
        order[place] = shape;
        if (settings->sets)
            count = draw_set(&shuffle, shape, set);
        done = draw_one(tar, settings, &picture, pixels, number, set, count);
    }
    free(picture.rgb);
    free(picture.spare);
    free(pixels);
    return done;
}

static const struct option_entry options[] = {
    {'n', "count", "N", "pictures to draw (default 600)"},
    {'s', "seed", "N", "another seed, another sample (default 1)"},
    {'S', "size", "LOW-HIGH", "sides in pixels, 16 to 1024 (default 64-128)"},
    {'m', "sets", NULL, "none, one or two shapes in a picture, the folder naming all"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL},
};

static enum status set_size(struct settings *settings, const char *argument, struct error *err)
{
    char low[16];
    size_t length = strcspn(argument, "-");
    const char *high = argument[length] ? argument + length + 1 : argument;
    enum status status;
    if (length >= sizeof low)
        return error_set(err, STATUS_USAGE, "size '%s': expected LOW-HIGH", argument);
    memcpy(low, argument, length);
    low[length] = '\0';
    status = number_integer(low, SIDE_LOW, SIDE_HIGH, &settings->low, err);
    return status == STATUS_OK
               ? number_integer(high, settings->low, SIDE_HIGH, &settings->high, err)
               : status;
}

static enum status set_option(void *state, int id, const char *argument, struct error *err)
{
    struct settings *settings = state;
    switch (id) {
    case 'n':
        return number_integer(argument, 0, 99999999, &settings->count, err);
    case 's':
        return number_integer(argument, 0, INT64_MAX, &settings->seed, err);
    case 'm':
        settings->sets = 1;
        return STATUS_OK;
    case 'S':
        return set_size(settings, argument, err);
    default:
        puts("usage: drawshapes [OPTION]... > FILE.tar\nDraws labelled JPEG pictures of shapes "
             "into a tar.\n");
        options_help(stdout, options);
        exit(0);
    }
}

int main(int argc, char **argv)
{
    struct settings settings = {.count = 600, .seed = 1, .low = 64, .high = 128};
    struct error err;
    struct archive *tar;
    int operand, done;
    if (options_parse(argc, argv, options, NULL, set_option, &settings, &operand, &err) !=
        STATUS_OK) {
        fprintf(stderr, "drawshapes: %s\n", err.text);
        return 2;
    }
    if (operand < argc || isatty(STDOUT_FILENO)) {
        fprintf(stderr, "drawshapes: no operands; the tar goes to standard output, which must not "
                        "be a terminal\n");
        return 2;
    }
    tar = archive_write_new();
    done = tar && archive_write_set_format_ustar(tar) == ARCHIVE_OK &&
           archive_write_open_fd(tar, STDOUT_FILENO) == ARCHIVE_OK && draw_all(tar, &settings) &&
           archive_write_close(tar) == ARCHIVE_OK;
    if (!done)
        fprintf(stderr, "drawshapes: cannot write: %s\n",
                tar && archive_error_string(tar) ? archive_error_string(tar) : "out of memory");
    archive_write_free(tar);
    return done ? 0 : 4;
}
