#!/bin/sh
# If this fails, imgprep -m does not prepare pictures as the model was trained: the skew that the recipe is there to prevent.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

# A network of one Relu; arguments are metadata, KEY VALUE ...
cat >model.py <<'END'
import sys

def number(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])

def field(tag, value):
    if isinstance(value, int):
        return number(tag << 3) + number(value)
    value = value.encode() if isinstance(value, str) else value
    return number(tag << 3 | 2) + number(len(value)) + value

def typed(name):
    sizes = b"".join(field(1, field(1, n)) for n in (1, 3, 4, 4))
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))

node = field(1, "x") + field(2, "y") + field(3, "relu") + field(4, "Relu")
graph = field(1, node) + field(2, "g") + field(11, typed("x")) + field(12, typed("y"))
model = field(1, 8) + field(7, graph) + field(8, field(2, 13))
pairs = sys.argv[1:]
for key, value in zip(pairs[::2], pairs[1::2]):
    model += field(14, field(1, key) + field(2, value))
sys.stdout.buffer.write(model)
END
line='dct=islow upsampling=fancy resize=stretch:4x4 filter=pil-bilinear crop=none colour=bgr type=u8 layout=hwc scale=1 mean=1,2,3 std=128'
python3 model.py imgutils.recipe "$line" >with.onnx
python3 model.py other.key value >without.onnx
python3 model.py imgutils.recipe 'resize=up' >wrong.onnx
mkdir in
printf 'P6 2 1 255\n\012\024\036\310\144\000' >in/a.ppm
imgextract in >in.its 2>err

status 0 '-m takes the recipe of the model' imgprep -m with.onnx -o model.its in.its
imgcat model.its >listing
contains 'it is the recipe of the records' listing "recipe=$line"
status 0 'the options that it stands for' imgprep --size 4 --colour bgr --mean 1,2,3 --std 128 -o options.its in.its
same '-m does what they do' model.its options.its
status 0 'type and layout may be chosen' imgprep --model with.onnx --type f32 --layout chw -o f32.its in.its
imgcat f32.its >listing
contains 'they are in the recipe' listing 'type=f32 layout=chw'

# refuses TEXT STATUS OPTION...
refuses() {
    refuses_text=$1 refuses_status=$2
    shift 2
    status "$refuses_status" "refused: $*" imgprep "$@" -o no.its in.its
    contains "says why: $refuses_text" err "$refuses_text"
    status 1 'writes nothing' test -e no.its
}
refuses '--size contradicts -m' 2 -m with.onnx --size 4
refuses '--mean contradicts -m' 2 -m with.onnx --mean 4
refuses '--preset contradicts -m' 2 -m with.onnx --preset none
refuses 'without.onnx has no recipe in its metadata' 2 -m without.onnx
refuses "wrong.onnx: recipe: resize: 'up' is none of" 3 -m wrong.onnx
refuses 'No such file' 4 -m absent.onnx
refuses 'in.its' 3 -m in.its
tap_done
