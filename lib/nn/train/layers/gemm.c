/* Gemm, the dense layer: Y (pictures x N) = X (pictures x K) W^T + b, with W kept as N x K (ONNX's
 * transB = 1).
 *
 * The weights of a dense layer are many and used once per picture, so here the lanes meet: each job
 * takes some columns of the result for the whole batch and packs just the weights that these need.
 * Backward a job takes some columns of X: dX = dY W and dW = dY^T X for these columns. So there is
 * one gradient, not one per lane. */
#include "nn/train/train_internal.h"

#include <string.h>

enum { FORWARD_COLUMNS = 32, BACKWARD_COLUMNS = 256 };

struct gemm {
    size_t k, n;
    int transposed; /* the model's weight is N x K already */
};

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    const struct tensor *weight = node->input_count > 1 && node->inputs[1] >= 0
                                      ? model->values[node->inputs[1]].constant
                                      : NULL;
    int transposed = node_int(node, "transB", 0) != 0;
    (void)count;
    if (in->height != 1 || in->width != 1)
        return error_set(err, STATUS_USAGE,
                         "%s takes flat vectors, and this is %dx%dx%d: put Flatten before it",
                         node->op_type, in->channels, in->height, in->width);
    if (!weight || weight->shape.rank != 2)
        return error_set(err, STATUS_FAILED, "the weight is no constant of 2 dimensions");
    if (node_int(node, "transA", 0) != 0 || node_float(node, "alpha", 1) != 1 ||
        node_float(node, "beta", 1) != 1)
        return error_set(err, STATUS_FAILED, "Gemm with transA, alpha or beta cannot be trained");
    if (weight->shape.dim[transposed] != in->channels)
        return error_set(err, STATUS_USAGE, "a weight for %lld numbers does not fit %d",
                         (long long)weight->shape.dim[transposed], in->channels);
    *out = (struct dims){(int)weight->shape.dim[!transposed], 1, 1};
    return STATUS_OK;
}

static void reorder(const void *state, float *onnx, float *own, int back)
{
    const struct gemm *gemm = state;
    for (size_t n = 0; n < gemm->n; n++)
        for (size_t k = 0; k < gemm->k; k++) {
            size_t here = n * gemm->k + k, there = gemm->transposed ? here : k * gemm->n + n;
            if (back)
                onnx[there] = own[here];
            else
                own[here] = onnx[there];
        }
}

static size_t blocks(size_t size, size_t block)
{
    return (size + block - 1) / block;
}

static void plan(struct layer *layer, const struct gemm *gemm)
{
    const struct trainer *trainer = layer->trainer;
    size_t sizes[3] = {trainer->kernels->packed_size(gemm->k, FORWARD_COLUMNS) / sizeof(float),
                       trainer->kernels->packed_size(gemm->n, BACKWARD_COLUMNS) / sizeof(float),
                       trainer->train->gemm_tn_scratch(BACKWARD_COLUMNS)};
    size_t jobs = blocks(gemm->n, FORWARD_COLUMNS);
    if (jobs < blocks(gemm->k, BACKWARD_COLUMNS))
        jobs = blocks(gemm->k, BACKWARD_COLUMNS);
    layer->blocks = (int)jobs;
    for (int i = 0; i < 3; i++)
        if (layer->scratch < sizes[i])
            layer->scratch = sizes[i];
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct gemm *gemm = arena_alloc(layer->trainer->arena, 1, sizeof *gemm);
    if (!gemm)
        return error_memory(err);
    layer->state = gemm;
    gemm->k = layer->in[0]->size;
    gemm->n = layer->out->size;
    gemm->transposed = node_int(layer->node, "transB", 0) != 0;
    plan(layer, gemm);
    return weights_take(layer, model, gemm->k * gemm->n, gemm->n, 1, reorder, err);
}

static void forward(struct layer *layer, int job, int worker)
{
    const struct trainer *trainer = layer->trainer;
    const struct gemm *gemm = layer->state;
    size_t first = (size_t)job * FORWARD_COLUMNS, count;
    float *packed = worker_scratch(trainer, worker);
    struct epilogue epilogue = {0};
    if (first >= gemm->n)
        return;
    count = gemm->n - first < FORWARD_COLUMNS ? gemm->n - first : FORWARD_COLUMNS;
    epilogue.bias = layer->parameter[1] ? layer->parameter[1]->value + first : NULL;
    trainer->kernels->pack_b(layer->parameter[0]->value + first * gemm->k, gemm->k, 1, gemm->k,
                             count, packed);
    trainer->kernels->gemm_packed(trainer->count, count, gemm->k, layer->in[0]->data, gemm->k,
                                  packed, layer->out->data + first, gemm->n, 0, &epilogue);
}

static void backward(struct layer *layer, int job, int worker)
{
    const struct trainer *trainer = layer->trainer;
    const struct gemm *gemm = layer->state;
    struct parameter *weight = layer->parameter[0];
    const float *dy = layer->out->grad;
    size_t first = (size_t)job * BACKWARD_COLUMNS, count;
    float *scratch = worker_scratch(trainer, worker);
    if (job == 0 && layer->parameter[1])
        trainer->train->sums(trainer->count, gemm->n, dy, layer->parameter[1]->grad);
    if (first >= gemm->k)
        return;
    count = gemm->k - first < BACKWARD_COLUMNS ? gemm->k - first : BACKWARD_COLUMNS;
    for (size_t n = 0; n < gemm->n; n++)
        memset(weight->grad + n * gemm->k + first, 0, count * sizeof(float));
    trainer->train->gemm_tn(trainer->count, gemm->n, count, dy, gemm->n, layer->in[0]->data + first,
                            gemm->k, weight->grad + first, gemm->k, scratch);
    if (!layer->in[0]->needs_grad)
        return;
    trainer->kernels->pack_b(weight->value + first, gemm->k, 0, gemm->n, count, scratch);
    trainer->kernels->gemm_packed(trainer->count, count, gemm->n, dy, gemm->n, scratch,
                                  layer->in[0]->grad + first, gemm->k, layer->more[0], NULL);
}

static enum status store(const struct layer *layer, struct model *model, struct error *err)
{
    return weights_store(layer, model, reorder, err);
}

const struct train_op train_gemm = {
    .op_type = "Gemm",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_BLOCK, forward}},
    .backward = {{PER_BLOCK, backward}},
    .store = store,
};

/* Without attributes it is the plain Gemm; a bias added to it is a node of its own (affine.c). */
const struct train_op train_matmul = {
    .op_type = "MatMul",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_BLOCK, forward}},
    .backward = {{PER_BLOCK, backward}},
    .store = store,
};
