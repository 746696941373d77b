/* The set of names seen: 64-bit hashes in an open table.
 *
 * The first table is large and touched at once, so that 1,000 and 100,000 pictures take the same
 * memory. Two different names with one hash (chance 3e-8 for a million names) only mean a "#2" that
 * need not be.
 */
#include "source_internal.h"

#include "base/hash.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_FIRST = 1 << 18 }; /* slots: 2 MiB */

struct names {
    uint64_t *slot;
    size_t slots, used;
};

static const uint64_t EMPTY = UINT64_MAX;

static uint64_t *new_slots(size_t count)
{
    uint64_t *slot = count > SIZE_MAX / sizeof *slot ? NULL : malloc(count * sizeof *slot);
    if (slot)
        memset(slot, 0xff, count * sizeof *slot);
    return slot;
}

struct names *names_new(void)
{
    struct names *names = memory_array(1, sizeof *names);
    if (!names)
        return NULL;
    names->slots = NAMES_FIRST;
    names->slot = new_slots(names->slots);
    if (!names->slot) {
        free(names);
        return NULL;
    }
    return names;
}

/* Mixed: what is kept of a name is its hash alone. */
static uint64_t hash(const char *name)
{
    uint64_t value = random_mix(hash_bytes(name, strlen(name)));
    return value == EMPTY ? 0 : value;
}

static size_t find(const uint64_t *slot, size_t slots, uint64_t value)
{
    size_t at = value & (slots - 1);
    while (slot[at] != EMPTY && slot[at] != value)
        at = (at + 1) & (slots - 1);
    return at;
}

static enum status grow(struct names *names, struct error *err)
{
    size_t slots = 2 * names->slots;
    uint64_t *slot = new_slots(slots);
    if (!slot)
        return error_memory(err);
    for (size_t i = 0; i < names->slots; i++)
        if (names->slot[i] != EMPTY)
            slot[find(slot, slots, names->slot[i])] = names->slot[i];
    free(names->slot);
    names->slot = slot;
    names->slots = slots;
    return STATUS_OK;
}

enum status names_add(struct names *names, const char *name, int *fresh, struct error *err)
{
    uint64_t value = hash(name);
    size_t at = find(names->slot, names->slots, value);
    *fresh = names->slot[at] == EMPTY;
    if (!*fresh)
        return STATUS_OK;
    names->slot[at] = value;
    return ++names->used > names->slots / 4 * 3 ? grow(names, err) : STATUS_OK;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    free(names->slot);
    free(names);
}
