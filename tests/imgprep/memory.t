#!/bin/sh
# If this fails, imgprep keeps something of each picture, and a long stream fills the memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

case $B in *asan*)
    echo '1..0 # SKIP the address sanitizer keeps freed memory'
    exit 0
    ;;
esac

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

# The peak resident set of imgprep in KB, for N pictures.
peak() {
    python3 stream.py "$1" | python3 -c '
import resource, subprocess, sys
status = subprocess.call(["imgprep", "-j", "2", "--size", "16", "-o", "/dev/null"])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if status == 0 else "exit %d" % status)'
}
few=$(peak 1000)
many=$(peak 100000)
echo "# peak resident set: $few KB for 1,000 pictures, $many KB for 100,000"
ok 'the same memory within 5 % for 1,000 and for 100,000 pictures' test "$((many * 100))" -le "$((few * 105))"
tap_done
