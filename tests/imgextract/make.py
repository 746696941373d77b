"""Makes the small archives and data sets that the imgextract tests read. Usage: make.py WHAT > FILE

Standard library only. The "pictures" are a JPEG's first bytes and some text: imgextract does not decode.
"""
import gzip
import io
import struct
import sys
import tarfile
import zipfile

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
PICTURES = [(f"{label}/{i:02d}.jpg", JPEG + f"{label}{i}".encode() * (50 * i + 1))
            for i in range(5) for label in ("cat", "dog", "owl")]


def tar(members, mode="w", **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as archive:
        for name, data, *kind in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if kind:
                info.type, info.linkname = kind[0], "cat/00.jpg"
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def cpio(members):
    out = b""
    for name, data in members + [("TRAILER!!!", b"")]:
        fields = [0, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def odd():
    """What an archive may hold besides pictures, and names that try to do harm."""
    jpeg = JPEG + b"x"
    return tar([
        ("../../up.jpg", jpeg), ("/abs/root.jpg", jpeg), ("./d/x.jpg", jpeg), ("d/x.jpg", jpeg + b"2"), ("d/x.jpg", jpeg + b"3"),
        ("a" * 5000 + "/x.jpg", jpeg), ("a" * 5000 + "/y.jpg", jpeg), ("tab\tand\nline.jpg", jpeg),
        ("._x.jpg", b"Mac"), ("empty.txt", b""), ("readme", b"hello, no picture"), ("folder/", b"", tarfile.DIRTYPE),
        ("hard.jpg", b"", tarfile.LNKTYPE), ("soft.jpg", b"", tarfile.SYMTYPE), ("device", b"", tarfile.CHRTYPE),
        ("empty.jpg", b""), ("page.jpg", b"<html>"), ("noname", jpeg), ("gif", b"GIF89a--------"), ("grey", b"P5 1 1 255\n0"),
    ])


def webdataset():
    members = []
    for i in range(3):
        members += [(f"{i:06d}.cls", b"%d\n" % i), (f"{i:06d}.jpg", JPEG)]
    for i in range(3, 6):
        members += [(f"{i:06d}.left.jpg", JPEG), (f"{i:06d}.cls", b"%d" % i)]
    members += [("img_1.5.jpg", JPEG), ("img_1.5.cls", b"dog"), ("img_1.6.jpg", JPEG)]
    members += [("x.y/8.jpg", JPEG), ("x.y/8.cls", b"  big cat \r\nsecond line"), ("9.txt", b"caption"), ("9.jpg", JPEG)]
    return tar(members)


def cifar_batch(first, count=7):
    return b"".join(bytes([(first + i) % 10]) + bytes([10 + i]) * 1024 + bytes([20 + i]) * 1024 + bytes([30 + i]) * 1024
                    for i in range(count))


def cifar_tar(names_first):
    names = ("cifar/batches.meta.txt", "\n".join(f"kind{i}" for i in range(10)).encode())
    batches = [("cifar/data_batch_1.bin", cifar_batch(0)), ("cifar/test_batch.bin", cifar_batch(7))]
    return tar([names] + batches if names_first else batches + [("cifar/readme.html", b"<html>")], "w:gz")


def idx_pictures(count=12, height=4, width=3):
    return struct.pack(">BBBBIII", 0, 0, 8, 3, count, height, width) + bytes(i % 256 for i in range(count * height * width))


def idx_labels(count=12):
    return struct.pack(">BBBBI", 0, 0, 8, 1, count) + bytes(i % 10 for i in range(count))


def many(count):
    """A tar of very many small pictures, written fast."""
    data = JPEG + b"x" * 300
    for i in range(count):
        header = bytearray(512)
        for at, field in ((0, b"c%d/%07d.jpg" % (i % 10, i)), (100, b"0000644\0"), (108, b"0000000\0"), (116, b"0000000\0"),
                          (124, b"%011o\0" % len(data)), (136, b"%011o\0" % 0), (148, b" " * 8), (156, b"0"),
                          (257, b"ustar\00000")):
            header[at:at + len(field)] = field
        header[148:156] = b"%06o\0 " % sum(header)
        sys.stdout.buffer.write(bytes(header) + data + b"\0" * (-len(data) % 512))
    return b"\0" * 10240


MAKERS = {
    "tar": lambda: tar(PICTURES),
    "tar.gz": lambda: tar(PICTURES, "w:gz"),
    "tar.bz2": lambda: tar(PICTURES, "w:bz2"),
    "tar.xz": lambda: tar(PICTURES, "w:xz"),
    "pax": lambda: tar(PICTURES, format=tarfile.PAX_FORMAT),
    "zip": lambda: zipped(PICTURES),
    "zip-stored": lambda: zipped(PICTURES, zipfile.ZIP_STORED),
    "cpio": lambda: cpio(PICTURES),
    "cpio.gz": lambda: gzip.compress(cpio(PICTURES)),
    "picture": lambda: PICTURES[0][1],
    "odd": odd,
    "utf8": lambda: tar([("k\u00e4se/\u65e5\u672c.jpg", JPEG)], format=tarfile.PAX_FORMAT),
    "utf8-zip": lambda: zipped([("k\u00e4se/\u65e5\u672c.jpg", JPEG)]),
    "latin1": lambda: tar([("k\u00e4se/a.jpg", JPEG)], format=tarfile.USTAR_FORMAT, encoding="latin-1"),
    "flat": lambda: tar([("cat.17.jpg", JPEG), ("dog.2.jpg", JPEG), ("plain", JPEG), ("x/owl.jpg", JPEG)]),
    "webdataset": webdataset,
    "cifar.bin": lambda: cifar_batch(3),
    "cifar-names": lambda: cifar_tar(True),
    "cifar-plain": lambda: cifar_tar(False),
    "idx-pictures": idx_pictures,
    "idx-labels": idx_labels,
    "many": lambda: many(int(sys.argv[2])),
    # behind `damage` the picture cat/02.jpg is not what its checksum says
    "zip-bad": lambda: zipped(PICTURES, zipfile.ZIP_STORED).replace(b"cat2cat2", b"cat2cXt2", 1),
    # a header in the middle that is none: its checksum is wrong
    "tar-bad": lambda: tar(PICTURES).replace(b"dog/01.jpg\0", b"dXg/01.jpg\0", 1),
}

sys.stdout.buffer.write(MAKERS[sys.argv[1]]())
