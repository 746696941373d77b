#!/bin/sh
# Patterns, shards, limits: which pictures are given out.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
$make tar >a.tar
keys() { imgextract "$@" 2>err | imgcat | cut -f1 | tr '\n' ' '; }

equals "--include" "$(keys --include 'cat/*' a.tar)" "cat/00.jpg cat/01.jpg cat/02.jpg cat/03.jpg cat/04.jpg "
equals "--include twice: either" "$(keys --include 'cat/00*' --include 'owl/04*' a.tar)" "cat/00.jpg owl/04.jpg "
equals "--exclude" "$(keys --exclude '*/0[0-3].jpg' --exclude 'dog*' a.tar)" "cat/04.jpg owl/04.jpg "
equals "--include and --exclude" "$(keys --include 'cat/*' --exclude '*[0-3].jpg' a.tar)" "cat/04.jpg "
equals "--limit" "$(keys --limit 2 a.tar)" "cat/00.jpg dog/00.jpg "
equals "--limit beyond the end" "$(keys --limit 99 a.tar | wc -w)" 15
status 0 "--limit 0: an empty stream" imgextract --limit 0 -o x.its a.tar
equals "is no surprise" "$(cat err)" ""
status 0 "and whole" imgcat --check x.its
equals "of no records" "$(imgcat --count x.its)" 0
status 2 "--limit -1" imgextract --limit -1 -o x.its a.tar
imgextract -v --include 'cat/*' --shard 1/2 a.tar 2>err >/dev/null
contains "what is left out is counted" err "left out: 10 by pattern, 2 by shard"

whole=$(imgextract a.tar | imgcat --checksum)
for n in 1 2 4 7 20; do
    i=1
    : >all.its
    while [ $i -le $n ]; do
        imgextract --shard $i/$n a.tar 2>>err >>all.its
        i=$((i + 1))
    done
    equals "$n shards together are the whole: contents, keys, counts" "$(imgcat --checksum all.its)" "$whole"
done
equals "a shard is every Nth" "$(keys --shard 2/5 a.tar)" "dog/00.jpg cat/02.jpg owl/03.jpg "
equals "shard, then limit" "$(keys --shard 2/5 --limit 1 a.tar)" "dog/00.jpg "
{
    imgextract --shard 1/5 a.tar
    imgextract --shard 1/5 --except a.tar
} >all.its
equals "--except is the rest" "$(imgcat --checksum all.its)" "$whole"
equals "--except gives four fifths" "$(imgextract --shard 1/5 --except a.tar | imgcat --count)" 12
equals "the end mark says which shard it is" \
    "$(imgextract --shard 3/7 a.tar | tail -c 24 | od -An -t u4 -N 8 | tr -s ' ')" " 3 7"
cp a.tar b.tar
imgextract a.tar b.tar a.tar | imgcat | cut -f1 | sed -n '1p;16p;31p' >got
printf '%s\n' a.tar:cat/00.jpg b.tar:cat/00.jpg 'a.tar:cat/00.jpg#2' >expected
same "an operand given twice: still unique" got expected
for bad in 0/3 4/3 3 1/0 x/2 1/; do
    status 2 "--shard $bad" imgextract --shard $bad -o x.its a.tar
done
status 2 "--except without --shard" imgextract --except -o x.its a.tar
status 2 "--max-bytes 0" imgextract --max-bytes 0 -o x.its a.tar
status 2 "an unknown option" imgextract --frobnicate a.tar
status 0 "-h" imgextract -h
contains "-h: how it is used" out "usage: imgextract"
imgextract -j 4 a.tar >four.its
imgextract -j 1 a.tar | cmp -s - four.its
equals "the same bytes for any -j" $? 0
tap_done
