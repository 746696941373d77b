#include "base/isa.h"

#include <stdlib.h>
#include <string.h>

#define NAME(name) #name,
static const char *const names[ISA_COUNT] = {ISA_SETS(NAME)};

static int runs(const char *name)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "x86_64") != 0 && !__builtin_cpu_supports("pclmul"))
        return 0;
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    (void)name;
    return 1; /* part of the architecture */
}

size_t isa_at(size_t i)
{
    for (size_t set = 0; set < ISA_COUNT; set++)
        if (runs(names[set]) && i-- == 0)
            return set;
    return ISA_COUNT;
}

size_t isa_best(void)
{
    const char *wanted = getenv("IMGUTILS_ISA");
    if (wanted)
        for (size_t i = 0, set; (set = isa_at(i)) < ISA_COUNT; i++)
            if (strcmp(names[set], wanted) == 0)
                return set;
    return isa_at(0);
}

const char *isa_name(size_t set)
{
    return names[set];
}
