/* A data set of places: samples come and go, and its memory stays. */
#include "nn/train/data/dataset_internal.h"

#include <stdio.h>
#include <string.h>

static enum status set_up(struct dataset *dataset, const struct record *first,
                          const char *const *labels, size_t label_count, size_t places,
                          struct error *err)
{
    int number;
    dataset->fd = -1;
    TRY(dataset_begin(dataset, first, NULL, err));
    for (size_t i = 0; i < label_count; i++)
        TRY(dataset_add_label(dataset, labels[i], &number, err));
    dataset->count = places;
    dataset->label_count = dataset->name_count;
    if (places > SIZE_MAX / dataset->sample)
        return error_memory(err);
    TRY(buffer_reserve(&dataset->bytes, places * dataset->sample, err));
    return buffer_reserve(&dataset->labels, places * sizeof(int32_t), err);
}

enum status dataset_places(const struct record *first, const char *const *labels,
                           size_t label_count, size_t places, struct dataset **result,
                           struct error *err)
{
    struct dataset *dataset = memory_array(1, sizeof *dataset);
    enum status status;
    if (!dataset)
        return error_memory(err);
    status = set_up(dataset, first, labels, label_count, places, err);
    if (status != STATUS_OK) {
        dataset_free(dataset);
        return status;
    }
    *result = dataset;
    return STATUS_OK;
}

/* Which class the record is; -1 says that it is left out, and is counted. */
static int class_of(struct dataset *dataset, const struct record *record, struct error *err)
{
    struct dataset_skipped *skipped = &dataset->skipped;
    const char *label = record_get(record, "label");
    int found = 0;
    size_t class;
    if (record->kind != RECORD_TENSOR) {
        skipped->errors++;
        error_set(err, STATUS_FAILED, "%s: %s", record_key(record),
                  record->kind == RECORD_IMAGE ? "an encoded picture; imgprep makes tensors of them"
                                               : "no tensor");
        return -1;
    }
    if (!label || !*label) {
        skipped->unlabelled++;
        error_set(err, STATUS_FAILED, "%s: no label", record_key(record));
        return -1;
    }
    class = dataset_find_label(dataset, label, &found);
    if (found)
        return (int)class;
    if (skipped->unknown++ == 0)
        snprintf(skipped->first_unknown, sizeof skipped->first_unknown, "%s", label);
    error_set(err, STATUS_FAILED, "%s: an unknown label, '%.200s'", record_key(record), label);
    return -1;
}

enum status dataset_put(struct dataset *dataset, size_t place, const struct record *record,
                        struct error *err)
{
    int class = class_of(dataset, record, err);
    if (class < 0)
        return STATUS_FAILED;
    if (dataset_check(dataset, record, err) != STATUS_OK ||
        dataset_check_finite(dataset, record, err) != STATUS_OK) {
        dataset->skipped.errors++;
        return err->status = STATUS_FAILED;
    }
    memcpy(dataset->bytes.data + place * dataset->sample, record->payload.data, dataset->sample);
    ((int32_t *)dataset->labels.data)[place] = class;
    return STATUS_OK;
}

void dataset_copy(struct dataset *dataset, size_t from, size_t to)
{
    int32_t *labels = (int32_t *)dataset->labels.data;
    memcpy(dataset->bytes.data + to * dataset->sample, dataset->bytes.data + from * dataset->sample,
           dataset->sample);
    labels[to] = labels[from];
}

enum status dataset_get(const struct dataset *dataset, size_t place, struct record *record,
                        struct error *err)
{
    int class = dataset_class(dataset, place);
    record_clear(record);
    TRY(record_set_tensor(record, dataset->type, &dataset->shape, err));
    TRY(record_set(record, "label", dataset_label(dataset, (size_t) class), err));
    if (*dataset_recipe(dataset))
        TRY(record_set(record, "recipe", dataset_recipe(dataset), err));
    if (*dataset_node(dataset))
        TRY(record_set(record, "node", dataset_node(dataset), err));
    memcpy(record->payload.data, dataset->bytes.data + place * dataset->sample, dataset->sample);
    return STATUS_OK;
}
