#include "table/masks_internal.h"

#include "base/isa.h"

typedef int fill(const unsigned char *bytes, size_t blocks, unsigned char delimiter, int quote,
                 const struct masks *masks);

#define DECLARE(set) fill masks_fill_##set;
ISA_SETS(DECLARE)
#define ENTRY(set) masks_fill_##set,
static fill *const kernels[ISA_COUNT] = {ISA_SETS(ENTRY)};

int masks_fill(const unsigned char *bytes, size_t blocks, unsigned char delimiter, int quote,
               const struct masks *masks)
{
    return kernels[isa_best()](bytes, blocks, delimiter, quote, masks);
}

int masks_at(size_t i, const unsigned char *bytes, size_t blocks, unsigned char delimiter,
             int quote, const struct masks *masks)
{
    return kernels[isa_at(i)](bytes, blocks, delimiter, quote, masks);
}
