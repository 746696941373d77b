#!/bin/sh
# If this fails, predictions are wrong: the class, the probability, the names, or which item they belong to.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

mkdir -p in/left in/right
picture in/left/a.ppm 100 110 120
picture in/right/b.ppm 120 100 90
picture in/right/c.ppm 100 100 100
imgextract in >in.its
prepare in.its >ready.its
for kind in logits probabilities one one-logit pixels map; do
    network $kind.onnx $kind
done
network named.onnx logits imgutils.labels 'red\ngreen\nblue'
tab=$(printf '\t')

# softmax(0, 1, 2) = 0.0900306 0.244728 0.665241; softmax(2, 0, -1) = 0.843795 0.114195 0.0420101
cat >expected <<END
left/a.ppm${tab}left${tab}2${tab}0.665241${tab}1${tab}0.244728${tab}0${tab}0.0900306
right/b.ppm${tab}right${tab}0${tab}0.843795${tab}1${tab}0.114195${tab}2${tab}0.0420101
right/c.ppm${tab}right${tab}0${tab}0.333333${tab}1${tab}0.333333${tab}2${tab}0.333333
END
for kind in logits probabilities pixels; do
    status 0 "$kind" imgclassify -v -m $kind.onnx ready.its
    same "$kind: classes and probabilities" out expected
    case $kind in
    probabilities) contains "-v says that it puts out probabilities" err "puts out probabilities" ;;
    *) contains "$kind: -v says that it puts out logits" err "puts out logits" ;;
    esac
done
contains "-v says that the model has no recipe" err "no recipe"
status 0 "standard input" sh -c 'imgclassify -m logits.onnx <ready.its'
same "standard input" out expected
status 0 "the files' order" imgclassify -m logits.onnx ready.its ready.its
cat expected expected >twice
same "two files are one stream" out twice

cut -f 1-4 expected >top1
status 0 "-k 1" imgclassify -k 1 --model=logits.onnx ready.its
same "-k 1 prints the best only" out top1
status 0 "--top=2" imgclassify --top=2 -m logits.onnx ready.its
cut -f 1-6 expected >top2
same "--top=2" out top2

# sigmoid(0) = 0.5, sigmoid(2) = 0.880797
cat >expected-one <<END
left/a.ppm${tab}left${tab}0${tab}0.5${tab}1${tab}0.5
right/b.ppm${tab}right${tab}1${tab}0.880797${tab}0${tab}0.119203
right/c.ppm${tab}right${tab}0${tab}0.5${tab}1${tab}0.5
END
for kind in one one-logit; do
    status 0 "$kind output" imgclassify -m $kind.onnx ready.its
    same "$kind output: two classes" out expected-one
done
ok "-v with one logit" imgclassify -v -m one-logit.onnx ready.its
contains "-v with one logit: speaks of the sigmoid" err "a sigmoid of a single one"

status 1 "a map of scores" imgclassify -m map.onnx ready.its
contains "a map of scores is no row of classes" err "3x4x4 for each picture"
equals "every item has its row" "$(wc -l <out)" 3

status 0 "the model's labels" imgclassify -k 1 -m named.onnx ready.its
equals "are used" "$(cut -f 3 out | tr '\n' ' ')" "blue red red "
printf 'rot\ngr\\tn\nblau\n' >labels
status 0 "--labels" imgclassify -k 2 -m named.onnx --labels labels ready.its
equals "goes before the model's" "$(head -n 1 out | cut -f 3,5)" "blau${tab}gr\\tn"
printf 'rot\r\ngruen\r\nblau' >labels
status 0 "labels with CR LF and without a last newline" imgclassify -k 1 -m logits.onnx --labels labels ready.its
equals "are read" "$(head -n 1 out | cut -f 3)" blau
printf 'one\ntwo\n' >labels
status 2 "too few labels" imgclassify -m logits.onnx --labels labels ready.its
contains "says how many and how many" err "2 labels, but the network has 3 classes"
status 4 "no labels file" imgclassify -m logits.onnx --labels nowhere ready.its
contains "names it" err nowhere

status 0 "--header" imgclassify --header -k 2 -m logits.onnx ready.its
equals "names the columns" "$(head -n 1 out)" "key${tab}label${tab}class1${tab}probability1${tab}class2${tab}probability2"
equals "once" "$(wc -l <out)" 4
status 0 "-o" imgclassify -m logits.onnx -o out.tsv ready.its
same "-o FILE" out.tsv expected

mkdir plain
picture plain/x.ppm 100 110 120
imgextract --label none plain | prepare >plain.its
status 0 "no label" imgclassify -k 1 -m logits.onnx plain.its
equals "no label: an empty column" "$(cat out)" "x.ppm${tab}${tab}2${tab}0.665241"
prepare --type f32 --layout chw in.its >f32.its
status 0 "f32, channels first" imgclassify -m logits.onnx f32.its
same "f32, channels first: the same" out expected
prepare --type f32 in.its >f32.its
status 0 "f32, channels last" imgclassify -m logits.onnx f32.its
same "f32, channels last: the same" out expected
prepare --layout chw in.its >chw.its
status 0 "u8, channels first" imgclassify -m logits.onnx chw.its
same "u8, channels first: the same" out expected
tap_done
