#include "tools/imgjoin/imgjoin.h"

#include "stream/format.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* key, label, class, probability, class2, probability2 ... */
static enum status name_predictions(struct table *rows, struct error *err)
{
    struct buffer names = {0};
    enum status status = buffer_text(&names, "key,label,class,probability", err);
    for (size_t i = 4; i < table_columns(rows) && status == STATUS_OK; i++)
        status = buffer_printf(&names, err, ",%s%zu", i % 2 ? "probability" : "class", i / 2);
    if (status == STATUS_OK && table_columns(rows) < 4)
        status = error_set(err, STATUS_DAMAGED,
                           "%s has %zu columns: expected predictions, as imgclassify writes them: "
                           "key, label, class, probability",
                           table_file(rows), table_columns(rows));
    if (status == STATUS_OK)
        status = buffer_append(&names, "", 1, err);
    if (status == STATUS_OK)
        status = table_set_names(rows, (const char *)names.data, err);
    buffer_free(&names);
    return status;
}

enum status open_rows(struct side *side, struct bytes *bytes, char *const *paths, size_t count,
                      struct table **rows, struct error *err)
{
    TRY(table_open(bytes, paths, count, &side->rows, rows, err));
    if (side->columns)
        return table_set_names(*rows, side->columns, err);
    return side->predictions ? name_predictions(*rows, err) : STATUS_OK;
}

static int is(const struct field *field, const char *text)
{
    return field->raw.size == strlen(text) && memcmp(field->raw.at, text, field->raw.size) == 0;
}

enum status next_row(const struct side *side, struct table *rows, struct table_row *row,
                     struct error *err)
{
    enum status status;
    do
        status = table_next(rows, row, err);
    while (status == STATUS_OK && side->predictions && is(&row->fields[0], "key") &&
           is(&row->fields[1], "label"));
    return status;
}

/* An input that has been looked into. */
struct looked {
    int fd, regular;
    const char *name;
    unsigned char head[sizeof format_sync];
    size_t size;
};

static void look(struct imgjoin *join, const char *path, struct looked *looked)
{
    struct error err;
    struct stat info;
    int standard = !path || strcmp(path, "-") == 0;
    if (!path && isatty(STDIN_FILENO))
        tool_usage(&join->tool, "standard input is a terminal: give a FILE or a pipe");
    looked->name = standard ? "standard input" : path;
    looked->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (looked->fd < 0) {
        error_errno(&err, "cannot open %s", path);
        tool_die(&join->tool, &err);
    }
    looked->regular = !standard && fstat(looked->fd, &info) == 0 && S_ISREG(info.st_mode);
    if (io_read(looked->fd, looked->name, looked->head, sizeof looked->head, &looked->size, &err) !=
        STATUS_OK)
        tool_die(&join->tool, &err);
}

static enum status open_stream(struct imgjoin *join, const struct looked *looked,
                               char *const *paths, size_t count, struct error *err)
{
    const struct reader_options options = {.ahead = looked->head, .ahead_size = looked->size};
    if (count > 1 && !looked->regular)
        return error_set(err, STATUS_USAGE,
                         "%s is a stream from a pipe, with other files behind it: put them "
                         "together with cat",
                         looked->name);
    if (looked->regular) {
        close(looked->fd);
        return reader_open(paths, count, NULL, &join->left.reader, err);
    }
    return reader_open_fd(looked->fd, looked->name, &options, &join->left.reader, err);
}

static enum status open_table(struct imgjoin *join, const struct looked *looked, char *const *paths,
                              size_t count, struct error *err)
{
    struct bytes *bytes;
    TRY(bytes_open_fd(looked->fd, looked->name, looked->head, looked->size, &bytes, err));
    return open_rows(&join->sides[0], bytes, paths, count, &join->left.rows, err);
}

/* What is for tables only. */
static void check_stream(struct imgjoin *join)
{
    const struct side *side = &join->sides[0];
    if (join->csv)
        tool_usage(&join->tool, "--csv: the left input is a stream, and so is what is written");
    if (side->columns || side->predictions || side->rows.headless || side->rows.format)
        tool_usage(&join->tool, "the left input is a stream: --columns, --no-header, "
                                "--predictions, --format and --delimiter are for tables");
    join->tool.binary = 1;
}

void open_left(struct imgjoin *join, int argc, char **argv, int operand)
{
    static const unsigned char *const sync = format_sync;
    struct looked looked;
    struct error err;
    enum status status;
    size_t count = (size_t)(argc - operand);
    look(join, count ? argv[operand] : NULL, &looked);
    if (looked.size == sizeof looked.head && memcmp(looked.head, sync, sizeof looked.head) == 0) {
        check_stream(join);
        status = open_stream(join, &looked, argv + operand, count, &err);
    } else
        status = open_table(join, &looked, argv + operand, count, &err);
    if (status == STATUS_USAGE)
        tool_usage(&join->tool, "%s", err.text);
    if (status != STATUS_OK)
        tool_die(&join->tool, &err);
}
