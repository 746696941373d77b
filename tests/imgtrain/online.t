#!/bin/sh
# If this fails, a stream is not learned from while it arrives, or the figures told of it are not honest, or what
# was learned is lost with the sender.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 99 1
colours val 10 2
# The colours by turns, in three parts that are streams of their own.
mixed() { # FIRST LAST
    (cd train && find . -name '*.ppm' | sort -t / -k 3 | sed -n "$1,$2p" | tar -cf - -T -) | imgextract | imgprep --size 8 "$3" "$4"
}
mixed 1 297 -o mixed.its
mixed 1 100 -o a.its
mixed 101 180 -o b.its
mixed 181 297 -o c.its
online() {
    imgtrain --online -n small.net --batch 16 --shuffle-buffer 40 --rate 0.02 "$@"
}

ok 'it learns from a pipe' sh -c 'imgtrain --online -n small.net --batch 16 --shuffle-buffer 40 --rate 0.02 --window 48 \
    --report 100 --log log.tsv -o one.onnx <mixed.its'
cp err said
contains 'from the labels of the first records' said '3 labels in the first 40 records: blue, green, red'
equals 'a line per so many records' "$(grep -c ' records: the last 48: ' said)" 3
head -n 1 log.tsv >header
for what in '' recent_ all_; do
    printf '%sloss\t%saccuracy\t%sprecision\t%srecall\t%sf1\t' "$what" "$what" "$what" "$what" "$what"
done >columns
printf 'step\trecords\t%srate\timages_per_second\twaited\n' "$(cat columns)" >expected
sed 's/rate/\trate/' expected | tr -s '\t' >want
same 'the log has a header' header want
equals 'and a row per batch' "$(grep -c . log.tsv)" 20
equals 'learning begins with the second batches' "$(awk 'NR > 1 && $1 > 0 { print $2; exit }' log.tsv)" 32
equals 'it has predicted all' "$(tail -n 1 log.tsv | cut -f 2)" 297
ok 'the last ones right' awk 'END { exit !($9 == 1 || $9 > 0.95) }' log.tsv
ok 'the model is at work' imgclassify -m one.onnx -o pred.tsv val.its
ok 'on others, too' sh -c '[ "$(awk "\$2 == \$3" pred.tsv | wc -l)" -ge 28 ]'
ok 'one thread, from a file' online -j 1 --window 48 -o two.onnx mixed.its
same 'the same model' two.onnx one.onnx
ok 'labels that are known need no look ahead' online --labels red,green,blue -o two.onnx mixed.its
same 'and give the same model' two.onnx one.onnx
printf 'green\nblue\nred\n' >names
ok 'labels of a file' online --labels names -o two.onnx mixed.its
same 'the same model' two.onnx one.onnx
for option in '--passes 2' '--shuffle-buffer 7' '--seed 2' '--batch 8' '--ema 0.9' '--flip' '--optimiser adam'; do
    # shellcheck disable=SC2086 # words
    ok "$option" online $option -o two.onnx mixed.its
    ok '  makes a difference' sh -c '! cmp -s two.onnx one.onnx'
    # shellcheck disable=SC2086
    online -q -j 3 $option -o again.onnx mixed.its
    same '  and the same one again' again.onnx two.onnx
done

# With weights that stay, what is predicted before learning is what the model without learning predicts.
(cd train && find . -name '*.ppm' | sort -t / -k 3 | tar -cf - -T -) | imgextract | imgprep --size 8 --scale 0.004 -o scaled.its
printf 'Flatten\nlogits: Gemm units=$classes\n' >linear.net
ok 'rate 0' imgtrain -q --online -n linear.net --rate 0 --batch 16 --window 32 --log log.tsv -o still.onnx scaled.its
imgtrain -q -n linear.net --epochs 0 -o zero.onnx scaled.its
imgclassify -m zero.onnx -k 3 scaled.its >pred.tsv
# scores ROWS: loss, accuracy and the means over the classes of precision, recall and F1, of the last rows
scores() {
    tail -n "$1" pred.tsv | awk -F '\t' '{
        n++; support[$2]++; guess[$3]++; right[$2] += $2 == $3; all += $2 == $3
        for (i = 3; i < NF; i += 2) if ($i == $2) loss -= log($(i + 1))
    } END {
        for (c in support) seen[c]
        for (c in guess) seen[c]
        for (c in seen) {
            k++
            if (guess[c]) p += right[c] / guess[c]
            if (support[c]) r += right[c] / support[c]
            f += 2 * right[c] / (guess[c] + support[c])
        }
        printf "%.3f %.3f %.3f %.3f %.3f\n", loss / n, all / n, p / k, r / k, f / k }'
}
row=$(tail -n 1 log.tsv | cut -f 3-17 | tr '\t' '\n' | awk '{ printf "%.3f ", $1 }')
equals 'the last batch, the window and all: the figures are those of the predictions' "$row" "$(scores 9) $(scores 32) $(scores 297) "

# A sender that stops and is gone on from: three parts are the whole.
ok 'the first part' online --passes 2 --flip --ema 0.9 --checkpoint state.its --resume --log log.tsv -o part.onnx a.its
ok 'the second' online --passes 2 --flip --ema 0.9 --checkpoint state.its --resume --log log.tsv -o part.onnx b.its
contains 'goes on' err 'going on from state.its: after record 100 of the stream'
ok 'the third' online --passes 2 --flip --ema 0.9 --checkpoint state.its --resume --log log.tsv -j 1 -o part.onnx c.its
ok 'the whole' online --passes 2 --flip --ema 0.9 --log whole.tsv -o whole.onnx mixed.its
same 'the same model' part.onnx whole.onnx
equals 'the log counts on' "$(tail -n 1 log.tsv | cut -f 1,2)" "$(printf '%s\t297' "$(tail -n 1 log.tsv | cut -f 1)")"
ok 'a checkpoint is a stream, the buffer is in it' sh -c 'imgcat --check state.its && imgcat state.its | grep -q buffer/000039'
status 2 'another buffer' online --passes 2 --flip --ema 0.9 --shuffle-buffer 41 --checkpoint state.its --resume -o no.onnx c.its
contains 'is refused' err 'with --shuffle-buffer 40, and this run is with --shuffle-buffer 41'

# A model goes on learning, by its own labels and from its own weights: nothing is drawn anew.
ok '-m' imgtrain --online -m one.onnx --batch 16 --shuffle-buffer 40 --rate 0.002 --window 48 --report 100 --log log.tsv -o more.onnx mixed.its
ok 'does not look for labels' sh -c '! grep "labels in the first" err'
ok 'it knows the colours at once' awk 'NR == 2 { exit !($4 == 1) }' log.tsv
ok 'the rate 0' imgtrain -q --online -m one.onnx --batch 16 --rate 0 --freeze-norm -o still.onnx mixed.its
imgclassify -m one.onnx val.its >before.tsv
imgclassify -m still.onnx val.its >after.tsv
same 'leaves the model as it is' after.tsv before.tsv
imgclassify -m more.onnx val.its >after.tsv
ok 'another does not' sh -c '! cmp -s after.tsv before.tsv'
ok 'half of it' imgtrain -q --online -m one.onnx --batch 16 --shuffle-buffer 40 --rate 0.002 --checkpoint tuned.its --resume -o part.onnx a.its
ok 'the rest' sh -c 'cat b.its c.its | imgtrain --online -m one.onnx --batch 16 --shuffle-buffer 40 --rate 0.002 --checkpoint tuned.its --resume -o part.onnx'
contains 'goes on' err 'going on from tuned.its: after record 100 of the stream'
same 'is the whole' part.onnx more.onnx

# What TensorBoard shows of it.
ok '--tensorboard' online --tensorboard runs --log log.tsv -o two.onnx mixed.its
same 'the same model' two.onnx one.onnx
for tag in train/loss train/accuracy train/learning_rate train/images_per_second recent/loss recent/accuracy; do
    equals "$tag: each batch" "$(grep -ao $tag runs/* | wc -l | tr -d ' ')" 19
done

# The sender dies, or the line is bad: what was learned is there.
size=$(wc -c <mixed.its)
head -c $((size / 2)) mixed.its >cut.its
status 3 'no end mark' sh -c 'cat cut.its | imgtrain --online -n small.net --batch 16 --labels red,green,blue -o cut.onnx'
ok 'the model so far' imgclassify -m cut.onnx -o pred.tsv val.its
{
    head -c $((size / 2)) mixed.its
    printf 'noise on the line'
    tail -c +$((size / 2 + 18)) mixed.its
} >bad.its
status 3 'damage in the middle' online --log log.tsv -o bad.onnx bad.its
contains 'is told' err 'bad.its'
ok 'and reading goes on behind it' test "$(tail -n 1 log.tsv | cut -f 2)" -ge 295
ok 'the model is there' imgclassify -m bad.onnx -o pred.tsv val.its
status 1 'labels that nobody expects' online --labels red,green --log log.tsv -o two.onnx mixed.its
contains 'are left out and told' err "99 with labels not in --labels ('blue')"
equals 'and not predicted' "$(cut -f 2 log.tsv | tail -n 1)" 297
status 3 'nothing at all' sh -c ': | imgtrain --online -n small.net -o no.onnx'
ok 'gives no model' test ! -e no.onnx

# A signal while it waits for the sender.
mkfifo line
(cat a.its b.its && sleep 60) >line &
sender=$!
rm -f state.its
env --default-signal=TERM imgtrain --online -n small.net --batch 16 --shuffle-buffer 40 --rate 0.02 --log wait.tsv \
    --checkpoint state.its -o stopped.onnx line 2>said &
child=$!
tries=0
until [ -e wait.tsv ] && [ "$(tail -n 1 wait.tsv | cut -f 2)" = 176 ] || [ $tries -ge 200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
kill -s TERM $child
wait $child
equals 'a signal while it waits ends it' "$(kill -l $?)" TERM
kill $sender
contains 'and it says how far it came' said 'stopped after record 180 of the stream: writing the model as it is; --resume goes on from state.its'
ok 'the model is there' imgclassify -m stopped.onnx -o pred.tsv val.its
ok 'the rest' online --checkpoint state.its --resume -o rest.onnx c.its
same 'makes it the whole' rest.onnx one.onnx

# What does not go together.
while read -r text; do
    # shellcheck disable=SC2086 # words
    status 2 "refused: ${text#*:}" imgtrain -n small.net ${text#*:} -o no.onnx mixed.its
    contains '  and told' err "${text%%:*}"
done <<'END'
--epochs has no meaning with --online:--online --epochs 2
--val goes with epochs:--online --val val.its
--schedule cosine needs to know:--online --schedule cosine
--passes goes with --online:--passes 2
END
status 2 'one label' online -q --labels red -o no.onnx mixed.its
ok 'features, too' sh -c 'imgfeat -m one.onnx mixed.its | imgtrain --online --batch 16 --shuffle-buffer 40 \
    --rate 0.2 --log log.tsv -n linear.net -o linear.onnx'
ok 'are learned' awk 'END { exit !($9 > 0.5) }' log.tsv
tap_done
