/* tools/network: what imgfeat and imgclassify share: a model made ready to run, and the comparison
 * of its recipe with those of the records. */
#ifndef TOOLS_NETWORK_H
#define TOOLS_NETWORK_H

#include "image/recipe.h"
#include "nn/net.h"
#include "stream/record.h"
#include "tools/tool.h"

enum { NETWORK_BATCH_MAX = 1024 }; /* pictures per run that --batch takes */

struct network {
    const char *path;
    struct model *model;
    struct net *net;
    int force;                  /* --force: take records whatever their recipe */
    struct net_options options; /* of the program, before network_prepare */
    int has_recipe;             /* the model says how its pictures are made */
    struct recipe recipe;
    float values[RECIPE_CHANNELS][256]; /* of the model's recipe */
};

/* Loads the model and its recipe. Exits when it cannot. */
void network_load(struct network *network, struct tool *tool, const char *path, int force);
/* Makes it ready to run with the options. Where they and the model leave the size of the pictures
 * open, the recipe's holds. Exits when it cannot. */
void network_prepare(struct network *network, struct tool *tool);
void network_close(struct network *network);
/* One picture after the other, as records of one tensor each? Otherwise plain tensors. */
int network_takes_pictures(const struct network *network);
/* Or one vector after the other, such as imgfeat's features: records of one dimension? */
int network_takes_vectors(const struct network *network);

/* What each thread has; a program that needs more puts it first in its own struct. */
struct network_worker {
    const struct network *network;
    struct session *session;
    struct tensor *pictures, *outputs;
    struct record result; /* the program's, to be emitted */
    char *recipe;         /* the line that the following were made from */
    int hwc, plain;       /* plain: u8 pixels are taken as they are */
    float values[RECIPE_CHANNELS][256];
};
/* Allocates `size` zeroed bytes that begin with a network_worker; *worker is NULL when it fails. */
enum status network_worker_new(const struct network *network, size_t size, void **worker,
                               struct error *err);
/* Frees the whole. worker may be NULL. */
void network_worker_free(void *worker);

/* How many of the first records, all of one kind, type and shape, have the same recipe. */
size_t network_group(const struct record *records, size_t count);
/* Runs a group. STATUS_FAILED: none of them can be done (no tensor, another recipe, the wrong
 * size), and why. The outputs are the worker's, valid until its next run. */
enum status network_run(struct network_worker *worker, const struct record *records, size_t count,
                        struct error *err);

#endif
