"""Streams (its(5)) for the conformance tests: encoded pictures in, tensors out. Standard library only."""

import struct
import zlib

SYNC = b"\x93ITS\r\n\x1a\n"
IMAGE, TENSOR, ERROR, END = 1, 2, 3, 4
MASK = (1 << 64) - 1
SIZES = {0: 1, 1: 1, 9: 4}


def _pad(data):
    return data + bytes(-len(data) % 64)


def _mix(z):
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


def _fnv(key):
    hash_ = 0xCBF29CE484222325
    for byte in key:
        hash_ = ((hash_ ^ byte) * 0x100000001B3) & MASK
    return hash_


def _frame(kind, key, attributes, payload, type_=0, shape=()):
    body = struct.pack("<%dQ" % len(shape), *shape) + key + b"\0" + attributes
    head = SYNC + struct.pack(
        "<BBBBIIIQQQIII", 1, kind, type_, len(shape), len(key), len(attributes), 0, len(payload), 0, 0, 0,
        zlib.crc32(payload) if payload else 0, zlib.crc32(body))
    crc = zlib.crc32(head)
    return head + struct.pack("<I", crc) + _pad(body) + _pad(payload), crc


class Writer:
    """Writes encoded pictures and tensors, then the end mark."""

    def __init__(self, to):
        self.to, self.records, self.bytes, self.contents, self.keys = to, 0, 0, 0, 0

    def put(self, key, payload, attributes=()):
        packed = b"".join(n.encode() + b"\0" + v.encode() + b"\0" for n, v in attributes)
        self._write(key, payload, *_frame(IMAGE, key.encode(), packed, payload))

    def tensor(self, key, shape, payload, attributes=()):
        """payload: f32, little-endian."""
        packed = b"".join(n.encode() + b"\0" + v.encode() + b"\0" for n, v in attributes)
        self._write(key, payload, *_frame(TENSOR, key.encode(), packed, payload, 9, shape))

    def _write(self, key, payload, frame, crc):
        self.to.write(frame)
        self.records += 1
        self.bytes += len(payload)
        self.contents = (self.contents + _mix(crc << 32 | (zlib.crc32(payload) if payload else 0))) & MASK
        self.keys = (self.keys + _mix(_fnv(key.encode()))) & MASK

    def end(self):
        payload = struct.pack("<QQQQQIIQQ", self.records, 0, self.bytes, self.contents, self.keys, 0, 0, 0, 0)
        self.to.write(_frame(END, b"", b"", payload)[0])
        self.to.flush()


def read(stream):
    """Yields (kind, key, attributes, type, shape, payload) of each record before the end mark."""
    while True:
        head = stream.read(64)
        if len(head) != 64 or head[:8] != SYNC:
            raise EOFError("no record where one was expected")
        _, kind, type_, rank, k, a, _, p = struct.unpack("<BBBBIIIQ", head[8:32])
        if kind == END:
            return
        size = 8 * rank + k + 1 + a
        body = stream.read(size + -size % 64)
        shape = struct.unpack("<%dQ" % rank, body[:8 * rank])
        key = body[8 * rank:8 * rank + k].decode()
        words = body[8 * rank + k + 1:size].split(b"\0")[:-1]
        attributes = {n.decode(): v.decode() for n, v in zip(words[::2], words[1::2])}
        payload = stream.read(p + -p % 64)[:p]
        yield kind, key, attributes, type_, shape, payload
