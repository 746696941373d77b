"""Changes of pictures against torchvision's functions of the same names, on f32 pictures.

If this fails, --brightness 0.4 or --rotate 15 do not mean what everybody else means by them. Known to differ, and not
compared: a resized window looks at the pixels beside it where torchvision goes on with its own outermost ones.
"""

import os
import subprocess

import numpy
import torch
from torchvision.transforms.v2 import functional as reference

import tap

PROGRAM = os.path.join(os.environ["B"], "conformance", "augment")
SIZES = ((3, 7, 5), (3, 32, 32), (1, 28, 28), (3, 64, 48), (5, 6, 9))
EXACT, CLOSE = 0, 2e-6


def ours(picture, **change):
    channels, height, width = picture.shape
    out = change.get("crop", 0)
    shape = (out or height, out or width, channels)
    args = ["%s=%r" % (name.replace("range_", "range."), value) for name, value in change.items()]
    pixels = picture.numpy().transpose(1, 2, 0).astype("<f4").tobytes()
    done = subprocess.run([PROGRAM, "%dx%dx%d" % tuple(picture.shape), *args], input=pixels, stdout=subprocess.PIPE, check=True)
    return torch.from_numpy(numpy.frombuffer(done.stdout, "<f4").reshape(shape).transpose(2, 0, 1).copy())


def compare(name, got, expected, tolerance):
    worst = float((got - expected).abs().max()) if got.shape == expected.shape else float("inf")
    tap.ok(worst <= tolerance, "%s: largest difference %.3g" % (name, worst))


def colours(picture, size):
    for factor in (0.0, 0.3, 0.75, 1.0, 1.4, 2.5):
        for name in ("brightness", "contrast", "saturation"):
            expected = getattr(reference, "adjust_" + name)(picture, factor)
            compare("%s %g of %s" % (name, factor, size), ours(picture, **{name: factor}), expected, CLOSE)
    expected = reference.adjust_brightness(picture, 1.3)
    expected = reference.adjust_saturation(reference.adjust_contrast(expected, 1.7), 0.4)
    compare("all three of " + size, ours(picture, brightness=1.3, contrast=1.7, saturation=0.4), expected, CLOSE)


def levels(picture, size):
    """u8 pictures, which torchvision cuts to whole levels after each change, and whose mean grey it cuts as well."""
    whole = (picture * 255).to(torch.uint8)
    for factor in (0.3, 1.4):
        for name in ("brightness", "contrast", "saturation"):
            expected = getattr(reference, "adjust_" + name)(whole, factor).float() / 255
            limit = (1.01 if name == "brightness" else 1.01 + abs(1 - factor)) / 255
            compare("u8 %s %g of %s" % (name, factor, size), ours(whole.float() / 255, **{name: factor}), expected, limit)


def places(picture, size):
    channels, height, width = picture.shape
    compare("flip of " + size, ours(picture, flip=1), reference.horizontal_flip(picture), EXACT)
    for top, left in ((0, 0), (2, -1), (-3, 2), (-height, 0), (0, width)):
        padded = reference.pad(picture, [width, height])
        expected = reference.crop(padded, top + height, left + width, height, width)
        compare("moved by %d,%d of %s" % (top, left, size), ours(picture, top=top, left=left), expected, EXACT)
    expected = reference.crop(reference.horizontal_flip(picture), 1, 2, 3, 3)
    compare("window of a flipped " + size, ours(picture, flip=1, crop=3, top=1, left=2), expected, EXACT)
    for turns in range(4) if height == width else (0, 2):
        compare("%d right angles of %s" % (turns, size), ours(picture, turns=turns), torch.rot90(picture, turns, (1, 2)), EXACT)
    for angle in (-170.0, -30.0, 3.5, 45.0, 90.0):
        expected = reference.rotate(picture, angle, interpolation=reference.InterpolationMode.BILINEAR)
        # torchvision computes places in f32
        compare("%g degrees of %s" % (angle, size), ours(picture, angle=angle), expected, 1e-6 * 16 * max(height, width))
    for high, wide in ((height, width), (height // 2, width), (height // 2, width // 3), (1, 1)):
        window = dict(top=height - high, left=0, window_height=high, window_width=wide)
        got = ours(picture, **window)
        expected = reference.resized_crop(picture, height - high, 0, high, wide, [height, width], antialias=False)
        inner_y, inner_x = -(-height // high), -(-width // wide)  # half a pixel of the window, at least, in pixels
        if high == height:
            inner_y = 0
        if wide == width:
            inner_x = 0
        if height - 2 * inner_y <= 0 or width - 2 * inner_x <= 0:
            continue
        inside = (slice(None), slice(inner_y, height - inner_y), slice(inner_x, width - inner_x))
        compare("window %dx%d of %s, resized" % (high, wide, size), got[inside], expected[inside], 1e-6 * max(height, width))


def cutout(picture, size):
    """As published, https://github.com/uoguelph-mlrg/Cutout util/cutout.py: y - length // 2 to y + length // 2, clipped."""
    channels, height, width = picture.shape
    for length, y, x in ((2, 3, 3), (4, 0, 0), (6, height - 1, 1), (100, 3, 3)):
        half = length // 2
        expected = picture.clone()
        expected[:, max(y - half, 0) : min(y + half, height), max(x - half, 0) : min(x + half, width)] = 0
        compare("cutout %d of %s" % (length, size), ours(picture, cutout=length, cut_top=y - half, cut_left=x - half), expected, EXACT)


torch.manual_seed(1)
for shape in SIZES:
    picture = torch.rand(shape)
    text = "%dx%dx%d" % shape
    if shape[0] in (1, 3):
        colours(picture, text)
        levels(picture, text)
    places(picture, text)
    cutout(picture, text)
tap.done()
