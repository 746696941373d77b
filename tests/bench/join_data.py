"""The tables that tests/bench/join measures with, as Open Images has them:

    join_data.py FOLDER CLASSES-CSV [ROWS]

FOLDER/boxes.csv    ROWS (14,610,229) boxes under the real header, grouped by image as in the real table: 601 classes, the six
                    cats among them as rare as they are there; confidences of machine-made boxes
FOLDER/images.csv   the 1,743,042 image ids, under the header ImageID,Subset, in another order
Seeded: the same bytes each time.
"""
import sys

import numpy as np

ROWS, IMAGES = 14_610_229, 1_743_042
HEADER = b"ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n"
CHUNK = 500_000


def digits(values, width):
    """Decimal digits, one byte each."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (values[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def words(texts):
    """Texts as rows of bytes, filled up with zeros, which pack() takes out."""
    array = np.array([t.encode() for t in texts])
    return array.view(np.uint8).reshape(len(texts), array.itemsize)


def pack(columns):
    comma = np.full((len(columns[0]), 1), ord(","), np.uint8)
    parts = [part for column in columns for part in (column, comma)]
    parts[-1] = np.full_like(comma, ord("\n"))
    rows = np.concatenate(parts, axis=1)
    return rows[rows != 0].tobytes()


def fraction(values):
    """0.012500, of millionths."""
    return np.concatenate([digits(values // 1_000_000, 1), np.full((len(values), 1), ord("."), np.uint8),
                           digits(values % 1_000_000, 6)], axis=1)


def hexadecimal(ids):
    nibbles = (ids[:, None] >> np.arange(60, -4, -4).astype(np.uint64)) & np.uint64(15)
    return np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles.astype(np.intp)]


def boxes(rng, file, ids, classes, rows):
    image = np.sort(rng.integers(0, len(ids), rows))
    weights = 1 / np.arange(1, len(classes) + 1) ** 1.1
    labels, sources = words(classes), words(["xclick", "activemil"])
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        label = rng.choice(len(classes), count, p=weights / weights.sum())
        machine = rng.random(count) < 0.1
        sure = fraction(rng.integers(500_000, 1_000_000, count))
        sure[~machine] = 0
        sure[~machine, 0] = ord("1")
        x, y = (np.sort(rng.integers(0, 1_000_001, (count, 2)), axis=1) for _ in range(2))
        flags = rng.choice(np.frombuffer(b"01", np.uint8), (5, count, 1))
        file.write(pack([hexadecimal(ids[image[start:start + count]]), sources[machine.astype(int)], labels[label], sure,
                         fraction(x[:, 0]), fraction(x[:, 1]), fraction(y[:, 0]), fraction(y[:, 1]), *flags]))


def main(folder, classes, rows=ROWS):
    rows = int(rows)
    rng = np.random.default_rng(20260)
    with open(classes, encoding="utf-8") as file:
        ids = [line.split(",", 1)[0] for line in file]
    ids = list(rng.permutation(ids))
    images = np.unique(rng.integers(0, 1 << 63, int(IMAGES * max(1, rows) / ROWS) + 1, dtype=np.uint64))
    with open(folder + "/boxes.csv", "wb") as file:
        file.write(HEADER)
        boxes(rng, file, images, ids, rows)
    subsets = words(["train", "validation", "test"])
    order = rng.permutation(len(images))
    with open(folder + "/images.csv", "wb") as file:
        file.write(b"ImageID,Subset\n")
        file.write(pack([hexadecimal(images[order]), subsets[rng.choice(3, len(order), p=[0.9, 0.04, 0.06])]]))


main(*sys.argv[1:])
