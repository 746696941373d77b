#!/bin/sh
# If this fails, what `make install` puts under DESTDIR/PREFIX is not whole or does not run from there.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

root=$PWD/root
ok 'make install into DESTDIR' make -s -C "$SRCDIR" B="$B" DESTDIR="$root" PREFIX=/opt/imgutils install
for program in imgextract imgprep imgfeat imgclassify imgtrain imgstats imgjoin imgcat; do
    ok "$program runs from there" "$root/opt/imgutils/bin/$program" -V
    ok "$program has its manual" test -s "$root/opt/imgutils/share/man/man1/$program.1"
done
for page in man5/its.5 man5/imgnet.5 man5/imgonnx.5 man7/imgutils.7; do
    ok "$page is there" test -s "$root/opt/imgutils/share/man/$page"
done
ok 'the models are there' test -s "$root/opt/imgutils/share/imgutils/models/shapes.onnx"
ok 'getmodel finds its table there' "$root/opt/imgutils/bin/getmodel" --list
contains 'and names models' out 'resnet50-v1-7'
ok 'getmodel has its manual' test -s "$root/opt/imgutils/share/man/man1/getmodel.1"
equals 'nothing else is installed' "$(cd "$root/opt/imgutils" && echo *)" 'bin share'
equals 'drawshapes is not' "$(find "$root" -name 'drawshapes*')" ''
tap_done
