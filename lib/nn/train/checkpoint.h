/* nn/train/checkpoint: what a trainer carries from step to step, in a file from which another run
 * goes on as if there had been no interruption.
 *
 * A checkpoint is a stream, its(5), so that imgcat lists and verifies it: a first record with the
 * key "checkpoint", whose attributes are the facts of the program that writes it; the trainer's
 * arrays (trainer_state), each a tensor with the array's name as its key; then what else the
 * program puts; the end mark. The file appears under its name by rename, after its bytes have
 * reached the disk: whatever happens, under that name there is a whole checkpoint, the new one or
 * the one before.
 */
#ifndef NN_TRAIN_CHECKPOINT_H
#define NN_TRAIN_CHECKPOINT_H

#include "nn/train/train.h"
#include "stream/record.h"

struct checkpoint;

/* Writing. `facts` needs no key. STATUS_SYSTEM: the file cannot be made. */
enum status checkpoint_create(const char *path, const struct record *facts,
                              struct checkpoint **checkpoint, struct error *err);
enum status checkpoint_put_trainer(struct checkpoint *checkpoint, struct trainer *trainer,
                                   struct error *err);
enum status checkpoint_put(struct checkpoint *checkpoint, const struct record *record,
                           struct error *err);
/* Only now the file has its name. */
enum status checkpoint_commit(struct checkpoint *checkpoint, struct error *err);

/* Reading, in the same order. STATUS_END: there is no such file; STATUS_DAMAGED: it is no
 * checkpoint. */
enum status checkpoint_open(const char *path, struct record *facts, struct checkpoint **checkpoint,
                            struct error *err);
/* STATUS_USAGE: of another trainer; STATUS_DAMAGED: then the trainer is of no more use. */
enum status checkpoint_get_trainer(struct checkpoint *checkpoint, struct trainer *trainer,
                                   struct error *err);
/* STATUS_END after the last record: the checkpoint was whole. */
enum status checkpoint_get(struct checkpoint *checkpoint, struct record *record, struct error *err);

/* What was written without a commit goes. */
void checkpoint_free(struct checkpoint *checkpoint);

#endif
