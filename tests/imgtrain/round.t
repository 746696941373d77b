#!/bin/sh
# If this fails, a training that is cut into rounds is not the training that it is a part of, or workers who have met other
# labels have other networks.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 9 1
printf 'Flatten\nlogits: Gemm units=$classes\n' >linear.net

train() {
    imgtrain -q --epochs 3 --batch 4 --rate 0.01 --warmup 4 --flip "$@" train.its
}
# Without momentum nothing but the weights goes from step to step: 21 steps, cut within epochs.
ok 'in one go' train -n linear.net --momentum 0 --log whole.tsv -o whole.onnx
ok 'round 1 of 1' train -n linear.net --momentum 0 --round 1/1 -o again.onnx
same 'is all' again.onnx whole.onnx
ok 'round 1 of 4' train -n linear.net --momentum 0 --round 1/4 --log log1.tsv -o r1.onnx
for i in 2 3 4; do
    ok "round $i" train -m r$((i - 1)).onnx --momentum 0 --round $i/4 --log log$i.tsv -o r$i.onnx
done
for model in whole r4; do
    imgfeat -m $model.onnx -n logits train.its | imgcat --text | cksum
done >sums
equals 'the rounds end where the whole does' "$(uniq <sums | wc -l)" 1
for i in 1 2 3 4; do tail -n +2 log$i.tsv; done | cut -f 1-5 >parts
tail -n +2 whole.tsv | cut -f 1-5 >rows
same 'step by step, with the same rates' parts rows
ok 'and have learned' imgtrain --average -v -o mean.onnx r4.onnx
contains 'from as many' err 'r4.onnx: 81 samples'
ok 'fewer steps than rounds' train -n linear.net --round 2/100 -o none.onnx
train -n linear.net --epochs 0 -o zero.onnx
ok 'leave some without any' sh -c 'imgfeat -m none.onnx train.its | cksum >a; imgfeat -m zero.onnx train.its | cksum | cmp - a'
printf 'Flatten\nDropout ratio=0.5\nlogits: Gemm units=$classes\n' >drop.net
train -n drop.net --round 1/3 --epochs 1 -o a.onnx
train -m a.onnx --round 2/3 --epochs 1 -o b.onnx
train -m a.onnx --round 2/3 --epochs 1 -o c.onnx
same 'a round done twice is the same, bit for bit' b.onnx c.onnx

# ---- means of those that went on from one ----

ok 'a worker' train -m r1.onnx --round 2/4 -o w1.onnx
ok 'another, with fewer pictures' sh -c 'imgcat --its --slice 0:9 train.its | imgtrain -q --labels red,green,blue --epochs 3 --batch 4 --round 2/4 -m r1.onnx -o w2.onnx'
ok 'their mean' imgtrain --average -v -m r1.onnx -o mean.onnx w1.onnx w2.onnx
sort err >said
equals 'weighs what they learned from since' "$(cut -d ' ' -f 2- said | tr '\n' ';')" 'w1.onnx: 19 samples;w2.onnx: 5 samples;'
ok 'and says' imgtrain --average -v -o x.onnx mean.onnx
contains 'what it has learned from in all' err 'mean.onnx: 44 samples'
status 2 'a model that did not go on from it' imgtrain --average -m whole.onnx -o x.onnx w1.onnx
contains '  is refused' err 'w1.onnx has learned from 39 samples, the model that it should have gone on from, from 81'

# ---- labels that are known ----

imgextract --include 'red/*' --include 'blue/*' train | imgprep --size 8 -o two.its
ok '--labels' imgtrain -q -n linear.net --epochs 1 --labels red,green,blue -o three.onnx two.its
ok '  are those of the model' sh -c 'tr "\n" " " <three.onnx | grep -aq "blue green red"'
printf 'red\r\nblue\ngreen\n' >names
ok '  from a file' imgtrain -q -n linear.net --epochs 1 --labels names -o again.onnx two.its
same '  the same' again.onnx three.onnx
ok '  when all are there anyway' train -n linear.net --momentum 0 --labels names -o again.onnx
same '  nothing changes' again.onnx whole.onnx
ok '-m with --labels' imgtrain -v -m three.onnx --epochs 1 --labels names -o tuned.onnx two.its
contains '  goes on with the last layer' err 'goes on with its weights'
status 1 'a label that is not among them' imgtrain -n linear.net --epochs 1 --labels red,green -o x.onnx train.its
contains '  is left out and told' err "9 with labels not in --labels ('blue')"
status 2 'none that is among them' imgtrain -n linear.net --epochs 1 --labels a,b -o x.onnx train.its

refuse() { # TEXT ARGUMENT...
    text=$1
    shift
    status 2 "refused: $*" imgtrain -n linear.net -o no.onnx "$@"
    contains '  and told' err "$text"
}
for bad in 0/4 5/4 1 x/y 1/0; do refuse "$bad" --round $bad train.its; done
refuse '--round does not go with' --round 1/2 --checkpoint c train.its
refuse '--round does not go with' --round 1/2 --keep best --val train.its train.its
refuse '--round does not go with' --round 1/2 --each-epoch 'cat train.its'
refuse '--round has no meaning with --online' --online --round 1/2 train.its
refuse '--round is not for --optimiser lbfgs' --optimiser lbfgs --round 1/2 train.its
refuse 'no --labels' --labels a,b --each-epoch 'cat train.its'
refuse '--average takes models' --average --labels a,b r1.onnx
tap_done
