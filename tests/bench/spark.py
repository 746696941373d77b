"""What tests/bench/spark runs: spark.py FOLDER ARCHIVE MODEL, with the archive's files in FOLDER/pictures."""
import collections
import contextlib
import ctypes
import fcntl
import glob
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time

import sides

FOLDER, ARCHIVE, MODEL = sys.argv[1:]
OUT = os.path.join(FOLDER, "out")
JOB = os.path.join(sides.HERE, "spark_job.py")
PREPARE = "--size 224 --filter pil13-bilinear --mean 128 --std 128"

Side = collections.namedtuple("Side", "name command")
Turn = collections.namedtuple("Turn", "wall processor peak")

SIDES = [
    Side("one line of shell", "imgextract '%s' | imgprep -q -j 2 %s | imgclassify -q -j 2 -k 1 -m '%s' > %s" % (ARCHIVE, PREPARE, MODEL, OUT)),
    Side("img-map -j 2", "img-map -q -j 2 --split 8 -o %s 'imgextract {} | imgprep -q -j 1 %s | imgclassify -q -j 1 -k 1 -m %s' '%s'"
         % (OUT, PREPARE, MODEL, ARCHIVE)),
    Side("Spark, local[2]", "'%s' '%s' 'file://%s/pictures' '%s' 'file://%s' 2>/dev/null" % (sys.executable, JOB, FOLDER, MODEL, OUT))]


def descendants():
    """The processes below this one. Those whose parent has ended are ours, too: this one adopts them."""
    children = collections.defaultdict(list)
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(path, encoding="latin-1") as file:
            children[int(file.read().rsplit(")", 1)[1].split()[1])].append(int(path.split("/")[2]))
    found, wanted = [], [os.getpid()]
    while wanted:
        below = children[wanted.pop()]
        found += below
        wanted += below
    return found


def memory(pid):
    """KiB."""
    with contextlib.suppress(OSError), open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
    return 0


class Sampler(threading.Thread):
    def __init__(self):
        super().__init__()
        self.peak, self.ended = 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, sum(map(memory, descendants())))


def processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reap():
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def turn(side):
    shutil.rmtree(OUT, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.remove(OUT)
    sampler, used = Sampler(), processor()
    sampler.start()
    start = time.perf_counter()
    process = subprocess.Popen(["sh", "-c", side.command])
    code = process.wait()
    wall = time.perf_counter() - start
    reap()
    sampler.ended.set()
    sampler.join()
    if code != 0:
        sys.exit("tests/bench/spark: failed: " + side.command)
    return Turn(wall, processor() - used, sampler.peak / 1024), predictions()


def predictions():
    """{picture: class}, of columns key, label, class ... or key, class ..."""
    paths = [OUT] if os.path.isfile(OUT) else glob.glob(OUT + "/part-*") + glob.glob(OUT + "/*.tsv")
    rows = [line.rstrip("\n").split("\t") for path in paths for line in open(path, encoding="utf-8")]
    return {row[0]: row[-2] for row in rows if row[:2] != ["key", "label"]}


@contextlib.contextmanager
def locked(path):
    if not path:
        yield
        return
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lines_of_code(path):
    with open(path, encoding="utf-8") as file:
        return sum(1 for line in file if line.strip() and not line.lstrip().startswith(("#", '"""')))


def main():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: adopt what Java and img-map leave behind
    turns, answers = [[] for _ in SIDES], [{} for _ in SIDES]
    for number in range(int(os.environ["RUNS"])):
        for k in range(len(SIDES))[:: -1 if number % 2 else 1]:
            with locked(os.environ["LOCK"]):
                result, answers[k] = turn(SIDES[k])
            turns[k].append(result)
    pictures, codes = len(answers[0]), [1, 1, lines_of_code(JOB)]
    sides.row("", "pictures/s", "wall s", "Spark's / ours", "quartiles", "processor s", "Spark's / ours", "quartiles", "peak MiB", "lines of code",
              "same top-1")
    sides.row(*["---"] * 11)
    for k, side in enumerate(SIDES):
        wall = [a.wall / b.wall for a, b in zip(turns[-1], turns[k])]
        used = [a.processor / b.processor for a, b in zip(turns[-1], turns[k])]
        seconds = statistics.median(t.wall for t in turns[k])
        sides.row(side.name, "%.0f" % (pictures / seconds), "%.2f" % seconds, "%.2f" % statistics.median(wall), sides.quartiles(wall),
                  "%.1f" % statistics.median(t.processor for t in turns[k]), "%.2f" % statistics.median(used), sides.quartiles(used),
                  "%.0f" % max(t.peak for t in turns[k]), codes[k],
                  "%d of %d" % (sum(answers[0].get(key) == best for key, best in answers[k].items()), pictures))
    print("load average: %.1f" % os.getloadavg()[0])


main()
