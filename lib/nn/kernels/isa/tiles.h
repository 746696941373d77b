/* A function for each size of tile that registers hold, so that the compiler knows it: who includes
 * this has defined the type tile_function and TILE(rows, vectors), which makes a function
 * tile_ROWS_VECTORS of it. tile_functions[rows - 1][vectors - 1] finds them. */

#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRY(rows)                                                                                \
    {                                                                                              \
        tile_##rows##_1, tile_##rows##_2                                                           \
    }
TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)
#if defined(__AVX512F__) || defined(__aarch64__)
TILES(7)
TILES(8)
#endif
#if defined(__AVX512F__)
TILES(9)
TILES(10)
TILES(11)
TILES(12)
TILES(13)
TILES(14)
#endif

static tile_function *const tile_functions[MR][NV] = {
    ENTRY(1), ENTRY(2),  ENTRY(3),  ENTRY(4),  ENTRY(5),  ENTRY(6),
#if defined(__AVX512F__) || defined(__aarch64__)
    ENTRY(7), ENTRY(8),
#endif
#if defined(__AVX512F__)
    ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12), ENTRY(13), ENTRY(14),
#endif
};
