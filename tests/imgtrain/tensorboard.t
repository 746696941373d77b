#!/bin/sh
# If this fails, TensorBoard finds no events of a training. What is in them: tests/stats/events_test.c, tests/conformance.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 10 1

train() {
    imgtrain -q -n small.net --epochs 2 --batch 10 "$@" -o model.onnx train.its
}
files() {
    find runs -type f | wc -l | tr -d ' '
}
train --log log.tsv
cp model.onnx plain.onnx
ok '--tensorboard' train --tensorboard runs --val train.its
same 'does not change the model' model.onnx plain.onnx
equals 'one file' "$(files)" 1
ok 'named as TensorBoard wants it' sh -c 'ls runs | grep -Eq "^events\.out\.tfevents\.[0-9]+\.."'
for tag in train/loss train/accuracy train/learning_rate train/images_per_second; do
    equals "$tag: each step" "$(grep -ao $tag runs/* | wc -l | tr -d ' ')" 6
done
for tag in validation/loss validation/accuracy; do
    equals "$tag: each epoch" "$(grep -ao $tag runs/* | wc -l | tr -d ' ')" 2
done
ok 'a second run' train --tensorboard runs
equals 'has a file of its own' "$(files)" 2
status 4 'a folder that cannot be made' train --tensorboard train.its/runs
contains 'is named' err 'train.its/runs'
tap_done
