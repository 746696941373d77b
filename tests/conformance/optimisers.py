"""If this fails, imgtrain does not learn what PyTorch learns: twenty steps on the same pictures, from the same weights, with each
optimiser, schedule, loss, and what goes with them. A step takes all pictures, so that their order does not matter; PyTorch
calculates in f64."""

import os
import subprocess
import tempfile

import its
import numpy
import onnx
import tap
import torch

TOLERANCE = 1e-5  # of the largest number of each tensor
STEPS = 20
NET = """
a: Conv channels=6 kernel_shape=3 bias=0
b: BatchNormalization
Relu
c: Conv channels=8 kernel_shape=3 strides=2
Relu
Flatten
d: Gemm units=$classes
"""


class Network(torch.nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.a = torch.nn.Conv2d(3, 6, 3, bias=False)
        self.b = torch.nn.BatchNorm2d(6)
        self.c = torch.nn.Conv2d(6, 8, 3, stride=2)
        self.d = torch.nn.Linear(8 * 4, classes)

    def forward(self, x):
        return self.d(torch.relu(self.c(torch.relu(self.b(self.a(x))))).flatten(1))


NAMES = {"weight": "weight", "bias": "bias", "scale": "weight", "mean": "running_mean", "var": "running_var"}


def weights(path):
    """By PyTorch's names."""
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        node, part = tensor.name.rsplit(".", 1)
        if part in NAMES:
            found[f"{node}.{NAMES[part]}"] = torch.from_numpy(onnx.numpy_helper.to_array(tensor).astype("f8"))
    return found


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    if done.returncode:
        tap.note(command + ": " + done.stderr.strip())
    return done.returncode == 0


def pictures(path):
    """All pictures, their labels' places, and the labels."""
    found, labels = [], []
    with open(path, "rb") as stream:
        for kind, _, attributes, _, shape, payload in its.read(stream):
            if kind == its.TENSOR:
                found.append(numpy.frombuffer(payload, "<f4").reshape(shape).transpose(2, 0, 1))
                labels.append(dict(attributes)["label"])
    names = sorted(set(labels))
    return torch.from_numpy(numpy.stack(found).astype("f8")), torch.tensor([names.index(l) for l in labels]), names


def groups(network, decay):
    """Weight decay is for the weights of Conv and Gemm."""
    decayed = [p for n, p in network.named_parameters() if n in ("a.weight", "c.weight", "d.weight")]
    others = [p for n, p in network.named_parameters() if n not in ("a.weight", "c.weight", "d.weight")]
    return [{"params": decayed, "weight_decay": decay}, {"params": others, "weight_decay": 0}]


def sgd(decay=5e-4, momentum=0.9, **options):
    return lambda network, rate: torch.optim.SGD(groups(network, decay), lr=rate, momentum=momentum, **options)


def adam(kind=torch.optim.Adam, decay=0, **options):
    return lambda network, rate: kind(groups(network, decay), lr=rate, **options)


def constant(_):
    return None


def cosine(end=0):
    return lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS, eta_min=end)


def warm_cosine(optimiser):
    rise = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: (step + 1) / 6)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS - 5)
    return torch.optim.lr_scheduler.SequentialLR(optimiser, [rise, fall], [5])


def steps(optimiser):
    return torch.optim.lr_scheduler.MultiStepLR(optimiser, [STEPS // 2, STEPS * 3 // 4])


def one_cycle(rate, rise=0.3):
    return lambda optimiser: torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=STEPS, pct_start=rise, cycle_momentum=False, final_div_factor=1e30)


def softmax(weight=None, smoothing=0.0):
    weight = torch.tensor(weight, dtype=torch.float64) if weight else None
    return lambda logits, classes: torch.nn.functional.cross_entropy(
        logits, classes, weight=weight, label_smoothing=smoothing, reduction="sum") / len(logits)


def sigmoid(weight=None, smoothing=0.0):
    weight = torch.tensor(weight, dtype=torch.float64) if weight else None

    def loss(logits, classes):
        target = torch.nn.functional.one_hot(classes, logits.shape[1]) * (1 - smoothing) + smoothing / 2
        return torch.nn.functional.binary_cross_entropy_with_logits(
            logits, target, pos_weight=weight, reduction="sum") / len(logits)
    return loss


def learn(start, data, rate, make, schedule, loss, clip, ema):
    inputs, classes, names = data
    network = Network(len(names)).double()
    network.load_state_dict(start, strict=False)
    optimiser = make(network, rate)
    scheduler = schedule(optimiser)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    for step in range(1, STEPS + 1):
        network.b.momentum = max(0.1, 1 / step)  # imgnet(5)
        optimiser.zero_grad()
        loss(network(inputs), classes).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimiser.step()
        if scheduler:
            scheduler.step()
        decay = min(ema, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            if value.dtype == torch.float64:
                average[name].lerp_(value, 1 - decay)
    return average if ema else network.state_dict()


COUNTS = {"red": 20, "green": 12, "blue": 8}  # labels in byte order: blue, green, red
CONSTANT = "--schedule constant"
# name, options, rate, optimiser, schedule, loss, clip, ema
CASES = [
    ("the defaults", "", 0.05, sgd(), cosine(), softmax(), 0, 0),
    ("sgd without momentum", f"{CONSTANT} --momentum 0 --weight-decay 0", 0.1, sgd(0, 0), constant, softmax(), 0, 0),
    ("weight decay", f"{CONSTANT} --weight-decay 0.1", 0.05, sgd(0.1), constant, softmax(), 0, 0),
    ("Nesterov", f"{CONSTANT} --nesterov", 0.02, sgd(nesterov=True), constant, softmax(), 0, 0),
    ("Adam", f"{CONSTANT} --optimiser adam", 0.001, adam(), constant, softmax(), 0, 0),
    ("Adam with all options", f"{CONSTANT} --optimiser adam --momentum 0.8 --beta2 0.98 --epsilon 1e-4 --weight-decay 0.01", 0.01,
     adam(decay=0.01, betas=(0.8, 0.98), eps=1e-4), constant, softmax(), 0, 0),
    ("AdamW", f"{CONSTANT} --optimiser adamw", 0.001, adam(torch.optim.AdamW, 0.01), constant, softmax(), 0, 0),
    ("AdamW, much decay, cosine", "--optimiser adamw --weight-decay 1", 0.01, adam(torch.optim.AdamW, 1), cosine(), softmax(), 0, 0),
    ("cosine to a final rate", "--final-rate 0.01", 0.05, sgd(), cosine(0.01), softmax(), 0, 0),
    ("cosine after a warm-up", "--warmup 5", 0.05, sgd(), warm_cosine, softmax(), 0, 0),
    ("steps", "--schedule step", 0.05, sgd(), steps, softmax(), 0, 0),
    ("one-cycle", "--schedule one-cycle", 0.05, sgd(), one_cycle(0.05), softmax(), 0, 0),
    ("one-cycle with a rise of 4 steps", "--schedule one-cycle --warmup 4", 0.05, sgd(), one_cycle(0.05, 0.25), softmax(), 0, 0),
    ("clipping", f"{CONSTANT} --clip-norm 0.2", 0.05, sgd(), constant, softmax(), 0.2, 0),
    ("clipping before Adam", f"{CONSTANT} --optimiser adam --clip-norm 0.2", 0.001, adam(), constant, softmax(), 0.2, 0),
    ("a moving average", f"{CONSTANT} --ema 0.6", 0.05, sgd(), constant, softmax(), 0, 0.6),
    ("a moving average that is not full", f"{CONSTANT} --ema 0.99", 0.05, sgd(), constant, softmax(), 0, 0.99),
    ("label smoothing", "--label-smoothing 0.2", 0.05, sgd(), cosine(), softmax(smoothing=0.2), 0, 0),
    ("weights of classes", "--class-weights red=0.5,blue=3", 0.05, sgd(), cosine(), softmax([3, 1, 0.5]), 0, 0),
    ("balanced classes", "--class-weights balanced", 0.05, sgd(), cosine(), softmax([40 / 24, 40 / 36, 40 / 60]), 0, 0),
    ("weights of classes and label smoothing", "--class-weights red=0.5,blue=3 --label-smoothing 0.2", 0.05, sgd(), cosine(),
     softmax([3, 1, 0.5], 0.2), 0, 0),
    ("sigmoid", "--loss sigmoid", 0.05, sgd(), cosine(), sigmoid(), 0, 0),
    ("sigmoid with label smoothing", "--loss sigmoid --label-smoothing 0.2", 0.05, sgd(), cosine(), sigmoid(smoothing=0.2), 0, 0),
    ("sigmoid with balanced labels", "--loss sigmoid --class-weights balanced", 0.05, sgd(), cosine(),
     sigmoid([32 / 8, 28 / 12, 20 / 20]), 0, 0),
    ("all together", "--optimiser adamw --schedule one-cycle --clip-norm 0.5 --ema 0.8 --label-smoothing 0.1 --class-weights red=0.5",
     0.005, adam(torch.optim.AdamW, 0.01), one_cycle(0.005), softmax([1, 1, 0.5], 0.1), 0.5, 0.8),
]


def draw():
    """Noisy pictures, one colour stronger than the others."""
    generator = numpy.random.default_rng(1)
    for channel, (name, count) in enumerate(COUNTS.items()):
        os.makedirs(f"data/{name}")
        for i in range(count):
            picture = generator.integers(0, 200, (8, 8, 3))
            picture[:, :, channel] += 50
            with open(f"data/{name}/{i}.ppm", "wb") as file:
                file.write(b"P6 8 8 255\n" + picture.astype("u1").tobytes())
    return shell("imgextract data | imgprep --size 8 --scale 0.003921569 --mean 0.45 --std 0.25 --type f32 -o data.its")


def main():
    os.chdir(tempfile.mkdtemp())
    with open("small.net", "w", encoding="ascii") as file:
        file.write(NET)
    tap.ok(draw() and shell("imgtrain -n small.net --epochs 0 -o start.onnx data.its"), "the first weights")
    start, data = weights("start.onnx"), pictures("data.its")
    for name, options, rate, *how in CASES:
        if not tap.ok(shell(f"imgtrain -q -n small.net --epochs {STEPS} --batch 40 --rate {rate} {options} -o model.onnx data.its"),
                      f"{name}: imgtrain learns"):
            continue
        got, expected = weights("model.onnx"), learn(start, data, rate, *how)
        error = {key: (abs(got[key] - expected[key]).max() / abs(expected[key]).max()).item() for key in got}
        moved = max((abs(got[key] - start[key]).max() / abs(start[key]).max()).item() for key in ("a.weight", "d.weight"))
        worst = max(error, key=error.get)
        tap.ok(len(got) == 9 and moved > 0.001 and error[worst] <= TOLERANCE,
               f"{name}: weights that moved by {moved:.2g} differ by {error[worst]:.1e} ({worst})")
    tap.done()


main()
