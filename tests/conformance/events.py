"""If this fails, TensorBoard shows something else than what imgtrain's log says: the event files of a training, and of one
that was resumed, through TensorBoard's own reader."""

import csv
import os
import shutil
import subprocess
import tempfile

import tap
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TAGS = {
    "train/loss": "loss",
    "train/accuracy": "accuracy",
    "train/learning_rate": "rate",
    "train/images_per_second": "images_per_second",
    "validation/loss": "validation_loss",
    "validation/accuracy": "validation_accuracy",
}


def shell(command):
    return subprocess.run(command, shell=True, check=False).returncode == 0


def shown(folder):
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def logged(path):
    with open(path, encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {tag: [(int(r["step"]), float(r[column])) for r in rows if r[column]] for tag, column in TAGS.items()}


def compare(name, folder, log):
    got, expected = shown(folder), logged(log)
    tap.ok(sorted(got) == sorted(TAGS), f"{name}: the tags are {', '.join(sorted(got))}")
    for tag, values in expected.items():
        same = [s for s, _ in values] == [s for s, _ in got.get(tag, [])] and all(
            abs(a - b) <= 1e-4 * abs(a) for (_, a), (_, b) in zip(values, got[tag]))
        tap.ok(values and same, f"{name}: {tag}: {len(values)} values as in the log")


def main():
    os.chdir(tempfile.mkdtemp())
    shell(f"cp {os.environ['SRCDIR']}/models/shapes.net . && drawshapes -n 60 | imgextract | imgprep --size 16 -o train.its")
    train = ("imgtrain -q -n shapes.net --batch 10 --schedule constant --val train.its --log log.tsv --tensorboard runs/a "
             "--checkpoint check -o model.onnx train.its ")
    os.mkdir("runs")
    tap.ok(shell(train + "--epochs 2"), "imgtrain writes events")
    compare("a training", "runs/a", "log.tsv")
    shutil.copy("check", "early")
    tap.ok(shell(train + "--resume --epochs 4"), "it goes on")
    shutil.copy("early", "check")
    tap.ok(shell(train + "--resume --epochs 3"), "again, from before")
    compare("a training that was resumed", "runs/a", "log.tsv")
    tap.done()


main()
