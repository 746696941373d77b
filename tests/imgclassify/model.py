"""Small ONNX networks for the tests of imgclassify and imgfeat, by the standard library only.

python3 model.py KIND [KEY VALUE]... > FILE: pictures of 3 channels, 4x4; the scores are the means of the channels.
KIND: logits, probabilities (softmax), one (a sigmoid of the first channel), one-logit, pixels (N x 3 x 1 x 1),
map (N x 3 x 4 x 4), open (any size), sum (two plain inputs, two outputs), unknown (an operator
that there is not). KEY VALUE are metadata.
"""
import struct
import sys


def number(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(tag, value):
    if isinstance(value, int):
        return number(tag << 3) + number(value)
    value = value.encode() if isinstance(value, str) else value
    return number(tag << 3 | 2) + number(len(value)) + value


def typed(name, shape):
    sizes = b"".join(field(1, field(2, "N") if n is None else field(1, n)) for n in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))


def node(op, inputs, outputs, name=None):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs)
                 + field(3, name or op.lower()) + field(4, op))


def tensor(name, shape, values):
    data = struct.pack("<%df" % len(values), *values)
    return field(5, b"".join(field(1, n) for n in shape) + field(2, 1) + field(8, name) + field(9, data))


IDENTITY = tensor("w", (3, 3), (1, 0, 0, 0, 1, 0, 0, 0, 1))
FIRST = tensor("w", (3, 1), (1, 0, 0))
MEANS = node("GlobalAveragePool", ["x"], ["means"], "pool") + node("Flatten", ["means"], ["flat"])
SCORES = MEANS + node("Gemm", ["flat", "w"], ["scores"], "classifier")
PICTURE = ("x", (None, 3, 4, 4))
KINDS = {
    "logits": (IDENTITY + SCORES, [PICTURE], [("scores", (None, 3))]),
    "probabilities": (IDENTITY + SCORES + node("Softmax", ["scores"], ["p"]), [PICTURE], [("p", (None, 3))]),
    "one": (FIRST + SCORES + node("Sigmoid", ["scores"], ["p"]), [PICTURE], [("p", (None, 1))]),
    "one-logit": (FIRST + SCORES, [PICTURE], [("scores", (None, 1))]),
    "pixels": (node("GlobalAveragePool", ["x"], ["means"]), [PICTURE], [("means", (None, 3, 1, 1))]),
    "open": (SCORES + IDENTITY, [("x", (None, 3, None, None))], [("scores", (None, 3))]),
    "map": (node("Relu", ["x"], ["y"]), [PICTURE], [("y", (None, 3, 4, 4))]),
    "sum": (node("Add", ["a", "b"], ["c"]) + node("Mul", ["a", "b"], ["d"]), [("a", (2, 3)), ("b", (3,))],
            [("c", (2, 3)), ("d", (2, 3))]),
    "unknown": (IDENTITY + MEANS + node("NonMaxSuppression", ["flat"], ["n"], "nms"), [PICTURE], [("n", (None, 3))]),
}
nodes, inputs, outputs = KINDS[sys.argv[1]]
graph = (nodes + field(2, "g") + b"".join(field(11, typed(*i)) for i in inputs)
         + b"".join(field(12, typed(*o)) for o in outputs))
model = field(1, 8) + field(7, graph) + field(8, field(2, 13))
pairs = sys.argv[2:]
for key, value in zip(pairs[::2], pairs[1::2]):
    model += field(14, field(1, key) + field(2, value.replace("\\n", "\n")))
sys.stdout.buffer.write(model)
