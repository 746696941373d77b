"""How much of the engine's throughput the programs keep: see tests/bench/pipe."""
import os
import statistics
import struct
import subprocess
import sys
import time

from sides import Ours, Way

SCRATCH, RUNS, THREADS = sys.argv[1], int(os.environ["RUNS"]), [int(n) for n in os.environ["THREADS"].split()]
PICTURES = os.path.join(SCRATCH, "pictures.its")
READY = os.path.join(SCRATCH, "ready.its")
TURN = 3  # seconds of the engine's turn, at least


def batch_of(model):
    """Pictures per run, as the programs take them."""
    listing = subprocess.run(["imgfeat", "-m", model, "--explain"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return int(listing.split("\n")[1].split("\t")[3].split("x")[0])


class Network:
    """A model file, and for each image of the engine's the same grey."""

    def __init__(self, path, size, images):
        self.path, self.image, self.input = path, [3, size, size], os.path.join(SCRATCH, "pipe.input")
        with open(self.input, "wb") as file:
            file.write(struct.pack("<f", 0.5) * (images * 3 * size * size))


def rate(command):
    """Rows a second, without the first tenth."""
    process = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE)
    times = [time.perf_counter() for _ in process.stdout]
    if process.wait() != 0:
        sys.exit("tests/bench/pipe: failed: " + command)
    first = len(times) // 10
    return (len(times) - 1 - first) / (times[-1] - times[first])


def prepare(size):
    return "imgprep -q -j 1 --size %d --mean 128 --std 128 '%s'" % (size, PICTURES)


def bench(model, threads, batch, size):
    classify = "imgclassify -q -j %d -m '%s' " % (threads, model)
    rates = {"engine": [], "file": [], "pipe": []}
    with Ours(os.path.join(SCRATCH, "engine"), Network(model, size, threads * batch), Way(threads, 1, batch), SCRATCH) as engine:
        engine.load()
        engine.warm(TURN)
        for _ in range(RUNS):
            rates["engine"].append(engine.rate())
            rates["file"].append(rate(classify + "'%s'" % READY))
            rates["pipe"].append(rate(prepare(size) + " | " + classify))
    shares = {name: statistics.median(100 * a / b for a, b in zip(rates[name], rates["engine"])) for name in ("file", "pipe")}
    print("%-24s %7d %5d %9.2f %9.2f %7.1f %% %9.2f %7.1f %%" % (
        os.path.basename(model)[:24], threads, batch, statistics.median(rates["engine"]), statistics.median(rates["file"]),
        shares["file"], statistics.median(rates["pipe"]), shares["pipe"]), flush=True)


print("imgclassify against the engine, images per second, %d alternating rounds" % RUNS)
print("%-24s %7s %5s %9s %9s %9s %9s %9s" % ("network", "threads", "batch", "engine", "file", "share", "pipe", "share"))
for path in sys.argv[2:]:
    size = int(os.environ["SIZE"] or (299 if "inception" in path else 224))
    subprocess.run(["sh", "-c", prepare(size) + " -o '%s'" % READY], check=True)
    batch = batch_of(path)
    for threads in THREADS:
        bench(path, threads, batch, size)
