#include "nn/kernels/kernels.h"

#include "base/isa.h"

#define DECLARE(set) extern const struct kernels kernels_##set;
ISA_SETS(DECLARE)
#define ENTRY(set) &kernels_##set,
static const struct kernels *const tables[ISA_COUNT] = {ISA_SETS(ENTRY)};

const struct kernels *kernels_at(size_t i)
{
    size_t set = isa_at(i);
    return set < ISA_COUNT ? tables[set] : NULL;
}

const struct kernels *kernels_best(void)
{
    return tables[isa_best()];
}
