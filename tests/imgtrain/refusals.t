#!/bin/sh
# If this fails, bad input is learned from silently, crashes, or leaves half a model behind.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 4 1

refuse() { # STATUS TEXT ARGUMENT...
    want=$1 text=$2
    shift 2
    status "$want" "refused: $text" imgtrain -o model.onnx "$@"
    contains "  and told" err "$text"
    ok '  and no model' test ! -e model.onnx
}
refuse 2 'which network' train.its
refuse 4 'cannot open no.net' -n no.net train.its
# a pipe that never gives anything: the network is looked at first
mkfifo never.its
sleep 60 >never.its &
sleeper=$!
refuse 4 'cannot open no.net' -n no.net never.its
printf 'Flatten\nGem units=3\n' >bad.net
refuse 2 'bad.net:2: Gem is neither' -n bad.net never.its
kill $sleeper
refuse 4 'cannot open no.its' -n small.net no.its
refuse 2 'nothing is known of $classes as a number: no data, no option' -n small.net --epochs 0 --input 3x8x8
refuse 2 'the size of the pictures is not known' -n small.net --epochs 0 --classes 3
refuse 2 '--val needs data' -n small.net --epochs 0 --input 3x8x8 --classes 3 --val train.its
refuse 2 '--input and --classes' -n small.net --classes 3 train.its
refuse 2 'no size of pictures' -n small.net --epochs 0 --input 3x8 --classes 3
refuse 2 'no schedule' -n small.net --schedule fast train.its
refuse 2 'too small for a window of 9x9' -n small.net --random-crop 9 train.its
refuse 2 'it is not shifted' -n small.net --shift 1 --resized-crop 0.5 train.its
refuse 2 'no FILE beside it' -n small.net --each-epoch 'cat train.its' train.its
refuse 2 'no loss' -n small.net --loss hinge train.its
refuse 2 '--patience, --watch and --keep best need --val' -n small.net --patience 2 train.its
refuse 2 '--patience, --watch and --keep best need --val' -n small.net --keep best train.its
refuse 2 '--watch goes with' -n small.net --val train.its --watch loss train.its
refuse 2 'no choice first; there are last and best' -n small.net --val train.its --keep first train.its
refuse 2 'no measure hope; there are accuracy and loss' -n small.net --val train.its --watch hope train.its
refuse 2 'no optimiser fast; there are sgd, adam, adamw and lbfgs' -n small.net --optimiser fast train.its
refuse 2 '--beta2 and --epsilon are for' -n small.net --beta2 0.9 train.its
refuse 2 '--beta2 and --epsilon are for' -n small.net --epsilon 0.1 train.its
refuse 2 '--nesterov is for' -n small.net --nesterov --optimiser adam train.its
refuse 2 '--nesterov is for' -n small.net --nesterov --momentum 0 train.its
refuse 2 '--final-rate is for' -n small.net --schedule step --final-rate 0.1 train.its
refuse 2 "no tensor has the label 'pink'" -n small.net --class-weights red=1,pink=2 train.its
refuse 2 "'pink': expected LABEL=WEIGHT" -n small.net --class-weights pink train.its
refuse 2 'many' -n small.net --class-weights red=many train.its
refuse 2 '-1 is not within' -n small.net --class-weights red=-1 train.its
for option in patience beta2 epsilon clip-norm ema final-rate epochs batch rate momentum weight-decay warmup shift rotate brightness contrast saturation cutout random-crop resized-crop mixup cutmix seed memory label-smoothing classes; do
    refuse 2 '-1' -n small.net "--$option=-1" train.its
done

printf 'Conv channels=8 kernel_shape=3\nRelu\nGemm units=$classes\n' >bad.net
refuse 2 'bad.net:3: Gemm takes flat vectors' -n bad.net train.its
printf 'Flatten\n# comment\nGem units=3\n' >bad.net
refuse 2 'bad.net:3: Gem is neither' -n bad.net train.its
printf 'Flatten\nGemm units=7\n' >bad.net
refuse 2 'puts out 7 numbers, and there are 3 labels' -n bad.net train.its
printf 'Flatten\n' >bad.net
refuse 2 'nothing to learn' -n bad.net train.its
printf 'Conv channels=3 kernel_shape=1\n' >bad.net
refuse 2 'expected one number per class' -n bad.net train.its
printf 'input 1x28x28\nFlatten\nGemm units=$classes\n' >bad.net
refuse 2 'bad.net:1: the network takes 1x28x28, and the data is 3x8x8' -n bad.net train.its

imgextract --include 'red/*' train | imgprep --size 8 -o red.its
refuse 2 "all 4 tensors have the label 'red'" -n small.net red.its
imgextract --label none train | imgprep --size 8 -o none.its
refuse 2 'no labelled tensor in the stream (0 error records, 12 tensors without label' -n small.net none.its
imgextract train -o images.its
refuse 2 'imgprep makes tensors' -n small.net images.its
imgextract train | imgprep --size 9 -o nine.its
refuse 2 'a tensor u8 9x9x3 among tensors u8 8x8x3' -n small.net train.its nine.its
imgextract train | imgprep --size 8 --scale 0.5 -o scaled.its
refuse 2 'scale=0.5' -n small.net train.its scaled.its
refuse 2 'a tensor u8 9x9x3 among tensors u8 8x8x3' -n small.net --val nine.its train.its
head -c 4000 train.its >cut.its
refuse 3 'cut.its' -n small.net cut.its
tar -cf no.tar train
refuse 3 'imgtrain: no.tar: not a stream' -n small.net no.tar
equals '  its name is said once' "$(imgtrain -n small.net no.tar 2>&1 >model | grep -o 'no.tar' | wc -l | tr -d ' ')" 1
: >empty.its
refuse 3 'empty.its' -n small.net empty.its
imgextract train | imgprep --size 8 --type f32 -o f32.its
for value in nan inf; do
    imgcat --text f32.its | awk -v value=$value 'NR == 4 { $1 = "\t" value } { print }' | imgcat --from-text >bad.its
    refuse 3 'bad.its: blue/01.ppm: element 3 is' -n small.net bad.its
done
refuse 2 'a smaller --rate' -n small.net --rate 1e6 --epochs 20 train.its

mkdir more
cp -r train/red more/red
mkdir more/black
cp train/red/01.ppm more/black
printf 'P3 x' >more/red/99.ppm
imgextract more | imgprep -q --size 8 -o more.its
status 1 'error records are left out: exit 1' imgtrain -n small.net --epochs 1 -o model.onnx train.its more.its
contains 'and told' err 'training: left out 1 error records and 0 tensors without label'
ok 'and there is a model' test -s model.onnx
rm model.onnx
status 1 'labels unknown to the training set' imgtrain -n small.net --epochs 1 --val more.its -o model.onnx train.its
contains 'are told' err "validation: left out 1 error records and 0 tensors without label, and 1 with labels not in the training set ('black')"
status 1 'tensors without label' sh -c 'cat none.its train.its | imgtrain -n small.net --epochs 1 -o model.onnx'
contains 'are told' err 'left out 0 error records and 12 tensors without label'
tap_done
