#include "image/kernels.h"

#include "base/isa.h"

#define DECLARE(set) extern const struct image_kernels image_kernels_##set;
ISA_SETS(DECLARE)
#define ENTRY(set) &image_kernels_##set,
static const struct image_kernels *const tables[ISA_COUNT] = {ISA_SETS(ENTRY)};

const struct image_kernels *image_kernels_at(size_t i)
{
    size_t set = isa_at(i);
    return set < ISA_COUNT ? tables[set] : NULL;
}

const struct image_kernels *image_kernels_best(void)
{
    return tables[isa_best()];
}
