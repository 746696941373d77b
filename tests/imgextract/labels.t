#!/bin/sh
# Each rule that gives labels.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
$make flat >flat.tar
$make webdataset >wds.tar

# labels WHAT EXPECTED ARGUMENT...: the labels in order, "." for none
labels() {
    what=$1 want=$2
    shift 2
    equals "$what" "$(imgextract "$@" 2>err | imgcat | cut -f5 | sed 's/^$/./' | tr '\n' ',')" "$want"
}
labels "default: the folder" ".,.,.,x," flat.tar
labels "folder" ".,.,.,x," --label folder flat.tar
labels "prefix" "cat,dog,plain,owl," --label prefix flat.tar
labels "prefix, short option" "cat,dog,plain,owl," -l prefix flat.tar
labels "regex: the first group" "17,2,.,.," --label 'regex=([0-9]+)\.' flat.tar
labels "regex: over the whole key" ".,.,.,x," --label 'regex=^(.*)/' flat.tar
labels "none" ".,.,.,.," --label none flat.tar
labels "a stream keeps its labels" "cat,dog,plain,owl," "$(imgextract -l prefix flat.tar -o flat.its && echo flat.its)"
labels "a stream is labelled anew on request" ".,.,.,x," -l folder flat.its
printf 'cat.17.jpg\tfeline\nplain\ta\\tb\textra column\nunused\tz\n' >table
labels "--labels: a table" 'feline,.,a\tb,.,' --labels table flat.tar
printf 'no tab here\n' >bad
status 2 "--labels: a row without tab" imgextract --labels bad -o x.its flat.tar
contains "--labels: names the line" err "bad: line 1: no tab"
status 4 "--labels: a missing file" imgextract --labels missing -o x.its flat.tar
status 2 "a bad rule" imgextract --label size -o x.its flat.tar
status 2 "a bad regular expression" imgextract --label 'regex=(' -o x.its flat.tar
status 2 "a regular expression without a group" imgextract --label 'regex=a' -o x.its flat.tar

labels "WebDataset: .cls before and after, dots in names" "0,1,2,3,4,5,dog,.,big cat,.," wds.tar
labels "sidecar: .txt too" "0,1,2,3,4,5,dog,.,big cat,caption," --label sidecar wds.tar
labels "another rule: .cls files are no pictures" "000000,000001,000002,000003,000004,000005,img_1,img_1,8,9," -l prefix wds.tar
printf 'zero\none\ntwo\r\n\nfour\n' >names
labels "--names" "zero,one,two,.,four,5,dog,.,big cat,.," --names names wds.tar
mkdir wds && tar -xf wds.tar -C wds
labels "the same from a folder" "0,1,2,3,4,5,caption,dog,.,big cat," --label sidecar wds
labels "from picture files" "0,big cat," wds/000000.jpg wds/x.y/8.jpg
find wds -type f | LC_ALL=C sort >list
labels "from a list, where label files are no pictures" "0,1,2,3,4,5,wds,dog,wds,big cat," -T list
tap_done
