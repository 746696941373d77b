/* imgcat: a stream listed, checked, counted, cut into slices, and turned into other formats and
 * back. */
#include "tools/tool.h"

#include "base/folder.h"
#include "base/number.h"
#include "base/tar.h"
#include "base/text.h"
#include "stream/dump_stream.h"
#include "stream/npy.h"
#include "stream/npy_stack.h"

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
    uint32_t shard, shards; /* --shard */
    int64_t payload_max;    /* --max-payload */

    struct reader *reader;
    struct writer *writer; /* --its */
    struct buffer out;     /* text, or bytes, not yet written */
    int64_t selected;
    struct dumping dumping; /* --text */
    struct npy_stack stack; /* --npy */
    int dir;                /* --extract, --npy-dir: the open folder */
    struct tar *tar;        /* --tar */
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

/* What was done with one record: STATUS_FAILED is its own fault. */
static void done(struct imgcat *imgcat, const struct record *record, enum status status,
                 const struct error *err)
{
    if (status == STATUS_FAILED)
        failed(imgcat, record, err->text);
    else
        check(imgcat, status, err);
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
    struct error err;
    tool_note(&imgcat->tool, reader_check_shards(imgcat->reader, &err), &err);
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
    if (!selects(imgcat) && imgcat->shards) /* part of a shard is no shard */
        writer_set_shard(imgcat->writer, imgcat->shard, imgcat->shards);
    else if (!selects(imgcat) && sum->shards)
        writer_set_shard(imgcat->writer, sum->shard, sum->shards);
    writer_set_loss(imgcat->writer, sum->losses, reader_reason(imgcat->reader));
    check(imgcat, writer_end(imgcat->writer, &err), &err);
}

/* --- --text, --from-text --- */

static void text_begin(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, dump_begin(&imgcat->out, &err), &err);
}

static void text_record(struct imgcat *imgcat, struct record *record)
{
    struct error err;
    check(imgcat, dump_next(&imgcat->dumping, imgcat->reader, record, &imgcat->out, &err), &err);
    flush_out(imgcat, OUT_BLOCK);
}

static void text_end(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, dump_finish(&imgcat->dumping, imgcat->reader, &imgcat->out, &err), &err);
}

/* Each text must be whole by itself; after damage nothing more is read. */
static void from_text(struct imgcat *imgcat, const char *path)
{
    const struct output *output = &imgcat->tool.output;
    struct error err;
    tool_note(&imgcat->tool, undump_file(path, output->fd, output->name, &err), &err);
}

static void run_from_text(struct imgcat *imgcat, int argc, char **argv, int operand)
{
    if (selects(imgcat))
        tool_usage(&imgcat->tool, "--from-text takes neither --slice nor --key");
    if (operand == argc)
        from_text(imgcat, "-");
    for (; operand < argc && !imgcat->tool.damaged; operand++)
        from_text(imgcat, argv[operand]);
}

/* --- --npy: tensors as one array --- */

static void npy_begin(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, npy_stack_open(&imgcat->stack, getenv("TMPDIR"), &err), &err);
}

static void npy_record(struct imgcat *imgcat, struct record *record)
{
    struct error err;
    if (is_kind(imgcat, record, RECORD_TENSOR))
        done(imgcat, record, npy_stack_add(&imgcat->stack, record, &err), &err);
}

static void npy_end(struct imgcat *imgcat)
{
    struct output *output = &imgcat->tool.output;
    struct error err;
    if (imgcat->stack.count == 0) {
        error_set(&err, imgcat->tool.damaged ? STATUS_DAMAGED : STATUS_FAILED,
                  "there is no tensor to write");
        tool_die(&imgcat->tool, &err);
    }
    tool_output(&imgcat->tool);
    check(imgcat, npy_stack_write(&imgcat->stack, output->fd, output->name, &err), &err);
    npy_stack_close(&imgcat->stack);
}

/* --- --npy-dir, --extract: one file a record --- */

static void folder_begin(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, folder_open(imgcat->folder, &imgcat->dir, &err), &err);
}

static void npy_dir_record(struct imgcat *imgcat, struct record *record)
{
    struct buffer name = {0}, head = {0};
    struct error err;
    if (!is_kind(imgcat, record, RECORD_TENSOR))
        return;
    check(imgcat, npy_widen(record, &err), &err);
    check(imgcat, npy_head(record->type, &record->shape, &head, &err), &err);
    check(imgcat, buffer_printf(&name, &err, "%s.npy", record_key(record)), &err);
    done(imgcat, record,
         folder_write(imgcat->dir, (const char *)name.data, &head, &record->payload, &err), &err);
    buffer_free(&head);
    buffer_free(&name);
}

static void extract_record(struct imgcat *imgcat, struct record *record)
{
    static const struct buffer no_head;
    struct error err;
    if (is_kind(imgcat, record, RECORD_IMAGE))
        done(imgcat, record,
             folder_write(imgcat->dir, record_key(record), &no_head, &record->payload, &err), &err);
}

/* --- --tar --- */

static void tar_begin(struct imgcat *imgcat)
{
    struct output *output = &imgcat->tool.output;
    struct error err;
    check(imgcat, tar_open(output->fd, output->name, &imgcat->tar, &err), &err);
}

static void tar_record(struct imgcat *imgcat, struct record *record)
{
    const struct buffer *payload = &record->payload;
    struct error err;
    if (is_kind(imgcat, record, RECORD_IMAGE))
        done(imgcat, record,
             tar_add(imgcat->tar, record_key(record), payload->data, payload->size, &err), &err);
}

static void tar_finish(struct imgcat *imgcat)
{
    struct error err;
    check(imgcat, tar_end(imgcat->tar, &err), &err);
    tar_free(imgcat->tar);
}

/* --- options --- */

enum {
    OPT_CHECK = OPTION_LONG,
    OPT_COUNT,
    OPT_CHECKSUM,
    OPT_SLICE,
    OPT_KEY,
    OPT_SHARD,
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
    {OPT_SHARD, "shard", "I/N", "only the Ith of N ranges of the file's bytes"},
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
    {OPT_TAR, 1, 0, tar_begin, tar_record, tar_finish},
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
    if (id == OPT_SHARD)
        return number_shard(argument, &imgcat->shard, &imgcat->shards, err);
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
                                     .shard = imgcat->shard,
                                     .shards = imgcat->shards,
                                     .ends = imgcat->mode->id == OPT_TEXT};
    struct error err;
    if (imgcat->shards && operand != argc - 1)
        tool_usage(&imgcat->tool, "--shard reads one FILE");
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
    if (imgcat.shards && (imgcat.mode->id == OPT_TEXT || imgcat.mode->id == OPT_FROM_TEXT))
        tool_usage(&imgcat.tool, "a text is of a whole stream: use imgcat --its with --shard");
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
    free(imgcat.patterns);
    return exit_status;
}
