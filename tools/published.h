/* tools/published: what is known of the models that others publish.
 *
 * Such a model does not say how its pictures are made. models/public.tsv does: it knows models by
 * their size and SHA-256. The table is looked for in the folder that the environment's
 * IMGUTILS_MODELS names, else in those of the installed and of the built programs:
 * ../share/imgutils/models and ../../models as seen from the program.
 */
#ifndef TOOLS_PUBLISHED_H
#define TOOLS_PUBLISHED_H

#include "nn/model.h"
#include "tools/tool.h"

/* Gives a model without a recipe in its metadata that of the table, if it is there, so that it is
 * as if the model had it; -v says so. Where it has none afterwards, why stands in `why`, if not
 * NULL: a sentence for the user, without capital letter and full stop. Only a file of a size that
 * the table has with a recipe is read for its sum: 0.07 s for 100 MB where the processor has SHA
 * instructions. Exits when the table is there and cannot be read. */
enum { PUBLISHED_WHY = 512 };
void published_recipe(struct tool *tool, const char *path, struct model *model,
                      char why[PUBLISHED_WHY]);

#endif
