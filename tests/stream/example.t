#!/bin/sh
# Would break: who writes a reader after the worked example of its(5): it must be what the tools make.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

# The N-th .EX block of the worked example.
block() {
    awk -v want="$1" '/^\.SH/ {here = /WORKED/} here && /^\.EX/ {n++; next} /^\.EE/ {n += 0.5}
        here && n == want' "$SRCDIR/man/its.5" | sed 's/\\-/-/g'
}

block 1 >text
block 2.5 >dump
imgcat --from-text text >example.its
od -A d -t x1 example.its >got
ok "the page has the example" test -s text -a -s dump
same "the hex dump in its(5) is that of the stream" got dump
imgcat --text example.its >back
same "and the text comes back from it" back text
set -- "$(imgcat --checksum example.its)"
contains "the contents checksum in the page" "$SRCDIR/man/its.5" \
    "contents $(echo "$1" | cut -f 1 | tr a-f A-F) ="
contains "the keys checksum in the page" "$SRCDIR/man/its.5" "keys $(echo "$1" | cut -f 2 | tr a-f A-F) ="
tap_done
