#!/bin/sh
# If this fails, public networks give other answers here than elsewhere: the pixels or the engine are wrong. The expected
# answers were made with Pillow (before 13, hence the filter) and an independent evaluation.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
need_shared "public networks" weights/reference-predictions.tsv

data=$SHARED/data
weights=$data/weights
cat >check.py <<'END'
import sys
model, count = sys.argv[1], int(sys.argv[2])
want = {}
for line in open(sys.argv[3]):
    f = line.rstrip("\n").split("\t")
    if not line.startswith("#") and f[1] == model:
        want[f[0]] = (f[2], float(f[4]), f[5], float(f[7]))
rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
wrong = 0
for key, _, top1, p1, top2, p2 in rows:
    one, q1, two, q2 = want[key.split("/")[-1]]
    if (top1, top2) != (one, two) or abs(float(p1) - q1) > 1e-3 or abs(float(p2) - q2) > 1e-3:
        print("#", key, top1, p1, top2, p2, "expected", one, q1, two, q2)
        wrong += top1 != one or abs(float(p1) - q1) > 1e-3
print(len(rows), "pictures,", wrong, "wrong")
sys.exit(wrong != 0 or len(rows) != count)
END
case $B in *asan*) sets=sample:9 ;; *) sets='dogscats:512 sample:9' ;; esac # sanitizers are slow
imgextract "$data/dogs-vs-cats/dogscats-test.tar" >dogscats.its
imgextract "$weights/imagenet-sample-images.tar" >sample.its
for model in mobilenet_v1_0.25_128 mobilenet_v1_0.75_192 mobilenet_v2_1.0_224; do
    size=${model##*_}
    for set in $sets; do
        imgprep --size "$size" --filter pil-bilinear --mean 128 --std 128 "${set%:*}.its" |
            imgclassify -k 2 -m "$weights/$model.onnx" >out.tsv
        ok "$model on ${set%:*}: top-1 and probabilities within 1e-3" \
            sh -c "python3 check.py $model ${set#*:} '$weights/reference-predictions.tsv' <out.tsv"
        sed 's/^/# /' out
    done
done

case $B in
*asan*)
    tap_done
    exit
    ;;
esac
cat >accuracy.py <<'END'
import sys
names = "airplane automobile bird cat deer dog frog horse ship truck".split()
rows = [line.split("\t") for line in sys.stdin]
right = sum(names[int(r[2])] == r[1] for r in rows)
print("%d of %d" % (right, len(rows)))
END
imgextract "$data/cifar10/cifar10-test.tar.gz" |
    imgprep --preset none --scale 0.00392156862745098 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 >cifar.its
for expected in 20:8103 56:8320; do
    imgclassify -k 1 -m "$weights/cifar10-resnet${expected%:*}.onnx" cifar.its | python3 accuracy.py >accuracy
    equals "cifar10-resnet${expected%:*}" "$(cat accuracy)" "${expected#*:} of 10000"
done
tap_done
