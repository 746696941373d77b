#!/usr/bin/env python3
"""Writes tests/nn/ops_golden.txt: one small case for each operator of lib/nn/ops and each variant of it, with what
ONNX Runtime (or, where it has no kernel, ONNX's own reference) gives. Needs numpy, onnx and onnxruntime.

    python3 tests/conformance/make_goldens.py > tests/nn/ops_golden.txt
"""
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, reference

random = np.random.RandomState(1)
NAMES = {"float32": "f32", "float64": "f64", "float16": "f16", "int64": "i64", "int32": "i32", "int16": "i16",
         "uint16": "u16", "int8": "i8", "uint8": "u8", "bool": "bool"}


def f(*shape, low=-2.0, high=2.0, dtype=np.float32):
    """Reals in eighths, so that the text is short and exact."""
    return (np.round(random.uniform(low, high, shape) * 8) / 8).astype(dtype)


def i(*values, dtype=np.int64):
    return np.array(values, dtype=dtype)


def n(*shape, low=-5, high=6, dtype=np.int32):
    return random.randint(low, high, shape).astype(dtype)


def b(*shape):
    return random.randint(0, 2, shape).astype(bool)


def s(value, dtype=np.float32):
    return np.array(value, dtype=dtype)


def number(x, kind):
    if kind in ("f32", "f64", "f16"):
        return "%.*g" % (7 if kind != "f64" else 12, float(x))
    return str(int(x))


def line(what, array):
    if array is None:
        return "%s -" % what
    kind = NAMES[array.dtype.name]
    shape = "x".join(map(str, array.shape)) or "scalar"
    return " ".join([what, kind, shape] + [number(x, kind) for x in array.ravel()])


def attribute(name, value):
    if isinstance(value, np.ndarray):
        return line("attr tensor " + name, value)
    if isinstance(value, (list, tuple)):
        return " ".join(["attr ints", name] + [str(x) for x in value])
    if isinstance(value, str):
        return "attr string %s %s" % (name, value)
    return "attr %s %s %s" % ("float" if isinstance(value, float) else "int", name, number(value, "f32")
                              if isinstance(value, float) else value)


def case(op, opset, *inputs, outputs=1, only=None, standard=False, **attributes):
    """Runs one node and prints it. only: the outputs that are asked for (others are left out). standard: ask ONNX's
    reference, not ONNX Runtime."""
    names = ["" if x is None else "x%d" % k for k, x in enumerate(inputs)]
    results = ["y%d" % k if only is None or k in only else "" for k in range(outputs)]
    attrs = {k: (onnx.numpy_helper.from_array(v) if isinstance(v, np.ndarray) else v)
             for k, v in attributes.items()}
    node = helper.make_node(op, names, results, **attrs)
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("x%d" % k, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
         for k, x in enumerate(inputs) if x is not None],
        [helper.make_empty_tensor_value_info(r) for r in results if r])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    feeds = {"x%d" % k: x for k, x in enumerate(inputs) if x is not None}
    try:
        if standard:
            raise ValueError("differs from the standard here")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        got = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"]).run(None, feeds)
    except Exception as why:
        print("%s %d: ONNX Runtime: %s" % (op, opset, str(why)[:150].replace("\n", " ")), file=sys.stderr)
        got = reference.ReferenceEvaluator(model).run(None, feeds)
    print("case %s %d" % (op, opset))
    for name, value in attributes.items():
        print(attribute(name, value))
    for x in inputs:
        print(line("in", x))
    rest = list(got)
    for r in results:
        print(line("out", np.asarray(rest.pop(0))) if r else "out -")


def unary():
    x = f(2, 5, low=-3, high=3)
    for op, opset in (("Abs", 13), ("Ceil", 13), ("Cos", 7), ("Elu", 6), ("Erf", 13), ("Exp", 13), ("Floor", 13),
                      ("Gelu", 20), ("HardSigmoid", 6), ("HardSwish", 14), ("LeakyRelu", 16), ("Mish", 18),
                      ("Neg", 13), ("Relu", 14), ("Round", 11), ("Selu", 6), ("Sigmoid", 13), ("Sign", 13),
                      ("Sin", 7), ("Softplus", 1), ("Softsign", 1), ("Tanh", 13), ("Celu", 12),
                      ("ThresholdedRelu", 10), ("Identity", 16)):
        case(op, max(opset, 7), x)
    for op in ("Log", "Reciprocal", "Sqrt"):
        case(op, 13, f(6, low=0.25, high=4))
    case("Elu", 7, x, alpha=0.5)
    case("Celu", 12, x, alpha=2.0)
    case("Gelu", 20, x, approximate="tanh")
    case("HardSigmoid", 7, x, alpha=0.5, beta=0.25)
    case("LeakyRelu", 7, x, alpha=0.25)
    case("Selu", 7, x, alpha=2.0, gamma=3.0)
    case("ThresholdedRelu", 10, x, alpha=0.5)
    case("Not", 7, b(5))
    case("Abs", 13, n(5, dtype=np.int64))
    case("Neg", 13, n(5, dtype=np.int8))
    case("Sign", 13, n(5, dtype=np.int32))
    case("Relu", 14, n(5, dtype=np.int32))
    case("Tanh", 13, f(5, dtype=np.float64))
    case("Sigmoid", 13, f(5, dtype=np.float16))


def binary():
    a, c = f(2, 3, 4), f(3, 1, low=0.5, high=2)
    for op in ("Add", "Sub", "Mul", "Div"):
        case(op, 14, a, c)
        case(op, 7, c, f(1, 4, low=1))
        case(op, 14, n(2, 3), n(3, low=1))
    case("Div", 14, i(7, -7, 7, -7), i(2, 2, -2, -2))
    case("Mod", 13, i(7, -7, 7, -7, 6), i(4, 4, -4, -4, -3))
    case("Mod", 13, i(7, -7, 7, -7, 6), i(4, 4, -4, -4, -3), fmod=1)
    case("Mod", 10, s([5.5, -5.5, 5.5]), s([2, 2, -2]), fmod=1)
    case("Mod", 13, i(7, 200, dtype=np.uint8), i(4, 64, dtype=np.uint8))
    case("Add", 14, s(2, np.int64), s(3, np.int64))
    case("Mul", 14, f(3, dtype=np.float64), f(3, dtype=np.float64))
    case("Add", 14, f(3, dtype=np.float16), f(1, dtype=np.float16))
    case("Sub", 14, n(4, low=0, high=200, dtype=np.uint8), n(4, low=0, high=200, dtype=np.uint8))
    case("Pow", 15, f(4, low=0.5), f(1))
    case("Pow", 15, n(4), i(2))
    case("Pow", 12, f(4, low=0.5), i(3, dtype=np.int32))
    for op in ("Equal", "Greater", "Less"):
        case(op, 13, n(2, 4, low=0, high=3), n(4, low=0, high=3))
        case(op, 13, f(4, low=0, high=1), f(4, low=0, high=1))
    case("Equal", 13, b(4), b(4))
    case("GreaterOrEqual", 16, n(6, low=0, high=3), n(6, low=0, high=3))
    case("LessOrEqual", 16, f(6, low=0, high=1), f(6, low=0, high=1))
    for op in ("And", "Or", "Xor"):
        case(op, 7, b(2, 4), b(4))
    for op in ("Max", "Min", "Sum", "Mean"):
        case(op, 13, f(2, 3), f(3), f(2, 1))
        case(op, 13, f(3))
    case("Max", 13, n(4, dtype=np.int64), n(4, dtype=np.int64))
    case("Min", 13, n(4, low=0, dtype=np.uint8), n(4, low=0, dtype=np.uint8))
    case("PRelu", 16, f(2, 3, 2), f(3, 1))
    case("PRelu", 9, f(2, 3), f(1))
    case("Where", 16, b(2, 1), f(2, 3), f(3))
    case("Where", 9, b(3), n(3, dtype=np.int64), n(3, dtype=np.int64))
    case("Clip", 13, f(6), s(-1), s(0.5))
    case("Clip", 13, f(6), None, s(0.5))
    case("Clip", 13, f(6), s(-0.5))
    case("Clip", 11, f(6), s(-0.5), s(1))
    case("Clip", 12, n(6, dtype=np.int8), s(-2, np.int8), s(3, np.int8))
    case("Clip", 7, f(6), min=-1.0, max=1.0)
    case("Clip", 13, f(4))


def shapes():
    x = f(2, 3, 4)
    case("Reshape", 14, x, i(4, -1))
    case("Reshape", 14, x, i(0, -1, 2))
    case("Reshape", 14, f(0, 3), i(3, 0), allowzero=1)
    case("Reshape", 7, x, i(24))
    for axis in (0, 2, -1, 3):
        case("Flatten", 13, x, axis=axis)
    case("Flatten", 7, x)
    y = f(1, 3, 1)
    case("Squeeze", 13, y, i(0, -1))
    case("Squeeze", 13, y)
    case("Squeeze", 11, y, axes=[0])
    case("Unsqueeze", 13, f(2, 3), i(0, -1))
    case("Unsqueeze", 11, f(2, 3), axes=[1, 3])
    case("Shape", 13, x)
    case("Shape", 15, x, start=1, end=-1)
    case("Shape", 15, x, start=-1)
    case("Size", 13, x)
    case("Dropout", 13, f(4), outputs=2)
    case("Dropout", 7, f(4), ratio=0.5)
    case("Dropout", 12, f(4), s(0.5), s(False, bool))
    case("Dropout", 13, f(4), s(0.0), s(True, bool), outputs=2)
    case("Constant", 13, value=f(2, 2))
    case("Constant", 13, value_int=3)
    case("Constant", 13, value_ints=[1, 2])
    case("Constant", 13, value_float=0.5)
    case("ConstantOfShape", 9, i(2, 3), value=i(7))
    case("ConstantOfShape", 9, i(2))
    case("Range", 11, s(1), s(2), s(0.25))
    case("Range", 11, s(5, np.int64), s(-4, np.int64), s(-3, np.int64))
    case("Range", 11, s(5, np.int32), s(1, np.int32), s(1, np.int32))
    case("Cast", 13, i(-3, 0, 300), to=TensorProto.FLOAT)
    case("Cast", 13, s([-1.75, 0.5, 2.5]), to=TensorProto.INT32)
    case("Cast", 13, s([0, 0.25, -3]), to=TensorProto.BOOL)
    case("Cast", 13, s([1.1, 65504, 1e-7]), to=TensorProto.FLOAT16)
    case("Cast", 13, b(4), to=TensorProto.INT64)
    case("Cast", 9, f(3, dtype=np.float64), to=TensorProto.FLOAT)
    case("Cast", 13, n(4, low=0, high=255, dtype=np.uint8), to=TensorProto.DOUBLE)
    case("CastLike", 15, f(3, low=0, high=9), i(1))


def moves():
    x = f(2, 3, 4)
    case("Transpose", 13, x)
    case("Transpose", 13, x, perm=[1, 2, 0])
    case("Transpose", 13, n(2, 3, dtype=np.uint8), perm=[1, 0])
    case("Concat", 13, f(2, 1), f(2, 3), axis=1)
    case("Concat", 13, n(1, 2, dtype=np.int64), n(2, 2, dtype=np.int64), axis=-2)
    case("Split", 13, f(2, 6), i(1, 5), axis=1, outputs=2)
    case("Split", 11, f(4, 2), split=[3, 1], outputs=2)
    case("Split", 18, f(7), num_outputs=3, outputs=3)
    case("Split", 13, f(4), outputs=2)
    case("Slice", 13, x, i(0, 1), i(9, 3), i(1, 2))
    case("Slice", 13, x, i(-1), i(-9), i(2), i(-2))
    case("Slice", 13, x, i(1), i(2))
    case("Slice", 13, x, i(3, dtype=np.int32), i(1, dtype=np.int32), i(-1, dtype=np.int32))
    case("Slice", 7, x, starts=[0, 1], ends=[1, -1], axes=[0, 2])
    case("Expand", 13, f(3, 1), i(2, 1, 4))
    case("Expand", 8, f(1), i(2))
    case("Tile", 13, f(2, 3), i(2, 2))
    case("Pad", 13, f(2, 3), i(1, 0, 0, 2), s(0.5))
    case("Pad", 13, f(2, 3), i(0, 2, 1, 1), mode="reflect")
    case("Pad", 13, f(2, 3), i(0, 2, 1, 1), mode="edge")
    case("Pad", 13, f(2, 3), i(0, -1, 1, 0))
    case("Pad", 18, f(2, 3), i(1, 2), None, i(1))
    case("Pad", 19, f(2, 3), i(0, 2, 0, 4), mode="wrap")
    case("Pad", 7, f(2, 3), pads=[1, 0, 0, 1], value=1.5)
    case("DepthToSpace", 13, f(1, 8, 1, 2), blocksize=2)
    case("DepthToSpace", 13, f(1, 8, 1, 2), blocksize=2, mode="CRD")
    case("SpaceToDepth", 13, f(1, 2, 2, 4), blocksize=2)
    case("Gather", 13, f(3, 2), i(0, -1, 1))
    case("Gather", 13, f(2, 3), np.array([[0, 2]], dtype=np.int32), axis=1)
    case("Gather", 13, i(5, 6, 7), s(1, np.int64))
    case("GatherElements", 13, f(2, 3), np.array([[0, 1, 0], [1, -1, 0]]), axis=0)
    case("ScatterND", 16, f(4, 2), np.array([[1], [3]]), f(2, 2))
    case("ScatterND", 11, f(2, 2), np.array([[0, 1], [1, 0]]), f(2))


def pictures():
    x = f(1, 4, 5, 5)
    case("Conv", 11, x, f(2, 4, 3, 3))
    case("Conv", 11, x, f(2, 4, 3, 3), f(2), pads=[1, 1, 1, 1], strides=[2, 2])
    case("Conv", 11, x, f(4, 2, 3, 3), pads=[0, 1, 2, 0], group=2, dilations=[2, 1])
    case("Conv", 11, x, f(4, 1, 3, 3), f(4), group=4, auto_pad="SAME_UPPER", strides=[2, 2])
    case("Conv", 7, f(1, 1, 4, 4), f(1, 1, 2, 2), auto_pad="SAME_LOWER")
    case("Conv", 11, f(1, 1, 4, 4), f(1, 1, 2, 2), auto_pad="VALID")
    case("Conv", 11, x, f(3, 4, 1, 1), f(3))
    case("Conv", 11, f(2, 2, 6), f(3, 2, 3), pads=[1, 1])
    case("Conv", 11, f(1, 1, 3, 3, 3), f(2, 1, 2, 2, 2), strides=[1, 2, 1])
    case("MaxPool", 12, f(1, 2, 5, 5), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    case("MaxPool", 12, f(1, 1, 4, 4), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    case("MaxPool", 12, f(1, 1, 4, 4), kernel_shape=[2, 2], dilations=[2, 1], outputs=2)
    case("MaxPool", 12, f(1, 2, 3, 3), kernel_shape=[2, 2], storage_order=1, outputs=2)
    case("MaxPool", 12, n(1, 1, 3, 3, low=0, dtype=np.uint8), kernel_shape=[2, 2])
    case("MaxPool", 8, f(1, 2, 6), kernel_shape=[2], strides=[2])
    case("MaxPool", 12, f(1, 1, 3, 3), kernel_shape=[2, 2], auto_pad="SAME_UPPER", strides=[2, 2])
    case("MaxPool", 12, f(1, 1, 2, 3, 3), kernel_shape=[2, 2, 2])
    case("AveragePool", 11, f(1, 2, 5, 5), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    case("AveragePool", 11, f(1, 1, 4, 4), kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    case("AveragePool", 19, f(1, 1, 4, 4), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    case("AveragePool", 7, f(1, 1, 4), kernel_shape=[2])
    case("AveragePool", 19, f(1, 1, 5, 5), kernel_shape=[2, 2], dilations=[2, 2])
    case("GlobalAveragePool", 7, f(2, 2, 3, 2))
    case("GlobalMaxPool", 7, f(2, 2, 3, 2))
    case("LRN", 13, f(1, 6, 2, 2), size=3, alpha=0.5, beta=0.5, bias=2.0)
    case("LRN", 7, f(1, 4, 1, 2), size=5)
    case("LRN", 13, f(1, 5, 1, 1), size=1)
    parameters = f(3), f(3), f(3), f(3, low=0.5)
    case("BatchNormalization", 15, f(2, 3, 2, 2), *parameters)
    case("BatchNormalization", 9, f(2, 3), *parameters, epsilon=0.125)
    case("BatchNormalization", 7, f(1, 3, 4), *parameters)
    case("BatchNormalization", 15, f(2, 3, 2), *parameters, training_mode=1, momentum=0.5, outputs=3)
    case("InstanceNormalization", 7, f(2, 3, 4), f(3), f(3))
    case("GroupNormalization", 21, f(1, 4, 3), f(4), f(4), num_groups=2)
    case("GroupNormalization", 18, f(1, 4, 3), f(2), f(2), num_groups=2)
    case("LayerNormalization", 17, f(2, 3, 4), f(4), f(4), outputs=3)
    case("LayerNormalization", 17, f(2, 3), f(2, 3), axis=0)
    case("LayerNormalization", 17, f(2, 3), f(3), outputs=3, only=[0, 2])
    case("TopK", 11, f(2, 4), i(2), outputs=2, only=[1], standard=True)
    case("MeanVarianceNormalization", 13, f(2, 2, 2, 2))
    case("MeanVarianceNormalization", 13, f(3, 4), axes=[1])
    x = f(1, 1, 3, 4)
    for mode in ("nearest", "linear", "cubic"):
        case("Resize", 13, x, None, s([1, 1, 2, 1.5]), mode=mode)
        case("Resize", 13, x, None, None, i(1, 1, 2, 3), mode=mode, coordinate_transformation_mode="align_corners")
        case("Resize", 18, x, None, s([0.5, 0.75]), axes=[2, 3], mode=mode,
             **({} if mode == "nearest" else {"antialias": 1}))
    case("Resize", 13, x, None, s([1, 1, 2, 2]), mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    case("Resize", 13, x, None, s([1, 1, 2, 2]), coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    case("Resize", 13, x, None, s([1, 1, 1.5, 1.5]), coordinate_transformation_mode="asymmetric", nearest_mode="ceil")
    # ONNX Runtime 1.2x leaves the region out of account here.
    case("Resize", 13, x, s([0, 0, 0.25, 0, 1, 1, 1.25, 1]), None, i(1, 1, 3, 3), mode="linear",
         coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0,
         standard=True)
    case("Resize", 13, x, None, s([1, 1, 0.75, 0.75]), mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    case("Resize", 10, x, s([1, 1, 2, 2]))
    case("Resize", 10, x, s([1, 1, 2, 2]), mode="linear")
    case("Upsample", 9, x, s([1, 1, 2, 2]), mode="linear")


def products():
    case("Gemm", 13, f(2, 3), f(3, 4), f(4))
    case("Gemm", 13, f(3, 2), f(4, 3), f(2, 1), transA=1, transB=1, alpha=0.5, beta=2.0)
    case("Gemm", 11, f(2, 3), f(3, 2))
    case("Gemm", 7, f(2, 3), f(3, 2), s(1.5))
    case("MatMul", 13, f(2, 3), f(3, 2))
    case("MatMul", 13, f(2, 1, 2, 3), f(2, 3, 2))
    case("MatMul", 13, f(3), f(3))
    case("MatMul", 13, f(3), f(2, 3, 2))
    case("MatMul", 13, n(2, 3), n(3, 2))
    case("MatMul", 13, f(2, 2, dtype=np.float64), f(2, 2, dtype=np.float64))
    for op in ("Softmax", "LogSoftmax"):
        case(op, 13, f(2, 3, 2))
        case(op, 13, f(2, 3, 2), axis=1)
        case(op, 11, f(2, 3, 2))
        case(op, 7, f(2, 3, 2), axis=2)


def reductions():
    x = f(2, 3, 2, low=0.25, high=2)
    for op in ("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
               "ReduceProd", "ReduceSum", "ReduceSumSquare"):
        case(op, 18, x, i(1))
        if op != "ReduceSum":
            case(op, 11, x, axes=[0, -1], keepdims=0)
        case(op, 13, x)
    case("ReduceSum", 13, x, i(-1), keepdims=0)
    case("ReduceSum", 13, x, np.array([], dtype=np.int64), noop_with_empty_axes=1)
    case("ReduceSum", 11, n(2, 3), axes=[1])
    case("ReduceMax", 13, n(2, 3, dtype=np.int64), axes=[0])
    case("ReduceMean", 7, f(1, 2, 2, 3), axes=[2, 3])
    x = n(3, 4, low=0, high=4).astype(np.float32)
    for op in ("ArgMax", "ArgMin"):
        case(op, 13, x)
        case(op, 13, x, axis=-1, keepdims=0)
        case(op, 13, x, axis=1, select_last_index=1)
    case("TopK", 11, f(2, 5), i(3), outputs=2)
    case("TopK", 11, f(4, 2), i(2), axis=0, largest=0, outputs=2)
    case("TopK", 11, i(3, 1, 3, 2), i(4), outputs=2)


def quantised():
    u8, i8 = np.uint8, np.int8
    case("QuantizeLinear", 13, f(2, 3), s(0.125), s(128, u8))
    case("QuantizeLinear", 13, f(2, 3), f(3, low=0.125), n(3, dtype=i8), axis=1)
    case("QuantizeLinear", 13, s([0.5, 1.5, 2.5, -9, 900]), s(1))
    case("QuantizeLinear", 21, f(2, 4), f(2, 2, low=0.125), n(2, 2, dtype=i8), axis=1, block_size=2)
    case("DequantizeLinear", 13, n(2, 3, low=0, dtype=u8), s(0.25), s(3, u8))
    case("DequantizeLinear", 13, n(2, 3, dtype=i8), f(2, low=0.125), n(2, dtype=i8), axis=0)
    case("DequantizeLinear", 13, n(3), s(0.5))
    case("DequantizeLinear", 21, n(2, 4, dtype=i8), f(2, 2, low=0.125), axis=1, block_size=2)
    case("QLinearConv", 10, n(1, 2, 3, 3, low=0, high=255, dtype=u8), s(0.02), s(100, u8),
         n(2, 2, 2, 2, low=-99, high=99, dtype=i8), s([0.01, 0.02]), s([0, 0], i8), s(0.05), s(120, u8),
         n(2, low=-500, high=500), pads=[1, 0, 0, 1])
    case("QLinearMatMul", 10, n(2, 3, low=0, high=255, dtype=u8), s(0.02), s(100, u8),
         n(3, 2, low=0, high=255, dtype=u8), s(0.01), s(120, u8), s(0.05), s(110, u8))


print("# Made by tests/conformance/make_goldens.py: node, attributes, inputs, and what ONNX Runtime %s gives."
      % onnxruntime.__version__)
for group in (unary, binary, shapes, moves, pictures, products, reductions, quantised):
    group()
