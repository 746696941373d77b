#!/bin/sh
# If this fails, imgprep keeps something of each picture, and a long stream fills the memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

need_peak

# The same small picture N times, as a stream that nobody has to store.
cat >stream.py <<'END'
import struct, sys, zlib

MASK = (1 << 64) - 1

def pad(data):
    return data + bytes(-len(data) % 64)

def mix(z):
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31

def frame(kind, key, payload, crc):
    body = key + b"\0" if key else b"\0"
    head = b"\x93ITS\r\n\x1a\n" + struct.pack("<BBBBIIIQQQIII", 1, kind, 0, 0, len(key), 0, 0, len(payload), 0, 0, 0,
                                              crc, zlib.crc32(body))
    crc = zlib.crc32(head)
    return head + struct.pack("<I", crc) + pad(body) + pad(payload), crc

count, out = int(sys.argv[1]), sys.stdout.buffer
payload = b"P6 8 8 255\n" + bytes(range(192))
payload_crc = zlib.crc32(payload)
contents = keys = 0
for i in range(count):
    key = b"%08d" % i
    data, crc = frame(1, key, payload, payload_crc)
    out.write(data)
    contents = (contents + mix(crc << 32 | payload_crc)) & MASK
    name = 0xCBF29CE484222325
    for byte in key:
        name = ((name ^ byte) * 0x100000001B3) & MASK
    keys = (keys + mix(name)) & MASK
end = struct.pack("<QQQQQIIQQ", count, 0, count * len(payload), contents, keys, 0, 0, 0, 0)
out.write(frame(4, b"", end, zlib.crc32(end))[0])
END

few=$(least_peak 'python3 stream.py 10000' imgprep -j 2 --size 16 -o /dev/null)
many=$(least_peak 'python3 stream.py 100000' imgprep -j 2 --size 16 -o /dev/null)
same_peak 'the same memory for 10,000 and for 100,000 pictures' "$few" "$many"
few=$(least_peak 'python3 stream.py 1000' imgprep -j 2 --size 16 --augment flip,rotate=9,contrast=1 --copies 2 -o /dev/null)
many=$(least_peak 'python3 stream.py 20000' imgprep -j 2 --size 16 --augment flip,rotate=9,contrast=1 --copies 2 -o /dev/null)
same_peak 'nor for copies of 1,000 and of 20,000 pictures' "$few" "$many"
tap_done
