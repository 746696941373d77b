/* One side of tests/bench/engine: loads a model, then for each line on standard input runs it once
 * on the same random input and prints the seconds it took.
 *
 * engine MODEL BATCH CHANNELS HEIGHT WIDTH INPUT OUTPUT: INPUT holds the f32 input, N x C x H x W;
 * the first output is written to OUTPUT after the first run. */
#include "base/io.h"
#include "base/progress.h"
#include "nn/net.h"
#include "nn/onnx.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(const struct error *err)
{
    fprintf(stderr, "engine: %s\n", err->text);
    return 1;
}

int main(int argc, char **argv)
{
    struct error err;
    struct model *model;
    struct net *net;
    struct session *session;
    struct tensor input = {ELEMENT_F32, {4, {0}}, NULL}, outputs[16];
    struct net_options options = {0};
    char *bytes, line[16];
    size_t size;
    FILE *out;
    double start = progress_now();
    if (argc != 8)
        return 2;
    for (int i = 0; i < 4; i++)
        input.shape.dim[i] = atoi(argv[2 + i]);
    options.batch = (int)input.shape.dim[0];
    if (io_slurp(argv[6], (size_t)1 << 32, &bytes, &size, &err) != STATUS_OK ||
        onnx_load(argv[1], &model, &err) != STATUS_OK ||
        net_new(model, &options, &net, &err) != STATUS_OK ||
        session_new(net, &session, &err) != STATUS_OK || net_output_count(net) > 16)
        return fail(&err);
    input.data = bytes;
    if (session_run(session, &input, 1, outputs, &err) != STATUS_OK)
        return fail(&err);
    printf("%.6f\n", progress_now() - start);
    fflush(stdout);
    out = fopen(argv[7], "wb");
    if (!out ||
        fwrite(outputs[0].data, sizeof(float), (size_t)shape_count(&outputs[0].shape), out) == 0 ||
        fclose(out) != 0)
        return 4;
    while (fgets(line, sizeof line, stdin)) {
        start = progress_now();
        if (session_run(session, &input, 1, outputs, &err) != STATUS_OK)
            return fail(&err);
        printf("%.6f\n", progress_now() - start);
        fflush(stdout);
    }
    session_free(session);
    net_free(net);
    model_free(model);
    free(bytes);
    return 0;
}
