#!/bin/sh
# If this fails, learning does not go on from the weights of a model, or changes what should stay.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 20 1
colours val 10 2
cat >base.net <<'EON'
norm: BatchNormalization
stem: Conv channels=8 kernel_shape=3 pads=1
Relu
a: Conv channels=8 kernel_shape=3 pads=1
b: BatchNormalization
sum: Add < stem b
pool: GlobalAveragePool
flat: Flatten
logits: Gemm units=$classes
EON
imgtrain -q -n base.net --epochs 2 --batch 16 -o base.onnx train.its
features() { # MODEL NODE
    imgfeat -m "$1" -n "$2" --exact val.its | imgcat --checksum
}
right() {
    awk -F '\t' '$2 == $3' "$1" | wc -l | tr -d ' '
}

# the same labels
ok 'no step' imgtrain -m base.onnx --epochs 0 -o zero.onnx train.its
same 'is the model as it was' zero.onnx base.onnx
ok 'a few steps' imgtrain -v -m base.onnx --epochs 3 --batch 16 --rate 0.02 --val val.its -o more.onnx train.its
contains 'go on with the layer that makes the classes' err 'logits: goes on with its weights'
ok 'imgclassify runs the model' imgclassify -m more.onnx -o more.tsv val.its
equals 'all are right' "$(right more.tsv)" 30
ok 'one thread' imgtrain -q -j 1 -m base.onnx --epochs 3 --batch 16 --rate 0.02 -o again.onnx train.its
same 'is the same model' again.onnx more.onnx
perl -0pe 's/blue\ngreen\nred/red\ngreen\nblue/' base.onnx >mixed.onnx
imgclassify -m mixed.onnx -o mixed.tsv val.its
ok 'a model with its labels in another order' imgtrain -m mixed.onnx --epochs 0 -o order.onnx train.its
ok 'gets them in byte order' sh -c 'tr "\n" " " <order.onnx | grep -aq "blue green red"'
imgclassify -m order.onnx -o order.tsv val.its
same 'and says the same of each picture' order.tsv mixed.tsv

# others
mkdir other
mv train/red other/crimson
mv train/green other/leaf
imgextract other | imgprep -m base.onnx -o other.its
ok 'other labels' imgtrain -v -m base.onnx --epochs 12 --batch 8 -o other.onnx other.its
contains 'get another layer' err 'logits: gets new weights'
ok 'which knows them' sh -c 'tr "\n" " " <other.onnx | grep -aq "crimson leaf"'
ok 'imgclassify runs it' imgclassify -m other.onnx -o other.tsv other.its
equals 'all are right' "$(right other.tsv)" 40
ok '--new-head' imgtrain -m base.onnx --new-head --epochs 0 -o new.onnx train.its
ok 'begins anew with the same labels, too' sh -c '! cmp -s new.onnx base.onnx'
equals 'and changes nothing before' "$(features new.onnx flat)" "$(features base.onnx flat)"

# only what comes after a node
ok '--from' imgtrain -m base.onnx --from sum --epochs 3 --batch 8 -o from.onnx other.its
equals 'what comes before stays' "$(features from.onnx sum)" "$(features base.onnx sum)"
imgfeat -m base.onnx --batch 1 -n sum other.its >sum.f
ok 'on features of imgfeat' imgtrain -m base.onnx --epochs 3 --batch 8 -o cached.onnx sum.f
same 'the same' cached.onnx from.onnx
ok 'with --backbone' imgtrain --backbone base.onnx --from sum --epochs 3 --batch 8 -o cached.onnx other.its
same 'the same' cached.onnx from.onnx
ok 'three threads' imgtrain -j 3 -m base.onnx --from sum --epochs 3 --batch 8 -o cached.onnx other.its
same 'the same' cached.onnx from.onnx
ok 'some changes' imgtrain -m base.onnx --from stem --epochs 2 --batch 8 --flip --val other.its -o flip.onnx other.its
contains 'and validation' err 'validation: loss'

# a network of one's own
printf 'Gemm units=5\nRelu\nlast: Gemm units=$classes\n' >head.net
ok '-n' imgtrain -m base.onnx -n head.net --epochs 8 --batch 8 -o own.onnx other.its
equals 'takes the place of the last layer' "$(imgfeat -m own.onnx --list | tail -n 4 | cut -f 2 | tr '\n' ' ')" 'Flatten Gemm Relu Gemm '
ok 'and imgclassify runs it' imgclassify -m own.onnx -o own.tsv other.its
equals 'all are right' "$(right own.tsv)" 40
ok '-n and pictures through --backbone' imgtrain --backbone base.onnx -n head.net --epochs 2 -o own.onnx other.its
equals 'what comes before stays' "$(features own.onnx flat)" "$(features base.onnx flat)"

# rates and norms
ok '--backbone-rate' imgtrain -m base.onnx --backbone-rate 1e-9 --freeze-norm --epochs 2 --batch 8 -o slow.onnx other.its
equals 'all but the last layer hardly learn' "$(features slow.onnx norm)" "$(features base.onnx norm)"
ok 'without it' imgtrain -m base.onnx --freeze-norm --epochs 2 --batch 8 -o fast.onnx other.its
ok 'they do' sh -c '! cmp -s slow.onnx fast.onnx'
equals 'but for frozen norms' "$(features fast.onnx norm)" "$(features base.onnx norm)"
ok 'norms that are not frozen' imgtrain -m base.onnx --epochs 2 --batch 8 -o thaw.onnx other.its
ok 'change' test "$(features thaw.onnx norm)" != "$(features base.onnx norm)"

refuse() { # STATUS TEXT ARGUMENT...
    want=$1 text=$2
    shift 2
    status "$want" "refused: $text" imgtrain --epochs 1 -o model.onnx "$@"
    contains '  and told' err "$text"
    ok '  and no model' test ! -e model.onnx
}
refuse 3 'train.its' -m train.its train.its
refuse 2 "has no node 'summ'" -m base.onnx --from summ train.its
refuse 2 'what comes after a also needs what comes before it; everything goes through sum' -m base.onnx --from a train.its
refuse 2 'nothing comes after logits' -m base.onnx --from logits train.its
refuse 2 '-m and --backbone need data' -m base.onnx --epochs 0
imgextract val | imgprep --size 9 -o nine.its
refuse 2 'by another recipe than that of base.onnx: the size (resize)' -m base.onnx nine.its
refuse 2 'takes pictures of 3x8x8, and the tensors are 3x9x9' --force -m base.onnx nine.its
imgfeat -m base.onnx -n flat train.its >flat.f
refuse 2 "the features are of the node 'flat', not of 'sum'" -m base.onnx --from sum flat.f
tap_done
