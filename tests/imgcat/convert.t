#!/bin/sh
# Would break: streams turned into other formats and back: .npy, folders, tar, text.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgcat/streams.sh"
make_pets
make_numbers

# Shape, type and values of a .npy, by NumPy's description of it (NEP 1).
cat >npy.py <<'PY'
import ast, struct, sys
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x93NUMPY\x01\x00"
n = struct.unpack_from("<H", data, 8)[0]
head = data[10 : 10 + n].decode("ascii")
assert head.endswith("\n") and (10 + n) % 64 == 0
head = ast.literal_eval(head)
code = {"|u1": "B", "|i1": "b", "<u2": "H", "<i2": "h", "<i4": "i", "<i8": "q", "<f2": "e", "<f4": "f", "<f8": "d"}
rest = data[10 + n :]
values = struct.unpack("<%d%s" % (len(rest) // int(head["descr"][2]), code[head["descr"]]), rest)
print(head["shape"], head["descr"], head["fortran_order"], *("%g" % v for v in values))
PY
npy() {
    python3 npy.py "$1"
}

status 0 "--npy of one tensor" imgcat --npy --slice 3:4 -o one.npy numbers.its
equals "keeps its shape" "$(npy one.npy)" "(1, 3) <i2 False 3 0 -3"
imgcat --npy --slice 3:6 numbers.its >three.npy
equals "--npy of three stacks them" "$(npy three.npy)" "(3, 1, 3) <i2 False 3 0 -3 4 0 -4 5 0 -5"
imgcat --npy <numbers.its | cat >all.npy
equals "--npy in a pipe" "$(npy all.npy | cut -d ' ' -f 1-6)" "(10, 1, 3) <i2 False 0"
for type in u8 i8 u16 i32 i64 f16 f32 f64 bf16; do
    printf 'its-text 1\ntensor\tk\t%s\t3\n\t1 2 3\nend\t0/0\t0\n' $type | imgcat --from-text |
        imgcat --npy >type.npy
    npy type.npy
done >got
cat >want <<'TEXT'
(3,) |u1 False 1 2 3
(3,) |i1 False 1 2 3
(3,) <u2 False 1 2 3
(3,) <i4 False 1 2 3
(3,) <i8 False 1 2 3
(3,) <f2 False 1 2 3
(3,) <f4 False 1 2 3
(3,) <f8 False 1 2 3
(3,) <f4 False 1 2 3
TEXT
same "every type, bf16 as f32" got want
printf 'its-text 1\ntensor\tk\tf32\tscalar\n\t2.5\nend\t0/0\t0\n' | imgcat --from-text | imgcat --npy >type.npy
equals "a scalar" "$(npy type.npy)" "() <f4 False 2.5"
status 1 "--npy with other kinds among them" imgcat --npy -o pets.npy pets.its
contains "names the images" err "cats/1.jpg: is of kind image, not tensor"
contains "and the error records" err "dogs/5: failed in imgprep: no JPEG"
equals "and writes the tensors" "$(npy pets.npy | cut -d ' ' -f 1-6)" "(2, 2, 2) <f4 False 1"
status 1 "--npy with different shapes" imgcat --npy -o mixed.npy pets.its numbers.its
contains "names them" err "t0: is i16 1x3, the first was f32 2x2"
status 1 "--npy without a tensor" imgcat --npy --slice 0:1 -o none.npy pets.its
ok "writes nothing" test ! -e none.npy
status 1 "--strict stops at the first" imgcat --strict --npy -o strict.npy pets.its
ok "and writes nothing" test ! -e strict.npy
status 4 "--npy without room for the temporary file" env TMPDIR=/nonexistent imgcat --npy numbers.its

status 1 "--npy-dir" imgcat --npy-dir arrays pets.its
equals "a file per tensor" "$(cd arrays && find . -type f | sort | tr '\n' ' ')" "./cats/4.npy ./dogs/3.npy "
equals "with its values" "$(npy arrays/cats/4.npy)" "(2, 2) <f4 False 0.1 1e-05 0 -0"

status 1 "--extract" imgcat --extract pictures pets.its
equals "a file per image" "$(cd pictures && find . -type f | sort | tr '\n' ' ')" "./cats/1.jpg ./dogs/2.jpg "
printf '\211PNG' >want
same "with its bytes" pictures/dogs/2.jpg want
status 1 "once more" imgcat -q --extract pictures pets.its
equals "is quiet with -q" "$(cat err)" ""
status 1 "and once more" imgcat --extract pictures pets.its
contains "nothing that is there is touched" err "cats/1.jpg exists already"

# Keys that would leave the folder.
mkdir outside safe
ln -s ../outside safe/link
ln -s ../outside/made safe/dangling
printf 'its-text 1\n' >bad.text
for key in ../up a/../../up .. . / // link/in dangling; do
    printf 'image\t%s\t1\n\t41\n' "$key"
done >>bad.text
for key in /abs//olute ./dot/./ted ... same same same/below 'sp ace\nnl'; do
    printf 'image\t%s\t1\n\t42\n' "$key"
done >>bad.text
long=$(printf '%0300d' 0)
printf 'image\t%s\t1\n\t43\nend\t0/0\t0\n' "$long" >>bad.text
imgcat --from-text bad.text >bad.its
status 1 "--extract with hostile keys" imgcat --extract safe bad.its
equals "eleven are refused" "$(wc -l <err)" 11
equals "nothing is written outside" "$(find outside -type f | wc -l)" 0
ok "nor above" test ! -e up -a ! -e ../up
equals "the others are inside" "$(cd safe && find . -type f | wc -l)" 6
ok "slashes and dots that mean nothing go" test -f safe/abs/olute -a -f safe/dot/ted -a -f safe/...

status 1 "--tar" imgcat --tar -o pets.tar pets.its
equals "holds the images" "$(tar -tf pets.tar | tr '\n' ' ')" "cats/1.jpg dogs/2.jpg "
equals "with their bytes" "$(tar -xOf pets.tar dogs/2.jpg | od -An -tx1)" " 89 50 4e 47"
contains "of no time and owner" "$(TZ=UTC tar --numeric-owner -tvf pets.tar >list && echo list)" \
    "-rw-r--r-- 0/0               3 1970-01-01 00:00 cats/1.jpg"
sleep 1
imgcat -q --tar <pets.its >again.tar
same "the same bytes at any time" again.tar pets.tar
status 1 "--tar with hostile keys" imgcat --tar -o bad.tar bad.its
equals "refuses those that leave the folder" "$(grep -c "'..'" err)" 3
long=$(printf '%0200d' 7)
printf 'its-text 1\nimage\t%s/\303\244\377.jpg\t1\n\t41\nend\t0/0\t0\n' "$long" | imgcat --from-text |
    imgcat --tar >long.tar
equals "names of any length and bytes" "$(tar -tf long.tar --quoting-style=literal | od -An -tx1 | tail -n 2)" \
    "$(printf '%s/\303\244\377.jpg\n' "$long" | od -An -tx1 | tail -n 2)"

for stream in pets numbers bad; do
    imgcat --text $stream.its >text
    imgcat --from-text text >back.its
    same "$stream.its comes back from its text" back.its $stream.its
done
cat pets.its numbers.its | imgcat --text | imgcat --from-text >back.its
cat pets.its numbers.its >want
same "two streams in one text" back.its want
imgcat --text pets.its >a.text
imgcat --text numbers.its >b.text
imgcat --from-text a.text b.text >back.its
same "two texts" back.its want

while IFS='|' read -r name code text; do
    # shellcheck disable=SC2059 # the text is a format of ours
    printf "$text" >wrong.text
    status "$code" "a text $name" imgcat --from-text -o wrong.its wrong.text
    [ "$code" = 0 ] || ok "$name: the stream kept so far tells the loss" sh -c \
        'imgcat --check wrong.its.part; test $? = 3'
    rm -f wrong.its.part
done <<'TEXT'
that is whole|0|its-text 1\nend\t0/0\t0\n
of no bytes|3|
without its first line|3|end\t0/0\t0\n
without an end|3|its-text 1\nerror\tk\n
cut in a line|3|its-text 1\nerror\tk\nend\t0/0\t0
cut in a record|3|its-text 1\nimage\tk\t2\n\t41\n
with a wrong number|3|its-text 1\ntensor\tk\tu8\t1\n\t256\nend\t0/0\t0\n
with more after its end|3|its-text 1\nend\t0/0\t0\nerror\tk\n
TEXT
imgcat --from-text a.text wrong.text >/dev/null 2>err
contains "file and line are named" err "wrong.text:"
tap_done
