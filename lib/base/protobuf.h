/* base/protobuf: the wire format of Protocol Buffers
 * (https://protobuf.dev/programming-guides/encoding/), as much of it as ONNX files and
 * TensorBoard's event files use, read without trusting it: nothing is read outside the bytes given.
 */
#ifndef BASE_PROTOBUF_H
#define BASE_PROTOBUF_H

#include "base/memory.h"

#include <stdint.h>

/* What is left to read of a message, or of a packed list. */
struct protobuf {
    const unsigned char *at, *end;
    const unsigned char *file; /* where the file begins: messages name the place by it */
};

enum protobuf_type {
    PROTOBUF_VARINT = 0,
    PROTOBUF_FIXED64 = 1,
    PROTOBUF_BYTES = 2, /* a string, a message, a packed list */
    PROTOBUF_FIXED32 = 5
};

struct protobuf_field {
    uint64_t number;
    enum protobuf_type type;
    uint64_t value;        /* VARINT, FIXED64, FIXED32 */
    struct protobuf bytes; /* BYTES */
};

struct protobuf protobuf_from(const void *bytes, size_t size);
size_t protobuf_size(const struct protobuf *bytes);

/* Calls handle(context, field) for each field of the message until one fails; STATUS_DAMAGED. */
enum status protobuf_fields(struct protobuf message,
                            enum status (*handle)(void *context, struct protobuf_field *field,
                                                  struct error *err),
                            void *context, struct error *err);
/* STATUS_DAMAGED unless the field is of that type. */
enum status protobuf_expect(const struct protobuf_field *field, enum protobuf_type type,
                            struct error *err);
/* The next number of a repeated field, which may be packed into one (PROTOBUF_BYTES) or stand
 * alone: call again until STATUS_END. `type` is the type of one number. */
enum status protobuf_each(struct protobuf_field *field, enum protobuf_type type, uint64_t *value,
                          struct error *err);

/* Writing. */
enum { PROTOBUF_VARINT_MAX = 10 };
size_t protobuf_varint_size(uint64_t value);
/* `width` bytes at least, by leading zeros, which every reader takes (0: as few as needed). */
enum status protobuf_put_varint(struct buffer *out, uint64_t value, size_t width,
                                struct error *err);
enum status protobuf_put_tag(struct buffer *out, uint64_t number, enum protobuf_type type,
                             struct error *err);
enum status protobuf_put_int(struct buffer *out, uint64_t number, int64_t value, struct error *err);
enum status protobuf_put_float(struct buffer *out, uint64_t number, float value, struct error *err);
enum status protobuf_put_double(struct buffer *out, uint64_t number, double value,
                                struct error *err);
enum status protobuf_put_bytes(struct buffer *out, uint64_t number, const void *bytes, size_t size,
                               struct error *err);
enum status protobuf_put_text(struct buffer *out, uint64_t number, const char *text,
                              struct error *err);

#endif
