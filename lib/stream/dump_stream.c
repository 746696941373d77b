#include "stream/dump_stream.h"

#include "stream/dump.h"
#include "stream/writer.h"

#include <stdio.h>
#include <string.h>

/* ---- to text ---- */

enum status dump_begin(struct buffer *out, struct error *err)
{
    return buffer_text(out, DUMP_HEAD "\n", err);
}

static enum status tell_losses(struct dumping *dumping, const struct reader *reader,
                               struct record *mark, struct error *err)
{
    uint64_t losses = reader_losses(reader);
    struct tally tally;
    enum status status = format_parse_end(mark->payload.data, &tally, err);
    if (status == STATUS_OK && tally.losses != losses - dumping->losses) {
        tally.losses = losses - dumping->losses;
        format_put_end(&tally, mark->payload.data);
        status = record_set(mark, "error", reader_reason(reader), err);
    }
    dumping->losses = losses;
    return status;
}

enum status dump_next(struct dumping *dumping, const struct reader *reader, struct record *record,
                      struct buffer *out, struct error *err)
{
    enum status status =
        record->kind == RECORD_END ? tell_losses(dumping, reader, record, err) : STATUS_OK;
    return status == STATUS_OK ? dump_record(record, out, err) : status;
}

enum status dump_finish(struct dumping *dumping, const struct reader *reader, struct buffer *out,
                        struct error *err)
{
    struct record mark = {.kind = RECORD_END};
    unsigned char payload[FORMAT_END] = {0};
    enum status status;
    if (reader_losses(reader) <= dumping->losses)
        return STATUS_OK;
    status = buffer_append(&mark.payload, payload, sizeof payload, err);
    if (status == STATUS_OK)
        status = dump_next(dumping, reader, &mark, out, err);
    record_free(&mark);
    return status;
}

/* ---- from text ---- */

struct text {
    const char *name;
    FILE *file;
    struct buffer line;
    unsigned long number; /* of the line */
    struct undump undump;
    int whole; /* an end mark was last */
    int fd;
    const char *output;
    struct writer *writer; /* of the part of the stream that follows */
};

static enum status damage(const struct text *text, const char *reason, struct error *err)
{
    return error_set(err, STATUS_DAMAGED, "%s:%lu: %.768s", text->name, text->number, reason);
}

/* The text may end only after an end mark. */
static enum status text_end(const struct text *text, struct error *err)
{
    if (ferror(text->file))
        return error_errno(err, "cannot read %s", text->name);
    if (text->line.size)
        return damage(text, "cut off within a line", err);
    if (undump_open(&text->undump))
        return damage(text, "cut off within a record", err);
    if (!text->whole)
        return damage(text, "cut off: there is no 'end' line", err);
    return STATUS_END;
}

/* The next line, its newline replaced by a NUL. */
static enum status read_line(struct text *text, struct error *err)
{
    int c;
    buffer_clear(&text->line);
    text->number++;
    while ((c = getc_unlocked(text->file)) != EOF && c != '\n') {
        unsigned char byte = (unsigned char)c;
        if (!c || text->line.size == UNDUMP_LINE)
            return damage(text, c ? "the line is too long" : "a NUL byte is no text", err);
        if (buffer_append(&text->line, &byte, 1, err) != STATUS_OK)
            return STATUS_SYSTEM;
    }
    return c == EOF ? text_end(text, err) : buffer_append(&text->line, "", 1, err);
}

/* A new part of the output begins. */
static enum status new_writer(struct text *text, struct error *err)
{
    writer_free(text->writer);
    text->writer = NULL;
    return writer_open(text->fd, text->output, &text->writer, err);
}

static enum status put_end(struct text *text, const struct record *mark, struct error *err)
{
    struct tally tally;
    enum status status = format_parse_end(mark->payload.data, &tally, err);
    if (status == STATUS_OK)
        status = writer_set_attributes(text->writer, mark, err);
    if (status != STATUS_OK)
        return status;
    writer_set_shard(text->writer, tally.shard, tally.shards);
    if (tally.losses)
        writer_set_loss(text->writer, tally.losses, record_get(mark, "error"));
    text->whole = 1;
    status = writer_end(text->writer, err);
    return status == STATUS_OK ? new_writer(text, err) : status;
}

static enum status put_line(struct text *text, struct error *err)
{
    char *line = (char *)text->line.data;
    int complete = 0;
    enum status status;
    struct error why;
    if (!undump_open(&text->undump) && strcmp(line, DUMP_HEAD) == 0)
        return STATUS_OK;
    if (text->number == 1)
        return damage(text, "the first line is not '" DUMP_HEAD "'", err);
    status = undump_line(&text->undump, line, &complete, &why);
    if (status == STATUS_OK && complete && text->undump.record.kind == RECORD_END)
        return put_end(text, &text->undump.record, err);
    if (status == STATUS_OK && complete) {
        status = writer_put(text->writer, &text->undump.record, &why);
        text->whole = 0;
    }
    if (status == STATUS_DAMAGED || status == STATUS_USAGE)
        return damage(text, why.text, err);
    if (status != STATUS_OK && err)
        *err = why;
    return status;
}

enum status undump_file(const char *path, int fd, const char *name, struct error *err)
{
    int standard = strcmp(path, "-") == 0;
    struct text text = {.name = standard ? "standard input" : path, .fd = fd, .output = name};
    enum status status;
    text.file = standard ? stdin : fopen(path, "r");
    if (!text.file)
        return error_errno(err, "cannot open %s", path);
    status = new_writer(&text, err);
    while (status == STATUS_OK && (status = read_line(&text, err)) == STATUS_OK)
        status = put_line(&text, err);
    if (status == STATUS_DAMAGED) {
        struct error ending;
        writer_set_loss(text.writer, 1, err ? err->text : "damaged text");
        if (writer_end(text.writer, &ending) != STATUS_OK) {
            status = ending.status;
            if (err)
                *err = ending;
        }
    }
    if (!standard)
        fclose(text.file);
    writer_free(text.writer);
    undump_free(&text.undump);
    buffer_free(&text.line);
    return status == STATUS_END ? STATUS_OK : status;
}
