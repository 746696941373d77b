/* Cost for 64 bytes: AVX-512 10 instructions, AVX2 about 30, SSE2 about 60, plain C about 250. */
#include "base/isa.h"
#include "table/masks_internal.h"

int ISA_NAME(masks_fill)(const unsigned char *bytes, size_t blocks, unsigned char delimiter,
                         int quote, const struct masks *masks);

#if defined(__SSE2__)
#include <immintrin.h>

/* 64 bytes, and the bits of those that equal a byte, or are less than a blank. */
#if defined(__AVX512BW__)
typedef __m512i block;

INLINE block load(const unsigned char *bytes)
{
    return _mm512_loadu_si512(bytes);
}

INLINE uint64_t equal(block bytes, char to)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(to));
}

INLINE uint64_t control(block bytes)
{
    return _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(' '));
}
#elif defined(__AVX2__)
typedef struct {
    __m256i part[2];
} block;

INLINE block load(const unsigned char *bytes)
{
    const __m256i *from = (const __m256i *)(const void *)bytes;
    return (block){{_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)}};
}

INLINE uint64_t equal(block bytes, char to)
{
    const __m256i all = _mm256_set1_epi8(to);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.part[0], all));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.part[1], all));
    return low | (uint64_t)high << 32;
}

INLINE uint64_t control(block bytes)
{
    const __m256i last = _mm256_set1_epi8(' ' - 1);
    for (int i = 0; i < 2; i++)
        bytes.part[i] = _mm256_max_epu8(bytes.part[i], last);
    return equal(bytes, ' ' - 1);
}
#else
typedef struct {
    __m128i part[4];
} block;

INLINE block load(const unsigned char *bytes)
{
    const __m128i *from = (const __m128i *)(const void *)bytes;
    return (block){{_mm_loadu_si128(from), _mm_loadu_si128(from + 1), _mm_loadu_si128(from + 2),
                    _mm_loadu_si128(from + 3)}};
}

INLINE uint64_t equal(block bytes, char to)
{
    const __m128i all = _mm_set1_epi8(to);
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++)
        bits |= (uint64_t)(uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes.part[i], all))
                << (16 * i);
    return bits;
}

INLINE uint64_t control(block bytes)
{
    const __m128i last = _mm_set1_epi8(' ' - 1);
    for (int i = 0; i < 4; i++)
        bytes.part[i] = _mm_max_epu8(bytes.part[i], last);
    return equal(bytes, ' ' - 1);
}
#endif

int ISA_NAME(masks_fill)(const unsigned char *bytes, size_t blocks, unsigned char delimiter,
                         int quote, const struct masks *masks)
{
    uint64_t odd = 0, quoting = quote < 0 ? 0 : ~UINT64_C(0);
    for (size_t b = 0; b < blocks; b++, bytes += MASKS_BLOCK) {
        block all = load(bytes);
        uint64_t delimiters = equal(all, (char)delimiter), newlines = equal(all, '\n');
        masks->delimiters[b] = delimiters;
        masks->newlines[b] = newlines;
        masks->quotes[b] = equal(all, (char)quote) & quoting;
        odd |= (control(all) & ~delimiters & ~newlines) | equal(all, '\\');
    }
    return odd != 0;
}
#else
#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* The high bit of each byte of the word that equals `to`. Exact for every byte (no carry leaves
 * one). */
static uint64_t equal_bytes(uint64_t word, unsigned char to)
{
    uint64_t x = word ^ ONES * to;
    return ~(((x & ~HIGHS) + ~HIGHS) | x) & HIGHS;
}

static uint64_t control_bytes(uint64_t word)
{
    return ~((((word & ~HIGHS) + ONES * (0x80 - 0x20)) | word)) & HIGHS;
}

/* The high bits of eight bytes, in eight bits. */
static uint64_t gather(uint64_t highs)
{
    return ((highs >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

/* Eight bytes, the first the least significant one, on every machine. */
static uint64_t load(const unsigned char *bytes)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

int ISA_NAME(masks_fill)(const unsigned char *bytes, size_t blocks, unsigned char delimiter,
                         int quote, const struct masks *masks)
{
    uint64_t odd = 0;
    for (size_t b = 0; b < blocks; b++) {
        uint64_t delimiters = 0, newlines = 0, quotes = 0;
        for (int i = 0; i < MASKS_BLOCK; i += 8, bytes += 8) {
            uint64_t word = load(bytes);
            uint64_t delimiter_bytes = equal_bytes(word, delimiter);
            uint64_t newline_bytes = equal_bytes(word, '\n');
            delimiters |= gather(delimiter_bytes) << i;
            newlines |= gather(newline_bytes) << i;
            quotes |= quote < 0 ? 0 : gather(equal_bytes(word, (unsigned char)quote)) << i;
            odd |=
                (control_bytes(word) & ~delimiter_bytes & ~newline_bytes) | equal_bytes(word, '\\');
        }
        masks->delimiters[b] = delimiters;
        masks->newlines[b] = newlines;
        masks->quotes[b] = quotes;
    }
    return odd != 0;
}
#endif
