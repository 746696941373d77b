#!/bin/sh
# If this fails, what --explain says of a network cannot be read by programs, or is not of that network. Times are not judged.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

tab=$(printf '\t')
imgtrain -n "$SRCDIR/models/resnet20.net" --epochs 0 --input 3x32x32 --classes 10 -o resnet20.onnx 2>/dev/null
status 0 "--explain" imgfeat --explain --batch 2 -m resnet20.onnx
cp out table
equals "the header" "$(head -n 1 table)" \
    "node${tab}operators${tab}kernel${tab}shape${tab}GFLOP${tab}ms${tab}share${tab}GFLOP/s${tab}weights_MB${tab}activations_MB"
equals "every row has as many columns" "$(awk -F '\t' '{print NF}' table | sort -u)" 10
equals "convolutions have what is fused into them" "$(cut -f 2 table | grep Conv | sort | uniq -c | awk '{print $1, $2}' | tr '\n' ';')" \
    "2 Conv+BatchNormalization;9 Conv+BatchNormalization+Add+Relu;10 Conv+BatchNormalization+Relu;"
equals "the shapes are for the batch" "$(awk -F '\t' '$2 ~ /Conv/ {print $4}' table | sort -u | tr '\n' ' ')" \
    "2x16x32x32 2x32x16x16 2x64x8x8 "
equals "the last row is the total, of so many pictures" "$(tail -n 1 table | cut -f 1,4)" "total${tab}batch 2"
ok "it counts the steps" test "$(tail -n 1 table | cut -f 2)" = "$(($(wc -l <table) - 2)) steps"
equals "the shares add up to 100" "$(awk -F '\t' 'NR > 1 && $1 != "total" {sum += $7} END {printf "%.0f", sum}' table)" 100
# Table 6 of He et al. 2016 has 41 million multiply-adds for its network of 20 layers with pooled shortcuts.
ok "a picture takes 0.082 GFLOP" awk -F '\t' '$1 == "total" {exit !($5 / 2 > 0.08 && $5 / 2 < 0.085)}' table
ok "and 0.27 million weights of 4 bytes, or more where a kernel pads or transforms them" \
    awk -F '\t' '$1 == "total" {exit !($9 > 1.07 && $9 < 11)}' table
ok "the rows' GFLOP and weights add up to the total's" awk -F '\t' 'NR > 1 && $1 != "total" {g += $5; w += $9}
    $1 == "total" {exit !(g / $5 > 0.99 && g / $5 < 1.01 && w / $9 > 0.99 && w / $9 < 1.01)}' table
ok "no step holds more than the whole" awk -F '\t' 'NR > 1 && $1 != "total" && $10 > most {most = $10}
    $1 == "total" {exit !(most > 0 && most <= $10 * 1.01)}' table

status 0 "--exact" imgfeat --explain --exact --batch 2 -m resnet20.onnx
ok "3x3 convolutions are done by transforms" grep -q winograd table
equals "but not with --exact" "$(grep -c winograd out)" 0

network model.onnx probabilities
status 0 "-n" imgfeat --explain -m model.onnx -n pool
equals "-n: only what is needed" "$(cut -f 1-3 out | sed -n 2p)" "pool${tab}GlobalAveragePool${tab}global_average"
status 0 "-o" imgfeat --explain -m model.onnx -o explained.tsv
ok "-o: the table is there" grep -q "^total" explained.tsv
network sum.onnx sum
status 0 "a network of plain tensors" imgfeat --explain -m sum.onnx
equals "a row for each node" "$(cut -f 1,4 out | sed -n 2,3p | tr '\t\n' ' ;')" "add 2x3;mul 2x3;"

network open.onnx open
status 2 "a network that takes pictures of any size" imgfeat --explain -m open.onnx
contains "it says which input" err "input 'x'"
contains "and how to give the size" err "--size"
status 0 "--size" imgfeat --explain -m open.onnx --size 6x5 --batch 2
status 0 "--size with --list" imgfeat --list -m open.onnx --size 6x5 -n classifier
mkdir in
picture in/a.ppm 1 2 3
line=$(imgextract in | prepare --size 7 | imgcat - | tr '\t' '\n' | sed -n 's/^recipe=//p')
network sized.onnx open imgutils.recipe "$line"
status 0 "the size of the model's recipe" imgfeat --explain -m sized.onnx
status 2 "--list and --explain" imgfeat --list --explain -m model.onnx
contains "they are two things" err "--explain"
status 2 "--size without them" imgfeat --size 6 -m model.onnx ready.its
contains "says where it belongs" err "--size"
status 2 "a size that is none" imgfeat --explain --size 0 -m model.onnx
status 2 "a batch that is none" imgfeat --explain --batch 0 -m model.onnx
contains "says what is expected" err "1 to 1024"
status 2 "a node that is not there" imgfeat --explain -m model.onnx -n nowhere
status 2 "no model" imgfeat --explain
contains "asks for one" err "-m MODEL"
status 4 "a model that is not there" imgfeat --explain -m nowhere.onnx
head -c 100 model.onnx >cut.onnx
status 3 "a model that was cut off" imgfeat --explain -m cut.onnx
tap_done
