/* Weights packed when a plan needs them: by several threads at once, for several sizes of picture,
 * from a mapped file whose pages are dropped after packing. If a case fails, an answer depends on
 * who packed what when. */
#include "base/io.h"
#include "nn/net.h"
#include "nn/onnx.h"

#include "tests/nn/build.h"
#include "tests/tap.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 8, CHANNELS = 32, OUTPUTS = 10, SIZES = 2 };
static const int64_t sizes[SIZES] = {6, 37}; /* of pictures: different kernels are the fastest */

/* Eight convolutions and a product. */
static void make_network(void)
{
    struct shape open = {4, {1, CHANNELS, -1, -1}};
    int x;
    new_model();
    x = model_add_input(model, "x", ELEMENT_F32, &open);
    for (int i = 0; i < 8; i++)
        x = one("Relu", conv(x, CHANNELS, CHANNELS, i % 4 == 3 ? 1 : 3, 1, i % 4 != 3, 1, 1));
    x = one("Flatten", one("GlobalAveragePool", x));
    model_add_output(model, two("MatMul", x, constant(2, CHANNELS, OUTPUTS, 0, 0)));
}

static float picture[CHANNELS * 37 * 37];

static enum status answer(struct session *session, int64_t size, float *to)
{
    struct tensor input = {ELEMENT_F32, {4, {1, CHANNELS, size, size}}, picture}, output;
    enum status status = session_run(session, &input, 1, &output, NULL);
    if (status == STATUS_OK)
        memcpy(to, output.data, OUTPUTS * sizeof *to);
    return status;
}

/* One session runs all sizes in turn. */
static enum status answers(const struct net *net, float to[SIZES][OUTPUTS])
{
    struct session *session;
    enum status status = session_new(net, &session, NULL);
    for (int i = 0; i < SIZES && status == STATUS_OK; i++)
        status = answer(session, sizes[i], to[i]);
    session_free(session);
    return status;
}

struct worker {
    const struct net *net;
    float got[SIZES][OUTPUTS];
    enum status status;
};

static void *work(void *context)
{
    struct worker *worker = context;
    worker->status = answers(worker->net, worker->got);
    return NULL;
}

static void test_threads(float expected[SIZES][OUTPUTS])
{
    int wrong = 0;
    for (int round = 0; round < ROUNDS; round++) { /* each packs anew */
        pthread_t threads[THREADS];
        struct worker workers[THREADS];
        struct net *net;
        if (net_new(model, NULL, &net, NULL) != STATUS_OK) {
            wrong++;
            continue;
        }
        for (int i = 0; i < THREADS; i++) {
            workers[i].net = net;
            pthread_create(&threads[i], NULL, work, &workers[i]);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            wrong += workers[i].status != STATUS_OK ||
                     memcmp(workers[i].got, expected, sizeof workers[i].got) != 0;
        }
        net_free(net);
    }
    same_int(wrong, 0, "four threads at once answer as one does");
}

/* Two sessions one after the other: what the first dropped, the second reads again. */
static void test_file(float expected[SIZES][OUTPUTS])
{
    char path[] = "/tmp/imgutils-pack-XXXXXX";
    int fd = mkstemp(path);
    struct model *loaded = NULL;
    struct net *nets[2] = {NULL, NULL};
    float got[2][SIZES][OUTPUTS];
    ok(fd >= 0 && onnx_save(model, fd, path, NULL) == STATUS_OK && close(fd) == 0 &&
           onnx_load(path, &loaded, NULL) == STATUS_OK,
       "a file");
    for (int i = 0; i < 2; i++)
        ok(net_new(loaded, NULL, &nets[i], NULL) == STATUS_OK &&
               answers(nets[i], got[i]) == STATUS_OK &&
               memcmp(got[i], expected, sizeof got[i]) == 0,
           "net %d from a mapped file answers as the model in memory does", i + 1);
    net_free(nets[0]);
    net_free(nets[1]);
    model_free(loaded);
    unlink(path);
}

static int uses_winograd(struct net_options options)
{
    struct net *net = NULL;
    struct net_profile profile = {0};
    int found = 0;
    options.height = options.width = 37;
    if (net_new(model, &options, &net, NULL) != STATUS_OK ||
        net_profile_new(net, 1, &profile, NULL) != STATUS_OK)
        return -1;
    for (size_t i = 0; i < profile.step_count; i++)
        found += strncmp(profile.steps[i].kernel, "winograd", 8) == 0;
    net_profile_free(&profile);
    net_free(net);
    return found > 0;
}

int main(void)
{
    float expected[SIZES][OUTPUTS] = {{0}};
    struct net *net;
    random_seed(&numbers, 3);
    for (size_t i = 0; i < sizeof picture / sizeof *picture; i++)
        picture[i] = (float)random_uniform(&numbers) - 0.5F;
    make_network();
    ok(net_new(model, NULL, &net, NULL) == STATUS_OK && answers(net, expected) == STATUS_OK,
       "one thread");
    net_free(net);
    test_threads(expected);
    test_file(expected);
    same_int(uses_winograd((struct net_options){0}), 1, "3x3 at 37x37 is transformed");
    same_int(uses_winograd((struct net_options){.exact = 1}), 0, "but not with options.exact");
    model_free(model);
    return tap_done();
}
