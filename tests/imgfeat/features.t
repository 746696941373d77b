#!/bin/sh
# If this fails, features are those of another node, of another picture, or lose their key.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

mkdir -p in/left
picture in/left/a.ppm 100 110 120
picture in/left/b.ppm 90 100 120
echo 'not a picture' >in/left/z.jpg
imgextract in 2>err | prepare >ready.its 2>err
line=$(imgcat ready.its | tr '\t' '\n' | sed -n 's/^recipe=//p' | head -n 1)
network model.onnx probabilities
network other.onnx probabilities imgutils.recipe "$(echo "$line" | sed 's/mean=[^ ]*/mean=11/')"

cat >values.py <<'END'
import struct, sys
data = open("out.npy", "rb").read()
count = len(sys.argv) - 1
values = struct.unpack("<%df" % count, data[-4 * count:])
assert all(abs(v - float(w)) < 1e-5 for v, w in zip(values, sys.argv[1:])), values
END
features() { # NAME SHAPE OPTIONS... -- VALUES...
    name=$1 shape=$2
    shift 2
    arguments=
    while [ "$1" != -- ]; do
        arguments="$arguments $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    status 0 "$name" imgfeat -m model.onnx $arguments -o out.its ready.its
    equals "$name: key, kind, type, shape, label" "$(imgcat out.its | cut -f 1-5 | head -n 1)" \
        "$(printf 'left/a.ppm\ttensor\tf32\t%s\tleft' "$shape")"
    equals "$name: the error record passes on" "$(imgcat out.its | cut -f 2 | tail -n 1)" error
    ok "$name: sound" imgcat --check out.its
    imgcat --npy out.its >out.npy 2>err
    ok "$name: values" python3 values.py "$@"
}
features "by default what goes into the classifier" 3 -- 0 1 2 -1 0 2
features "a node by its name" 3 -n classifier -- 0 1 2 -1 0 2
features "a node by its output" 3x1x1 --node=means -- 0 1 2 -1 0 2
features "the last node" 3 -n softmax -- 0.0900306 0.244728 0.665241 0.0420101 0.114195 0.843795
status 2 "a node that is not there" imgfeat -m model.onnx -n nowhere ready.its
contains "is named" err nowhere
contains "--list is pointed to" err "--list"

status 0 "--list" imgfeat -m model.onnx --list
tab=$(printf '\t')
cat >expected <<END
pool${tab}GlobalAveragePool${tab}means${tab}f32${tab}1x3x1x1
flatten${tab}Flatten${tab}flat${tab}f32${tab}1x3
classifier${tab}Gemm${tab}scores${tab}f32${tab}1x3
softmax${tab}Softmax${tab}p${tab}f32${tab}1x3
END
same "--list: name, operator, output, type, shape" out expected

status 1 "another recipe" imgfeat -m other.onnx -o out.its ready.its
contains "the difference is named" err ", expected 11"
equals "all are error records" "$(imgcat out.its | cut -f 2 | sort | uniq -c | tr -s ' ')" " 3 error"
status 0 "--force" imgfeat --force -m other.onnx -o out.its ready.its
equals "--force takes them" "$(imgcat out.its | cut -f 2 | sort | uniq -c | tr -s ' ' | tr -d '\n')" " 1 error 2 tensor"
status 1 "--strict" imgfeat --strict -m other.onnx -o strict.its ready.its
ok "--strict leaves nothing" test ! -e strict.its
status 0 "-v" imgfeat -v -m model.onnx -o out.its ready.its
contains "-v says which node" err "flat of pictures"
status 2 "no model" imgfeat ready.its
head -c 300 ready.its >cut.its
status 3 "a stream that was cut off" imgfeat -m model.onnx -o cut.out cut.its

network unknown.onnx unknown
status 3 "an operator that is not supported" imgfeat -m unknown.onnx -n nms -o out.its ready.its
contains "node and operator are named" err "unknown.onnx: node 'nms' (NonMaxSuppression): this operator is not supported"
status 0 "what does not need it" imgfeat -m unknown.onnx -n pool -o out.its ready.its
status 1 "--list of such a network" imgfeat -m unknown.onnx --list
contains "tells it too" err "unknown.onnx: node 'nms' (NonMaxSuppression)"
printf '%s\n' "pool GlobalAveragePool means ? ?" "flatten Flatten flat ? ?" "nms NonMaxSuppression n ? ?" | tr ' ' '\t' >expected
same "but lists the nodes" out expected
tap_done
