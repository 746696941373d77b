/* stream/record: one record of the stream, in memory.
 *
 * A record is an encoded image, a tensor, the error that stands for an item that failed, an end
 * mark, or of a kind that this program does not know (passed on untouched). It has a key,
 * attributes (name=value text; the label is the attribute "label"), an element type, a shape and a
 * payload. The bytes of a record are described in its(5), and by stream/format.h for C.
 */
#ifndef STREAM_RECORD_H
#define STREAM_RECORD_H

#include "base/memory.h"
#include "base/tensor.h"

#include <stdint.h>

enum record_kind {
    RECORD_IMAGE = 1,  /* payload: an encoded image (JPEG, PNG ...); type none, rank 0 */
    RECORD_TENSOR = 2, /* payload: the elements, row-major, little-endian */
    RECORD_ERROR = 3,  /* no payload; attributes "stage" and "error" say who failed and why */
    RECORD_END = 4,    /* handled inside reader and writer; record_map never sees one */
};

/* The limits of the format. Lengths are checked against them before anything is allocated. */
enum {
    RECORD_KEY_MAX = 4096,           /* bytes, 1 at least */
    RECORD_ATTRIBUTES_MAX = 1 << 20, /* bytes of all names and values with their NULs */
};
#define RECORD_PAYLOAD_MAX (INT64_C(1) << 40)
/* What a reader accepts unless told otherwise. */
#define RECORD_PAYLOAD_DEFAULT (INT64_C(1) << 30)

struct record {
    unsigned kind; /* enum record_kind, or an unknown one */
    enum element_type type;
    struct shape shape;
    struct buffer key;        /* NUL-terminated; size without the NUL */
    struct buffer attributes; /* name NUL value NUL ... in the order in which they were set */
    struct buffer payload;    /* data aligned to 64 bytes */
};

/* Zero-initialise (= {0}) to start; every buffer is reused from one record to the next. */
void record_clear(struct record *record); /* empties, keeps the memory */
void record_free(struct record *record);

/* STATUS_USAGE when the key is empty, longer than RECORD_KEY_MAX or holds a NUL. */
enum status record_set_key(struct record *record, const char *key, struct error *err);
const char *record_key(const struct record *record); /* "" when unset */

/* Sets or replaces an attribute; a NULL value removes it. The value may be empty.
 * STATUS_FAILED when the limits would be exceeded. */
enum status record_set(struct record *record, const char *name, const char *value,
                       struct error *err);
/* The value, valid until the record changes; NULL when there is no such attribute. */
const char *record_get(const struct record *record, const char *name);
/* Walks the attributes: *at starts at 0; returns 0 after the last. */
int record_next_attribute(const struct record *record, size_t *at, const char **name,
                          const char **value);

/* Makes the record a tensor of that type and shape and gives its payload that size (not zeroed). */
enum status record_set_tensor(struct record *record, enum element_type type,
                              const struct shape *shape, struct error *err);
/* The payload as a tensor that borrows the record's memory (little-endian machines: as it is). */
struct tensor record_tensor(const struct record *record);

/* Key and attributes of `from`; payload, type and shape of `to` become empty. */
enum status record_copy_head(struct record *to, const struct record *from, struct error *err);
enum status record_copy(struct record *to, const struct record *from, struct error *err);
/* Turns the record into the error record of its item: key and attributes stay, payload goes. */
enum status record_fail(struct record *record, const char *stage, const char *reason,
                        struct error *err);

#endif
