#!/bin/sh
# Would break: a classifier trained on features, as for pictures that are few, could not be used.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

model=$SRCDIR/models/shapes.onnx
features() { # SEED PICTURES
    drawshapes -s "$1" -n "$2" | imgextract | imgprep -m "$model" | imgfeat -m "$model"
}
features 1 120 >train.its
features 2 60 >test.its
printf 'Gemm units=$classes\n' >linear.net
status 0 "train on features" imgtrain -q -n linear.net --epochs 30 -o linear.onnx train.its
status 0 "classify features" imgclassify -m linear.onnx -o linear.tsv test.its
right=$(imgstats eval -f tsv linear.tsv | awk -F '\t' '$2 == "top1" {print ($3 > 0.9)}')
equals "right in more than 90 %" "$right" 1
imgclassify -m linear.onnx -j 1 test.its >one.tsv
same "the same with one thread" one.tsv linear.tsv
status 0 "features of features" imgfeat -m linear.onnx -n "$(imgfeat -m linear.onnx --list | tail -n 1 | cut -f 1)" -o logits.its test.its
equals "a number for each class" "$(imgcat logits.its | cut -f 2-4 | sort -u | tr '\t' ' ')" "tensor f32 6"

drawshapes -s 2 -n 2 | imgextract | imgprep -m "$model" >pictures.its
status 1 "pictures instead of features" imgclassify -m linear.onnx pictures.its
contains "are told from them" err "u8 32x32x3 is no vector of features: expected f32 with 1 dimension"
imgfeat -m "$model" -n logits pictures.its >other.its
status 1 "features of another length" imgclassify -m linear.onnx other.its
contains "both lengths are named" err "1x6"
tap_done
