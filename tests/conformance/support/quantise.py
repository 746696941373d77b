"""Networks of 8-bit numbers, as ONNX Runtime's tools make them."""

import onnx
from export import quiet
from onnxruntime import quantization
from onnxruntime.quantization import QuantFormat, QuantType

TYPES = {"u8 by s8": (QuantType.QUInt8, QuantType.QInt8), "u8 by u8": (QuantType.QUInt8, QuantType.QUInt8),
         "s8 by s8": (QuantType.QInt8, QuantType.QInt8)}
# What ONNX itself has a QLinear form of; for others ONNX Runtime has operators of its own.
QLINEAR = ["Conv", "MatMul", "MaxPool"]


class Pictures(quantization.CalibrationDataReader):
    def __init__(self, pictures):
        self.rest = [{"x": picture[None]} for picture in pictures]

    def get_next(self):
        return self.rest.pop() if self.rest else None


def quantise(source, path, pictures, format_, per_channel, types):
    with quiet():
        quantization.quantize_static(source, path, Pictures(pictures), quant_format=format_, per_channel=per_channel,
                                     activation_type=types[0], weight_type=types[1],
                                     op_types_to_quantize=QLINEAR if format_ == QuantFormat.QOperator else None)


def quantum(path):
    """The last scale."""
    graph = onnx.load(path).graph
    name = [node for node in graph.node if node.op_type == "DequantizeLinear"][-1].input[1]
    return next(float(onnx.numpy_helper.to_array(i).max()) for i in graph.initializer if i.name == name)
