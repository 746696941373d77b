"""Pictures for the conformance tests, and what imgprep makes of them."""

import io
import os
import subprocess
import tarfile

import numpy
from PIL import Image

import its
import tap

DOGSCATS = os.path.join(os.environ["SHARED"], "data", "dogs-vs-cats", "dogscats-%s.tar")


def shared(part, count):
    """The first photos of a part: (key, bytes) each."""
    path = DOGSCATS % part
    if not os.path.exists(path):
        tap.skip("pictures of dogscats-" + part, "not in the shared data")
        return []
    with tarfile.open(path) as tar:
        return [(part + "/" + m.name, tar.extractfile(m).read()) for m in tar.getmembers()[:count]]


def noise(rng, width, height, channels):
    """Smooth enough for JPEG, rough enough to tell filters apart."""
    shape = (height // 3 + 1, width // 3 + 1, channels)
    small = rng.integers(0, 256, shape).astype(numpy.uint8)
    planes = [Image.fromarray(small[..., c]).resize((width, height), Image.BICUBIC) for c in range(channels)]
    return planes[0] if channels == 1 else Image.merge("RGB" if channels == 3 else "CMYK", planes)


def encoded(image, kind, **options):
    """The bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def generated(rng):
    """All kinds of JPEG, PNG and PNM, of 1 pixel and more."""
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 3), (17, 33), (64, 64), (100, 75), (75, 200)):
        size = "%dx%d" % (width, height)
        colour, grey, inks = (noise(rng, width, height, c) for c in (3, 1, 4))
        for sampling in (0, 1, 2):
            yield "jpeg-%d-%s" % (sampling, size), encoded(colour, "JPEG", subsampling=sampling)
        yield "jpeg-progressive-" + size, encoded(colour, "JPEG", progressive=True)
        yield "jpeg-rgb-" + size, encoded(colour, "JPEG", keep_rgb=True)
        yield "jpeg-grey-" + size, encoded(grey, "JPEG")
        yield "jpeg-cmyk-" + size, encoded(inks, "JPEG")
        alpha = colour.copy()
        alpha.putalpha(grey)
        for mode in ("1", "L", "LA", "RGB", "RGBA"):
            yield "png-%s-%s" % (mode, size), encoded(alpha.convert(mode), "PNG")
        for colours in (2, 3, 13, 200):
            yield "png-palette%d-%s" % (colours, size), encoded(colour.quantize(colours), "PNG")
        yield "png-palette-transparent-" + size, encoded(colour.quantize(13), "PNG", transparency=2)
        yield "png-transparent-" + size, encoded(colour, "PNG", transparency=(1, 2, 3))
        for image, name in ((colour, "ppm"), (grey, "pgm"), (colour.convert("1"), "pbm")):
            yield "%s-%s" % (name, size), encoded(image, "PPM")
        for maximum in (1, 10, 99, 255, 1000, 65535):
            samples = rng.integers(0, maximum + 1, (height, width, 3))
            raw = samples.astype("u1" if maximum < 256 else ">u2").tobytes()
            yield "P6-%d-%s" % (maximum, size), b"P6 # a comment\n%d %d\n%d\n" % (width, height, maximum) + raw
            text = " ".join(map(str, samples.ravel())).encode()
            yield "P3-%d-%s" % (maximum, size), b"P3\n%d %d %d\n" % (width, height, maximum) + text


def plain(rng):
    """Those that every library takes for the same: neither alpha nor inks, 8 bits, no palette."""
    kinds = ("jpeg-0-", "jpeg-1-", "jpeg-2-", "jpeg-progressive-", "jpeg-grey-", "png-L-", "png-RGB-", "ppm-", "pgm-")
    return [(name, data) for name, data in generated(rng) if name.startswith(kinds)]


def prepare(pictures, options, folder):
    """The records that imgprep makes of the pictures: (key, bytes), or with attributes as a third."""
    path = os.path.join(folder, "pictures.its")
    with open(path, "wb") as file:
        writer = its.Writer(file)
        for key, data, *attributes in pictures:
            writer.put(key, data, *attributes)
        writer.end()
    out = path + ".out"
    subprocess.run(["imgprep", "-q", "-o", out] + options + [path], check=True)
    with open(out, "rb") as file:
        yield from its.read(file)


def close(name, pictures, options, reference, folder):
    """Are the values of type f32 within 1e-6 (of 1, or of the value where that is larger)? reference makes them, height x
    width x channels, of the bytes of a file."""
    worst, equal, count = 0.0, 0, 0
    for (_, data), record in zip(pictures, prepare(pictures, ["--type", "f32"] + options, folder)):
        kind, _, _, _, shape, payload = record
        expected = numpy.asarray(reference(data), numpy.float32)
        if kind != its.TENSOR or shape != expected.shape:
            worst = numpy.inf
            continue
        got = numpy.frombuffer(payload, "<f4").reshape(shape)
        errors = numpy.abs(got.astype(float) - expected) / numpy.maximum(1, numpy.abs(expected))
        worst, equal, count = max(worst, float(errors.max())), equal + int((got == expected).sum()), count + got.size
    tap.ok(pictures and worst <= 1e-6, "%s: %d pictures; %.4f %% of the values equal, at most %.1g off" % (
        name, len(pictures), 100.0 * equal / max(1, count), worst))
