"""What tests/bench/join runs: join.py FOLDER RUNS, with boxes.csv, images.csv and classes.csv in the folder."""
import collections
import hashlib
import os
import statistics
import subprocess
import sys

import sides

CATS = ["Tiger", "Lion", "Cheetah", "Leopard", "Jaguar (Animal)", "Lynx"]
OURS_CLASSES = ["-t", "classes.csv", "--columns", "LabelName,LabelText"]
OURS_CATS = ["imgjoin", "-q", "--csv", "-w", "Confidence>=0.99"] + OURS_CLASSES + ["-w", "LabelText=" + "|".join(CATS)]

AWK_CATS = " || ".join('n[$3] == "%s"' % cat for cat in CATS)
AWK_NAMES = 'FILENAME == "classes.csv" {n[$1] = $2; next} '

DUCKDB = """
import duckdb, sys
c = duckdb.connect()
c.execute("set threads = 1")
c.execute("set enable_progress_bar = false")  # it would be among the rows
c.execute("copy (%s) to '/dev/stdout' (delimiter ',', header true)" % sys.argv[1])
"""
DUCK_BOXES = "read_csv('boxes.csv', all_varchar = true) b"
DUCK_CLASSES = "read_csv('classes.csv', all_varchar = true, header = false, names = ['LabelName', 'LabelText']) n"
DUCK_CATS = "Confidence::double >= 0.99 and LabelText in (%s)" % ", ".join("'%s'" % cat for cat in CATS)

PANDAS = """
import sys
import pandas as pd
cats = %r
names = pd.read_csv("classes.csv", header=None, names=["LabelName", "LabelText"], dtype=str)
seen, first = set(), True
def chunks(columns=None):
    return pd.read_csv("boxes.csv", dtype=str, keep_default_na=False, chunksize=1 << 20, usecols=columns)
def write(table):
    global first
    table.to_csv(sys.stdout, index=False, header=first)
    first = False
""" % CATS
PANDAS_CATS = """
names = names[names.LabelText.isin(cats)]
for chunk in chunks():
    write(chunk[chunk.Confidence.astype(float) >= 0.99].merge(names, on="LabelName"))
"""
PANDAS_IMAGES = """
names, images = names[names.LabelText.isin(cats)], pd.read_csv("images.csv", dtype=str)
for chunk in chunks():
    write(chunk[chunk.Confidence.astype(float) >= 0.99].merge(names, on="LabelName").merge(images, on="ImageID"))
"""
PANDAS_ALL = """
for chunk in chunks():
    write(chunk.merge(names, on="LabelName"))
"""
PANDAS_DISTINCT = """
for chunk in chunks(["ImageID"]):
    new = chunk.ImageID.drop_duplicates()
    new = new[~new.isin(seen)]
    seen.update(new)
    write(new.to_frame())
"""

Task = collections.namedtuple("Task", "name commands")


def tasks():
    def duck(query):
        return [sys.executable, "-c", DUCKDB, query]

    def pandas(text):
        return [sys.executable, "-c", PANDAS + text]

    def awk(text, *files):
        return ["mawk", "-F,", "-v", "OFS=,", AWK_NAMES + text, "classes.csv", *files, "boxes.csv"]

    names = "%s join %s using (LabelName)" % (DUCK_BOXES, DUCK_CLASSES)
    yield Task("boxes of six cats above 0.99, joined with 601 classes", [
        OURS_CATS + ["boxes.csv"],
        awk('FNR == 1 {print $0, "LabelText"; next} $4 >= 0.99 && (%s) {print $0, n[$3]}' % AWK_CATS),
        pandas(PANDAS_CATS),
        duck("select b.*, LabelText from %s where %s" % (names, DUCK_CATS))])
    yield Task("the same, joined with 1.7 million image ids too", [
        OURS_CATS + ["-t", "images.csv", "boxes.csv"],
        awk('FILENAME == "images.csv" {s[$1] = $2; next} FNR == 1 {print $0, "LabelText,Subset"; next} '
            '$4 >= 0.99 && (%s) && $1 in s {print $0, n[$3], s[$1]}' % AWK_CATS, "images.csv"),
        pandas(PANDAS_IMAGES),
        duck("select b.*, LabelText, Subset from %s join read_csv('images.csv', all_varchar = true) i using (ImageID) where %s"
             % (names, DUCK_CATS))])
    yield Task("the distinct image ids of all boxes", [
        ["imgjoin", "-q", "--csv", "--distinct", "ImageID", "--select", "ImageID", "boxes.csv"],
        awk('FNR == 1 {print $1; next} !($1 in s) {s[$1]; print $1}'),
        pandas(PANDAS_DISTINCT),
        duck("select distinct ImageID from %s" % DUCK_BOXES)])
    yield Task("all boxes, joined with 601 classes", [
        ["imgjoin", "-q", "--csv"] + OURS_CLASSES + ["boxes.csv"],
        awk('FNR == 1 {print $0, "LabelText"; next} $3 in n {print $0, n[$3]}'),
        pandas(PANDAS_ALL),
        duck("select b.*, LabelText from %s" % names)])


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").digest()


def line_sum(path):
    """The same for the same lines in any order."""
    with open(path, "rb") as lines:
        return sum(int.from_bytes(hashlib.blake2b(line, digest_size=8).digest(), "little") for line in lines)


def check_same(task):
    """The outputs of the last round: the same bytes, or where an order is DuckDB's own the same lines."""
    paths = ["out%d" % i for i in range(len(task.commands))]
    if len(set(map(digest, paths))) != 1 and len(set(map(line_sum, paths))) != 1:
        sys.exit("%s: the results differ" % task.name)


def timed(side):
    """Processor seconds and peak MiB of the whole process. GNU time starts it: a child of Python would count Python's memory."""
    number, command = side
    with open("out%d" % number, "wb") as out:
        subprocess.run(["/usr/bin/time", "-o", "time", "-f", "%U %S %M"] + command, check=True, stdout=out)
    with open("time", encoding="ascii") as file:
        user, system, peak = file.read().split()
    return float(user) + float(system), int(peak) / 1024


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def main(folder, runs):
    os.chdir(folder)
    rows = count_lines("boxes.csv") - 1
    sides.row("task", "lines", "imgjoin s", "ns a row", "mawk", "ratio", "pandas", "ratio", "DuckDB", "ratio", "peak MiB")
    sides.row(*["---"] * 11)
    for task in tasks():
        results = sides.alternate(int(runs), timed, list(enumerate(task.commands)))
        check_same(task)
        seconds = [[run[0] for run in result] for result in results]
        ours = statistics.median(seconds[0])
        cells = [task.name, count_lines("out0"), "%.2f" % ours, "%.0f" % (ours / rows * 1e9)]
        for theirs in seconds[1:]:
            ratios = [b / a for a, b in zip(seconds[0], theirs)]
            cells += ["%.2f" % statistics.median(theirs), "%.1f" % statistics.median(ratios)]
        sides.row(*cells, ", ".join("%.0f" % max(run[1] for run in result) for result in results))


main(*sys.argv[1:])
