"""Writes a stream of pictures that mean harm, or came to harm: hostile.py JPEG > STREAM. Standard library only.

The JPEG, and a PNG, PPM and progressive JPEG made here, are cut at every hundredth and changed at random (the same
each time); others lie about their size, unpack to much, scan without end, or hold EXIF that leads nowhere.
"""

import random
import struct
import sys
import zlib

import its

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, data, depth=8, colour=0, interlaced=0, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return SIGNATURE + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zeros(count):
    packer = zlib.compressobj(9)
    block = bytes(1 << 16)
    return b"".join(packer.compress(block) for _ in range(count >> 16)) + packer.compress(bytes(count & 0xFFFF)) + packer.flush()


def marker(code, data):
    return struct.pack(">BBH", 0xFF, code, len(data) + 2) + data


def progressive(width, height, scans):
    """Grey. Each scan after the first says that all other frequencies are 0, in a few bytes."""
    quantiser = marker(0xDB, b"\0" + b"\1" * 64)
    frame = marker(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    # One code of one bit in each table: no difference; the run of 2^14 to 2^15 - 1 blocks without more.
    tables = marker(0xC4, b"\0\1" + bytes(15) + b"\0") + marker(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    blocks = -(-width // 8) * -(-height // 8)
    first = marker(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8))
    runs, bits = blocks, ""
    while runs > 0:
        bits += "0" + "1" * 14
        runs -= (1 << 15) - 1
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    other = marker(0xDA, b"\1\1\0\1\x3f\0") + data
    return b"\xff\xd8" + quantiser + frame + tables + first + other * (scans - 1) + b"\xff\xd9"


def exif(draw, jpeg):
    """Entries, offsets and counts at random behind the right beginning."""
    body = b"Exif\0\0" + draw.choice((b"II*\0\10\0\0\0", b"MM\0*\0\0\0\10", b"II*\0", b"MM\0*"))
    body += draw.choice((b"\1\0\x12\1\3\0\1\0\0\0", b"\0\1\1\x12\0\3\0\0\0\1", b"\xff\xff", b""))
    return jpeg[:2] + marker(0xE1, body + draw.randbytes(draw.randrange(40))) + jpeg[2:]


def spoiled(draw, data):
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 10))):
        data[draw.randrange(2, len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def liars(jpeg):
    for width, height in ((0, 0), (0, 5), (65535, 65535)):
        yield "frame-%dx%d" % (width, height), progressive(8, 8, 2).replace(
            struct.pack(">BHHB", 8, 8, 8, 1), struct.pack(">BHHB", 8, height, width, 1))
    for width, height in ((0, 1), (2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (100000, 1789)):
        yield "png-%dx%d" % (width, height), png(width, height, zlib.compress(bytes(100)))
        yield "ppm-%dx%d" % (width, height), b"P6 %d %d 255\n" % (width, height) + bytes(100)
    for name in (b"zTXt", b"iCCP"):
        yield "png-" + name.decode(), png(2, 2, zlib.compress(bytes(6)), extra=chunk(name, b"x\0\0" + zeros(100 << 20)))
    yield "png-much", png(9000, 4000, zeros(9001 * 4000))
    yield "png-much-interlaced", png(4000, 3000, zeros(4001 * 3000 + 3000), interlaced=1)
    yield "png-more-than-it-says", png(10, 10, zeros(50 << 20))
    yield "png-bits", png(30000, 1000, zeros(3751 * 1000), depth=1)
    yield "scans-2", progressive(4000, 3000, 2)
    yield "scans-100", progressive(1000, 1000, 100)
    yield "scans-101", progressive(4000, 3000, 101)
    yield "scans-3000", progressive(4000, 3000, 3000)
    yield "jpeg-twice", jpeg + jpeg
    yield "jpeg-without-tables", jpeg.replace(b"\xff\xc4", b"\xff\xfe").replace(b"\xff\xdb", b"\xff\xfe")


def corpus(jpeg):
    draw = random.Random(7)
    pixels = b"".join(b"\1" + draw.randbytes(120) for _ in range(30))
    whole = {"jpeg": jpeg, "png": png(40, 30, zlib.compress(pixels), colour=2),
             "ppm": b"P6 9 9 255\n" + draw.randbytes(243), "scans": progressive(40, 40, 6)}
    yield from whole.items()
    for kind, data in whole.items():
        for percent in range(1, 100):
            yield "%s-cut-%d" % (kind, percent), data[:max(1, len(data) * percent // 100)]
        for number in range(100):
            yield "%s-spoiled-%d" % (kind, number), spoiled(draw, data)
    for number in range(60):
        yield "exif-%d" % number, exif(draw, jpeg)
    yield from liars(jpeg)


def main():
    with open(sys.argv[1], "rb") as file:
        jpeg = file.read()
    draw = random.Random(8)
    writer = its.Writer(sys.stdout.buffer)
    for key, data in corpus(jpeg):
        x, y = (sorted(draw.uniform(-0.2, 1.2) for _ in range(2)) for _ in range(2))
        box = "%r,%r,%r,%r" % (x[0], y[0], x[1], y[1])
        bad = draw.choice(("0,0,1e308,nan", "-inf,0,inf,1", "1,2", "0,1,0,1", "-1e308,0,1e308,1"))
        writer.put(key, data, [("box", box if draw.randrange(6) else bad)])
    writer.end()


main()
