"""Times imgprep against Pillow: see tests/bench/pixels."""
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

import numpy as np
import PIL
from PIL import Image

ARCHIVE, RUNS = sys.argv[1], int(sys.argv[2])


def stretch(image):
    return image.resize((224, 224), Image.BILINEAR)


def short_and_crop(image):
    w, h = image.size
    size = (256, int(256 * h / w)) if w <= h else (int(256 * w / h), 256)
    image = image.resize(size, Image.BILINEAR)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    return image.crop((left, top, left + 224, top + 224))


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


with tarfile.open(ARCHIVE) as archive:
    pictures = [archive.extractfile(member).read() for member in archive if member.isfile()]
with tempfile.TemporaryDirectory() as scratch:
    stream = os.path.join(scratch, "pics.its")
    subprocess.run(["imgextract", "--label", "none", ARCHIVE, "-o", stream], check=True)
    print("imgprep -j 1 against Pillow %s, %d pictures, %d alternating runs" % (PIL.__version__, len(pictures), RUNS))
    print("%-28s %12s %12s %7s %11s" % ("work", "ms/picture", "Pillow's", "ratio", "spread"))
    for name, options, theirs in (
        ("decode, stretch to 224", ["--size", "224"], stretch),
        ("decode, short 256, crop 224", ["--short", "256", "--crop", "224"], short_and_crop),
    ):
        us, them = [], []
        for _ in range(RUNS):
            us.append(timed(lambda: subprocess.run(["imgprep", "-j", "1", *options, stream, "-o", "/dev/null"], check=True)))
            them.append(timed(lambda: [np.asarray(theirs(Image.open(io.BytesIO(p)).convert("RGB"))) for p in pictures]))
        ratios = sorted(b / a for a, b in zip(us, them))
        print("%-28s %12.3f %12.3f %7.2f   %4.2f-%4.2f" % (
            name, 1e3 * statistics.median(us) / len(pictures), 1e3 * statistics.median(them) / len(pictures),
            statistics.median(ratios), ratios[0], ratios[-1]), flush=True)
