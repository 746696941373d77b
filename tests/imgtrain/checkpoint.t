#!/bin/sh
# If this fails, a training that was interrupted ends with another model than one that was not, or goes on from what is
# broken or was made otherwise, or loses what it had.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 8 1
colours val 4 2
cat >drop.net <<'END'
BatchNormalization
Conv channels=8 kernel_shape=3 pads=1
Relu
Dropout
GlobalAveragePool
Flatten
logits: Gemm units=$classes
END

# 24 pictures, 5 steps per epoch
learn() { # EPOCHS ARGUMENT...
    epochs=$1
    shift
    imgtrain -n drop.net --epochs "$epochs" --batch 5 --flip --shift 1 --val val.its "$@" train.its
}
ok 'without interruption' learn 40 --log whole.tsv -o whole.onnx
ok 'with checkpoints' learn 40 --checkpoint c.its -o part.onnx
same 'the same model' part.onnx whole.onnx
ok 'a checkpoint is a stream' imgcat --check c.its
imgcat c.its | cut -f 1,3,4 >list
contains 'whose records are named as what they are' list "$(printf 'logits.weight.momentum\tf32\t24')"
contains 'so are the running values' list "$(printf 'BatchNormalization_1.mean\tf32\t3')"
imgcat c.its | head -n 1 >facts
contains 'how far it is' facts 'at.step=200'
ok 'to go on at the end' learn 40 --checkpoint c.its --resume -o again.onnx
contains 'is said' err 'going on from c.its: epoch 41, after step 200'
same 'and gives the model again' again.onnx whole.onnx
rm c.its

# Whenever it is interrupted: by signals that let it write a checkpoint, and by one that does not.
interrupted() { # SIGNAL ARGUMENT...: how often
    signal=$1 count=0
    shift
    while [ $count -lt 8 ]; do
        timeout -s "$signal" "0.0$((4 + count))" imgtrain -q -n drop.net --epochs 40 --batch 5 --flip --shift 1 \
            --val val.its --checkpoint c.its --resume -o part.onnx --log part.tsv "$@" train.its 2>said && break
        count=$((count + 1))
    done
    echo $count
}
columns() {
    cut -f 1-5,7- "$1" # all but images_per_second
}
columns whole.tsv >whole.cut
while read -r signal arguments; do
    rm -f c.its part.tsv part.onnx
    # shellcheck disable=SC2086 # the arguments are words
    echo "# $signal $arguments: interrupted $(interrupted $signal $arguments) times"
    # shellcheck disable=SC2086
    ok "$signal $arguments: goes on" learn 40 --checkpoint c.its --resume --log part.tsv $arguments -o part.onnx
    same '  the same model in the end' part.onnx whole.onnx
    columns part.tsv >part.cut
    same '  the same log, without what was done twice' part.cut whole.cut
done <<'END'
TERM -j 1
TERM -j 3 --checkpoint-every 7
KILL -j 2 --checkpoint-every 3
KILL --checkpoint-every 2
END
rm -f part.onnx.*.tmp c.its.*.tmp # of those that were killed

learn 1 -q --schedule constant --checkpoint c.its -o base.onnx
ok 'other files may be written' learn 1 --schedule constant --checkpoint c.its --resume --tensorboard runs --log log.tsv \
    --checkpoint-every 2 -j 3 -o again.onnx
same 'the model is the same' again.onnx base.onnx
ok 'and others again' learn 2 --schedule constant --checkpoint c.its --resume --tensorboard runs2 -o again.onnx
rm c.its
learn 3 -q --checkpoint c.its -o base.onnx
cp c.its saved.its
refuse() { # STATUS TEXT ARGUMENT...
    want=$1 text=$2
    shift 2
    status "$want" "refused: $text" imgtrain --checkpoint c.its --resume -o model.onnx "$@"
    contains '  and told' err "$text"
    ok '  and no model' test ! -e model.onnx
    same '  and the checkpoint is what it was' c.its saved.its
}
same_as='-n drop.net --epochs 3 --batch 5 --flip --shift 1 --val val.its'
sed 's/channels=8/channels=9/' drop.net >wide.net
colours other 8 3
# shellcheck disable=SC2086 # the options are words
{
    refuse 2 'with --batch 5, and this run is with --batch 6' $same_as --batch 6 train.its
    refuse 2 'without --rate, and this run is with --rate 0.1' $same_as --rate 0.1 train.its
    refuse 2 'with --epochs 3, and this run is with --epochs 4' $same_as --epochs 4 train.its
    refuse 2 'with --flip, and this run is without --flip' -n drop.net --epochs 3 --batch 5 --shift 1 --val val.its train.its
    refuse 2 'without --seed, and this run is with --seed 9' $same_as --seed 9 train.its
    refuse 2 'this run is with data' $same_as other.its
    refuse 2 'with tensors 24, and this run is with tensors 12' $same_as val.its
    refuse 2 'this run is with validation' $same_as --val other.its train.its
    refuse 2 'with network' $same_as -n wide.net train.its
    status 0 'the same number, written otherwise' imgtrain $same_as --shift 01 --checkpoint c.its --resume -o model.onnx train.its
    rm model.onnx
    imgcat --text saved.its | sed 's/	format=2	/	/; s/	at.best.epoch=[0-9]*//' | imgcat --from-text -o c.its
    mv saved.its good.its
    cp c.its saved.its
    refuse 2 'c.its was written by another version of imgtrain (imgutils 0.1.0, checkpoints of format 1; this is 0.1.0, format 2)' \
        $same_as train.its
    imgcat --text good.its | sed 's/	imgutils=[^	]*/	imgutils=0.0.9/' | imgcat --from-text -o c.its
    cp c.its saved.its
    refuse 2 'only that one can go on from it' $same_as train.its
    mv good.its saved.its
    head -c 2000 saved.its >c.its
    cp c.its saved.its
    refuse 3 'c.its' $same_as train.its
    cp val.its c.its
    cp c.its saved.its
    refuse 3 'c.its is no checkpoint' $same_as train.its
    : >c.its
    cp c.its saved.its
    refuse 3 'c.its' $same_as train.its
}
status 2 '--resume without --checkpoint' imgtrain -n drop.net --resume train.its
contains 'is told' err '--checkpoint FILE is missing'
status 4 'a folder that is not there' learn 1 --checkpoint no/c.its -o model.onnx
contains 'is named' err 'no/c.its'
echo 'not a log' >part.tsv
rm c.its
status 2 'a log that is none is not gone on with' learn 1 --checkpoint c.its --resume --log part.tsv -o model.onnx
equals 'and stays' "$(cat part.tsv)" 'not a log'
learn 1 --checkpoint c.its -o model.onnx 2>err
: >part.tsv
status 3 'an empty one, after some steps, has lost its rows' learn 1 --checkpoint c.its --resume --log part.tsv -o model.onnx
contains 'and that is told' err 'part.tsv is empty: '

# The rates of a constant schedule do not depend on the number of epochs.
ok 'six epochs' learn 6 --schedule constant -o six.onnx
ok 'three' learn 3 --schedule constant --checkpoint c.its -o three.onnx
ok 'and three more' learn 6 --schedule constant --checkpoint c.its --resume -o more.onnx
same 'are six' more.onnx six.onnx

# Numbers that are none are not saved.
rm c.its
status 2 'a loss that is not finite' learn 40 --rate 1e6 --momentum 0 --checkpoint c.its --checkpoint-every 1 -o nan.onnx
contains 'names where' err 'a smaller --rate'
ok 'and leaves no model' test ! -e nan.onnx
ok 'the last good checkpoint is there' imgcat --check c.its
ok 'and holds no NaN' sh -c '! imgcat --text c.its | grep -E "^[[:space:]].*(nan|inf)"'
equals 'nothing else is left' "$(find . -name '*tmp*' -o -name '*part')" ''
tap_done
