"""Times the engine against ONNX Runtime: see tests/bench/engine."""
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

PROGRAM, SCRATCH, RUNS = sys.argv[1], sys.argv[2], int(sys.argv[3])
RANDOM = np.random.default_rng(1)


class Builder:
    """Random weights, scaled so that the values keep their size from layer to layer."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, op, inputs, **attributes):
        out = "v%d" % len(self.nodes)
        self.nodes.append(helper.make_node(op, inputs, [out], **attributes))
        return out

    def constant(self, *shape, scale=0.1):
        name = "w%d" % len(self.weights)
        data = RANDOM.standard_normal(shape).astype(np.float32) * np.float32(scale)
        self.weights.append(numpy_helper.from_array(data, name))
        return name

    def conv(self, x, channels, outputs, kernel, stride=1, group=1):
        w = self.constant(outputs, channels // group, kernel, kernel, scale=(2 / (channels // group * kernel**2)) ** 0.5)
        return self.add("Conv", [x, w, self.constant(outputs)], strides=[stride] * 2, pads=[kernel // 2] * 4, group=group)

    def model(self, out, size, classes):
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, size, size])]
        outputs = [helper.make_tensor_value_info(out, TensorProto.FLOAT, ["N", classes])]
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def resnet50():
    """He et al., "Deep Residual Learning", 2016, with the stride in the 3x3 (v1.5)."""
    b = Builder()
    x = b.add("Relu", [b.conv("x", 3, 64, 7, 2)])
    x = b.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for width, count in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for i in range(count):
            stride = 2 if i == 0 and width > 64 else 1
            y = b.add("Relu", [b.conv(x, channels, width, 1)])
            y = b.add("Relu", [b.conv(y, width, width, 3, stride)])
            y = b.conv(y, width, 4 * width, 1)
            if i == 0:
                x = b.conv(x, channels, 4 * width, 1, stride)
            channels = 4 * width
            x = b.add("Relu", [b.add("Add", [y, x])])
    x = b.add("Flatten", [b.add("GlobalAveragePool", [x])])
    return b.model(b.add("Gemm", [x, b.constant(channels, 1000, scale=0.01), b.constant(1000)]), 224, 1000)


def shape_of(session, batch):
    shape = session.get_inputs()[0].shape
    return [batch] + [d if isinstance(d, int) else 224 for d in shape[1:]]


def bench(path, batch):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    start = time.perf_counter()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    shape = shape_of(session, batch)
    x = RANDOM.standard_normal(shape).astype(np.float32)
    expected = session.run(None, {name: x})[0]
    their_first = time.perf_counter() - start
    x.tofile(SCRATCH + "/input")
    ours = subprocess.Popen([PROGRAM, path] + [str(d) for d in shape] + [SCRATCH + "/input", SCRATCH + "/output"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    our_first = float(ours.stdout.readline())
    us, them = [], []
    for _ in range(RUNS):
        ours.stdin.write("run\n")
        ours.stdin.flush()
        us.append(float(ours.stdout.readline()))
        start = time.perf_counter()
        session.run(None, {name: x})
        them.append(time.perf_counter() - start)
    ours.communicate()
    got = np.fromfile(SCRATCH + "/output", np.float32).reshape(expected.shape)
    ratios = sorted(b / a for a, b in zip(us, them))
    row = (os.path.basename(path)[:32], batch, 1e3 * statistics.median(us) / batch, 1e3 * statistics.median(them) / batch,
           statistics.median(ratios), ratios[len(ratios) // 4], ratios[3 * len(ratios) // 4], 1e3 * our_first, 1e3 * their_first,
           np.abs(got - expected).max() / np.abs(expected).max())
    print("%-32s %5d %9.2f %9.2f %6.2f  %4.2f-%4.2f %8.0f %8.0f  %.1e" % row, flush=True)


paths = sys.argv[4:]
if not paths:
    paths = [SCRATCH + "/resnet50.onnx"]
    onnx.save(resnet50(), paths[0])
print("imgutils against ONNX Runtime %s, f32, one thread, %d alternating runs" % (onnxruntime.__version__, RUNS))
print("%-32s %5s %9s %9s %6s  %9s %8s %8s  %s" % ("network", "batch", "ms/image", "theirs", "ratio", "quartiles", "first ms",
                                                 "theirs", "largest error"))
for path in paths:
    for batch in (1, 8):
        bench(path, batch)
