#include "nn/train/train_internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static int phase_jobs(const struct trainer *trainer, const struct layer *layer, enum split split)
{
    return split == PER_LANE ? trainer->lanes : split == PER_BLOCK ? layer->blocks : 1;
}

static enum status make_room(struct program *program, struct error *err)
{
    size_t room = program->step_room ? program->step_room * 2 : 64;
    struct step *steps;
    struct region *regions;
    if (program->step_count < program->step_room)
        return STATUS_OK;
    steps = realloc(program->steps, room * sizeof *steps);
    if (!steps)
        return error_memory(err);
    program->steps = steps;
    regions = realloc(program->regions, room * sizeof *regions);
    if (!regions)
        return error_memory(err);
    program->regions = regions;
    program->step_room = room;
    return STATUS_OK;
}

enum status program_add(struct program *program, struct trainer *trainer, struct layer *layer,
                        const struct phase *phases, struct error *err)
{
    for (int i = 0; i < PHASES_MAX && phases[i].split != PHASE_NONE; i++) {
        if (make_room(program, err) != STATUS_OK)
            return STATUS_SYSTEM;
        if (phases[i].split != PER_LANE || program->last != PER_LANE)
            program->regions[program->region_count++] = (struct region){
                .first = program->step_count, .jobs = phase_jobs(trainer, layer, phases[i].split)};
        program->regions[program->region_count - 1].count++;
        program->steps[program->step_count++] = (struct step){layer, phases[i].run};
        program->last = phases[i].split;
    }
    return STATUS_OK;
}

struct running {
    const struct step *steps;
    size_t count;
    int jobs;
    atomic_int next;
};

/* Which worker takes which job does not matter: a job writes only what is its own. */
static void run_jobs(void *context, int worker)
{
    struct running *running = context;
    int job;
    while ((job = atomic_fetch_add(&running->next, 1)) < running->jobs)
        for (size_t i = 0; i < running->count; i++)
            running->steps[i].run(running->steps[i].layer, job, worker);
}

void program_run(const struct program *program, struct pool *pool)
{
    for (size_t i = 0; i < program->region_count; i++) {
        const struct region *region = &program->regions[i];
        struct running running = {program->steps + region->first, region->count, region->jobs, 0};
        if (region->jobs == 1)
            run_jobs(&running, 0);
        else
            pool_run(pool, run_jobs, &running);
    }
}
