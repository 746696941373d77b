#!/bin/sh
# If this fails, a sender that is faster than learning is not held back: records are dropped, or all lie in memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgtrain/sample.sh"
colours train 10 1
for _ in 1 2 3 4 5 6 7 8 9 10; do cat train.its; done >ten.its
for _ in 1 2 3 4 5 6 7 8 9 10; do cat ten.its; done >many.its

# Sends standard input to a program's standard input, which is a socket: how often it had to wait, and how many
# records the program had then predicted, by its log, when the last byte was taken.
cat >sender.py <<'END'
import select, socket, subprocess, sys
data = sys.stdin.buffer.read()
ours, theirs = socket.socketpair()
ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
ours.setblocking(False)
child = subprocess.Popen(sys.argv[2:], stdin=theirs)
theirs.close()
sent = waits = 0
while sent < len(data):
    try:
        sent += ours.send(data[sent:sent + 16384])
    except BlockingIOError:
        waits += 1
        select.select([], [ours], [])
rows = open(sys.argv[1]).read().splitlines()
ours.close()
print(waits, rows[-1].split("\t")[1] if len(rows) > 1 else 0, child.wait())
END
if python3 -c 'import socket' 2>err; then
    ok 'a fast sender' sh -c 'python3 sender.py log.tsv imgtrain -q -j 1 --online -n small.net --labels red,green,blue --passes 20 \
        --log log.tsv -o new.onnx <many.its >told'
    read -r waits predicted code <told
    echo "# it waited $waits times; at its last byte $predicted of 3000 records were predicted"
    ok '  is held' test "$waits" -gt 0
    ok '  until nearly all is learned' test "$predicted" -ge 1500
    equals '  nothing is dropped' "$(tail -n 1 log.tsv | cut -f 2)" 3000
    equals '  and all is well' "$code" 0
else
    skip 'a fast sender' 'no python3'
fi
imgtrain -q --online -n small.net --labels red,green,blue -o file.onnx many.its
if command -v socat >/dev/null && socat -V >out 2>&1; then
    socat -u UNIX-LISTEN:socket STDOUT | imgtrain -q --online -n small.net --labels red,green,blue -o new.onnx &
    child=$!
    tries=0
    while [ ! -S socket ] && [ $tries -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    ok 'socat' socat -u STDIN UNIX-CONNECT:socket <many.its
    wait $child
    equals '  the model is written' $? 0
    same '  the same as from a file' new.onnx file.onnx
else
    skip 'socat' 'it is not installed'
fi
if command -v nc >/dev/null && nc -h 2>&1 | grep -q -- '-U'; then
    nc -lU line | imgtrain -q --online -n small.net --labels red,green,blue -o nc.onnx &
    child=$!
    tries=0
    while [ ! -S line ] && [ $tries -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    ok 'nc' nc -NU line <many.its
    wait $child
    equals '  the model is written' $? 0
    same '  the same as from a file' nc.onnx file.onnx
else
    skip 'nc' 'it is not installed, or not with -U'
fi
tap_done
