#!/bin/sh
# Would break: a pipeline that says "done" while its result is gone. A full device, a reader that leaves, and
# standard files that are closed.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -s 4 -n 60 -S 64-96 >shapes.tar
imgextract -o pics.its shapes.tar
imgprep --size 32 -o small.its pics.its
printf '1\ta\ta\t0.9\n' >p.tsv
{ echo k,v; seq 20000 | sed 's/$/,x/'; } >k.csv
model=$SRCDIR/models/shapes.onnx

check() { # NAME COMMAND...: it writes to standard output, takes -o, and reads its last word or standard input
    name=$1
    shift
    "$@" >good 2>err
    if [ -c /dev/full ]; then
        status 4 "$name: a full device" sh -c '"$@" >/dev/full' sh "$@"
        contains "$name: is named" err "$1: cannot write "
        status 4 "$name: a full device, by -o" "$@" -o /dev/full
        contains "$name: is named, by -o" err "$1: cannot write "
    fi
    # The status of the program itself, not of head.
    status 0 "$name: a reader that leaves" sh -c '{ "$@"; echo $? >code; } | head -c 10 >/dev/null' sh "$@"
    equals "$name: is a quiet end" "$(cat code) $(cat err)" "0 "
    status 4 "$name: standard output is closed" sh -c '"$@" >&-' sh "$@"
    contains "$name: is named as closed" err "$1: "
    rm -f to
    status 0 "$name: standard output is closed, with -o" sh -c '"$@" -o to >&-' sh "$@"
    same "$name: needs no standard output then" to good
    rm -f to
    status 0 "$name: standard error is closed" sh -c '"$@" -o to 2>&-' sh "$@"
    same "$name: nothing strays into the result" to good
    status 4 "$name: a folder that is not there" "$@" -o nowhere/to
    contains "$name: is named as missing" err "nowhere/to"
}
# COMMAND without its input: standard input is closed, empty, a folder.
check_input() { # NAME COMMAND...
    name=$1
    shift
    status 4 "$name: standard input is closed" sh -c '"$@" <&-' sh "$@"
    contains "$name: says so" err "$1: "
    status 3 "$name: standard input is empty" sh -c '"$@" </dev/null' sh "$@"
    ok "$name: a folder as input is refused" sh -c '! "$@" /tmp' sh "$@"
}

check imgextract imgextract shapes.tar
check imgprep imgprep --size 32 pics.its
check imgcat imgcat pics.its
check "imgcat --its" imgcat --its pics.its
check imgjoin imgjoin -q k.csv
check "imgjoin of a stream" imgjoin -q -t k.csv --how anti pics.its
check "imgstats eval" imgstats eval p.tsv
check "imgstats labels" imgstats labels pics.its
check "imgstats summary" imgstats summary pics.its
check imgtrain imgtrain -q -n "$SRCDIR/models/mlp.net" --epochs 1 small.its
check_input imgprep imgprep --size 32
check_input imgtrain imgtrain -q -n "$SRCDIR/models/mlp.net" -o model.onnx
check_input imgcat imgcat
check_input imgjoin imgjoin -t k.csv
check_input "imgstats eval" imgstats eval
check_input "imgstats labels" imgstats labels
check_input "imgstats summary" imgstats summary
mkdir folder
status 4 "a folder as output" imgextract -o folder shapes.tar
contains "is found at once, by its name" err "imgextract: cannot create folder: Is a directory"
status 4 "no name as output" imgextract -o '' shapes.tar
contains "is found at once" err "imgextract: cannot create : "
status 4 "imgextract: standard input is closed" sh -c 'imgextract <&-'
status 3 "imgextract: standard input is empty" sh -c 'imgextract </dev/null'
if [ -f "$model" ]; then
    imgprep -m "$model" -o test.its pics.its
    check imgclassify imgclassify -m "$model" test.its
    check imgfeat imgfeat -m "$model" test.its
    check_input imgclassify imgclassify -m "$model"
    check_input imgfeat imgfeat -m "$model"
fi
tap_done
