#!/bin/sh
# If this fails, a network that learned from a model's features is not joined to that model, or to another one.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 20 1
colours val 10 2
cat >base.net <<'EON'
BatchNormalization
Conv channels=8 kernel_shape=3 pads=1
map: Relu
pool: GlobalAveragePool
Flatten
logits: Gemm units=$classes
EON
printf 'Gemm units=8\nRelu6\nlogits: Gemm units=$classes\n' >head.net
imgtrain -q -n base.net --epochs 4 --batch 16 -o base.onnx train.its

# the same name in both, a vector, one pixel, a picture
for node in Flatten_5 pool map; do
    net=head.net
    [ $node = map ] && net=small.net
    imgfeat -m base.onnx -n $node train.its >train.f
    imgfeat -m base.onnx -n $node val.its >val.f
    equals "$node: the features say what they are" "$(imgcat train.f | grep -c "node=$node")" 60
    ok "$node: a network learns" imgtrain -n $net --epochs 4 --batch 16 -o head.onnx train.f
    ok "$node: and again, with the backbone" imgtrain -n $net --epochs 4 --batch 16 --backbone base.onnx -o whole.onnx train.f
    imgclassify -m head.onnx -o head.tsv val.f
    ok "$node: imgclassify runs the whole" imgclassify -m whole.onnx -o whole.tsv val.its
    same "$node: the whole says what the network says of features" whole.tsv head.tsv
    equals "$node: all are right" "$(awk -F '\t' '$2 == $3' whole.tsv | wc -l | tr -d ' ')" 30
    ok "$node: imgprep finds the recipe" sh -c 'imgextract val | imgprep -m whole.onnx -o again.its'
    equals "$node: that of the pictures" "$(imgcat --checksum again.its)" "$(imgcat --checksum val.its)"
done
equals 'the part behind the node is gone' "$(imgfeat -m whole.onnx --list | cut -f 2 | tr '\n' ' ')" \
    'BatchNormalization Conv Relu BatchNormalization Conv Relu GlobalAveragePool Flatten Gemm '
equals 'names that are taken get another' "$(imgfeat -m whole.onnx --list | cut -f 3 | tr '\n' ' ')" \
    'BatchNormalization_1 Conv_2 map BatchNormalization_1_2 Conv_2_2 Relu_3 GlobalAveragePool_4 Flatten_5 logits '
ok 'the whole is a backbone in turn' sh -c 'imgfeat -m whole.onnx -n Conv_2_2 train.its >two.f &&
    imgtrain -n small.net --epochs 1 --backbone whole.onnx -o three.onnx two.f'
ok 'and that runs' imgclassify -m three.onnx -o three.tsv val.its

refuse() { # STATUS TEXT ARGUMENT...
    want=$1 text=$2
    shift 2
    status "$want" "refused: $text" imgtrain --epochs 1 -o model.onnx "$@"
    contains '  and told' err "$text"
    ok '  and no model' test ! -e model.onnx
}
imgfeat -m base.onnx -n pool train.its >pool.f
refuse 4 'cannot open no.onnx' -n head.net --backbone no.onnx pool.f
refuse 2 "base.onnx has no node 'poll'" -n head.net --backbone base.onnx --from poll pool.f
refuse 2 "the features are of the node 'pool', not of 'map'" -n head.net --backbone base.onnx --from map pool.f
refuse 2 "the features are of the node 'Conv_2_2', which base.onnx does not have" -n small.net --backbone base.onnx two.f
imgfeat -m base.onnx -n map train.its >map.f
imgfeat -m base.onnx -n Conv_2 train.its >conv.f
refuse 2 "node 'Conv_2', and the others have 'map'" -n small.net --backbone base.onnx map.f conv.f
refuse 2 '--from goes with -m or --backbone' -n head.net --from pool pool.f
refuse 2 '-m and --backbone need data' -n head.net --backbone base.onnx --input 3x8x8 --classes 3 --epochs 0
imgextract train | imgprep --size 8 --scale 0.5 >scaled.its
imgfeat -m base.onnx --force scaled.its >scaled.f
refuse 2 'made by another recipe than that of base.onnx: what pixels are multiplied by (scale)' -n head.net --backbone base.onnx scaled.f
ok '--force takes them' imgtrain --force -n head.net --epochs 1 --backbone base.onnx -o whole.onnx scaled.f
ok 'the recipe is that of the backbone' sh -c 'imgextract val | imgprep -m whole.onnx -o again.its'
equals 'as it was' "$(imgcat --checksum again.its)" "$(imgcat --checksum val.its)"
tap_done
