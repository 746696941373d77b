#include "nn/train/data/rows.h"
#include "nn/train/data/dataset_internal.h"

#include <stdlib.h>

/* Between two payloads of a stream lie a header, key and attributes, and records that were left
 * out. When a block is further apart than this, its samples are read one by one. */
enum { GAP = 1024 };

struct buffers {
    unsigned char *bytes;
    float *values;
};

struct rows {
    const struct dataset *dataset;
    int workers;
    size_t most;
    size_t length; /* numbers in a sample */
    size_t room;   /* bytes that are read at once, at most */
    struct buffers *buffers;
};

enum status rows_new(const struct dataset *dataset, int workers, size_t most, struct rows **result,
                     struct error *err)
{
    struct rows *rows = memory_array(1, sizeof *rows);
    if (!rows)
        return error_memory(err);
    *result = rows;
    rows->dataset = dataset;
    rows->workers = workers;
    rows->most = most;
    rows->length = (size_t)dataset->dims.channels * dataset_area(dataset);
    rows->room = most * (dataset->sample + GAP);
    rows->buffers = memory_array((size_t)workers, sizeof *rows->buffers);
    for (int i = 0; rows->buffers && i < workers; i++) {
        struct buffers *own = &rows->buffers[i];
        if ((dataset->fd >= 0 && !(own->bytes = memory_aligned(rows->room))) ||
            (!dataset_is_plain(dataset, 1) &&
             !(own->values = memory_aligned(most * rows->length * sizeof *own->values)))) {
            rows_free(rows);
            return error_memory(err);
        }
    }
    if (rows->buffers)
        return STATUS_OK;
    rows_free(rows);
    return error_memory(err);
}

/* Reads the block into the worker's buffer. bytes[i], the place of sample i, goes into `row`. */
static enum status read_block(const struct rows *rows, struct buffers *own, size_t first,
                              size_t count, const float **row, struct error *err)
{
    const struct dataset *dataset = rows->dataset;
    uint64_t begin = dataset_offset(dataset, first);
    uint64_t end = dataset_offset(dataset, first + count - 1) + dataset->sample;
    int together = end - begin <= rows->room;
    if (together)
        TRY(dataset_pread(dataset, begin, (size_t)(end - begin), own->bytes, err));
    for (size_t i = 0; i < count; i++) {
        uint64_t offset = dataset_offset(dataset, first + i);
        unsigned char *at = own->bytes + (together ? offset - begin : i * dataset->sample);
        if (!together)
            TRY(dataset_pread(dataset, offset, dataset->sample, at, err));
        row[i] = (const float *)(const void *)at;
    }
    return STATUS_OK;
}

enum status rows_fetch(struct rows *rows, int worker, size_t first, size_t count, const float **row,
                       struct error *err)
{
    const struct dataset *dataset = rows->dataset;
    struct buffers *own = &rows->buffers[worker];
    if (dataset->fd >= 0)
        TRY(read_block(rows, own, first, count, row, err));
    else
        for (size_t i = 0; i < count; i++)
            row[i] =
                (const float *)(const void *)(dataset->bytes.data + (first + i) * dataset->sample);
    for (size_t i = 0; own->values && i < count; i++) {
        float *values = own->values + i * rows->length;
        dataset_convert(dataset, (const unsigned char *)row[i], 1, values);
        row[i] = values;
    }
    return STATUS_OK;
}

const struct dataset *rows_dataset(const struct rows *rows)
{
    return rows->dataset;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    for (int i = 0; rows->buffers && i < rows->workers; i++) {
        free(rows->buffers[i].bytes);
        free(rows->buffers[i].values);
    }
    free(rows->buffers);
    free(rows);
}
