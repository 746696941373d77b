"""imgprep against OpenCV: cv2.imdecode and cv2.resize of 8 bits.

If this fails, a model that was trained on OpenCV's pixels sees other ones here. The code that a build of OpenCV takes
depends on the processor and on who built it, so each comparison is made twice: with the package as it is, where one
level of difference is allowed, and with its plain code (no optimisation, no IPP), where none is. What was equal is
printed. The pictures: the shared dogs-vs-cats where present, and generated ones (grey, odd sizes, from 1 pixel up).
"""

import io
import random
import tempfile

import cv2
import numpy
from PIL import Image

import its
import tap
from pictures import encoded, noise, plain, prepare, shared

FILTERS = {"cv-nearest": cv2.INTER_NEAREST, "cv-linear": cv2.INTER_LINEAR, "cv-area": cv2.INTER_AREA}


def optimised(yes):
    cv2.setUseOptimized(yes)
    if hasattr(cv2, "ipp"):
        cv2.ipp.setUseIPP(yes)


def decode(data, grey):
    image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    return image[..., numpy.newaxis] if grey else image


class Difference:
    """Between OpenCV's results and ours, over many pictures."""

    def __init__(self):
        self.most, self.pixels, self.equal = 0, 0, 0

    def add(self, expected, got):
        if expected.shape != got.shape:
            self.most = 256
            return
        levels = numpy.abs(expected.astype(int) - got)
        self.most = max(self.most, int(levels.max()))
        self.pixels += levels.size
        self.equal += int((levels == 0).sum())


def compare(name, pictures, options, reference, folder, grey=False):
    """reference makes of a decoded picture (blue first, or grey) what imgprep should with these options."""
    package, plainly, broken = Difference(), Difference(), 0
    options = options + ["--colour", "grey" if grey else "bgr"]
    for (key, data), (kind, _, _, _, shape, payload) in zip(pictures, prepare(pictures, options, folder)):
        if kind != its.TENSOR:
            broken += 1
            continue
        got = numpy.frombuffer(payload, numpy.uint8).reshape(shape)
        for yes, difference in ((True, package), (False, plainly)):
            optimised(yes)
            expected = reference(decode(data, grey))
            difference.add(expected.reshape(expected.shape[:2] + (-1,)), got)
    optimised(True)
    text = "%s: %d pictures; %.4f %% of the values equal, at most %d levels off (plain code: %d)" % (
        name, len(pictures), 100.0 * package.equal / max(1, package.pixels), package.most, plainly.most)
    tap.ok(pictures and not broken and package.most <= 1 and plainly.most == 0, text)


def stretch(width, height, how):
    return lambda image: cv2.resize(image, (width, height), interpolation=how)


def short_crop(short, crop, how):
    """The short side resized, the long one cut to a whole number, and the centre: as the README of EfficientNet-Lite
    in the ONNX model zoo does it."""
    def apply(image):
        height, width = image.shape[:2]
        if height > width:
            width, height = short, int(short * height / width)
        else:
            width, height = int(short * width / height), short
        image = cv2.resize(image, (width, height), interpolation=how)
        left, top = int((width - crop) / 2), int((height - crop) / 2)
        return image[top:top + crop, left:left + crop]
    return apply


def grey(data):
    return encoded(Image.open(io.BytesIO(data)).convert("L"), "PPM")


def filters(kind, pictures, folder):
    greys = [(key, grey(data)) for key, data in pictures[:80]]
    for name, how in FILTERS.items():
        for width, height in ((224, 224), (299, 97), (33, 640), (640, 33), (1, 1)):
            size = "%dx%d" % (width, height)
            compare("%s %s %s" % (kind, name, size), pictures, ["--filter", name, "--size", size],
                    stretch(width, height, how), folder)
        compare("%s %s short 64 crop 57" % (kind, name), pictures,
                ["--filter", name, "--short", "64", "--crop", "57:truncate"], short_crop(64, 57, how), folder)
        compare("%s %s grey 77x99" % (kind, name), greys, ["--filter", name, "--size", "77x99"],
                stretch(77, 99, how), folder, grey=True)


def turned(pictures):
    """The same, as cameras held in all eight ways wrote them, in JPEG and PNG: OpenCV turns them upright."""
    for number, (key, data) in enumerate(pictures):
        exif = Image.Exif()
        exif[0x0112] = number % 8 + 1
        for kind in "JPEG", "PNG":
            yield key, encoded(Image.open(io.BytesIO(data)), kind, exif=exif.tobytes())


def presets(kind, pictures, folder):
    pictures = list(pictures)
    compare(kind + " preset opencv-stretch", pictures, ["--preset", "opencv-stretch", "--size", "224"],
            stretch(224, 224, cv2.INTER_LINEAR), folder)
    compare(kind + " preset efficientnet-lite", pictures, ["--preset", "efficientnet-lite"],
            short_crop(256, 224, cv2.INTER_LINEAR), folder)


def factors(rng, folder):
    """Whole factors, where area adds whole numbers and linear may become area."""
    width, height = 240, 180
    pictures = [("factor%d" % i, encoded(noise(rng, width, height, 3), "PPM")) for i in range(4)]
    for across, down in ((2, 2), (2, 1), (1, 2), (3, 3), (4, 2), (5, 6), (10, 9), (240, 180)):
        for name, how in FILTERS.items():
            size = "%dx%d" % (width // across, height // down)
            compare("%s 1/%d, 1/%d" % (name, across, down), pictures, ["--filter", name, "--size", size],
                    stretch(width // across, height // down, how), folder)


def sizes(pictures, folder):
    """Odd sizes of both sides, up and down, fixed by a seed."""
    draw = random.Random(5)
    for _ in range(25):
        width, height = (draw.choice((1, 2, 3, 31, 32, 33, draw.randrange(1, 400))) for _ in range(2))
        some, size = draw.sample(pictures, 8), "%dx%d" % (width, height)
        for name, how in FILTERS.items():
            compare("%s %s" % (name, size), some, ["--filter", name, "--size", size], stretch(width, height, how), folder)


def main():
    rng = numpy.random.default_rng(1)
    made = plain(rng)
    photos = shared("test", 320)
    cv2.setNumThreads(1)
    tap.note("OpenCV " + cv2.__version__)
    with tempfile.TemporaryDirectory() as folder:
        for kind, pictures in (("photos", photos), ("generated", made)):
            if not pictures:
                continue
            compare(kind + " decoded", pictures, ["--preset", "none"], lambda image: image, folder)
            filters(kind, pictures, folder)
        presets("photos" if photos else "generated", photos or made, folder)
        presets("turned", turned((photos or made)[:40]), folder)
        factors(rng, folder)
        sizes(photos + made, folder)
    tap.done()


main()
