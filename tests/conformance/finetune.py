"""If this fails, fine-tuning a model of PyTorch is not what PyTorch does: one step of gradient descent on all pictures at once, from
the same weights, and then the outputs of both for the same pictures, ours by ONNX Runtime. And models that imgtrain joins of a
part that stays and one that learned are others to ONNX Runtime than to us."""

import io
import os
import subprocess
import tempfile

import its
import numpy
import onnx
import onnxruntime
import tap
import torch
from export import export
from PIL import Image

import small

TOLERANCE = 1e-5  # of the largest logit
PICTURES = 40
RATE = 0.05
FAMILIES = ("resnet", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3", "densenet", "inception", "squeezenet", "shufflenet",
            "efficientnet", "vgg", "to_quantise")
RECIPE = "--scale 0.00392156862745098 --mean 0.5 --std 0.25"


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    if done.returncode:
        tap.note(command + ": " + done.stderr.strip())
    return done.returncode == 0


def draw():
    """Pictures of ten labels that are random, but for a patch whose place depends on the label."""
    random = numpy.random.default_rng(3)
    with open("pictures.its", "wb") as file:
        writer = its.Writer(file)
        for i in range(PICTURES):
            pixels = random.integers(0, 256, (32, 32, 3), "u1")
            pixels[i % 10 * 3:][:4] = 255
            png = io.BytesIO()
            Image.fromarray(pixels).save(png, "PNG")
            writer.put(f"{i}.png", png.getvalue(), [("label", str(i % 10))])
        writer.end()
    return shell(f"imgprep --size 32 {RECIPE} --type f32 --layout chw -o train.its pictures.its")


def tensors(path):
    with open(path, "rb") as stream:
        for kind, _, attributes, _, shape, payload in its.read(stream):
            if kind == its.TENSOR:
                yield numpy.frombuffer(payload, "<f4").reshape(shape), int(dict(attributes)["label"])


def run(path, inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs})[0]


def torch_step(network, inputs, labels, freeze, numbers):
    """The outputs for the inputs after the step. Only BatchNormalization is in training, as in our models."""
    network = network.to(numbers).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train(not freeze)
            for parameter in module.parameters():
                parameter.requires_grad = not freeze
    x, y = torch.from_numpy(inputs).to(numbers), torch.tensor(labels)
    logits = network[:-1] if isinstance(network, torch.nn.Sequential) and isinstance(network[-1], torch.nn.Softmax) else network
    optimiser = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=RATE)
    torch.nn.functional.cross_entropy(logits(x), y).backward()
    optimiser.step()
    with torch.no_grad():
        return network.eval()(x).numpy()


def distance(got, expected):
    return abs(got - expected).max() / abs(expected).max()


def compare(name, got, expected, own, before):
    """expected is PyTorch's in f64, own in f32: where a Relu is on the edge, that is further away than the rounding of numbers."""
    moved, error, limit = abs(expected - before).max(), distance(got, expected), distance(own, expected)
    tap.ok(error <= max(TOLERANCE, 1.5 * limit) and moved > 1e-3,
           f"{name}: outputs that moved by up to {moved:.2g} differ by {error:.1e} of the largest, PyTorch's in f32 by {limit:.1e}")


def one_step(family, data, freeze, opset):
    name = f"{family}, opset {opset}{', frozen' if freeze else ''}"
    inputs, labels = data
    export(small.make(getattr(small, family)), 32, "model.onnx", opset, keep=True, open_="N")
    before = run("model.onnx", inputs)
    if tap.ok(shell(f"imgtrain -q -m model.onnx --epochs 1 --batch {PICTURES} --rate {RATE} --schedule constant --momentum 0 "
                    f"--weight-decay 0 {'--freeze-norm' if freeze else ''} -o tuned.onnx train.its"), f"{name}: imgtrain learns"):
        onnx.checker.check_model("tuned.onnx", full_check=True)
        expected, own = (torch_step(small.make(getattr(small, family)), inputs, labels, freeze, numbers)
                         for numbers in (torch.float64, torch.float32))
        compare(name, run("tuned.onnx", inputs), expected, own, before)


def engine(path, inputs):
    """What our engine puts out for the stream, by the name of the model's output."""
    output = onnx.load(path).graph.output[0].name
    if not shell(f"imgfeat -m {path} -n {output} -o out.its train.its"):
        return numpy.zeros((len(inputs), 1), "f4")
    return numpy.stack([values.reshape(-1) for values, _ in tensors("out.its")])


def joined(name, command, inputs):
    """A model written by the command is sound, and the same to ONNX Runtime and to us."""
    if not tap.ok(shell(command), f"{name}: imgtrain writes it"):
        return
    onnx.checker.check_model("joined.onnx", full_check=True)
    expected, got = run("joined.onnx", inputs), engine("joined.onnx", inputs)
    error = distance(got, expected) if got.shape == expected.shape else 1
    tap.ok(error <= TOLERANCE, f"{name}: ONNX Runtime differs by {error:.1e} of the largest")


def joins(inputs):
    with open("head.net", "w", encoding="ascii") as file:
        file.write("Gemm units=12\nRelu6\nDropout\nGemm units=$classes bias=0\n")
    for opset in (9, 11, 13, 17, 20):
        export(small.make(small.resnet), 32, "base.onnx", opset, open_="N")
        shell("imgfeat -m base.onnx -o f.its train.its")
        options = "-q --epochs 2 -o joined.onnx"
        joined(f"opset {opset}, features and a network", f"imgtrain -n head.net --backbone base.onnx {options} f.its", inputs)
        joined(f"opset {opset}, pictures and a network", f"imgtrain -n head.net -m base.onnx {options} train.its", inputs)
        joined(f"opset {opset}, a new layer", f"imgtrain -m base.onnx --new-head {options} f.its", inputs)


def main():
    os.chdir(tempfile.mkdtemp())
    tap.ok(draw(), "pictures")
    pairs = list(tensors("train.its"))
    inputs, labels = numpy.stack([p for p, _ in pairs]), [label for _, label in pairs]
    for family in FAMILIES:
        one_step(family, (inputs, labels), False, 13)
        one_step(family, (inputs, labels), True, 17)
    joins(inputs)
    tap.done()


if __name__ == "__main__":
    main()
