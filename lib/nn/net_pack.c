/* Weights in the order in which a kernel reads them, packed when a plan first needs them, once for
 * the net, and shared by all its sessions.
 *
 * Which kernel a convolution gets depends on the size of its pictures, which only a plan knows; two
 * plans may take different ones. When the sessions of several threads plan at the same time, each
 * packs what none has begun, and waits only for what another is at: so the work is divided among
 * them. */
#include "nn/net_internal.h"

#include <pthread.h>
#include <stdlib.h>

struct packing {
    const struct convolution *convolution; /* NULL: a matrix product */
    enum { PACKING_WANTED, PACKING_BEGUN, PACKING_DONE } state;
    float *data;
    struct packing *next; /* of the same node */
};

struct packings {
    pthread_mutex_t lock; /* of the lists and states; not held while packing */
    pthread_cond_t changed;
    struct packing **of_node; /* a list for each node of the graph */
};

enum status packings_new(struct net *net, struct error *err)
{
    struct packings *packings = memory_array(1, sizeof *packings);
    if (packings)
        packings->of_node = memory_array(net->graph.node_count + 1, sizeof *packings->of_node);
    if (!packings || !packings->of_node || pthread_mutex_init(&packings->lock, NULL) != 0) {
        free(packings ? packings->of_node : NULL);
        free(packings);
        return error_memory(err);
    }
    pthread_cond_init(&packings->changed, NULL);
    net->packings = packings;
    return STATUS_OK;
}

void packings_free(struct net *net)
{
    struct packings *packings = net->packings;
    if (!packings)
        return;
    for (size_t i = 0; i < net->graph.node_count; i++)
        while (packings->of_node[i]) {
            struct packing *packing = packings->of_node[i];
            packings->of_node[i] = packing->next;
            free(packing->data);
            free(packing);
        }
    pthread_cond_destroy(&packings->changed);
    pthread_mutex_destroy(&packings->lock);
    free(packings->of_node);
    free(packings);
}

static float *new_block(size_t bytes)
{
    return memory_aligned(bytes + MEMORY_ALIGNMENT); /* a vector's width of slack */
}

static float *pack_conv(const struct graph_node *node, const struct step *step)
{
    float *packed = new_block(step->convolution->packed_size(&step->window));
    if (packed)
        step->convolution->pack(&step->window, node->weights->data, node->out_scale, node->in_scale,
                                packed);
    return packed;
}

/* Multiplies the rows (transposed) or columns of a copy of the weights by out_scale. */
static float *scaled_copy(const struct graph_node *node)
{
    size_t n = node->outputs_n, k = node->inputs_k;
    const float *from = node->weights->data;
    float *copy = memory_array(n * k, sizeof *copy);
    for (size_t i = 0; copy && i < n * k; i++)
        copy[i] = from[i] * node->out_scale[node->transposed ? i / k : i % n];
    return copy;
}

static float *pack_gemm(const struct kernels *kernels, const struct graph_node *node)
{
    size_t n = node->outputs_n, k = node->inputs_k;
    float *copy = node->out_scale ? scaled_copy(node) : NULL;
    float *packed = node->out_scale && !copy ? NULL : new_block(kernels->packed_size(k, n));
    if (packed)
        kernels->pack_b(copy ? copy : node->weights->data, node->transposed ? k : n,
                        node->transposed, k, n, packed);
    free(copy);
    return packed;
}

/* The step's entry in its node's list; a new one when there is none, NULL when memory is short. */
static struct packing *find_packing(struct packings *packings, const struct step *step)
{
    struct packing **at = &packings->of_node[step->node];
    while (*at && (*at)->convolution != step->convolution)
        at = &(*at)->next;
    if (!*at && (*at = memory_array(1, sizeof **at)))
        (*at)->convolution = step->convolution;
    return *at;
}

/* With the lock held, which is released while packing. */
static enum status make_packing(const struct net *net, const struct step *step,
                                struct packing *packing, struct error *err)
{
    const struct graph_node *node = &net->graph.nodes[step->node];
    float *data;
    packing->state = PACKING_BEGUN;
    pthread_mutex_unlock(&net->packings->lock);
    data = step->convolution ? pack_conv(node, step) : pack_gemm(net->kernels, node);
    model_unneeded(net->model, node->weights->data,
                   (size_t)shape_bytes(&node->weights->shape, node->weights->type));
    pthread_mutex_lock(&net->packings->lock);
    packing->data = data;
    packing->state = data ? PACKING_DONE : PACKING_WANTED;
    pthread_cond_broadcast(&net->packings->changed);
    return data ? STATUS_OK : error_memory(err);
}

/* What nobody has begun (wait = 0), or all of it (wait = 1). With the lock held. */
static enum status pack_steps(const struct net *net, struct plan *plan, int wait, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->step_count && status == STATUS_OK; i++) {
        struct step *step = &plan->steps[i];
        struct packing *packing;
        if (step->kind != STEP_CONV && step->kind != STEP_GEMM)
            continue;
        packing = find_packing(net->packings, step);
        if (!packing)
            return error_memory(err);
        while (wait && packing->state == PACKING_BEGUN)
            pthread_cond_wait(&net->packings->changed, &net->packings->lock);
        if (packing->state == PACKING_WANTED)
            status = make_packing(net, step, packing, err);
        step->packed = packing->data;
    }
    return status;
}

enum status plan_pack(const struct net *net, struct plan *plan, struct error *err)
{
    enum status status;
    pthread_mutex_lock(&net->packings->lock);
    status = pack_steps(net, plan, 0, err);
    if (status == STATUS_OK)
        status = pack_steps(net, plan, 1, err);
    pthread_mutex_unlock(&net->packings->lock);
    return status;
}
