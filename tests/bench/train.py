"""Times imgtrain's trainer against PyTorch and prints a Markdown table: tests/bench/train says how, and what it means."""
import contextlib
import os
import statistics
import sys

import numpy as np
import onnx
import torch

from sides import Process, alternate, quartiles, row

PROGRAM, SCRATCH = sys.argv[1:3]
RUNS, THREADS = int(os.environ["RUNS"]), [int(n) for n in os.environ["THREADS"].split()]
PEER = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "train_peer.py")]
TURN = 0.5  # seconds that a turn lasts at least
TOLERANCE = 1e-3  # of the loss after three steps


class Side:
    """A process that learns `batch` pictures a step."""

    def __init__(self, command, batch):
        self.process, self.batch = Process(command), batch
        self.before = self.process.memory("VmRSS")

    def __enter__(self):
        self.process.__enter__()
        return self

    def __exit__(self, *what):
        self.process.__exit__(*what)

    def steps(self, count):
        """Seconds, seconds of processor time, and the last step's loss."""
        return [float(x) for x in self.process.ask(count).split()]

    def warm(self):
        self.loss = self.steps(3)[2]
        self.count = max(2, round(TURN / (self.steps(2)[0] / 2)))

    def rates(self):
        """Pictures per second, and per second of processor time."""
        seconds, used, _ = self.steps(self.count)
        return self.batch * self.count / seconds, self.batch * self.count / used


def best_layout(arguments, batch):
    """PyTorch's faster one."""
    rates = {}
    for layout in ("contiguous", "channels_last"):
        with Side(PEER + [layout] + arguments, batch) as side:
            side.warm()
            rates[layout] = max(side.rates()[1] for _ in range(3))
    return max(rates, key=rates.get)


def has_dropout(path):
    return any(node.op_type == "Dropout" for node in onnx.load(path).graph.node)


def compare(name, path, batch, image, threads):
    """Prints a row; returns whether both learn the same."""
    pixels = os.path.join(SCRATCH, "pixels")
    np.random.default_rng(1).standard_normal(batch * int(np.prod(image))).astype(np.float32).tofile(pixels)
    arguments = [path, str(threads), str(batch), *map(str, image), pixels]
    layout = best_layout(arguments, batch)
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(Side([PROGRAM] + arguments, batch))
        theirs = stack.enter_context(Side(PEER + [layout] + arguments, batch))
        for side in (ours, theirs):
            side.warm()
        a, b = alternate(RUNS, Side.rates, (ours, theirs))
        wall, used = [[x[i] / y[i] for x, y in zip(a, b)] for i in (0, 1)]
        peak = "%.0f, %.0f" % (ours.process.memory("VmHWM"), theirs.process.memory("VmHWM") - theirs.before)
        difference = abs(ours.loss - theirs.loss) / theirs.loss
        row(name, "x".join(map(str, image)), batch, threads, "%.0f" % statistics.median(x[0] for x in a),
            "%.0f (%s)" % (statistics.median(y[0] for y in b), layout), "%.2f" % statistics.median(wall), quartiles(wall),
            "%.2f" % statistics.median(used), quartiles(used), peak, "dropout" if has_dropout(path) else "%.0e" % difference)
    return has_dropout(path) or difference <= TOLERANCE


def main(arguments):
    print("imgutils, PyTorch %s; f32, SGD with momentum, %d rounds; load average %.1f\n" % (torch.__version__, RUNS, os.getloadavg()[0]))
    row("network", "picture", "batch", "threads", "pictures/s", "PyTorch", "ratio", "quartiles", "by processor time", "quartiles",
        "peak MiB", "loss differs by")
    row(*["---"] * 12)
    same = [compare(name, path, int(batch), [int(x) for x in image.split("x")], threads)
            for name, path, batch, image in zip(*[iter(arguments)] * 4) for threads in THREADS]
    if not all(same):
        sys.exit("tests/bench/train: losses differ")


main(sys.argv[3:])
