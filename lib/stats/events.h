/* stats/events: numbers over steps in the files that TensorBoard reads.
 *
 * An event file is a row of records, each framed as
 *
 *     u64 length, u32 masked CRC of the length, the bytes, u32 masked CRC of the bytes
 *
 * little-endian, where the CRC is CRC-32C (Castagnoli) and masked(c) = (c >> 15 | c << 17) +
 * 0xa282ead8 (TensorFlow, core/lib/io/record_writer.h). The bytes are a message Event (TensorFlow,
 * core/util/event.proto): wall_time = 1 (double), step = 2 (int64), file_version = 3 (string) in
 * the first record, else summary = 5, which repeats value = 1 {tag = 1 (string), simple_value = 2
 * (float)}; or session_log = 7 {status = 1 (1: START)} where a run goes on.
 */
#ifndef STATS_EVENTS_H
#define STATS_EVENTS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct events;

struct event_scalar {
    const char *tag; /* "train/loss": TensorBoard puts what is before the slash into one group */
    double value;
};

/* Makes the folder when it is not there, and in it a new file
 * events.out.tfevents.SECONDS.HOST, with .1, .2 ... behind it where there is such a one. `time`:
 * seconds since 1970. */
enum status events_open(const char *folder, const char *host, double time, struct events **events,
                        struct error *err);
/* One event. It is in the file when this returns, so that a running TensorBoard sees it. */
enum status events_add(struct events *events, double time, int64_t step,
                       const struct event_scalar *scalars, size_t count, struct error *err);
/* The run goes on from this step: what the folder's older files have from there on is not shown. */
enum status events_restart(struct events *events, double time, int64_t step, struct error *err);
/* Says whether all was written; events are freed in any case. NULL is nothing. */
enum status events_close(struct events *events, struct error *err);

#endif
