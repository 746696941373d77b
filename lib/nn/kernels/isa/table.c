/* The table of one instruction set. */
#include "nn/kernels/isa/isa.h"

static const struct convolution *const convolutions[] = {
    &ISA_NAME(conv_depthwise_tile),
    &ISA_NAME(conv_depthwise),
    &ISA_NAME(conv_grouped),
    &ISA_NAME(conv_winograd4),
    &ISA_NAME(conv_winograd2),
    &ISA_NAME(conv_gemm),
    NULL,
};

extern const struct kernels ISA_NAME(kernels);
const struct kernels ISA_NAME(kernels) = {
    .isa = ISA_TEXT,
    .packed_size = ISA_NAME(packed_size),
    .pack_b = ISA_NAME(pack_b),
    .gemm_packed = ISA_NAME(gemm_packed),
    .convolutions = convolutions,
    .max_pool = ISA_NAME(max_pool),
    .average_pool = ISA_NAME(average_pool),
    .global_average = ISA_NAME(global_average),
    .global_max = ISA_NAME(global_max),
    .binary = ISA_NAME(binary),
    .scale_shift = ISA_NAME(scale_shift),
    .activate = ISA_NAME(activate_all),
    .softmax = ISA_NAME(softmax),
    .normalize = ISA_NAME(normalize),
    .reduce = ISA_NAME(reduce),
    .lrn = ISA_NAME(lrn),
    .shuffle = ISA_NAME(shuffle),
    .to_nhwc = ISA_NAME(to_nhwc),
    .to_nchw = ISA_NAME(to_nchw),
};
