#!/bin/sh
# If this fails, --optimiser lbfgs does not find the optimum of what its manual says, or finds another one with more threads, less
# memory or data from a pipe.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
features 200 3 | imgcat --from-text >three.its
features 150 2 5 | imgcat --from-text >two.its
features 90 3 7 | imgcat --from-text >val.its
cp "$SRCDIR/models/logreg.net" .

fit() {
    imgtrain -n logreg.net --optimiser lbfgs "$@"
}

# The least loss with the penalty, of scikit-learn 1.9.1: LogisticRegression(C=1/(n*l2), tol=1e-12), and for l1 solver="saga";
# tests/conformance/logistic.py repeats it.
while read -r data options least; do
    options=$(echo "$options" | tr '|' ' ')
    # shellcheck disable=SC2086 # the options are words
    ok "$data, $options" fit $options -o model.onnx $data.its
    contains '  comes to the optimum' err 'imgtrain: the optimum'
    got=$(sed 's/.*penalty \([0-9.]*\),.*/\1/' err)
    ok "  which is $got, scikit-learn's $least" awk "BEGIN { d = ($got - $least) / $least; exit !(d < 1e-7 && d > -1e-7) }"
done <<'END'
two --l2=0.01 0.5436703231
two --seed=1 0.5365870358
three --l2=0.01 0.7722168177
three --tolerance=1e-9 0.7619766654
two --l1=0.02 0.5830342281
three --l1=0.02 0.8181527294
two --l1=0.005|--l2=0.01 0.5584266646
three --l1=0.005|--l2=0.01 0.7920447550
END

ok 'with validation and a log' fit --val val.its --log log.tsv -o model.onnx three.its
cp err said
contains 'it says how it ended' said 'passes: loss 0.'
contains 'and how good that is on other data' said '; validation: loss 0.'
sed -n 's/.*the optimum after \([0-9]*\) iterations.*/\1/p' said >iterations
equals 'the log has a row per iteration, and a header' "$(awk 'END { print NR - 1 }' log.tsv)" "$(cat iterations)"
ok 'of falling loss with the penalty' test "$(cat iterations)" -gt 3
equals 'validation in the last' "$(awk -F '\t' '$7 != "" { print $2 }' log.tsv)" "$(printf 'step\n%s' "$(cat iterations)")"
equals 'its accuracy is that of the message' "$(tail -n 1 log.tsv | awk -F '\t' '{ printf "%.2f %%", 100 * $8 }')" \
    "$(sed 's/.*validation.*accuracy //' said)"
ok 'imgclassify runs the model' imgclassify -m model.onnx -o pred.tsv val.its
equals 'and is right as often' "$(awk -F '\t' '{ right += $2 == $3 } END { printf "%.2f %%", 100 * right / NR }' pred.tsv)" \
    "$(sed 's/.*validation.*accuracy //' said)"

ok 'one thread' fit -j 1 -o one.onnx three.its
same 'the same model' one.onnx model.onnx
ok 'three threads, from a pipe' sh -c 'cat three.its | imgtrain -j 3 -n logreg.net --optimiser lbfgs >three.onnx'
same 'the same model' three.onnx model.onnx
ok 'all data in the file' fit --memory 0 -o four.onnx three.its
same 'the same model' four.onnx model.onnx
ok 'all data in a temporary file' sh -c 'imgtrain -n logreg.net --memory 0 --optimiser lbfgs <three.its >five.onnx'
same 'the same model' five.onnx model.onnx

ok '--iterations 2' fit --iterations 2 -o two.onnx three.its
contains 'is told to be too few' err 'not yet the optimum, but the limit of --iterations after 2 iterations'
ok '--tolerance 0.01' fit --tolerance 0.01 -o rough.onnx three.its
ok 'needs fewer iterations' test "$(sed 's/.*after \([0-9]*\) iter.*/\1/' err)" -lt "$(cat iterations)"
ok '--l2 makes a difference' sh -c '! cmp -s one.onnx two.onnx'
ok '-q' fit -q -o quiet.onnx three.its
ok 'says nothing' test ! -s err

printf 'a 1 0\nb 0 1\n' | awk 'BEGIN { print "its-text 1" } { printf "tensor\t%s\tf32\t2\tlabel=%s\n\t%s %s\n", $1, $1, $2, $3 }
    END { print "end\t0/0\t0" }' | imgcat --from-text >apart.its
ok 'what can be told apart, without a penalty' fit --l2 0 -o apart.onnx apart.its
contains '  ends' err 'a loss of next to nothing after'
contains '  and says why' err 'without a penalty there is no optimum'
ok '  with one it does not' fit --l2 0.1 -o apart.onnx apart.its
contains '  but finds it' err 'the optimum after'

printf 'Flatten\nlogits: Gemm units=$classes bias=0\n' >nobias.net
ok 'without bias' imgtrain -n nobias.net --optimiser lbfgs -o nobias.onnx three.its
contains '  there is an optimum too' err 'the optimum after'
colours train 4 1
imgextract train | imgprep --size 4 -o pictures.its
imgextract train | imgprep --size 4 --layout chw --type f32 -o chw.its
ok 'pictures' fit -o hwc.onnx pictures.its
contains '  are told apart' err 'accuracy 100.00 %'
ok 'as f32, channel by channel' fit -o chw.onnx chw.its
ok 'imgclassify runs the first' imgclassify -k 3 -m hwc.onnx -o hwc.tsv pictures.its
ok 'and the second' imgclassify -k 3 -m chw.onnx -o chw.tsv pictures.its
same 'layout and type are transport' chw.tsv hwc.tsv

refuse() { # TEXT ARGUMENT...
    text=$1
    shift
    status 2 "refused: $text" imgtrain --optimiser lbfgs -o no.onnx "$@"
    contains '  and told' err "$text"
}
refuse 'x.net: --optimiser lbfgs: Conv_1 is Conv, expected one linear layer' -n "$(
    printf 'Conv channels=3 kernel_shape=1\nFlatten\nGemm units=$classes\n' >x.net
    echo x.net
)" pictures.its
printf 'BatchNormalization\nFlatten\nGemm units=$classes\n' >x.net
refuse 'is BatchNormalization, expected Flatten and Gemm only: features are scaled inside' -n x.net pictures.its
printf 'Flatten\nGemm units=5\n' >x.net
refuse 'puts out 5 numbers, and there are 3 labels' -n x.net pictures.its
refuse 'adamw and lbfgs' -n logreg.net --optimiser newton three.its
for option in l1 l2 tolerance iterations; do
    refuse '-1' -n logreg.net "--$option=-1" three.its
done
refuse "'0' is not a whole number from 1" -n logreg.net --iterations 0 three.its
refuse '--flip is not for --optimiser lbfgs' -n logreg.net --flip three.its
refuse '--checkpoint is not for' -n logreg.net --checkpoint x three.its
refuse '--epochs is not for --optimiser lbfgs' -n logreg.net --epochs 0
status 2 '--l1 without it' imgtrain -n logreg.net --l1 1 -o no.onnx three.its
contains '  is refused' err '--l1 is for --optimiser lbfgs'
tap_done
