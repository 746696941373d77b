#include "nn/train/data/dataset_internal.h"

#include "base/io.h"
#include "base/random.h"
#include "stream/label_set.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_STEP = 256 };

static const char *attribute_of(const struct record *record, const char *name)
{
    const char *value = record_get(record, name);
    return value ? value : "";
}

static enum status keep_text(struct buffer *buffer, const char *text, struct error *err)
{
    return buffer_append(buffer, text, strlen(text) + 1, err);
}

/* Shapes: N a vector, HxW a grey picture, HxWxC or CxHxW. Without a recipe that says it, few
 * channels come first or last. */
static enum status set_dims(struct dataset *dataset, const char *key, struct error *err)
{
    const struct shape *shape = &dataset->shape;
    char text[SHAPE_TEXT];
    for (int i = 0; i < shape->rank; i++)
        if (shape->dim[i] < 1 || shape->dim[i] > 1 << 24)
            return error_set(err, STATUS_USAGE, "%s: a tensor of %s cannot be learned from", key,
                             shape_format(shape, text));
    if (shape->rank == 1) {
        dataset->dims = (struct dims){(int)shape->dim[0], 0, 0};
    } else if (shape->rank == 2) {
        dataset->dims = (struct dims){1, (int)shape->dim[0], (int)shape->dim[1]};
    } else if (shape->rank == 3) {
        dataset_set_layout(dataset, (shape->dim[0] <= 4 && shape->dim[2] > 4) ||
                                        shape->dim[1] * shape->dim[2] == 1);
    } else {
        return error_set(err, STATUS_USAGE,
                         "%s: a tensor of %s; expected a vector, HxW, HxWxC or CxHxW", key,
                         shape_format(shape, text));
    }
    return STATUS_OK;
}

void dataset_set_layout(struct dataset *dataset, int chw)
{
    const struct shape *shape = &dataset->shape;
    int size[3];
    if (shape->rank != 3)
        return;
    for (int i = 0; i < 3; i++)
        size[i] = (int)shape->dim[i];
    dataset->chw = chw;
    dataset->dims =
        chw ? (struct dims){size[0], size[1], size[2]} : (struct dims){size[2], size[0], size[1]};
}

/* The first record says what all are; a validation set is like the training set. */
enum status dataset_begin(struct dataset *dataset, const struct record *record,
                          const struct dataset *like, struct error *err)
{
    enum status status;
    if (record->type != ELEMENT_U8 && record->type != ELEMENT_F32)
        return error_set(err, STATUS_USAGE, "%s: elements are %s, expected u8 or f32",
                         record_key(record), element_name(record->type));
    dataset->type = like ? like->type : record->type;
    dataset->shape = like ? like->shape : record->shape;
    dataset->sample = (size_t)shape_bytes(&dataset->shape, dataset->type);
    status = keep_text(&dataset->recipe,
                       like ? (char *)like->recipe.data : attribute_of(record, "recipe"), err);
    if (status == STATUS_OK)
        status = keep_text(&dataset->node,
                           like ? (char *)like->node.data : attribute_of(record, "node"), err);
    if (status == STATUS_OK)
        status = set_dims(dataset, record_key(record), err);
    if (status == STATUS_OK && like) {
        dataset_set_layout(dataset, like->chw);
        dataset_set_table(dataset, (const float(*)[256])like->table, like->table_channels);
    }
    return status;
}

static enum status check_text(const struct record *record, const char *name,
                              const struct buffer *expected, struct error *err)
{
    const char *found = attribute_of(record, name);
    return strcmp(found, (const char *)expected->data) == 0
               ? STATUS_OK
               : error_set(err, STATUS_USAGE, "%s: %s '%.300s', and the others have '%.300s'",
                           record_key(record), name, found, (const char *)expected->data);
}

enum status dataset_check(const struct dataset *dataset, const struct record *record,
                          struct error *err)
{
    char found[SHAPE_TEXT], expected[SHAPE_TEXT];
    if (record->type != dataset->type || !shape_equal(&record->shape, &dataset->shape))
        return error_set(err, STATUS_USAGE, "%s: a tensor %s %s among tensors %s %s",
                         record_key(record), element_name(record->type),
                         shape_format(&record->shape, found), element_name(dataset->type),
                         shape_format(&dataset->shape, expected));
    TRY(check_text(record, "recipe", &dataset->recipe, err));
    return check_text(record, "node", &dataset->node, err);
}

/* Where the name is or would be among the sorted ones. */
size_t dataset_find_label(const struct dataset *dataset, const char *text, int *found)
{
    size_t low = 0, high = dataset->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(dataset->names[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < dataset->name_count && strcmp(dataset->names[low].text, text) == 0;
    return low;
}

enum status dataset_add_label(struct dataset *dataset, const char *text, int *number,
                              struct error *err)
{
    int found;
    size_t place = dataset_find_label(dataset, text, &found);
    struct name *names = dataset->names;
    if (!found) {
        names = memory_more(names, dataset->name_count, &dataset->name_room, sizeof *names);
        if (!names)
            return error_memory(err);
        dataset->names = names;
        memmove(names + place + 1, names + place, (dataset->name_count - place) * sizeof *names);
        names[place] = (struct name){memory_array(strlen(text) + 1, 1), (int)dataset->name_count};
        dataset->name_count++;
        if (!names[place].text)
            return error_memory(err);
        memcpy(names[place].text, text, strlen(text) + 1);
    }
    *number = names[place].first;
    return STATUS_OK;
}

static enum status open_temporary(struct dataset *dataset, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    char path[1024];
    int length =
        snprintf(path, sizeof path, "%s/imgtrain.XXXXXX", folder && *folder ? folder : "/tmp");
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, STATUS_SYSTEM, "TMPDIR is too long");
    dataset->fd = mkstemp(path);
    if (dataset->fd < 0)
        return error_errno(
            err, "the tensors need more than --memory, and no temporary file can be made as %s",
            path);
    unlink(path);
    dataset->path = "the temporary file";
    return io_write(dataset->fd, dataset->path, dataset->bytes.data, dataset->bytes.size, err);
}

/* The tensors no longer fit: from here on they are in a file. */
static enum status leave_memory(struct dataset *dataset, const char *path, struct error *err)
{
    enum status status;
    if (path) {
        dataset->fd = open(path, O_RDONLY | O_CLOEXEC);
        dataset->path = path;
        status = dataset->fd < 0 ? error_errno(err, "cannot open %s", path) : STATUS_OK;
    } else {
        status = open_temporary(dataset, err);
        buffer_free(&dataset->offsets);
    }
    buffer_free(&dataset->bytes);
    return status;
}

static uint64_t payload_offset(const struct record *record, uint64_t offset)
{
    uint64_t body =
        8 * (uint64_t)record->shape.rank + record->key.size + 1 + record->attributes.size;
    return offset + FORMAT_HEADER + format_padded(body);
}

static enum status keep(struct dataset *dataset, const struct record *record, const char *path,
                        uint64_t offset, struct error *err)
{
    uint64_t at = payload_offset(record, offset);
    enum status status = STATUS_OK;
    if (dataset->fd < 0 && dataset->bytes.size + dataset->sample > (size_t)dataset->memory)
        status = leave_memory(dataset, path, err);
    if (status == STATUS_OK && path)
        status = buffer_append(&dataset->offsets, &at, sizeof at, err);
    if (status == STATUS_OK && dataset->fd < 0)
        status = buffer_append(&dataset->bytes, record->payload.data, dataset->sample, err);
    else if (status == STATUS_OK && !path)
        status = io_write(dataset->fd, dataset->path, record->payload.data, dataset->sample, err);
    return status;
}

/* One number that is none would make all weights none within a step, and nobody could tell why. */
enum status dataset_check_finite(const struct dataset *dataset, const struct record *record,
                                 struct error *err)
{
    size_t count = dataset->type == ELEMENT_F32 ? dataset->sample / sizeof(float) : 0;
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, record->payload.data + i * sizeof value, sizeof value);
        if (!isfinite(value))
            return error_set(err, STATUS_DAMAGED,
                             "%s: element %zu is %s, which cannot be learned from",
                             record_key(record), i, isnan(value) ? "NaN" : "infinite");
    }
    return STATUS_OK;
}

/* The number of one label: among the labels so far, or those prescribed, or, of a validation set,
 * among those of the training set. STATUS_END: it is none of these. */
static enum status take_label(struct dataset *dataset, const char *label, int unknown,
                              const struct dataset_options *options, struct error *err)
{
    int number = 0, found = 1;
    int32_t entry;
    if (options->like)
        number = (int)dataset_find_label(options->like, label, &found);
    else if (options->labels)
        dataset_find_label(dataset, label, &found);
    if (!options->like && found)
        TRY(dataset_add_label(dataset, label, &number, err));
    if (!found) {
        if (dataset->skipped.unknown++ == 0)
            snprintf(dataset->skipped.first_unknown, sizeof dataset->skipped.first_unknown, "%s",
                     label);
        return STATUS_END;
    }
    entry = unknown ? -1 - number : number;
    return buffer_append(&dataset->labels, &entry, sizeof entry, err);
}

/* Each label of a set. */
static enum status take_set(struct dataset *dataset, const char *set,
                            const struct dataset_options *options, struct error *err)
{
    struct label_name name;
    enum status status;
    size_t at = 0, end;
    while ((status = label_set_next(set, &at, &name, err)) == STATUS_OK) {
        struct buffer text = {0};
        status = buffer_append(&text, name.text, name.length, err);
        if (status == STATUS_OK)
            status = buffer_append(&text, "", 1, err);
        if (status == STATUS_OK)
            status = take_label(dataset, (char *)text.data, name.unknown, options, err);
        buffer_free(&text);
        if (status != STATUS_OK)
            return status;
    }
    if (status != STATUS_END)
        return status;
    end = dataset->labels.size / sizeof(int32_t);
    return buffer_append(&dataset->ends, &end, sizeof end, err);
}

/* A tensor with a label that counts, or not. */
static enum status take(struct dataset *dataset, const struct record *record,
                        const struct dataset_options *options, uint64_t offset, struct error *err)
{
    const char *label = record_get(record, "label");
    size_t labels = dataset->labels.size;
    enum status status = STATUS_OK;
    if (dataset->type == ELEMENT_NONE)
        status = dataset_begin(dataset, record, options->like, err);
    if (status == STATUS_OK)
        status = dataset_check(dataset, record, err);
    if (status != STATUS_OK)
        return status;
    if (!label || !*label) {
        dataset->skipped.unlabelled++;
        return STATUS_OK;
    }
    status = options->sets ? take_set(dataset, label, options, err)
                           : take_label(dataset, label, 0, options, err);
    if (status == STATUS_END) { /* left out */
        dataset->labels.size = labels;
        return STATUS_OK;
    }
    if (status == STATUS_DAMAGED)
        return error_prefix(err, "%s", record_key(record));
    if (status == STATUS_OK)
        status = dataset_check_finite(dataset, record, err);
    if (status == STATUS_OK)
        status = keep(dataset, record, options->path, offset, err);
    dataset->count += status == STATUS_OK;
    return status;
}

static enum status prescribe_labels(struct dataset *dataset, const struct dataset_options *options,
                                    struct error *err)
{
    int number;
    for (size_t i = 0; i < options->label_count && !options->like; i++)
        TRY(dataset_add_label(dataset, options->labels[i], &number, err));
    return STATUS_OK;
}

static enum status read_all(struct dataset *dataset, struct reader *reader,
                            const struct dataset_options *options, struct error *err)
{
    struct record record = {0};
    enum status status;
    size_t records = 0;
    while ((status = reader_next(reader, &record, err)) == STATUS_OK) {
        dataset->checksum = random_mix(dataset->checksum + reader_tally(reader)->contents);
        if (record.kind == RECORD_TENSOR)
            status = take(dataset, &record, options, reader_offset(reader), err);
        else if (record.kind == RECORD_ERROR)
            dataset->skipped.errors++;
        else if (record.kind == RECORD_IMAGE)
            status = error_set(err, STATUS_USAGE,
                               "%s: an encoded picture; imgprep makes tensors of them",
                               record_key(&record));
        if (status != STATUS_OK) {
            record_free(&record);
            return options->name ? error_prefix(err, "%s", options->name) : status;
        }
        if (++records % PROGRESS_STEP == 0 && options->progress)
            options->progress(options->context, records);
    }
    record_free(&record);
    return status == STATUS_END ? STATUS_OK : status;
}

static enum status scratch(struct dataset *dataset, struct error *err)
{
    dataset->scratch = memory_array((size_t)dataset->workers, sizeof *dataset->scratch);
    for (int i = 0; dataset->scratch && i < dataset->workers; i++)
        if (!(dataset->scratch[i] = memory_aligned(dataset->sample + 1)))
            return error_memory(err);
    return dataset->scratch ? STATUS_OK : error_memory(err);
}

/* Numbers in order of appearance become places in byte order. */
static enum status sort_labels(struct dataset *dataset, struct error *err)
{
    int32_t *label = (int32_t *)dataset->labels.data, *place;
    if (dataset->name_count == 0)
        return STATUS_OK; /* a validation set: its labels are places already */
    if (!(place = memory_array(dataset->name_count, sizeof *place)))
        return error_memory(err);
    for (size_t i = 0; i < dataset->name_count; i++)
        place[dataset->names[i].first] = (int32_t)i;
    for (size_t i = 0; i < dataset->labels.size / sizeof *label; i++)
        label[i] = label[i] < 0 ? -1 - place[-1 - label[i]] : place[label[i]];
    free(place);
    return STATUS_OK;
}

enum status dataset_read(struct reader *reader, const struct dataset_options *options,
                         struct dataset **result, struct error *err)
{
    struct dataset *dataset = memory_array(1, sizeof *dataset);
    enum status status;
    if (!dataset)
        return error_memory(err);
    dataset->fd = -1;
    dataset->memory = options->memory;
    dataset->workers = options->workers;
    status = prescribe_labels(dataset, options, err);
    if (status == STATUS_OK)
        status = read_all(dataset, reader, options, err);
    if (status == STATUS_OK && dataset->count == 0)
        status = error_set(err, STATUS_USAGE,
                           "%s%sno labelled tensor in the stream (%zu error records, %zu tensors "
                           "without label, %zu with an "
                           "unknown one)",
                           options->name ? options->name : "", options->name ? ": " : "",
                           dataset->skipped.errors, dataset->skipped.unlabelled,
                           dataset->skipped.unknown);
    if (status == STATUS_OK)
        status = sort_labels(dataset, err);
    dataset->label_count = options->like ? options->like->label_count : dataset->name_count;
    if (status == STATUS_OK)
        status = scratch(dataset, err);
    if (status != STATUS_OK) {
        dataset_free(dataset);
        return status;
    }
    *result = dataset;
    return STATUS_OK;
}

void dataset_forget(struct dataset *dataset)
{
    if (dataset->fd >= 0)
        close(dataset->fd);
    dataset->fd = -1;
    dataset->count = 0;
    buffer_free(&dataset->labels);
    buffer_free(&dataset->ends);
    buffer_free(&dataset->bytes);
    buffer_free(&dataset->offsets);
}

void dataset_free(struct dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->name_count; i++)
        free(dataset->names[i].text);
    for (int i = 0; dataset->scratch && i < dataset->workers; i++)
        free(dataset->scratch[i]);
    free(dataset->names);
    free(dataset->scratch);
    if (dataset->fd >= 0)
        close(dataset->fd);
    buffer_free(&dataset->recipe);
    buffer_free(&dataset->node);
    buffer_free(&dataset->labels);
    buffer_free(&dataset->ends);
    buffer_free(&dataset->bytes);
    buffer_free(&dataset->offsets);
    free(dataset);
}

size_t dataset_count(const struct dataset *dataset)
{
    return dataset->count;
}

struct dims dataset_dims(const struct dataset *dataset)
{
    return dataset->dims;
}

const char *dataset_recipe(const struct dataset *dataset)
{
    return (const char *)dataset->recipe.data;
}

const char *dataset_node(const struct dataset *dataset)
{
    return (const char *)dataset->node.data;
}

struct dataset_skipped dataset_skipped(const struct dataset *dataset)
{
    return dataset->skipped;
}

uint64_t dataset_checksum(const struct dataset *dataset)
{
    return dataset->checksum;
}

size_t dataset_label_count(const struct dataset *dataset)
{
    return dataset->label_count;
}

const char *dataset_label(const struct dataset *dataset, size_t class)
{
    return dataset->names[class].text;
}

int dataset_class(const struct dataset *dataset, size_t sample)
{
    return ((const int32_t *)dataset->labels.data)[sample];
}

void dataset_target(const struct dataset *dataset, size_t sample, float *target)
{
    const int32_t *labels = (const int32_t *)dataset->labels.data;
    const size_t *ends = (const size_t *)dataset->ends.data;
    size_t first = !dataset->ends.size ? sample : sample ? ends[sample - 1] : 0;
    size_t end = dataset->ends.size ? ends[sample] : sample + 1;
    memset(target, 0, dataset->label_count * sizeof *target);
    for (size_t i = first; i < end; i++) {
        if (labels[i] < 0)
            target[-1 - labels[i]] = -1;
        else
            target[labels[i]] = 1;
    }
}
