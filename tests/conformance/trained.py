"""If this fails, a model that imgtrain wrote means something else to others than to us: every operator of imgnet(5), the
shipped networks after some learning, and models/*.onnx, against ONNX Runtime and the ONNX checker."""

import glob
import os
import subprocess
import tempfile

import its
import numpy
import onnx
import onnxruntime
import tap

SRCDIR = os.environ["SRCDIR"]
TOLERANCE = 1e-5  # of the largest logit

EVERYTHING = """
block conv channels kernel_shape=3 strides=1 group=1 pads=same
    Conv channels=$channels kernel_shape=$kernel_shape strides=$strides pads=$pads group=$group bias=0
    BatchNormalization
end
conv channels=16 strides=2
Relu
a: MaxPool kernel_shape=3 strides=1 pads=1
conv channels=$C group=$C
Relu6
b: conv channels=$C kernel_shape=1 pads=0
c: conv channels=8 kernel_shape=1x7 < a
d: conv channels=8 kernel_shape=7x1 < a
e: AveragePool kernel_shape=3 strides=1 pads=1 count_include_pad=1 < a
f: AveragePool kernel_shape=3 strides=1 pads=1 < a
Add < a b
Clip min=-1 max=2
g: Identity
Concat < c d e f g
MaxPool kernel_shape=2 strides=2 ceil_mode=1
conv channels=32 group=4 strides=2
Dropout ratio=0.3
Flatten
Gemm units=20
BatchNormalization
Relu
Gemm units=$classes bias=0
"""


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    if done.returncode:
        print("# " + command + "\n# " + done.stderr.replace("\n", "\n# "))
    return done.returncode == 0


def tensors(path):
    with open(path, "rb") as stream:
        for kind, _, attributes, type_, shape, payload in its.read(stream):
            if kind == its.TENSOR:
                yield numpy.frombuffer(payload, {1: "u1", 9: "<f4"}[type_]).reshape(shape), dict(attributes)


def normalise(picture, recipe):
    """What the recipe says of u8 pixels: HWC to CHW, (pixel * scale - mean) / std."""
    field = dict(word.split("=") for word in recipe.split())
    mean, std = (numpy.array(field[name].split(","), "f4").reshape(-1, 1, 1) for name in ("mean", "std"))
    if field["layout"] == "hwc":
        picture = picture.transpose(2, 0, 1)
    return ((picture.astype("f4") * numpy.float32(field["scale"]) - mean) / std).astype("f4")


def compare(name, model, stream):
    last = onnx.load(model).graph.output[0].name
    tap.ok(shell(f"imgfeat -m {model} -n {last} -o features.its {stream}"), f"{name}: imgfeat runs it")
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    pictures = [normalise(p, a["recipe"]) for p, a in tensors(stream)]
    expected = session.run(None, {"input": numpy.stack(pictures)})[0]
    got = numpy.stack([t.reshape(-1) for t, _ in tensors("features.its")])
    error = abs(got - expected).max() / abs(expected).max()
    tap.ok(error <= TOLERANCE, f"{name}: the logits of {len(got)} pictures differ by {error:.1e} of the largest")


def main():
    os.chdir(tempfile.mkdtemp())
    with open("everything.net", "w", encoding="ascii") as file:
        file.write(EVERYTHING)
    shell("drawshapes -n 60 -s 7 | imgextract | imgprep --size 32 --mean 120,130,140 --std 60,70,80 -o train.its")
    nets = ["everything.net"] + [f"{SRCDIR}/models/{n}.net" for n in
                                 ("shapes", "lenet5", "cnn4", "mlp", "logreg", "resnet9", "resnet20")]
    for net in nets:
        name = os.path.basename(net)
        if tap.ok(shell(f"imgtrain -q -n {net} --epochs 2 --batch 20 --rate 0.002 -o model.onnx train.its"),
                  f"{name}: imgtrain learns"):
            compare(name, "model.onnx", "train.its")
    for model in sorted(glob.glob(f"{SRCDIR}/models/*.onnx")):
        name = os.path.basename(model)
        if tap.ok(shell(f"drawshapes -n 20 -s 8 | imgextract | imgprep -m {model} -o own.its"), f"{name}: imgprep"):
            compare(name, model, "own.its")
    tap.done()


main()
