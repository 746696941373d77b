"""A reader and a writer of streams, from its(5) alone. Standard library only.

    its.py read <STREAM       one line per record: kind, type, shape, key, CRC of attributes and payload; "end ..."
    its.py write >STREAM      a stream of every kind and type, in two parts
"""

import struct
import sys
import zlib

SYNC = bytes([0x93, 0x49, 0x54, 0x53, 0x0D, 0x0A, 0x1A, 0x0A])
IMAGE, TENSOR, ERROR, END = 1, 2, 3, 4
SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 8, 7: 2, 8: 2, 9: 4, 10: 8}
MODULUS = 1 << 64


def padded(data):
    return data + b"\0" * (-len(data) % 64)


def fnv(key):
    h = 0xCBF29CE484222325
    for b in key:
        h = (h ^ b) * 0x100000001B3 % MODULUS
    return h


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % MODULUS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % MODULUS
    return z ^ (z >> 31)


class Sums:
    """What an end mark says of the records before it."""

    def __init__(self):
        self.records = self.errors = self.bytes = self.contents = self.keys = 0

    def add(self, kind, key, size, header_crc, payload_crc):
        self.records += 1
        self.errors += kind == ERROR
        self.bytes += size
        self.contents = (self.contents + mix(header_crc * 2**32 + payload_crc)) % MODULUS
        self.keys = (self.keys + mix(fnv(key))) % MODULUS

    def values(self):
        return (self.records, self.errors, self.bytes, self.contents, self.keys)


class Writer:
    def __init__(self, to):
        self.to = to
        self.sums = Sums()

    def frame(self, kind, key, attributes, payload, element, dims):
        body = b"".join(struct.pack("<Q", d % MODULUS) for d in dims) + key + b"\0" + attributes
        head = SYNC + struct.pack("<BBBBII", 1, kind, element, len(dims), len(key), len(attributes))
        head += bytes(4) + struct.pack("<Q", len(payload)) + bytes(20)
        payload_crc = zlib.crc32(payload) if payload else 0
        head += struct.pack("<II", payload_crc, zlib.crc32(body))
        header_crc = zlib.crc32(head)
        self.to.write(head + struct.pack("<I", header_crc) + padded(body) + padded(payload))
        return header_crc, payload_crc

    def put(self, kind, key, attributes=b"", payload=b"", element=0, dims=()):
        crcs = self.frame(kind, key, attributes, payload, element, dims)
        self.sums.add(kind, key, len(payload), *crcs)

    def end(self, attributes=b"", shard=0, shards=0, losses=0):
        payload = struct.pack("<QQQQQ", *self.sums.values()) + struct.pack("<IIQQ", shard, shards, losses, 0)
        self.frame(END, b"", attributes, payload, 0, ())
        self.sums = Sums()


class Damaged(Exception):
    pass


def must(condition, what):
    if not condition:
        raise Damaged(what)


def attributes_of(data):
    parts = data.split(b"\0")
    must(parts.pop() == b"" and len(parts) % 2 == 0, "attributes are no pairs")
    must(all(parts[0::2]), "an empty name")
    return list(zip(parts[0::2], parts[1::2]))


def records(stream):
    """Yields (kind, key, attributes, payload, element, dims) and checks all there is to check."""
    sums, ended = Sums(), False
    while True:
        head = stream.read(64)
        if not head:
            break
        must(len(head) == 64, "cut in a header")
        must(head[:8] == SYNC, "no sync mark")
        header_crc = struct.unpack_from("<I", head, 60)[0]
        must(header_crc == zlib.crc32(head[:60]), "header CRC")
        version, kind, element, rank, k, a = struct.unpack_from("<BBBBII", head, 8)
        size, payload_crc, body_crc = struct.unpack_from("<Q", head, 24) + struct.unpack_from("<II", head, 52)
        must(version == 1, "version")
        must(element <= 10 and rank <= 8 and k <= 4096 and a <= 1048576 and size <= 2**40, "limits")
        must((k == 0) == (kind == END), "key")
        must(not any(head[20:24]) and not any(head[32:52]), "zeros in the header")
        length = 8 * rank + k + 1 + a
        body = stream.read(length + -length % 64)
        must(len(body) == length + -length % 64, "cut in a body")
        must(zlib.crc32(body[:length]) == body_crc and not any(body[length:]), "body CRC or padding")
        payload = stream.read(size + -size % 64)
        must(len(payload) == size + -size % 64, "cut in a payload")
        must(not any(payload[size:]), "padding")
        payload = payload[:size]
        must(payload_crc == (zlib.crc32(payload) if payload else 0), "payload CRC")
        dims = struct.unpack_from("<%dQ" % rank, body)
        key = body[8 * rank : 8 * rank + k]
        must(b"\0" not in key and body[8 * rank + k] == 0, "key")
        attributes = body[8 * rank + k + 1 : length]
        if kind in (IMAGE, TENSOR, ERROR, END):
            attributes_of(attributes)
        if kind in (IMAGE, ERROR, END):
            must(element == 0 and rank == 0, "type or rank")
        if kind == ERROR:
            must(size == 0, "an error record with a payload")
        if kind == TENSOR:
            count = 1
            for dim in dims:
                count *= dim
            must(element != 0 and size == count * SIZES[element], "size of a tensor")
        if kind == END:
            must(size == 64, "size of an end mark")
            must(struct.unpack_from("<QQQQQ", payload) == sums.values(), "sums of the end mark")
            shard, shards, losses, zero = struct.unpack_from("<IIQQ", payload, 40)
            must(shard <= shards and (shard == 0) == (shards == 0) and zero == 0, "shard")
            must(losses == 0, "losses")
            sums = Sums()
        else:
            sums.add(kind, key, size, header_crc, payload_crc)
        ended = kind == END
        yield kind, key, attributes, payload, element, dims
    must(ended, "no end mark")


def read(stream):
    for kind, key, attributes, payload, element, dims in records(stream):
        shape = "x".join(str(d) for d in dims) if dims else "-"
        print(kind, element, shape, key.hex(), attributes.hex(), "%08x" % zlib.crc32(payload), len(payload))


def write(to):
    writer = Writer(to)
    writer.put(IMAGE, b"cats/1.jpg", b"label\0cat\0src\0a.tar\0", bytes(range(256)))
    writer.put(IMAGE, "k\u00e4tzchen\t\\.jpg".encode(), b"", b"x" * 64)
    for element, size in SIZES.items():
        # every byte pattern, so that infinities, NaNs and subnormals are among them
        data = bytes((i * 37 + i // 256 * 11) % 256 for i in range(size * 2 * 300))
        writer.put(TENSOR, b"type%d" % element, b"empty\0\0", data, element, (2, 1, 300))
    writer.put(TENSOR, b"scalar", b"", struct.pack("<f", -0.0), 9, ())
    writer.put(TENSOR, b"none", b"", b"", 9, (3, 0, 5))
    writer.put(TENSOR, b"eight", b"", b"\x07", 1, (1,) * 8)
    writer.end(shard=1, shards=2)
    writer.put(ERROR, b"cats/2.jpg", b"label\0cat\0stage\0imgprep\0error\0no JPEG\0")
    writer.put(99, b"?", b"\0raw\xff", b"whatever", 3, (7, 2**64 - 1))
    writer.put(0, b"?" * 4096, b"a\0" + b"b" * 70000 + b"\0", b"")
    writer.end(shard=2, shards=2, attributes=b"note\0of no meaning\0")
    writer.end()


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["read"]:
            read(sys.stdin.buffer)
        else:
            write(sys.stdout.buffer)
    except Damaged as reason:
        sys.exit("its.py: " + str(reason))
