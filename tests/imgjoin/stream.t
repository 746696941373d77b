#!/bin/sh
# Would break: a picture that loses its bytes, gets another's box, or the key of another.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -s 3 -n 6 >six.tar
imgextract --label prefix -o six.its six.tar # train/00000.jpg ... with their folders as keys
imgcat six.its | cut -f 1 >keys
key() { sed -n "$1p" keys; }
name() { key "$1" | sed 's/.*\///; s/\.jpg//'; }
{
    echo 'ImageID,Name,XMin,XMax,YMin,YMax'
    echo "$(name 1),Lion,0.1,0.5,0.2,0.6"
    echo "$(name 3),Tiger,0,1,0,1"
    echo "$(name 1),Lynx,0.3,0.4,0.5,0.75"
    echo 'none,Lion,0,1,0,1'
} >boxes.csv

status 0 'one record for each box' imgjoin -t boxes.csv --each --box XMin,YMin,XMax,YMax --label Name -o each.its six.its
contains 'records without a match are counted' err "4 records have no match in boxes.csv (such as '$(name 2)')"
contains 'and keys of the table' err "boxes.csv: 1 of its 3 keys were not asked for (such as 'none')"
equals 'keys are numbered, order is kept' "$(imgcat each.its | cut -f 1 | tr '\n' ' ')" "$(key 1)#1 $(key 1)#2 $(key 3)#1 "
equals 'labels' "$(imgcat each.its | cut -f 5 | tr '\n' ' ')" 'Lion Lynx Tiger '
equals 'boxes: x0,y0,x1,y1' "$(imgcat each.its | grep -o 'box=.*' | tr '\n' ' ')" \
    'box=0.1,0.2,0.5,0.6 box=0.3,0.5,0.4,0.75 box=0,0,1,1 '
ok 'other attributes stay' sh -c 'imgcat each.its | grep -c "src=six.tar:" | grep -qx 3'
imgcat --its --key "$(key 1)" --key "$(key 3)" six.its | imgcat --extract a
imgcat --extract b each.its
ok 'payloads stay' cmp "a/$(key 1)" "b/$(key 1)#2"
ok 'payloads stay' cmp "a/$(key 3)" "b/$(key 3)#1"
ok 'the end mark is right' imgcat --check each.its
imgjoin -q -j 3 -t boxes.csv --each --box XMin,YMin,XMax,YMax --label Name -o three.its six.its
ok 'the same bytes for any -j' cmp each.its three.its

status 0 'the first box only' imgjoin -t boxes.csv --select Name -o first.its six.its
equals 'its key stays' "$(imgcat first.its | cut -f 1 | tr '\n' ' ')" "$(key 1) $(key 3) "
contains 'the other is told' err 'boxes.csv: 1 rows have the key of one before them'
equals 'columns become attributes' "$(imgcat first.its | grep -o 'Name=.*' | tr '\n' ' ')" 'Name=Lion Name=Tiger '
imgjoin -q -t boxes.csv --how left --each --select what=Name -o left.its six.its
equals '--how left --each' "$(imgcat left.its | sed 's/\t.*what=/=/; s/\t.*//' | tr '\n' ' ')" \
    "$(key 1)#1=Lion $(key 1)#2=Lynx $(key 2)#0 $(key 3)#1=Tiger $(key 4)#0 $(key 5)#0 $(key 6)#0 "
imgjoin -q -t boxes.csv --how semi -o semi.its six.its
imgjoin -q -t boxes.csv --how anti -o anti.its six.its
equals '--how semi' "$(imgcat --count semi.its)" 2
imgcat --its semi.its anti.its | imgcat --checksum >both
imgcat --checksum six.its >all
same 'semi and anti are all, unchanged' both all
imgjoin -q -t boxes.csv --select - -o none.its six.its
imgcat --checksum none.its >none
imgcat --checksum semi.its >semi
same '--select -: no attributes' none semi

equals 'boxes of boxes: names without their number' "$(imgjoin -q -t boxes.csv --each each.its | imgcat | cut -f 1 | tr '\n' ' ')" \
    "$(key 1)#1#1 $(key 1)#1#2 $(key 1)#2#1 $(key 1)#2#2 $(key 3)#1#1 "
printf 'k\tv\n%s\tx\n' "$(key 2)" >whole.tsv
equals '--key whole' "$(imgjoin -q --key whole -t whole.tsv six.its | imgcat | cut -f 1)" "$(key 2)"
equals '--key name of the table' "$(imgjoin -q -t whole.tsv --key name six.its | imgcat | cut -f 1)" "$(key 2)"
printf 'k\tv\n%s\tx\n' "$(key 4 | cut -d / -f 1)" >folder.tsv
equals '--key regex=' "$(imgjoin -q --key 'regex=^([^/]*)/' -t folder.tsv six.its | imgcat | cut -f 1)" "$(key 4)"
printf 'what,v\n%s,x\n' "$(imgcat six.its | sed -n 5p | cut -f 5)" >label.csv
equals '--on an attribute' "$(imgjoin -q -t label.csv --on label=what six.its | imgcat | cut -f 1)" "$(key 5)"

equals '-w of the key' "$(imgjoin -w "key=$(key 2)|$(key 3)" six.its | imgcat --count)" 2
equals '-w of an attribute' "$(imgjoin -w "label=$(imgcat six.its | sed -n 5p | cut -f 5)" six.its | imgcat --count)" 1
equals '-w of a number' "$(imgprep --size 8 six.its | imgjoin -w 'width>=1' | imgcat --count)" 6
status 0 '-w of an attribute that there is not' imgjoin -w colour=red -o red.its six.its
contains 'is told' err "no record has the attribute 'colour'"
equals '--distinct' "$(imgcat six.its --its | cat - six.its | imgjoin --distinct key | imgcat --count)" 6
equals '--label of an attribute' "$(imgjoin --label src six.its | imgcat | head -n 1 | cut -f 5)" "six.tar:$(key 1)"

{ head -c 100 each.its && cat six.its; } >damaged.its
status 3 'a damaged stream' imgjoin -q -t boxes.csv --how semi -o damaged.out damaged.its
ok 'what is good of it is there' sh -c 'imgcat damaged.out.part 2>/dev/null | wc -l | grep -qx 2'
mkdir cut
tar -xf six.tar
head -c 300 "$(key 2)" >cut/broken.jpg
imgextract cut | imgprep -q --size 8 | cat six.its - >with_error.its
imgjoin -q -t boxes.csv --how anti -o passed.its with_error.its
equals 'what failed before passes' "$(imgcat passed.its | cut -f 2 | sort | uniq -c | tr -s ' \n' ' ')" ' 1 error 4 image '

printf 'ImageID,XMin,XMax,YMin,YMax\n%s,0.5,0.1,0,1\n%s,0,1,0,2\n%s,0,1,x,1\n%s,0,1,0,1\n' "$(name 1)" "$(name 2)" "$(name 3)" "$(name 4)" >wrong.csv
status 1 'wrong boxes' imgjoin -t wrong.csv --box XMin,YMin,XMax,YMax -o wrong.its six.its
contains 'the wrong way round, with file and line' err 'wrong.csv:2: box: 0.5,0,0.1,1: expected the smaller x and y first'
contains 'beyond the picture' err "wrong.csv:3: box: '2' is no fraction of the picture"
contains 'no number' err "wrong.csv:4: box: 'x' is no fraction"
equals 'the good one is used' "$(imgcat --count wrong.its)" 1

status 1 '--strict: a record without a match' imgjoin --strict -t boxes.csv -o strict.its six.its
contains 'is named' err "'$(name 2)' is not in boxes.csv"
ok 'and there is no file' test ! -e strict.its
printf 'k,v\n/m/none,1\n' >unasked.csv
status 1 '--strict: a key of the table that nobody asks for' imgjoin --strict -t unasked.csv --how left -o strict.its six.its
status 2 '--csv of a stream' imgjoin --csv six.its
status 2 '--columns of a stream' imgjoin --columns a six.its
status 2 'a headless table without names' imgjoin -t boxes.csv --no-header -o x.its six.its
contains 'how to name them' err '--select NAME=NUMBER'
tap_done
