#!/bin/sh
# If this fails, imgtrain does not learn what anybody can see, or not the same thing twice.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 20 1
colours val 10 2

ok 'it learns' imgtrain -n small.net --val val.its --epochs 8 --batch 16 --log log.tsv -o one.onnx train.its
contains 'every unseen picture is right' err 'epoch 8 of 8: '
grep 'epoch 8' err >last
contains 'accuracy of the validation set' last 'validation: loss'
equals 'it is 100 %' "$(sed 's/.*, accuracy //' last)" '100.00 %'

ok 'one thread' imgtrain -j 1 -n small.net --epochs 8 --batch 16 -o two.onnx train.its
same 'the same model with 1 thread, with and without --val' two.onnx one.onnx
ok 'three threads, from a pipe' sh -c 'cat train.its | imgtrain -j 3 -n small.net --epochs 8 --batch 16 >three.onnx'
same 'the same model with 3 threads from standard input' three.onnx one.onnx
ok 'all data in files' imgtrain --memory 0 -n small.net --epochs 8 --batch 16 -o four.onnx train.its
same 'the same model when the file is read again each epoch' four.onnx one.onnx
ok 'all data in a temporary file' sh -c 'imgtrain --memory 0 -n small.net --epochs 8 --batch 16 -o five.onnx <train.its'
same 'the same model from a temporary file' five.onnx one.onnx
ok 'another seed' imgtrain --seed 2 -n small.net --epochs 8 --batch 16 -o six.onnx train.its
ok 'is another model' sh -c '! cmp -s six.onnx one.onnx'

head -n 1 log.tsv >header
printf 'epoch\tstep\tloss\taccuracy\trate\timages_per_second\tvalidation_loss\tvalidation_accuracy\n' >expected
same 'the log has a header' header expected
equals 'and a row per step' "$(wc -l <log.tsv | tr -d ' ')" 33
equals 'of eight columns' "$(awk -F '\t' '{ print NF }' log.tsv | sort -u)" 8
equals 'validation at the end of each epoch' "$(awk -F '\t' 'NR > 1 && $8 != ""' log.tsv | wc -l | tr -d ' ')" 8
equals 'steps count on' "$(tail -n 1 log.tsv | cut -f 1,2)" "$(printf '8\t32')"

ok 'labels and recipe are in the model' grep -aq 'imgutils.labels' one.onnx
ok 'labels in byte order' sh -c 'tr "\n" " " <one.onnx | grep -aq "blue green red"'
ok 'imgprep finds the recipe' sh -c 'imgextract val | imgprep -m one.onnx -o again.its'
ok 'it is the same' sh -c '[ "$(imgcat --checksum again.its)" = "$(imgcat --checksum val.its)" ]'
ok 'imgclassify runs it' imgclassify -m one.onnx -o pred.tsv val.its
equals 'and all are right' "$(awk -F '\t' '$2 == $3' pred.tsv | wc -l | tr -d ' ')" 30

ok 'CHW' sh -c 'imgextract train | imgprep --size 8 --layout chw | imgtrain -n small.net --epochs 8 --batch 16 -o chw.onnx'
ok 'imgclassify runs that' imgclassify -m chw.onnx -o chw.tsv val.its
same 'layout is transport: the same predictions' chw.tsv pred.tsv
ok 'f32' sh -c 'imgextract train | imgprep --size 8 --type f32 | imgtrain -n small.net --epochs 8 --batch 16 -o f32.onnx'
ok 'imgclassify runs that' imgclassify -m f32.onnx -o f32.tsv val.its
same 'type is transport: the same predictions' f32.tsv pred.tsv
tap_done
