#!/bin/sh
# Would break: the promise of the whole. An archive goes in; a trained model, predictions and a score come out; each
# picture is accounted for, whatever is wrong with it and whatever the number of threads.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -s 11 -n 240 -S 40-64 >train.tar
drawshapes -s 12 -n 60 -S 40-64 >test.tar

# A tiny network, trained on the archive.
ok "the archive becomes a stream of tensors" sh -ec 'imgextract train.tar | imgprep --size 32 -o train.its'
ok "the stream trains a network" imgtrain -n "$SRCDIR/models/shapes.net" --epochs 12 --batch 16 --seed 1 -q -o tiny.onnx train.its
ok "the model is there" test -s tiny.onnx
learnt=$(imgclassify -m tiny.onnx train.its | imgstats eval -f tsv | awk '$2 == "top1" {print $3}')
ok "the network has learnt its pictures (1/6 is chance): $learnt" awk "BEGIN {exit !($learnt > 0.4)}"

# The pipe, with a picture in the archive that is none: a JPEG whose beginning alone is right.
mkdir pictures
tar -xf test.tar -C pictures
{ printf '\377\330\377\340'; head -c 500 /dev/zero; } >pictures/circle/broken.jpg
LC_ALL=C tar --sort=name -cf test1.tar -C pictures circle cross ring square star triangle
pipe() { # THREADS ARCHIVE
    {
        imgextract -j "$1" "$2"
        echo $? >code1
    } 2>err1 | {
        imgprep -j "$1" -m tiny.onnx
        echo $? >code2
    } 2>err2 | {
        imgclassify -j "$1" -m tiny.onnx
        echo $? >code3
    } 2>err3 | {
        tee pred.tsv | imgstats eval -f tsv
        echo $? >code4
    } 2>err4 >eval.tsv
    cat code1 code2 code3 code4 | tr '\n' ' ' >codes
}
value() {
    awk -F '\t' -v name="$1" '$1 == "score" && $2 == name {print $3}' eval.tsv
}
pipe 1 test1.tar
mv pred.tsv pred1.tsv
equals "61 pictures in, 61 rows out" "$(wc -l <pred1.tsv)" 61
equals "one of them failed" "$(value errors)" 1
equals "the others are scored" "$(value scored)" 60
equals "imgprep says so, imgclassify and imgstats go on" "$(cat codes)" "0 1 0 0 "
contains "the failed one is named" err2 "imgprep: circle/broken.jpg: "
contains "and has its row" pred1.tsv "circle/broken.jpg	circle	!error	"
equals "every picture has one row" "$(cut -f 1 pred1.tsv | sort)" "$(cd pictures && find . -name '*.jpg' | sed 's|^\./||' | sort)"
pipe 4 test1.tar
same "four threads give the same predictions" pred.tsv pred1.tsv
equals "and the same statuses" "$(cat codes)" "0 1 0 0 "

# The same bytes at each step, whatever the number of threads.
imgextract -j 1 test1.tar >pics1.its
imgextract -j 4 test1.tar >pics4.its
same "imgextract: -j 4 gives the bytes of -j 1" pics4.its pics1.its
imgprep -q -j 1 -m tiny.onnx pics1.its >prep1.its
imgprep -q -j 4 -m tiny.onnx pics1.its >prep4.its
same "imgprep: -j 4 gives the bytes of -j 1" prep4.its prep1.its
imgfeat -q -j 1 -m tiny.onnx prep1.its >feat1.its
imgfeat -q -j 4 -m tiny.onnx prep1.its >feat4.its
same "imgfeat: -j 4 gives the bytes of -j 1" feat4.its feat1.its
equals "the stream says so too" "$(imgcat --count prep1.its)" "$(imgcat --count pics1.its)"

# An archive that was cut off: imgextract ends with 3, and so does each program behind it, though what they got was
# whole in itself; each complete picture has its prediction.
size=$(wc -c <test.tar)
head -c $((size / 2)) test.tar >half.tar
pipe 2 half.tar
complete=$(imgextract -q half.tar 2>/dev/null | imgcat --count 2>/dev/null | awk 'NR == 1 {print $1}')
equals "half an archive: each stream says 3" "$(cut -d ' ' -f 1-3 codes)" "3 3 3"
contains "imgextract names the archive" err1 "half.tar"
ok "imgprep and imgclassify say why" sh -c 'grep -q "^imgprep: " err2 && grep -q "^imgclassify: " err3'
equals "each complete picture has a prediction" "$(wc -l <pred.tsv)" "$complete"
ok "and there are some: $complete" test "$complete" -gt 20
imgextract -q half.tar 2>/dev/null | imgprep -q -m tiny.onnx 2>/dev/null >half.its
for tool in "imgcat --check" "imgfeat -m tiny.onnx" "imgclassify -m tiny.onnx" "imgstats labels" "imgstats summary" "imgjoin -w width>=1" "imgcat"; do
    # shellcheck disable=SC2086
    status 3 "$tool: what a cut archive became is still not whole" $tool half.its
done

# A stream that is cut in the pipe: the programs behind it end with 3 as well.
head -c 20000 pics1.its >cut.its
status 3 "imgprep: a stream that was cut off" imgprep -q --size 32 -o cut2.its cut.its
ok "the result does not pass for whole" [ ! -e cut2.its ]
status 3 "imgclassify: what was made of it" imgclassify -m tiny.onnx cut2.its.part
ok "a program that died leaves an empty pipe: exit 3" sh -c 'imgextract nowhere.tar 2>/dev/null | imgprep --size 32 >/dev/null; [ $? = 3 ]'
tap_done
