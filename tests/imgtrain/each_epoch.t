#!/bin/sh
# If this fails, an epoch that comes from a command is not the one that the command made, or a broken one is learned from.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 10 1
epochs() { # CMD OPTION...
    command=$1
    shift
    imgtrain -n small.net --epochs 3 --batch 10 --each-epoch "$command" "$@"
}

ok 'the same file in each epoch' epochs 'echo "$EPOCH $SEED" >>seen; cat train.its' --seed 5 -o each.onnx
equals 'the command is told the epoch and the seed' "$(tr '\n' ',' <seen)" '1 5,2 5,3 5,'
ok 'the file itself' imgtrain -n small.net --epochs 3 --batch 10 --seed 5 -o file.onnx train.its
same 'gives the same model' each.onnx file.onnx
ok 'in temporary files' epochs 'cat train.its' --seed 5 --memory 0 -j 3 -o memory.onnx
same 'the same model' memory.onnx file.onnx
ok 'a pipeline, another picture each time' epochs 'imgextract train | imgprep --size 8 | imgcat --its --slice $((EPOCH * 3)):30' --val train.its -o shorter.onnx
ok 'is another model' sh -c '! cmp -s shorter.onnx file.onnx'
ok 'with checkpoints' epochs 'cat train.its' --seed 5 --checkpoint at.its --checkpoint-every 5 --schedule constant --epochs 2 -o two.onnx
ok 'a run that goes on' epochs 'cat train.its' --seed 5 --checkpoint at.its --checkpoint-every 5 --schedule constant --resume -o on.onnx
ok 'and one that did all' epochs 'cat train.its' --seed 5 --schedule constant -o all.onnx
same 'the same model' on.onnx all.onnx

refuse() { # STATUS TEXT CMD
    status "$1" "refused: $3" epochs "$3" -o bad.onnx
    contains '  and told' err "$2"
    ok '  and no model' test ! -e bad.onnx
}
refuse 3 'the command of epoch 1 ended with exit status 7' 'exit 7'
refuse 3 'the command of epoch 1 ended with exit status 127' 'no-such-program 2>/dev/null'
refuse 3 'the command of epoch 3 ended with exit status 9' 'cat train.its; test $EPOCH -lt 3 || exit 9'
refuse 3 'the command of epoch 2 was ended by signal 9' 'test $EPOCH = 1 && cat train.its || kill -9 $$'
refuse 3 'epoch 1: its output: ' 'true'
refuse 3 'epoch 2: its output: damaged at byte' 'if test $EPOCH = 2; then head -c 5000 train.its; else cat train.its; fi'
refuse 2 'epoch 2: blue/01.ppm: a tensor u8 9x9x3 among tensors u8 8x8x3' 'imgextract train | imgprep --size $((7 + EPOCH))'
refuse 2 "epoch 2: blue/01.ppm: recipe 'dct" 'imgextract train | imgprep --size 8 --scale $EPOCH'

ok 'fewer labels' epochs 'if test $EPOCH = 2; then imgextract --include "[rg]*" train | imgprep --size 8; else cat train.its; fi' -o few.onnx
status 1 'labels that the first epoch did not have' epochs 'if test $EPOCH = 1; then imgextract --include "[rg]*" train | imgprep --size 8; else cat train.its; fi' -o more.onnx
contains 'are told' err "10 with labels not in the training set ('blue')"
ok 'and there is a model' test -s more.onnx
status 1 'a command that says that some records failed' epochs 'cat train.its; exit 1' -o some.onnx
# A signal to imgtrain alone, while it waits for a command that takes its time.
imgtrain -n small.net --epochs 3 --batch 100 -o stopped.onnx 2>err \
    --each-epoch 'if test $EPOCH = 1; then cat train.its; else touch waiting; exec sleep 5; fi' &
pid=$!
while [ ! -e waiting ]; do sleep 0.1; done
sleep 0.5
kill -TERM $pid
wait $pid
equals 'a signal ends the wait' $? 143
contains 'with a model' err 'stopped after step 1 of 3: writing the model as it is'
ok 'which is whole' imgclassify -m stopped.onnx train.its

ok 'one epoch' epochs 'cat train.its' --epochs 1 -o one.onnx
ok 'none: for labels and size' epochs 'cat train.its' --epochs 0 -o none.onnx
tap_done
