"""If this fails, a network that PyTorch exported gives other numbers here than in ONNX Runtime: the networks of
support/networks.py with random weights, as several versions of the exporter write them, on random pictures. The table has one
line per file: the largest difference as a share of the largest output, and whether the highest outputs are the same.

NETWORKS="resnet50 vgg16" takes only those, EXPORTS="dynamo" only the ways to export that have such a word in their name."""

import contextlib
import os
import subprocess
import sys
import tempfile
import warnings

import networks
import numpy
import onnxruntime
import tap
import torch

TOLERANCE = 1e-4  # of the largest output
ENGINE = os.environ["B"] + "/conformance/engine"

# name: opset, by torch.export?, BatchNormalization kept?, which of N, H, W are open, channels last?, batches
EXPORTS = {
    "torchscript opset 9, batch 1": (9, False, False, "", False, (1,)),
    "torchscript opset 11, N open": (11, False, True, "N", False, (1, 2, 8)),
    "torchscript opset 13, NHWC, N open": (13, False, True, "N", True, (1, 2)),
    "torchscript opset 17, N (H W) open": (17, False, True, "NHW", False, (2,)),
    "dynamo opset 18, N open": (18, True, False, "N", False, (2, 1)),
    "dynamo opset 20, NHWC, batch 2": (20, True, False, "", True, (2,)),
}
WAYS = {"": []}  # options of engine.c


@contextlib.contextmanager
def quiet():
    """The exporters tell much, partly from C++, on both streams."""
    sys.stdout.flush()
    kept, nowhere = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1), os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept[0], 1), os.dup2(kept[1], 2)
        for descriptor in (nowhere, *kept):
            os.close(descriptor)


def export(network, size, way, path):
    opset, dynamo, keep, open_, last, batches = way
    if last:
        network = networks.ChannelsLast(network).eval()
    picture = torch.randn(max(2, batches[0]) if open_ else batches[0], *((size, size, 3) if last else (3, size, size)))
    axes = {"N": 0, "H": 1 if last else 2, "W": 2 if last else 3}
    if dynamo:
        options = {"external_data": False, "verbose": False}
        if open_:
            options["dynamic_shapes"] = ({axes[letter]: torch.export.Dim(letter) for letter in open_},)
    else:
        options = {"training": torch.onnx.TrainingMode.PRESERVE if keep else torch.onnx.TrainingMode.EVAL,
                   "dynamic_axes": {"x": {axes[letter]: letter for letter in open_}}}
    with torch.no_grad(), quiet():
        torch.onnx.export(network, (picture,), path, dynamo=dynamo, opset_version=opset, input_names=["x"],
                          output_names=["y"], **options)


def write(path, array):
    with open(path, "wb") as file:
        file.write(("f32 %s\n" % "x".join(map(str, array.shape))).encode())
        array.tofile(file)


def read(path):
    with open(path, "rb") as file:
        shape = file.readline().split()[1].decode()
        return numpy.fromfile(file, numpy.float32).reshape([int(side) for side in shape.split("x")])


def ours(path, inputs, options):
    files = []
    for i, array in enumerate(inputs):
        write(f"in{i}", array)
        files += [f"in{i}", f"out{i}"]
    done = subprocess.run([ENGINE, *options, path, *files], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip() or "it ended with %d" % done.returncode
    return [read(f"out{i}") for i in range(len(inputs))]


def differences(got, expected):
    """The largest error as a share of the largest output, and do the highest stand at the same place in every row?"""
    if any(a.shape != b.shape or not numpy.isfinite(a).all() for a, b in zip(got, expected)):
        return numpy.inf, False
    error = max(abs(a - b).max() / abs(b).max() for a, b in zip(got, expected))
    return error, all((a.argmax(1) == b.argmax(1)).all() for a, b in zip(got, expected))


def compare(name, path, inputs, ways):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = [session.run(None, {"x": array})[0] for array in inputs]
    for way, options in ways.items():
        got = ours(path, inputs, options)
        if isinstance(got, str):
            tap.ok(False, f"{name}: {got}")
            continue
        error, same = differences(got, expected)
        tap.ok(error <= TOLERANCE and same, f"{name:62} {way:12} {error:8.1e}  {'top-1 equal' if same else 'TOP-1 DIFFERS'}")


def pictures(size, way):
    open_, last, batches = way[3:]
    random = numpy.random.default_rng(1)
    sizes = [(size, size)] + ([(size - 30, size + 18)] if "H" in open_ else [])
    shapes = [(n, h, w, 3) if last else (n, 3, h, w) for n in batches for h, w in sizes]
    return [random.standard_normal(shape, dtype=numpy.float32) for shape in shapes]


def one(name, network, title, way):
    _, size, any_size, least_opset = networks.NETWORKS[name]
    if way[0] < least_opset:
        return
    if not any_size:
        way = (*way[:3], way[3].replace("HW", ""), *way[4:])
    try:
        export(network, size, way, "model.onnx")
    except Exception as problem:  # pylint: disable=broad-except
        tap.ok(False, f"{name}, {title}: no export: " + str(problem)[:200].replace("\n", " "))
        return
    compare(f"{name}, {title}", "model.onnx", pictures(size, way), WAYS)


def main():
    warnings.simplefilter("ignore")
    os.chdir(tempfile.mkdtemp())
    torch.set_num_threads(1)
    for name in os.environ.get("NETWORKS", "").split() or networks.NETWORKS:
        network = networks.make(name)
        for title, way in EXPORTS.items():
            if os.environ.get("EXPORTS", "") in title:
                one(name, network, title, way)
    tap.done()


main()
