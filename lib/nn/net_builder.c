/* The lists of a plan as they grow: places and steps. */
#include "nn/net_builder_internal.h"

static void fail_memory(struct builder *b)
{
    if (b->status == STATUS_OK)
        b->status = error_memory(b->err);
}

void *plan_alloc(struct builder *b, size_t count, size_t size)
{
    void *data = arena_alloc(b->plan->arena, count + 1, size);
    if (!data)
        fail_memory(b);
    return data;
}

int plan_add_place(struct builder *b, int64_t bytes)
{
    struct plan *plan = b->plan;
    struct place *places =
        memory_more(plan->places, plan->place_count, &b->place_room, sizeof *places);
    if (!places || bytes < 0 || bytes > NET_BYTES_MAX) {
        plan->places = places ? places : plan->places;
        if (b->status == STATUS_OK)
            b->status = places ? error_set(b->err, STATUS_FAILED,
                                           "a result of %lld bytes is too large", (long long)bytes)
                               : error_memory(b->err);
        return 0;
    }
    plan->places = places;
    places[plan->place_count] = (struct place){
        .bytes = bytes, .root = (int)plan->place_count, .first = -1, .last = -1, .input = -1};
    return (int)plan->place_count++;
}

struct step *plan_add_step(struct builder *b, enum step_kind kind, size_t in_count,
                           size_t out_count)
{
    struct plan *plan = b->plan;
    struct step *steps = memory_more(plan->steps, plan->step_count, &b->step_room, sizeof *steps);
    struct step *step;
    int *lists = plan_alloc(b, in_count + out_count, sizeof *lists);
    if (!steps || !lists) {
        fail_memory(b);
        plan->steps = steps ? steps : plan->steps;
        return NULL;
    }
    plan->steps = steps;
    step = &steps[plan->step_count++];
    *step = (struct step){.kind = kind,
                          .node = b->node,
                          .value = b->node < 0 ? -1 : b->net->graph.nodes[b->node].outputs[0],
                          .in_count = (int)in_count,
                          .out_count = (int)out_count,
                          .in = lists,
                          .out = lists + in_count,
                          .residual = -1,
                          .scratch = -1};
    return step;
}

struct step *plan_add_simple(struct builder *b, enum step_kind kind, int in, int out)
{
    struct step *step = plan_add_step(b, kind, 1, 1);
    if (step) {
        step->in[0] = in;
        step->out[0] = out;
    }
    return step;
}
