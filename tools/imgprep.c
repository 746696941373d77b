/* imgprep: encoded pictures become tensors, ready for a model. */
#include "tools/imgprep/imgprep.h"

#include "image/preset.h"

#include <stdio.h>
#include <stdlib.h>

/* What each thread has. */
struct worker {
    struct prep *prep;
    struct copier *copier; /* NULL without --augment */
    struct record result;
};

static void worker_free(void *state)
{
    struct worker *worker = state;
    if (!worker)
        return;
    prep_free(worker->prep);
    copier_free(worker->copier);
    record_free(&worker->result);
    free(worker);
}

static enum status worker_new(void *context, void **state, struct error *err)
{
    const struct imgprep *prep = context;
    const struct copies *copies = &prep->copies;
    struct worker *worker = memory_array(1, sizeof *worker);
    enum status status;
    *state = NULL;
    if (!worker)
        return error_memory(err);
    status = prep_new(copies->wanted ? &copies->whole : &prep->recipe, &prep->decoding,
                      &worker->prep, err);
    if (status == STATUS_OK && copies->wanted)
        status = copier_new(copies, &worker->copier, err);
    if (status != STATUS_OK)
        worker_free(worker);
    else
        *state = worker;
    return status;
}

/* What the result says of the picture read. STATUS_FAILED: it has too many attributes already. */
static enum status describe(struct record *result, const struct record *record, const char *line,
                            const struct prep_picture *picture, struct error *err)
{
    char number[16];
    TRY(record_copy_head(result, record, err));
    TRY(record_set(result, "recipe", line, err));
    snprintf(number, sizeof number, "%d", picture->width);
    TRY(record_set(result, "width", number, err));
    snprintf(number, sizeof number, "%d", picture->height);
    TRY(record_set(result, "height", number, err));
    return picture->warning ? record_set(result, "warning", picture->warning, err) : STATUS_OK;
}

/* Its copies, where they are wanted; key: the picture's. */
static enum status emit_copies(struct worker *worker, const struct copies *copies, const char *key,
                               const struct prep_picture *picture, struct emitter *emitter,
                               struct error *err)
{
    TRY(copier_read(worker->copier, worker->prep, key, picture, err));
    for (int i = copies->original ? 0 : 1; i <= copies->count; i++) {
        TRY(copier_make(worker->copier, key, i, &worker->result, err));
        TRY(emit_record(emitter, &worker->result, err));
    }
    return STATUS_OK;
}

/* STATUS_FAILED: the picture cannot be done. */
static enum status prepare(const struct imgprep *prep, struct worker *worker,
                           const struct record *record, struct emitter *emitter, struct error *err)
{
    const char *text = prep->whole ? NULL : record_get(record, "box");
    struct record *result = &worker->result;
    struct prep_picture picture;
    struct box box;
    if (record->kind != RECORD_IMAGE)
        return error_set(err, STATUS_FAILED, "a tensor already, expected an encoded image");
    if (text)
        TRY(box_parse(text, &box, err));
    TRY(prep_read(worker->prep, record->payload.data, record->payload.size, text ? &box : NULL,
                  &picture, err));
    TRY(describe(result, record, prep->line, &picture, err));
    if (worker->copier)
        return emit_copies(worker, &prep->copies, record_key(record), &picture, emitter, err);
    TRY(record_set_tensor(result, picture.type, &picture.shape, err));
    TRY(prep_write(worker->prep, result->payload.data, err));
    return emit_record(emitter, result, err);
}

static enum status work(void *context, void *state, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum status status = prepare(context, state, &records[i], emitter, err);
        if (status == STATUS_FAILED)
            status = emit_failure(emitter, &records[i], err->text, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* --print-preset. */
static int print_preset(struct imgprep *prep)
{
    struct error err;
    const char *text;
    if (preset_options(prep->print, &text, &err) != STATUS_OK)
        tool_usage(&prep->tool, "%s", err.text);
    puts(text);
    return tool_finish(&prep->tool);
}

int main(int argc, char **argv)
{
    struct imgprep prep = {
        .copies = {.count = 1, .seed = 1},
        .tool = {
            .name = "imgprep",
            .usage = "[OPTION]... [FILE]...",
            .purpose = "Turn a stream of encoded pictures into a stream of tensors for a model.",
            .examples = "  imgextract photos.tar | imgprep -m shapes.onnx > photos.its\n"
                        "  imgprep --size 224 --mean 128 --std 128 pics.its > ready.its\n",
            .options = imgprep_options,
            .set = imgprep_set,
            .state = &prep,
            .binary = 1,
        }};
    struct map map = {
        .work = work, .context = &prep, .worker_new = worker_new, .worker_free = worker_free};
    struct reader *reader;
    struct writer *writer;
    int operand;
    decode_init(&prep.decoding);
    operand = tool_start(&prep.tool, argc, argv);
    if (prep.print)
        return print_preset(&prep);
    resolve(&prep);
    tool_say(&prep.tool, "recipe: %s", prep.line);
    writer = tool_writer(&prep.tool);
    reader = tool_reader(&prep.tool, argc, argv, operand);
    tool_map(&prep.tool, &map, reader, writer);
    reader_free(reader);
    writer_free(writer);
    return tool_finish(&prep.tool);
}
