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
status 0 'a pipe that nobody reads to its end' sh -c 'imgprep --size 64 pics.its | head -c 1000 >head'
equals 'no message about it' "$(cat err)" ''
tap_done
