"""If this fails, predictions of sets of labels are scored otherwise than others score them: imgstats eval against scikit-learn,
and the probabilities of a model learned with --loss sigmoid against ONNX Runtime."""

import json
import os
import random
import subprocess
import tempfile
import warnings

import its
import numpy
import onnxruntime
import tap
from sklearn import metrics

NAMES = ["ant", "bee", "cat", "dog", "eel"]


def shell(command):
    return subprocess.run(command, shell=True, check=False, capture_output=True, text=True)


def write_table(path, seed, rows, columns, digits):
    """Probabilities of few digits are often equal."""
    source = random.Random(seed)
    with open(path, "w", encoding="ascii") as table:
        for i in range(rows):
            there = [name for name in NAMES[:-1] if source.random() < 0.35]
            scored = [(name, round(min(1, max(0, source.gauss(0.6 if name in there else 0.35, 0.25))), digits)) for name in NAMES]
            scored = sorted(scored, key=lambda pair: -pair[1])[:columns]
            fields = [f"key{i}", ",".join(there) or "-"] + [str(field) for pair in scored for field in pair]
            table.write("\t".join(fields) + "\n")


def read_table(path):
    with open(path, encoding="ascii") as table:
        rows = [line.rstrip("\n").split("\t") for line in table]
    names = sorted({name for row in rows for name in row[2::2]} | {n for row in rows if row[1] != "-" for n in row[1].split(",")})
    truth, score = numpy.zeros((len(rows), len(names)), int), numpy.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name in row[1].split(",") if row[1] != "-" else []:
            truth[i, names.index(name)] = 1
        for name, value in zip(row[2::2], row[3::2]):
            score[i, names.index(name)] = float(value)
    return names, truth, score


def area(truth, score, average):
    """Of the labels that some rows have and some have not: of the others there is no area."""
    both = [i for i in range(truth.shape[1]) if 0 < truth[:, i].sum() < len(truth)] if truth.ndim == 2 else []
    if average == "macro":
        return metrics.roc_auc_score(truth[:, both], score[:, both], average=average) if both else 0
    return metrics.roc_auc_score(truth.ravel(), score.ravel()) if 0 < truth.sum() < truth.size else 0


def expected(truth, score, threshold, average):
    predicted = (score >= threshold).astype(int)
    how = {"average": average, "zero_division": 0}
    return {
        "precision": metrics.precision_score(truth, predicted, **how),
        "recall": metrics.recall_score(truth, predicted, **how),
        "f1": metrics.f1_score(truth, predicted, **how),
        "average_precision": metrics.average_precision_score(truth, score, average="macro" if average == "binary" else average),
        "roc_auc": area(truth, score, average),
    }


def compare(name, path, threshold):
    report = json.loads(shell(f"imgstats eval --multilabel --threshold {threshold} -f json {path}").stdout)
    names, truth, score = read_table(path)
    pairs = [(report["subset_accuracy"], metrics.accuracy_score(truth, (score >= threshold).astype(int)))]
    for average in "micro", "macro":
        pairs += [(report[average][k] or 0, v) for k, v in expected(truth, score, threshold, average).items()]
    for i, label in enumerate(report["labels"]):
        of_one = expected(truth[:, i], score[:, i], threshold, "binary")
        pairs += [(label[k] or 0, v) for k, v in of_one.items()]
    same = [label["label"] for label in report["labels"]] == names
    worst = max(abs(a - b) for a, b in pairs)
    tap.ok(same and worst < 1e-9, f"{name}: {len(pairs)} scores differ by {worst:.1e} at most")


def tensors(path):
    with open(path, "rb") as stream:
        return [numpy.frombuffer(payload, {1: "u1", 9: "<f4"}[type_]).reshape(shape)
                for kind, _, _, type_, shape, payload in its.read(stream) if kind == its.TENSOR]


def main():
    warnings.simplefilter("ignore")  # scikit-learn's of labels that never occur
    os.chdir(tempfile.mkdtemp())
    for name, rows, columns, digits in [("all classes", 400, 5, 6), ("equal probabilities", 400, 5, 1),
                                        ("the best two classes", 300, 2, 2), ("few rows", 3, 5, 2)]:
        write_table("table.tsv", 7, rows, columns, digits)
        for threshold in 0.5, 0.3:
            compare(f"{name}, threshold {threshold}", "table.tsv", threshold)

    shell(f"cp {os.environ['SRCDIR']}/models/shapes.net .; drawshapes --sets -n 300 | imgextract | imgprep --size 32 -o train.its")
    learned = shell("imgtrain -q -n shapes.net --loss sigmoid --epochs 3 -o model.onnx train.its")
    tap.ok(learned.returncode == 0, "imgtrain learns sets of labels" + learned.stderr)
    shell("imgclassify -m model.onnx train.its > table.tsv; imgclassify -m model.onnx --format its -o probabilities.its train.its")
    compare("a model's predictions", "table.tsv", 0.5)
    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    pictures = numpy.stack([p.transpose(2, 0, 1) for p in tensors("train.its")]).astype("f4")
    logits = session.run(None, {"input": pictures})[0].astype("f8")
    error = abs(numpy.stack(tensors("probabilities.its")) - 1 / (1 + numpy.exp(-logits))).max()
    tap.ok(error < 1e-6, f"a sigmoid of ONNX Runtime's logits is what imgclassify says, within {error:.1e}")
    tap.done()


main()
