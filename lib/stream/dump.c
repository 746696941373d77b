#include "stream/dump.h"

#include "base/number.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBERS_A_LINE = 16,
    HEX_A_LINE = 32,
};

/* The kinds with a word of their own. */
static const struct {
    unsigned kind;
    const char *word;
} kinds[] = {{RECORD_IMAGE, "image"},
             {RECORD_TENSOR, "tensor"},
             {RECORD_ERROR, "error"},
             {RECORD_END, "end"}};

static uint64_t element_bits(const unsigned char *bytes, size_t size)
{
    return size == 1   ? bytes[0]
           : size == 2 ? get_le16(bytes)
           : size == 4 ? get_le32(bytes)
                       : get_le64(bytes);
}

static void put_bits(unsigned char *bytes, size_t size, uint64_t bits)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
}

static float bits_f32(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static double bits_f64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The value of a floating point element. */
static double real_value(enum element_type type, uint64_t bits)
{
    switch (type) {
    case ELEMENT_F16:
        return (double)f16_to_f32((uint16_t)bits);
    case ELEMENT_BF16:
        return (double)bf16_to_f32((uint16_t)bits);
    case ELEMENT_F32:
        return (double)bits_f32(bits);
    default:
        return bits_f64(bits);
    }
}

static int is_real(enum element_type type)
{
    return type >= ELEMENT_F16;
}

static int is_signed(enum element_type type)
{
    return type == ELEMENT_I8 || type == ELEMENT_I16 || type == ELEMENT_I32 || type == ELEMENT_I64;
}

static enum status put_element(struct buffer *out, enum element_type type,
                               const unsigned char *bytes, struct error *err)
{
    size_t size = element_size(type);
    uint64_t bits = element_bits(bytes, size);
    char text[NUMBER_TEXT];
    double value;
    if (!is_real(type)) {
        unsigned unused = 64 - 8 * (unsigned)size;
        int64_t number =
            is_signed(type) ? (int64_t)(bits << unused) / (INT64_C(1) << unused) : (int64_t)bits;
        return buffer_printf(out, err, "%lld", (long long)number);
    }
    value = real_value(type, bits);
    if (isnan(value))
        return buffer_printf(out, err, "0x%0*llx", (int)(2 * size), (unsigned long long)bits);
    if (type != ELEMENT_F64)
        return buffer_text(out, number_format((float)value, text), err);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return buffer_text(out, text, err);
}

static enum status put_numbers(const struct record *record, struct buffer *out, struct error *err)
{
    const struct shape *shape = &record->shape;
    size_t size = element_size(record->type);
    size_t count = record->payload.size / size;
    size_t row =
        shape->rank && shape->dim[shape->rank - 1] > 0 ? (size_t)shape->dim[shape->rank - 1] : 1;
    enum status status = STATUS_OK;
    for (size_t i = 0, column = 0; i < count && status == STATUS_OK; i++) {
        status = buffer_text(out, column % NUMBERS_A_LINE ? " " : "\t", err);
        if (status == STATUS_OK)
            status = put_element(out, record->type, record->payload.data + i * size, err);
        column = column + 1 == row ? 0 : column + 1;
        if (status == STATUS_OK && (column % NUMBERS_A_LINE == 0 || i + 1 == count))
            status = buffer_text(out, "\n", err);
    }
    return status;
}

static enum status put_hex(const struct buffer *bytes, struct buffer *out, struct error *err)
{
    static const char digits[] = "0123456789abcdef";
    enum status status =
        buffer_reserve(out, 2 * bytes->size + bytes->size / HEX_A_LINE * 2 + 4, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < bytes->size; i++) {
        if (i % HEX_A_LINE == 0)
            out->data[out->size++] = '\t';
        out->data[out->size++] = (unsigned char)digits[bytes->data[i] >> 4];
        out->data[out->size++] = (unsigned char)digits[bytes->data[i] & 15];
        if (i % HEX_A_LINE == HEX_A_LINE - 1 || i + 1 == bytes->size)
            out->data[out->size++] = '\n';
    }
    return STATUS_OK;
}

/* TAB name=value, with = in the name escaped. */
static enum status put_attribute(struct buffer *out, const char *name, const char *value,
                                 struct error *err)
{
    enum status status = buffer_text(out, "\t", err);
    while (*name && status == STATUS_OK) {
        char one[2] = {*name++, '\0'};
        status = *one == '=' ? buffer_text(out, "\\=", err) : text_tsv(out, one, err);
    }
    if (status == STATUS_OK)
        status = buffer_text(out, "=", err);
    return status == STATUS_OK ? text_tsv(out, value, err) : status;
}

static const char *kind_word(unsigned kind, char text[16])
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].word;
    snprintf(text, 16, "kind%u", kind);
    return text;
}

static int has_word(unsigned kind)
{
    return kind >= RECORD_IMAGE && kind <= RECORD_END;
}

/* The head line's fields between the key and the attributes. */
static enum status put_fields(const struct record *record, struct buffer *out, struct error *err)
{
    char shape[SHAPE_TEXT];
    struct tally tally = {0};
    enum status status;
    switch (record->kind) {
    case RECORD_IMAGE:
        return buffer_printf(out, err, "\t%zu", record->payload.size);
    case RECORD_ERROR:
        return STATUS_OK;
    case RECORD_END:
        status = format_parse_end(record->payload.data, &tally, err);
        return status != STATUS_OK
                   ? status
                   : buffer_printf(out, err, "%lu/%lu\t%llu", (unsigned long)tally.shard,
                                   (unsigned long)tally.shards, (unsigned long long)tally.losses);
    default:
        return buffer_printf(out, err, "\t%s\t%s", element_name(record->type),
                             shape_format(&record->shape, shape));
    }
}

enum status dump_record(const struct record *record, struct buffer *out, struct error *err)
{
    const char *name, *value;
    char word[16];
    size_t at = 0;
    enum status status = buffer_printf(out, err, "%s\t", kind_word(record->kind, word));
    if (status == STATUS_OK)
        status = text_tsv(out, record_key(record), err);
    if (status == STATUS_OK)
        status = put_fields(record, out, err);
    if (!has_word(record->kind)) {
        if (status == STATUS_OK)
            status = buffer_printf(out, err, "\t%zu\t%zu\n", record->attributes.size,
                                   record->payload.size);
        if (status == STATUS_OK)
            status = put_hex(&record->attributes, out, err);
        return status == STATUS_OK ? put_hex(&record->payload, out, err) : status;
    }
    while (status == STATUS_OK && record_next_attribute(record, &at, &name, &value))
        status = put_attribute(out, name, value, err);
    if (status == STATUS_OK)
        status = buffer_text(out, "\n", err);
    if (status == STATUS_OK && record->kind == RECORD_TENSOR)
        status = put_numbers(record, out, err);
    if (status == STATUS_OK && record->kind == RECORD_IMAGE)
        status = put_hex(&record->payload, out, err);
    return status;
}

/* Cuts the field off at the next TAB; *rest is what follows, NULL after the last. NULL: no field
 * left. */
static char *next_field(char **rest)
{
    char *field = *rest;
    char *tab = field ? strchr(field, '\t') : NULL;
    *rest = tab ? tab + 1 : NULL;
    if (tab)
        *tab = '\0';
    return field;
}

static enum status parse_number(const char *text, uint64_t limit, uint64_t *value,
                                struct error *err)
{
    int64_t number = 0;
    struct error why;
    if (!text || number_integer(text, 0, (int64_t)limit, &number, &why) != STATUS_OK)
        return error_set(err, STATUS_DAMAGED, "%s", text ? why.text : "a number is missing");
    *value = (uint64_t)number;
    return STATUS_OK;
}

static enum status parse_shape(char *text, struct shape *shape, struct error *err)
{
    char *at = text;
    shape->rank = 0;
    if (!text)
        return error_set(err, STATUS_DAMAGED, "the shape is missing");
    if (strcmp(text, "scalar") == 0)
        return STATUS_OK;
    for (;;) {
        char *end;
        long long dim;
        errno = 0;
        dim = strtoll(at, &end, 10);
        if (end == at || errno || (*end && *end != 'x') || shape->rank == SHAPE_RANK_MAX)
            return error_set(err, STATUS_DAMAGED, "'%.64s' is not a shape", text);
        shape->dim[shape->rank++] = dim;
        if (!*end)
            return STATUS_OK;
        at = end + 1;
    }
}

static enum status parse_type(const char *text, enum element_type *type, struct error *err)
{
    *type = text ? element_parse(text) : ELEMENT_NONE;
    if (!text || (*type == ELEMENT_NONE && strcmp(text, "-") != 0))
        return error_set(err, STATUS_DAMAGED, "'%.64s' is not an element type", text ? text : "");
    return STATUS_OK;
}

/* name=value ... to the end of the line. */
static enum status parse_attributes(struct record *record, char *rest, struct error *err)
{
    char *field;
    while ((field = next_field(&rest)) != NULL) {
        struct buffer *all = &record->attributes;
        char *equals = field;
        enum status status;
        while (*equals && *equals != '=')
            equals += equals[0] == '\\' && equals[1] ? 2 : 1;
        if (!*equals || equals == field)
            return error_set(err, STATUS_DAMAGED, "'%.64s' is not name=value", field);
        *equals++ = '\0';
        text_tsv_decode(field);
        text_tsv_decode(equals);
        /* Appended as they are: a name that stands twice must come back twice. */
        status = buffer_append(all, field, strlen(field) + 1, err);
        if (status == STATUS_OK)
            status = buffer_append(all, equals, strlen(equals) + 1, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status parse_kind(const char *word, unsigned *kind, struct error *err)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].word, word) == 0) {
            *kind = kinds[i].kind;
            return STATUS_OK;
        }
    if (strncmp(word, "kind", 4) != 0 || parse_number(word + 4, 255, &number, err) != STATUS_OK ||
        has_word((unsigned)number))
        return error_set(err, STATUS_DAMAGED, "'%.64s' is not image, tensor, error, end or kindN",
                         word);
    *kind = (unsigned)number;
    return STATUS_OK;
}

static enum status parse_key(struct record *record, char *text, struct error *err)
{
    struct error why;
    if (!text)
        return error_set(err, STATUS_DAMAGED, "the key is missing");
    text_tsv_decode(text);
    if (record_set_key(record, text, &why) != STATUS_OK)
        return error_set(err, STATUS_DAMAGED, "%s", why.text);
    return STATUS_OK;
}

static enum status parse_end(struct undump *undump, char *shards, char *losses, struct error *err)
{
    unsigned char payload[FORMAT_END] = {0};
    char *slash = strchr(shards, '/');
    uint64_t shard = 0, count = 0, lost = 0;
    enum status status;
    if (!slash)
        return error_set(err, STATUS_DAMAGED, "'%.64s' is not SHARD/SHARDS", shards);
    *slash = '\0';
    status = parse_number(shards, UINT32_MAX, &shard, err);
    if (status == STATUS_OK)
        status = parse_number(slash + 1, UINT32_MAX, &count, err);
    if (status == STATUS_OK)
        status = parse_number(losses, INT64_MAX, &lost, err);
    if (status != STATUS_OK)
        return status;
    format_put_end(
        &(struct tally){.shard = (uint32_t)shard, .shards = (uint32_t)count, .losses = lost},
        payload);
    return buffer_append(&undump->record.payload, payload, sizeof payload, err);
}

static enum status parse_tensor(struct undump *undump, char **rest, struct error *err)
{
    struct record *record = &undump->record;
    enum status status = parse_type(next_field(rest), &record->type, err);
    if (status == STATUS_OK)
        status = parse_shape(next_field(rest), &record->shape, err);
    if (status == STATUS_OK && record->kind == RECORD_TENSOR) {
        int64_t bytes = shape_bytes(&record->shape, record->type);
        if (record->type == ELEMENT_NONE || bytes < 0 || bytes > RECORD_PAYLOAD_MAX)
            return error_set(err, STATUS_DAMAGED, "not a tensor that a record may hold");
        undump->missing = (uint64_t)shape_count(&record->shape);
    }
    return status;
}

static enum status parse_head(struct undump *undump, char *line, struct error *err)
{
    struct record *record = &undump->record;
    char *rest = line;
    char *word = next_field(&rest);
    char *second = next_field(&rest);
    unsigned kind = 0;
    enum status status = parse_kind(word, &kind, err);
    record_clear(record);
    undump->missing = undump->raw_missing = 0;
    if (status != STATUS_OK)
        return status;
    record->kind = kind;
    if (!second)
        return error_set(err, STATUS_DAMAGED, "'%s' stands alone in its line", word);
    if (kind != RECORD_END)
        status = parse_key(record, second, err);
    if (status != STATUS_OK)
        return status;
    if (kind == RECORD_IMAGE)
        status =
            parse_number(next_field(&rest), (uint64_t)RECORD_PAYLOAD_MAX, &undump->missing, err);
    else if (kind == RECORD_END)
        status = parse_end(undump, second, next_field(&rest), err);
    else if (kind != RECORD_ERROR)
        status = parse_tensor(undump, &rest, err);
    if (status == STATUS_OK && has_word(kind))
        return parse_attributes(record, rest, err);
    if (status == STATUS_OK)
        status = parse_number(next_field(&rest), RECORD_ATTRIBUTES_MAX, &undump->raw_missing, err);
    if (status == STATUS_OK)
        status =
            parse_number(next_field(&rest), (uint64_t)RECORD_PAYLOAD_MAX, &undump->missing, err);
    return status;
}

/* Bits of an element from its text, checked against the range of its type. */
static enum status parse_element(const char *text, enum element_type type, uint64_t *bits,
                                 struct error *err)
{
    size_t size = element_size(type);
    int width = 8 * (int)size;
    char *end;
    errno = 0;
    if (strncmp(text, "0x", 2) == 0) {
        *bits = strtoull(text + 2, &end, 16);
        if (!errno && end != text + 2 && !*end && (width == 64 || *bits >> width == 0))
            return STATUS_OK;
    } else if (is_real(type)) {
        double wide = strtod(text, &end);
        float value = type == ELEMENT_F64 ? 0.0f : strtof(text, &end);
        uint32_t single;
        memcpy(&single, &value, sizeof single);
        memcpy(bits, &wide, sizeof *bits);
        if (type == ELEMENT_F16)
            *bits = f32_to_f16(value);
        else if (type == ELEMENT_BF16)
            *bits = f32_to_bf16(value);
        else if (type == ELEMENT_F32)
            *bits = single;
        if (end != text && !*end) /* ERANGE is met by subnormals that are exact */
            return STATUS_OK;
    } else {
        long long number = strtoll(text, &end, 10);
        int64_t high = is_signed(type) ? (int64_t)(UINT64_MAX >> (65 - width))
                                       : (int64_t)((UINT64_C(1) << width) - 1);
        int64_t low = is_signed(type) ? -high - 1 : 0;
        *bits = (uint64_t)number;
        if (end != text && !*end && !errno && number >= low && number <= high)
            return STATUS_OK;
    }
    return error_set(err, STATUS_DAMAGED, "'%.64s' is not a value of type %s", text,
                     element_name(type));
}

static enum status parse_numbers(struct undump *undump, char *line, struct error *err)
{
    struct record *record = &undump->record;
    size_t size = element_size(record->type);
    char *save = NULL;
    for (char *text = strtok_r(line, " \t", &save); text; text = strtok_r(NULL, " \t", &save)) {
        uint64_t bits = 0;
        enum status status;
        if (undump->missing == 0)
            return error_set(err, STATUS_DAMAGED, "more numbers than the shape has");
        status = parse_element(text, record->type, &bits, err);
        if (status == STATUS_OK)
            status = buffer_reserve(&record->payload, size, err);
        if (status != STATUS_OK)
            return status;
        put_bits(record->payload.data + record->payload.size, size, bits);
        record->payload.size += size;
        undump->missing--;
    }
    return STATUS_OK;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

static enum status parse_hex(struct undump *undump, const char *line, struct error *err)
{
    for (; *line; line += 2) {
        int high, low;
        unsigned char byte;
        uint64_t *missing = undump->raw_missing ? &undump->raw_missing : &undump->missing;
        struct buffer *to =
            undump->raw_missing ? &undump->record.attributes : &undump->record.payload;
        enum status status;
        high = hex_digit(line[0]);
        low = high < 0 ? -1 : hex_digit(line[1]);
        if (low < 0)
            return error_set(err, STATUS_DAMAGED, "not pairs of hexadecimal digits (0-9a-f)");
        if (*missing == 0)
            return error_set(err, STATUS_DAMAGED, "more bytes than were announced");
        byte = (unsigned char)(high << 4 | low);
        status = buffer_append(to, &byte, 1, err);
        if (status != STATUS_OK)
            return status;
        --*missing;
    }
    return STATUS_OK;
}

int undump_open(const struct undump *undump)
{
    return undump->missing || undump->raw_missing;
}

enum status undump_line(struct undump *undump, char *line, int *complete, struct error *err)
{
    enum status status;
    *complete = 0;
    if (*line != '\t' && undump_open(undump))
        status = error_set(err, STATUS_DAMAGED, "%llu %s of record '%.256s' are missing",
                           (unsigned long long)(undump->missing + undump->raw_missing),
                           undump->record.kind == RECORD_TENSOR ? "numbers" : "bytes",
                           record_key(&undump->record));
    else if (*line != '\t')
        status = parse_head(undump, line, err);
    else if (!undump_open(undump))
        status = error_set(err, STATUS_DAMAGED, "more values than were announced");
    else if (undump->record.kind == RECORD_TENSOR)
        status = parse_numbers(undump, line + 1, err);
    else
        status = parse_hex(undump, line + 1, err);
    *complete = status == STATUS_OK && !undump_open(undump);
    return status;
}

void undump_free(struct undump *undump)
{
    record_free(&undump->record);
    memset(undump, 0, sizeof *undump);
}
