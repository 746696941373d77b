#!/bin/sh
# If this fails, the result depends on the number of threads, on the batch, or memory grows with the stream.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

model=$SRCDIR/models/shapes.onnx
if [ ! -e "$model" ]; then
    echo "1..0 # SKIP no models/shapes.onnx"
    exit 0
fi
drawshapes -s 5 -n 45 >pictures.tar
imgextract pictures.tar | imgprep -m "$model" >ready.its
for format in tsv jsonl its; do
    imgclassify -j 1 -m "$model" --format $format ready.its >one
    imgclassify --jobs 4 -m "$model" --format $format ready.its >four
    ok "$format: one thread and four give the same bytes" cmp one four
done
imgfeat -j 1 -m "$model" ready.its >one
imgfeat -j 4 -m "$model" ready.its >four
ok "features: one thread and four give the same bytes" cmp one four
imgclassify -m "$model" ready.its >all.tsv
for i in 0 1 7 44; do
    imgcat --slice $i ready.its 2>err | imgclassify -m "$model" >single.tsv 2>err
    sed -n "$((i + 1))p" all.tsv >expected
    if [ -s single.tsv ]; then
        same "picture $i alone has the result it has in a batch" single.tsv expected
    else
        skip "picture $i alone" "imgcat cannot cut a slice like this"
    fi
done
status 0 "--progress" imgclassify --progress -m "$model" -o out.tsv ready.its
for isa in x86_64 avx2 avx512; do
    IMGUTILS_ISA=$isa imgclassify -k 1 -m "$model" ready.its | cut -f 1-3 >other.tsv
    cut -f 1-3 all.tsv >expected
    same "the classes are the same with $isa" other.tsv expected
done
tap_done
