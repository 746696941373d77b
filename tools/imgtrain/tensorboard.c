/* The numbers of each step for TensorBoard. */
#include "stats/events.h"
#include "tools/imgtrain/imgtrain.h"

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

void tensorboard_begin(struct imgtrain *train)
{
    struct error err;
    if (train->events && train->resume &&
        events_restart(train->events, wall_time(), (int64_t)train->step + 1, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

void tensorboard_step(struct imgtrain *train, const struct batch_result *result, float rate,
                      double speed, const struct batch_result *held)
{
    struct error err;
    struct event_scalar scalars[6] = {{"train/loss", mean_loss(result)},
                                      {"train/accuracy", accuracy(result)},
                                      {"train/learning_rate", (double)rate},
                                      {"train/images_per_second", speed}};
    size_t count = 4;
    if (held) {
        scalars[count++] = (struct event_scalar){"validation/loss", mean_loss(held)};
        scalars[count++] = (struct event_scalar){"validation/accuracy", accuracy(held)};
    }
    if (train->events && events_add(train->events, wall_time(), (int64_t)train->step, scalars,
                                    count, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

void tensorboard_close(struct imgtrain *train)
{
    struct error err;
    if (events_close(train->events, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}
