#include "nn/train/kernels.h"

#include <string.h>

#if defined(__x86_64__)
extern const struct train_kernels train_kernels_x86_64, train_kernels_avx2, train_kernels_avx512;
#elif defined(__aarch64__)
extern const struct train_kernels train_kernels_neon;
#else
extern const struct train_kernels train_kernels_generic;
#endif

const struct train_kernels *train_kernels_of(const struct kernels *kernels)
{
#if defined(__x86_64__)
    if (strcmp(kernels->isa, "avx512") == 0)
        return &train_kernels_avx512;
    if (strcmp(kernels->isa, "avx2") == 0)
        return &train_kernels_avx2;
    return &train_kernels_x86_64;
#elif defined(__aarch64__)
    (void)kernels;
    return &train_kernels_neon;
#else
    (void)kernels;
    return &train_kernels_generic;
#endif
}
