#include "stats/gallery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Puts the text behind those that are there; NULL stays NULL. */
static const char *put_text(char **at, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    char *copy = *at;
    if (!text)
        return NULL;
    memcpy(copy, text, size);
    *at += size;
    return copy;
}

/* The item with texts of its own. */
static enum status copy_item(const struct gallery_item *from, struct gallery_item *to,
                             struct error *err)
{
    size_t size = strlen(from->key) + strlen(from->label) + 2;
    char *at;
    for (int i = 0; i < GALLERY_MODELS; i++)
        size += from->classes[i] ? strlen(from->classes[i]) + 1 : 0;
    *to = *from;
    to->text = at = memory_array(size, 1);
    if (!at)
        return error_memory(err);
    to->key = put_text(&at, from->key);
    to->label = put_text(&at, from->label);
    for (int i = 0; i < GALLERY_MODELS; i++)
        to->classes[i] = put_text(&at, from->classes[i]);
    return STATUS_OK;
}

static int is_kept(const struct gallery *gallery, enum gallery_list list, const char *key)
{
    for (size_t i = 0; i < gallery->kept[list]; i++)
        if (strcmp(gallery->best[list][i].key, key) == 0)
            return 1;
    return 0;
}

enum status gallery_offer(struct gallery *gallery, enum gallery_list list,
                          const struct gallery_item *item, double score, struct error *err)
{
    struct gallery_item *best, copy;
    size_t place = gallery->kept[list];
    gallery->offered[list]++;
    if (!gallery->best[list] &&
        !(gallery->best[list] = memory_array(gallery->limit + 1, sizeof *best)))
        return error_memory(err);
    best = gallery->best[list];
    while (place && score > best[place - 1].score)
        place--;
    if (place >= gallery->limit || is_kept(gallery, list, item->key))
        return STATUS_OK;
    TRY(copy_item(item, &copy, err));
    copy.lists = 1U << list;
    copy.score = score;
    if (gallery->kept[list] == gallery->limit)
        free(best[--gallery->kept[list]].text);
    memmove(best + place + 1, best + place, (gallery->kept[list] - place) * sizeof *best);
    best[place] = copy;
    gallery->kept[list]++;
    return STATUS_OK;
}

/* Falling scores; of equal ones in the order of the keys, which differ. */
static int compare_items(const void *left, const void *right)
{
    const struct gallery_item *a = left, *b = right;
    if (a->score < b->score || a->score > b->score)
        return a->score > b->score ? -1 : 1;
    return strcmp(a->key, b->key);
}

/* The item of one list joins those that are there, or one of them. */
static enum status join(struct gallery *gallery, struct gallery_item *item, struct error *err)
{
    size_t place;
    if (counts_find(&gallery->keys, item->key, &place)) {
        gallery->items[place].lists |= item->lists;
        gallery->items[place].score = fmax(gallery->items[place].score, item->score);
        return STATUS_OK;
    }
    TRY(counts_index(&gallery->keys, item->key, &place, err));
    gallery->items[gallery->size++] = *item;
    item->text = NULL;
    return STATUS_OK;
}

enum status gallery_select(struct gallery *gallery, struct error *err)
{
    size_t place;
    gallery->items = memory_array(GALLERY_LISTS * gallery->limit + 1, sizeof *gallery->items);
    if (!gallery->items)
        return error_memory(err);
    for (int list = 0; list < GALLERY_LISTS; list++)
        for (size_t i = 0; i < gallery->kept[list]; i++)
            TRY(join(gallery, &gallery->best[list][i], err));
    qsort(gallery->items, gallery->size, sizeof *gallery->items, compare_items);
    counts_free(&gallery->keys);
    for (size_t i = 0; i < gallery->size; i++)
        TRY(counts_index(&gallery->keys, gallery->items[i].key, &place, err));
    return STATUS_OK;
}

struct gallery_item *gallery_find(struct gallery *gallery, const char *key)
{
    size_t place;
    return counts_find(&gallery->keys, key, &place) ? &gallery->items[place] : NULL;
}

void gallery_free(struct gallery *gallery)
{
    for (int list = 0; list < GALLERY_LISTS; list++) {
        for (size_t i = 0; i < gallery->kept[list]; i++)
            free(gallery->best[list][i].text);
        free(gallery->best[list]);
    }
    for (size_t i = 0; i < gallery->size; i++) {
        free(gallery->items[i].text);
        buffer_free(&gallery->items[i].picture);
    }
    free(gallery->items);
    counts_free(&gallery->keys);
    memset(gallery, 0, sizeof *gallery);
}
