#!/bin/sh
# The memory does not grow with the number of pictures: 1,000 and 100,000 take the same (within 5 %).
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
if [ ! -x /usr/bin/time ] || ! /usr/bin/time -f %M true 2>/dev/null; then
    echo "1..0 # SKIP no GNU time"
    exit 0
fi
if nm "$B/bin/imgextract" 2>/dev/null | grep -q __asan_init; then
    echo "1..0 # SKIP the sanitizer's own memory grows"
    exit 0
fi
peak() { # COUNT
    python3 "$SRCDIR/tests/imgextract/make.py" many "$1" |
        /usr/bin/time -f %M -o peak imgextract | imgcat --count >count
    equals "$1 pictures come through" "$(cat count)" "$1"
}
peak 1000
few=$(tail -n 1 peak)
peak 100000
many=$(tail -n 1 peak)
echo "# peak resident set: $few KiB for 1,000, $many KiB for 100,000"
ok "within 5 %" test $((many * 100)) -le $((few * 105))
tap_done
