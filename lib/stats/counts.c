#include "stats/counts.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTS_SLOTS_FIRST = 64 };

/* The slot that holds the name, or the free one where it belongs. */
static size_t find_slot(const struct counts *counts, const char *name)
{
    size_t mask = counts->slot_count - 1;
    size_t slot = (size_t)hash_bytes(name, strlen(name)) & mask;
    while (counts->slots[slot] && strcmp(counts->names[counts->slots[slot] - 1], name) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static enum status grow_slots(struct counts *counts, struct error *err)
{
    size_t old = counts->slot_count;
    uint32_t *slots = memory_array(old ? 2 * old : COUNTS_SLOTS_FIRST, sizeof *slots);
    if (!slots)
        return error_memory(err);
    free(counts->slots);
    counts->slots = slots;
    counts->slot_count = old ? 2 * old : COUNTS_SLOTS_FIRST;
    for (size_t i = 0; i < counts->size; i++)
        slots[find_slot(counts, counts->names[i])] = (uint32_t)i + 1;
    return STATUS_OK;
}

static enum status grow_names(struct counts *counts, struct error *err)
{
    size_t room = counts->room ? 2 * counts->room : COUNTS_SLOTS_FIRST / 2;
    char **names = memory_array(room, sizeof *names);
    uint64_t *numbers = memory_array(room, sizeof *numbers);
    if (!names || !numbers) {
        free(names);
        free(numbers);
        return error_memory(err);
    }
    if (counts->size) {
        memcpy(names, counts->names, counts->size * sizeof *names);
        memcpy(numbers, counts->counts, counts->size * sizeof *numbers);
    }
    free(counts->names);
    free(counts->counts);
    counts->names = names;
    counts->counts = numbers;
    counts->room = room;
    return STATUS_OK;
}

/* Room for one more name in every table. */
static enum status make_room(struct counts *counts, struct error *err)
{
    enum status status = STATUS_OK;
    if (!counts->arena && !(counts->arena = arena_new()))
        return error_memory(err);
    if (counts->size >= UINT32_MAX - 1)
        return error_set(err, STATUS_SYSTEM, "more than four thousand million different names");
    if (2 * (counts->size + 1) > counts->slot_count)
        status = grow_slots(counts, err);
    if (status == STATUS_OK && counts->size == counts->room)
        status = grow_names(counts, err);
    return status;
}

enum status counts_index(struct counts *counts, const char *name, size_t *index, struct error *err)
{
    enum status status = make_room(counts, err);
    size_t slot;
    if (status != STATUS_OK)
        return status;
    slot = find_slot(counts, name);
    if (!counts->slots[slot] && counts->limit && counts->size >= counts->limit) {
        name = COUNTS_OTHER;
        slot = find_slot(counts, name);
    }
    if (!counts->slots[slot]) {
        char *copy = arena_string(counts->arena, name, strlen(name));
        if (!copy)
            return error_memory(err);
        counts->names[counts->size] = copy;
        counts->counts[counts->size] = 0;
        counts->slots[slot] = (uint32_t)++counts->size;
    }
    *index = counts->slots[slot] - 1;
    return STATUS_OK;
}

enum status counts_add(struct counts *counts, const char *name, uint64_t more, struct error *err)
{
    size_t index = 0;
    enum status status = counts_index(counts, name, &index, err);
    if (status == STATUS_OK)
        counts->counts[index] += more;
    return status;
}

int counts_find(const struct counts *counts, const char *name, size_t *index)
{
    uint32_t found = counts->slot_count ? counts->slots[find_slot(counts, name)] : 0;
    *index = found ? found - 1 : 0;
    return found != 0;
}

uint64_t counts_of(const struct counts *counts, const char *name)
{
    size_t index;
    return counts_find(counts, name, &index) ? counts->counts[index] : 0;
}

uint64_t counts_total(const struct counts *counts)
{
    uint64_t total = 0;
    for (size_t i = 0; i < counts->size; i++)
        total += counts->counts[i];
    return total;
}

/* What is sorted: qsort has no context of its own. */
struct entry {
    const char *name;
    uint64_t key; /* larger comes first */
    size_t index;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    return strcmp(a->name, b->name);
}

static size_t *sorted(const struct counts *counts, int by_count)
{
    struct entry *entries = memory_array(counts->size, sizeof *entries);
    size_t *order = memory_array(counts->size, sizeof *order);
    if (!entries || !order) {
        free(entries);
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < counts->size; i++)
        entries[i] = (struct entry){counts->names[i], by_count ? counts->counts[i] : 0, i};
    qsort(entries, counts->size, sizeof *entries, compare_entries);
    for (size_t i = 0; i < counts->size; i++)
        order[i] = entries[i].index;
    free(entries);
    return order;
}

size_t *counts_by_name(const struct counts *counts)
{
    return sorted(counts, 0);
}

size_t *counts_by_count(const struct counts *counts)
{
    return sorted(counts, 1);
}

void counts_free(struct counts *counts)
{
    arena_free(counts->arena);
    free(counts->names);
    free(counts->counts);
    free(counts->slots);
    memset(counts, 0, sizeof *counts);
}
