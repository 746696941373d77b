/* table/hierarchy: which classes are kinds of which others, as the file
 * bbox_labels_hierarchy.json of Open Images says it:
 *
 *   {"LabelName": "/m/01lrl", "Subcategory": [{...}, ...], "Part": [{...}, ...]}
 *
 * What is in "Part" is no kind of its class; a wheel is no car. A class may stand in several
 * places, and is then all that is below any of them.
 */
#ifndef TABLE_HIERARCHY_H
#define TABLE_HIERARCHY_H

#include "table/kept.h"

struct hierarchy;

/* STATUS_DAMAGED: that is no such file; the message names the byte. */
enum status hierarchy_read(const char *path, struct hierarchy **hierarchy, struct error *err);
/* The same of text, which is called `name` in messages. */
enum status hierarchy_parse(const char *text, size_t size, const char *name,
                            struct hierarchy **hierarchy, struct error *err);
/* The class /m/01lrl is also called "Carnivore". */
enum status hierarchy_call(struct hierarchy *hierarchy, struct text id, struct text name,
                           struct error *err);
/* Adds to `names` the name itself and, when it is that of a class, by id or name, the ids and names
 * of the class and of all below it. */
enum status hierarchy_below(const struct hierarchy *hierarchy, struct text name, struct kept *names,
                            struct error *err);
void hierarchy_free(struct hierarchy *hierarchy);

#endif
