#!/bin/sh
# Would break: everybody who reads or writes streams from its(5) in another language. its.py was written from that page alone.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

its() {
    python3 "$SRCDIR/tests/stream/its.py" "$@"
}

its write >python.its
ok "imgcat finds a stream written by its.py whole" imgcat --check -v python.its
contains "with all its records" err "18 records, 1 of them errors"
contains "and its three end marks" err "3 end marks"

its read <python.its >python.list
imgcat --text python.its >python.text
imgcat --from-text python.text >imgcat.its
same "through imgcat's text dump and back, the bytes are those of its.py" imgcat.its python.its
ok "its.py reads what imgcat writes" its read <imgcat.its
same "and sees the same" out python.list

ok "imgcat joins the three parts" imgcat --its -o joined.its python.its
its read <joined.its >joined.list
sed '/^4 /d' python.list >a
sed '/^4 /d' joined.list >b
same "the records are the same, the unknown kinds too" b a
equals "with one end mark" "$(grep -c '^4 ' joined.list)" 1

printf 'its-text 1\nend\t0/0\t2\terror=lost\n' | imgcat --from-text >loss.its
status 1 "its.py is told of losses" its read <loss.its
for size in 0 63 64 100 191 192 383; do
    head -c $size python.its >cut.its
    status 3 "imgcat takes the first $size bytes for no stream" imgcat --check cut.its
    status 1 "nor does its.py" its read <cut.its
done
tap_done
