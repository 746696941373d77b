#!/bin/sh
# If this fails, convolutions by transforms cannot be ruled out, or change more than roundings.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

mkdir in
picture in/a.ppm 10 200 30
picture in/b.ppm 250 20 120
imgextract in | imgprep --size 32 --scale 0.0001 >ready.its
imgtrain -n "$SRCDIR/models/resnet20.net" --epochs 0 --input 3x32x32 --classes 10 -o resnet20.onnx 2>/dev/null

# Classes, and probabilities to three digits.
rounded() {
    awk -F '\t' '{for (i = 3; i < NF; i += 2) printf "%s %.3f ", $i, $(i + 1); print ""}' "$1"
}
# shellcheck disable=SC2086 # a program and its options
for program in "imgclassify --format its" "imgfeat"; do
    status 0 "$program" $program -m resnet20.onnx ready.its
    cp out transformed
    status 0 "$program --exact" $program --exact -m resnet20.onnx ready.its
    cp out exact
    ok "$program: --exact changes the last digits" test "$(cksum <exact)" != "$(cksum <transformed)"
    status 0 "$program --exact --batch 2" $program --exact --batch 2 -m resnet20.onnx ready.its
    same "$program: with it not even they depend on the batch" out exact
done
status 0 "rows" imgclassify -m resnet20.onnx ready.its
rounded out >transformed
status 0 "rows, --exact" imgclassify --exact -m resnet20.onnx ready.its
rounded out >exact
same "nothing but the last digits" transformed exact
tap_done
