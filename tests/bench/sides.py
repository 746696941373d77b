"""The processes that tests/bench/engine and pipe let run in turn: ours and the peers', which all answer the same lines (engine.c)."""
import math
import os
import signal
import subprocess
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
TURN = 0.1  # seconds that a turn lasts at least, so that what the one before left in the caches does not count

# How the processors are used: so many calls at the same time, so many threads in each, and so many images.
Way = namedtuple("Way", "calls threads batch")


class Process:
    """A process that answers lines, and is stopped while it is not its turn: threads that wait for work by spinning, as ONNX Runtime's
    do, would take the others' processors."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                                        preexec_fn=os.setpgrp)
        self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def signal(self, number):
        """To the whole process group: OpenVINO's package starts processes of its own."""
        os.killpg(self.process.pid, number)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("%s: it failed: %s" % (sys.argv[0], " ".join(self.process.args)))
        self.signal(signal.SIGSTOP)
        return line

    def ask(self, line):
        self.signal(signal.SIGCONT)
        self.process.stdin.write("%s\n" % line)
        return self.answer()

    def memory(self, what):
        """MiB. Not from getrusage(), which counts the launcher before exec() too."""
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(what))


class Side(Process):
    """Runs a model (of the network: its path, the shape of an image, a file of images)."""

    def __init__(self, command, network, way, scratch):
        self.way, self.output = way, os.path.join(scratch, "output")
        super().__init__(command + [network.path, str(way.calls), str(way.batch), *map(str, network.image), network.input, self.output])

    def ask(self, line):
        """The seconds it took."""
        return float(super().ask(line))

    def load(self):
        """Seconds from the model's file to the first result; the results are then in the file `output`."""
        return self.ask("load")

    def warm(self, turn=TURN):
        """A turn lasts so many seconds from now on."""
        self.ask(1)
        self.runs = math.ceil(turn / self.ask(1))

    def rate(self):
        """Images per second of one turn."""
        return self.way.calls * self.way.batch * self.runs / self.ask(self.runs)


class Ours(Side):
    def __init__(self, program, network, way, scratch):
        super().__init__([program], network, way, scratch)

    def peak(self):
        return self.memory("VmHWM")


class Peer(Side):
    def __init__(self, package, network, way, scratch):
        command = [sys.executable, os.path.join(HERE, "peer.py"), package, str(way.threads)]
        super().__init__(command, network, way, scratch)
        self.interpreter = self.memory("VmRSS")

    def peak(self):
        """Without Python and the peer's libraries as they are once imported."""
        return self.memory("VmHWM") - self.interpreter


def alternate(rounds, work, sides):
    """work(side) of each in turn, and back again in the next round. One list of results for each side."""
    results = [[] for _ in sides]
    for i in range(rounds):
        for k in range(len(sides))[:: -1 if i % 2 else 1]:
            results[k].append(work(sides[k]))
    return results


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def quartiles(ratios):
    ratios, quarter = sorted(ratios), len(ratios) // 4
    return "%.2f-%.2f" % (ratios[quarter], ratios[-1 - quarter])
