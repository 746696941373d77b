# Sourced by the tests here: four shards s1.its ... s4.its of 12 noisy pictures of three colours, val.its of 12 others; net.net, and
# the function `by_hand ROUNDS OPTION...`, which does what img-train-rounds should do with parts s1 + s3 and s2 + s4, without it:
# hand.onnx.
# shellcheck shell=sh
. "$SRCDIR/tests/imgtrain/sample.sh"
PATH=$PATH:$SRCDIR/scripts
for i in 1 2 3 4 5; do colours "c$i" 4 "$i"; done >/dev/null 2>&1
for i in 1 2 3 4; do mv "c$i.its" "s$i.its"; done
mv c5.its val.its
cp small.net net.net

by_hand() {
    hand_rounds=$1 hand_round=0
    shift
    imgtrain -q -n net.net --epochs 0 --seed 3 -o hand.onnx s1.its
    while [ "$hand_round" -lt "$hand_rounds" ]; do
        hand_round=$((hand_round + 1))
        imgtrain -q -m hand.onnx --seed 3 --round $hand_round/"$hand_rounds" --labels red,green,blue "$@" -o a.onnx s1.its s3.its
        imgtrain -q -m hand.onnx --seed 3 --round $hand_round/"$hand_rounds" --labels red,green,blue "$@" -o b.onnx s2.its s4.its
        imgtrain -q --average -m hand.onnx -o mean.onnx a.onnx b.onnx
        mv mean.onnx hand.onnx
    done
}
