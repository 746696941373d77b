/* Pictures made in memory for the tests of lib/image: pixels, and JPEG, PNG files of them. */
#ifndef TESTS_IMAGE_PICTURES_H
#define TESTS_IMAGE_PICTURES_H

#include "image/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

struct file {
    unsigned char *bytes;
    size_t size;
};

/* The same pixels everywhere: a small generator (numerical recipes' LCG), smoothed over 2 pixels.
 */
__attribute__((unused)) static struct picture picture_noise(int width, int height, int channels,
                                                            uint32_t seed)
{
    struct picture picture = {0};
    if (picture_resize(&picture, width, height, NULL, channels, NULL) != STATUS_OK)
        abort();
    for (size_t i = 0; i < picture.pixels.size; i++) {
        seed = seed * 1664525U + 1013904223U;
        picture.pixels.data[i] = (unsigned char)(seed >> 24);
    }
    for (size_t i = (size_t)channels; i < picture.pixels.size; i++)
        picture.pixels.data[i] = (unsigned char)((picture.pixels.data[i] +
                                                  3 * picture.pixels.data[i - (size_t)channels]) /
                                                 4);
    return picture;
}

struct jpeg_kind {
    J_COLOR_SPACE input, stored;
    int components, progressive, restart;
    const jpeg_scan_info *scans; /* 2 of them, instead of the usual progression */
    int across, down; /* samples of the first component for one of the others; 0: 2 and 2 */
};

__attribute__((unused)) static struct file jpeg_of(const unsigned char *pixels, int width,
                                                   int height, struct jpeg_kind kind)
{
    struct jpeg_compress_struct compress;
    struct jpeg_error_mgr errors;
    struct file file = {NULL, 0};
    unsigned long size = 0;
    compress.err = jpeg_std_error(&errors);
    jpeg_create_compress(&compress);
    jpeg_mem_dest(&compress, &file.bytes, &size);
    compress.image_width = (JDIMENSION)width;
    compress.image_height = (JDIMENSION)height;
    compress.input_components = kind.components;
    compress.in_color_space = kind.input;
    jpeg_set_defaults(&compress);
    if (kind.stored != JCS_UNKNOWN)
        jpeg_set_colorspace(&compress, kind.stored);
    jpeg_set_quality(&compress, 95, TRUE);
    compress.restart_interval = (unsigned)kind.restart;
    if (kind.across) {
        compress.comp_info[0].h_samp_factor = kind.across;
        compress.comp_info[0].v_samp_factor = kind.down;
    }
    if (kind.progressive)
        jpeg_simple_progression(&compress);
    if (kind.scans) {
        compress.scan_info = kind.scans;
        compress.num_scans = 2;
    }
    jpeg_start_compress(&compress, TRUE);
    for (int y = 0; y < height; y++) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)y * (size_t)width * (size_t)kind.components);
        jpeg_write_scanlines(&compress, &row, 1);
    }
    jpeg_finish_compress(&compress);
    jpeg_destroy_compress(&compress);
    file.size = size;
    return file;
}

static void file_append(png_structp png, png_bytep bytes, png_size_t size)
{
    struct file *file = png_get_io_ptr(png);
    unsigned char *grown = realloc(file->bytes, file->size + size);
    if (!grown)
        abort();
    memcpy(grown + file->size, bytes, size);
    file->bytes = grown;
    file->size += size;
}

/* depth and colour as in PNG; rows are packed as PNG wants them, `stride` bytes each. A palette is
 * red = green = 10 * index, blue = 255 - index. */
__attribute__((unused)) static struct file png_of(const unsigned char *rows, int width, int height,
                                                  size_t stride, int depth, int colour,
                                                  int interlaced, int transparent)
{
    struct file file = {NULL, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    png_byte alpha[2] = {0, 128};
    png_set_write_fn(png, &file, file_append, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, depth, colour,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (int i = 0; i < 256; i++)
        palette[i] = (png_color){(png_byte)(10 * i), (png_byte)(10 * i), (png_byte)(255 - i)};
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 1 << depth);
    if (colour == PNG_COLOR_TYPE_PALETTE && transparent)
        png_set_tRNS(png, info, alpha, 2, NULL);
    png_write_info(png, info);
    if (interlaced)
        png_set_interlace_handling(png);
    for (int pass = 0; pass < (interlaced ? 7 : 1); pass++)
        for (int y = 0; y < height; y++)
            png_write_row(png, rows + (size_t)y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return file;
}

#endif
