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
equals "an outage in mid-run: exit status" $code 0
verified "an outage in mid-run"

begin named --retries 0
outage
equals "nothing is tried again: exit status" $code 4
named "nothing is tried again"
begin named
wait $driver
equals "a rerun: exit status" $? 0
verified "a rerun"
contains "a rerun: its log has both" "$folder/img-map.log" "of $shards, via local"
tap_done
