/* A session: what one thread has to run a network, its plan made anew when the shapes of the inputs
 * change. */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

enum status session_new(const struct net *net, struct session **made, struct error *err)
{
    struct session *session = memory_array(1, sizeof *session);
    *made = session;
    if (!session)
        return error_memory(err);
    session->net = net;
    session->outputs = memory_array(net->graph.output_count + 1, sizeof *session->outputs);
    if (session->outputs)
        return STATUS_OK;
    free(session);
    *made = NULL;
    return error_memory(err);
}

void session_free(struct session *session)
{
    if (!session)
        return;
    plan_free(session->plan);
    free(session->memory);
    free(session->outputs);
    free(session);
}

static int plan_fits(const struct plan *plan, const struct tensor *inputs, size_t count,
                     int pictures)
{
    if (!plan || plan->pictures != pictures)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const struct tensor *made = &plan->inputs[i];
        if (made->type != inputs[i].type || !shape_equal(&made->shape, &inputs[i].shape))
            return 0;
        if (made->data && inputs[i].data &&
            memcmp(made->data, inputs[i].data, (size_t)shape_bytes(&made->shape, made->type)) != 0)
            return 0;
    }
    return 1;
}

enum status session_prepare(struct session *session, const struct tensor *inputs, int pictures,
                            struct error *err)
{
    enum status status;
    if (plan_fits(session->plan, inputs, session->net->model->input_count, pictures))
        return STATUS_OK;
    plan_free(session->plan);
    session->plan = NULL;
    status = plan_new(session->net, inputs, pictures, &session->plan, err);
    if (status == STATUS_OK)
        status = plan_pack(session->net, session->plan, err);
    if (status != STATUS_OK) {
        plan_free(session->plan);
        session->plan = NULL;
        return status;
    }
    if (session->plan->memory > session->memory_size) {
        free(session->memory);
        session->memory_size = 0;
        session->memory = memory_aligned((size_t)session->plan->memory);
        if (!session->memory) {
            plan_free(session->plan);
            session->plan = NULL;
            return error_memory(err);
        }
        session->memory_size = session->plan->memory;
    }
    return STATUS_OK;
}

enum status session_run_prepared(struct session *session, const struct tensor *inputs,
                                 struct tensor *outputs, struct error *err)
{
    const struct graph *graph = &session->net->graph;
    enum status status;
    session->inputs = inputs;
    status = plan_run(session, NULL, err);
    for (size_t i = 0; status == STATUS_OK && i < graph->output_count; i++) {
        const struct plan_value *value = &session->plan->values[graph->outputs[i]];
        outputs[i] = (struct tensor){value->type, value->shape,
                                     place_data(session, session->plan->output_places[i])};
    }
    session->inputs = NULL;
    return status;
}

enum status session_run(struct session *session, const struct tensor *inputs, size_t input_count,
                        struct tensor *outputs, struct error *err)
{
    const struct net *net = session->net;
    enum status status;
    if (input_count != net->model->input_count)
        return error_set(err, STATUS_FAILED, "%zu inputs given, the network has %zu", input_count,
                         net->model->input_count);
    for (size_t i = 0; i < input_count; i++) {
        const struct value *value = net_input(net, i);
        char found[SHAPE_TEXT], expected[SHAPE_TEXT];
        int fits = value->shape.rank == inputs[i].shape.rank;
        for (int d = 0; fits && d < value->shape.rank; d++)
            fits = value->shape.dim[d] < 0 || value->shape.dim[d] == inputs[i].shape.dim[d];
        if (value->typed && (value->type != inputs[i].type || !fits))
            return error_set(err, STATUS_FAILED, "input '%s' is %s %s, the network wants %s %s",
                             value->name, element_name(inputs[i].type),
                             shape_format(&inputs[i].shape, found), element_name(value->type),
                             shape_format(&value->shape, expected));
    }
    status = session_prepare(session, inputs, 0, err);
    return status == STATUS_OK ? session_run_prepared(session, inputs, outputs, err) : status;
}
