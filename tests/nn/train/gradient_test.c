/* Every operator's gradients against finite differences of the loss, weight by weight; and that
 * neither the number of threads nor the run changes a bit of what is learned. A wrong gradient
 * still lets many networks learn something, so nothing else would tell. */
#include "nn/netfile/netfile.h"
#include "tests/nn/train/gradient.h"

static struct trainer *make(const char *text, const struct dims *input, struct pool *pool,
                            int batch, struct model **model)
{
    struct netfile_options options = {.input = *input, .classes = CLASSES, .seed = 5};
    struct trainer_options training = {
        .batch = batch, .seed = 3, .optimiser = {.momentum = 0.9f, .weight_decay = 1e-3f}};
    struct trainer *trainer = NULL;
    struct error err = {0};
    if (netfile_parse(text, strlen(text), "net", &options, model, &err) != STATUS_OK ||
        trainer_new(*model, pool, &training, &trainer, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    return trainer;
}

static void gradients(const char *what, const char *text, struct dims input)
{
    struct pool *pool;
    struct error err;
    struct model *model = NULL;
    struct trainer *trainer;
    struct pictures pictures = {(size_t)(input.channels * input.height * input.width), 11};
    struct batch_source source = {load, &pictures};
    pool_new(2, &pool, &err);
    trainer = make(text, &input, pool, BATCH, &model);
    if (ok(trainer != NULL, "%s: the network is built", what))
        check_gradients(trainer, &source, what);
    trainer_free(trainer);
    model_free(model);
    pool_free(pool);
}

/* A convolution first, so that each operator's gradient by its input is seen in the convolution's
 * weights. */
static const struct {
    const char *what, *text;
} networks[] = {
    {"Gemm", "Flatten\nGemm units=7\nGemm units=3"},
    {"Gemm without bias", "Flatten\nGemm units=600 bias=0\nGemm units=40\nGemm units=3 bias=0"},
    {"Conv 3x3", "Conv channels=5 kernel_shape=3\nConv channels=4 kernel_shape=3 "
                 "pads=1\nFlatten\nGemm units=3"},
    {"Conv stride 2", "Conv channels=4 kernel_shape=3 strides=2 pads=same\nConv channels=6 "
                      "kernel_shape=2,3 strides=1,2 pads=1,0,0,2\nFlatten\nGemm units=3"},
    {"Conv stride 2 of small windows",
     "Conv channels=4 kernel_shape=1 strides=2 pads=1\nConv channels=5 kernel_shape=2 strides=2 "
     "pads=1\nConv channels=5 kernel_shape=1x3 strides=3,2 pads=1,2,2,1\nFlatten\nGemm units=3"},
    {"Conv stride 2, padded all over",
     "Conv channels=4 kernel_shape=1 pads=1\nConv channels=5 kernel_shape=3 strides=2 "
     "pads=2\nConv channels=4 kernel_shape=3 pads=2\nFlatten\nGemm units=3"},
    {"Conv dilated",
     "Conv channels=4 kernel_shape=3 pads=2 dilations=2\nConv channels=5 kernel_shape=3,2 "
     "dilations=1,3 strides=2,1 pads=1,2\nConv channels=4 kernel_shape=2 dilations=3,2 strides=2 "
     "pads=3,1\nFlatten\nGemm units=3"},
    {"Conv dilated, in groups",
     "Conv channels=6 kernel_shape=1\nConv channels=6 kernel_shape=3 pads=2 dilations=2 "
     "group=$C\nConv channels=6 kernel_shape=3 pads=2 dilations=2 strides=2 group=2\nFlatten\n"
     "Gemm units=3"},
    {"Conv of many channels",
     "Conv channels=33 kernel_shape=3 pads=1\nConv channels=40 kernel_shape=3 pads=1\nConv "
     "channels=18 kernel_shape=3\nFlatten\nGemm units=3"},
    {"Conv 1x1", "Conv channels=5 kernel_shape=1\nConv channels=17 kernel_shape=1 bias=0\nConv "
                 "channels=6 kernel_shape=1 strides=2\nFlatten\nGemm units=3"},
    {"Conv 1x7, 7x1", "Conv channels=4 kernel_shape=1x7 pads=0,3\nConv channels=4 kernel_shape=7x1 "
                      "pads=same\nFlatten\nGemm units=3"},
    {"Conv in groups", "Conv channels=6 kernel_shape=3\nConv channels=9 kernel_shape=3 pads=1 "
                       "strides=2 group=3\nFlatten\nGemm units=3"},
    {"Conv depthwise",
     "Conv channels=6 kernel_shape=3\nConv channels=6 kernel_shape=3 pads=1 group=$C\nConv "
     "channels=6 kernel_shape=5 pads=same strides=2 group=$C bias=0\nFlatten\nGemm units=3"},
    {"Relu", "Conv channels=6 kernel_shape=3\nRelu\nFlatten\nGemm units=9\nRelu\nGemm units=3"},
    {"Clip", "Conv channels=6 kernel_shape=3\nClip min=-1 max=0.7\nFlatten\nGemm units=3"},
    {"Relu of a branch",
     "a: Conv channels=6 kernel_shape=3\nb: Relu\nAdd < a b\nFlatten\nGemm units=3"},
    {"BatchNormalization",
     "Conv channels=6 kernel_shape=3 bias=0\nBatchNormalization\nConv "
     "channels=70 bias=0 kernel_shape=3 pads=1\nBatchNormalization\nFlatten\nGemm units=3"},
    {"BatchNormalization of a vector", "Flatten\nGemm units=8\nBatchNormalization\nGemm units=3"},
    {"MaxPool",
     "Conv channels=6 kernel_shape=3\nMaxPool kernel_shape=2 strides=2\nFlatten\nGemm units=3"},
    {"MaxPool overlapping",
     "Conv channels=6 kernel_shape=3\nMaxPool kernel_shape=3 strides=2 pads=1\nMaxPool "
     "kernel_shape=2 ceil_mode=1 strides=2\nFlatten\nGemm units=3"},
    {"MaxPool of dilated windows", "Conv channels=6 kernel_shape=3 pads=1\nMaxPool kernel_shape=2 "
                                   "dilations=2,3 pads=1\nFlatten\nGemm units=3"},
    {"AveragePool",
     "Conv channels=6 kernel_shape=3\nAveragePool kernel_shape=3 pads=1\nAveragePool "
     "kernel_shape=3 pads=1 strides=2 count_include_pad=1\nFlatten\nGemm units=3"},
    {"GlobalAveragePool",
     "Conv channels=6 kernel_shape=3\nGlobalAveragePool\nFlatten\nGemm units=3"},
    {"Add", "a: Conv channels=4 kernel_shape=3 pads=1\nb: Conv channels=4 kernel_shape=3 "
            "pads=1\nAdd < a b\nRelu\nAdd < . a\nAdd < . .\nFlatten\nGemm units=3"},
    {"Concat", "a: Conv channels=4 kernel_shape=3 pads=1\nb: Conv channels=3 kernel_shape=3 "
               "pads=1\nMaxPool kernel_shape=3 pads=1 < a\nConcat < a b .\nIdentity\nConv "
               "channels=5 kernel_shape=1\nFlatten\nGemm units=3"},
    {"a block of Inception v3",
     "s: Conv channels=5 kernel_shape=3\na: Conv channels=3 kernel_shape=1x3 pads=0,1 < s\nb: Conv "
     "channels=3 kernel_shape=3x1 pads=1,0 < s\nAveragePool kernel_shape=3 pads=1 "
     "count_include_pad=1 < s\nc: Conv channels=2 kernel_shape=1\nConcat < a b c\nMaxPool "
     "kernel_shape=3 strides=2 ceil_mode=1\nFlatten\nGemm units=3"},
    {"a block of MobileNet v2",
     "s: Conv channels=4 kernel_shape=3\nConv channels=24 kernel_shape=1 bias=0\n"
     "BatchNormalization\nRelu6\nConv channels=24 kernel_shape=3 pads=1 group=24 bias=0\n"
     "BatchNormalization\nRelu6\nConv channels=4 kernel_shape=1 bias=0\nBatchNormalization "
     "scale=0.5\nAdd < . s\nGlobalAveragePool\nFlatten\nGemm units=3"},
    {"BatchNormalization, Add and Relu",
     "s: Conv channels=6 bias=0 kernel_shape=3\nBatchNormalization\na: Relu\nConv channels=6 "
     "bias=0 kernel_shape=3 pads=1\nBatchNormalization\nAdd < . a\nb: Relu\nConv channels=6 bias=0 "
     "kernel_shape=3 pads=1\nc: BatchNormalization\nConv channels=6 bias=0 kernel_shape=1 < "
     "b\nBatchNormalization\nAdd < c .\nClip min=-0.5 max=0.8\nFlatten\nGemm units=3"},
    {"residuals that others read too",
     "s: Conv channels=6 bias=0 kernel_shape=3\nBatchNormalization\na: Add < . s\nConv channels=6 "
     "bias=0 kernel_shape=1 < s\nn: BatchNormalization\nb: Add < n a\nc: BatchNormalization < "
     "b\nd: Relu < c\ne: Add < c b\nConv channels=6 bias=0 kernel_shape=1 < "
     "a\nBatchNormalization\nAdd < . a\nRelu6\nConcat < . d e\nFlatten\nGemm units=3"},
    {"branches on every operator",
     "a: Conv channels=4 kernel_shape=1\nb: Conv channels=4 kernel_shape=3 pads=1 < a\nc: Conv "
     "channels=4 kernel_shape=3 pads=1 group=4 < a\nd: BatchNormalization < a\ne: AveragePool "
     "kernel_shape=3 pads=1 < a\nf: MaxPool kernel_shape=3 pads=1 < a\ng: Dropout < a\nh: Identity "
     "< a\ni: Conv channels=4 kernel_shape=1 < a\nConcat < a b c d e f g h i\nFlatten\nGemm "
     "units=3"},
    {"Dropout", "Conv channels=6 kernel_shape=3\nDropout ratio=0.4\nFlatten\nGemm units=3"},
};

/* The weights after some steps, in the order of the model's constants. */
static uint64_t learn(const char *text, struct dims input, int threads, float smoothing,
                      double *last)
{
    struct pool *pool;
    struct error err;
    struct model *model = NULL;
    struct trainer *trainer;
    struct batch_result result;
    struct pictures pictures = {(size_t)(input.channels * input.height * input.width), 11};
    struct batch_source source = {load, &pictures};
    uint64_t hash = 0;
    pool_new(threads, &pool, &err);
    trainer = make(text, &input, pool, 40, &model);
    trainer->options.label_smoothing = smoothing;
    for (size_t step = 0; step < 12; step++)
        trainer_step(trainer, &source, step % 2 * 40, step % 3 == 2 ? 37 : 40, 0.05f, &result,
                     &err);
    trainer_store(trainer, model, &err);
    for (size_t i = 0; i < model->value_count; i++) {
        const struct tensor *constant = model->values[i].constant;
        for (int64_t k = 0; constant && k < shape_count(&constant->shape); k++) {
            uint32_t bits;
            memcpy(&bits, (const float *)constant->data + k, sizeof bits);
            hash = random_mix(hash + bits);
        }
    }
    *last = result.loss / (double)result.count;
    trainer_free(trainer);
    model_free(model);
    pool_free(pool);
    return hash;
}

int main(void)
{
    const char *text = networks[sizeof networks / sizeof *networks - 2].text;
    struct dims input = {3, 8, 9};
    double first, second;
    uint64_t one;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        gradients(networks[i].what, networks[i].text, (struct dims){3, 7, 8});
    one = learn(text, input, 1, 0, &first);
    ok(one == learn(text, input, 2, 0, &second),
       "2 threads learn the same weights as 1, bit for bit");
    ok(one == learn(text, input, 5, 0, &second), "and so do 5");
    ok(first < 0.5, "the loss falls: %g", first);
    learn("Flatten\nGemm units=3", input, 2, 0, &first);
    learn("Flatten\nGemm units=3", input, 2, 0.2f, &second);
    ok(second > first && second < 1.1, "with label smoothing it falls less: %g, %g", first, second);
    return tap_done();
}
