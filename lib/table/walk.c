/* How: the window is read in blocks, for each of which masks.c says where the separators are. A row
 * without quotes is a walk from bit to bit, and only over those of the columns that are wanted; the
 * others are counted. A row with quotes is parsed byte by byte. A row that goes on behind the
 * window's end is begun again when more has been read. */
#include "table/table_internal.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 * 1024 };

static enum status damaged(const struct table *rows, enum status status, const char *what,
                           struct error *err)
{
    return error_set(err, status, "%s:%llu: the %s %s", bytes_name(rows->bytes),
                     (unsigned long long)rows->line, rows->quotes ? "row" : "line", what);
}

static enum status grow(struct window *window, size_t capacity, struct error *err)
{
    size_t words = capacity / MASKS_BLOCK;
    unsigned char *data = memory_aligned(capacity);
    uint64_t *masks = memory_array(3 * words, sizeof *masks);
    if (!data || !masks) {
        free(data);
        free(masks);
        return error_memory(err);
    }
    if (window->end)
        memcpy(data, window->data, window->end);
    free(window->data);
    free(window->masks.delimiters);
    window->data = data;
    window->capacity = capacity;
    window->masks = (struct masks){masks, masks + words, masks + 2 * words};
    return STATUS_OK;
}

static void mask(struct table *rows)
{
    struct window *window = &rows->window;
    size_t blocks = (window->end + MASKS_BLOCK - 1) / MASKS_BLOCK;
    memset(window->data + window->end, ' ', blocks * MASKS_BLOCK - window->end);
    window->odd = masks_fill(window->data, blocks, (unsigned char)rows->delimiter,
                             rows->quotes ? '"' : -1, &window->masks);
}

/* Reads on; the row that was begun moves to the window's start. */
static enum status fill(struct table *rows, struct error *err)
{
    struct window *window = &rows->window;
    size_t kept = window->end - window->at, got = 0;
    enum status status;
    if (window->at && kept)
        memmove(window->data, window->data + window->at, kept);
    window->at = 0;
    window->end = kept;
    if (window->capacity < kept + BLOCK / 2)
        TRY(grow(window, window->capacity ? 2 * window->capacity : 2 * BLOCK, err));
    status = bytes_read(rows->bytes, window->data + kept, window->capacity - kept, &got, err);
    if (status != STATUS_OK) { /* nobody knows how the row went on */
        window->at = window->end = 0;
        window->eof = 1;
        return status;
    }
    window->end += got;
    window->eof = got == 0;
    mask(rows);
    return STATUS_OK;
}

static enum status more_fields(struct table *rows, struct error *err)
{
    struct field *fields = memory_more(rows->fields, rows->room, &rows->room, sizeof *fields);
    if (!fields)
        return error_memory(err);
    rows->fields = fields;
    return STATUS_OK;
}

enum status window_start(struct table *rows, struct error *err)
{
    struct window *window = &rows->window;
    static const char mark[] = "\xef\xbb\xbf";
    window->at = window->end = 0;
    window->eof = 0;
    rows->line = 1;
    if (rows->room == 0)
        TRY(more_fields(rows, err));
    while (window->end < sizeof mark && !window->eof)
        TRY(fill(rows, err));
    if (window->end == 0)
        return error_set(err, STATUS_DAMAGED,
                         "%s is empty: the program that writes it gave nothing",
                         bytes_name(rows->bytes));
    if (window->end >= 3 && memcmp(window->data, mark, 3) == 0)
        window->at = 3;
    else if (window->end >= 2 && (memcmp(window->data, "\xff\xfe", 2) == 0 ||
                                  memcmp(window->data, "\xfe\xff", 2) == 0)) {
        window->at = window->end;
        window->eof = 1;
        return error_set(err, STATUS_DAMAGED,
                         "%s is in UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
                         bytes_name(rows->bytes));
    }
    return STATUS_OK;
}

/* Where the window's part of the row was left, and what was found on the way. */
struct path {
    size_t end;   /* its newline, or the window's end at the end of the file */
    size_t count; /* columns */
    int quotes;   /* there are some */
    int whole;
};

static inline int lowest(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

/* Walks to the row's newline. Fields are given as they are but for the end of the last one. */
static inline __attribute__((always_inline)) struct path walk_bits(const struct table *rows)
{
    const struct window *window = &rows->window;
    const struct masks *masks = &window->masks;
    size_t block = window->at / MASKS_BLOCK;
    const size_t blocks = (window->end + MASKS_BLOCK - 1) / MASKS_BLOCK;
    const size_t room = rows->wanted < rows->room ? rows->wanted : rows->room;
    const enum field_kind kind = window->odd ? FIELD_TEXT : FIELD_CLEAN;
    uint64_t mask = ~UINT64_C(0) << (window->at % MASKS_BLOCK), quotes = 0;
    struct field *field = rows->fields;
    struct field *const last = field + room;
    const char *const data = (const char *)window->data;
    const char *from = data + window->at;
    size_t delimiters = 0;
    struct path path = {window->end, 0, 0, 0};
    for (; block < blocks && !path.whole; block++, mask = ~UINT64_C(0)) {
        uint64_t newlines = masks->newlines[block] & mask;
        uint64_t bits = masks->delimiters[block] & mask;
        uint64_t quote = masks->quotes[block] & mask;
        if (newlines) {
            uint64_t before = (newlines & -newlines) - 1;
            path.end = block * MASKS_BLOCK + (size_t)lowest(newlines);
            path.whole = 1;
            bits &= before;
            quote &= before;
        }
        quotes |= quote;
        delimiters += (size_t)__builtin_popcountll(bits);
        for (; bits && field < last; bits &= bits - 1, field++) {
            const char *to = data + block * MASKS_BLOCK + lowest(bits);
            *field = (struct field){{from, (size_t)(to - from)}, kind};
            from = to + 1;
        }
    }
    if (field < last)
        *field = (struct field){{from, (size_t)(data + path.end - from)}, kind};
    path.count = delimiters + 1;
    path.quotes = quotes != 0;
    return path;
}

#if defined(__x86_64__)
/* The same, with the instructions for bits that every processor with AVX2 has. */
__attribute__((target("popcnt,bmi,bmi2"))) static struct path walk_fast(const struct table *rows)
{
    return walk_bits(rows);
}
#endif

static struct path walk_plain(const struct table *rows)
{
    return walk_bits(rows);
}

static struct path walk_row(const struct table *rows)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return walk_fast(rows);
#endif
    return walk_plain(rows);
}

/* What is left to do for a row of fields as they stand: a carriage return at its end, escapes. */
static enum status finish_plain(struct table *rows, const struct path *path, struct error *err)
{
    struct window *window = &rows->window;
    const unsigned char *row = window->data + window->at;
    size_t size = path->end - window->at, given = path->count;
    enum status status = STATUS_OK;
    rows->found = path->count;
    given = given < rows->wanted ? given : rows->wanted;
    if (window->odd && memchr(row, '\0', size))
        status = damaged(rows, STATUS_FAILED, "holds a NUL byte", err);
    if (window->odd && size && row[size - 1] == '\r' && given == path->count && given &&
        rows->fields[given - 1].raw.size)
        rows->fields[given - 1].raw.size--;
    for (size_t i = 0; window->odd && !rows->quotes && i < given; i++) {
        struct field *field = &rows->fields[i];
        if (field->raw.size && memchr(field->raw.at, '\\', field->raw.size))
            field->kind = FIELD_ESCAPED;
    }
    window->at = path->end + path->whole;
    if (status == STATUS_OK && !path->whole && !rows->quotes)
        status =
            error_set(err, STATUS_DAMAGED, "%s:%llu: the last line is cut off: it has no newline",
                      bytes_name(rows->bytes), (unsigned long long)rows->line);
    rows->line++;
    return status;
}

/* A row with quotes, byte by byte. */
struct slow {
    size_t at;
    uint64_t lines; /* newlines between quotes */
    int more;       /* the window ends in its midst */
    const char *wrong;
};

/* From the opening quote behind the closing one. */
static void walk_quotes(struct table *rows, struct slow *slow, struct field *field)
{
    const struct window *window = &rows->window;
    size_t start = slow->at + 1, at = start;
    field->kind = FIELD_TEXT;
    for (;;) {
        const unsigned char *quote =
            at < window->end ? memchr(window->data + at, '"', window->end - at) : NULL;
        if (!quote || (quote + 1 == window->data + window->end && !window->eof)) {
            slow->more = 1;
            return;
        }
        at = (size_t)(quote - window->data) + 1;
        if (at == window->end || window->data[at] != '"')
            break;
        field->kind = FIELD_DOUBLED;
        at++;
    }
    field->raw = (struct text){(const char *)window->data + start, at - 1 - start};
    for (size_t i = start; i < at; i++)
        slow->lines += window->data[i] == '\n';
    slow->at = at;
}

static void walk_field(struct table *rows, struct slow *slow, struct field *field)
{
    const struct window *window = &rows->window;
    const unsigned char *data = window->data;
    size_t start = slow->at, at = start;
    if (at < window->end && data[at] == '"') {
        walk_quotes(rows, slow, field);
        at = slow->at;
        if (slow->more)
            return;
        if (at + 1 < window->end && data[at] == '\r' && data[at + 1] == '\n')
            at++;
        else if (at + 1 == window->end && data[at] == '\r')
            slow->more = !window->eof, at += (size_t)window->eof;
        slow->at = at;
        if (at < window->end && data[at] != (unsigned char)rows->delimiter && data[at] != '\n')
            slow->wrong = "there is text after a closing quote";
        return;
    }
    while (at < window->end && data[at] != (unsigned char)rows->delimiter && data[at] != '\n')
        at++;
    slow->more = at == window->end && !window->eof;
    slow->at = at;
    *field = (struct field){{(const char *)data + start, at - start}, FIELD_TEXT};
    if ((at == window->end || data[at] == '\n') && at > start && data[at - 1] == '\r')
        field->raw.size--;
}

/* The row is too long: goes behind it, quotes and all. */
static enum status skip_row(struct table *rows, struct error *err)
{
    struct window *window = &rows->window;
    uint64_t line = rows->line;
    int quoted = 0, found = 0;
    while (!found) {
        for (; window->at < window->end && !found; window->at++) {
            unsigned char byte = window->data[window->at];
            quoted ^= byte == '"' && rows->quotes;
            rows->line += byte == '\n';
            found = byte == '\n' && !quoted;
        }
        if (window->eof)
            break;
        if (!found)
            TRY(fill(rows, err));
    }
    if (!found && quoted)
        return error_set(err, STATUS_DAMAGED,
                         "%s:%llu: a quote is opened in this row and never closed",
                         bytes_name(rows->bytes), (unsigned long long)line);
    return error_set(err, STATUS_FAILED, "%s:%llu: the %s is longer than %d MiB%s",
                     bytes_name(rows->bytes), (unsigned long long)line,
                     rows->quotes ? "row" : "line", TABLE_ROW_MAX >> 20,
                     rows->quotes ? " (a quote that is not closed?)" : "");
}

/* STATUS_OK with slow->more: the row begins again with more bytes. */
static enum status walk_slow(struct table *rows, struct slow *slow, struct error *err)
{
    struct window *window = &rows->window;
    enum status status = STATUS_OK;
    size_t count = 0;
    *slow = (struct slow){.at = window->at};
    for (;;) {
        struct field unwanted, *field = &unwanted;
        if (count < rows->wanted && count >= rows->room)
            TRY(more_fields(rows, err));
        if (count < rows->wanted)
            field = &rows->fields[count];
        walk_field(rows, slow, field);
        if (slow->more)
            return STATUS_OK;
        count++;
        if (slow->wrong || slow->at == window->end || window->data[slow->at] == '\n')
            break;
        slow->at++;
    }
    rows->found = count;
    if (slow->at - window->at > TABLE_ROW_MAX)
        return skip_row(rows, err);
    if (slow->wrong) {
        const unsigned char *newline =
            memchr(window->data + slow->at, '\n', window->end - slow->at);
        slow->more = !newline && !window->eof;
        if (slow->more)
            return STATUS_OK;
        slow->at = newline ? (size_t)(newline - window->data) : window->end;
        status = error_set(err, STATUS_FAILED, "%s:%llu: %s in column %zu", bytes_name(rows->bytes),
                           (unsigned long long)rows->line, slow->wrong, count);
    } else if (window->odd && memchr(window->data + window->at, '\0', slow->at - window->at))
        status = damaged(rows, STATUS_FAILED, "holds a NUL byte", err);
    window->at = slow->at + (slow->at < window->end);
    rows->line += slow->lines + 1;
    return status;
}

enum status walk(struct table *rows, struct error *err)
{
    struct window *window = &rows->window;
    for (;;) {
        struct path path;
        if (window->at < window->end) {
            path = walk_row(rows);
            while (rows->room < rows->wanted && rows->room < path.count) {
                TRY(more_fields(rows, err));
                path = walk_row(rows);
            }
            if (path.quotes) {
                struct slow slow;
                enum status status = walk_slow(rows, &slow, err);
                if (status != STATUS_OK || !slow.more)
                    return status;
                if (window->eof)
                    return skip_row(rows, err);
            } else if (path.whole || window->eof) {
                return path.end - window->at > TABLE_ROW_MAX ? skip_row(rows, err)
                                                             : finish_plain(rows, &path, err);
            }
        } else if (window->eof) {
            return STATUS_END;
        }
        if (window->end - window->at > TABLE_ROW_MAX)
            return skip_row(rows, err);
        TRY(fill(rows, err));
    }
}

void window_free(struct window *window)
{
    free(window->data);
    free(window->masks.delimiters);
}
