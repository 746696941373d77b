#!/bin/sh
# If this fails, workers' models do not become one that is what they are together.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 8 1
colours other 4 2
echo 'Flatten
logits: Gemm units=$classes' >linear.net
imgextract train | imgprep --size 8 --scale 0.004 -o train.its
imgextract other | imgprep --size 8 --scale 0.004 -o other.its

ok 'one worker: 24 tensors, 3 times' imgtrain -q -n linear.net --epochs 3 --batch 6 -o a.onnx train.its
ok 'another: 12 tensors, 2 times' imgtrain -q -n linear.net --epochs 2 --batch 6 -o b.onnx other.its
ok 'together' imgtrain --average -v -o mean.onnx a.onnx b.onnx
sort err >said
equals 'by samples' "$(cut -d ' ' -f 2- said | tr '\n' ';')" 'a.onnx: 72 samples;b.onnx: 24 samples;'
ok 'in another order' imgtrain --average -o again.onnx b.onnx a.onnx
same 'the same' again.onnx mean.onnx
ok 'one alone' imgtrain --average -o alone.onnx a.onnx
same 'is itself' alone.onnx a.onnx
ok 'the mean with a third' imgtrain --average -v -o third.onnx mean.onnx b.onnx
grep 'mean.onnx' err >said
contains 'which has seen what both have' said 'mean.onnx: 96 samples'

# A linear network's outputs are linear in its weights: 72/96 of the one and 24/96 of the other.
for model in a b mean; do
    imgfeat -m $model.onnx -n logits other.its | imgcat --text | grep -v '^its-text\|^tensor\|^end' | tr -s '\t ' '\n' | grep . >$model.txt
done
equals 'all outputs' "$(grep -c . mean.txt)" 36
ok 'are the weighted mean' sh -c 'paste a.txt b.txt mean.txt | awk "{ d = \$1 * .75 + \$2 * .25 - \$3; if (d * d > 1e-10) exit 1 }"'
ok 'imgclassify runs it' imgclassify -m mean.onnx -o pred.tsv other.its
equals 'and knows the labels' "$(cut -f 3 pred.tsv | sort -u | tr '\n' ' ')" 'blue green red '

ok 'running values of BatchNormalization' imgtrain -q -n small.net --epochs 1 --batch 6 -o c.onnx train.its
ok '  of another' imgtrain -q -n small.net --epochs 1 --batch 6 --seed 2 -o d.onnx train.its
ok '  too' imgtrain --average -o cd.onnx c.onnx d.onnx
ok '  imgclassify runs it' imgclassify -m cd.onnx -o pred.tsv train.its

refuse() { # STATUS TEXT ARGUMENT...
    want=$1 text=$2
    shift 2
    status "$want" "refused: $text" imgtrain --average -o no.onnx "$@"
    contains '  and told' err "$text"
    ok '  and no model' test ! -e no.onnx
}
refuse 2 'which models?'
imgextract train | imgprep --size 8 | imgtrain -q -n linear.net --epochs 0 -o raw.onnx -
refuse 2 'raw.onnx has the recipe' a.onnx raw.onnx
printf 'Flatten\nGemm units=9\nlogits: Gemm units=$classes\n' >deep.net
imgtrain -q -n deep.net --epochs 1 -o deep.onnx train.its
refuse 2 'deep.onnx is another network than a.onnx: 3 nodes' a.onnx deep.onnx
rm -r train/red
imgextract train | imgprep --size 8 --scale 0.004 -o two.its
imgtrain -q -n linear.net --epochs 1 -o two.onnx two.its
refuse 2 'two.onnx has the labels' a.onnx two.onnx
refuse 2 '--rate has no meaning with --average' --rate 1 a.onnx b.onnx
refuse 2 '--average takes models' -n small.net a.onnx
refuse 4 'cannot open' a.onnx absent.onnx
head -c 500 a.onnx >cut.onnx
refuse 3 'cut.onnx' a.onnx cut.onnx
tap_done
