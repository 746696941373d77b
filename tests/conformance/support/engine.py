"""Runs networks here (engine.c) and in ONNX Runtime."""

import os
import subprocess

import numpy
import onnxruntime

ENGINE = os.environ.get("B", "build") + "/conformance/engine"


def write(path, array):
    with open(path, "wb") as file:
        file.write(("f32 %s\n" % "x".join(map(str, array.shape))).encode())
        array.tofile(file)


def read(path):
    with open(path, "rb") as file:
        shape = file.readline().split()[1].decode()
        return numpy.fromfile(file, numpy.float32).reshape([int(side) for side in shape.split("x")])


def ours(path, inputs, options=()):
    """The first output for each input, all in one session; the message where it failed."""
    files = []
    for i, array in enumerate(inputs):
        write(f"in{i}", array)
        files += [f"in{i}", f"out{i}"]
    done = subprocess.run([ENGINE, *options, path, *files], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip() or "engine: it ended with %d" % done.returncode
    return [read(f"out{i}") for i in range(len(inputs))]


def theirs(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return [session.run(None, {session.get_inputs()[0].name: array})[0] for array in inputs]
