#!/bin/sh
# Would break: never silent. Damaged, cut and empty input, a full disk, a reader that has gone.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgcat/streams.sh"
make_pets
make_numbers
size=$(wc -c <numbers.its)

flip() { # FILE BYTE: that byte, changed
    python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
sys.stdout.buffer.write(data)' "$1" "$2"
}

# A record of numbers.its takes 192 bytes; this flips the payload of t3, the header of t5, the end mark.
flip numbers.its $((192 * 3 + 130)) >t3.its
flip numbers.its $((192 * 5 + 30)) >t5.its
flip numbers.its $((size - 20)) >end.its
flip t3.its $((192 * 5 + 30)) >both.its

status 3 "a damaged payload" imgcat t3.its
equals "all other records are shown" "$(wc -l <out)" 9
contains "the place is told" err "t3.its: damaged at byte 576: 't3': the payload's checksum is wrong; 192 bytes skipped"
status 3 "a damaged header" imgcat t5.its
equals "all other records are shown" "$(wc -l <out)" 9
contains "the place is told" err "t5.its: damaged at byte 960: "
status 3 "a damaged end mark" imgcat end.its
equals "all records are shown" "$(wc -l <out)" 10
status 3 "two damaged places" imgcat both.its
equals "each is told once" "$(wc -l <err)" 2
equals "all other records are shown" "$(wc -l <out)" 8

for mode in --check --count --checksum --its --npy --tar --text "--npy-dir d" "--extract e"; do
    # shellcheck disable=SC2086 # words
    status 3 "$mode tells damage" imgcat -q $mode both.its
done
imgcat -q --npy both.its 2>/dev/null | head -c 80 >got
contains "--npy has the good ones" got "(8, 1, 3)"
imgcat --its both.its 2>/dev/null >mended.its
status 3 "a stream made from it tells the loss" imgcat mended.its
contains "with the reason" err "both.its: damaged at byte 576"
equals "and is otherwise whole" "$(wc -l <err)" 1
imgcat --text both.its 2>/dev/null | imgcat --from-text >mended.its
status 3 "also through text" imgcat --check mended.its
status 3 "-o with damage" imgcat --its -o kept.its both.its
ok "keeps FILE.part, not FILE" test -s kept.its.part -a ! -e kept.its
status 3 "--strict" imgcat --strict both.its

for cut in 0 1 63 64 191 192 576 1000 $((size - 64)) $((size - 1)); do
    head -c "$cut" numbers.its >cut.its
    status 3 "cut after $cut bytes" imgcat cut.its
    equals "cut after $cut bytes: the records before it" "$(wc -l <out)" \
        "$(awk -v n="$cut" 'BEGIN {n = int(n / 192); print (n > 10 ? 10 : n)}')"
done
contains "the cut is told" err "cut off"
status 3 "no bytes at all" imgcat /dev/null
contains "is told" err "no bytes at all"
head -c 1000 numbers.its >cut.its
status 3 "a cut file before a whole one" imgcat cut.its numbers.its
equals "all whole records" "$(wc -l <out)" 15
cat cut.its numbers.its >joined.its
status 3 "both in one" imgcat joined.its
equals "all whole records" "$(wc -l <out)" 15
printf 'GIF89a and so on' >picture
status 3 "something that is no stream" imgcat picture
contains "is told" err "no record begins here"

status 0 "a slice before the damage is fine" imgcat --slice 0:3 both.its
cat pets.its numbers.its pets.its | imgcat >got
equals "joined streams are one" "$(wc -l <got)" 20

status 3 "--max-payload" imgcat --max-payload 10 pets.its
contains "tells the limit" err "a payload of 16 bytes, the limit is 10"
equals "the others are shown" "$(wc -l <out)" 3

if [ -e /dev/full ]; then
    for mode in "" --count --checksum --its --npy --tar --text; do
        # shellcheck disable=SC2086 # words
        (imgcat $mode numbers.its >/dev/full) 2>err
        equals "a full disk: imgcat $mode" "$?" 4
        contains "a full disk: imgcat $mode: told" err "No space left"
    done
else
    skip "a full disk" "no /dev/full"
fi

# 500 times the stream: more than a pipe holds.
i=0
while [ $i -lt 500 ]; do
    cat numbers.its
    i=$((i + 1))
done >many.its
for mode in "" --its --npy --tar --text; do
    # shellcheck disable=SC2086 # words
    { imgcat -q $mode many.its 2>err; echo $? >code; } | head -c 1 >/dev/null
    case $mode in --tar) want=1 ;; *) want=0 ;; esac # no image among them
    equals "a reader that has gone: imgcat $mode ends" "$(cat code)" $want
    equals "a reader that has gone: imgcat $mode says nothing" "$(cat err)" ""
done
tap_done
