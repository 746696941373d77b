/* The pictures that a report shows, from the stream that the predictions were made of. */
#include "image/decode.h"
#include "image/resize.h"
#include "stats/gallery.h"
#include "stats/pixels.h"
#include "stats/png.h"
#include "stats/summary.h"
#include "tools/imgstats/imgstats.h"

#include <string.h>

enum {
    FILE_MOST = 200 << 10, /* bytes; a larger file becomes a thumbnail */
    THUMBNAIL = 256,       /* pixels of its longer side */
};

struct pictures {
    struct gallery *gallery;
    struct decoder *decoder;
    struct picture picture;
    struct resizer resizer;
    size_t found;
};

/* What browsers show as it is. NULL: they do not. */
static const char *media_type(const struct buffer *file)
{
    static const char *const types[][2] = {{"jpeg", "image/jpeg"}, {"png", "image/png"},
                                           {"gif", "image/gif"},   {"webp", "image/webp"},
                                           {"bmp", "image/bmp"},   {"avif", "image/avif"}};
    const char *format = summary_format(file->data, file->size);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(format, types[i][0]) == 0)
            return types[i][1];
    return NULL;
}

/* The decoded picture as a PNG of THUMBNAIL pixels at most. */
static enum status shrink(struct pictures *pictures, struct buffer *to, struct error *err)
{
    const struct picture *from = &pictures->picture;
    int longer = from->width > from->height ? from->width : from->height;
    int side = longer < THUMBNAIL ? longer : THUMBNAIL;
    int width = (int)((int64_t)from->width * side / longer),
        height = (int)((int64_t)from->height * side / longer);
    struct window all = {0, 0, width > 0 ? width : 1, height > 0 ? height : 1};
    struct buffer bytes = {0};
    struct pixels pixels;
    enum status status =
        buffer_reserve(&bytes, (size_t)all.width * (size_t)all.height * (size_t)from->channels + 64,
                       err); /* vector stores */
    if (status == STATUS_OK)
        status = resize(&pictures->resizer, from, FILTER_PIL_BILINEAR, all.width, all.height, &all,
                        bytes.data, err);
    if (status == STATUS_OK) {
        pixels = pixels_of(bytes.data, all.width, all.height, from->channels);
        status = png_write(&pixels, to, err);
    }
    buffer_free(&bytes);
    return status;
}

/* The pixels of what is in the box, or of the whole, then no more than a thumbnail needs. */
static enum status decode(struct pictures *pictures, const struct record *record, struct error *err)
{
    struct decode_info info;
    struct window region;
    TRY(decode_open(pictures->decoder, record->payload.data, record->payload.size, &info, err));
    if (!record_get(record, "box"))
        decode_shrink(pictures->decoder, THUMBNAIL, THUMBNAIL, &info);
    TRY(record_region(record, info.width, info.height, &region, err));
    TRY(decode_pixels(pictures->decoder, &region, REST_UNREAD, &pictures->picture, err));
    picture_cut(&pictures->picture, &region);
    return STATUS_OK;
}

/* An encoded picture: as it is where that is small, whole, and browsers know it, else as a
 * thumbnail. */
static enum status take_image(struct pictures *pictures, const struct record *record,
                              struct gallery_item *item, struct error *err)
{
    const char *media = media_type(&record->payload);
    if (media && record->payload.size <= FILE_MOST && !record_get(record, "box")) {
        item->media = media;
        return buffer_append(&item->picture, record->payload.data, record->payload.size, err);
    }
    TRY(decode(pictures, record, err));
    TRY(shrink(pictures, &item->picture, err));
    item->media = "image/png";
    return STATUS_OK;
}

/* A tensor of pixels as imgprep makes it. */
static enum status take_tensor(const struct record *record, struct gallery_item *item,
                               struct error *err)
{
    const char *recipe = record_get(record, "recipe");
    struct pixels pixels;
    if (!pixels_of_record(record, &pixels))
        return STATUS_OK;
    if (recipe && strstr(recipe, " colour=bgr"))
        pixels_reverse(&pixels);
    TRY(png_write(&pixels, &item->picture, err));
    item->media = "image/png";
    return STATUS_OK;
}

/* What is no picture for a browser is none in the report. */
static enum status add(void *into, const struct record *record, struct error *err)
{
    struct pictures *pictures = into;
    struct gallery_item *item = gallery_find(pictures->gallery, record_key(record));
    enum status status = STATUS_OK;
    if (!item || item->media)
        return STATUS_OK;
    if (record->kind == RECORD_IMAGE)
        status = take_image(pictures, record, item, err);
    else if (record->kind == RECORD_TENSOR)
        status = take_tensor(record, item, err);
    pictures->found += item->media != NULL;
    return status == STATUS_FAILED ? STATUS_OK : status;
}

void read_pictures(struct imgstats *stats, struct gallery *gallery)
{
    struct pictures pictures = {.gallery = gallery};
    struct decode_options options;
    struct error err;
    char *path[] = {stats->images, NULL};
    decode_init(&options);
    options.exif = EXIF_APPLY; /* as browsers do */
    options.warnings = WARNINGS_IGNORE;
    if (decoder_new(&options, &pictures.decoder, &err) != STATUS_OK)
        tool_die(&stats->tool, &err);
    read_stream(stats, 1, path, 0, &pictures, add);
    if (pictures.found < gallery->size) {
        error_set(&err, STATUS_FAILED, "%s: a picture for %zu of the %zu items to show",
                  strcmp(stats->images, "-") == 0 ? "standard input" : stats->images,
                  pictures.found, gallery->size);
        tool_message(&stats->tool, NULL, err.text);
    }
    decoder_free(pictures.decoder);
    picture_free(&pictures.picture);
    resizer_free(&pictures.resizer);
}
