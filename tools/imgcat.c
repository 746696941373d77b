/* imgcat: a stream listed, checked, counted, cut into slices, and turned into other formats and
 * back. */
#include "tools/tool.h"

#include "base/folder.h"
#include "base/number.h"
#include "base/text.h"
#include "stream/dump.h"
#include "stream/npy.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUT_BLOCK = 64 * 1024 };

struct imgcat;

/* What is made of the records. */
struct mode {
    int id; /* its option */
    int binary;
    int whole; /* looks at the whole input: --slice and --key make no sense */
    void (*begin)(struct imgcat *imgcat);
    void (*record)(struct imgcat *imgcat, struct record *record);
    void (*end)(struct imgcat *imgcat);
};

struct imgcat {
    struct tool tool;
    const struct mode *mode; /* the one option of --check ... --from-text; default: list */
    const char *folder;      /* --extract, --npy-dir */
    int64_t first, last;     /* --slice: records first <= index < last */
    const char **patterns;   /* --key */
    size_t pattern_count;
    int64_t payload_max; /* --max-payload */

    struct reader *reader;
    struct writer *writer; /* --its */
    struct buffer out;     /* text, or bytes, not yet written */
    struct buffer path;
    int64_t selected;
    int dir;                /* the open folder */
    uint64_t losses_told;   /* --text */
    struct archive *tar;    /* --tar */
    struct error tar_error; /* of the write below libarchive */
    int spool;              /* --npy: the elements so far */
    int64_t stacked;        /* --npy: how many there are */
    enum element_type type; /* --npy: of them all */
    struct shape shape;
};

static void check(struct imgcat *imgcat, enum status status, const struct error *err)
{
    if (status != STATUS_OK)
        tool_die(&imgcat->tool, err);
}

/* Writes what is collected, when it is more than `limit` bytes. */
static void flush_out(struct imgcat *imgcat, size_t limit)
{
    struct output *output = &imgcat->tool.output;
    struct error err;
    if (imgcat->out.size <= limit)
        return;
    check(imgcat, io_write(output->fd, output->name, imgcat->out.data, imgcat->out.size, &err),
          &err);
    buffer_clear(&imgcat->out);
}

/* One record cannot be done: told, counted for exit 1, and the others go on. */
static void failed(struct imgcat *imgcat, const struct record *record, const char *reason)
{
    struct error err;
    error_set(&err, STATUS_FAILED, "%.256s: %s", record_key(record), reason);
    tool_note(&imgcat->tool, STATUS_FAILED, &err);
}

static const char *kind_name(unsigned kind, char text[16])
{
    switch (kind) {
    case RECORD_IMAGE:
        return "image";
    case RECORD_TENSOR:
        return "tensor";
    case RECORD_ERROR:
        return "error";
    default:
        snprintf(text, 16, "kind%u", kind);
        return text;
    }
}

/* Is it of the kind wanted? If not, says so. */
static int is_kind(struct imgcat *imgcat, const struct record *record, unsigned kind)
{
    char text[ERROR_TEXT], name[16], wanted[16];
    const char *reason = record_get(record, "error"), *stage = record_get(record, "stage");
    if (record->kind == kind)
        return 1;
    if (record->kind == RECORD_ERROR)
        snprintf(text, sizeof text, "failed in %.64s: %.512s", stage ? stage : "an earlier program",
                 reason ? reason : "unknown reason");
    else
        snprintf(text, sizeof text, "is of kind %s, not %s", kind_name(record->kind, name),
                 kind_name(kind, wanted));
    failed(imgcat, record, text);
    return 0;
}

/* --- list: one line a record: key, kind, type, shape, label, name=value ... --- */

static void list_record(struct imgcat *imgcat, struct record *record)
{
    struct buffer *out = &imgcat->out;
    char shape[SHAPE_TEXT], kind[16];
    const char *name, *value, *label = record_get(record, "label");
    int shaped = record->kind != RECORD_IMAGE && record->kind != RECORD_ERROR;
    struct error err;
    size_t at = 0;
    enum status status = text_tsv(out, record_key(record), &err);
    if (status == STATUS_OK)
        status = buffer_printf(out, &err, "\t%s\t%s\t%s\t", kind_name(record->kind, kind),
                               element_name(record->type),
                               shaped ? shape_format(&record->shape, shape) : "-");
    if (status == STATUS_OK)
        status = text_tsv(out, label ? label : "", &err);
    while (status == STATUS_OK && record_next_attribute(record, &at, &name, &value)) {
        if (strcmp(name, "label") == 0)
            continue;
        status = buffer_text(out, "\t", &err);
        if (status == STATUS_OK)
            status = text_tsv(out, name, &err);
        if (status == STATUS_OK)
            status = buffer_text(out, "=", &err);
        if (status == STATUS_OK)
            status = text_tsv(out, value, &err);
    }
    if (status == STATUS_OK)
        status = buffer_text(out, "\n", &err);
    check(imgcat, status, &err);
    flush_out(imgcat, isatty(imgcat->tool.output.fd) ? 0 : OUT_BLOCK);
}

/* --- --check, --count, --checksum --- */

static void check_end(struct imgcat *imgcat)
{
    const struct tally *sum = reader_tally(imgcat->reader);
    tool_say(&imgcat->tool,
             "%llu records, %llu of them errors, %llu payload bytes, %llu end marks, %llu losses",
             (unsigned long long)sum->records, (unsigned long long)sum->errors,
             (unsigned long long)sum->bytes, (unsigned long long)reader_ends(imgcat->reader),
             (unsigned long long)sum->losses);
}

static void count_end(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, buffer_printf(&imgcat->out, &err, "%lld\n", (long long)imgcat->selected), &err);
}

static void checksum_end(struct imgcat *imgcat)
{
    const struct tally *sum = reader_tally(imgcat->reader);
    struct error err;
    check(imgcat,
          buffer_printf(&imgcat->out, &err, "%016llx\t%016llx\t%llu\t%llu\t%llu\n",
                        (unsigned long long)sum->contents, (unsigned long long)sum->keys,
                        (unsigned long long)sum->records, (unsigned long long)sum->errors,
                        (unsigned long long)sum->bytes),
          &err);
}

/* --- --its: the selected records as a stream --- */

static void its_begin(struct imgcat *imgcat)
{
    imgcat->writer = tool_writer(&imgcat->tool);
}

static void its_record(struct imgcat *imgcat, struct record *record)
{
    struct error err;
    check(imgcat, writer_put(imgcat->writer, record, &err), &err);
}

static int selects(const struct imgcat *imgcat)
{
    return imgcat->pattern_count || imgcat->first > 0 || imgcat->last < INT64_MAX;
}

static void its_end(struct imgcat *imgcat)
{
    const struct tally *sum = reader_tally(imgcat->reader);
    struct error err;
    if (!selects(imgcat) && sum->shards) /* part of a shard is no shard */
        writer_set_shard(imgcat->writer, sum->shard, sum->shards);
    writer_set_loss(imgcat->writer, sum->losses, reader_reason(imgcat->reader));
    check(imgcat, writer_end(imgcat->writer, &err), &err);
}

/* --- --text --- */

static void text_begin(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, buffer_text(&imgcat->out, DUMP_HEAD "\n", &err), &err);
}

/* An end mark in the text tells the losses of its part, also those that were found only here: else
 * a damaged stream would come back from its text as a whole one. */
static void text_losses(struct imgcat *imgcat, struct record *mark)
{
    uint64_t losses = reader_losses(imgcat->reader);
    struct tally tally;
    struct error err;
    check(imgcat, format_parse_end(mark->payload.data, &tally, &err), &err);
    if (tally.losses != losses - imgcat->losses_told) {
        tally.losses = losses - imgcat->losses_told;
        format_put_end(&tally, mark->payload.data);
        check(imgcat, record_set(mark, "error", reader_reason(imgcat->reader), &err), &err);
    }
    imgcat->losses_told = losses;
}

static void text_record(struct imgcat *imgcat, struct record *record)
{
    struct error err;
    if (record->kind == RECORD_END)
        text_losses(imgcat, record);
    check(imgcat, dump_record(record, &imgcat->out, &err), &err);
    flush_out(imgcat, OUT_BLOCK);
}

static void text_end(struct imgcat *imgcat)
{
    struct record mark = {.kind = RECORD_END};
    unsigned char payload[FORMAT_END] = {0};
    struct error err;
    if (reader_losses(imgcat->reader) > imgcat->losses_told) {
        check(imgcat, buffer_append(&mark.payload, payload, sizeof payload, &err), &err);
        text_record(imgcat, &mark);
    }
    record_free(&mark);
}

/* --- --npy: tensors as one array. Its head says how many there are, so the elements wait in a
 * temporary file until the input has ended: no seeking in the output, no more memory than a record.
 * --- */

static void npy_begin(struct imgcat *imgcat)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s/imgcat.XXXXXX", folder && *folder ? folder : "/tmp");
    imgcat->spool = mkstemp(path);
    if (imgcat->spool < 0) {
        error_errno(&err, "cannot create %s", path);
        tool_die(&imgcat->tool, &err);
    }
    unlink(path);
}

/* Written here are only records that fit; imgcat->path counts as their number is kept in
 * `selected`. */
static void npy_record(struct imgcat *imgcat, struct record *record)
{
    char text[512], here[SHAPE_TEXT], first[SHAPE_TEXT];
    struct error err;
    if (!is_kind(imgcat, record, RECORD_TENSOR))
        return;
    check(imgcat, npy_widen(record, &err), &err);
    if (imgcat->type == ELEMENT_NONE) {
        imgcat->type = record->type;
        imgcat->shape = record->shape;
    }
    if (record->type != imgcat->type || !shape_equal(&record->shape, &imgcat->shape)) {
        snprintf(text, sizeof text, "is %s %s, the first was %s %s: they cannot be stacked",
                 element_name(record->type), shape_format(&record->shape, here),
                 element_name(imgcat->type), shape_format(&imgcat->shape, first));
        failed(imgcat, record, text);
        return;
    }
    imgcat->stacked++;
    check(imgcat,
          io_write(imgcat->spool, "the temporary file", record->payload.data, record->payload.size,
                   &err),
          &err);
}

static void npy_end(struct imgcat *imgcat)
{
    struct error err = {0};
    size_t got = 1;
    if (imgcat->stacked == 0) {
        error_set(&err, imgcat->tool.damaged ? STATUS_DAMAGED : STATUS_FAILED,
                  "there is no tensor to write");
        tool_die(&imgcat->tool, &err);
    }
    tool_output(&imgcat->tool);
    check(imgcat,
          imgcat->stacked == 1
              ? npy_head(imgcat->type, &imgcat->shape, &imgcat->out, &err)
              : npy_stack_head(imgcat->type, &imgcat->shape, imgcat->stacked, &imgcat->out, &err),
          &err);
    if (lseek(imgcat->spool, 0, SEEK_SET) != 0)
        check(imgcat, error_errno(&err, "cannot read the temporary file"), &err);
    while (got) {
        check(imgcat, buffer_reserve(&imgcat->out, OUT_BLOCK, &err), &err);
        check(imgcat,
              io_read(imgcat->spool, "the temporary file", imgcat->out.data + imgcat->out.size,
                      OUT_BLOCK, &got, &err),
              &err);
        imgcat->out.size += got;
        flush_out(imgcat, 0);
    }
    close(imgcat->spool);
}

/* --- --npy-dir, --extract: one file a record --- */

static void folder_begin(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, folder_open(imgcat->folder, &imgcat->dir, &err), &err);
}

/* Writes head and payload into a new file of that name. */
static void write_file(struct imgcat *imgcat, const struct record *record, const char *name,
                       const struct buffer *head)
{
    struct error err;
    int fd = -1;
    enum status status = folder_path(name, &imgcat->path, &err);
    const char *path = (const char *)imgcat->path.data;
    if (status == STATUS_OK)
        status = folder_create(imgcat->dir, path, &fd, &err);
    if (status == STATUS_FAILED) {
        failed(imgcat, record, err.text);
        return;
    }
    if (status == STATUS_OK && head->size)
        status = io_write(fd, path, head->data, head->size, &err);
    if (status == STATUS_OK)
        status = io_write(fd, path, record->payload.data, record->payload.size, &err);
    if (fd >= 0 && close(fd) != 0 && status == STATUS_OK)
        status = error_errno(&err, "cannot write %s", path);
    if (status != STATUS_OK && fd >= 0)
        folder_remove(imgcat->dir, path);
    check(imgcat, status, &err);
}

static void npy_dir_record(struct imgcat *imgcat, struct record *record)
{
    struct buffer name = {0};
    struct error err;
    if (!is_kind(imgcat, record, RECORD_TENSOR))
        return;
    check(imgcat, npy_widen(record, &err), &err);
    buffer_clear(&imgcat->out);
    check(imgcat, npy_head(record->type, &record->shape, &imgcat->out, &err), &err);
    check(imgcat, buffer_printf(&name, &err, "%s.npy", record_key(record)), &err);
    write_file(imgcat, record, (const char *)name.data, &imgcat->out);
    buffer_clear(&imgcat->out);
    buffer_free(&name);
}

static void extract_record(struct imgcat *imgcat, struct record *record)
{
    if (is_kind(imgcat, record, RECORD_IMAGE))
        write_file(imgcat, record, record_key(record), &imgcat->out);
}

/* --- --tar --- */

static la_ssize_t tar_write(struct archive *archive, void *context, const void *bytes, size_t size)
{
    struct imgcat *imgcat = context;
    struct output *output = &imgcat->tool.output;
    if (io_write(output->fd, output->name, bytes, size, &imgcat->tar_error) == STATUS_OK)
        return (la_ssize_t)size;
    archive_set_error(archive, EIO, "%s", imgcat->tar_error.text);
    return -1;
}

static void tar_check(struct imgcat *imgcat, int code)
{
    struct error err;
    if (code >= ARCHIVE_OK)
        return;
    if (imgcat->tar_error.status != STATUS_OK)
        tool_die(&imgcat->tool, &imgcat->tar_error);
    error_set(&err, STATUS_SYSTEM, "cannot write tar: %s", archive_error_string(imgcat->tar));
    tool_die(&imgcat->tool, &err);
}

static void tar_begin(struct imgcat *imgcat)
{
    struct error err;
    tool_output(&imgcat->tool);
    imgcat->tar = archive_write_new();
    if (!imgcat->tar)
        check(imgcat, error_memory(&err), &err);
    tar_check(imgcat, archive_write_set_format_gnutar(
                          imgcat->tar)); /* takes names of any length and bytes */
    tar_check(imgcat, archive_write_open(imgcat->tar, imgcat, NULL, tar_write, NULL));
}

static void tar_record(struct imgcat *imgcat, struct record *record)
{
    struct archive_entry *entry;
    struct error err;
    if (!is_kind(imgcat, record, RECORD_IMAGE))
        return;
    if (folder_path(record_key(record), &imgcat->path, &err) != STATUS_OK) {
        if (err.status != STATUS_FAILED)
            tool_die(&imgcat->tool, &err);
        failed(imgcat, record, err.text);
        return;
    }
    entry = archive_entry_new();
    if (!entry)
        check(imgcat, error_memory(&err), &err);
    archive_entry_set_pathname(entry, (const char *)imgcat->path.data);
    archive_entry_set_size(entry, (la_int64_t)record->payload.size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    tar_check(imgcat, archive_write_header(imgcat->tar, entry));
    archive_entry_free(entry);
    if (record->payload.size &&
        archive_write_data(imgcat->tar, record->payload.data, record->payload.size) < 0)
        tar_check(imgcat, ARCHIVE_FATAL);
}

static void tar_end(struct imgcat *imgcat)
{
    tar_check(imgcat, archive_write_close(imgcat->tar));
    archive_write_free(imgcat->tar);
}

/* --- --from-text --- */

struct from_text {
    struct imgcat *imgcat;
    const char *name;
    struct undump undump;
    struct buffer line;
    unsigned long number; /* of the line */
    int whole;            /* an end mark was last */
};

/* Damage in the text: told; what follows is not read. */
static void text_damage(struct from_text *text, const char *reason)
{
    struct error err;
    error_set(&err, STATUS_DAMAGED, "%s:%lu: %.768s", text->name, text->number, reason);
    tool_note(&text->imgcat->tool, STATUS_DAMAGED, &err);
    writer_set_loss(text->imgcat->writer, 1, err.text);
}

/* The next line without its newline. 0 at the end, or when the line is no text. */
static int read_line(struct from_text *text, FILE *file)
{
    struct imgcat *imgcat = text->imgcat;
    struct error err;
    int c;
    buffer_clear(&text->line);
    text->number++;
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        unsigned char byte = (unsigned char)c;
        if (!c || text->line.size == UNDUMP_LINE) {
            text_damage(text, c ? "the line is too long" : "a NUL byte is no text");
            return 0;
        }
        check(imgcat, buffer_append(&text->line, &byte, 1, &err), &err);
    }
    if (ferror(file))
        check(imgcat, error_errno(&err, "cannot read %s", text->name), &err);
    if (c == EOF) {
        if (text->line.size)
            text_damage(text, "cut off within a line");
        else if (undump_open(&text->undump))
            text_damage(text, "cut off within a record");
        else if (!text->whole)
            text_damage(text, "cut off: there is no 'end' line");
        return 0;
    }
    check(imgcat, buffer_append(&text->line, "", 1, &err), &err);
    return 1;
}

/* A new part of the output begins. */
static void new_writer(struct imgcat *imgcat)
{
    writer_free(imgcat->writer);
    imgcat->writer = tool_writer(&imgcat->tool);
}

static void put_end(struct from_text *text, const struct record *mark)
{
    struct writer *writer = text->imgcat->writer;
    struct tally tally;
    struct error err;
    check(text->imgcat, format_parse_end(mark->payload.data, &tally, &err), &err);
    check(text->imgcat, writer_set_attributes(writer, mark, &err), &err);
    writer_set_shard(writer, tally.shard, tally.shards);
    if (tally.losses)
        writer_set_loss(writer, tally.losses, record_get(mark, "error"));
    check(text->imgcat, writer_end(writer, &err), &err);
    new_writer(text->imgcat);
    text->whole = 1;
}

/* 0: damaged, which was told. */
static int put_line(struct from_text *text)
{
    struct imgcat *imgcat = text->imgcat;
    char *line = (char *)text->line.data;
    struct error err;
    int complete = 0;
    enum status status;
    if (!undump_open(&text->undump) && strcmp(line, DUMP_HEAD) == 0)
        return 1;
    if (text->number == 1) {
        text_damage(text, "the first line is not '" DUMP_HEAD "'");
        return 0;
    }
    status = undump_line(&text->undump, line, &complete, &err);
    if (status == STATUS_OK && complete && text->undump.record.kind == RECORD_END) {
        put_end(text, &text->undump.record);
    } else if (status == STATUS_OK && complete) {
        status = writer_put(imgcat->writer, &text->undump.record, &err);
        text->whole = 0;
    }
    if (status != STATUS_DAMAGED && status != STATUS_USAGE) {
        check(imgcat, status, &err);
        return 1;
    }
    text_damage(text, err.text);
    return 0;
}

/* One text, whole by itself. */
static void from_text(struct imgcat *imgcat, const char *path)
{
    int standard = strcmp(path, "-") == 0;
    struct from_text text = {.imgcat = imgcat, .name = standard ? "standard input" : path};
    FILE *file = standard ? stdin : fopen(path, "r");
    struct error err;
    if (!file)
        check(imgcat, error_errno(&err, "cannot open %s", path), &err);
    while (read_line(&text, file) && put_line(&text)) {
    }
    if (imgcat->tool.damaged) /* an end mark that tells the loss */
        check(imgcat, writer_end(imgcat->writer, &err), &err);
    if (!standard)
        fclose(file);
    undump_free(&text.undump);
    buffer_free(&text.line);
}

static void run_from_text(struct imgcat *imgcat, int argc, char **argv, int operand)
{
    if (selects(imgcat))
        tool_usage(&imgcat->tool, "--from-text takes neither --slice nor --key");
    new_writer(imgcat);
    if (operand == argc)
        from_text(imgcat, "-");
    for (; operand < argc && !imgcat->tool.damaged; operand++)
        from_text(imgcat, argv[operand]);
    writer_free(imgcat->writer);
}

/* --- options --- */

enum {
    OPT_CHECK = OPTION_LONG,
    OPT_COUNT,
    OPT_CHECKSUM,
    OPT_SLICE,
    OPT_KEY,
    OPT_ITS,
    OPT_NPY,
    OPT_NPY_DIR,
    OPT_EXTRACT,
    OPT_TAR,
    OPT_TEXT,
    OPT_FROM_TEXT,
    OPT_MAX_PAYLOAD,
    OPT_LIST,
};

static const struct option_entry options[] = {
    {OPT_CHECK, "check", NULL, "only check the stream (exit status; -v: a summary)"},
    {OPT_COUNT, "count", NULL, "the number of records"},
    {OPT_CHECKSUM, "checksum", NULL, "checksums of contents and keys, for any order of records"},
    {OPT_ITS, "its", NULL, "the records as a stream again"},
    {OPT_NPY, "npy", NULL, "tensors as one NumPy array, stacked when there are several"},
    {OPT_NPY_DIR, "npy-dir", "DIR", "each tensor as DIR/KEY.npy"},
    {OPT_EXTRACT, "extract", "DIR", "each encoded image as DIR/KEY"},
    {OPT_TAR, "tar", NULL, "encoded images as a tar"},
    {OPT_TEXT, "text", NULL, "everything as text"},
    {OPT_FROM_TEXT, "from-text", NULL, "the stream of such a text"},
    {OPT_SLICE, "slice", "A:B", "only records A (from 0) up to, not including, B"},
    {OPT_KEY, "key", "GLOB", "only records whose key is, or matches, GLOB; may be repeated"},
    {OPT_MAX_PAYLOAD, "max-payload", "BYTES", "refuse larger records (default: 1073741824)"},
    {0, NULL, NULL, NULL},
};

static const struct mode modes[] = {
    {OPT_LIST, 0, 0, NULL, list_record, NULL},
    {OPT_CHECK, 0, 1, NULL, NULL, check_end},
    {OPT_COUNT, 0, 0, NULL, NULL, count_end},
    {OPT_CHECKSUM, 0, 1, NULL, NULL, checksum_end},
    {OPT_ITS, 1, 0, its_begin, its_record, its_end},
    {OPT_NPY, 1, 0, npy_begin, npy_record, npy_end},
    {OPT_NPY_DIR, 0, 0, folder_begin, npy_dir_record, NULL},
    {OPT_EXTRACT, 0, 0, folder_begin, extract_record, NULL},
    {OPT_TAR, 1, 0, tar_begin, tar_record, tar_end},
    {OPT_TEXT, 0, 1, text_begin, text_record, text_end},
    {OPT_FROM_TEXT, 1, 1, NULL, NULL, NULL},
};

static enum status set_slice(struct imgcat *imgcat, const char *text, struct error *err)
{
    const char *colon = strchr(text, ':');
    char first[32];
    enum status status = STATUS_OK;
    if (!colon || (size_t)(colon - text) >= sizeof first)
        return error_set(err, STATUS_USAGE, "'%s' is not A:B", text);
    memcpy(first, text, (size_t)(colon - text));
    first[colon - text] = '\0';
    imgcat->first = 0;
    imgcat->last = INT64_MAX;
    if (*first)
        status = number_integer(first, 0, INT64_MAX, &imgcat->first, err);
    if (status == STATUS_OK && colon[1])
        status = number_integer(colon + 1, 0, INT64_MAX, &imgcat->last, err);
    return status;
}

static enum status set_option(void *state, int id, const char *argument, struct error *err)
{
    struct imgcat *imgcat = state;
    if (id == OPT_SLICE)
        return set_slice(imgcat, argument, err);
    if (id == OPT_MAX_PAYLOAD)
        return number_integer(argument, 1, RECORD_PAYLOAD_MAX, &imgcat->payload_max, err);
    if (id == OPT_KEY) {
        imgcat->patterns[imgcat->pattern_count++] = argument;
        return STATUS_OK;
    }
    if (imgcat->mode->id != OPT_LIST && imgcat->mode->id != id)
        return error_set(err, STATUS_USAGE, "only one kind of output at a time");
    if (id == OPT_EXTRACT || id == OPT_NPY_DIR)
        imgcat->folder = argument;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (modes[i].id == id)
            imgcat->mode = &modes[i];
    return STATUS_OK;
}

/* --- the run --- */

static int wanted(const struct imgcat *imgcat, const struct record *record, int64_t index)
{
    const char *key = record_key(record);
    if (index < imgcat->first || index >= imgcat->last)
        return 0;
    for (size_t i = 0; i < imgcat->pattern_count; i++)
        if (strcmp(imgcat->patterns[i], key) == 0 || fnmatch(imgcat->patterns[i], key, 0) == 0)
            return 1;
    return imgcat->pattern_count == 0;
}

static void open_input(struct imgcat *imgcat, int argc, char **argv, int operand)
{
    struct reader_options reading = {.payload_max = imgcat->payload_max,
                                     .ends = imgcat->mode->id == OPT_TEXT};
    struct error err;
    if (operand >= argc && isatty(STDIN_FILENO))
        tool_usage(&imgcat->tool, "standard input is a terminal: give a FILE or a pipe");
    check(imgcat,
          reader_open(argv + operand, (size_t)(argc - operand), &reading, &imgcat->reader, &err),
          &err);
}

static void run(struct imgcat *imgcat)
{
    const struct mode *mode = imgcat->mode;
    struct record record = {0};
    int64_t index = 0;
    if (mode->begin)
        mode->begin(imgcat);
    while (index < imgcat->last) { /* like head(1), a slice reads no further than it must */
        struct error err;
        enum status status = reader_next(imgcat->reader, &record, &err);
        int is_end = status != STATUS_END && record.kind == RECORD_END;
        if (status == STATUS_END)
            break;
        tool_note(&imgcat->tool, status, &err);
        if (is_end || (status == STATUS_OK && wanted(imgcat, &record, index))) {
            imgcat->selected++;
            if (mode->record)
                mode->record(imgcat, &record);
        }
        if (status == STATUS_OK && !is_end) {
            index++;
            progress_add(&imgcat->tool.progress, 1, NULL);
        }
    }
    if (mode->end)
        mode->end(imgcat);
    record_free(&record);
}

int main(int argc, char **argv)
{
    struct imgcat imgcat = {
        .tool = {.name = "imgcat",
                 .usage = "[OPTION]... [FILE]...",
                 .purpose = "List, check, cut and convert streams of images and tensors.",
                 .examples = "  imgextract pets.tar | imgcat\n"
                             "  imgcat --check pets.its && echo whole\n"
                             "  imgcat --slice 0:10 --its pets.its | imgcat --extract some/\n",
                 .options = options,
                 .set = set_option},
        .mode = &modes[0],
        .last = INT64_MAX,
    };
    int operand, exit_status;
    imgcat.tool.state = &imgcat;
    imgcat.patterns = memory_array((size_t)argc, sizeof *imgcat.patterns);
    if (!imgcat.patterns) {
        struct error err;
        error_memory(&err);
        tool_die(&imgcat.tool, &err);
    }
    operand = tool_start(&imgcat.tool, argc, argv);
    if (imgcat.mode->whole && selects(&imgcat))
        tool_usage(
            &imgcat.tool,
            "this looks at the whole stream: use imgcat --its with --slice or --key before it");
    imgcat.tool.binary = imgcat.mode->binary;
    if (imgcat.mode->id != OPT_NPY) /* an array without a tensor is no array: it is opened later */
        tool_output(&imgcat.tool);
    if (imgcat.mode->id == OPT_FROM_TEXT) {
        run_from_text(&imgcat, argc, argv, operand);
    } else {
        open_input(&imgcat, argc, argv, operand);
        run(&imgcat);
        reader_free(imgcat.reader);
        if (imgcat.tool.output.name)
            flush_out(&imgcat, 0);
        if (imgcat.writer)
            writer_free(imgcat.writer);
    }
    exit_status = tool_finish(&imgcat.tool);
    buffer_free(&imgcat.out);
    buffer_free(&imgcat.path);
    free(imgcat.patterns);
    return exit_status;
}
