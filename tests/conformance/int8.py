"""If this fails, a network that ONNX Runtime's tools quantised to 8 bits gives other numbers here than there: a small network, in
both formats (operators between QuantizeLinear and DequantizeLinear, or QLinearConv and QLinearMatMul), scales per tensor and
per channel, u8 and s8. Within one quantum of the last scale."""

import os
import tempfile

import numpy
import small
import tap
import torch
from engine import ours, theirs
from export import export
from quantise import TYPES, QuantFormat, quantise, quantum


def main():
    os.chdir(tempfile.mkdtemp())
    torch.set_num_threads(1)
    pictures = numpy.random.default_rng(1).standard_normal((8, 3, 32, 32), dtype=numpy.float32)
    network = small.make(small.to_quantise)
    for opset in (11, 13, 17):
        export(network, 32, "float.onnx", opset, open_="N")
        for format_ in (QuantFormat.QDQ, QuantFormat.QOperator):
            for per_channel in (False, True) if opset >= 13 else (False,):
                for name, types in TYPES.items():
                    quantise("float.onnx", "int8.onnx", pictures, format_, per_channel, types)
                    got = ours("int8.onnx", [pictures])
                    name = f"opset {opset}, {format_.name:9}, scales per {'channel' if per_channel else 'tensor'}, {name}"
                    if isinstance(got, str):
                        tap.ok(False, f"{name}: {got}")
                        continue
                    error = abs(got[0] - theirs("int8.onnx", [pictures])[0]).max() / quantum("int8.onnx")
                    tap.ok(error <= 1.0001, f"{name:52} {error:5.2f} quanta")
    tap.done()


main()
