"""If this fails, predictions are scored otherwise than others score them: imgstats eval, compare and labels against scikit-learn,
SciPy and numpy."""

import json
import os
import random
import subprocess
import tempfile

import its
import numpy
import tap
from scipy import stats
from sklearn import calibration, metrics

NAMES = ["ant", "bee", "cat", "dog"]


def shell(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def write_table(path, seed, names, rows, digits, skill):
    """Rows of all classes; probabilities of few digits are often equal."""
    source = random.Random(seed)
    labels = [random.Random(i).choice(names) for i in range(rows)]
    with open(path, "w", encoding="ascii") as table:
        for i in source.sample(range(rows), rows):
            weights = [source.random() + (skill if name == labels[i] else 0) for name in names]
            scored = sorted(((round(w / sum(weights), digits), name) for w, name in zip(weights, names)), reverse=True)
            table.write("\t".join([f"key{i}", labels[i]] + [str(field) for p, name in scored for field in (name, p)]) + "\n")


def read_table(path):
    with open(path, encoding="ascii") as table:
        rows = sorted(line.rstrip("\n").split("\t") for line in table)
    return [row[1] for row in rows], [row[2] for row in rows], [dict(zip(row[2::2], map(float, row[3::2]))) for row in rows]


def worst(pairs):
    return max(abs(a - b) for a, b in pairs)


def compare_eval(name, path, positive):
    report = json.loads(shell(f"imgstats eval -f json --positive {positive} {path}"))
    labels, first, scores = read_table(path)
    there, score = [label == positive for label in labels], [row[positive] for row in scores]
    right = numpy.array([a == b for a, b in zip(labels, first)])
    sure = numpy.array([row[best] for row, best in zip(scores, first)])
    bins = [one for one in report["calibration"]["bins"] if one["rows"]]
    accuracy, confidence = calibration.calibration_curve(right, sure, n_bins=10, strategy="uniform")
    error = sum(one["rows"] * abs(a - c) for one, a, c in zip(bins, accuracy, confidence)) / len(labels)
    interval = stats.binomtest(int(right.sum()), len(labels)).proportion_ci(method="wilson")
    pairs = [(report["roc_auc"], metrics.roc_auc_score(there, score)),
             (report["average_precision"], metrics.average_precision_score(there, score)),
             (report["top1_interval"][0], interval.low), (report["top1_interval"][1], interval.high),
             (report["calibration"]["error"], error)]
    pairs += list(zip([one["accuracy"] for one in bins], accuracy)) + list(zip([one["confidence"] for one in bins], confidence))
    for one in report["classes"]:
        for what, total in ("precision", one["predicted"]), ("recall", one["support"]):
            interval = stats.binomtest(one["right"], total).proportion_ci(method="wilson")
            pairs += list(zip(one[what + "_interval"], interval))
    tap.ok(len(bins) == len(accuracy) and worst(pairs) < 1e-9, f"{name}: {len(pairs)} numbers differ by {worst(pairs):.1e} at most")


def compare_compare(name, one, other):
    report = json.loads(shell(f"imgstats compare -f json {one} {other}"))
    labels, first, sure = read_table(one)
    _, second, sure_too = read_table(other)
    right = [[a == b for a, b in zip(labels, classes)] for classes in (first, second)]
    only = [sum(a and not b for a, b in zip(*order)) for order in (right, right[::-1])]
    pairs = [(report["agreement"], numpy.mean([a == b for a, b in zip(first, second)])),
             (report["kappa"], metrics.cohen_kappa_score(first, second)),
             (report["top1_first"], metrics.accuracy_score(labels, first)),
             (report["top1_second"], metrics.accuracy_score(labels, second)),
             (report["mcnemar"], stats.binomtest(only[0], sum(only)).pvalue if sum(only) else 1)]
    differ = sorted((min(p[a], q[b]) for p, q, a, b in zip(sure, sure_too, first, second) if a != b), reverse=True)
    found = [min(pair["first"]["probability"], pair["second"]["probability"]) for pair in report["disagreements"]]
    same = len(found) == len(differ) and (not found or worst(zip(found, differ)) < 1e-9)
    tap.ok(same and worst(pairs) < 1e-9,
           f"{name}: {len(pairs)} numbers differ by {worst(pairs):.1e} at most, {len(found)} disagreements in the same order")


def compare_channels():
    shell("drawshapes -n 200 | imgextract | imgprep --size 32 -o shapes.its")
    with open("shapes.its", "rb") as stream:
        pixels = numpy.stack([numpy.frombuffer(payload, "u1").reshape(shape).astype("f8")
                              for kind, _, _, _, shape, payload in its.read(stream) if kind == its.TENSOR])
    report = json.loads(shell("imgstats labels -f json shapes.its"))
    pairs = list(zip(report["mean"], pixels.mean((0, 1, 2)))) + list(zip(report["std"], pixels.std((0, 1, 2))))
    tap.ok(worst(pairs) < 1e-8, f"means and deviations of channels differ from numpy's by {worst(pairs):.1e} at most")


def main():
    os.chdir(tempfile.mkdtemp())
    for name, names, rows, digits in [("two classes", NAMES[:2], 500, 6), ("equal probabilities", NAMES[:2], 500, 1),
                                      ("one of four", NAMES, 800, 3), ("few rows", NAMES[:3], 7, 2)]:
        write_table("a.tsv", 1, names, rows, digits, 0.8)
        write_table("b.tsv", 2, names, rows, digits, 0.6)
        compare_eval(name, "a.tsv", names[1])
        compare_compare(name, "a.tsv", "b.tsv")
    compare_channels()
    tap.done()


main()
