"""What tests/bench/logistic runs. Features are like the last ones of a convolutional network: not negative, correlated through 64
hidden causes, of scales over two orders of magnitude; the classes are drawn from a softmax of them."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import its
import numpy
import onnx
from onnx import numpy_helper

SKLEARN = """
import sys, time, numpy
from sklearn.linear_model import LogisticRegression
x, y = numpy.load("x.npy"), numpy.load("y.npy")
start, cpu = time.time(), time.process_time()
model = LogisticRegression(C=1, tol=float(sys.argv[1]), max_iter=10000, solver=sys.argv[2]).fit(x, y)
print(time.time() - start, time.process_time() - cpu, model.n_iter_[0])
numpy.savez("theirs", w=model.coef_, b=model.intercept_)
"""


def make(samples, features, classes):
    rng = numpy.random.default_rng(classes)
    mix = rng.standard_normal((64, features), dtype="f4") * (numpy.arange(1, 65, dtype="f4") ** -0.5)[:, None]
    scale = numpy.exp(rng.standard_normal(features, dtype="f4"))
    truth = rng.standard_normal((features, classes), dtype="f4") * numpy.float32(1.5 / features ** 0.5)
    all_x, all_y = numpy.empty((samples, features), "f4"), numpy.empty(samples, "i8")
    with open("features.its", "wb") as file:
        writer = its.Writer(file)
        for first in range(0, samples, 1000):
            count = min(1000, samples - first)
            x = rng.standard_normal((count, 64), dtype="f4") @ mix + rng.standard_normal((count, features), dtype="f4")
            x = numpy.maximum(x, 0)
            z = x @ truth
            y = (z - z.mean(0) + rng.gumbel(size=z.shape)).argmax(1)
            x *= scale
            all_x[first:first + count], all_y[first:first + count] = x, y
            for i in range(count):
                writer.tensor(f"{first + i:06d}", (features,), x[i].tobytes(), (("label", str(y[i])),))
        writer.end()
    numpy.save("x.npy", all_x)
    numpy.save("y.npy", all_y)


def objective(w, b, x, y):
    total = 0.0
    for first in range(0, len(y), 10000):
        z = x[first:first + 10000].astype("f8") @ w.T + b
        label = y[first:first + 10000]
        if len(w) == 1:
            total += numpy.logaddexp(0, numpy.where(label == 1, -z[:, 0], z[:, 0])).sum()
        else:
            most = z.max(1)
            total += (numpy.log(numpy.exp(z - most[:, None]).sum(1)) + most - z[numpy.arange(len(z)), label]).sum()
    return total / len(y) + (w ** 2).sum() / 2 / len(y)


def ours_loss(x, y):
    constants = [numpy_helper.to_array(i).astype("f8") for i in onnx.load("ours.onnx").graph.initializer]
    w, = (c for c in constants if c.ndim == 2)
    w = w if w.shape[1] == x.shape[1] else w.T
    b, = (c for c in constants if c.shape == (len(w),))
    return objective(*((w[1:] - w[:1], b[1:] - b[:1]) if len(w) == 2 else (w, b)), x, y)


def timed(words):
    """Wall seconds, processor seconds, peak MB of a whole process; what it printed."""
    start = time.time()
    done = subprocess.run(["/usr/bin/time", "-o", "time", "-f", "%U %S %M"] + words, check=True, capture_output=True, text=True)
    user, system, peak = open("time", encoding="ascii").read().split()
    return time.time() - start, float(user) + float(system), int(peak) / 1024, done.stdout + done.stderr


def main():
    samples, features, net = int(sys.argv[1]), int(sys.argv[2]), os.path.abspath("models/logreg.net")
    os.chdir(tempfile.mkdtemp())
    ours = ["imgtrain", "-j", os.environ["J"], "--memory", os.environ["MEMORY"], "-n", net, "--optimiser", "lbfgs", "-o", "ours.onnx",
            "features.its"]
    print("| classes | program | wall s | of it fit | processor s | peak MB | iterations | loss over the least |")
    print("|---|---|---|---|---|---|---|---|")
    for classes in (2, 10):
        make(samples, features, classes)
        x, y = numpy.load("x.npy", mmap_mode="r"), numpy.load("y.npy")
        sides = {"imgtrain": ours, "scikit-learn, tol 1e-4": [sys.executable, "-c", SKLEARN, "1e-4", "lbfgs"],
                 "scikit-learn, tol 1e-6": [sys.executable, "-c", SKLEARN, "1e-6", "lbfgs"]}
        runs, loss = {name: [] for name in sides}, {}
        for _ in range(int(os.environ["RUNS"])):
            for name, words in sides.items():
                runs[name].append(timed(words))
                if name not in loss:
                    theirs = None if words is ours else numpy.load("theirs.npz")
                    loss[name] = ours_loss(x, y) if theirs is None else objective(theirs["w"], theirs["b"], x, y)
        least = min(loss.values())
        for name, all_runs in runs.items():
            wall, cpu, peak = (statistics.median(run[i] for run in all_runs) for i in range(3))
            said = all_runs[0][3].split()
            fit, iterations = ("", said[said.index("iterations,") - 1]) if name == "imgtrain" else (f"{float(said[0]):.1f}", said[2])
            print(f"| {classes} | {name} | {wall:.1f} | {fit} | {cpu:.1f} | {peak:.0f} | {iterations} | {loss[name] / least - 1:.1e} |",
                  flush=True)
    for name in os.listdir("."):
        os.remove(name)


main()
