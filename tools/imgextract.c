/* imgextract: encoded pictures out of archives, folders, lists, IDX, CIFAR-10 and streams, as a
 * stream. */
#include "base/number.h"
#include "source/source.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_FORMAT = OPTION_LONG,
    OPTION_LABELS,
    OPTION_NAMES,
    OPTION_IDX_LABELS,
    OPTION_INCLUDE,
    OPTION_EXCLUDE,
    OPTION_SHARD,
    OPTION_EXCEPT,
    OPTION_LIMIT,
    OPTION_MAX_BYTES,
};

static const struct option_entry options[] = {
    {'T', "files-from", "LIST",
     "read the names of more operands from LIST, one a line (-: standard input)"},
    {'0', "null", NULL, "the names in LIST end in NUL"},
    {'l', "label", "RULE", "auto (default), folder, prefix, regex=RE, sidecar or none"},
    {OPTION_LABELS, "labels", "FILE", "labels from a table: key TAB label"},
    {OPTION_NAMES, "names", "FILE", "line N + 1 is the name of the label N"},
    {OPTION_IDX_LABELS, "idx-labels", "FILE",
     "the labels of the IDX operand (default: found by its name)"},
    {OPTION_INCLUDE, "include", "GLOB", "only pictures whose key matches; may be repeated"},
    {OPTION_EXCLUDE, "exclude", "GLOB", "no pictures whose key matches; may be repeated"},
    {OPTION_SHARD, "shard", "I/N", "every Nth picture, beginning with the Ith"},
    {OPTION_EXCEPT, "except", NULL, "all pictures but those of the shard"},
    {OPTION_LIMIT, "limit", "N", "at most N records"},
    {OPTION_MAX_BYTES, "max-bytes", "N", "a larger picture fails (default 268435456)"},
    {OPTION_FORMAT, "format", "NAME", "auto (default), archive, idx, cifar, its or picture"},
    {0, NULL, NULL, NULL},
};

struct imgextract {
    struct tool tool;
    struct source_options source;
    const char **include; /* --include: the array is ours, the patterns are argv's */
    const char **exclude; /* --exclude */
};

static enum status set_label(struct imgextract *state, const char *argument, struct error *err)
{
    static const struct {
        const char *name;
        enum label_rule rule;
    } rules[] = {
        {"auto", LABEL_AUTO},       {"folder", LABEL_FOLDER}, {"prefix", LABEL_PREFIX},
        {"sidecar", LABEL_SIDECAR}, {"none", LABEL_NONE},
    };
    if (strncmp(argument, "regex=", 6) == 0) {
        state->source.label = LABEL_REGEX;
        state->source.regex = argument + 6;
        return STATUS_OK;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, argument) == 0) {
            state->source.label = rules[i].rule;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE,
                     "label '%s': expected auto, folder, prefix, regex=RE, sidecar or none",
                     argument);
}

static enum status add_pattern(const char ***patterns, size_t *count, const char *argument,
                               struct error *err)
{
    const char **more = realloc((void *)*patterns, (*count + 1) * sizeof *more);
    if (!more)
        return error_memory(err);
    *patterns = more;
    more[(*count)++] = argument;
    return STATUS_OK;
}

static enum status set_option(void *context, int id, const char *argument, struct error *err)
{
    struct imgextract *state = context;
    struct source_options *source = &state->source;
    int64_t number = 0;
    enum status status = STATUS_OK;
    switch (id) {
    case 'T':
        source->list = argument;
        break;
    case '0':
        source->list_nul = 1;
        break;
    case 'l':
        return set_label(state, argument, err);
    case OPTION_LABELS:
        source->label = LABEL_TABLE;
        source->table = argument;
        break;
    case OPTION_NAMES:
        source->names = argument;
        break;
    case OPTION_IDX_LABELS:
        source->idx_labels = argument;
        break;
    case OPTION_INCLUDE:
        return add_pattern(&state->include, &source->include_count, argument, err);
    case OPTION_EXCLUDE:
        return add_pattern(&state->exclude, &source->exclude_count, argument, err);
    case OPTION_SHARD:
        return number_shard(argument, &state->source.shard, &state->source.shards, err);
    case OPTION_EXCEPT:
        source->except = 1;
        break;
    case OPTION_LIMIT:
        status = number_integer(argument, 0, INT64_MAX, &number, err);
        source->limit = (uint64_t)number;
        source->limited = 1;
        break;
    case OPTION_MAX_BYTES:
        status = number_integer(argument, 1, RECORD_PAYLOAD_MAX, &number, err);
        source->max_bytes = (uint64_t)number;
        break;
    case OPTION_FORMAT:
        return source_format_parse(argument, &source->format, err);
    default:
        break;
    }
    return status;
}

static void say_skipped(void *listener, const char *key, const char *why)
{
    struct imgextract *state = listener;
    char text[ERROR_TEXT];
    if (!state->tool.verbose)
        return;
    snprintf(text, sizeof text, "skipped: %s", why);
    tool_message(&state->tool, key, text);
}

/* The failed picture's message, or with --strict the end. */
static void note_failed(struct tool *tool, const struct record *record)
{
    struct error err;
    const char *reason = record_get(record, "error");
    error_set(&err, STATUS_FAILED, "%s: %s", record_key(record), reason ? reason : "failed");
    tool_note(tool, STATUS_FAILED, &err);
}

static void extract(struct imgextract *state, struct source *source, struct writer *writer)
{
    struct tool *tool = &state->tool;
    const struct source_counts *counts = source_counts(source);
    struct record record = {0};
    struct error err;
    uint64_t errors = 0;
    enum status status;
    while ((status = source_next(source, &record, &err)) != STATUS_END) {
        if (status == STATUS_OK) {
            if (counts->errors > errors)
                note_failed(tool, &record);
            errors = counts->errors;
            status = writer_put(writer, &record, &err);
            progress_add(&tool->progress, 1, NULL);
        }
        tool_note(tool, status, &err);
    }
    if (counts->losses)
        writer_set_loss(writer, counts->losses, counts->reason);
    if (state->source.shards && !state->source.except)
        writer_set_shard(writer, state->source.shard, state->source.shards);
    tool_note(tool, writer_end(writer, &err), &err);
    record_free(&record);
}

static void say_skipped_counts(struct tool *tool, const struct source_counts *counts)
{
    const struct {
        uint64_t count;
        const char *what;
    } parts[] = {{counts->others, "no pictures"},
                 {counts->archives, "archives or compressed (name them as operands)"},
                 {counts->empty, "empty"},
                 {counts->links, "links and the like"}};
    char text[ERROR_TEXT];
    uint64_t sum = 0;
    size_t used;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        sum += parts[i].count;
    if (sum == 0)
        return;
    used = (size_t)snprintf(text, sizeof text, "skipped %llu:", (unsigned long long)sum);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count > 0)
            used += (size_t)snprintf(text + used, sizeof text - used, " %llu %s,",
                                     (unsigned long long)parts[i].count, parts[i].what);
    text[used - 1] = '\0'; /* the last comma */
    tool_message(tool, NULL, text);
}

/* What was not given out: nothing is left out silently. */
static void say_counts(const struct imgextract *state, struct tool *tool,
                       const struct source_counts *counts)
{
    int asked_for_none = state->source.limited && state->source.limit == 0;
    if (!tool->quiet) {
        say_skipped_counts(tool, counts);
        if (counts->records + counts->losses == 0 && !asked_for_none)
            tool_message(tool, NULL,
                         counts->excluded + counts->elsewhere ? "no picture is left over"
                                                              : "no picture was found");
    }
    tool_say(tool,
             "%llu records, %llu of them errors, %llu without label; left out: %llu by pattern, "
             "%llu by shard",
             (unsigned long long)counts->records, (unsigned long long)counts->errors,
             (unsigned long long)counts->unlabelled, (unsigned long long)counts->excluded,
             (unsigned long long)counts->elsewhere);
}

int main(int argc, char **argv)
{
    struct imgextract state = {
        .tool = {.name = "imgextract",
                 .usage = "[OPTION]... [ARCHIVE | FOLDER | PICTURE | IDX | CIFAR | STREAM]...",
                 .purpose = "Writes the pictures in archives, folders and data sets as a stream.",
                 .examples = "  imgextract train.tar | imgprep --size 64 > train.its\n"
                             "  imgextract --label prefix dogs-vs-cats.zip | imgcat\n"
                             "  find photos -name '*.jpg' | imgextract -T - --shard 1/8 > 1.its\n",
                 .options = options,
                 .set = set_option,
                 .binary = 1},
    };
    struct tool *tool = &state.tool;
    struct source *source;
    struct writer *writer;
    struct error err;
    int operand;
    tool->state = &state;
    operand = tool_start(tool, argc, argv);
    state.source.operands = argv + operand;
    state.source.operand_count = (size_t)(argc - operand);
    state.source.include = state.include;
    state.source.exclude = state.exclude;
    state.source.stage = tool->name;
    state.source.listener = &state;
    state.source.skipped = say_skipped;
    if (state.source.list_nul && !state.source.list)
        tool_usage(tool, "-0 needs -T");
    if (source_open(&state.source, &source, &err) != STATUS_OK) {
        if (err.status == STATUS_USAGE)
            tool_usage(tool, "%s", err.text);
        tool_die(tool, &err);
    }
    writer = tool_writer(tool);
    extract(&state, source, writer);
    progress_clear(&tool->progress);
    say_counts(&state, tool, source_counts(source));
    source_free(source);
    writer_free(writer);
    free((void *)state.include);
    free((void *)state.exclude);
    return tool_finish(tool);
}
