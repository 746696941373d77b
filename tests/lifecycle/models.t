#!/bin/sh
# If this fails, a model that we ship is too large, or does not reach what models/README.md says of it: its file is
# damaged, or the programs prepare pictures otherwise than when it learned.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

for model in "$SRCDIR"/models/*.onnx; do
    ok "$(basename "$model") is smaller than 2 MB: $(wc -c <"$model")" test "$(wc -c <"$model")" -lt 2000000
done

# reaches MODEL FILE PICTURES RIGHT RULE: of the first pictures of the shared file, labelled by RULE, so many at least are right; a few less than there were when the
# model was made, for processors round differently.
reaches() {
    if [ ! -e "$SHARED/data/$2" ]; then
        skip "$1" "no $2 in the shared data"
        return 1
    fi
    imgextract --label "$5" --limit "$3" "$SHARED/data/$2" | imgprep -m "$SRCDIR/models/$1" |
        imgclassify -k 1 -m "$SRCDIR/models/$1" >pred.tsv
    equals "$1: so many pictures" "$(wc -l <pred.tsv | tr -d ' ')" "$3"
    right=$(awk -F '\t' '$2 == $3' pred.tsv | wc -l)
    ok "$1: $4 of them at least are right: $right" test "$right" -ge "$4"
}

# as MODEL KEY CLASS PROBABILITY: of the predictions in pred.tsv; the probability within 0.001
as() {
    ok "$1: $2 is $3 with probability $4" awk -F '\t' -v key="$2" -v class="$3" -v probability="$4" '
        $1 == key { found = $3 == class && ($4 - probability) ^ 2 < 1e-6 } END { exit !found }' pred.tsv
}

drawshapes -n 400 -s 2 | imgextract | imgprep -m "$SRCDIR/models/shapes.onnx" |
    imgclassify -k 1 -m "$SRCDIR/models/shapes.onnx" >pred.tsv
right=$(awk -F '\t' '$2 == $3' pred.tsv | wc -l)
ok "shapes.onnx: of 400 unseen pictures 394 at least are right: $right" test "$right" -ge 394
as shapes.onnx ring/00000.jpg ring 0.971032
as shapes.onnx star/00001.jpg star 0.976618
as shapes.onnx square/00002.jpg square 0.990979

if reaches cifar10.onnx cifar10/cifar10-test.tar.gz 500 438 folder; then
    as cifar10.onnx test/automobile/0781.jpg automobile 0.867217
    as cifar10.onnx test/frog/0036.jpg frog 0.76052
fi
if reaches fashion.onnx fashion-mnist/t10k-images-idx3-ubyte.gz 500 468 auto; then
    as fashion.onnx 00000 9 0.920961
    as fashion.onnx 00001 2 0.902583
fi
if reaches dogscats.onnx dogs-vs-cats/dogscats64-test.tar.gz 500 455 prefix; then
    as dogscats.onnx dog.11734.jpg dog 0.978482
    as dogscats.onnx cat.11338.jpg cat 0.890943
fi
tap_done
