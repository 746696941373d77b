#!/bin/sh
# Would break: Ctrl-C, a batch system's TERM or a hangup that leaves half a result lying about, under whatever name.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -s 4 -n 20 >shapes.tar
imgextract -o pics.its shapes.tar
imgprep --size 32 -o small.its pics.its
model=$SRCDIR/models/shapes.onnx
mkfifo input

# COMMAND gets its input through a pipe that never ends; the signal comes once its temporary file is there.
killed() { # SIGNAL NAME COMMAND...: it reads standard input and takes -o
    signal=$1 name=$2
    shift 2
    mkdir to
    env --default-signal="$signal" "$@" -o to/result <input >/dev/null 2>&1 &
    child=$!
    exec 9>input
    tries=0
    while [ -z "$(ls to)" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    equals "$name: writes under another name" "$(cd to && echo * | sed 's/[0-9][0-9]*/N/')" "result.N.tmp"
    kill -s "$signal" "$child"
    wait "$child" 2>/dev/null
    equals "$name: $signal ends it as it ends other programs" "$(kill -l $?)" "$signal"
    exec 9>&-
    equals "$name: $signal leaves nothing behind" "$(ls to)" ""
    rm -r to
}

if env --default-signal=INT true 2>/dev/null; then
    for signal in INT TERM HUP; do
        killed $signal imgprep imgprep --size 32
    done
    killed TERM imgcat imgcat --its
    killed TERM imgextract imgextract --format archive
    killed TERM imgclassify imgclassify -m "$model"
    killed TERM imgfeat imgfeat -m "$model"
else
    skip "signals" "this env has no --default-signal"
fi

# nohup: what the parent ignores stays ignored.
(
    trap '' HUP
    exec imgprep --size 32 -o nohup.its <input
) &
child=$!
exec 9>input
until ls nohup.its.*.tmp >/dev/null 2>&1; do sleep 0.1; done
kill -s HUP "$child"
cat pics.its >&9
exec 9>&-
wait "$child" 2>/dev/null
equals "nohup: goes on after a hangup" "$?" 0
same "nohup: and ends as ever" nohup.its small.its
tap_done
