"""imgprep against Pillow: the same bytes, for every filter, size, format and colour that both have.

If this fails, a model trained on Pillow's pixels sees other ones here. The pictures: the shared dogs-vs-cats where
present, and generated ones (all kinds of JPEG, PNG and PNM; sizes from 1 pixel up).
"""

import io
import os
import random
import subprocess
import sys
import tempfile
import warnings

# `pixels.py 12` is the same test with the older Pillow, whose resize takes the rows first; see main().
if sys.argv[1:] == ["12"]:
    sys.path.insert(0, os.path.join(os.environ["B"], "reference", "pillow12"))

import numpy
import PIL
from PIL import Image

import its
import tap
from pictures import generated, prepare, shared

warnings.simplefilter("ignore")
VERSION = int(PIL.__version__.split(".")[0])
NEW = "pil13-" if VERSION >= 13 else "pil-"
FILTERS = {"pil-nearest": Image.NEAREST, NEW + "box": Image.BOX, NEW + "bilinear": Image.BILINEAR,
           NEW + "hamming": Image.HAMMING, NEW + "bicubic": Image.BICUBIC, NEW + "lanczos": Image.LANCZOS}


def compare(name, pictures, options, reference, folder):
    wrong = []
    for (key, data), record in zip(pictures, prepare(pictures, options, folder)):
        kind, _, attributes, _, shape, payload = record
        image = Image.open(io.BytesIO(data))
        expected = numpy.asarray(reference(image))
        got = numpy.frombuffer(payload, numpy.uint8)
        if kind != its.TENSOR or shape[:2] != expected.shape[:2] or (got != expected.ravel()).any():
            wrong.append(key)
        elif (int(attributes["width"]), int(attributes["height"])) != image.size:
            wrong.append(key + " (width, height)")
    if not tap.ok(pictures and not wrong, "%s: %d pictures" % (name, len(pictures))):
        tap.note("%d differ: %s" % (len(wrong), ", ".join(wrong[:8])))


def short_crop(short, crop, resample):
    """torchvision: Resize(short) and CenterCrop(crop)."""
    def apply(image):
        image = image.convert("RGB")
        width, height = image.size
        size = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
        image = image.resize(size, resample)
        left, top = (int(round((side - crop) / 2.0)) for side in size)
        return image.crop((left, top, left + crop, top + crop))
    return apply


def stretch(width, height, mode, resample):
    return lambda image: image.convert(mode).resize((width, height), resample)


def sizes(pictures, folder):
    """Odd sizes of both sides, up and down, fixed by a seed."""
    draw = random.Random(5)
    for _ in range(25):
        width, height = (draw.choice((1, 2, 3, 31, 32, 33, draw.randrange(1, 400))) for _ in range(2))
        some = draw.sample(pictures, 8)
        for name, resample in FILTERS.items():
            size = "%dx%d" % (width, height)
            compare("%s stretch %s" % (name, size), some, ["--filter", name, "--size", size],
                    stretch(width, height, "RGB", resample), folder)


def filters(kind, pictures, folder):
    """Every filter; a crop of which the resize sees little, and grey."""
    for name, resample in FILTERS.items():
        for width, height, mode in ((224, 224, "RGB"), (299, 97, "L"), (33, 640, "RGB"), (640, 33, "RGB")):
            options = ["--filter", name, "--size", "%dx%d" % (width, height)]
            options += ["--colour", "grey"] if mode == "L" else []
            compare("%s %s stretch %dx%d %s" % (kind, name, width, height, mode), pictures, options,
                    stretch(width, height, mode, resample), folder)
        compare("%s %s short 64 crop 57" % (kind, name), pictures, ["--filter", name, "--short", "64", "--crop", "57"],
                short_crop(64, 57, resample), folder)


def main():
    rng = numpy.random.default_rng(1)
    made = list(generated(rng))
    photos = shared("test", 512) + shared("train", 128)
    tap.note("Pillow %s, so the filters are %s" % (PIL.__version__, ", ".join(FILTERS)))
    with tempfile.TemporaryDirectory() as folder:
        for name, pictures in (("photos", photos), ("generated", made)):
            if not pictures:
                continue
            compare(name + " decoded", pictures, ["--preset", "none"], lambda i: i.convert("RGB"), folder)
            compare(name + " grey", pictures, ["--preset", "none", "--colour", "grey"], lambda i: i.convert("L"), folder)
            filters(name, pictures, folder)
            compare(name + " torchvision", pictures, ["--preset", "torchvision", "--filter", NEW + "bilinear"],
                    short_crop(256, 224, Image.BILINEAR), folder)
        sizes(photos + made, folder)
    if not sys.argv[1:] and VERSION >= 13:
        older = subprocess.run([sys.executable, __file__, "12"], stdout=subprocess.PIPE, check=False)
        tap.ok(older.returncode == 0, "the same with the older Pillow")
        for line in older.stdout.decode().splitlines():
            tap.note(line)
    tap.done()


main()
