/* The table of one instruction set. */
#include "image/isa/isa.h"

extern const struct image_kernels ISA_NAME(image_kernels);
const struct image_kernels ISA_NAME(image_kernels) = {
    .isa = ISA_TEXT,
    .rows = ISA_NAME(resize_rows),
    .columns = ISA_NAME(resize_columns),
    .luma = ISA_NAME(pixels_luma),
    .planes = ISA_NAME(pixels_planes),
    .reverse = ISA_NAME(pixels_reverse),
    .linear_row = ISA_NAME(linear_row),
    .linear_mix = ISA_NAME(linear_mix),
};
