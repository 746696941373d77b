#!/bin/sh
# If this fails, what is learned from windows of pictures, or from mixtures, is not what the model says of itself.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 10 1
colours val 10 2
recipe() {
    tr '\n\022' '  ' <"$1" | grep -ao 'crop=[^ ]* ' | head -n 1
}

ok 'windows' imgtrain -v -n small.net --epochs 8 --batch 10 --random-crop 6 --val val.its -o crop.onnx train.its
contains 'the validation set is seen whole but for its edges' err 'validation: loss'
equals 'the model says the window' "$(recipe crop.onnx)" 'crop=6x6:even '
ok 'imgprep makes it' sh -c 'imgextract val | imgprep -m crop.onnx -o cropped.its'
equals 'of that size' "$(imgcat cropped.its | cut -f 4 | sort -u)" '6x6x3'
ok 'imgclassify takes it' imgclassify -m crop.onnx -o pred.tsv cropped.its
# Without learning, the loss of the validation set's centres is that of the pictures that imgprep has cropped.
printf 'Flatten\nGemm units=$classes\n' >linear.net
imgextract train | imgprep --size 8 --crop 5 -o train5.its
imgextract val | imgprep --size 8 --crop 5 -o val5.its
ok 'windows' imgtrain -q -n linear.net --epochs 1 --rate 0 --random-crop 5 --val val.its --log a.tsv -o a.onnx train.its
ok 'centres' imgtrain -q -n linear.net --epochs 1 --rate 0 --val val5.its --log b.tsv -o b.onnx train5.its
equals 'the same centre, also where it is none' "$(tail -n 1 a.tsv | cut -f 7,8)" "$(tail -n 1 b.tsv | cut -f 7,8)"
ok 'holes' imgtrain -q -n linear.net --epochs 1 --rate 0 --random-crop 5 --cutout 3 --val val.its --log c.tsv -o c.onnx train.its
equals 'only in what is learned from' "$(tail -n 1 c.tsv | cut -f 7,8)" "$(tail -n 1 b.tsv | cut -f 7,8)"
ok 'but windows elsewhere were learned from' sh -c '[ "$(tail -n 1 a.tsv | cut -f 3)" != "$(tail -n 1 b.tsv | cut -f 3)" ]'

ok 'features' sh -c 'imgtrain -n small.net --epochs 1 -q -o net.onnx train.its && imgfeat -m net.onnx -n "$(imgfeat -m net.onnx --list | grep -a Flatten | head -n 1 | cut -f 1)" train.its >feat.its'
for option in --flip '--shift 2' '--brightness 0.5' '--random-crop 2' '--cutmix 1'; do
    # shellcheck disable=SC2086 # the option and its argument
    status 2 "features have no $option" imgtrain -n linear.net --epochs 1 $option -o f.onnx feat.its
done
ok 'but they can be mixed' imgtrain -n linear.net --epochs 1 --mixup 1 -o f.onnx feat.its

# Mixtures have the mean loss of their parts at least: the loss that is told is that of soft targets.
ok 'plain' imgtrain -q -n small.net --epochs 10 --batch 10 --log plain.tsv -o p.onnx train.its
ok 'mixed' imgtrain -q -n small.net --epochs 10 --batch 10 --mixup 1 --log mixed.tsv -o m.onnx train.its
ok 'mixtures are never certain' sh -c 'test "$(tail -n 1 mixed.tsv | cut -f 3 | cut -c 1-3)" != "$(tail -n 1 plain.tsv | cut -f 3 | cut -c 1-3)"'
ok 'and what was learned from them tells the colours' imgtrain -n small.net --epochs 10 --batch 10 --mixup 1 --val val.its -o m.onnx train.its
grep 'epoch 10' err >last
equals 'all of them' "$(sed 's/.*, accuracy //' last)" '100.00 %'
tap_done
