#!/bin/sh
# If this fails, imgonnx(5) lists an operator that the engine does not run, or lacks one that it runs.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

sed -n 's/^    {"\([A-Za-z0-9]*\)", [0-9].*/\1/p' "$SRCDIR/lib/nn/ops/op.c" | sort >run
sed -n '/^\.SS Operators/,/^\.PP/p' "$SRCDIR/man/imgonnx.5" | awk '
    last == ".TP" {last = ""; next}  # the name of a family
    {last = $0}
    /^\.BR [A-Z]/ || /^[A-Z][A-Za-z0-9]*,?$/ {gsub(/^\.BR|[",]/, " "); for (i = 1; i <= NF; i++) print $i}' | sort >listed
ok 'the engine has operators' test "$(wc -l <run)" -gt 100
same 'imgonnx(5) lists them all, once, and no others' listed run

table=$(sed -n 's/.*ONNX_OPSET_FIRST = \([0-9]*\), ONNX_OPSET_LAST = \([0-9]*\).*/\1 to \2/p' "$SRCDIR/lib/nn/onnx_internal.h")
equals 'and the opsets' "$(sed -n 's/.* opset \([0-9]* to [0-9]*\) of ONNX.*/\1/p' "$SRCDIR/man/imgonnx.5")" "$table"
tap_done
