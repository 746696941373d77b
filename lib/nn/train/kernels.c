#include "nn/train/kernels.h"

#include "nn/kernels/kernels.h"

#include <string.h>

#if defined(__x86_64__)
extern const struct train_kernels train_kernels_x86_64, train_kernels_avx2, train_kernels_avx512;
#elif defined(__aarch64__)
extern const struct train_kernels train_kernels_neon;
#else
extern const struct train_kernels train_kernels_generic;
#endif

/* The choice is kernels_best()'s: the same processor, the same environment. */
const struct train_kernels *train_kernels_best(void)
{
#if defined(__x86_64__)
    const char *isa = kernels_best()->isa;
    if (strcmp(isa, "avx512") == 0)
        return &train_kernels_avx512;
    if (strcmp(isa, "avx2") == 0)
        return &train_kernels_avx2;
    return &train_kernels_x86_64;
#elif defined(__aarch64__)
    return &train_kernels_neon;
#else
    return &train_kernels_generic;
#endif
}
