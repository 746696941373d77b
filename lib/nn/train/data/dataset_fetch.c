#include "nn/train/data/dataset_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void dataset_set_table(struct dataset *dataset, const float (*table)[256], int channels)
{
    dataset->table_channels = channels;
    for (int c = 0; c < channels && c < TABLE_CHANNELS; c++)
        memcpy(dataset->table[c], table[c], sizeof dataset->table[c]);
}

uint64_t dataset_offset(const struct dataset *dataset, size_t sample)
{
    return dataset->offsets.size ? ((const uint64_t *)dataset->offsets.data)[sample]
                                 : (uint64_t)sample * dataset->sample;
}

enum status dataset_pread(const struct dataset *dataset, uint64_t offset, size_t size, void *bytes,
                          struct error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(dataset->fd, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read %s", dataset->path);
        if (got == 0)
            return error_set(err, STATUS_DAMAGED, "%s has become shorter while it was learned from",
                             dataset->path);
        done += (size_t)got;
    }
    return STATUS_OK;
}

size_t dataset_area(const struct dataset *dataset)
{
    return dataset->dims.height ? (size_t)dataset->dims.height * (size_t)dataset->dims.width : 1;
}

int dataset_is_plain(const struct dataset *dataset, int chw)
{
    return dataset->type == ELEMENT_F32 &&
           (dataset->chw == chw || dataset->dims.channels == 1 || dataset_area(dataset) == 1);
}

/* How far apart one channel's pixels are, in elements. */
struct strides {
    size_t from, to;
};

static void convert_u8(const unsigned char *from, struct strides step, const float *table,
                       size_t area, float *to)
{
    if (table)
        for (size_t p = 0; p < area; p++)
            to[p * step.to] = table[from[p * step.from]];
    else
        for (size_t p = 0; p < area; p++)
            to[p * step.to] = (float)from[p * step.from];
}

static void convert_f32(const unsigned char *from, struct strides step, size_t area, float *to)
{
    for (size_t p = 0; p < area; p++)
        memcpy(&to[p * step.to], from + p * step.from * sizeof *to, sizeof *to);
}

void dataset_convert(const struct dataset *dataset, const unsigned char *bytes, int chw,
                     float *pixels)
{
    size_t channels = (size_t)dataset->dims.channels, area = dataset_area(dataset);
    struct strides step = {dataset->chw ? 1 : channels, chw ? 1 : channels};
    for (size_t c = 0; c < channels; c++) {
        size_t from = dataset->chw ? c * area : c;
        float *to = pixels + (chw ? c * area : c);
        if (dataset->type == ELEMENT_F32)
            convert_f32(bytes + from * sizeof *to, step, area, to);
        else
            convert_u8(bytes + from, step, dataset->table_channels ? dataset->table[c] : NULL, area,
                       to);
    }
}

enum status dataset_fetch(const struct dataset *dataset, int worker, size_t sample, float *pixels,
                          struct error *err)
{
    const unsigned char *bytes = dataset->bytes.data + sample * dataset->sample;
    int plain = dataset_is_plain(dataset, 0);
    if (dataset->fd >= 0) {
        void *to = plain ? (void *)pixels : dataset->scratch[worker];
        TRY(dataset_pread(dataset, dataset_offset(dataset, sample), dataset->sample, to, err));
        bytes = to;
    }
    if (!plain)
        dataset_convert(dataset, bytes, 0, pixels);
    else if (dataset->fd < 0)
        memcpy(pixels, bytes, dataset->sample);
    return STATUS_OK;
}
