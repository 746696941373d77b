/* A session run for its steps' times: what to make faster, and whether it is as fast as it could
 * be. */
#include "nn/net_internal.h"

#include "base/progress.h"
#include "base/random.h"

#include <stdlib.h>

/* Numbers that a kernel takes as long for as for any picture: none is zero, tiny or huge. */
static void fill(float *to, int64_t count, struct random *random)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = (float)(2 * random_uniform(random) - 1);
}

static enum status make_inputs(const struct net *net, struct tensor *inputs, int pictures,
                               struct arena *arena, struct random *random, struct error *err)
{
    char text[SHAPE_TEXT];
    if (!net_declared_inputs(net, net->batch, inputs)) {
        for (size_t i = 0; i < net->model->input_count; i++)
            for (int d = i == 0 && pictures ? 1 : 0; d < inputs[i].shape.rank; d++)
                if (inputs[i].shape.dim[d] < 0)
                    return error_set(err, STATUS_USAGE,
                                     "the network leaves the shape of its input '%s' open: %s "
                                     "(imgfeat --size gives a picture's)",
                                     net_input(net, i)->name, shape_format(&inputs[i].shape, text));
        return error_set(err, STATUS_USAGE, "the network does not declare its inputs");
    }
    for (size_t i = 0; !pictures && i < net->model->input_count; i++) {
        int64_t bytes = shape_bytes(&inputs[i].shape, inputs[i].type);
        inputs[i].data =
            bytes < 0 || bytes > NET_BYTES_MAX ? NULL : arena_alloc(arena, (size_t)bytes + 1, 1);
        if (!inputs[i].data)
            return error_memory(err);
        if (inputs[i].type == ELEMENT_F32)
            fill(inputs[i].data, shape_count(&inputs[i].shape), random);
    }
    return STATUS_OK;
}

/* One run; seconds[step] receives what each took (NULL: nobody wants to know). */
static enum status timed_run(struct session *session, const struct tensor *inputs,
                             struct random *random, double *seconds, struct error *err)
{
    const struct plan *plan = session->plan;
    enum status status;
    if (plan->pictures)
        fill(place_data(session, plan->picture_place), shape_count(&inputs[0].shape), random);
    session->inputs = inputs;
    status = plan_run(session, seconds, err);
    session->inputs = NULL;
    return status;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum status time_steps(struct session *session, const struct tensor *inputs, int runs,
                              struct random *random, struct net_profile *profile, struct error *err)
{
    size_t count = session->plan->step_count, times = (size_t)runs;
    double *seconds = arena_alloc(profile->arena, count * times + 1, sizeof *seconds);
    double *of_step = arena_alloc(profile->arena, times + 1, sizeof *of_step);
    enum status status =
        seconds && of_step ? timed_run(session, inputs, random, NULL, err) : error_memory(err);
    for (size_t i = 0; i < times && status == STATUS_OK; i++)
        status = timed_run(session, inputs, random, seconds + i * count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        for (size_t j = 0; j < times; j++)
            of_step[j] = seconds[j * count + i];
        qsort(of_step, times, sizeof *of_step, by_time);
        profile->steps[i].seconds = of_step[times / 2];
    }
    return status;
}

enum status net_profile_new(const struct net *net, int runs, struct net_profile *profile,
                            struct error *err)
{
    struct session *session = NULL;
    struct tensor *inputs;
    struct random random;
    int channels, height, width;
    int pictures = net->model->input_count == 1 &&
                   net_input_picture(net, &channels, &height, &width, NULL) == STATUS_OK;
    enum status status;
    *profile = (struct net_profile){.arena = arena_new()};
    inputs = profile->arena
                 ? arena_alloc(profile->arena, net->model->input_count + 1, sizeof *inputs)
                 : NULL;
    random_seed(&random, 1);
    status = inputs ? make_inputs(net, inputs, pictures, profile->arena, &random, err)
                    : error_memory(err);
    if (status == STATUS_OK)
        status = session_new(net, &session, err);
    if (status == STATUS_OK)
        status = session_prepare(session, inputs, pictures, err);
    if (status == STATUS_OK)
        status = plan_describe(session, profile, err);
    if (status == STATUS_OK)
        status = time_steps(session, inputs, runs, &random, profile, err);
    session_free(session);
    if (status != STATUS_OK)
        net_profile_free(profile);
    return status;
}

void net_profile_free(struct net_profile *profile)
{
    if (profile->arena)
        arena_free(profile->arena);
    *profile = (struct net_profile){0};
}
