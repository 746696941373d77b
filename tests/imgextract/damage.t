#!/bin/sh
# Damaged inputs of every kind: no crash, and no loss that is not told.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
python3 "$SRCDIR/tests/imgextract/damage.py" 60 >got 2>&1
: >expected
same "60 damaged inputs, each read in four ways" got expected
tap_done
