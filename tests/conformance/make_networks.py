#!/usr/bin/env python3
"""Writes tests/nn/networks/: the networks of support/small.py as ONNX files, and outputs.txt, what ONNX Runtime makes of them.

    tests/conformance/run tests/conformance/make_networks.py

A line of outputs.txt is "FILE TOLERANCE INPUT OUTPUT NUMBER...": the shapes of both, and the output's numbers. The input is a
formula (see picture), so that no file holds it. The tolerance is a share of the largest output; for the 8-bit networks a quantum."""

import os
import tempfile

import numpy
import onnx
import small
import tap
import torch
from engine import theirs
from export import export
from quantise import TYPES, QuantFormat, quantise, quantum

# Each in a way of its own: what export() is told, the batch.
NETWORKS = {
    "resnet": (small.resnet, {"opset": 11, "keep": True, "open_": "N"}),
    "mobilenet_v1": (small.mobilenet_v1, {"opset": 9}),
    "mobilenet_v2": (small.mobilenet_v2, {"opset": 13, "keep": True, "open_": "NHW"}),
    "mobilenet_v3": (small.mobilenet_v3, {"opset": 12, "open_": "N"}),
    "mobilenet_v3_new": (small.mobilenet_v3, {"opset": 17, "open_": "N", "last": True}),
    "inception": (small.inception, {"opset": 10, "open_": "N"}),
    "densenet": (small.densenet, {"opset": 13, "keep": True, "open_": "N"}),
    "efficientnet": (small.efficientnet, {"opset": 18, "dynamo": True, "open_": "N"}),
    "shufflenet": (small.shufflenet, {"opset": 9, "open_": "N"}),
    "shufflenet_nhwc": (small.shufflenet, {"opset": 20, "dynamo": True, "open_": "N", "last": True}),
    "squeezenet": (small.squeezenet, {"opset": 13, "open_": "NHW", "last": True}),
    "vgg": (small.vgg, {"opset": 14, "keep": True, "batch": 2}),
    "vit": (small.vit, {"opset": 17, "open_": "N"}),
    "vit_new": (small.vit, {"opset": 18, "dynamo": True, "batch": 2}),
    "keras": (small.keras, {"opset": 11, "open_": "N", "last": True}),
}


def picture(shape):
    """Number i of the input, over all of it: -1 to 1, in no visible order, exact in f32."""
    i = numpy.arange(numpy.prod(shape))
    return ((i * 7919 % 1031 - 515) / 512).astype(numpy.float32).reshape(shape)


def strip(path):
    """Short names: those that the exporters give are longer than the network."""
    model = onnx.load(path)
    graph = model.graph
    names = {"": "", "x": "x", "y": "y"}
    for part in (graph, *graph.node, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    del graph.value_info[:], model.metadata_props[:]
    for initializer in graph.initializer:
        initializer.name = names.setdefault(initializer.name, "w%d" % len(names))
    for number, node in enumerate(graph.node):
        node.name = "n%d" % number
        for list_ in (node.input, node.output):
            list_[:] = [names.setdefault(name, "v%d" % len(names)) for name in list_]
    onnx.checker.check_model(model)
    onnx.save(model, path)


def line(name, tolerance, x):
    y = theirs(name, [x])[0]
    shapes = ["x".join(map(str, array.shape)) for array in (x, y)]
    return " ".join([name, "%.3g" % tolerance, *shapes, *("%.7g" % number for number in y.reshape(-1))])


def main():
    to = os.environ["SRCDIR"] + "/tests/nn/networks"
    os.makedirs(to, exist_ok=True)
    os.chdir(tempfile.mkdtemp())
    torch.set_num_threads(1)
    lines = []
    for name, (maker, options) in NETWORKS.items():
        name += ".onnx"
        export(small.make(maker), 32, name, **options)
        strip(name)
        batch = 2 if options.get("open_") else options.get("batch", 1)
        sides = (32, 40) if "H" in options.get("open_", "") else (32, 32)
        lines.append(line(name, 1e-4, picture((batch, *sides, 3) if options.get("last") else (batch, 3, *sides))))
    calibration = picture((4, 3, 32, 32))
    export(small.make(small.to_quantise), 32, "float.onnx", 17, open_="N")
    for name, format_, types in (("int8_qdq.onnx", "QDQ", "s8 by s8"), ("int8_qlinear.onnx", "QOperator", "u8 by s8")):
        quantise("float.onnx", name, calibration, QuantFormat[format_], True, TYPES[types])
        scale = quantum(name)
        strip(name)
        largest = abs(theirs(name, [calibration[:2]])[0]).max()
        lines.append(line(name, scale / largest, calibration[:2]))
    for golden in lines:
        name = golden.split()[0]
        with open(name, "rb") as source, open(f"{to}/{name}", "wb") as target:
            target.write(source.read())
    with open(f"{to}/outputs.txt", "w", encoding="ascii") as file:
        file.write("# Made by tests/conformance/make_networks.py, which says what a line means.\n")
        file.writelines(golden + "\n" for golden in lines)
    tap.ok(True, f"{len(lines)} networks in {to}")
    tap.done()


main()
