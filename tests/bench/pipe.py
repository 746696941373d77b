"""How much of the engine's throughput the programs keep: see tests/bench/pipe."""
import os
import statistics
import subprocess
import sys
import time

SCRATCH, RUNS, THREADS = sys.argv[1], int(os.environ["RUNS"]), [int(n) for n in os.environ["THREADS"].split()]
PICTURES = os.path.join(SCRATCH, "pictures.its")
READY = os.path.join(SCRATCH, "ready.its")
INPUT = os.path.join(SCRATCH, "pipe.input")
TURN = 3  # seconds of the engine's turn, at least


def batch_of(model):
    """Pictures per run, as the programs take them."""
    listing = subprocess.run(["imgfeat", "-m", model, "--explain"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return int(listing.split("\n")[1].split("\t")[3].split("x")[0])


class Engine:
    def __init__(self, model, threads, batch, size):
        with open(INPUT, "wb") as file:
            file.write(b"\0\0\0\x3f" * (batch * threads * size[0] * size[1] * size[2]))  # 0.5
        self.images = threads * batch
        command = [SCRATCH + "/engine", model, threads, batch, size[2], size[0], size[1], INPUT, "/dev/null"]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        self.process.stdout.readline()
        self.ask("load")
        self.runs = 1 + int(TURN / self.ask("1"))

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        return float(self.process.stdout.readline())

    def rate(self):
        return self.runs * self.images / self.ask(str(self.runs))

    def end(self):
        self.process.communicate()


def rate(command):
    """Rows a second, without the first tenth."""
    process = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE)
    times = [time.perf_counter() for _ in process.stdout]
    if process.wait() != 0:
        sys.exit("tests/bench/pipe: failed: " + command)
    first = len(times) // 10
    return (len(times) - 1 - first) / (times[-1] - times[first])


def prepare(size):
    return "imgprep -q -j 1 --size %dx%d --mean 128 --std 128 '%s'" % (size[1], size[0], PICTURES)


def bench(model, threads, batch, size):
    engine = Engine(model, threads, batch, size)
    classify = "imgclassify -q -j %d -m '%s' " % (threads, model)
    rates = {"engine": [], "file": [], "pipe": []}
    for _ in range(RUNS):
        rates["engine"].append(engine.rate())
        rates["file"].append(rate(classify + "'%s'" % READY))
        rates["pipe"].append(rate(prepare(size) + " | " + classify))
    engine.end()
    shares = {name: statistics.median(100 * a / b for a, b in zip(rates[name], rates["engine"])) for name in ("file", "pipe")}
    print("%-24s %7d %5d %9.2f %9.2f %7.1f %% %9.2f %7.1f %%" % (
        os.path.basename(model)[:24], threads, batch, statistics.median(rates["engine"]), statistics.median(rates["file"]),
        shares["file"], statistics.median(rates["pipe"]), shares["pipe"]), flush=True)


print("imgclassify against the engine, images per second, %d alternating rounds" % RUNS)
print("%-24s %7s %5s %9s %9s %9s %9s %9s" % ("network", "threads", "batch", "engine", "file", "share", "pipe", "share"))
for path in sys.argv[2:]:
    size = [299, 299, 3] if "inception" in path else [224, 224, 3]
    subprocess.run(["sh", "-c", prepare(size) + " -o '%s'" % READY], check=True)
    batch = batch_of(path)
    for threads in THREADS:
        bench(path, threads, batch, size)
