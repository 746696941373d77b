#!/bin/sh
# If this fails, programs that read the predictions as JSON or as a stream get something else than the table says.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

mkdir -p in/left
picture in/left/a.ppm 100 110 120
picture 'in/left/b "ö.ppm' 120 100 90
echo 'not a picture' >in/left/z.jpg
imgextract in 2>err | prepare 2>err >ready.its
network named.onnx logits imgutils.labels 're"d\ngreen\nblue'
status 0 "tsv" imgclassify -m named.onnx --format tsv ready.its
mv out expected.tsv

status 0 "jsonl" imgclassify -m named.onnx --format jsonl ready.its
mv out out.jsonl
cat >check.py <<'END'
import json
rows = [json.loads(line) for line in open("out.jsonl", encoding="utf-8")]
table = [line.rstrip("\n").split("\t") for line in open("expected.tsv", encoding="utf-8")]
assert len(rows) == len(table), (len(rows), len(table))
for row, cells in zip(rows, table):
    assert row["key"] == cells[0] and row["label"] == cells[1], (row, cells)
    if cells[2] == "!error":
        assert row["error"] == cells[3] and "predictions" not in row, row
        continue
    flat = [str(x) for p in row["predictions"] for x in (p["class"], p["probability"])]
    assert [c if i % 2 == 0 else float(c) for i, c in enumerate(flat)] == \
        [c if i % 2 == 0 else float(c) for i, c in enumerate(cells[2:])], (flat, cells)
END
ok "jsonl says what tsv says" python3 check.py

status 0 "its" imgclassify -m named.onnx --format its -o out.its ready.its
imgcat out.its >listing
equals "its: tensors of all probabilities, with key and label" "$(cut -f 1-5 listing | head -n 1)" \
    "$(printf 'left/a.ppm\ttensor\tf32\t3\tleft')"
equals "its: the error record passes on" "$(cut -f 2 listing | tail -n 1)" error
ok "its: sound" imgcat --check out.its
cat >npy.py <<'END'
import struct, sys
data = open("out.npy", "rb").read()
values = struct.unpack("<6f", data[-24:])
expected = (0.0900306, 0.244728, 0.665241, 0.843795, 0.114195, 0.0420101)
assert all(abs(a - b) < 1e-6 for a, b in zip(values, expected)), values
END
imgcat --npy out.its >out.npy 2>err # which names the error record
ok "its: in the order of the network's outputs" python3 npy.py
status 2 "another format" imgclassify -m named.onnx --format xml ready.its
contains "says which there are" err "expected tsv, jsonl or its"
status 2 "--header with jsonl" imgclassify -m named.onnx --header --format jsonl ready.its
tap_done
