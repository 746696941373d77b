#include "nn/train/kernels.h"

#include "base/isa.h"

#include <string.h>

#define DECLARE(set) extern const struct train_kernels train_kernels_##set;
ISA_SETS(DECLARE)
#define ENTRY(set) &train_kernels_##set,
static const struct train_kernels *const tables[ISA_COUNT] = {ISA_SETS(ENTRY)};

const struct train_kernels *train_kernels_of(const struct kernels *kernels)
{
    size_t set = 0;
    while (set + 1 < ISA_COUNT && strcmp(isa_name(set), kernels->isa) != 0)
        set++;
    return tables[set];
}
