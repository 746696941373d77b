/* PNG by libpng. Its errors come back through setjmp, as in jpeg.c. */
#include "image/formats/exif.h"
#include "image/formats/formats.h"

#include <setjmp.h>
#include <string.h>

#include <png.h>

enum {
    CHUNK_MAX = 8 << 20
}; /* bytes of an unpacked text or colour profile, which nobody here reads */

static void on_error(png_structp read, png_const_charp text)
{
    struct png *png = png_get_error_ptr(read);
    png->status = error_set(png->err, STATUS_FAILED, "PNG: %s", text);
    png_longjmp(read, 1);
}

static void on_warning(png_structp read, png_const_charp text)
{
    (void)read;
    (void)text;
}

static void on_read(png_structp read, png_bytep to, size_t count)
{
    struct png *png = png_get_io_ptr(read);
    if (count > png->left)
        png_error(read, "the file ends early");
    memcpy(to, png->bytes, count);
    png->bytes += count;
    png->left -= count;
}

/* Everything becomes 8-bit grey or RGB, with alpha where it will be blended. */
static void set_transformations(struct png *png)
{
    int colour = png_get_color_type(png->read, png->info);
    png_set_strip_16(png->read);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png->read);
    else if (colour == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(png->read);
    if (!png->options->has_background)
        png_set_strip_alpha(png->read); /* also the alpha that a palette's transparency became */
    else if (png_get_valid(png->read, png->info, PNG_INFO_tRNS))
        png_set_tRNS_to_alpha(png->read);
}

static void read_header(struct png *png, struct header *header)
{
    png_uint_32 size;
    png_bytep exif;
    png_set_read_fn(png->read, png, on_read);
    png_set_user_limits(png->read, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* our own limit follows */
    png_set_chunk_malloc_max(png->read, CHUNK_MAX);
    png_read_info(png->read, png->info);
    header->width = (int)png_get_image_width(png->read, png->info);
    header->height = (int)png_get_image_height(png->read, png->info);
    png->status =
        picture_check_size(header->width, header->height, png->options->max_pixels, png->err);
    if (png->status != STATUS_OK)
        png_longjmp(png->read, 1);
    if (png->options->exif == EXIF_APPLY &&
        png_get_eXIf_1(png->read, png->info, &size, &exif) == PNG_INFO_eXIf)
        header->orientation = exif_orientation(exif, size);
}

/* Where the colours of the background differ, so do the channels of what grey is blended on. */
static int is_grey(const unsigned char colour[RECIPE_CHANNELS])
{
    return colour[0] == colour[1] && colour[0] == colour[2];
}

/* Blends `count` pixels of `channels` channels and alpha on the background: Pillow's
 * Image.alpha_composite on an opaque picture (AlphaComposite.c), and its paste with a mask. */
static void blend(const unsigned char *from, int channels, const unsigned char *background,
                  unsigned char *to, int out, size_t count)
{
    for (size_t i = 0; i < count; i++, from += channels + 1)
        for (int c = 0; c < out; c++) {
            unsigned alpha = from[channels], colour = from[channels == 1 ? 0 : c];
            unsigned sum = colour * alpha + background[c] * (255 - alpha) + 128;
            *to++ = (unsigned char)((sum + (sum >> 8)) >> 8);
        }
}

/* One row as libpng gives it, which has `channels`, to row y of the picture, if that is wanted. */
static void take_row(const struct png *png, const unsigned char *row, int channels, int y,
                     struct picture *picture)
{
    const struct window *part = &picture->part;
    unsigned char *to;
    if (y < part->y || y >= part->y + part->height)
        return;
    to = picture->pixels.data + (size_t)(y - part->y) * picture_stride(picture);
    row += (size_t)part->x * (size_t)channels;
    if (channels % 2)
        memcpy(to, row, picture_stride(picture));
    else
        blend(row, channels - 1, png->options->background, to, picture->channels,
              (size_t)part->width);
}

/* Room for the picture, and for `rows` rows of libpng's. */
static void make_room(struct png *png, const struct window *part, int channels, int rows,
                      struct picture *picture)
{
    int width = (int)png_get_image_width(png->read, png->info);
    int height = (int)png_get_image_height(png->read, png->info);
    int out = channels > 2 || (channels == 2 && !is_grey(png->options->background)) ? 3 : 1;
    int64_t size = (int64_t)rows * width * channels;
    png->status = decode_check_memory(png->options,
                                      size + (int64_t)part->width * part->height * out, png->err);
    if (png->status == STATUS_OK)
        png->status = picture_resize(picture, width, height, part, out, png->err);
    buffer_clear(&png->rows);
    if (png->status == STATUS_OK)
        png->status = buffer_reserve(&png->rows, (size_t)size, png->err);
    if (png->status != STATUS_OK)
        png_longjmp(png->read, 1);
}

/* Of an interlaced picture all rows are needed, and held, until the last pass. */
static void read_part(struct png *png, const struct window *needed, enum decode_rest rest,
                      struct picture *picture)
{
    int height = (int)png_get_image_height(png->read, png->info), channels, passes, last = height;
    size_t stride;
    set_transformations(png);
    passes = png_set_interlace_handling(png->read);
    png_read_update_info(png->read, png->info);
    channels = png_get_channels(png->read, png->info);
    stride = png_get_rowbytes(png->read, png->info);
    if (stride != (size_t)channels * png_get_image_width(png->read, png->info))
        png_error(png->read, "unexpected depth");
    make_room(png, needed, channels, passes > 1 ? height : 1, picture);
    if (passes == 1 && rest == REST_UNREAD)
        last = needed->y + needed->height;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < last; y++) {
            unsigned char *row = png->rows.data + (passes > 1 ? (size_t)y * stride : 0);
            png_read_row(png->read, row, NULL);
            if (pass == passes - 1)
                take_row(png, row, channels, y, picture);
        }
    if (rest == REST_CHECKED)
        png_read_end(png->read, NULL);
}

/* The struct is the caller's, so what changes in it after setjmp is defined after a longjmp. */
enum status png_open(struct png *png, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct header *header,
                     struct error *err)
{
    *png = (struct png){
        .bytes = bytes, .left = size, .options = options, .rows = png->rows, .err = err};
    png->read = png_create_read_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
    png->info = png->read ? png_create_info_struct(png->read) : NULL;
    if (!png->info) {
        png_close(png);
        return error_memory(err);
    }
    if (setjmp(png_jmpbuf(png->read)) == 0)
        read_header(png, header);
    return png->status;
}

enum status png_read(struct png *png, const struct window *needed, enum decode_rest rest,
                     struct picture *picture, struct error *err)
{
    png->err = err;
    if (setjmp(png_jmpbuf(png->read)) == 0)
        read_part(png, needed, rest, picture);
    png_close(png);
    return png->status;
}

void png_close(struct png *png)
{
    png_destroy_read_struct(&png->read, &png->info, NULL);
}
