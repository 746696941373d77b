#include "base/progress.h"

#include <time.h>

double progress_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_start(struct progress *progress, FILE *to, const char *name, const char *unit,
                    int64_t total)
{
    progress->to = to;
    progress->name = name;
    progress->unit = unit;
    progress->done = 0;
    progress->total = total;
    progress->start = progress->shown = progress_now();
}

static void draw(const struct progress *progress, double elapsed, const char *note)
{
    enum { WIDTH = 24 };
    double rate = (double)progress->done / elapsed;
    fprintf(progress->to, "\r\033[K%s: ", progress->name);
    if (progress->total > 0) {
        int64_t total = progress->total > progress->done ? progress->total : progress->done;
        int filled = (int)(WIDTH * progress->done / total);
        int left = (int)((double)(total - progress->done) / rate);
        fputc('[', progress->to);
        for (int i = 0; i < WIDTH; i++)
            fputc(i < filled ? '#' : '.', progress->to);
        fprintf(progress->to, "] %lld/%lld %s, %.0f/s, %d:%02d left", (long long)progress->done,
                (long long)total, progress->unit, rate, left / 60, left % 60);
    } else
        fprintf(progress->to, "%lld %s, %.0f/s", (long long)progress->done, progress->unit, rate);
    if (note && *note)
        fprintf(progress->to, "  %s", note);
    fflush(progress->to);
}

void progress_add(struct progress *progress, int64_t count, const char *note)
{
    double now;
    progress->done += count;
    if (!progress->to)
        return;
    now = progress_now();
    if (now - progress->shown < 0.1 || progress->done == 0)
        return;
    progress->shown = now;
    draw(progress, now - progress->start, note);
}

void progress_clear(struct progress *progress)
{
    if (progress->to && progress->shown > progress->start) {
        fputs("\r\033[K", progress->to);
        fflush(progress->to);
    }
}
