#!/bin/sh
# If this fails, real photographs give other pixels than they gave when they were compared with Pillow, or threads change them.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
need_shared 'photographs' dogs-vs-cats/dogscats-test.tar

imgextract --label prefix --limit 64 "$SHARED/data/dogs-vs-cats/dogscats-test.tar" >pics.its
status 0 '64 photographs' imgprep --preset torchvision -j 1 -o one.its pics.its
status 0 '64 photographs on 4 threads' imgprep --preset torchvision -j 4 -o four.its pics.its
same '-j 1 and -j 4 give the same bytes' four.its one.its
imgcat --npy one.its >one.npy
equals 'the pixels are those that Pillow made' "$(tail -c +129 one.npy | cksum)" '3208519432 9633792'
# tests/conformance/decoding.py compares more of these.
pixels() { imgprep "$@" | imgcat --npy | tail -c +129 | cksum; }
equals '--fast gives the pixels of draft mode' "$(pixels --short 64 --crop 56 --fast --filter pil13-bilinear pics.its)" \
    '2597637823 602112'
imgcat pics.its | awk -F '\t' '
    BEGIN { print "name,x0,y0,x1,y1" }
    {
        i = NR - 1
        sub(/\.jpg$/, "", $1)
        printf "%s,%.2f,%.2f,%.2f,%.2f\n", $1, i % 7 / 10, i % 5 / 10, 0.65 + i % 4 / 10, 0.5 + i % 6 / 10
    }' >boxes.csv
imgjoin -q -t boxes.csv --box x0,y0,x1,y1 -o boxed.its pics.its
equals 'chips are those of crop and resize' "$(pixels --size 48x40 --filter pil13-bilinear boxed.its)" '1179013610 368640'
status 0 'a pipe that nobody reads to its end' sh -c 'imgprep --size 64 pics.its | head -c 1000 >head'
equals 'no message about it' "$(cat err)" ''
tap_done
