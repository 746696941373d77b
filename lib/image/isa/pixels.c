/* The inner loops over single pixels. */
#include "image/isa/isa.h"

/* Pillow's weights of red, green and blue (Convert.c), of 2^16; green's does not fit in 16 bits. */
enum { RED = 19595, GREEN = 38470, BLUE = 7471, HALF_GREEN = GREEN / 2 };

/* The sums of the four pixels of RGB in each lane, less their 9 lowest bits: clip4 does the rest.
 */
INLINE sums luma(bytes pixels)
{
    static const uint8_t red_blue[LANE] = {0, NONE, 2, NONE, 3, NONE, 5,  NONE,
                                           6, NONE, 8, NONE, 9, NONE, 11, NONE};
    static const uint8_t green_twice[LANE] = {1, NONE, 1, NONE, 4,  NONE, 4,  NONE,
                                              7, NONE, 7, NONE, 10, NONE, 10, NONE};
    static const int16_t of_red_blue[2] = {RED, BLUE}, of_green[2] = {HALF_GREEN, HALF_GREEN};
    return (multiply_pairs((words)shuffle(pixels, red_blue), splat2(of_red_blue)) +
            multiply_pairs((words)shuffle(pixels, green_twice), splat2(of_green))) >>
           9;
}

void ISA_NAME(pixels_luma)(const unsigned char *from, size_t count, unsigned char *to)
{
    size_t i = 0;
    for (; CAN_SHUFFLE && i + VB <= count; i += VB) {
        sums part[4];
        UNROLL
        for (int v = 0; v < 4; v++) {
            const unsigned char *lanes[LANES];
            for (int l = 0; l < LANES; l++)
                lanes[l] = from + 3 * (i + (size_t)(LANE * l + 4 * v));
            part[v] = luma(load_lanes(lanes));
        }
        store(to + i, clip4(part[0], part[1], part[2], part[3]));
    }
    for (; i < count; i++) {
        const unsigned char *pixel = from + 3 * i;
        to[i] =
            (unsigned char)((pixel[0] * RED + pixel[1] * GREEN + pixel[2] * BLUE + 0x8000) >> 16);
    }
}

/* Plain loops, which the compiler turns into the set's own shuffles. */
void ISA_NAME(pixels_planes)(const unsigned char *restrict from, size_t count,
                             unsigned char *restrict first, unsigned char *restrict second,
                             unsigned char *restrict third)
{
    for (size_t i = 0; i < count; i++) {
        first[i] = from[3 * i];
        second[i] = from[3 * i + 1];
        third[i] = from[3 * i + 2];
    }
}

void ISA_NAME(pixels_reverse)(const unsigned char *restrict from, size_t count,
                              unsigned char *restrict to)
{
    for (size_t i = 0; i < 3 * count; i += 3) {
        to[i] = from[i + 2];
        to[i + 1] = from[i + 1];
        to[i + 2] = from[i];
    }
}
