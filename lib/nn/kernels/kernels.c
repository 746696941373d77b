#include "nn/kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
extern const struct kernels kernels_x86_64, kernels_avx2, kernels_avx512;
#elif defined(__aarch64__)
extern const struct kernels kernels_neon;
#else
extern const struct kernels kernels_generic;
#endif

const struct kernels *kernels_at(size_t i)
{
    const struct kernels *list[4];
    size_t count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        list[count++] = &kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        list[count++] = &kernels_avx2;
    list[count++] = &kernels_x86_64;
#elif defined(__aarch64__)
    list[count++] = &kernels_neon; /* part of the architecture */
#else
    list[count++] = &kernels_generic;
#endif
    return i < count ? list[i] : NULL;
}

const struct kernels *kernels_best(void)
{
    const char *wanted = getenv("IMGUTILS_ISA");
    if (wanted)
        for (size_t i = 0; kernels_at(i); i++)
            if (strcmp(kernels_at(i)->isa, wanted) == 0)
                return kernels_at(i);
    return kernels_at(0);
}
