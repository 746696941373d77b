"""If this fails, a network that PyTorch exported gives other numbers here than in ONNX Runtime: the networks of
support/networks.py with random weights, as several versions of the exporters write them, on random pictures. The table has one
line per file: the largest difference as a share of the largest output, and whether the highest outputs are the same.

NETWORKS="resnet50 vgg16" takes only those, EXPORTS="dynamo" only the ways to export that have such a word in their name."""

import os
import tempfile
import warnings

import networks
import numpy
import tap
import torch
from engine import ours, theirs
from export import export

TOLERANCE = 1e-4  # of the largest output

# name: what export() is told, batches that are run, ways in which the engine runs them (options of engine.c)
EXPORTS = {
    "traced, opset 9, batch 1": ({"opset": 9}, (1,), ("",)),
    "traced, opset 11, N open": ({"opset": 11, "keep": True, "open_": "N"}, (1, 2, 8), ("", "-x", "-i -b 8")),
    "traced, opset 13, NHWC, N open": ({"opset": 13, "keep": True, "open_": "N", "last": True}, (2, 1), ("", "-p -b 2")),
    "traced, opset 17, N H W open": ({"opset": 17, "open_": "NHW"}, (2,), ("",)),
    "dynamo, opset 18, N open": ({"opset": 18, "dynamo": True, "open_": "N"}, (2, 1), ("",)),
    "dynamo, opset 20, NHWC, batch 2": ({"opset": 20, "dynamo": True, "last": True, "batch": 2}, (2,), ("",)),
}


def differences(got, expected):
    """The largest error as a share of the largest output, and do the highest stand at the same place in every row?"""
    if any(a.shape != b.shape or not numpy.isfinite(a).all() for a, b in zip(got, expected)):
        return numpy.inf, False
    error = max(abs(a - b).max() / abs(b).max() for a, b in zip(got, expected))
    return error, all((a.argmax(1) == b.argmax(1)).all() for a, b in zip(got, expected))


def compare(name, path, inputs, ways):
    expected = theirs(path, inputs)
    for way in ways:
        got = ours(path, inputs, way.split())
        if isinstance(got, str):
            tap.ok(False, f"{name} {way}: {got}")
            continue
        error, same = differences(got, expected)
        tap.ok(error <= TOLERANCE and same, f"{name:56} {way:8} {error:8.1e}  {'top-1 equal' if same else 'TOP-1 DIFFERS'}")


def pictures(size, batches, options):
    random = numpy.random.default_rng(1)
    sizes = [(size, size)] + ([(size - 30, size + 18)] if "H" in options.get("open_", "") else [])
    shapes = [(n, h, w, 3) if options.get("last") else (n, 3, h, w) for n in batches for h, w in sizes]
    return [random.standard_normal(shape, dtype=numpy.float32) for shape in shapes]


def one(name, network, title):
    _, size, any_size, least_opset = networks.NETWORKS[name]
    options, batches, ways = EXPORTS[title]
    options = dict(options)
    if options["opset"] < least_opset:
        return
    if not any_size and "H" in options.get("open_", ""):
        options["open_"], title = "N", title.replace(" H W", "")
    try:
        export(network, size, "model.onnx", **options)
    except Exception as problem:  # pylint: disable=broad-except
        tap.ok(False, f"{name}, {title}: no export: " + str(problem)[:200].replace("\n", " "))
        return
    compare(f"{name}, {title}", "model.onnx", pictures(size, batches, options), ways)


def main():
    warnings.simplefilter("ignore")
    os.chdir(tempfile.mkdtemp())
    torch.set_num_threads(1)
    for name in os.environ.get("NETWORKS", "").split() or networks.NETWORKS:
        network = networks.make(name)
        for title in EXPORTS:
            if os.environ.get("EXPORTS", "") in title:
                one(name, network, title)
    tap.done()


main()
