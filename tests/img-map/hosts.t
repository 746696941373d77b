#!/bin/sh
# Would break: work on hosts of which some fail. Three hosts, reached through ssh, share the shards; in each run something is
# killed, cut or full. The verified result must be that of a clean run, or the loss be named exactly.
#
# DRILL=20 tests/img-map/hosts.t is the long form: 20 shards, and each fault by GNU parallel and by pdsh.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/img-map/hosts.sh"
need_hosts "img-map over hosts"
PATH=$PATH:$SRCDIR/scripts
export PATH

shards=${DRILL:-6} pause=0.3
mkdir model && cp "$SRCDIR/models/shapes.onnx" model
model=$PWD/model/shapes.onnx
i=0
while [ $i -lt "$shards" ]; do
    i=$((i + 1))
    drawshapes -n 6 -s $i >"s$(printf %02d $i).tar"
done
line() { # WHAT-TO-DO while reading
    echo "imgextract {} | { cat; $1; } | imgprep -q -m $model | imgclassify -q -m $model"
}
img-map -q -o clean "$(line true)" s*.tar
img-map --verify clean >clean.txt
sum() { # FILE
    grep -e results -e records "$1" | tr '\n\t' '  '
}
hosts_start 4 || {
    tap_line 1 "hosts start"
    tap_done
    exit
}
# shellcheck disable=SC2086 # four words
set -- $hosts
h1=$1 h2=$2 h3=$3 h4=$4 all=$1,$2,$3

# ---- a run, what becomes of it ----

run() { # NAME OPTION...: begins a run, its folder is called as NAME
    folder=$1
    shift
    img-map -v --ssh "$ssh" --via $via --straggler 2 -o "$folder" "$@" "${what:-$(line "sleep $pause")}" s*.tar >said 2>&1 &
    driver=$!
}
begun() { # N: waits until N shards are done
    until [ "$(find "$folder" -name '*.tsv' 2>/dev/null | wc -l)" -ge "$1" ]; do
        kill -0 "$driver" 2>/dev/null || return
        sleep 0.05
    done
}
ends() { # NAME STATUS
    wait $driver
    code=$?
    [ "$code" = "$2" ] || sed 's/^/#   /' said
    equals "$via, $1: exit status" "$code" "$2"
    img-map --verify "$folder" >verified 2>why
}
ends_well() { # NAME
    ends "$1" 0
    equals "$via, $1: the result is that of a clean run" "$(sum verified)" "$(sum clean.txt)"
}

# ---- the faults ----

all_well() {
    run $via --hosts "$all"
    ends_well "all is well"
    for host in $h1 $h2 $h3; do
        contains "$via, all is well: $host has done some" $via/img-map.log "on $host: 6 records"
    done
}
worker_killed() {
    run $via-worker --hosts "$all"
    until set -- $via-worker/.img-map/parts/*."$h2".* && [ -e "$1" ]; do sleep 0.05; done
    kill -9 "${1##*.}"
    ends_well "a worker is killed"
}
host_killed() {
    run $via-sshd --hosts "$all"
    begun 2
    # shellcheck disable=SC2046 # numbers
    kill -9 $(ip netns pids "img$$h2")
    ends_well "sshd is killed, with all that runs there"
    host_again 2
}
link_cut() {
    run $via-link --hosts "$all"
    begun 1
    ip link set "v$$n3" down
    ends_well "the link to a host is cut"
    ip link set "v$$n3" up
}
disk_full() {
    mkdir -p $via-full/.img-map/parts
    on_host 1 mount -t tmpfs -o size=4k none "$PWD/$via-full/.img-map/parts"
    on_host 1 sh -c "head -c 4096 /dev/zero >$PWD/$via-full/.img-map/parts/full"
    run $via-full --hosts "$all"
    ends_well "the disk of a host is full"
    contains "$via, the disk of a host is full: it is said" said "No space left"
    on_host 1 umount "$PWD/$via-full/.img-map/parts"
}
no_model() {
    on_host 2 mount -t tmpfs none "$PWD/model"
    run $via-model --hosts "$all"
    ends_well "a host lacks the model"
    contains "$via, a host lacks the model: it is said" said "cannot open $model"
    on_host 2 umount "$PWD/model"
}
sleeping() { # on host 3
    for pid in $(ip netns pids "img$$h3"); do
        ! grep -q sleep "/proc/$pid/comm" || echo "$pid"
    done
}
one_slow() {
    what=$(line "sleep \$([ \$IMG_MAP_HOST = $h3 ] && echo 60 || echo 0)")
    run $via-slow --hosts "$all"
    ends_well "a host is slow"
    ok "$via, a host is slow: others have done its shard" [ -z "$(grep "on $h3: 6 records" $via-slow/img-map.log)" ]
    # shellcheck disable=SC2046 # numbers
    kill $(sleeping) 2>/dev/null
    what=''
}
driver_killed() {
    run $via-driver --hosts "$all"
    begun 1
    kill -9 $driver
    wait $driver 2>/dev/null
    run $via-driver --hosts "$all"
    ends_well "img-map is killed and started again"
    contains "$via, img-map is killed: it does not begin anew" said "are done already"
}
damaged() {
    cp s02.tar whole.tar && head -c 8000 whole.tar >s02.tar
    run $via-damaged --hosts "$all,10.255.255.1"
    ends "a shard is damaged, a host not there" 3
    contains "$via, a host is not there: it is told" said "10.255.255.1 is left out: "
    contains "$via, a shard is damaged: it is named" said "s02.tar is not done: exit status 3: imgextract: s02.tar: "
    contains "$via, a shard is damaged: the others are done" said "$((shards - 1)) of $shards shards done"
    equals "$via, a shard is damaged: nothing else is wrong" "$(cut -d : -f 2 why)" " s02.tar"
    mv whole.tar s02.tar
}
other_hosts() {
    echo "$h1 # the first" >hostfile
    what=$(line "sleep 1.2")
    run $via-file --hostfile hostfile
    begun 1
    printf '%s\n' "2/$h4" "$h2" >hostfile
    ends_well "the host file changes"
    what=''
    contains "$via, the host file changes: a new one has work" $via-file/img-map.log "on $h4: 6 records"
    contains "$via, the host file changes: it is said" said "the hosts are now $h4 $h2"
}

for via in parallel pdsh; do
    if ! command -v $via >/dev/null; then
        skip "over hosts by $via" "$via is not installed"
        continue
    fi
    all_well
    case ${DRILL:+each}$via in
    parallel) faults="link_cut disk_full driver_killed other_hosts" ;;
    pdsh) faults="worker_killed host_killed no_model one_slow damaged" ;;
    each*) faults="worker_killed host_killed link_cut disk_full no_model one_slow driver_killed damaged" ;;
    esac
    [ $via != parallel ] || [ -z "${DRILL:-}" ] || faults="$faults other_hosts"
    for fault in $faults; do $fault; done
done

# ---- setting up hosts ----

via=parallel
status 0 "--push" img-map --push --ssh "$ssh" --hosts "$h1,$h2" --tools "$B/bin" "$model"
contains "--push: each host is told" err "$h2: imgcat (imgutils) "
# shellcheck disable=SC2086
status 0 "--push: programs and files are there" $ssh "$h1" 'cd && cmp imgutils/shapes.onnx "'"$model"'" && imgutils/bin/imgcat --version && ls imgutils/bin/img-map-worker'
# shellcheck disable=SC2086
$ssh "$h1" 'cd && rm -r imgutils'
status 4 "--push to a host that is not there" img-map --push --ssh "$ssh" --hosts 10.255.255.1 --tools "$B/bin"
contains "is told" err "10.255.255.1: "
status 4 "no host answers" img-map --ssh "$ssh" --hosts 10.255.255.1 -o nobody "$(line true)" s01.tar
contains "is told, too" err "no host can work"
tap_done
