"""What imgstats eval must say, computed in another way: one pass for each number, no shared code.

usage: score.py make SEED CLASSES ROWS COLUMNS   a random table of predictions on standard output
       score.py check TABLE JSON TSV             compares the two reports with the table; says what differs
"""

import json
import math
import random
import statistics
import sys


def escape(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def unescape(text):
    out, at = "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            out += {"t": "\t", "n": "\n", "r": "\r"}.get(text[at + 1], text[at + 1])
            at += 2
        else:
            out += text[at]
            at += 1
    return out


def make(seed, classes, rows, columns):
    source = random.Random(seed)
    names = ["class %d" % i for i in range(classes - 3)] + ["tab\there", "back\\slash", "Größe\nzwei"]
    names = names[-classes:]
    for i in range(rows):
        label = source.choice(names[: max(1, classes - 1)])  # the last class is no row's label
        kind = source.random()
        if kind < 0.03:
            fields = [label, "!error", "broken\tpicture"]
        else:
            wrong = source.random() < 0.4
            near = names[(names.index(label) + source.choice([1, 1, 2, 5])) % classes]
            first = near if wrong else label
            others = [name for name in source.sample(names, min(classes, columns + 1)) if name != first]
            top = [first] + others[: source.randint(1, columns) - 1]
            values = sorted((source.random() / 2 for _ in top), reverse=True)
            fields = ["" if kind < 0.06 else label]
            for name, value in zip(top, values):
                fields += [name, "%.6g" % value]
        print("\t".join(escape(field) for field in ["key %d" % i] + fields))


def ratio(a, b):
    return a / b if b else None


def wilson(hits, total):
    """The rates that are no further from the counted one than they would vary: roots of (rate - p)^2 = z^2 p (1 - p) / n."""
    if not total:
        return [None, None]
    share, z2 = hits / total, statistics.NormalDist().inv_cdf(0.975) ** 2 / total
    root = math.sqrt((2 * share + z2) ** 2 - 4 * (1 + z2) * share * share)
    return [max(0.0, (2 * share + z2 + sign * root) / (2 * (1 + z2))) for sign in (-1, 1)]


def calibration(good):
    """[rows, mean confidence, accuracy] of ten bins."""
    bins = []
    for i in range(10):
        held = [(float(row[3]), row[1] == row[2]) for row in good if i / 10 < float(row[3]) <= (i + 1) / 10 or i == float(row[3]) == 0]
        bins.append([len(held), ratio(math.fsum(p for p, _ in held), len(held)), ratio(sum(hit for _, hit in held), len(held))])
    return bins


def scores(path):
    with open(path, encoding="utf-8", newline="\n") as table:
        rows = [[unescape(field) for field in line.rstrip("\r\n").split("\t")] for line in table]
    rows = [row for row in rows if row[:3] != ["key", "label", "class"]]
    good = [row for row in rows if row[2] != "!error" and row[1]]
    names = sorted({row[1] for row in good} | {row[2] for row in good}, key=lambda name: name.encode())
    said = {
        "rows": len(rows),
        "scored": len(good),
        "errors": sum(row[2] == "!error" for row in rows),
        "unlabelled": sum(row[2] != "!error" and not row[1] for row in rows),
        "malformed": 0,
        "classes_per_row": min(((len(row) - 2) // 2 for row in good), default=0),
        "top1": ratio(sum(row[1] == row[2] for row in good), len(good)),
        "top5": ratio(sum(row[1] in row[2:12:2] for row in good), len(good)),
    }
    table = []
    for name in names:
        hits = sum(row[1] == name and row[2] == name for row in good)
        support = sum(row[1] == name for row in good)
        predicted = sum(row[2] == name for row in good)
        precision, recall = ratio(hits, predicted), ratio(hits, support)
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else 0.0
        table.append([name, support, predicted, hits, precision, recall, f1, wilson(hits, predicted), wilson(hits, support)])
    macro = [sum(row[i] or 0 for row in table) / len(table) if table else None for i in (4, 5, 6)]
    pairs = {}
    for row in good:
        pairs[row[1], row[2]] = pairs.get((row[1], row[2]), 0) + 1
    bins = calibration(good)
    more = [wilson(sum(row[1] == row[2] for row in good), len(good)), wilson(sum(row[1] in row[2:12:2] for row in good), len(good)),
            ratio(sum(n * abs(p - hit) for n, p, hit in bins if n), len(good)), max((abs(p - hit) for n, p, hit in bins if n), default=None)]
    return said, table, macro, pairs, bins, more


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, (int, float)):
        return abs(a - b) < 1e-11
    return a == b


def number(text):
    return None if text == "" else float(text)


def check(table_path, json_path, tsv_path):
    said, table, macro, pairs, bins, more = scores(table_path)
    wrong = []

    def compare(what, got, expected):
        if not same(expected, got):
            wrong.append("%s: got %r, expected %r" % (what, got, expected))

    with open(json_path, encoding="utf-8") as file:
        report = json.load(file)
    for name, value in said.items():
        compare("json " + name, report[name], value)
    compare("json macro", [report["macro"][k] for k in ("precision", "recall", "f1")], macro)
    keys = ("class", "support", "predicted", "right", "precision", "recall", "f1", "precision_interval", "recall_interval")
    compare("json classes", [[one[key] for key in keys] for one in report["classes"]], table)
    mistakes = {(one["label"], one["predicted"]): one["count"] for one in report["mistakes"]}
    compare("json mistakes", mistakes, {pair: n for pair, n in pairs.items() if pair[0] != pair[1]})
    found = report["calibration"]
    compare("json calibration", [[one[key] for key in ("rows", "confidence", "accuracy")] for one in found["bins"]], bins)
    compare("json intervals and errors",
            [report["top1_interval"], report["top5_interval"], found["error"], found["error_most"]], more)
    counts = [one["count"] for one in report["mistakes"]]
    compare("json mistakes, in order", counts, sorted(counts, reverse=True))

    with open(tsv_path, encoding="utf-8", newline="\n") as file:
        rows = [[unescape(field) for field in line.rstrip("\n").split("\t")] for line in file]
    scored = {row[1]: number(row[2]) for row in rows if row[0] == "score" and row[1] != "positive"}
    for name, value in said.items():
        compare("tsv " + name, scored[name], None if value is None else float(value))
    compare("tsv macro", [scored["macro_" + k] for k in ("precision", "recall", "f1")], macro)
    got = [[row[1]] + [int(n) for n in row[2:5]] + [number(n) for n in row[5:8]] + [[number(n) for n in row[8:10]], [number(n) for n in row[10:]]]
           for row in rows if row[0] == "class"]
    compare("tsv classes", got, table)
    compare("tsv confusion", {(row[1], row[2]): int(row[3]) for row in rows if row[0] == "confusion"}, pairs)
    got = [[int(row[3])] + [number(n) for n in row[4:]] for row in rows if row[0] == "calibration"]
    compare("tsv calibration", got, bins)
    got = [[scored["top%d_low" % k], scored["top%d_high" % k]] for k in (1, 5)]
    compare("tsv intervals and errors", got + [scored["calibration_error"], scored["calibration_error_most"]], more)
    print("\n".join(wrong[:5]) or "same")


if sys.argv[1] == "make":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    make(*[int(word) for word in sys.argv[2:6]])
else:
    check(*sys.argv[2:5])
