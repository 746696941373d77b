/* Inside imgtrain: what its parts share. tools/imgtrain.c is the program's course; options.c and
 * settle.c read the command line, data.c the tensors; build.c makes the network and its trainer;
 * learn.c goes through the epochs, optimum.c to the optimum; log.c writes the table of steps, with
 * tensorboard.c; best.c finds the best epoch; checkpoint.c what another run goes on from; stop.c
 * says when Ctrl-C wants an end. What fails ends the program (tool_die). */
#ifndef TOOLS_IMGTRAIN_IMGTRAIN_H
#define TOOLS_IMGTRAIN_IMGTRAIN_H

#include "image/augment.h"
#include "nn/netfile/netfile.h"
#include "nn/train/checkpoint.h"
#include "nn/train/data/feed.h"
#include "tools/tool.h"

#include <pthread.h>
#include <stdatomic.h>

/* The model that learning starts from, and the part of it that is not trained. */
struct backbone {
    const char *path;          /* --backbone, -m, --model */
    int tuned;                 /* it is -m's: what comes after the features learns, or all of it */
    const char *from;          /* --from */
    struct model *model;       /* as it was read; NULL: none */
    int has_recipe;            /* of its pictures, which are */
    int width, height;         /* so large; 0: not known */
    int frozen;                /* it stays as it is up to */
    int value;                 /* this value, the features */
    struct shape shape;        /* of them, for one picture */
    struct features *features; /* makes them of the tensors; NULL: these are features already */
};

/* With -m: what becomes of the model. */
struct tuned {
    struct model *base; /* read once more, to be changed */
    struct model *head; /* of -n */
    struct shape input; /* of the base, as it declares it */
    int output;         /* the value that the finished model puts out, activation and all */
    size_t body;        /* nodes of the model being trained that come before its head */
};

/* Where in all epochs learning is. */
struct course {
    size_t epoch;            /* 1 ...; one more than the last when all is done */
    size_t position;         /* pictures of this epoch learned from */
    struct batch_result sum; /* of these */
};

/* The best epoch so far, by the validation set. */
struct best {
    size_t epoch; /* 0: none yet */
    struct batch_result result;
};
enum keep { KEEP_UNSAID, KEEP_LAST, KEEP_BEST };
enum watch { WATCH_UNSAID, WATCH_ACCURACY, WATCH_LOSS };

/* Each epoch's data from a command. */
struct each_epoch {
    const char *command;   /* --each-epoch */
    size_t epoch;          /* whose data is the training set */
    struct dataset *first; /* the first epoch's, which the others are like */
    int failed;            /* a command ended with exit status 1 */
    pthread_t thread;      /* reads the coming epoch's */
    size_t coming;         /* 0: none is */
    atomic_int done;       /* it has read them all */
    struct dataset *next;
    enum status status;
    struct error err;
};

/* Learning from a stream that need not end. */
struct online {
    int on;             /* --online */
    int buffer;         /* --shuffle-buffer: records */
    int passes;         /* --passes */
    int window, report; /* --window, --report: records */
    size_t records;     /* taken from the stream so far */
    struct stream *stream;
};

struct imgtrain {
    struct tool tool;
    const char *net;         /* -n, --net */
    const char *labels;      /* --labels */
    const char *validation;  /* --val */
    const char *log;         /* --log */
    const char *tensorboard; /* --tensorboard */
    int epochs, batch;       /* --epochs, --batch */
    uint32_t round, rounds;  /* --round; 0: all steps in one run */
    enum keep keep;          /* --keep */
    enum watch watch;        /* --watch */
    int patience;            /* --patience: epochs; 0: without end */
    /* --rate, --schedule, --final-rate, --warmup; of all epochs */
    struct schedule schedule;
    /* --optimiser, --momentum, --nesterov, --beta2, --epsilon, --weight-decay, --clip-norm */
    struct optimiser optimiser;
    double ema;          /* --ema */
    int lbfgs;           /* --optimiser lbfgs: the optimum, without steps */
    double l1, l2;       /* --l1, --l2; l2 below 0: the default */
    double tolerance;    /* --tolerance */
    int iterations;      /* --iterations */
    enum loss loss;      /* --loss */
    double smoothing;    /* --label-smoothing */
    const char *weights; /* --class-weights */
    uint64_t seed;       /* --seed */
    int64_t memory;      /* --memory, in bytes */
    struct each_epoch each_epoch;
    struct augment augment; /* --flip, --turn, --rotate ... */
    double mixup, cutmix;   /* --mixup, --cutmix: alpha */
    const char *checkpoint; /* --checkpoint */
    int checkpoint_every;   /* --checkpoint-every: steps, records with --online; 0: unsaid */
    int resume;             /* --resume */
    int average;            /* --average */
    struct dims input;      /* --input */
    int classes;            /* --classes */
    int force;              /* --force */
    int new_head;           /* --new-head */
    int freeze_norm;        /* --freeze-norm */
    double backbone_rate;   /* --backbone-rate */
    struct backbone backbone;
    struct tuned tuned;
    struct online online;

    char *net_text;
    size_t net_size;
    struct dataset *data, *held; /* training and validation; NULL: none */
    struct feed *feed, *held_feed;
    struct model *model;
    struct pool *pool;
    struct trainer *trainer;
    FILE *log_file;
    int log_goes_on;       /* --resume, and there is one */
    struct events *events; /* NULL without --tensorboard */
    struct record made;    /* as attributes: what the result depends on, "--rate" and the like */
    struct course course;
    struct best best;
    int stopped;              /* before the end, by a signal */
    size_t step;              /* done, of schedule.steps */
    size_t last_step;         /* with --round: where this run ends; else 0 */
    size_t epoch_steps;       /* of the first epoch, and of all for the schedule */
    char recipe[RECIPE_TEXT]; /* that of the model, "" for none */
    int plain_pixels;         /* the recipe leaves them 0 to 255 */
};

/* options.c */
extern const struct option_entry imgtrain_options[];
enum status imgtrain_set(void *state, int id, const char *argument, struct error *err);
/* settle.c */
/* What was not said gets the value that is usual for the optimiser and the schedule. */
void options_settle(struct imgtrain *train);
/* Ends the program where options, data and operands do not go together. */
void options_check(struct imgtrain *train, int without_data, int has_operand);

/* data.c: the training set and, with --val, the validation set. */
void data_read(struct imgtrain *train, int argc, char **argv, int operand);
void data_feed(struct imgtrain *train); /* of the training set */
/* For those who fill the data set by themselves: what its recipe says of the pixels; and once all
 * is known, the feeds: that of validation, with --online, of the same tensors, not changed. */
void data_apply_recipe(struct imgtrain *train, struct dataset *data);
void data_prepare(struct imgtrain *train);
void data_tell_skipped(struct imgtrain *train, const char *what, const struct dataset *data);

/* each_epoch.c */
struct dataset *each_epoch_first(struct imgtrain *train);
void each_epoch_begin(struct imgtrain *train); /* the training set is that of the epoch */
void each_epoch_free(struct imgtrain *train);  /* and the training set */

/* labels.c: what --labels says, and what separates the labels in it; for free(). NULL: nothing. */
char *labels_said(struct imgtrain *train, char *separator);
/* Splits the text in place; for free(). */
const char **labels_split(struct imgtrain *train, char *text, char separator, size_t *count);
char *labels_copy(struct imgtrain *train, const char *text);

/* changes.c: what is done to the pictures at random. recipe: theirs, NULL when they have none. */
void changes_prepare(struct imgtrain *train, const struct recipe *recipe);
/* What is done to the pictures of a feed. */
void changes_training(const struct imgtrain *train, struct feed_options *feed);
void changes_validation(const struct imgtrain *train, struct feed_options *feed);

/* build.c */
void build_read_net(struct imgtrain *train); /* before the data is read, which may take long */
void build(struct imgtrain *train);

/* weights.c: --class-weights, a number for each label; NULL without. The caller frees it. */
float *weights_of_classes(struct imgtrain *train);

/* backbone.c */
void backbone_open(struct imgtrain *train);  /* before the data is read */
void backbone_check(struct imgtrain *train); /* do the tensors belong to it? */
/* The feed's pictures, as what is trained takes them. */
struct batch_source backbone_source(struct imgtrain *train, struct feed *feed);
/* The recipe for the model to keep; "" when there is none. */
const char *backbone_recipe(const struct imgtrain *train);
void backbone_close(struct imgtrain *train);
/* It and the network in one model; the caller frees it, before both. */
void backbone_join(const struct imgtrain *train, struct model **whole);

/* finetune.c: train->model and train->tuned, from the model of -m. */
void finetune_build(struct imgtrain *train);
/* After learning: the model with the inputs and outputs that it had. */
void finetune_finish(struct imgtrain *train);
void finetune_close(struct imgtrain *train);

/* learn.c: all epochs. */
void learn(struct imgtrain *train);
double mean_loss(const struct batch_result *result);
double accuracy(const struct batch_result *result);

int learn_finished(const struct imgtrain *train); /* no epoch is to follow */
/* A loss that is not finite ends the program. */
void learn_check(struct imgtrain *train, size_t epoch, const struct batch_result *result);
void learn_tell_stop(struct imgtrain *train);

/* best.c: after an epoch: is it the best so far? Then its weights may be the ones to keep. */
void best_judge(struct imgtrain *train, const struct batch_result *held);
int best_is_past(const struct imgtrain *train); /* --patience is at its end */
void best_tell(struct imgtrain *train);         /* what the model is, at the end */

/* average.c: --average; returns the exit status. */
int average(struct imgtrain *train, int count, char **paths);

/* optimum.c: --optimiser lbfgs. */
void optimum(struct imgtrain *train);

/* checkpoint.c: once the trainer is built: with --resume the course and the trainer are those of
 * the checkpoint, if there is one. */
void checkpoint_start(struct imgtrain *train);
/* The labels that the checkpoint to go on from says, for free(); NULL: there is none. */
char *checkpoint_labels(struct imgtrain *train);
/* After a step. */
int checkpoint_due(const struct imgtrain *train);
void checkpoint_save(struct imgtrain *train);

/* stop.c: from stop_catch on the first signal only asks for an end: stop_asked is its number, or 0.
 */
void stop_catch(void);
int stop_asked(void);
void stop_hold(int hold); /* this thread, and those that it starts, leave the signals for later */
void stop_end(void);      /* ends the program as the signal would have */

/* From now on a signal also ends the input that is read from this descriptor. */
void stop_ends_input(int fd);

/* online.c: --online. After the options: what does not go with it. Instead of data_read: the first
 * records, which say what all are. Instead of learn. */
void online_settle(struct imgtrain *train);
void online_open(struct imgtrain *train, int argc, char **argv, int operand);
void online_learn(struct imgtrain *train);
void online_close(struct imgtrain *train);
/* online_state.c: what a checkpoint of it holds besides the trainer. */
enum status online_put(struct imgtrain *train, struct checkpoint *checkpoint, struct error *err);
enum status online_get(struct imgtrain *train, struct checkpoint *checkpoint, struct error *err);

/* log.c: a row per step; held: the validation's result at the end of an epoch, or NULL. */
void log_open(struct imgtrain *train);
void log_begin(struct imgtrain *train); /* with --resume, rows after train->step go */
void log_step(struct imgtrain *train, size_t epoch, const struct batch_result *result, float rate,
              double speed, const struct batch_result *held);
/* A row per batch that has arrived, with --online. */
struct running;
void log_arrived(struct imgtrain *train, struct running *running, size_t count, float rate,
                 double speed, double waited);
void log_close(struct imgtrain *train);

/* tensorboard.c: the same for --tensorboard; called by log.c. */
void tensorboard_open(struct imgtrain *train);
void tensorboard_begin(struct imgtrain *train);
void tensorboard_step(struct imgtrain *train, const struct batch_result *result, float rate,
                      double speed, const struct batch_result *held);
void tensorboard_arrived(struct imgtrain *train, struct running *running, size_t count, float rate,
                         double speed);
void tensorboard_close(struct imgtrain *train);

#endif
