#!/bin/sh
# An archive that is cut off gives every complete member, then exit status 3, and its stream tells every reader.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"

# STEP: every how many bytes it is cut; LAST: the offset from which on all members and the end mark are there
try() { # KIND STEP LAST
    kind=$1 step=$2 last=$3
    $make "$kind" >whole
    imgextract <whole >whole.its
    wrong='' at=0
    while [ "$at" -lt "$last" ]; do
        dd if=whole of=part bs="$at" count=1 2>/dev/null
        [ "$at" != 0 ] || : >part
        imgextract <part >part.its 2>err
        [ $? = 3 ] || wrong="$wrong $at"
        imgcat --check part.its >/dev/null 2>&1
        [ $? = 3 ] || wrong="$wrong $at(its)"
        at=$((at + step))
    done
    equals "$kind: cut every $step bytes: always 3, in both programs" "$wrong" ""
}
$make tar >a.tar
# the last member ends where the zero blocks begin
tar_end=$(python3 -c 'import sys; d = open("a.tar", "rb").read(); print((len(d.rstrip(b"\0")) + 511) // 512 * 512)')
try tar 512 "$tar_end"
try tar 701 "$tar_end"
$make tar.gz >a.gz
try tar.gz 97 "$(wc -c <a.gz)"
$make zip >a.zip
try zip 151 "$(($(wc -c <a.zip) - 22))"
$make cpio >a.cpio
try cpio 503 "$(wc -c <a.cpio)"

# cut between two members: 5 complete ones
at=$(python3 - <<'E'
import tarfile
with tarfile.open("a.tar") as archive:
    print(archive.getmembers()[5].offset)
E
)
head -c "$at" a.tar >five.tar
status 3 "tar cut between members" imgextract -o five.its five.tar
contains "it says what is missing" err "ends without the end mark of a tar"
contains "it says where the rest is" err "five.its.part"
ok "no five.its appears" test ! -e five.its
imgcat five.its.part 2>/dev/null | cut -f1 >got
tar -tf a.tar | head -n 5 >expected
same "all complete members are there" got expected
head -c "$((at + 600))" a.tar | imgextract 2>/dev/null | imgcat 2>/dev/null | cut -f1 >got
same "cut within a member: that one is left out" got expected
head -c "$at" a.tar >five.tar
imgextract five.tar a.tar 2>/dev/null >both.its
equals "the next operand is still read" "$(imgcat --count both.its 2>/dev/null)" 20
imgextract a.tar >a.its
head -c 2000 a.its | imgextract >cut.its 2>/dev/null
equals "a cut stream as input: 3" $? 3
status 3 "a cut stream as input: its reader knows" imgcat --check cut.its
tap_done
