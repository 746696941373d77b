/* Inside imgtrain --online: the stream being learned from. online.c goes through it; online_open.c
 * begins with it; online_state.c puts what it knows into checkpoints. */
#ifndef TOOLS_IMGTRAIN_ONLINE_H
#define TOOLS_IMGTRAIN_ONLINE_H

#include "nn/train/data/shuffle.h"
#include "tools/imgtrain/imgtrain.h"
#include "tools/imgtrain/running.h"

struct stream {
    int fd;
    struct reader *reader;
    struct record *first; /* [first_count]: read before the labels were known */
    size_t first_count, first_next;
    int looked;           /* from now on they come first */
    struct record record; /* the one on its way, later */
    struct shuffle shuffle;
    struct running running;
    float *outputs;                        /* batch x classes */
    struct batch_source learned, measured; /* by place; changed at random, and not */
    int ended;

    /* Since the last row of the log, and the last report. */
    double waited, waited_before, reported;
    size_t reported_count;
};

/* online_open.c: the next record of the stream; 0 at its end. */
int online_next(struct imgtrain *train, struct record **record);

#endif
