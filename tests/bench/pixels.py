"""Times imgprep against Pillow and OpenCV: see tests/bench/pixels."""
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import namedtuple
from statistics import median

import cv2
import numpy as np
import PIL
from PIL import Image

from sides import alternate, quartiles, row

ARCHIVE, RUNS, LARGE = sys.argv[1], int(os.environ["RUNS"]), int(os.environ["LARGE"])
SHORT, CROP = 256, 224
Time = namedtuple("Time", "wall processor")  # seconds


def resized(width, height):
    return (SHORT, int(SHORT * height / width)) if width <= height else (int(SHORT * width / height), SHORT)


def corner(size):
    return tuple(round((side - CROP) / 2) for side in size)


def pillow(jpeg, draft=False):
    image = Image.open(io.BytesIO(jpeg))
    size = resized(*image.size)
    if draft:
        image.draft("RGB", size)
    left, top = corner(size)
    image = image.convert("RGB").resize(size, Image.BILINEAR)
    return np.asarray(image.crop((left, top, left + CROP, top + CROP)))


def pillow_draft(jpeg):
    return pillow(jpeg, draft=True)


def opencv(jpeg):
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    size = resized(image.shape[1], image.shape[0])
    left, top = corner(size)
    return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)[top:top + CROP, left:left + CROP].copy()


def theirs(work, jpegs):
    start, used = time.perf_counter(), time.process_time()
    for jpeg in jpegs:
        work(jpeg)
    return Time(time.perf_counter() - start, time.process_time() - used)


def ours(stream, *options):
    command = ["imgprep", "-q", "--short", str(SHORT), "--crop", str(CROP), *options, "-o", "/dev/null", stream]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        sys.exit("tests/bench/pixels: imgprep failed")
    return Time(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


def compare(what, count, sides):
    """A row for each side but the first; sides are (name, work)."""
    times = alternate(RUNS, lambda side: side[1](), sides)
    for (name, _), other in zip(sides[1:], times[1:]):
        walls, processors = ([b[i] / a[i] for a, b in zip(times[0], other)] for i in range(2))
        row(what, "%.3f" % (1e3 * median(t.wall for t in times[0]) / count), name,
            "%.3f" % (1e3 * median(t.wall for t in other) / count), "%.2f" % median(walls), quartiles(walls),
            "%.2f" % median(processors), quartiles(processors))


def enlarged(jpeg):
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    file = io.BytesIO()
    image.resize((4000, 3000) if image.width >= image.height else (3000, 4000), Image.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def stream_of(jpegs, scratch, name):
    """The files, as a stream that imgprep reads."""
    path = os.path.join(scratch, name)
    with tarfile.open(path + ".tar", "w") as archive:
        for i, jpeg in enumerate(jpegs):
            member = tarfile.TarInfo("%06d.jpg" % i)
            member.size = len(jpeg)
            archive.addfile(member, io.BytesIO(jpeg))
    subprocess.run(["imgextract", "-q", "--label", "none", path + ".tar", "-o", path], check=True)
    return path


def main():
    cv2.setNumThreads(1)
    with tarfile.open(ARCHIVE) as archive:
        jpegs = [archive.extractfile(member).read() for member in archive if member.isfile()]
    with tempfile.TemporaryDirectory() as scratch:
        stream = stream_of(jpegs, scratch, "pictures.its")
        print("Pillow %s, OpenCV %s, %d pictures, %d turns\n" % (PIL.__version__, cv2.__version__, len(jpegs), RUNS))
        row("work", "ms a picture", "of", "ms", "ratio", "quartiles", "processor time", "quartiles")
        row(*["---"] * 8)
        compare("short side 256, crop 224", len(jpegs), [
            ("imgprep", lambda: ours(stream, "-j", "1")),
            ("Pillow", lambda: theirs(pillow, jpegs)),
            ("OpenCV", lambda: theirs(opencv, jpegs))])
        compare("OpenCV's linear filter", len(jpegs), [
            ("imgprep --filter cv-linear", lambda: ours(stream, "-j", "1", "--filter", "cv-linear")),
            ("OpenCV", lambda: theirs(opencv, jpegs))])
        compare("two threads", len(jpegs), [
            ("imgprep -j 2", lambda: ours(stream, "-j", "2")),
            ("imgprep -j 1", lambda: ours(stream, "-j", "1"))])
        if LARGE:
            large = [enlarged(jpeg) for jpeg in jpegs[:LARGE]]
            stream = stream_of(large, scratch, "large.its")
            compare("12 megapixels, --fast", len(large), [
                ("imgprep --fast", lambda: ours(stream, "-j", "1", "--fast")),
                ("Pillow", lambda: theirs(pillow, large)),
                ("Pillow's draft mode", lambda: theirs(pillow_draft, large))])


main()
