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

# Sizes and channels. Three pictures of 4x3 are black; one of 8x2 has the channels 0 100 200 in one half and 50 in the other: of the
# 52 pixels the means are 400/52, 1200/52, 2000/52.
{ printf 'P6\n8 2\n255\n'; for _ in 1 2 3 4 5 6 7 8; do printf '\000\144\310'; done; for _ in 1 2 3 4 5 6 7 8; do printf 222; done; } >pets/dog/2.ppm
rm pets/dog/1.ppm
imgextract pets >sized.its
status 0 "labels --pixels" imgstats labels --pixels sized.its
cat >expected <<'REPORT'
records              5
labels               2

label   records     share
cat           3   60.00 %  ##############################
dog           2   40.00 %  ####################

size             least    median      most  of 4 pictures
width                4         4         8
height               2         3         3
aspect            1.33      1.33      4.00
1 pictures cannot be read

channel          first    second     third  of 4 pictures, 0 of them grey
mean              7.69     23.08     38.46
deviation        18.04     37.29     71.13

imgprep --size 32 --mean 7.69,23.08,38.46 --std 18.04,37.29,71.13
REPORT
same "tells sizes, channels and what follows from them" out expected
imgstats labels sized.its >plain
ok "without --pixels only sizes" sh -c 'grep -q "^width" plain && ! grep -q "^mean" plain'
imgprep --size 2x1 --layout chw sized.its 2>/dev/null | imgstats labels -f json >chw.json
imgprep --size 2x1 sized.its 2>/dev/null | imgstats labels -f json >hwc.json
same "of tensors, in either layout" chw.json hwc.json
contains "sizes are those of the originals" hwc.json '"aspect": {"least": 1.333, "median": 1.333, "most": 4}'
contains "means are those of what the network sees" hwc.json '"mean": [6.25, 18.75, 31.25]'

# The box of a record is its picture: the quarter of 8x2, below, that is 50 everywhere.
printf 'ImageID,XMin,XMax,YMin,YMax\ndog/2.ppm,0.5,1,0.5,1\n' >boxes.csv
imgjoin -q --key whole -t boxes.csv --box XMin,YMin,XMax,YMax -o boxed.its sized.its
imgstats labels --pixels -f json boxed.its >boxed.json
contains "labels: the size of the box" boxed.json '"width": {"least": 4, "median": 4, "most": 4}'
contains "labels: the channels of the box" boxed.json '"mean": [50, 50, 50]'
imgprep --preset none boxed.its 2>/dev/null | imgstats labels -f json >chips.json
contains "labels: the size of the box that a tensor was made of" chips.json '"width": {"least": 4, "median": 4, "most": 4}'

# Sets of names: who has a label, who has not, of whom nobody knows.
mkdir sets
n=0
for set in cat,dog cat,?dog - cat; do
    n=$((n + 1))
    cp pets/cat/1.ppm "sets/$n.ppm"
    printf '%s' "$set" >"sets/$n.txt"
done
imgextract --label sidecar sets >sets.its
status 0 "labels --multilabel" imgstats labels --multilabel -f tsv sets.its
equals "positive, errors, share, negative, unknown" "$(cat out)" "$(printf 'cat\t3\t0\t0.75\t1\t0\ndog\t1\t0\t0.25\t2\t1')"
imgstats labels --multilabel sets.its >plain
contains "for a person" plain "dog           1         2         1   25.00 %  ##########"

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
