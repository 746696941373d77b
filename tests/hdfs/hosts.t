#!/bin/sh
# Would break: work over a real HDFS that hosts mount, each for itself. All DataNodes are killed in mid-run, and the mount
# of one host; the verified result must be that of a clean run.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hdfs/hdfs.sh"
. "$SRCDIR/tests/img-map/hosts.sh"
need_hdfs "hosts with HDFS mounts"
need_hosts "hosts with HDFS mounts"
command -v parallel >/dev/null || {
    echo "1..0 # SKIP hosts with HDFS mounts: no parallel"
    exit 0
}
DRILL_SHARDS=${DRILL_SHARDS:-8}
. "$SRCDIR/tests/hdfs/shards.sh"

# Each host's mount stands where this one's does.
hdfs_mount "$tap_dir/mnt1"
hdfs_mount "$tap_dir/mnt2"
mount_pid=$!
ok "hosts start" hosts_start 2
trap 'hosts_stop; hdfs_stop; cd /; rm -rf --one-file-system "$tap_dir"' EXIT
for host in 1 2; do on_host $host mount --bind "$tap_dir/mnt$host" "$tap_dir/mnt"; done
# shellcheck disable=SC2154,SC2086 # of hosts.sh; words
set -- $hosts

# shellcheck disable=SC2154 # ssh is of hosts.sh
begin hosts --hosts "$1,$2" --ssh "$ssh" --straggler 5
outage
rerun "over hosts, an outage" --hosts "$1,$2" --ssh "$ssh"

begin mount --hosts "$1,$2" --ssh "$ssh" --straggler 5
wait_for 3
kill -9 $mount_pid
wait $driver
rerun "over hosts, the mount of one dies" --hosts "$1,$2" --ssh "$ssh"
contains "over hosts, the mount of one dies: the other goes on" "$folder/img-map.log" "on $1: 4 records"
tap_done
