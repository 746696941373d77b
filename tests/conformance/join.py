"""imgjoin against DuckDB and pandas: random tables, written as CSV in many ways and as TSV, joined, filtered and made distinct. And the
way from the tables of Open Images to pixels against Pillow, on the sample in the shared data."""

import csv
import gzip
import io
import os
import random
import subprocess
import tempfile

import duckdb
import its
import numpy
import pandas
import PIL
import tap
from PIL import Image

TEXTS = ["", "a", "b", "a b", 'say "x"', "x,y", "two\nlines", "tab\there", "back\\slash", "\u00e4\u03b1", " blank ", "'", "1;2", "#2", "\\n"]
NUMBERS = ["", "0", "1", "1.0", "-2.5", "1e2", "0.1", "00.5", "123456789012345678", ".5", "7."]


def table(rng, rows, columns):
    """Rows of text: i, k (few values, so that they match), k2, n (numbers), and texts."""
    keys = ["k%d" % i for i in range(rng.choice([3, 20, 200]))] + TEXTS[1:4]
    make = {"i": lambda i: str(i), "k": lambda i: rng.choice(keys), "k2": lambda i: rng.choice("xyz"),
            "n": lambda i: rng.choice(NUMBERS)}
    return pandas.DataFrame({c: [make.get(c, lambda i: rng.choice(TEXTS))(i) for i in range(rows)] for c in columns}, dtype=str)


def write(rng, frame, path):
    """The options that say how it is to be read."""
    options, text = [], io.StringIO(newline="")
    kind = rng.choice(["csv", "semicolon", "tsv"] + ["headless"] * (len(frame) > 0))
    if kind == "tsv":
        escape = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
        for row in [list(frame.columns)] + frame.values.tolist():
            text.write("\t".join(cell.translate(escape) for cell in row) + "\n")
    else:
        delimiter = ";" if kind == "semicolon" else ","
        writer = csv.writer(text, delimiter=delimiter, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
                            lineterminator=rng.choice(["\n", "\r\n"]))
        if kind == "headless":
            options = ["--columns", ",".join(frame.columns)]
        else:
            writer.writerow(frame.columns)
        writer.writerows(frame.values.tolist())
        # by the first line it may look like TSV
        options += ["--delimiter", ";"] if kind == "semicolon" else ["--format", "csv"]
    data = text.getvalue().encode()
    if kind != "tsv" and rng.random() < 0.3:
        data = data.rstrip(b"\r\n")
    data = rng.choice([b"", b"\xef\xbb\xbf"]) + data
    with open(path, "wb") as file:
        file.write(gzip.compress(data) if rng.random() < 0.3 else data)
    return options


def ours(*words):
    """The rows of --csv, or of TSV."""
    done = subprocess.run(["imgjoin", "-q"] + list(words), capture_output=True, check=True).stdout.decode()
    if "--csv" in words:
        return list(csv.reader(io.StringIO(done, newline="")))[1:]
    meant = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}

    def decode(cell):
        parts = cell.split("\\\\")
        return "\\".join("".join(meant[p[0]] + p[1:] if i else p for i, p in enumerate(part.split("\\"))) for part in parts)
    return [[decode(cell) for cell in line.split("\t")] for line in done.split("\n")[1:-1]]


def theirs(connection, query):
    return [["" if cell is None else cell for cell in row] for row in connection.execute(query).fetchall()]


# Pillow 13 changed the order of the passes of a resize.
FILTER = "pil13-bilinear" if int(PIL.__version__.split(".")[0]) >= 13 else "pil-bilinear"
FIRST = "(select * from r qualify row_number() over (partition by k order by cast(i as int)) = 1)"
ORDER = " order by cast(l.i as int)"
EACH = ORDER + ", cast(r.i as int)"
NUMBER = "try_cast(nullif(l.n, '') as double)"
# name, options of the left side, of the table, query
QUERIES = [
    ("inner", [], [], "select l.*, r.t, r.u from l join %s r on l.k = r.k" % FIRST + ORDER),
    ("inner, each", [], ["--each"], "select l.*, r.t, r.u from l join r on l.k = r.k" + EACH),
    ("left", [], ["--how", "left"], "select l.*, r.t, r.u from l left join %s r on l.k = r.k" % FIRST + ORDER),
    ("left, each", [], ["--how", "left", "--each"], "select l.*, r.t, r.u from l left join r on l.k = r.k" + EACH + " nulls first"),
    ("semi", [], ["--how", "semi"], "select l.* from l semi join r on l.k = r.k" + ORDER),
    ("anti", [], ["--how", "anti"], "select l.* from l anti join r on l.k = r.k" + ORDER),
    ("two columns", [], ["--on", "k,k2=v", "--each"], "select l.*, r.t, r.u from l join r on l.k = r.k and l.k2 = r.v" + EACH),
    ("numbers", ["-w", "n>=0.1", "-w", "n<100"], ["--how", "left"],
     "select l.*, r.t, r.u from l left join %s r on l.k = r.k where %s >= 0.1 and %s < 100" % (FIRST, NUMBER, NUMBER) + ORDER),
    ("one number", ["-w", "n==1"], ["--how", "left"],
     "select l.*, r.t, r.u from l left join %s r on l.k = r.k where %s = 1" % (FIRST, NUMBER) + ORDER),
    ("texts", ["-w", "t!=a|x,y|"], ["-w", 'u=a|say "x"|two\nlines', "--each"],
     "select l.*, r.t, r.u from l join r on l.k = r.k where l.t not in ('a', 'x,y', '') and r.u in ('a', 'say \"x\"', 'two\nlines')" + EACH),
    ("expressions", ["-w", "t~^[ab]"], ["-w", "t!~[0-9]$", "--each"],
     "select l.*, r.t, r.u from l join r on l.k = r.k where regexp_matches(l.t, '^[ab]') and not regexp_matches(r.t, '[0-9]$')" + EACH),
    ("bytes", ["-w", "t>b"], ["--how", "semi"], "select l.* from l semi join r on l.k = r.k where encode(l.t) > encode('b')" + ORDER),
    ("distinct", ["--distinct", "k,k2"], ["--how", "semi"],
     "select l.* from (select * from l semi join r on l.k = r.k) l qualify row_number() over (partition by k, k2 order by cast(i as int)) = 1"
     + ORDER),
]


def random_tables():
    rng = random.Random(20261)
    compared = dict.fromkeys([name for name, *_ in QUERIES] + ["pandas: merge"], 0)
    wrong = []
    for turn in range(40):
        left = table(rng, rng.choice([0, 1, 50, 2000]), ["i", "k", "k2", "n", "t"])
        right = table(rng, rng.choice([1, 30, 500]), ["i", "k", "v", "t", "u"])
        right["v"] = [rng.choice("xyz") for _ in range(len(right))]
        headers = write(rng, left, "l"), write(rng, right, "r")
        connection = duckdb.connect()
        connection.register("l", left)
        connection.register("r", right)
        for name, of_left, of_table, query in QUERIES:
            on = [] if "--on" in of_table else ["--on", "k"]
            select = [] if "semi" in of_table or "anti" in of_table else ["--select", "t,u"]
            words = headers[0] + of_left + rng.choice([[], ["--csv"]]) + ["-t", "r"] + headers[1] + on + select + of_table + ["l"]
            got, expected = ours(*words), theirs(connection, query)
            compared[name] += len(expected)
            if got != expected:
                wrong.append((turn, name, words, next(((a, b) for a, b in zip(got, expected) if a != b), (len(got), len(expected)))))
        merged = left.merge(right[["k", "t", "u"]], on="k", suffixes=("", ".2")).values.tolist()
        compared["pandas: merge"] += len(merged)
        if ours(*headers[0], "--csv", "-t", "r", *headers[1], "--on", "k", "--select", "t,u", "--each", "l") != merged:
            wrong.append((turn, "pandas: merge"))
    for name, rows in compared.items():
        tap.ok(not any(w[1] == name for w in wrong) and rows > 0, "%s: %d rows in 40 pairs of tables" % (name, rows))
    for w in wrong[:5]:
        tap.note(repr(w))


def open_images():
    """Every box of the sample, by imgjoin and imgprep, and by pandas and Pillow."""
    folder = os.path.join(os.environ["SHARED"], "data/open-images")
    if not os.path.isdir(folder):
        tap.skip("boxes of Open Images", "no shared data")
        return
    archive, boxes = folder + "/openimages-sample.tar", folder + "/openimages-sample-boxes.csv"
    classes = folder + "/openimages-class-descriptions-boxable.csv"
    subprocess.run("imgjoin -q -t %s --columns LabelName,LabelText %s > named.tsv && tar -xf %s && imgextract %s |"
                   "imgjoin -q -t named.tsv --each --box XMin,YMin,XMax,YMax --label LabelText --select - |"
                   "imgprep --size 64 --filter %s > chips.its" % (classes, boxes, archive, archive, FILTER), shell=True, check=True)
    table_ = pandas.read_csv(boxes).merge(pandas.read_csv(classes, header=None, names=["LabelName", "LabelText"]), on="LabelName")
    by_image = {name: rows for name, rows in table_.groupby("ImageID", sort=False)}
    seen, equal, labels = set(), 0, 0
    with open("chips.its", "rb") as file:
        for _, key, attributes, _, _, payload in its.read(file):
            path, number = key.rsplit("#", 1)
            row = by_image[os.path.basename(path)[:-4]].iloc[int(number) - 1]
            image = Image.open(path).convert("RGB")
            edges = [round(f * s) for f, s in zip(row[["XMin", "YMin", "XMax", "YMax"]], image.size * 2)]
            expected = numpy.asarray(image.crop(edges).resize((64, 64), Image.Resampling.BILINEAR))
            equal += numpy.array_equal(numpy.frombuffer(payload, "u1").reshape(64, 64, 3), expected)
            labels += attributes["label"] == row.LabelText
            seen.add(key)
    tap.ok(len(seen) == len(table_) == 192, "Open Images: each of %d boxes is a record" % len(table_))
    tap.ok(labels == len(table_), "its label is the name of its class")
    tap.ok(equal == len(table_), "its pixels are those of Pillow's crop and resize: %d of %d" % (equal, len(table_)))


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    random_tables()
    open_images()
    os.chdir("/")
tap.done()
