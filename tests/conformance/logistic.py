"""imgtrain --optimiser lbfgs against scikit-learn: the least penalised loss and the weights, for several penalties and numbers of
classes, on features as a convolutional network gives them: not negative, correlated, of many scales.

The loss of both models is computed here, in f64. scikit-learn's is brought as near its optimum as it goes."""

import os
import subprocess
import tempfile

import its
import numpy
import onnx
import tap
from onnx import numpy_helper
from sklearn.linear_model import LogisticRegression

SRCDIR = os.environ["SRCDIR"]
SAMPLES, FEATURES = 1000, 40


def features(classes, seed):
    rng = numpy.random.default_rng(seed)
    mix = rng.standard_normal((12, FEATURES))
    x = numpy.maximum(rng.standard_normal((SAMPLES, 12)) @ mix + rng.standard_normal((SAMPLES, FEATURES)), 0)
    z = x @ rng.standard_normal((FEATURES, classes)) / 6
    y = (z - z.mean(0) + rng.gumbel(size=z.shape)).argmax(1)
    x *= numpy.exp(rng.standard_normal(FEATURES) / 2)
    return x.astype("f4"), y


def write(path, x, y):
    with open(path, "wb") as file:
        writer = its.Writer(file)
        for i, row in enumerate(x):
            writer.tensor(f"{i:06d}", row.shape, row.astype("<f4").tobytes(), (("label", f"{y[i]:02d}"),))
        writer.end()


def objective(w, b, x, y, l2, l1):
    """w: one row of weights per class, or one for two classes."""
    z = x @ w.T + b
    if len(w) == 1:
        loss = numpy.logaddexp(0, numpy.where(y == 1, -z[:, 0], z[:, 0]))
    else:
        loss = numpy.log(numpy.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1) - z[numpy.arange(len(y)), y]
    return loss.mean() + l2 / 2 * (w ** 2).sum() + l1 * abs(w).sum()


def read(path):
    constants = [numpy_helper.to_array(i).astype("f8") for i in onnx.load(path).graph.initializer]
    w, = (c for c in constants if c.ndim == 2 and FEATURES in c.shape)
    w = w if w.shape[1] == FEATURES else w.T
    b, = (c for c in constants if c.shape == (len(w),))
    return (w[1:] - w[:1], b[1:] - b[:1]) if len(w) == 2 else (w, b)


def reference(x, y, l2, l1):
    n, both = len(y), l1 + l2
    if l1 == 0:
        return LogisticRegression(C=1 / (n * l2), tol=1e-9, max_iter=1000, solver="newton-cholesky").fit(x, y)
    return LogisticRegression(C=1 / (n * both), l1_ratio=l1 / both, solver="saga", tol=1e-7, max_iter=5000).fit(x, y)


def main():
    os.chdir(tempfile.mkdtemp())
    for classes in (2, 3, 10):
        x, y = features(classes, classes)
        write("features.its", x, y)
        wide = x.astype("f8")
        for l2, l1 in ((1 / SAMPLES, 0), (0.01, 0), (0, 0.01), (0, 0.003), (0.01, 0.003)):
            name = f"{classes} classes, l2 {l2:.2g}, l1 {l1:.2g}"
            words = ["imgtrain", "-q", "-n", f"{SRCDIR}/models/logreg.net", "--optimiser", "lbfgs", "--l2", repr(l2),
                     "--l1", repr(l1), "-o", "model.onnx", "features.its"]
            if not tap.ok(subprocess.run(words, check=False).returncode == 0, name):
                continue
            w, b = read("model.onnx")
            other = reference(wide, y, l2, l1)
            least = objective(other.coef_, other.intercept_, wide, y, l2, l1)
            more = objective(w, b, wide, y, l2, l1) / least - 1
            tap.ok(more < 1e-6, f"  least loss {least:.9f}, ours {more:+.1e} of it")
            z, other_z = wide @ w.T + b, wide @ other.coef_.T + other.intercept_
            z, other_z = (z, other_z) if classes == 2 else (v - v.mean(1, keepdims=True) for v in (z, other_z))
            off = abs(z - other_z).max() / abs(other_z).max()
            tap.ok(off < 1e-2, f"  the logits differ by {off:.1e} of the largest")
            if l1:
                tap.ok(abs((w == 0).mean() - (other.coef_ == 0).mean()) < 0.02,
                       f"  {(w == 0).mean():.1%} of the weights are 0, and {(other.coef_ == 0).mean():.1%} of theirs")
    tap.done()


main()
