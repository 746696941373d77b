#include "stats/confusion.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { CONFUSION_FIRST = 64 };

/* The slot that holds the pair, or the free one where it belongs. */
static size_t find_slot(const struct confusion *confusion, size_t label, size_t predicted)
{
    size_t mask = confusion->slot_count - 1;
    size_t slot = (size_t)random_mix((uint64_t)label << 32 ^ predicted) & mask;
    for (; confusion->slots[slot]; slot = (slot + 1) & mask) {
        const struct confusion_cell *cell = &confusion->cells[confusion->slots[slot] - 1];
        if (cell->label == label && cell->predicted == predicted)
            break;
    }
    return slot;
}

/* Twice the room: cells for half of the slots. */
static enum status grow(struct confusion *confusion, struct error *err)
{
    size_t room = confusion->room ? 2 * confusion->room : CONFUSION_FIRST;
    struct confusion_cell *cells = memory_array(room, sizeof *cells);
    uint32_t *slots = memory_array(2 * room, sizeof *slots);
    if (!cells || !slots) {
        free(cells);
        free(slots);
        return error_memory(err);
    }
    if (confusion->size)
        memcpy(cells, confusion->cells, confusion->size * sizeof *cells);
    free(confusion->cells);
    free(confusion->slots);
    confusion->cells = cells;
    confusion->slots = slots;
    confusion->room = room;
    confusion->slot_count = 2 * room;
    for (size_t i = 0; i < confusion->size; i++)
        slots[find_slot(confusion, cells[i].label, cells[i].predicted)] = (uint32_t)i + 1;
    return STATUS_OK;
}

enum status confusion_add(struct confusion *confusion, size_t label, size_t predicted,
                          struct error *err)
{
    size_t slot;
    if (confusion->size == confusion->room) {
        enum status status = grow(confusion, err);
        if (status != STATUS_OK)
            return status;
    }
    slot = find_slot(confusion, label, predicted);
    if (!confusion->slots[slot]) {
        confusion->cells[confusion->size] =
            (struct confusion_cell){(uint32_t)label, (uint32_t)predicted, 0};
        confusion->slots[slot] = (uint32_t)++confusion->size;
    }
    confusion->cells[confusion->slots[slot] - 1].count++;
    return STATUS_OK;
}

uint64_t confusion_count(const struct confusion *confusion, size_t label, size_t predicted)
{
    uint32_t found =
        confusion->slot_count ? confusion->slots[find_slot(confusion, label, predicted)] : 0;
    return found ? confusion->cells[found - 1].count : 0;
}

/* A cell with the places of its two classes: qsort has no context of its own. */
struct mistake {
    struct confusion_cell cell;
    size_t label, predicted;
};

static int compare_mistakes(const void *left, const void *right)
{
    const struct mistake *a = left, *b = right;
    if (a->cell.count != b->cell.count)
        return a->cell.count > b->cell.count ? -1 : 1;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return a->predicted < b->predicted ? -1 : a->predicted > b->predicted;
}

struct confusion_cell *confusion_mistakes(const struct confusion *confusion, const size_t *rank,
                                          size_t *count)
{
    struct mistake *mistakes = memory_array(confusion->size, sizeof *mistakes);
    struct confusion_cell *cells = memory_array(confusion->size, sizeof *cells);
    size_t found = 0;
    if (!mistakes || !cells) {
        free(mistakes);
        free(cells);
        return NULL;
    }
    for (size_t i = 0; i < confusion->size; i++) {
        struct confusion_cell cell = confusion->cells[i];
        if (cell.label != cell.predicted)
            mistakes[found++] = (struct mistake){cell, rank[cell.label], rank[cell.predicted]};
    }
    qsort(mistakes, found, sizeof *mistakes, compare_mistakes);
    for (size_t i = 0; i < found; i++)
        cells[i] = mistakes[i].cell;
    free(mistakes);
    *count = found;
    return cells;
}

void confusion_free(struct confusion *confusion)
{
    free(confusion->cells);
    free(confusion->slots);
    memset(confusion, 0, sizeof *confusion);
}
