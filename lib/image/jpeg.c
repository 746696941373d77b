/* JPEG by libjpeg(-turbo)'s plain interface. Its errors come back through setjmp: no function
 * between setjmp and libjpeg keeps anything in a local variable that it needs afterwards. */
#include "image/decode_internal.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum {
    ROWS_AT_ONCE = 16,
    /* What libjpeg may hold for a progressive picture: 2 bytes for each coefficient of at most 4
     * components, and a margin for its tables and edges. */
    BYTES_PER_PIXEL = 10,
    BYTES_BESIDE = 32 << 20,
};

struct jpeg {
    struct jpeg_decompress_struct decompress;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const struct decode_options *options;
    struct error *err;
    enum status status;
    struct buffer row; /* CMYK: one row before it becomes RGB */
};

/* libjpeg's text, with what the picture is. */
static void fail(struct jpeg *jpeg, const char *text)
{
    jpeg->status = error_set(jpeg->err, STATUS_FAILED, "JPEG: %s", text);
    longjmp(jpeg->jump, 1);
}

static void on_error(j_common_ptr common)
{
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    fail(common->client_data, text);
}

/* level -1 is a warning: the data is corrupt, and libjpeg makes up pixels for the missing ones. */
static void on_message(j_common_ptr common, int level)
{
    struct jpeg *jpeg = common->client_data;
    if (level >= 0)
        return;
    common->err->num_warnings++;
    if (!jpeg->options->ignore_warnings)
        on_error(common);
}

/* Called now and then while all scans are read. */
static void on_progress(j_common_ptr common)
{
    struct jpeg *jpeg = common->client_data;
    if (jpeg->decompress.input_scan_number > jpeg->options->max_scans) {
        char text[64];
        snprintf(text, sizeof text, "more than %d scans", jpeg->options->max_scans);
        fail(jpeg, text);
    }
}

enum status jpeg_new(struct jpeg **result, struct error *err)
{
    struct jpeg *jpeg = memory_array(1, sizeof *jpeg);
    *result = NULL;
    if (!jpeg)
        return error_memory(err);
    jpeg->err = err;
    jpeg->decompress.err = jpeg_std_error(&jpeg->errors);
    jpeg->errors.error_exit = on_error;
    jpeg->errors.emit_message = on_message;
    jpeg->decompress.client_data = jpeg;
    if (setjmp(jpeg->jump)) {
        free(jpeg);
        return error_memory(err);
    }
    jpeg_create_decompress(&jpeg->decompress); /* keeps err and client_data */
    jpeg->progress.progress_monitor = on_progress;
    jpeg->decompress.progress = &jpeg->progress;
    *result = jpeg;
    return STATUS_OK;
}

void jpeg_free(struct jpeg *jpeg)
{
    if (!jpeg)
        return;
    jpeg_destroy_decompress(&jpeg->decompress);
    buffer_free(&jpeg->row);
    free(jpeg);
}

/* Header, limits, and what the pixels shall be. */
static void begin(struct jpeg *jpeg, const unsigned char *bytes, size_t size)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    int64_t pixels;
    jpeg_mem_src(decompress, bytes, size);
    jpeg_read_header(decompress, TRUE);
    jpeg->status = picture_check_size(decompress->image_width, decompress->image_height,
                                      jpeg->options->max_pixels, jpeg->err);
    if (jpeg->status != STATUS_OK)
        longjmp(jpeg->jump, 1);
    pixels = (int64_t)decompress->image_width * decompress->image_height;
    decompress->mem->max_memory_to_use = (long)(pixels * BYTES_PER_PIXEL + BYTES_BESIDE);
    decompress->dct_method = jpeg->options->dct == DCT_IFAST ? JDCT_IFAST : JDCT_ISLOW;
    decompress->do_fancy_upsampling = jpeg->options->upsampling == UPSAMPLING_FANCY;
    switch (decompress->num_components) {
    case 1:
        decompress->out_color_space = JCS_GRAYSCALE;
        break;
    case 3:
        decompress->out_color_space = JCS_RGB;
        break;
    case 4:
        decompress->out_color_space = JCS_CMYK;
        break;
    default:
        fail(jpeg, "2 components, expected 1, 3 or 4");
    }
}

/* (a * b) / 255, rounded, for bytes. */
static int multiply(int a, int b)
{
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* Pillow's formula (Convert.c); the file holds the inks inverted, as Adobe writes them. */
static void cmyk_to_rgb(const unsigned char *cmyk, unsigned char *rgb, int width)
{
    for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (unsigned char)(cmyk[3] - multiply(255 - cmyk[c], cmyk[3]));
}

static void read_cmyk(struct jpeg *jpeg, struct picture *picture)
{
    while (jpeg->decompress.output_scanline < jpeg->decompress.output_height) {
        size_t y = jpeg->decompress.output_scanline;
        JSAMPROW row = jpeg->row.data;
        jpeg_read_scanlines(&jpeg->decompress, &row, 1);
        cmyk_to_rgb(jpeg->row.data, picture->pixels.data + y * (size_t)picture->width * 3,
                    picture->width);
    }
}

static void read_rows(struct jpeg *jpeg, struct picture *picture)
{
    size_t stride = (size_t)picture->width * (size_t)picture->channels;
    while (jpeg->decompress.output_scanline < jpeg->decompress.output_height) {
        JSAMPROW rows[ROWS_AT_ONCE];
        size_t y = jpeg->decompress.output_scanline;
        size_t count = jpeg->decompress.output_height - y;
        if (count > ROWS_AT_ONCE)
            count = ROWS_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            rows[i] = picture->pixels.data + (y + i) * stride;
        jpeg_read_scanlines(&jpeg->decompress, rows, (JDIMENSION)count);
    }
}

static void read_all(struct jpeg *jpeg, struct picture *picture)
{
    int width, height, components;
    jpeg_start_decompress(&jpeg->decompress);
    width = (int)jpeg->decompress.output_width;
    height = (int)jpeg->decompress.output_height;
    components = jpeg->decompress.output_components;
    jpeg->status = picture_resize(picture, width, height, NULL, components == 1 ? 1 : 3, jpeg->err);
    buffer_clear(&jpeg->row);
    if (jpeg->status == STATUS_OK && components == 4)
        jpeg->status = buffer_reserve(&jpeg->row, (size_t)width * 4, jpeg->err);
    if (jpeg->status != STATUS_OK)
        longjmp(jpeg->jump, 1);
    if (components == 4)
        read_cmyk(jpeg, picture);
    else
        read_rows(jpeg, picture);
    jpeg_finish_decompress(&jpeg->decompress);
}

enum status jpeg_open(struct jpeg *jpeg, const struct decode_options *options,
                      const unsigned char *bytes, size_t size, struct decode_info *info,
                      struct error *err)
{
    jpeg->options = options;
    jpeg->err = err;
    jpeg->status = STATUS_OK;
    if (setjmp(jpeg->jump) == 0)
        begin(jpeg, bytes, size);
    info->width = (int)jpeg->decompress.image_width;
    info->height = (int)jpeg->decompress.image_height;
    return jpeg->status;
}

enum status jpeg_read(struct jpeg *jpeg, const struct window *needed, struct picture *picture,
                      struct error *err)
{
    (void)needed;
    jpeg->err = err;
    if (setjmp(jpeg->jump) == 0)
        read_all(jpeg, picture);
    jpeg_close(jpeg);
    return jpeg->status;
}

void jpeg_close(struct jpeg *jpeg)
{
    jpeg_abort_decompress(&jpeg->decompress);
}
