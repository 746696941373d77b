"""imgprep's ways to decode against Pillow: orientation, background, boxes, padding, and --fast against draft mode.

If this fails, pictures that cameras turned, transparent ones, chips or letterboxes differ from those that Pillow makes.
"""

import io
import random
import tempfile

import numpy
import PIL
from PIL import Image, ImageOps

import its
import pictures as made
import tap

FILTER = ["--filter", ("pil13-" if int(PIL.__version__.split(".")[0]) >= 13 else "pil-") + "bilinear"]


def exif(orientation, order):
    """The orientation as EXIF, in a byte order, after an entry that is something else."""
    number = lambda value, size: value.to_bytes(size, order)
    entries = [(270, 2, 4, b"abc\0"), (274, 3, 1, number(orientation, 2) + b"\0\0")]
    body = b"".join(number(tag, 2) + number(kind, 2) + number(count, 4) + value for tag, kind, count, value in entries)
    return (b"II*\0" if order == "little" else b"MM\0*") + number(8, 4) + number(len(entries), 2) + body + bytes(4)


def compare(name, pictures, options, reference, folder):
    """pictures: (key, bytes, attributes); reference makes of an image and its attributes what imgprep must."""
    wrong = []
    for (key, data, attributes), record in zip(pictures, made.prepare(pictures, options, folder)):
        expected = numpy.asarray(reference(Image.open(io.BytesIO(data)), dict(attributes)))
        got = numpy.frombuffer(record[5], numpy.uint8)
        if record[0] != its.TENSOR or record[4][:2] != expected.shape[:2] or (got != expected.ravel()).any():
            wrong.append(key)
    if not tap.ok(pictures and not wrong, "%s: %d pictures" % (name, len(pictures))):
        tap.note("%d differ: %s" % (len(wrong), ", ".join(wrong[:8])))


def turned(rng):
    for width, height in ((1, 1), (7, 3), (40, 61), (130, 95)):
        image = made.noise(rng, width, height, 3)
        for orientation in range(1, 9):
            for order in ("little", "big"):
                key = "%dx%d-%d-%s" % (width, height, orientation, order)
                data = exif(orientation, order)
                for sampling in (0, 2):
                    yield "jpeg%d-%s" % (sampling, key), made.encoded(
                        image, "JPEG", subsampling=sampling, exif=b"Exif\0\0" + data), ()
                yield "png-" + key, made.encoded(image, "PNG", exif=data), ()
                yield "grey-" + key, made.encoded(image.convert("L"), "PNG", exif=data), ()


def crop(image, width, height):
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def orientations(rng, folder):
    pictures = list(turned(rng))
    rgb = lambda image: ImageOps.exif_transpose(image).convert("RGB")
    compare("exif=apply", pictures, ["--preset", "none", "--exif", "apply"], lambda i, _: rgb(i), folder)
    compare("exif=apply, stretched, cropped", pictures, FILTER + ["--exif", "apply", "--size", "50x30", "--crop", "20x10"],
            lambda i, _: crop(rgb(i).resize((50, 30), Image.BILINEAR), 20, 10), folder)
    compare("exif=ignore", pictures, ["--preset", "none"], lambda i, _: i.convert("RGB"), folder)


def transparent(rng):
    for width, height in ((1, 1), (9, 31), (64, 40)):
        for bits in (8, 2):
            colour, grey = made.noise(rng, width, height, 3), made.noise(rng, width, height, 1)
            alpha = colour.copy()
            alpha.putalpha(grey.point(lambda v: v if bits == 8 else v // 64 * 85))
            size = "%dx%d-%d" % (width, height, bits)
            for mode in ("RGBA", "LA"):
                yield "%s-%s" % (mode, size), made.encoded(alpha.convert(mode), "PNG"), ()
            palette = colour.quantize(13)
            yield "palette-" + size, made.encoded(palette, "PNG", transparency=bytes(range(0, 260, 20))), ()
            yield "palette-one-" + size, made.encoded(palette, "PNG", transparency=3), ()
            pixel = colour.getpixel((0, 0))
            yield "rgb-one-" + size, made.encoded(colour, "PNG", transparency=pixel), ()
            yield "grey-one-" + size, made.encoded(grey, "PNG", transparency=grey.getpixel((0, 0))), ()
            yield "opaque-" + size, made.encoded(colour, "PNG"), ()
            yield "jpeg-" + size, made.encoded(colour, "JPEG"), ()


def backgrounds(rng, folder):
    pictures = list(transparent(rng))
    for text, colour in (("255", (255,) * 3), ("0", (0,) * 3), ("10,200,77", (10, 200, 77))):
        def composite(image, _, colour=colour):
            image = image.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", image.size, colour + (255,)), image).convert("RGB")

        def paste(image, _, colour=colour):
            image = image.convert("RGBA")
            result = Image.new("RGB", image.size, colour)
            result.paste(image, mask=image.getchannel("A"))
            return result
        options = ["--preset", "none", "--background", text]
        compare("background %s as alpha_composite" % text, pictures, options, composite, folder)
        compare("background %s as paste" % text, pictures, options, paste, folder)
        compare("background %s, grey" % text, pictures, options + ["--colour", "grey"],
                lambda i, a: composite(i, a).convert("L"), folder)


def chips(rng, draw):
    kinds = [("JPEG", {"subsampling": 2}), ("JPEG", {"subsampling": 0}), ("JPEG", {"progressive": True}), ("PNG", {}), ("PPM", {})]
    for number in range(300):
        image = made.noise(rng, draw.randrange(20, 200), draw.randrange(20, 200), 1 if number % 7 == 0 else 3)
        kind, options = kinds[number % len(kinds)]
        x, y = sorted(draw.uniform(-0.1, 1.1) for _ in "ab"), sorted(draw.uniform(-0.1, 1.1) for _ in "ab")
        if round(min(x[1], 1) * image.width) <= round(max(x[0], 0) * image.width):
            continue
        if round(min(y[1], 1) * image.height) <= round(max(y[0], 0) * image.height):
            continue
        box = ",".join(repr(v) for v in (x[0], y[0], x[1], y[1]))
        yield "%d-%s" % (number, kind), made.encoded(image, kind, **options), [("box", box)]


def chip(image, attributes):
    x0, y0, x1, y1 = (min(max(float(v), 0), 1) for v in attributes["box"].split(","))
    w, h = image.size
    return image.convert("RGB").crop((round(x0 * w), round(y0 * h), round(x1 * w), round(y1 * h)))


def boxes(rng, folder):
    pictures = list(chips(rng, random.Random(3)))
    compare("boxes as they are", pictures, ["--preset", "none"], chip, folder)
    compare("boxes stretched", pictures, FILTER + ["--size", "33x20"],
            lambda i, a: chip(i, a).resize((33, 20), Image.BILINEAR), folder)
    compare("boxes stretched and cropped", pictures, FILTER + ["--size", "60x50", "--crop", "20x30"],
            lambda i, a: crop(chip(i, a).resize((60, 50), Image.BILINEAR), 20, 30), folder)
    compare("--box ignore", pictures, FILTER + ["--size", "33x20", "--box", "ignore"],
            lambda i, _: i.convert("RGB").resize((33, 20), Image.BILINEAR), folder)


def padding(rng, folder):
    pictures = [(key, data, ()) for key, data in made.generated(rng) if key.startswith(("jpeg-0", "png-L-", "png-RGB-"))]
    for width, height in ((64, 64), (33, 90), (90, 33), (9, 10)):
        for text, colour in (("0", (0,) * 3), ("1,2,250", (1, 2, 250))):
            compare("fit %dx%d, pad %s" % (width, height, text), pictures,
                    FILTER + ["--fit", "%dx%d" % (width, height), "--pad", text],
                    lambda i, _: ImageOps.pad(i.convert("RGB"), (width, height), Image.BILINEAR, color=colour), folder)
        compare("fit %dx%d, pad, grey" % (width, height), pictures,
                FILTER + ["--fit", "%dx%d" % (width, height), "--pad", "77", "--colour", "grey"],
                lambda i, _: ImageOps.pad(i.convert("L"), (width, height), Image.BILINEAR, color=77), folder)


def fast(rng, folder):
    """Draft mode shrinks to the same sizes here, and decodes as usual otherwise."""
    pictures = []
    for width, height in ((640, 480), (333, 517), (1000, 700), (90, 100)):
        for sampling in (0, 1, 2):
            image = made.noise(rng, width, height, 3)
            pictures.append(("%dx%d-%d" % (width, height, sampling), made.encoded(image, "JPEG", subsampling=sampling), ()))

    def draft(image, _):
        image.draft("RGB", (60, 50))
        return image.convert("RGB").resize((60, 50), Image.BILINEAR)
    compare("--fast as draft mode", pictures,
            FILTER + ["--fast", "--size", "60x50"], draft, folder)


def main():
    rng = numpy.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for part in (orientations, backgrounds, boxes, padding, fast):
            part(rng, folder)
    tap.done()


main()
