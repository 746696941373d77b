#!/bin/sh
# Would break: the house. Rooms that know each other, a library that prints or exits or keeps state.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

sh "$SRCDIR/scripts/lint" arrows >found
equals "rooms include only what is below them, and lib/ neither prints nor exits" "$(cat found)" "lint: arrows: clean"

# The check itself: a copy of the tree with one wrong line in it must be found.
mkdir -p scripts lib/stats lib/table tools
cp "$SRCDIR/scripts/lint" scripts/
wrong() { # NAME FILE LINE
    printf '%s\n' "$3" >"$2"
    status 1 "$1" sh scripts/lint arrows
    rm -f "$2"
}
wrong "a room of the same floor" lib/stats/a.c '#include "table/tsv.h"'
wrong "a room above" lib/stats/a.c '#include "tools/tool.h"'
wrong "another room's internal header" tools/a.c '#include "stats/evaluation_internal.h"'
wrong "printing" lib/stats/a.c '    printf("hello\n");'
wrong "exiting" lib/stats/a.c '    exit(1);'
printf '%s\n' '#include "base/error.h"' '#include "stream/record.h"' '/* printf(3) is for tools */' \
    'snprintf(text, sizeof text, "x");' >lib/stats/a.c
status 0 "what is allowed is not found" sh scripts/lint arrows

# State: a writable object of the library. Sanitizers add their own.
if ! command -v objdump >/dev/null || [ ! -f "$B/libimgutils.a" ]; then
    skip "no mutable global state in lib/" "no objdump, or no library"
elif objdump -t "$B/libimgutils.a" | grep -q __asan; then
    skip "no mutable global state in lib/" "built with a sanitizer"
else
    objdump -t "$B/libimgutils.a" | awk '$3 == "O" && $4 ~ /^\.(data|bss)/ && $4 !~ /^\.data\.rel\.ro/ {print $NF}' >state
    equals "no mutable global state in lib/" "$(cat state)" ""
fi
tap_done
