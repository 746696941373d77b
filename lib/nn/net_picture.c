/* Pictures as the network's input: from u8 or f32 tensors of either order into the plan's memory.
 */
#include "nn/net_internal.h"

#include <string.h>

/* u8 pixels by their channels' values. Inlined, so that the usual numbers of channels and both
 * orders get loops without a question in them: about a cycle for each element. */
static inline void look_up(const unsigned char *bytes, int hwc, const float (*values)[256],
                           size_t pixels, size_t channels, float *to)
{
    for (size_t p = 0; p < pixels; p++)
        for (size_t c = 0; c < channels; c++)
            to[p * channels + c] = values[c][bytes[hwc ? p * channels + c : c * pixels + p]];
}

static void load_values(const unsigned char *bytes, int hwc, const float (*values)[256],
                        size_t pixels, size_t channels, float *to)
{
    if (channels == 3 && hwc)
        look_up(bytes, 1, values, pixels, 3, to);
    else if (channels == 3)
        look_up(bytes, 0, values, pixels, 3, to);
    else if (channels == 1)
        look_up(bytes, 1, values, pixels, 1, to);
    else
        look_up(bytes, hwc, values, pixels, channels, to);
}

/* u8 pixels as numbers. */
static void load_numbers(const unsigned char *bytes, int hwc, size_t pixels, size_t channels,
                         float *to)
{
    for (size_t i = 0; hwc && i < pixels * channels; i++)
        to[i] = bytes[i];
    for (size_t c = 0; !hwc && c < channels; c++)
        for (size_t p = 0; p < pixels; p++)
            to[p * channels + c] = bytes[c * pixels + p];
}

/* One picture into `to` as height x width x channels. */
static void load_picture(const struct kernels *kernels, const struct tensor *picture, int hwc,
                         const float (*values)[256], size_t pixels, size_t channels, float *to)
{
    if (picture->type == ELEMENT_U8 && values)
        load_values(picture->data, hwc, values, pixels, channels, to);
    else if (picture->type == ELEMENT_U8)
        load_numbers(picture->data, hwc, pixels, channels, to);
    else if (hwc)
        memcpy(to, picture->data, pixels * channels * sizeof *to);
    else
        kernels->to_nhwc(1, channels, pixels, picture->data, to, channels);
}

static enum status check_picture(const struct tensor *picture, int hwc, const int want[3],
                                 struct error *err)
{
    const int64_t *dim = picture->shape.dim;
    int64_t found[3] = {hwc ? dim[2] : dim[0], hwc ? dim[0] : dim[1], hwc ? dim[1] : dim[2]};
    char text[SHAPE_TEXT];
    if (picture->shape.rank != 3 || (picture->type != ELEMENT_U8 && picture->type != ELEMENT_F32))
        return error_set(err, STATUS_FAILED,
                         "%s %s is no picture: expected u8 or f32 with 3 dimensions",
                         element_name(picture->type), shape_format(&picture->shape, text));
    for (int i = 0; i < 3; i++)
        if (found[i] != want[i])
            return error_set(
                err, STATUS_FAILED,
                "the picture is %lldx%lld with %lld channels, the network wants %dx%d with %d",
                (long long)found[2], (long long)found[1], (long long)found[0], want[2], want[1],
                want[0]);
    return STATUS_OK;
}

enum status session_run_images(struct session *session, const struct tensor *pictures, int hwc,
                               const float (*values)[256], size_t count, struct tensor *outputs,
                               struct error *err)
{
    const struct net *net = session->net;
    int want[3];
    struct tensor input = {.type = ELEMENT_F32};
    size_t pixels, fixed = net->batch > 1 && net_input(net, 0)->shape.dim[0] == net->batch
                               ? (size_t)net->batch
                               : count;
    enum status status = net_input_picture(net, &want[0], &want[1], &want[2], err);
    float *to;
    if (status != STATUS_OK)
        return status;
    if (count < 1 || count > (size_t)net->batch || net->model->input_count != 1)
        return error_set(err, STATUS_USAGE,
                         "%zu pictures for a network of %zu inputs that takes %d at once", count,
                         net->model->input_count, net->batch);
    for (int i = 0; i < 3 && pictures[0].shape.rank == 3;
         i++) /* what the model leaves open, the first picture decides */
        if (want[i] < 0)
            want[i] = (int)pictures[0].shape.dim[hwc ? (i + 2) % 3 : i];
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = check_picture(&pictures[i], hwc, want, err);
    if (status != STATUS_OK)
        return status;
    net_picture_shape(net, (int64_t)fixed, want[0], want[1], want[2], &input.shape);
    status = session_prepare(session, &input, 1, err);
    if (status != STATUS_OK)
        return status;
    to = place_data(session, session->plan->picture_place);
    pixels = (size_t)want[1] * (size_t)want[2];
    for (size_t i = 0; i < count; i++)
        load_picture(net->kernels, &pictures[i], hwc, values, pixels, (size_t)want[0],
                     to + i * pixels * (size_t)want[0]);
    if (fixed > count)
        memset(to + count * pixels * (size_t)want[0], 0,
               (fixed - count) * pixels * (size_t)want[0] * sizeof *to);
    status = session_run_prepared(session, &input, outputs, err);
    for (size_t i = 0; status == STATUS_OK && i < net->graph.output_count; i++) {
        char text[SHAPE_TEXT];
        if (outputs[i].shape.rank < 1 || outputs[i].shape.dim[0] != (int64_t)fixed)
            return error_set(err, STATUS_FAILED,
                             "the output '%s' is %s for %zu pictures: no row for each",
                             net_output_name(net, i), shape_format(&outputs[i].shape, text), fixed);
        outputs[i].shape.dim[0] = (int64_t)count;
    }
    return status;
}
