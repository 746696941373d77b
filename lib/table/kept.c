/* An entry: mark (1 byte), where all rows of a key are kept the places of the key's next row and of
 * its last one (6 bytes each), the key, the values. A further row of the key: the place of the next
 * one (6), the values. Key and values are a length, 7 bits a byte, and the bytes. A place is a
 * distance from the first block's start; 0 is none. */
#include "table/kept.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20, PLACE = 6, FIRST_SLOTS = 16 };

#define PLACE_MASK ((UINT64_C(1) << (8 * PLACE)) - 1)

struct kept {
    struct kept_options options;
    unsigned char **chunks;
    unsigned char **blocks; /* what was allocated: one chunk, or several for a large row */
    size_t chunk_count, chunk_room, block_count;
    uint64_t used;    /* the place behind the last row */
    uint64_t missing; /* bytes of what was not kept */
    uint64_t *slots;  /* the place, and in the upper 16 bits more of the hash; 0: empty */
    size_t slot_count;
    uint64_t keys;
};

static uint64_t hash_key(struct text key)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = key.size * odd, word;
    const char *at = key.at;
    size_t left = key.size;
    for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    word = 0;
    if (left)
        memcpy(&word, at, left);
    hash = (hash ^ word) * odd;
    hash ^= hash >> 29;
    hash *= UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

static unsigned char *place(const struct kept *kept, uint64_t at)
{
    return kept->chunks[at / CHUNK] + at % CHUNK;
}

static void put_place(unsigned char *to, uint64_t at)
{
    for (int i = 0; i < PLACE; i++)
        to[i] = (unsigned char)(at >> (8 * i));
}

static uint64_t get_place(const unsigned char *from)
{
    uint64_t at = 0;
    for (int i = 0; i < PLACE; i++)
        at |= (uint64_t)from[i] << (8 * i);
    return at;
}

static size_t length_size(size_t size)
{
    size_t count = 1;
    for (; size >= 0x80; size >>= 7)
        count++;
    return count;
}

static unsigned char *put_text(unsigned char *to, struct text text)
{
    size_t size = text.size;
    for (; size >= 0x80; size >>= 7)
        *to++ = (unsigned char)(size | 0x80);
    *to++ = (unsigned char)size;
    if (text.size)
        memcpy(to, text.at, text.size);
    return to + text.size;
}

static const unsigned char *get_text(const unsigned char *from, struct text *text)
{
    size_t size = 0;
    int shift = 0;
    for (; *from >= 0x80; shift += 7)
        size |= (size_t)(*from++ & 0x7f) << shift;
    size |= (size_t)*from++ << shift;
    text->at = (const char *)from;
    text->size = size;
    return from + size;
}

static size_t head_size(const struct kept *kept)
{
    return kept->options.each ? 1 + 2 * PLACE : 1;
}

static uint64_t slots_for(uint64_t keys)
{
    uint64_t slots = FIRST_SLOTS;
    while (slots / 4 * 3 <= keys)
        slots *= 2;
    return slots;
}

enum status kept_new(const struct kept_options *options, struct kept **kept, struct error *err)
{
    struct kept *made = memory_array(1, sizeof *made);
    if (!made)
        return error_memory(err);
    made->options = *options;
    made->used = 1;
    made->slot_count = FIRST_SLOTS;
    made->slots = memory_array(made->slot_count, sizeof *made->slots);
    if (!made->slots) {
        kept_free(made);
        return error_memory(err);
    }
    *kept = made;
    return STATUS_OK;
}

/* The slot of the key, or the empty one where it belongs. */
static size_t find_slot(const struct kept *kept, struct text key, uint64_t hash)
{
    size_t mask = kept->slot_count - 1, at = (size_t)hash & mask;
    for (;; at = (at + 1) & mask) {
        uint64_t slot = kept->slots[at];
        struct text there;
        if (!slot)
            return at;
        if ((slot ^ hash) & ~PLACE_MASK)
            continue;
        get_text(place(kept, slot & PLACE_MASK) + head_size(kept), &there);
        if (there.size == key.size && memcmp(there.at, key.at, key.size) == 0)
            return at;
    }
}

static enum status grow(struct kept *kept, struct error *err)
{
    size_t count = 2 * kept->slot_count, mask = count - 1;
    uint64_t *slots = memory_array(count, sizeof *slots);
    if (!slots)
        return error_memory(err);
    for (size_t i = 0; i < kept->slot_count; i++) {
        struct text key;
        size_t at;
        if (!kept->slots[i])
            continue;
        get_text(place(kept, kept->slots[i] & PLACE_MASK) + head_size(kept), &key);
        for (at = (size_t)hash_key(key) & mask; slots[at]; at = (at + 1) & mask)
            ;
        slots[at] = kept->slots[i];
    }
    free(kept->slots);
    kept->slots = slots;
    kept->slot_count = count;
    return STATUS_OK;
}

/* One more block, of several times CHUNK for a large row. */
static enum status add_chunks(struct kept *kept, size_t count, struct error *err)
{
    unsigned char *block = malloc(count * CHUNK);
    if (!block)
        return error_memory(err);
    if (kept->chunk_count + count > kept->chunk_room) {
        size_t room = 2 * kept->chunk_room + count;
        unsigned char **chunks = realloc(kept->chunks, room * sizeof *chunks), **blocks;
        kept->chunks = chunks ? chunks : kept->chunks;
        blocks = chunks ? realloc(kept->blocks, room * sizeof *blocks) : NULL;
        kept->blocks = blocks ? blocks : kept->blocks;
        if (!blocks) {
            free(block);
            return error_memory(err);
        }
        kept->chunk_room = room;
    }
    kept->blocks[kept->block_count++] = block;
    for (size_t i = 0; i < count; i++)
        kept->chunks[kept->chunk_count++] = block + i * CHUNK;
    return STATUS_OK;
}

/* Room for so many bytes in one piece; *at is its place. */
static enum status reserve(struct kept *kept, size_t size, uint64_t *at, struct error *err)
{
    uint64_t end = (uint64_t)kept->chunk_count * CHUNK;
    *at = kept->used;
    if (kept->used % CHUNK + size > CHUNK || kept->used >= end) {
        *at = kept->used = end ? end : 1;
        TRY(add_chunks(kept, (size_t)((*at % CHUNK + size + CHUNK - 1) / CHUNK), err));
    }
    kept->used += size;
    return STATUS_OK;
}

static unsigned char *put_values(const struct kept *kept, unsigned char *to,
                                 const struct text *values)
{
    for (size_t i = 0; i < kept->options.values; i++)
        to = put_text(to, values[i]);
    return to;
}

/* A further row of a key. */
static enum status add_row(struct kept *kept, unsigned char *key, const struct text *values,
                           size_t size, struct error *err)
{
    uint64_t at, last = get_place(key + 1 + PLACE);
    unsigned char *row;
    TRY(reserve(kept, PLACE + size, &at, err));
    row = place(kept, at);
    put_place(row, 0);
    put_values(kept, row + PLACE, values);
    put_place(last ? place(kept, last) : key + 1, at);
    put_place(key + 1 + PLACE, at);
    return STATUS_OK;
}

enum status kept_add(struct kept *kept, struct text key, const struct text *values, int *fresh,
                     struct error *err)
{
    uint64_t hash = hash_key(key), at;
    size_t slot = find_slot(kept, key, hash), size = 0, head = head_size(kept);
    int known = kept->slots[slot] != 0;
    unsigned char *entry;
    if (fresh)
        *fresh = !known;
    if (known && !kept->options.each)
        return STATUS_OK;
    for (size_t i = 0; i < kept->options.values; i++)
        size += length_size(values[i].size) + values[i].size;
    if (!known)
        size += length_size(key.size) + key.size;
    if (kept->options.limit && kept_needs(kept) + size + head > kept->options.limit) {
        kept->missing += size + (known ? PLACE : head);
        kept->keys += !known;
        return STATUS_OK;
    }
    if (known)
        return add_row(kept, place(kept, kept->slots[slot] & PLACE_MASK), values, size, err);
    TRY(reserve(kept, head + size, &at, err));
    entry = place(kept, at);
    memset(entry, 0, head);
    put_values(kept, put_text(entry + head, key), values);
    kept->slots[slot] = at | (hash & ~PLACE_MASK);
    return ++kept->keys < kept->slot_count / 4 * 3 ? STATUS_OK : grow(kept, err);
}

uint64_t kept_keys(const struct kept *kept)
{
    return kept->keys;
}

uint64_t kept_needs(const struct kept *kept)
{
    return kept->used + kept->missing + sizeof *kept->slots * slots_for(kept->keys);
}

int kept_find(const struct kept *kept, struct text key, struct match *match)
{
    uint64_t slot = kept->slots[find_slot(kept, key, hash_key(key))];
    if (!slot)
        return 0;
    match->kept = kept;
    match->key = match->row = place(kept, slot & PLACE_MASK);
    return 1;
}

int kept_more(struct match *match)
{
    uint64_t next;
    if (!match->kept->options.each)
        return 0;
    next = get_place(match->row == match->key ? match->key + 1 : match->row);
    if (next)
        match->row = place(match->kept, next);
    return next != 0;
}

void kept_values(const struct match *match, struct text *values)
{
    const unsigned char *at = match->row + PLACE;
    struct text key;
    if (match->row == match->key)
        at = get_text(match->key + head_size(match->kept), &key);
    for (size_t i = 0; i < match->kept->options.values; i++)
        at = get_text(at, &values[i]);
}

void kept_mark(const struct match *match)
{
    __atomic_store_n(match->key, 1, __ATOMIC_RELAXED);
}

int kept_next(const struct kept *kept, size_t *at, struct text *key, int *marked)
{
    for (; *at < kept->slot_count; ++*at)
        if (kept->slots[*at]) {
            const unsigned char *entry = place(kept, kept->slots[(*at)++] & PLACE_MASK);
            get_text(entry + head_size(kept), key);
            *marked = *entry;
            return 1;
        }
    return 0;
}

void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    for (size_t i = 0; i < kept->block_count; i++)
        free(kept->blocks[i]);
    free(kept->blocks);
    free(kept->chunks);
    free(kept->slots);
    free(kept);
}
