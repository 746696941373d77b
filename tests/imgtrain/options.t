#!/bin/sh
# If this fails, an option of imgtrain does not do what its manual says.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 10 1

train() {
    imgtrain -q -n small.net --epochs 2 --batch 10 "$@" train.its
}
ok 'defaults' train -o base.onnx
cp err said
ok '-q says nothing' test ! -s said

# Each of these changes the result, and does so the same way twice.
while read -r name options; do
    # shellcheck disable=SC2086 # the options are words
    ok "$name" train $options -o "$name.onnx"
    ok "$name makes a difference" sh -c "! cmp -s $name.onnx base.onnx"
    # shellcheck disable=SC2086
    train $options -j 1 -o again.onnx
    same "$name: the same again with one thread" again.onnx "$name.onnx"
done <<'EOF'
rate --rate 0.01
momentum --momentum 0.5
decay --weight-decay 0.1
smoothing --label-smoothing 0.1
sigmoid --loss sigmoid
yesno --loss sigmoid --label-smoothing 0.1
constant --schedule constant
step --schedule step
warmup --warmup 3
onecycle --schedule one-cycle
final --final-rate 0.01
nesterov --nesterov
adam --optimiser adam
adamw --optimiser adamw
beta1 --optimiser adam --momentum 0.8
beta2 --optimiser adam --beta2 0.9
epsilon --optimiser adamw --epsilon 0.01
decayed --optimiser adam --weight-decay 0.1
decoupled --optimiser adamw --weight-decay 0.5
clip --clip-norm 0.01
ema --ema 0.5
weights --class-weights red=5,blue=0.5
everything --optimiser adamw --schedule one-cycle --clip-norm 0.1 --ema 0.9 --label-smoothing 0.1 --class-weights red=2
flip --flip
turn --turn
shift --shift 2
rotate --rotate 30
brightness --brightness 0.5
contrast --contrast 0.5
saturation --saturation 0.5
cutout --cutout 4
crop --random-crop 6
crop-shift --random-crop 6 --shift 2
resized --resized-crop 0.4
crop-resized --random-crop 6 --resized-crop 0.4
mixup --mixup 1
cutmix --cutmix 1
both --mixup 0.2 --cutmix 1 --label-smoothing 0.1
seed --seed 7
batch --batch 7
epochs --epochs 3
EOF
ok 'cosine is the default' train --schedule cosine -o again.onnx
same 'the same model' again.onnx base.onnx

ok 'the log says the rates' train --schedule step --rate 0.8 --log log.tsv -o again.onnx
equals 'step: whole, a tenth, a hundredth' "$(cut -f 5 log.tsv | tr '\n' ' ')" 'rate 0.8 0.8 0.8 0.08 0.08 0.008 '
ok 'warm-up' train --schedule constant --warmup 3 --rate 0.8 --log log.tsv -o again.onnx
equals 'rises to the rate' "$(cut -f 5 log.tsv | tr '\n' ' ')" 'rate 0.2 0.4 0.6 0.8 0.8 0.8 '

rates() {
    train --rate 0.08 --epochs 4 --log log.tsv -o again.onnx "$@" && cut -f 5 log.tsv | sed 1d | tr '\n' ' '
}
equals 'cosine, after a warm-up' "$(rates --schedule cosine --warmup 4 --final-rate 0.01)" \
    '0.016 0.032 0.048 0.064 0.08 0.0773358 0.0697487 0.0583939 0.045 0.0316061 0.0202513 0.0126642 '
equals 'one-cycle, as of OneCycleLR' "$(rates --schedule one-cycle --final-rate 0.001)" \
    '0.0032 0.0279832 0.0703428 0.0795588 0.074708 0.0651278 0.0521428 0.0375482 0.0233616 0.0115445 0.00373049 0.001 '
equals '  with a rise of 2 steps' "$(rates --schedule one-cycle --warmup 2 | cut -d ' ' -f 1-3,12)" '0.0032 0.0416 0.08 0'

equals 'each option of the optimisers is one of its own' \
    "$(cksum base.onnx adam.onnx adamw.onnx beta1.onnx beta2.onnx epsilon.onnx decayed.onnx decoupled.onnx nesterov.onnx |
        cut -d ' ' -f 1 | sort -u | wc -l | tr -d ' ')" 9

ok 'usual values may be said' train --optimiser adamw --rate 0.001 --momentum 0.9 --beta2 0.999 --epsilon 1e-8 \
    --weight-decay 0.01 --warmup 0 --final-rate 0 --ema 0 --clip-norm 0 -o again.onnx
same 'the same model' again.onnx adamw.onnx
ok 'a long clip' train --clip-norm 1e6 -o again.onnx
same 'clips nothing' again.onnx base.onnx
ok 'classes of one size' train --class-weights balanced -o again.onnx
same 'are balanced' again.onnx base.onnx
imgextract --exclude 'blue/0[1-5]*' train | imgprep --size 8 -o uneven.its # 10 red, 10 green, 5 blue
uneven() {
    imgtrain -q -n small.net --epochs 2 --batch 10 "$@" uneven.its
}
ok 'balanced' uneven --class-weights balanced -o balanced.onnx
ok 'is pictures / (classes * pictures of the class)' \
    uneven --class-weights red=0.8333333333,green=0.8333333333,blue=1.6666666667 -o again.onnx
same 'the same model' again.onnx balanced.onnx
ok 'balanced with sigmoid' uneven --loss sigmoid --class-weights balanced -o balanced.onnx
ok 'is pictures without the label / pictures with it' uneven --loss sigmoid --class-weights red=1.5,green=1.5,blue=4 -o again.onnx
same 'the same model' again.onnx balanced.onnx
ok '--ema' train --ema 0.99 --val train.its --log log.tsv --epochs 3 -o average.onnx
imgclassify -m average.onnx train.its >pred.tsv
equals 'what is validated is what is written' "$(tail -n 1 log.tsv | cut -f 8)" \
    "$(awk -F '\t' '{ right += $2 == $3 } END { printf "%.6g", right / NR }' pred.tsv)"

ok '--loss sigmoid' train --loss sigmoid --epochs 40 --log log.tsv -o again.onnx
ok 'tells every label rightly' awk 'END { exit !($4 == 1) }' log.tsv
ok 'and the model says so' sh -c 'tr "\n\022" "  " <again.onnx | grep -aq "imgutils.loss..sigmoid"'
ok 'as it does with softmax' sh -c 'tr "\n\022" "  " <base.onnx | grep -aq "imgutils.loss..softmax"'

ok '-v says more' imgtrain -v -n small.net --epochs 1 -o again.onnx train.its
contains 'how much data' err '30 tensors of 3x8x8, 3 labels'
contains 'how many weights' err 'small.net: 257 weights'
printf 'Flatten\nGemm units=$classes\n' >raw.net
ok 'pixels of 0 to 255' imgtrain -n raw.net --epochs 0 -o again.onnx train.its
contains 'are warned of' err 'imgprep --scale 0.003921569'
imgextract train | imgprep --size 8 --scale 0.003921569 -o scaled.its
ok 'scaled pixels' imgtrain -n raw.net --epochs 0 -o again.onnx scaled.its
ok 'are not' sh -c '! imgtrain -n raw.net --epochs 0 scaled.its 2>&1 >again.onnx | grep .'
ok '--progress' imgtrain --progress -n small.net --epochs 1 -o again.onnx train.its
contains 'shows the loss' err 'loss'

ok '--epochs 0 without data' imgtrain -n small.net --epochs 0 --input 3x8x8 --classes 3 -o empty.onnx
ok '--epochs 0 with data' imgtrain -n small.net --epochs 0 -o zero.onnx train.its
ok 'knows labels' grep -aq imgutils.labels zero.onnx
ok 'seeds its weights' imgtrain -n small.net --epochs 0 --input 3x8x8 --classes 3 --seed 9 -o other.onnx
ok 'differently' sh -c '! cmp -s empty.onnx other.onnx'
ok 'imgclassify runs it' imgclassify -m zero.onnx -o pred.tsv train.its

ok 'a vector of features' sh -c 'printf "Flatten\nGemm units=\$classes\n" >linear.net
    imgfeat -m base.onnx train.its | imgtrain -n linear.net --epochs 30 --log log.tsv -o linear.onnx'
cp err said
ok 'and is not taken for pixels of 0 to 255' sh -c '! grep imgprep said'
ok 'is learned from' awk 'END { exit !($4 >= 0.9) }' log.tsv
printf 'c: Conv channels=8 kernel_shape=3\nGlobalAveragePool\nFlatten\nGemm units=$classes\n' >wide.net
imgtrain -q -n wide.net --epochs 0 -o wide.onnx train.its
ok 'feature maps' sh -c 'imgfeat -m wide.onnx -n c train.its | imgtrain -v -n wide.net --epochs 1 -o maps.onnx'
cp err said
contains 'are channels x height x width' said '30 tensors of 8x6x6, 3 labels'
ok 'and no pixels' sh -c '! grep imgprep said'
status 0 '-h' imgtrain -h
contains 'is short' out '--val FILE'
tap_done
