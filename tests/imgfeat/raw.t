#!/bin/sh
# If this fails, networks that take no pictures cannot be run, or their inputs and outputs are mixed up.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

cat >tensors.py <<'END'
"""python3 tensors.py KEY SHAPE VALUE,VALUE... ...: a stream of f32 tensors."""
import struct, sys, zlib

MASK = (1 << 64) - 1
def mix(z):
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31
def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = ((h ^ b) * 0x100000001b3) & MASK
    return h
def record(key, kind, type, shape, payload):
    body = struct.pack("<%dq" % len(shape), *shape) + key + b"\0"
    head = bytearray(64)
    head[0:8] = b"\x93ITS\r\n\x1a\n"
    head[8:12] = bytes([1, kind, type, len(shape)])
    struct.pack_into("<I", head, 12, len(key))
    struct.pack_into("<Q", head, 24, len(payload))
    struct.pack_into("<II", head, 52, zlib.crc32(payload), zlib.crc32(body))
    crc = zlib.crc32(bytes(head[:60]))
    struct.pack_into("<I", head, 60, crc)
    pad = lambda b: b + bytes(-len(b) % 64)
    return bytes(head) + pad(body) + pad(payload), mix(crc << 32 | zlib.crc32(payload)), mix(fnv(key))
out, count, size, contents, keys = b"", 0, 0, 0, 0
for key, shape, values in zip(*[iter(sys.argv[1:])] * 3):
    numbers = [float(v) for v in values.split(",")]
    payload = struct.pack("<%df" % len(numbers), *numbers)
    data, one, two = record(key.encode(), 2, 9, [int(n) for n in shape.split("x")], payload)
    out, count, size = out + data, count + 1, size + len(payload)
    contents, keys = (contents + one) & MASK, (keys + two) & MASK
end = struct.pack("<QQQQQIIQQ", count, 0, size, contents, keys, 0, 0, 0, 0)
sys.stdout.buffer.write(out + record(b"", 4, 0, [], end)[0])
END
network sum.onnx sum
python3 tensors.py a1 2x3 1,2,3,4,5,6 b1 3 10,20,30 a2 2x3 0,0,0,1,1,1 b2 3 2,3,4 >in.its
ok "a stream of tensors" imgcat --check in.its
status 0 "two inputs, two outputs" imgfeat -m sum.onnx -o out.its in.its
equals "a record for each output, named, with the first input's key" "$(imgcat out.its | cut -f 1-4,6 | tr '\t\n' ' ;')" \
    "a1 tensor f32 2x3 output=c;a1 tensor f32 2x3 output=d;a2 tensor f32 2x3 output=c;a2 tensor f32 2x3 output=d;"
imgcat --npy out.its >out.npy
cat >values.py <<'END'
import struct
data = open("out.npy", "rb").read()
expected = [11, 22, 33, 14, 25, 36, 10, 40, 90, 40, 100, 180, 2, 3, 4, 3, 4, 5, 0, 0, 0, 2, 3, 4]
values = list(struct.unpack("<24f", data[-96:]))
assert values == expected, values
END
ok "the values" python3 values.py
status 0 "-n" imgfeat -m sum.onnx -n mul -o out.its in.its
equals "-n: that output only" "$(imgcat out.its | cut -f 6 | sort -u)" "output=d"

python3 tensors.py a1 2x3 1,2,3,4,5,6 b1 3 10,20,30 a2 2x3 0,0,0,1,1,1 >odd.its
status 1 "an input is missing" imgfeat -m sum.onnx -o out.its odd.its
contains "it says so" err "after 1 of the network's 2 inputs"
equals "the good run is there, the other an error record" "$(imgcat out.its | cut -f 1,2 | tr '\t\n' ' ;')" \
    "a1 tensor;a1 tensor;a2 error;"
python3 tensors.py a1 2x3 1,2,3,4,5,6 b1 4 10,20,30,40 >wrong.its
status 1 "a wrong shape" imgfeat -m sum.onnx -o out.its wrong.its
contains "both shapes are named" err "input 'b' is f32 4, the network wants f32 3"

status 1 "--strict" imgfeat --strict -m sum.onnx -o strict.its odd.its
ok "no file appears" test ! -e strict.its

# 40 runs, of which every seventh fails, behind an encoded image and an error record.
pairs=$(i=0; while [ $i -lt 40 ]; do
    echo "a$i 2x3 $i,2,3,4,5,6 b$i $([ $((i % 7)) = 3 ] && echo 2 1,2 || echo "3 $i,1,2")"
    i=$((i + 1))
done)
# shellcheck disable=SC2086 # words
python3 tensors.py $pairs >pairs.its
mkdir bad
echo "no picture" >bad/b.jpg
imgextract bad | imgprep --size 4 -q -o error.its
cat error.its pairs.its >many.its
for jobs in 1 4; do
    status 1 "many runs, -j $jobs" imgfeat -j $jobs -m sum.onnx -o many$jobs.its many.its
    cp err err$jobs
done
same "-j 4 gives the bytes of -j 1" many4.its many1.its
same "and its messages" err4 err1
equals "all in order: the error record that came, two results of a run, one error of a run that failed" \
    "$(imgcat many1.its | cut -f 1,2 | sort | uniq -c | awk '{print $1, $3}' | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
    " 7 1 error; 34 2 tensor;"
equals "the first is the error record, the runs follow as they came" \
    "$(imgcat many1.its | cut -f 1 | uniq | tr '\n' ' ')" "b.jpg $(seq -f a%g -s ' ' 0 39) "

network picture.onnx pixels
python3 tensors.py p 2x3x4x4 "$(seq -s, 96)" >picture.its
status 0 "--raw: pictures as one plain tensor, batch included" imgfeat --raw -m picture.onnx -o out.its picture.its
equals "--raw: with the batch" "$(imgcat out.its | cut -f 4)" 2x3x1x1
status 1 "without --raw it is no picture" imgfeat --force -m picture.onnx -o out.its picture.its
contains "it says so" err "is no picture"
tap_done
