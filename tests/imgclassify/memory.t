#!/bin/sh
# If this fails, imgclassify or imgfeat keeps something of each record, and a long stream fills the memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

need_peak

imgtrain -n "$SRCDIR/models/logreg.net" --epochs 0 --input 3x8x8 --classes 6 -o small.onnx 2>/dev/null
drawshapes -n 100 -s 1 | imgextract | imgprep --size 8 -o pics.its

# Even the few are so many that both threads come to work.
for program in imgclassify imgfeat; do
    few=$(least_peak 'copies 100 pics.its' $program -j 2 --force -m small.onnx -o /dev/null)
    many=$(least_peak 'copies 1000 pics.its' $program -j 2 --force -m small.onnx -o /dev/null)
    same_peak "$program takes the same memory for 10,000 and for 100,000 pictures" "$few" "$many"
done
tap_done
