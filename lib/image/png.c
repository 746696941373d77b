/* PNG by libpng. Its errors come back through setjmp, as in jpeg.c. */
#include "image/decode_internal.h"

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

/* Everything becomes 8-bit grey or RGB. */
static void set_transformations(struct png *png)
{
    int colour = png_get_color_type(png->read, png->info);
    png_set_strip_16(png->read);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png->read);
    else if (colour == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(png->read);
    png_set_strip_alpha(png->read); /* also the alpha that a palette's transparency became */
}

static void read_header(struct png *png)
{
    png_set_read_fn(png->read, png, on_read);
    png_set_user_limits(png->read, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* our own limit follows */
    png_set_chunk_malloc_max(png->read, CHUNK_MAX);
    png_read_info(png->read, png->info);
    png->status =
        picture_check_size(png_get_image_width(png->read, png->info),
                           png_get_image_height(png->read, png->info), png->max_pixels, png->err);
    if (png->status != STATUS_OK)
        png_longjmp(png->read, 1);
}

static void read_all(struct png *png, struct picture *picture)
{
    int width = (int)png_get_image_width(png->read, png->info);
    int height = (int)png_get_image_height(png->read, png->info);
    int grey = !(png_get_color_type(png->read, png->info) & PNG_COLOR_MASK_COLOR), passes;
    set_transformations(png);
    passes = png_set_interlace_handling(png->read);
    png_read_update_info(png->read, png->info);
    if (png_get_channels(png->read, png->info) != (grey ? 1 : 3) ||
        png_get_bit_depth(png->read, png->info) != 8)
        png_error(png->read, "unexpected channels or depth");
    png->status = picture_resize(picture, width, height, NULL, grey ? 1 : 3, png->err);
    if (png->status != STATUS_OK)
        png_longjmp(png->read, 1);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_read_row(png->read, picture->pixels.data + (size_t)y * picture_stride(picture),
                         NULL);
    png_read_end(png->read, NULL);
}

/* The struct is the caller's, so what changes in it after setjmp is defined after a longjmp. */
enum status png_open(struct png *png, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct decode_info *info,
                     struct error *err)
{
    *png =
        (struct png){.bytes = bytes, .left = size, .max_pixels = options->max_pixels, .err = err};
    png->read = png_create_read_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
    png->info = png->read ? png_create_info_struct(png->read) : NULL;
    if (!png->info) {
        png_close(png);
        return error_memory(err);
    }
    if (setjmp(png_jmpbuf(png->read)) == 0)
        read_header(png);
    info->width = (int)png_get_image_width(png->read, png->info);
    info->height = (int)png_get_image_height(png->read, png->info);
    return png->status;
}

enum status png_read(struct png *png, const struct window *needed, struct picture *picture,
                     struct error *err)
{
    (void)needed;
    png->err = err;
    if (setjmp(png_jmpbuf(png->read)) == 0)
        read_all(png, picture);
    png_close(png);
    return png->status;
}

void png_close(struct png *png)
{
    png_destroy_read_struct(&png->read, &png->info, NULL);
}
