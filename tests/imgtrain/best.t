#!/bin/sh
# If this fails, imgtrain writes another epoch than the best, or stops too early or too late.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 12 1 16
colours val 12 2 16
printf 'BatchNormalization\nFlatten\nGemm units=16\nRelu\nGemm units=$classes\n' >mlp.net

# It learns the pictures by heart: of those for validation, first the loss rises, then the accuracy falls.
learn() { # EPOCHS ARGUMENT...
    epochs=$1
    shift
    imgtrain -n mlp.net --epochs "$epochs" --batch 6 --schedule constant --rate 0.01 --val val.its "$@" train.its
}
validation() { # LOG: epoch, loss, accuracy
    awk -F '\t' 'NR > 1 && $8 != "" { print $1, $7, $8 }' "$1"
}
told() { # the epoch
    sed -n 's/.* epoch \([0-9]*\), validation: .*/\1/p' "$1"
}
ok 'all epochs' learn 14 --log log.tsv -o last.onnx
ok 'nothing is told of the best' sh -c '! grep -q best err'
validation log.tsv >epochs
best=$(sort -k 3,3nr -k 2,2n epochs | head -n 1 | cut -d ' ' -f 1)
least=$(sort -k 2,2n epochs | head -n 1 | cut -d ' ' -f 1)
sed 's/^/# /' epochs
ok "the best epoch, $best, is not the last, and not that of the least loss, $least" \
    test "$best" -lt 14 -a "$best" != "$least" -a "$least" -lt 14
ok '--keep best' learn 14 --keep best --log kept.tsv -o best.onnx
cp err said
equals 'tells which' "$(told said)" "$best"
ok 'it is not the last' sh -c '! cmp -s best.onnx last.onnx'
cut -f 1-5,7- log.tsv >expected
cut -f 1-5,7- kept.tsv >got
same 'learning is the same' got expected
ok 'as many epochs make it' learn "$best" -o short.onnx
same 'it is the model of this epoch' best.onnx short.onnx
ok '--keep last' learn 14 --keep last -o again.onnx
same 'is the default' again.onnx last.onnx
ok 'by the loss' learn 14 --keep best --watch loss -o least.onnx
cp err said
equals 'another epoch' "$(told said)" "$least"
ok 'as many epochs make it' learn "$least" -o short.onnx
same 'it is the model of this epoch' least.onnx short.onnx
ok 'with averages' learn 14 --keep best --ema 0.8 --log ema.tsv -o ema.onnx
cp err said
best=$(validation ema.tsv | sort -k 3,3nr -k 2,2n | head -n 1 | cut -d ' ' -f 1)
equals 'the best average is told' "$(told said)" "$best"
ok 'as many epochs make it' learn "$best" --ema 0.8 -o short.onnx
same 'it is the average of this epoch' ema.onnx short.onnx

# The first epoch that is followed by $1 that are not better by accuracy, then loss; and the one after these.
stops() {
    awk -v patience="$1" '
        NR == 1 || $3 > accuracy || ($3 == accuracy && $2 < loss) { best = $1; loss = $2; accuracy = $3 }
        $1 == best + patience { print best, $1; exit }' epochs
}
for patience in 1 2; do
    stops $patience >expected
    ok "--patience $patience" learn 14 --patience $patience --log log.tsv -o early.onnx
    cp err said
    echo "$(told said) $(tail -n 1 log.tsv | cut -f 1)" >got
    same "stops after epoch $(cut -d ' ' -f 2 expected) and keeps $(cut -d ' ' -f 1 expected)" got expected
    contains 'and says why' said "stopped: nothing better for $patience epochs; the model is that of epoch"
    ok 'as many epochs make it' learn "$(cut -d ' ' -f 1 expected)" -o short.onnx
    same 'it is the model of the best epoch' early.onnx short.onnx
done
ok '--patience with --keep last' learn 14 --patience 2 --keep last -o early.onnx
contains 'tells the best' err 'stopped: nothing better for 2 epochs; the best was epoch'
ok 'as many epochs make it' learn "$(stops 2 | cut -d ' ' -f 2)" -o short.onnx
same 'it is the model of the last' early.onnx short.onnx
ok 'more patience than epochs' learn 14 --patience 100 -o early.onnx
ok 'does not stop' sh -c '! grep -q stopped err'
same 'and keeps the best' early.onnx best.onnx
ok 'one thread' learn 14 -j 1 --keep best -o again.onnx
same 'the same model' again.onnx best.onnx

# What is the best so far is part of a checkpoint.
stop=$(stops 2 | cut -d ' ' -f 2)
ok 'an early stop, with checkpoints' learn 14 --patience 2 --checkpoint c.its -o early.onnx
mv c.its done.its
ok 'an interruption before it' learn $((stop - 1)) --patience 2 --checkpoint c.its -o again.onnx
ok 'going on' learn 14 --patience 2 --checkpoint c.its --resume --log log.tsv -o again.onnx
contains 'stops' err 'stopped: nothing better for 2 epochs'
same 'with the same model' again.onnx early.onnx
mv done.its c.its
ok 'going on after the end' learn 14 --patience 2 --checkpoint c.its --resume -o again.onnx
contains 'is the end' err 'stopped: nothing better for 2 epochs'
same 'with the same model' again.onnx early.onnx
tap_done
