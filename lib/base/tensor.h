/* base/tensor: element types, shapes, and the tensor that all rooms hand to each other.
 *
 * A tensor is dense and row-major (the last dimension varies fastest).
 */
#ifndef BASE_TENSOR_H
#define BASE_TENSOR_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* The numbers are those of the stream's header (its(5)): never change one. */
enum element_type {
    ELEMENT_NONE = 0, /* bytes without a type, such as an encoded image */
    ELEMENT_U8 = 1,
    ELEMENT_I8 = 2,
    ELEMENT_U16 = 3,
    ELEMENT_I16 = 4,
    ELEMENT_I32 = 5,
    ELEMENT_I64 = 6,
    ELEMENT_F16 = 7,
    ELEMENT_BF16 = 8,
    ELEMENT_F32 = 9,
    ELEMENT_F64 = 10,
    ELEMENT_TYPES
};

size_t element_size(enum element_type type);      /* bytes; 1 for ELEMENT_NONE */
const char *element_name(enum element_type type); /* "u8" ... "f64"; "-" for ELEMENT_NONE */
/* The type of that name; ELEMENT_NONE when there is none. */
enum element_type element_parse(const char *name);

enum { SHAPE_RANK_MAX = 8 };

struct shape {
    int rank; /* 0 is a scalar: one element */
    int64_t dim[SHAPE_RANK_MAX];
};

/* The number of elements, or -1 when a dimension is negative or the product exceeds 2^62. */
int64_t shape_count(const struct shape *shape);
/* The number of bytes of a tensor, or -1 as above. */
int64_t shape_bytes(const struct shape *shape, enum element_type type);
int shape_equal(const struct shape *a, const struct shape *b);
enum { SHAPE_TEXT = 176 };
/* "1x3x224x224"; "scalar" for rank 0. Returns text. */
const char *shape_format(const struct shape *shape, char text[SHAPE_TEXT]);

struct tensor {
    enum element_type type;
    struct shape shape;
    void *data; /* who owns it is said where the tensor is */
};

/* Half-precision conversions (IEEE 754 binary16 and bfloat16; round to nearest even). */
float f16_to_f32(uint16_t half);
uint16_t f32_to_f16(float value);
float bf16_to_f32(uint16_t half);
uint16_t f32_to_bf16(float value);

#endif
