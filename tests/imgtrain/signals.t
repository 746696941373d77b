#!/bin/sh
# If this fails, Ctrl-C throws away what was learned, or leaves half a file behind.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 8 1
if ! env --default-signal=INT true 2>/dev/null; then
    echo '1..0 # SKIP this env has no --default-signal'
    exit 0
fi
if [ ! -e /proc/self/stat ]; then
    echo '1..0 # SKIP no /proc'
    exit 0
fi

# learning SIGNAL ARGUMENT...: trains without end in the background until it has made some steps
learning() {
    signal=$1
    shift
    rm -rf to
    mkdir to
    env --default-signal="$signal" imgtrain -n small.net --epochs 1000000 --batch 6 --rate 0.001 --log to/log -o to/new.onnx "$@" train.its 2>said &
    child=$!
    tries=0
    until [ -e to/log ] && [ "$(grep -c . to/log)" -ge 5 ] || [ $tries -ge 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
}
for signal in INT TERM HUP; do
    learning $signal --checkpoint to/c.its --checkpoint-every 1000000000
    kill -s "$signal" $child
    wait $child
    equals "$signal: ends as other programs end" "$(kill -l $?)" "$signal"
    grep -v 'epoch.*of' said >stopped
    contains '  says so' stopped 'writing the model as it is; --resume goes on from to/c.its'
    equals '  leaves the log, the checkpoint and the model' "$(cd to && echo ./*)" './c.its ./log ./new.onnx'
    ok '  the checkpoint is whole' imgcat --check to/c.its
    ok '  the model is at work' imgclassify -m to/new.onnx -o to/pred.tsv train.its
    equals '  for all pictures' "$(grep -c . to/pred.tsv)" 24
    steps=$(imgcat to/c.its | sed -n 's/.*at.step=\([0-9]*\).*/\1/p')
    equals '  of the step that the log ends with' "$(tail -n 1 to/log | cut -f 2)" "$steps"
    ok '  with as many samples' grep -aq "imgutils.samples" to/new.onnx
done
learning TERM
kill -s TERM $child
wait $child
equals 'without a checkpoint' "$(cd to && echo ./*)" './log ./new.onnx'

# It waits for the log to be read, in the middle of a step that does not end: the second signal ends it.
asleep() { # it sleeps, and took no processor time since the last look
    before=${now:-}
    now=$(cut -d ' ' -f 3,14,15 "/proc/$child/stat")
    case $now in S*) [ "$now" = "$before" ] ;; *) false ;; esac
}
rm -rf to
mkdir to
mkfifo log
sh -c 'exec sleep 60' <log &
reader=$!
env --default-signal=TERM imgtrain -j 1 -q -n small.net --epochs 1000000 --batch 6 --rate 0.001 --log log \
    --checkpoint to/c.its --checkpoint-every 100 -o to/new.onnx train.its 2>said &
child=$!
tries=0
until [ -e to/c.its ] && asleep || [ $tries -ge 200 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -s TERM $child
sleep 0.1
ok 'once: it would go on to the end of the step' kill -0 $child
while kill -s TERM $child 2>/dev/null && ! grep -q ' Z ' "/proc/$child/stat" 2>/dev/null; do sleep 0.1; done
wait $child
equals 'twice: it ends at once' "$(kill -l $?)" TERM
kill $reader
rm -f to/c.its
equals '  and leaves nothing half done' "$(ls to)" ''
tap_done
