#!/bin/sh
# Would break: what a user learns about a stream before training on it.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

# Three cats and a dog of 4x3 pixels, and a picture that is none.
mkdir -p pets/cat pets/dog
for name in cat/1 cat/2 cat/3 dog/1; do
    { printf 'P6\n4 3\n255\n'; head -c 36 /dev/zero; } >pets/$name.ppm
done
{ printf '\377\330\377\340'; head -c 100 /dev/zero; } >pets/dog/broken.jpg
imgextract pets >pets.its
imgprep --size 8 pets.its >small.its 2>/dev/null

status 0 "labels of a stream" imgstats labels -f tsv pets.its
equals "by count" "$(cat out)" "$(printf 'cat\t3\t0\t0.6\ndog\t2\t0\t0.4')"
status 0 "labels of a stream with a failed picture" imgstats labels -f tsv small.its
equals "counts it with its label" "$(cat out)" "$(printf 'cat\t3\t0\t0.6\ndog\t2\t1\t0.4')"
status 0 "labels for a person" imgstats labels pets.its
contains "with bars" out "dog           2   40.00 %  ####################"
imgextract --label none pets | imgstats labels -f tsv >none.tsv
equals "without labels" "$(cat none.tsv)" "$(printf '\t5\t0\t1')"
cat pets.its pets.its >twice.its
equals "two streams are one" "$(imgstats labels -f tsv twice.its | head -n 1)" "$(printf 'cat\t6\t0\t0.6')"
equals "two files likewise" "$(imgstats labels -f tsv pets.its pets.its | head -n 1)" "$(printf 'cat\t6\t0\t0.6')"

value() { # FILE WHAT NAME: of a summary
    imgstats summary -f tsv "$1" | awk -F '\t' -v what="$2" -v name="$3" '$1 == what && $2 == name {print $3}'
}
equals "summary: images" "$(value pets.its count images)" 5
equals "summary: formats" "$(value pets.its format pnm) $(value pets.its format jpeg)" "4 1"
equals "summary: payload" "$(value pets.its count bytes)" 292
equals "summary: labels" "$(value pets.its count labels)" 2
equals "summary: tensors" "$(value small.its count tensors)" 4
equals "summary: errors" "$(value small.its count errors)" 1
equals "summary: shapes" "$(value small.its tensor 'u8 8x8x3')" 4
equals "summary: one recipe" "$(imgstats summary -f tsv small.its | grep -c '^recipe')" 1
equals "summary: one reason, with its stage" "$(imgstats summary -f tsv small.its | grep -c '^error.imgprep: ')" 1
equals "summary: original sizes" "$(value small.its width most) $(value small.its height median)" "4 3"
status 0 "summary for a person" imgstats summary small.its
contains "tells shapes" out "4  u8 8x8x3"
if command -v python3 >/dev/null; then
    for report in labels summary; do
        ok "$report as JSON is JSON" sh -c "imgstats $report -f json small.its | python3 -m json.tool"
    done
fi

# Damage: what is good is told, the exit status is 3.
size=$(wc -c <pets.its)
head -c $((size - 64)) pets.its >cut.its
for report in labels summary; do
    status 3 "$report of a stream that was cut off" imgstats $report cut.its
    contains "$report: what is good is told" out "  5"
    contains "$report: and what is not" err "imgstats: cut.its"
    status 3 "$report of nothing" sh -c ": | imgstats $report"
    status 3 "$report of something else" imgstats $report "$SRCDIR/Makefile"
    status 3 "$report --strict" imgstats $report --strict cut.its
    status 3 "$report -o of a damaged stream" imgstats $report -o $report.out cut.its
    ok "$report: does not appear under its name" [ ! -e $report.out ]
    status 4 "$report of a file that is not there" imgstats $report nowhere.its
    head -c 64 pets.its >bad.its
    printf 'X' | dd of=bad.its bs=1 seek=20 conv=notrunc 2>/dev/null
    tail -c +65 pets.its >>bad.its
    status 3 "$report after damage in the first header" imgstats $report bad.its
    contains "$report: goes on behind it" out "  4"
done
tap_done
