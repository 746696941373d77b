/* Which kernel does each convolution and product, and its weights in the order that the kernel
 * reads them. Packed once for the net and shared by all its sessions. */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

static float *new_block(struct net *net, size_t bytes)
{
    float *block = memory_aligned(bytes + MEMORY_ALIGNMENT); /* a vector's width of slack */
    if (block)
        net->packed[net->packed_count++] = block;
    return block;
}

/* The first that suits; the last suits all. */
static const struct convolution *choose_convolution(const struct net *net,
                                                    const struct kernel_window *window)
{
    const struct convolution *const *list = net->kernels->convolutions;
    while (!(*list)->suits(window))
        list++;
    return *list;
}

static enum status pack_conv(struct net *net, struct graph_node *node, struct error *err)
{
    struct kernel_window *window = &node->window;
    float *packed;
    window->channels = node->inputs_k;
    window->out_channels = node->outputs_n;
    node->convolution = choose_convolution(net, window);
    packed = new_block(net, node->convolution->packed_size(window));
    if (!packed)
        return error_memory(err);
    node->convolution->pack(window, node->weights->data, node->out_scale, node->in_scale, packed);
    node->packed = packed;
    return STATUS_OK;
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

static enum status pack_gemm(struct net *net, struct graph_node *node, struct error *err)
{
    size_t n = node->outputs_n, k = node->inputs_k;
    float *packed = new_block(net, net->kernels->packed_size(k, n)),
          *copy = node->out_scale ? scaled_copy(node) : NULL;
    if (!packed || (node->out_scale && !copy)) {
        free(copy);
        return error_memory(err);
    }
    net->kernels->pack_b(copy ? copy : node->weights->data, node->transposed ? k : n,
                         node->transposed, k, n, packed);
    free(copy);
    node->packed = packed;
    return STATUS_OK;
}

enum status graph_pack(struct net *net, struct error *err)
{
    enum status status = STATUS_OK;
    net->packed = memory_array(net->graph.node_count + 1, sizeof *net->packed);
    if (!net->packed)
        return error_memory(err);
    for (size_t i = 0; i < net->graph.node_count && status == STATUS_OK; i++) {
        struct graph_node *node = &net->graph.nodes[i];
        if (node->dead)
            continue;
        if (node->kind == KIND_CONV)
            status = pack_conv(net, node, err);
        else if (node->kind == KIND_GEMM)
            status = pack_gemm(net, node, err);
    }
    return status;
}
