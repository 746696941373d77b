/* How a picture gets its label. */
#include "source_internal.h"

#include "base/io.h"
#include "base/number.h"
#include "base/text.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TABLE_MAX = 1 << 30 };

struct row {
    const char *key, *label;
};

struct labeller {
    enum label_rule rule;
    regex_t regex;
    int has_regex;
    char *table; /* the file's text; rows point into it */
    struct row *rows;
    size_t row_count;
    char *names; /* the file's text */
    char **name; /* name[n] is the name of the label "n" */
    size_t name_count;
};

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Cuts the first line off the text; NULL after the last. */
static char *take_line(char **text)
{
    char *line = *text, *end;
    if (!*line)
        return NULL;
    end = line + strcspn(line, "\n");
    *text = *end ? end + 1 : end;
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    *end = '\0';
    return line;
}

static enum status read_table(struct labeller *labeller, const char *path, struct error *err)
{
    size_t size, number = 0;
    char *text, *line;
    enum status status = io_slurp(path, TABLE_MAX, &labeller->table, &size, err);
    if (status != STATUS_OK)
        return status;
    text = labeller->table;
    labeller->rows = memory_array(count_lines(text), sizeof *labeller->rows);
    if (!labeller->rows)
        return error_memory(err);
    while ((line = take_line(&text))) {
        char *tab = strchr(line, '\t');
        struct row *row = labeller->rows + labeller->row_count;
        number++;
        if (!*line)
            continue;
        if (!tab)
            return error_set(err, STATUS_USAGE, "%s: line %zu: no tab: expected key TAB label",
                             path, number);
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\t")] = '\0';
        text_tsv_decode(line);
        text_tsv_decode(tab + 1);
        *row = (struct row){line, tab + 1};
        labeller->row_count++;
    }
    qsort(labeller->rows, labeller->row_count, sizeof *labeller->rows, compare_rows);
    return STATUS_OK;
}

static enum status read_names(struct labeller *labeller, const char *path, struct error *err)
{
    size_t size;
    char *text, *line;
    enum status status = io_slurp(path, TABLE_MAX, &labeller->names, &size, err);
    if (status != STATUS_OK)
        return status;
    text = labeller->names;
    labeller->name = memory_array(count_lines(text), sizeof *labeller->name);
    if (!labeller->name)
        return error_memory(err);
    while ((line = take_line(&text)))
        labeller->name[labeller->name_count++] = line;
    return STATUS_OK;
}

static enum status compile(struct labeller *labeller, const char *text, struct error *err)
{
    char reason[128];
    int code = regcomp(&labeller->regex, text, REG_EXTENDED);
    labeller->has_regex = code == 0;
    if (code) {
        regerror(code, &labeller->regex, reason, sizeof reason);
        return error_set(err, STATUS_USAGE, "regular expression '%s': %s", text, reason);
    }
    if (labeller->regex.re_nsub < 1)
        return error_set(err, STATUS_USAGE,
                         "regular expression '%s': no group ( ) that would be the label", text);
    return STATUS_OK;
}

enum status labeller_new(const struct source_options *options, struct labeller **made,
                         struct error *err)
{
    struct labeller *labeller = *made = memory_array(1, sizeof *labeller);
    enum status status = STATUS_OK;
    if (!labeller)
        return error_memory(err);
    labeller->rule = options->label;
    if (options->label == LABEL_REGEX)
        status = compile(labeller, options->regex, err);
    if (status == STATUS_OK && options->label == LABEL_TABLE)
        status = read_table(labeller, options->table, err);
    if (status == STATUS_OK && options->names)
        status = read_names(labeller, options->names, err);
    if (status != STATUS_OK) {
        labeller_free(labeller);
        *made = NULL;
    }
    return status;
}

/* Sets the label to length bytes of text; none when that is 0. */
static enum status set_label(struct record *record, const char *text, size_t length,
                             struct error *err)
{
    char label[RECORD_KEY_MAX + 1];
    if (length > RECORD_KEY_MAX)
        length = RECORD_KEY_MAX;
    memcpy(label, text, length);
    label[length] = '\0';
    return record_set(record, "label", length ? label : NULL, err);
}

static enum status label_folder(struct record *record, const char *path, struct error *err)
{
    const char *end = base_name(path), *start;
    while (end > path && end[-1] == '/')
        end--;
    for (start = end; start > path && start[-1] != '/';)
        start--;
    if ((end - start == 1 && start[0] == '.') ||
        (end - start == 2 && start[0] == '.' && start[1] == '.'))
        end = start;
    return set_label(record, start, (size_t)(end - start), err);
}

static enum status label_regex(const struct labeller *labeller, struct record *record,
                               struct error *err)
{
    regmatch_t match[2];
    const char *key = record_key(record);
    if (regexec(&labeller->regex, key, 2, match, 0) != 0 || match[1].rm_so < 0)
        return set_label(record, "", 0, err);
    return set_label(record, key + match[1].rm_so, (size_t)(match[1].rm_eo - match[1].rm_so), err);
}

static enum status label_table(const struct labeller *labeller, struct record *record,
                               struct error *err)
{
    struct row wanted = {record_key(record), NULL};
    const struct row *row =
        bsearch(&wanted, labeller->rows, labeller->row_count, sizeof *labeller->rows, compare_rows);
    return record_set(record, "label", row && *row->label ? row->label : NULL, err);
}

/* "3" becomes line 4 of the names. */
static enum status name_label(const struct labeller *labeller, struct record *record,
                              struct error *err)
{
    const char *label = record_get(record, "label");
    int64_t number;
    if (!label || !labeller->name_count ||
        number_integer(label, 0, (int64_t)labeller->name_count - 1, &number, NULL) != STATUS_OK)
        return STATUS_OK;
    return record_set(record, "label", labeller->name[number], err);
}

enum status labeller_apply(const struct labeller *labeller, struct record *record, const char *path,
                           struct error *err)
{
    const char *base = base_name(path);
    enum status status = STATUS_OK;
    switch (labeller->rule) {
    case LABEL_AUTO:
        if (!record_get(record, "label"))
            status = label_folder(record, path, err);
        break;
    case LABEL_FOLDER:
        status = label_folder(record, path, err);
        break;
    case LABEL_PREFIX:
        status = set_label(record, base, strcspn(base, "."), err);
        break;
    case LABEL_REGEX:
        status = label_regex(labeller, record, err);
        break;
    case LABEL_TABLE:
        status = label_table(labeller, record, err);
        break;
    case LABEL_SIDECAR:
        break;
    case LABEL_NONE:
        return record_set(record, "label", NULL, err);
    }
    return status == STATUS_OK ? name_label(labeller, record, err) : status;
}

void labeller_free(struct labeller *labeller)
{
    if (!labeller)
        return;
    if (labeller->has_regex)
        regfree(&labeller->regex);
    free(labeller->table);
    free(labeller->rows);
    free(labeller->names);
    free(labeller->name);
    free(labeller);
}

/* ---- label files beside the pictures ---- */

/* The length of the path without its last suffix. */
static size_t stem_length(const char *path)
{
    const char *base = base_name(path), *dot = strrchr(base, '.');
    return dot && dot > base ? (size_t)(dot - path) : strlen(path);
}

/* The length of the path up to the first dot of the file's name: WebDataset's key. */
static size_t sample_length(const char *path)
{
    const char *base = base_name(path);
    return (size_t)(base - path) + strcspn(base, ".");
}

int name_of_sidecar(enum label_rule rule, const char *name)
{
    if (rule != LABEL_AUTO && rule != LABEL_SIDECAR)
        return 0;
    return text_ends_with(name, ".cls") || (rule == LABEL_SIDECAR && text_ends_with(name, ".txt"));
}

int sidecar_match(const char *sidecar, const char *picture)
{
    size_t stem = stem_length(sidecar), sample = sample_length(sidecar);
    if (stem == stem_length(picture) && memcmp(sidecar, picture, stem) == 0)
        return 2;
    return sample == stem && sample == sample_length(picture) &&
           memcmp(sidecar, picture, sample) == 0;
}

char *sidecar_label(char *text)
{
    size_t length;
    text += strspn(text, " \t");
    text[strcspn(text, "\r\n")] = '\0';
    for (length = strlen(text); length && strchr(" \t", text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

enum status sidecar_beside(enum label_rule rule, const char *path, struct record *record,
                           struct error *err)
{
    static const char *const suffixes[] = {".cls", ".txt"};
    size_t lengths[] = {stem_length(path), sample_length(path)},
           suffix_count = rule == LABEL_SIDECAR ? 2 : 1;
    size_t room = strlen(path) + sizeof ".cls";
    enum status status = STATUS_OK;
    char *name;
    if (rule != LABEL_AUTO && rule != LABEL_SIDECAR)
        return STATUS_OK;
    name = memory_array(room, 1);
    if (!name)
        return error_memory(err);
    for (size_t i = 0; i < 2 * suffix_count; i++) {
        char *text;
        size_t size;
        snprintf(name, room, "%.*s%s", (int)lengths[i % 2], path, suffixes[i / 2]);
        if (access(name, R_OK) != 0 || io_slurp(name, SIDECAR_MAX, &text, &size, NULL) != STATUS_OK)
            continue;
        status = record_set(record, "label", sidecar_label(text), err);
        free(text);
        break;
    }
    free(name);
    return status;
}
