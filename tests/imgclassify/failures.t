#!/bin/sh
# If this fails, an item that cannot be classified vanishes, or classes are told for pictures made in another way.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

tab=$(printf '\t')
mkdir -p in/left
picture in/left/a.ppm 100 110 120
echo 'not a picture' >in/left/b.jpg
picture in/left/c.ppm 100 110 120
imgextract in >in.its 2>err
prepare in.its >ready.its 2>err
line=$(imgcat ready.its | tr '\t' '\n' | sed -n 's/^recipe=//p' | head -n 1)
network plain.onnx logits
network same.onnx logits imgutils.recipe "$line"
network other.onnx logits imgutils.recipe "$(echo "$line" | sed 's/mean=[^ ]*/mean=11/')"
network broken.onnx logits imgutils.recipe 'resize=up'

status 0 "an item that failed before" imgclassify -k 1 -m plain.onnx ready.its
equals "three items, three rows" "$(cut -f 1-3 out | tr '\n\t' '; ')" "left/a.ppm left 2;left/b.jpg left !error;left/c.ppm left 2;"
mv out expected
ok "the reason is in the next column" test -n "$(sed -n 2p expected | cut -f 4)"

status 0 "the model's own recipe" imgclassify -k 1 -m same.onnx ready.its
same "the same rows" out expected
status 1 "another recipe" imgclassify -k 1 -m other.onnx ready.its
contains "the difference is named" err ", expected 11"
equals "each item has its row" "$(cut -f 3 out | sort | uniq -c | tr -s ' ')" " 3 !error"
status 0 "--force" imgclassify -k 1 -m other.onnx --force ready.its
same "--force takes them, the model's recipe is believed" out expected
status 3 "a broken recipe in the model" imgclassify -m broken.onnx ready.its
contains "is named" err "imgutils.recipe"
status 1 "--strict" imgclassify -m other.onnx --strict ready.its
status 1 "-q" imgclassify -q -m other.onnx ready.its
equals "-q says nothing of single records" "$(cat err)" ""
head -c $(($(wc -c <ready.its) - 200)) ready.its >cut.its
status 3 "-q and a stream that is cut off" imgclassify -q -m other.onnx cut.its
contains "-q does not hide where it is damaged" err "imgclassify: cut.its: "
contains "nor why" err "cut off"

python3 - >bare.its <<'END'
import struct, sys, zlib
def record(key, kind, rank, body, payload, type):
    crc = zlib.crc32
    head = bytearray(64)
    head[0:8] = b"\x93ITS\r\n\x1a\n"
    head[8:12] = bytes([1, kind, type, rank])
    struct.pack_into("<I", head, 12, len(key))
    struct.pack_into("<Q", head, 24, len(payload))
    struct.pack_into("<II", head, 52, crc(payload), crc(body))
    struct.pack_into("<I", head, 60, crc(bytes(head[:60])))
    pad = lambda b: b + bytes(-len(b) % 64)
    return bytes(head) + pad(body) + pad(payload), head
def mix(z):
    m = (1 << 64) - 1
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & m
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & m
    return z ^ z >> 31
def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = ((h ^ b) * 0x100000001b3) & ((1 << 64) - 1)
    return h
key, payload = b"bare", bytes([1, 2, 3] * 16)
data, head = record(key, 2, 3, struct.pack("<3q", 4, 4, 3) + key + b"\0", payload, 1)
contents = mix(struct.unpack_from("<I", head, 60)[0] << 32 | zlib.crc32(payload))
end = struct.pack("<QQQQQIIQQ", 1, 0, len(payload), contents, mix(fnv(key)), 0, 0, 0, 0)
tail, _ = record(b"", 4, 0, b"\0", end, 0)
sys.stdout.buffer.write(data + tail)
END
ok "a stream without recipes" imgcat --check bare.its
status 1 "u8 without a recipe" imgclassify -k 1 -m plain.onnx bare.its
contains "says why" err "no recipe"
status 0 "u8 without a recipe, --force" imgclassify -k 1 -m plain.onnx --force bare.its
equals "takes the pixels as they are" "$(cat out)" "bare${tab}${tab}2${tab}0.665241"
status 1 "no recipe, but the model has one" imgclassify -m same.onnx bare.its
contains "says why" err "no recipe"

imgprep --size 5 --scale 0.1 --mean 10 in.its >five.its 2>err
status 1 "the wrong size" imgclassify -m plain.onnx five.its
contains "both sizes are named" err "the picture is 5x5 with 3 channels, the network wants 4x4 with 3"
prepare --colour grey in.its >grey.its 2>err
status 1 "grey" imgclassify -m plain.onnx grey.its
contains "the channels are named" err "4x4 with 1 channels"
status 1 "encoded images" imgclassify -m plain.onnx in.its
contains "says what makes tensors" err "imgprep"

# A NaN is no answer, and printf writes its sign on one machine and not on another.
ones=$(printf '1 %.0s' $(seq 48))
printf 'its-text 1\ntensor\tnan\tf32\t4x4x3\n\t0x7fc00000 %s\ntensor\tgood\tf32\t4x4x3\n\t%s\nend\t0/0\t0\n' \
    "${ones#1 }" "$ones" | imgcat --from-text >nan.its
for format in tsv jsonl its; do
    status 1 "values that are not finite, $format" imgclassify -k 1 -m plain.onnx --format $format nan.its
    contains "is named" err "imgclassify: nan: the network puts out values that are not finite"
    cp out answer.$format
done
equals "has a row" "$(cut -f 1,3 answer.tsv | tr '\t\n' ' ;')" "nan !error;good 0;"
contains "has an object" answer.jsonl '{"key":"nan","error":"the network puts out values that are not finite"}'
equals "has an error record" "$(imgcat answer.its | cut -f 2 | tr '\n' ' ')" "error tensor "

status 2 "no model" imgclassify ready.its
contains "asks for it" err "-m MODEL"
status 2 "-k 0" imgclassify -k 0 -m plain.onnx ready.its
status 4 "no such model" imgclassify -m nowhere.onnx ready.its
echo 'no model' >text.onnx
status 3 "not a model" imgclassify -m text.onnx ready.its
contains "it is named" err text.onnx
network sum.onnx sum
status 2 "not a network for pictures" imgclassify -m sum.onnx ready.its
head -c 300 ready.its >cut.its
status 3 "a stream that was cut off" imgclassify -m plain.onnx cut.its
status 3 "a stream of no bytes" sh -c ': | imgclassify -m plain.onnx'
status 3 "a cut stream to a file" imgclassify -m plain.onnx -o out.tsv cut.its
ok "is kept as FILE.part" test -e out.tsv.part -a ! -e out.tsv

network unknown.onnx unknown
status 3 "an operator that is not supported" imgclassify -m unknown.onnx ready.its
contains "node and operator are named" err "unknown.onnx: node 'nms' (NonMaxSuppression): this operator is not supported"
tap_done
