/* Small networks put together by the tests of the engine: `model` is the one being built, with
 * constants drawn from `numbers`. Each function adds a node and returns the value that it makes. */
#ifndef TESTS_NN_BUILD_H
#define TESTS_NN_BUILD_H

#include "base/random.h"
#include "nn/model.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct random numbers;
static struct model *model;

static inline int fresh(void)
{
    static int count;
    char name[32];
    snprintf(name, sizeof name, "v%d", ++count);
    return model_add_value(model, name);
}

static inline int constant_shape(const struct shape *shape, float low, float high)
{
    static int count;
    char name[32];
    int64_t elements = shape_count(shape);
    float *data = memory_array((size_t)elements + 1, sizeof *data);
    struct tensor tensor = {ELEMENT_F32, *shape, data};
    int value;
    for (int64_t i = 0; i < elements; i++)
        data[i] = low + (high - low) * (float)random_uniform(&numbers);
    snprintf(name, sizeof name, "c%d", ++count);
    value = model_add_constant(model, name, &tensor);
    free(data);
    return value;
}

static inline int constant(int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
    struct shape shape = {rank, {a, b, c, d}};
    return constant_shape(&shape, -1, 1);
}

static inline int scalar(float value)
{
    struct shape shape = {0, {0}};
    return constant_shape(&shape, value, value);
}

static inline int integers(const int64_t *list, int64_t count)
{
    static int names;
    char name[32];
    int64_t copy[16];
    struct tensor tensor = {ELEMENT_I64, {1, {count}}, copy};
    memcpy(copy, list, (size_t)count * sizeof *list);
    snprintf(name, sizeof name, "i%d", ++names);
    return model_add_constant(model, name, &tensor);
}
#define INTEGERS(...)                                                                              \
    integers((const int64_t[]){__VA_ARGS__},                                                       \
             (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
#define INTS(name, ...)                                                                            \
    model_attribute_ints(model, name, (const int64_t[]){__VA_ARGS__},                              \
                         sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static inline int node(const char *op, int a, int b, int c)
{
    int inputs[3] = {a, b, c}, out = fresh();
    size_t count = c >= 0 ? 3 : b >= 0 ? 2 : 1;
    model_add_node(model, op, op, inputs, count, &out, 1);
    return out;
}
static inline int one(const char *op, int a)
{
    return node(op, a, -1, -1);
}
static inline int two(const char *op, int a, int b)
{
    return node(op, a, b, -1);
}

static inline int conv(int x, int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t pad,
                       int64_t group, int bias)
{
    int w = constant(4, out, in / group, kernel, kernel);
    int y = node("Conv", x, w, bias ? constant(1, out, 0, 0, 0) : -1);
    INTS("strides", stride, stride);
    INTS("pads", pad, pad, pad, pad);
    model_attribute_int(model, "group", group);
    return y;
}

static inline int batchnorm(int x, int64_t channels)
{
    struct shape shape = {1, {channels}};
    int inputs[5] = {x, constant_shape(&shape, 0.5F, 2), constant_shape(&shape, -1, 1),
                     constant_shape(&shape, -1, 1), constant_shape(&shape, 0.5F, 2)};
    int out = fresh();
    model_add_node(model, "BatchNormalization", "bn", inputs, 5, &out, 1);
    return out;
}

static inline int clip(int x, float low, float high)
{
    return node("Clip", x, scalar(low), scalar(high));
}

static inline int pool(const char *op, int x, int64_t kernel, int64_t stride, int64_t pad)
{
    int y = one(op, x);
    INTS("kernel_shape", kernel, kernel);
    INTS("strides", stride, stride);
    INTS("pads", pad, pad, pad, pad);
    return y;
}

static inline int transpose(int x, int64_t a, int64_t b, int64_t c, int64_t d)
{
    int y = one("Transpose", x);
    INTS("perm", a, b, c, d);
    return y;
}

static inline int concat(const int *inputs, size_t count, int64_t axis)
{
    int out = fresh();
    model_add_node(model, "Concat", "concat", inputs, count, &out, 1);
    model_attribute_int(model, "axis", axis);
    return out;
}

static inline void new_model(void)
{
    model = model_new();
    model->opset = 14;
    model->ir_version = 7;
}

static inline struct tensor random_tensor(const struct shape *shape)
{
    int64_t count = shape_count(shape);
    float *data = memory_array((size_t)count + 1, sizeof *data);
    for (int64_t i = 0; i < count; i++)
        data[i] = (float)(random_uniform(&numbers) * 4 - 2);
    return (struct tensor){ELEMENT_F32, *shape, data};
}

#endif
