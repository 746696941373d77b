#!/bin/sh
# If this fails, pictures with any number of labels are learned or told wrongly, from the folder to the score.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"

# Pictures in which each of two colours is there or not; the folder names the set.
sets() { # FOLDER SEED
    mkdir -p "$1/-" "$1/red" "$1/blue" "$1/blue,red"
    awk -v folder="$1" -v seed="$2" 'BEGIN {
        srand(seed)
        split("-|red|blue|blue,red", name, "|")
        for (s = 0; s < 4; s++) for (n = 1; n <= 10; n++) {
            file = sprintf("%s/%s/%02d.ppm", folder, name[s + 1], n)
            printf "P3 8 8 255\n" > file
            for (i = 0; i < 192; i++) {
                there = (i % 3 == 0 && s % 2) || (i % 3 == 2 && s >= 2)
                printf "%d ", int(rand() * 120) + (there ? 120 : 0) > file
            }
            close(file)
        }
    }'
    imgextract "$1" | imgprep --size 8 -o "$1.its"
}
sets train 1
sets val 2
relabel() { # FILE OLD NEW: train.its with another label
    cp -R train relabelled
    mv "relabelled/$2" "relabelled/$3"
    imgextract relabelled | imgprep --size 8 -o "$1"
    rm -rf relabelled
}
train() {
    imgtrain -n small.net --loss sigmoid --epochs 30 --batch 10 --rate 0.1 "$@"
}
ok 'learns from sets of labels' train -v --val val.its --log log.tsv -o model.onnx train.its
contains 'two of them' err '40 tensors of 3x8x8, 2 labels'
ok 'each label is told in nearly all pictures' awk 'END { exit !($4 > 0.95 && $8 > 0.95) }' log.tsv
contains 'the model says what it puts out' model.onnx 'imgutils.loss'
train -q -j 1 -o again.onnx train.its
same 'the same model with one thread' again.onnx model.onnx

ok 'imgclassify prints all labels' imgclassify -v -m model.onnx val.its
contains 'of their own' err 'logits of labels: a sigmoid makes them probabilities'
cp out pred.tsv
equals 'of each picture' "$(awk -F '\t' '{print NF}' pred.tsv | sort -u)" 6
ok 'both where both are' awk -F '\t' '$2 == "blue,red" && $4 > 0.5 && $6 > 0.5 { n++ } END { exit n < 9 }' pred.tsv
ok 'none where none is' awk -F '\t' '$2 == "-" && $4 < 0.5 && $6 < 0.5 { n++ } END { exit n < 9 }' pred.tsv
ok 'the more probable one first' awk -F '\t' '$4 < $6 { exit 1 }' pred.tsv
imgclassify -m model.onnx -k 1 val.its >out
equals '-k limits them' "$(awk -F '\t' '{print NF}' out | sort -u)" 4
imgclassify -m model.onnx --header val.its | head -n 1 >out
equals '--header names them' "$(tr '\t' ' ' <out)" 'key label class1 probability1 class2 probability2'
imgclassify -m model.onnx --format jsonl val.its | head -n 1 >out
equals 'JSON lines hold both' "$(grep -o '"class":"[a-z]*"' out | sort | tr '\n' ' ')" '"class":"blue" "class":"red" '
ok 'imgstats knows the labels for sets' imgstats eval -f tsv pred.tsv
cp out scores
ok 'and all scores are good' awk '$2 ~ /^(subset_accuracy|macro_f1|macro_average_precision)$/ && $3 > 0.9 { n++ } END { exit n != 3 }' scores

# One label; labels not known.
relabel one.its blue,red red,blue
train -q -o same.onnx one.its
ok 'the order of names does not matter' imgclassify -m same.onnx val.its
mkdir yes
cp -R train/- train/red yes
imgextract yes | imgprep --size 8 -o yes.its
ok 'a single label, there or not' train -q -o yes.onnx yes.its
ok 'imgclassify tells it' imgclassify -m yes.onnx yes.its
cp out yes.tsv
ok 'by its probability' awk -F '\t' 'NF == 4 && $3 == "red" && ($2 == "red") == ($4 > 0.5) { n++ } END { exit n < 19 }' yes.tsv
imgtrain -q -n small.net --epochs 1 --loss sigmoid --log known.tsv --batch 40 -o x.onnx train.its
relabel unknown.its - '?blue,?red'
imgtrain -q -n small.net --epochs 1 --loss sigmoid --log unknown.tsv --batch 40 -o y.onnx unknown.its
ok 'what is not known takes no part' sh -c 'test "$(sed -n 2p known.tsv | cut -f 3)" != "$(sed -n 2p unknown.tsv | cut -f 3)"'
ok '--class-weights balanced' train -q --class-weights balanced -o weighted.onnx unknown.its
ok 'makes a difference' sh -c '! cmp -s weighted.onnx model.onnx'

# Refusals.
relabel bad.its blue,red blue,,red
status 3 'an empty name' train -o bad.onnx bad.its
contains 'is told with the picture' err "blue,,red/01.ppm: the set of labels 'blue,,red' has an empty name"
ok 'and there is no model' test ! -e bad.onnx
mkdir nothing
cp -R train/- nothing
imgextract nothing | imgprep --size 8 -o nothing.its
status 2 'no label at all' train -o bad.onnx nothing.its
contains 'is told' err 'none of 10 tensors has a label'
relabel new.its blue,red blue,green
status 1 'a validation label that the training has not' train --val new.its -o z.onnx train.its
contains 'is left out' err "10 with labels not in the training set ('green')"
status 2 '--online, which knows single labels' imgtrain -n small.net --loss sigmoid --online -o bad.onnx train.its
contains 'says so' err '--loss has no meaning with --online'
ok 'with softmax a set is a name like others' imgtrain -q -n small.net --epochs 1 -o names.onnx train.its
imgclassify -m names.onnx -k 4 val.its >out
contains 'and a class' out 'blue,red'
tap_done
