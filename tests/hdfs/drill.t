#!/bin/sh
# Would break: work over a real HDFS whose DataNodes end in mid-run. Shards are read from the mount and results written to
# it, by img-map; all DataNodes are killed and started again. The verified result must be that of a clean run, or what is
# missing be named exactly.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hdfs/hdfs.sh"
need_hdfs "img-map on an HDFS mount"
. "$SRCDIR/tests/hdfs/shards.sh"

begin once
wait $driver
equals "a run on the mount: exit status" $? 0
verified "a run on the mount"
contains "a run on the mount: its log is there" "$folder/img-map.log" "$shards of $shards shards done"

begin outage
outage
rerun "an outage in mid-run"
contains "an outage in mid-run: the log has both" "$folder/img-map.log" "of $shards, via local"

begin once-only --retries 0
outage
rerun "an outage, and nothing is tried again"
tap_done
