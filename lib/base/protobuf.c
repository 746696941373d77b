#include "base/protobuf.h"

#include "base/number.h"

#include <string.h>

struct protobuf protobuf_from(const void *bytes, size_t size)
{
    static const unsigned char nothing[1];
    struct protobuf all;
    all.file = all.at = size ? bytes : nothing;
    all.end = all.at + size;
    return all;
}

size_t protobuf_size(const struct protobuf *bytes)
{
    return (size_t)(bytes->end - bytes->at);
}

static enum status damaged(const struct protobuf *message, const char *what, struct error *err)
{
    return error_set(err, STATUS_DAMAGED, "byte %zu: %s", (size_t)(message->at - message->file),
                     what);
}

static enum status get_varint(struct protobuf *message, uint64_t *value, struct error *err)
{
    *value = 0;
    for (unsigned i = 0; i < PROTOBUF_VARINT_MAX; i++) {
        unsigned char byte;
        if (message->at == message->end)
            return damaged(message, "the file ends within a number", err);
        byte = *message->at++;
        *value |= (uint64_t)(byte & 127) << (7 * i);
        if (!(byte & 128))
            return STATUS_OK;
    }
    return damaged(message, "a number of more than 10 bytes", err);
}

static enum status get_fixed(struct protobuf *message, size_t size, uint64_t *value,
                             struct error *err)
{
    if (protobuf_size(message) < size)
        return damaged(message, "the file ends within a number", err);
    *value = size == 4 ? get_le32(message->at) : get_le64(message->at);
    message->at += size;
    return STATUS_OK;
}

static enum status get_number(struct protobuf *message, enum protobuf_type type, uint64_t *value,
                              struct error *err)
{
    if (type == PROTOBUF_VARINT)
        return get_varint(message, value, err);
    return get_fixed(message, type == PROTOBUF_FIXED32 ? 4 : 8, value, err);
}

/* STATUS_END after the last field of the message. */
static enum status next_field(struct protobuf *message, struct protobuf_field *field,
                              struct error *err)
{
    uint64_t tag, size;
    enum status status;
    if (message->at == message->end)
        return STATUS_END;
    status = get_varint(message, &tag, err);
    if (status != STATUS_OK)
        return status;
    field->number = tag >> 3;
    field->type = (enum protobuf_type)(tag & 7);
    field->bytes = *message;
    if (field->number == 0)
        return damaged(message, "a field without a number: not an ONNX file", err);
    if (field->type == PROTOBUF_VARINT || field->type == PROTOBUF_FIXED32 ||
        field->type == PROTOBUF_FIXED64)
        return get_number(message, field->type, &field->value, err);
    if (field->type != PROTOBUF_BYTES)
        return damaged(message, "a field of an unknown kind: not an ONNX file", err);
    status = get_varint(message, &size, err);
    if (status != STATUS_OK)
        return status;
    if (size > protobuf_size(message))
        return error_set(err, STATUS_DAMAGED,
                         "byte %zu: a field of %llu bytes where only %zu are left",
                         (size_t)(message->at - message->file), (unsigned long long)size,
                         protobuf_size(message));
    field->bytes.at = message->at;
    message->at += size;
    field->bytes.end = message->at;
    return STATUS_OK;
}

enum status protobuf_fields(struct protobuf message,
                            enum status (*handle)(void *context, struct protobuf_field *field,
                                                  struct error *err),
                            void *context, struct error *err)
{
    struct protobuf_field field = {0};
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = next_field(&message, &field, err);
        if (status == STATUS_OK)
            status = handle(context, &field, err);
    }
    return status == STATUS_END ? STATUS_OK : status;
}

enum status protobuf_expect(const struct protobuf_field *field, enum protobuf_type type,
                            struct error *err)
{
    if (field->type == type)
        return STATUS_OK;
    return error_set(err, STATUS_DAMAGED, "byte %zu: field %llu is of kind %d, expected %d",
                     (size_t)(field->bytes.at - field->bytes.file),
                     (unsigned long long)field->number, (int)field->type, (int)type);
}

enum status protobuf_each(struct protobuf_field *field, enum protobuf_type type, uint64_t *value,
                          struct error *err)
{
    if (field->type == PROTOBUF_BYTES)
        return field->bytes.at == field->bytes.end ? STATUS_END
                                                   : get_number(&field->bytes, type, value, err);
    if (field->type != type)
        return protobuf_expect(field, type, err);
    *value = field->value;
    field->type = PROTOBUF_BYTES; /* the next call finds an empty list */
    field->bytes.at = field->bytes.end;
    return STATUS_OK;
}

size_t protobuf_varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value > 127; value >>= 7)
        size++;
    return size;
}

enum status protobuf_put_varint(struct buffer *out, uint64_t value, size_t width, struct error *err)
{
    unsigned char bytes[PROTOBUF_VARINT_MAX];
    size_t size = 0;
    do {
        bytes[size++] = (unsigned char)((value & 127) | 128);
        value >>= 7;
    } while (size < sizeof bytes && (value || size < width));
    bytes[size - 1] &= 127;
    return buffer_append(out, bytes, size, err);
}

enum status protobuf_put_tag(struct buffer *out, uint64_t number, enum protobuf_type type,
                             struct error *err)
{
    return protobuf_put_varint(out, number << 3 | (uint64_t)type, 0, err);
}

enum status protobuf_put_int(struct buffer *out, uint64_t number, int64_t value, struct error *err)
{
    enum status status = protobuf_put_tag(out, number, PROTOBUF_VARINT, err);
    return status == STATUS_OK ? protobuf_put_varint(out, (uint64_t)value, 0, err) : status;
}

enum status protobuf_put_float(struct buffer *out, uint64_t number, float value, struct error *err)
{
    unsigned char bytes[4];
    uint32_t bits;
    enum status status = protobuf_put_tag(out, number, PROTOBUF_FIXED32, err);
    memcpy(&bits, &value, sizeof bits);
    put_le32(bytes, bits);
    return status == STATUS_OK ? buffer_append(out, bytes, sizeof bytes, err) : status;
}

enum status protobuf_put_double(struct buffer *out, uint64_t number, double value,
                                struct error *err)
{
    unsigned char bytes[8];
    uint64_t bits;
    enum status status = protobuf_put_tag(out, number, PROTOBUF_FIXED64, err);
    memcpy(&bits, &value, sizeof bits);
    put_le64(bytes, bits);
    return status == STATUS_OK ? buffer_append(out, bytes, sizeof bytes, err) : status;
}

enum status protobuf_put_bytes(struct buffer *out, uint64_t number, const void *bytes, size_t size,
                               struct error *err)
{
    enum status status = protobuf_put_tag(out, number, PROTOBUF_BYTES, err);
    if (status == STATUS_OK)
        status = protobuf_put_varint(out, size, 0, err);
    return status == STATUS_OK ? buffer_append(out, bytes, size, err) : status;
}

enum status protobuf_put_text(struct buffer *out, uint64_t number, const char *text,
                              struct error *err)
{
    return protobuf_put_bytes(out, number, text, strlen(text), err);
}
