#!/bin/sh
# The memory does not grow with the number of pictures: 1,000 and 100,000 take the same (within 5 %).
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
need_peak
for count in 1000 100000; do
    equals "$count pictures come through" \
        "$(python3 "$SRCDIR/tests/imgextract/make.py" many $count | imgextract | imgcat --count)" $count
done
few=$(least_peak "python3 $SRCDIR/tests/imgextract/make.py many 1000" imgextract)
many=$(least_peak "python3 $SRCDIR/tests/imgextract/make.py many 100000" imgextract)
same_peak 'the same memory for 1,000 and for 100,000 pictures' "$few" "$many"
tap_done
