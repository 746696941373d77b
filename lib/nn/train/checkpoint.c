#include "nn/train/checkpoint.h"

#include "base/io.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char first_key[] = "checkpoint";

struct checkpoint {
    const char *path;
    struct output output; /* of the writer */
    struct writer *writer;
    struct reader *reader;
    struct record record; /* an array on its way */
};

static enum status new_checkpoint(const char *path, struct checkpoint **checkpoint,
                                  struct error *err)
{
    *checkpoint = memory_array(1, sizeof **checkpoint);
    if (!*checkpoint)
        return error_memory(err);
    (*checkpoint)->path = path;
    (*checkpoint)->output.fd = -1;
    return STATUS_OK;
}

static enum status begin(struct checkpoint *checkpoint, const struct record *facts,
                         struct error *err)
{
    const struct shape none = {1, {0}};
    struct record *first = &checkpoint->record;
    enum status status = output_open(&checkpoint->output, checkpoint->path, err);
    if (status == STATUS_OK)
        status = writer_open(checkpoint->output.fd, checkpoint->path, &checkpoint->writer, err);
    if (status == STATUS_OK)
        status = record_copy_head(first, facts, err);
    if (status == STATUS_OK)
        status = record_set_key(first, first_key, err);
    if (status == STATUS_OK)
        status = record_set_tensor(first, ELEMENT_U8, &none, err);
    return status == STATUS_OK ? writer_put(checkpoint->writer, first, err) : status;
}

enum status checkpoint_create(const char *path, const struct record *facts,
                              struct checkpoint **checkpoint, struct error *err)
{
    enum status status = new_checkpoint(path, checkpoint, err);
    if (status == STATUS_OK)
        status = begin(*checkpoint, facts, err);
    if (status != STATUS_OK) {
        checkpoint_free(*checkpoint);
        *checkpoint = NULL;
    }
    return status;
}

static enum status put_array(void *context, const struct trainer_array *array, struct error *err)
{
    struct checkpoint *checkpoint = context;
    struct record *record = &checkpoint->record;
    const struct shape shape = {1, {(int64_t)array->count}};
    enum status status;
    record_clear(record);
    if ((status = record_set_key(record, array->name, err)) != STATUS_OK ||
        (status = record_set_tensor(record, array->type, &shape, err)) != STATUS_OK)
        return status;
    memcpy(record->payload.data, array->data, record->payload.size);
    return writer_put(checkpoint->writer, record, err);
}

enum status checkpoint_put_trainer(struct checkpoint *checkpoint, struct trainer *trainer,
                                   struct error *err)
{
    const struct trainer_visitor visitor = {put_array, checkpoint};
    return trainer_state(trainer, &visitor, err);
}

enum status checkpoint_put(struct checkpoint *checkpoint, const struct record *record,
                           struct error *err)
{
    return writer_put(checkpoint->writer, record, err);
}

/* A pipe or a device cannot be synchronised (EINVAL), and need not. */
static enum status to_disk(int fd, const char *path, struct error *err)
{
    return fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP
               ? error_errno(err, "cannot write %s", path)
               : STATUS_OK;
}

/* A rename is on the disk when its folder is. */
static enum status folder_to_disk(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 1;
    char *folder = memory_array(length + 1, 1);
    enum status status = STATUS_OK;
    int fd;
    if (!folder)
        return error_memory(err);
    memcpy(folder, slash ? path : ".", length);
    fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) { /* a folder that may be written but not read: nothing can be done */
        status = to_disk(fd, folder, err);
        close(fd);
    }
    free(folder);
    return status;
}

enum status checkpoint_commit(struct checkpoint *checkpoint, struct error *err)
{
    enum status status = writer_end(checkpoint->writer, err);
    if (status == STATUS_OK)
        status = to_disk(checkpoint->output.fd, checkpoint->path, err);
    if (status == STATUS_OK)
        status = output_commit(&checkpoint->output, err);
    return status == STATUS_OK ? folder_to_disk(checkpoint->path, err) : status;
}

enum status checkpoint_open(const char *path, struct record *facts, struct checkpoint **result,
                            struct error *err)
{
    struct checkpoint *checkpoint = NULL;
    enum status status;
    *result = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return STATUS_END;
    status = new_checkpoint(path, &checkpoint, err);
    if (status == STATUS_OK)
        status = reader_open((char *const *)&checkpoint->path, 1, NULL, &checkpoint->reader, err);
    if (status == STATUS_OK) {
        status = checkpoint_get(checkpoint, facts, err);
        if (status == STATUS_END ||
            (status == STATUS_OK && strcmp(record_key(facts), first_key) != 0))
            status = error_set(err, STATUS_DAMAGED, "%s is no checkpoint", path);
    }
    if (status != STATUS_OK) {
        checkpoint_free(checkpoint);
        return status;
    }
    *result = checkpoint;
    return STATUS_OK;
}

enum status checkpoint_get(struct checkpoint *checkpoint, struct record *record, struct error *err)
{
    return reader_next(checkpoint->reader, record, err);
}

static enum status get_array(void *context, const struct trainer_array *array, struct error *err)
{
    struct checkpoint *checkpoint = context;
    struct record *record = &checkpoint->record;
    const struct shape shape = {1, {(int64_t)array->count}};
    enum status status = checkpoint_get(checkpoint, record, err);
    if (status == STATUS_END)
        return error_set(err, STATUS_DAMAGED, "%s ends before %s", checkpoint->path, array->name);
    if (status != STATUS_OK)
        return status;
    if (strcmp(record_key(record), array->name) != 0 || record->type != array->type ||
        !shape_equal(&record->shape, &shape))
        return error_set(
            err, STATUS_USAGE,
            "%s is of another network or optimiser: %.200s, expected %zu numbers of %s",
            checkpoint->path, record_key(record), array->count, array->name);
    memcpy(array->data, record->payload.data, record->payload.size);
    return STATUS_OK;
}

enum status checkpoint_get_trainer(struct checkpoint *checkpoint, struct trainer *trainer,
                                   struct error *err)
{
    const struct trainer_visitor visitor = {get_array, checkpoint};
    return trainer_state(trainer, &visitor, err);
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    output_discard(&checkpoint->output);
    writer_free(checkpoint->writer);
    reader_free(checkpoint->reader);
    record_free(&checkpoint->record);
    free(checkpoint);
}
