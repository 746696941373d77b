#!/bin/sh
# If this fails, imgtrain --online keeps something of each record, and a stream that never ends fills the memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

need_peak

printf 'Flatten\nGemm units=$classes\n' >linear.net
drawshapes -n 100 -s 1 | imgextract | imgprep --size 8 --scale 0.004 -o pics.its

# Even the few are more than the buffer holds.
few=$(least_peak 'copies 50 pics.its' imgtrain -q -j 2 --online -n linear.net -o /dev/null)
many=$(least_peak 'copies 500 pics.its' imgtrain -q -j 2 --online -n linear.net -o /dev/null)
same_peak 'imgtrain --online takes the same memory for 5,000 and for 50,000 pictures' "$few" "$many"
tap_done
