/* JPEG by libjpeg(-turbo)'s plain interface. Its errors come back through setjmp: no function
 * between setjmp and libjpeg keeps anything in a local variable that it needs afterwards. */
#include "image/formats/exif.h"
#include "image/formats/formats.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    ROWS_AT_ONCE = 16,
    LEAST_COLUMNS = 17,   /* more than 2 samples of a component that has a quarter of the columns */
    APP1 = JPEG_APP0 + 1, /* the marker that holds EXIF, after these bytes: */
    EXIF_HEAD = 6,
};

struct jpeg {
    struct jpeg_decompress_struct decompress;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const struct decode_options *options;
    struct error *err;
    enum status status;
    int width;                     /* of the whole as it comes */
    struct buffer row;             /* one that does not go into the picture as it is */
    char warning[JMSG_LENGTH_MAX]; /* the first; "": none */
};

/* libjpeg's text, with what the picture is. */
static void fail(struct jpeg *jpeg, const char *text)
{
    jpeg->status = error_set(jpeg->err, STATUS_FAILED, "JPEG: %s", text);
    longjmp(jpeg->jump, 1);
}

static void on_error(j_common_ptr common)
{
    struct jpeg *jpeg = common->client_data;
    char text[JMSG_LENGTH_MAX];
    if (common->err->msg_code == JERR_OUT_OF_MEMORY) {
        jpeg->status = error_memory(jpeg->err);
        longjmp(jpeg->jump, 1);
    }
    common->err->format_message(common, text);
    fail(jpeg, text);
}

/* level -1 is a warning: the data is corrupt, and libjpeg makes up pixels for the missing ones. */
static void on_message(j_common_ptr common, int level)
{
    struct jpeg *jpeg = common->client_data;
    if (level >= 0)
        return;
    if (jpeg->options->warnings == WARNINGS_ERROR)
        on_error(common);
    if (common->err->num_warnings++ == 0)
        common->err->format_message(common, jpeg->warning);
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

enum status jpeg_new(struct jpeg **jpeg, struct error *err)
{
    *jpeg = memory_array(1, sizeof **jpeg);
    return *jpeg ? STATUS_OK : error_memory(err);
}

void jpeg_free(struct jpeg *jpeg)
{
    if (!jpeg)
        return;
    jpeg_close(jpeg);
    buffer_free(&jpeg->row);
    free(jpeg);
}

/* Anew for each picture: libjpeg keeps tables from one to the next, and would decode a file that
 * lacks its own with those of its neighbour. */
static void create(struct jpeg *jpeg)
{
    jpeg->decompress.err = jpeg_std_error(&jpeg->errors);
    jpeg->errors.error_exit = on_error;
    jpeg->errors.emit_message = on_message;
    jpeg->decompress.client_data = jpeg;
    jpeg_create_decompress(&jpeg->decompress); /* keeps err and client_data */
    jpeg->progress.progress_monitor = on_progress;
    jpeg->decompress.progress = &jpeg->progress;
}

/* Of the first marker that holds EXIF; the others of its kind hold XMP and the like. */
static int orientation_of(const struct jpeg_decompress_struct *decompress)
{
    for (jpeg_saved_marker_ptr marker = decompress->marker_list; marker; marker = marker->next)
        if (marker->data_length > EXIF_HEAD && memcmp(marker->data, "Exif\0", EXIF_HEAD) == 0)
            return exif_orientation(marker->data + EXIF_HEAD, marker->data_length - EXIF_HEAD);
    return EXIF_UPRIGHT;
}

/* What libjpeg holds of a picture of several scans until the last is read. */
static int64_t coefficients_size(struct jpeg_decompress_struct *decompress)
{
    int64_t blocks = 0;
    if (!jpeg_has_multiple_scans(decompress))
        return 0;
    for (int c = 0; c < decompress->num_components; c++)
        blocks += (int64_t)decompress->comp_info[c].width_in_blocks *
                  decompress->comp_info[c].height_in_blocks;
    return blocks * DCTSIZE2 * (int64_t)sizeof(JCOEF);
}

static void check(struct jpeg *jpeg, enum status status)
{
    jpeg->status = status;
    if (status != STATUS_OK)
        longjmp(jpeg->jump, 1);
}

/* Header, limits, and what the pixels shall be. */
static void begin(struct jpeg *jpeg, const unsigned char *bytes, size_t size, struct header *header)
{
    const struct decode_options *options = jpeg->options;
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    create(jpeg);
    if (options->exif == EXIF_APPLY)
        jpeg_save_markers(decompress, APP1, 0xFFFF);
    jpeg_mem_src(decompress, bytes, size);
    jpeg_read_header(decompress, TRUE);
    check(jpeg, picture_check_size(decompress->image_width, decompress->image_height,
                                   options->max_pixels, jpeg->err));
    check(jpeg, decode_check_memory(options, coefficients_size(decompress), jpeg->err));
    decompress->mem->max_memory_to_use = 0; /* whatever the environment says */
    decompress->dct_method = options->dct == DCT_IFAST ? JDCT_IFAST : JDCT_ISLOW;
    decompress->do_fancy_upsampling = options->upsampling == UPSAMPLING_FANCY;
    header->width = (int)decompress->image_width;
    header->height = (int)decompress->image_height;
    header->orientation = orientation_of(decompress);
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

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Reads the next `count` rows into the picture. */
static void read_rows(struct jpeg *jpeg, struct picture *picture, int count)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    JDIMENSION end = decompress->output_scanline + (JDIMENSION)count;
    size_t stride = picture_stride(picture);
    while (decompress->output_scanline < end) {
        JSAMPROW rows[ROWS_AT_ONCE];
        JDIMENSION y = decompress->output_scanline, more = end - y;
        unsigned char *to = picture->pixels.data + (size_t)((int)y - picture->part.y) * stride;
        if (decompress->output_components == 4) {
            rows[0] = jpeg->row.data;
            jpeg_read_scanlines(decompress, rows, 1);
            cmyk_to_rgb(jpeg->row.data, to, picture->part.width);
            continue;
        }
        if (more > ROWS_AT_ONCE)
            more = ROWS_AT_ONCE;
        for (JDIMENSION i = 0; i < more; i++)
            rows[i] = to + i * stride;
        jpeg_read_scanlines(decompress, rows, more);
    }
}

/* Where libjpeg smooths the edges of blocks, as it does while scans are missing, a pixel depends on
 * blocks around its own. */
static int is_smoothed(const struct jpeg_decompress_struct *decompress)
{
    if (decompress->coef_bits)
        for (int c = 0; c < decompress->num_components; c++)
            for (int i = 0; i < DCTSIZE2; i++)
                if (decompress->coef_bits[c][i] != 0)
                    return 1;
    return 0;
}

/* Does libjpeg give the same pixels when it computes only some? Its jpeg_crop_scanline goes wrong
 * in shrunk pictures where colours are still to be enlarged. */
static int is_divisible(const struct jpeg_decompress_struct *decompress)
{
    int shrunk = decompress->output_width < decompress->image_width;
    return !is_smoothed(decompress) && !(shrunk && decompress->max_h_samp_factor > 2);
}

/* Has libjpeg decode no columns but those of `needed`, and some beside them: whole blocks, and the
 * pixel next to the first and the last, which fancy upsampling mixes in; and never so few that
 * libjpeg takes plain upsampling for fancy. After this, part->x and part->width are the columns
 * that come. */
static void cut_columns(struct jpeg *jpeg, const struct window *needed, struct window *part)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    int width = (int)decompress->output_width;
    int begin = smaller(needed->x - 1, width - LEAST_COLUMNS);
    int end = larger(needed->x + needed->width + 1, begin + LEAST_COLUMNS);
    JDIMENSION first = (JDIMENSION)larger(begin, 0);
    JDIMENSION count = (JDIMENSION)smaller(end, width) - first;
    jpeg_crop_scanline(decompress, &first, &count);
    part->x = (int)first;
    part->width = (int)count;
}

/* Reads rows and forgets them. */
static void waste(struct jpeg *jpeg, int count)
{
    JSAMPROW row = jpeg->row.data;
    while (count-- > 0)
        jpeg_read_scanlines(&jpeg->decompress, &row, 1);
}

/* Passes over rows without computing their pixels, where libjpeg can: not with plain upsampling
 * (rows go wrong, or it hangs: libjpeg-turbo issues 237 and 915), and from whole groups of rows
 * only (issue 915). */
static void skip(struct jpeg *jpeg, int count)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    int begun = (int)decompress->output_scanline % decompress->max_v_samp_factor;
    int rest = begun ? decompress->max_v_samp_factor - begun : 0;
    if (!decompress->do_fancy_upsampling || count <= rest) {
        waste(jpeg, count);
        return;
    }
    waste(jpeg, rest);
    jpeg_skip_scanlines(decompress, (JDIMENSION)(count - rest));
}

/* To the end of the data, so that damage is noticed anywhere in it: without computing pixels but
 * those of the last rows. (jpeg_skip_scanlines to the very end would not look at the data.) */
static void pass_rest(struct jpeg *jpeg)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    int left = (int)(decompress->output_height - decompress->output_scanline);
    if (left) {
        skip(jpeg, left - 1);
        waste(jpeg, 1);
    }
    jpeg_finish_decompress(decompress);
}

static void make_room(struct jpeg *jpeg, const struct window *part, struct picture *picture)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    int components = decompress->output_components, channels = components == 1 ? 1 : 3;
    check(jpeg, decode_check_memory(jpeg->options,
                                    coefficients_size(decompress) +
                                        (int64_t)part->width * part->height * channels,
                                    jpeg->err));
    check(jpeg, buffer_room(&jpeg->row, (size_t)part->width * (size_t)components, jpeg->err));
    check(jpeg, picture_resize(picture, jpeg->width, (int)decompress->output_height, part, channels,
                               jpeg->err));
}

static void read_part(struct jpeg *jpeg, const struct window *needed, enum decode_rest rest,
                      struct picture *picture)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    struct window part = {0, 0, 0, 0};
    jpeg_start_decompress(decompress);
    jpeg->width = part.width = (int)decompress->output_width;
    part.height = (int)decompress->output_height;
    if (is_divisible(decompress)) {
        part.y = needed->y;
        part.height = needed->height;
        cut_columns(jpeg, needed, &part);
    }
    make_room(jpeg, &part, picture);
    skip(jpeg, part.y);
    read_rows(jpeg, picture, part.height);
    if (rest == REST_CHECKED)
        pass_rest(jpeg);
}

enum status jpeg_open(struct jpeg *jpeg, const struct decode_options *options,
                      const unsigned char *bytes, size_t size, struct header *header,
                      struct error *err)
{
    jpeg->options = options;
    jpeg->err = err;
    jpeg->status = STATUS_OK;
    jpeg->warning[0] = '\0';
    if (setjmp(jpeg->jump) == 0)
        begin(jpeg, bytes, size, header);
    return jpeg->status;
}

/* Of the eighths, these are computed with vector instructions. */
void jpeg_shrink(struct jpeg *jpeg, int width, int height, struct header *header)
{
    for (int eighths = 1; eighths < 8; eighths *= 2) {
        int w = (int)(((int64_t)header->width * eighths + 7) / 8);
        int h = (int)(((int64_t)header->height * eighths + 7) / 8);
        if (w < width || h < height)
            continue;
        jpeg->decompress.scale_num = (unsigned)eighths;
        jpeg->decompress.scale_denom = 8;
        header->width = w;
        header->height = h;
        return;
    }
}

enum status jpeg_read(struct jpeg *jpeg, const struct window *needed, enum decode_rest rest,
                      struct picture *picture, struct error *err)
{
    jpeg->err = err;
    if (setjmp(jpeg->jump) == 0)
        read_part(jpeg, needed, rest, picture);
    jpeg_close(jpeg);
    return jpeg->status;
}

void jpeg_close(struct jpeg *jpeg)
{
    jpeg_destroy_decompress(&jpeg->decompress); /* which may be done again and again */
}

const char *jpeg_warning(const struct jpeg *jpeg)
{
    return jpeg->options->warnings == WARNINGS_RECORD && *jpeg->warning ? jpeg->warning : NULL;
}
