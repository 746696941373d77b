/* The numbers of each step for TensorBoard. */
#include "stats/events.h"
#include "tools/imgtrain/imgtrain.h"
#include "tools/imgtrain/running.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Seconds since 1970. */
static double wall_time(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void tensorboard_open(struct imgtrain *train)
{
    struct error err;
    char host[256] = "";
    if (!train->tensorboard)
        return;
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        snprintf(host, sizeof host, "localhost");
    if (events_open(train->tensorboard, host, wall_time(), &train->events, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

/* Where the run is: steps, or records of a stream. */
static int64_t place(const struct imgtrain *train)
{
    return (int64_t)(train->online.on ? train->online.records : train->step);
}

void tensorboard_begin(struct imgtrain *train)
{
    struct error err;
    if (train->events && train->resume &&
        events_restart(train->events, wall_time(), place(train) + 1, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

static void add(struct imgtrain *train, const struct event_scalar *scalars, size_t count)
{
    struct error err;
    if (train->events &&
        events_add(train->events, wall_time(), place(train), scalars, count, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

void tensorboard_step(struct imgtrain *train, const struct batch_result *result, float rate,
                      double speed, const struct batch_result *held)
{
    struct event_scalar scalars[6] = {{"train/loss", mean_loss(result)},
                                      {"train/accuracy", accuracy(result)},
                                      {"train/learning_rate", (double)rate},
                                      {"train/images_per_second", speed}};
    size_t count = 4;
    if (held) {
        scalars[count++] = (struct event_scalar){"validation/loss", mean_loss(held)};
        scalars[count++] = (struct event_scalar){"validation/accuracy", accuracy(held)};
    }
    add(train, scalars, count);
}

void tensorboard_arrived(struct imgtrain *train, struct running *running, size_t count, float rate,
                         double speed)
{
    struct figures last = running_last(running, count);
    struct figures recent = running_last(running, (size_t)train->online.window);
    const struct event_scalar scalars[] = {{"train/loss", last.loss},
                                           {"train/accuracy", last.accuracy},
                                           {"train/learning_rate", (double)rate},
                                           {"train/images_per_second", speed},
                                           {"recent/loss", recent.loss},
                                           {"recent/accuracy", recent.accuracy}};
    add(train, scalars, sizeof scalars / sizeof *scalars);
}

void tensorboard_close(struct imgtrain *train)
{
    struct error err;
    if (events_close(train->events, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}
