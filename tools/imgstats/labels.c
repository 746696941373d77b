/* imgstats labels: what a data set is made of. */
#include "stats/labels.h"

#include "base/number.h"
#include "image/decode.h"
#include "tools/imgstats/imgstats.h"

struct census {
    struct imgstats *stats;
    struct labels labels;
    struct decoder *decoder;
    struct picture picture;
};

/* The size of the picture, or of the box in it, as the record of a tensor tells it. 0: it does not.
 */
static int told_size(const struct record *record, struct window *region)
{
    const char *width = record_get(record, "width"), *height = record_get(record, "height");
    int64_t size[2];
    struct error err;
    return width && height && number_integer(width, 1, INT32_MAX, &size[0], NULL) == STATUS_OK &&
           number_integer(height, 1, INT32_MAX, &size[1], NULL) == STATUS_OK &&
           record_region(record, (int)size[0], (int)size[1], region, &err) == STATUS_OK;
}

/* A picture that cannot be decoded has no size; whoever decodes it in earnest tells why. */
static enum status look_at(struct census *census, const struct record *record, struct error *err)
{
    struct labels *labels = &census->labels;
    struct picture *picture = &census->picture;
    struct decode_info info;
    struct window region;
    enum status status =
        decode_open(census->decoder, record->payload.data, record->payload.size, &info, err);
    if (status == STATUS_OK)
        status = record_region(record, info.width, info.height, &region, err);
    if (status == STATUS_OK)
        status = labels_size(labels, (uint64_t)region.width, (uint64_t)region.height, err);
    if (status == STATUS_OK && census->stats->pixels)
        status = decode_pixels(census->decoder, &region, REST_CHECKED, picture, err);
    if (status == STATUS_OK && census->stats->pixels) {
        struct pixels pixels;
        picture_cut(picture, &region);
        pixels =
            pixels_of(picture_at(picture, 0, 0), region.width, region.height, picture->channels);
        pixels.row = (ptrdiff_t)picture_stride(picture);
        channels_add(&labels->channels, &pixels);
    }
    labels->unreadable += status == STATUS_FAILED;
    return status == STATUS_FAILED ? STATUS_OK : status;
}

static enum status add(void *into, const struct record *record, struct error *err)
{
    struct census *census = into;
    struct pixels pixels;
    struct window region;
    TRY(labels_add(&census->labels, record, err));
    if (record->kind == RECORD_IMAGE)
        return look_at(census, record, err);
    if (pixels_of_record(record, &pixels))
        channels_add(&census->labels.channels, &pixels);
    if (record->kind == RECORD_TENSOR && told_size(record, &region))
        return labels_size(&census->labels, (uint64_t)region.width, (uint64_t)region.height, err);
    return STATUS_OK;
}

void count_labels(struct imgstats *stats, int argc, char **argv, int operand)
{
    enum page_format format = report_format(stats);
    struct census census = {.stats = stats, .labels.sets = stats->multilabel};
    struct decode_options options;
    struct buffer page = {0};
    struct error err;
    decode_init(&options);
    if (decoder_new(&options, &census.decoder, &err) != STATUS_OK)
        tool_die(&stats->tool, &err);
    read_stream(stats, argc, argv, operand, &census, add);
    print(stats, labels_write(&census.labels, format, &page, &err), &page, &err);
    labels_free(&census.labels);
    decoder_free(census.decoder);
    picture_free(&census.picture);
}
