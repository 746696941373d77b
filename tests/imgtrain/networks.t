#!/bin/sh
# If this fails, the published networks in models/ cannot be made without data, do not run, or begin with
# weights whose results fade or grow.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
drawshapes -n 4 -s 1 | imgextract >shapes.its

names='squeezenet1_1:224 mobilenet_v1:224 mobilenet_v2:224 resnet50:224 inception_v3:299'
if awk '/^MemAvailable:/ { exit $2 < 2500000 }' /proc/meminfo; then
    names="$names vgg16:224"
else
    skip 'vgg16' 'its 553 MB, twice, do not fit into the memory that is free'
fi
case $B in *asan*) names='squeezenet1_1:224' ;; esac # sanitizers are slow
for name in $names; do
    size=${name#*:} name=${name%:*}
    ok "$name is made without data" imgtrain -n "$SRCDIR/models/$name.net" --epochs 0 -o net.onnx </dev/null
    imgprep --size "$size" --scale 0.003921569 --mean 0.45 --std 0.25 shapes.its >"$size.its"
    ok '  imgclassify runs it' imgclassify -k 1000 -m net.onnx -o pred.tsv "$size.its"
    equals '  and gives each picture 1000 probabilities' "$(awk '{ print NF }' pred.tsv | sort | uniq -c | tr -s ' ')" ' 4 2002'
    ok '  that are neither all alike nor one alone' \
        awk '{ for (i = 4; i <= NF; i += 2) { sum += $i; if ($i > most) most = $i } }
            END { exit !(sum > 3.99 && sum < 4.01 && most > 0.0011 && most < 0.99) }' pred.tsv
    imgfeat -m net.onnx -n logits "$size.its" | imgcat --text >logits.txt
    awk '/^[\t-]/ || /^[0-9. e+-]+$/ { for (i = 1; i <= NF; i++) { n++; sum += $i * $i } }
        END { print (n == 4000 && sum > 0 ? sqrt(sum / n) : "none: " n) }' logits.txt >rms
    ok "  its logits are of size $(cat rms), within 0.1 to 10" awk '{ exit !($1 > 0.1 && $1 < 10) }' rms
    rm net.onnx
done

# In each but VGG-16, whose dense layers are slow, the gradient comes through to the first weights. Pictures may be smaller.
imgprep --size 96 --scale 0.003921569 --mean 0.45 --std 0.25 shapes.its >96.its
for name in $names; do
    name=${name%:*}
    [ "$name" != vgg16 ] || continue
    for epochs in 0 1; do
        ok "$name, epochs: $epochs" imgtrain -q -n "$SRCDIR/models/$name.net" --epochs $epochs --rate 0.01 -o net.onnx 96.its
        first=$(imgfeat --list -m net.onnx | awk -F '\t' '$2 == "Conv" { print $1; exit }')
        imgfeat -m net.onnx -n "$first" 96.its | imgcat --npy >$epochs.npy
    done
    ok '  and its first convolution is another one then' sh -c '! cmp -s 0.npy 1.npy'
    rm net.onnx
done

cat >small.net <<'END'
default input=3x8x8 classes=4
Flatten
Gemm units=$classes
END
ok 'a network of its own defaults' imgtrain -n small.net --epochs 0 -o small.onnx
ok '--classes goes before its default' imgtrain -n small.net --epochs 0 --classes 5 -o five.onnx
ok '  and makes a larger model' test "$(wc -c <five.onnx)" -gt "$(wc -c <small.onnx)"
ok '--input too' imgtrain -n small.net --epochs 0 --input 3x9x9 -o nine.onnx
ok '  and makes a larger model' test "$(wc -c <nine.onnx)" -gt "$(wc -c <five.onnx)"
imgprep --size 9 shapes.its >nine.its
ok '- reads data from standard input' sh -c 'imgtrain -n small.net --epochs 0 -o read.onnx - <nine.its'
ok '  which tells the labels' grep -q imgutils.labels read.onnx
tap_done
