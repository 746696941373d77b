"""Times the engine against its peers and prints Markdown tables: tests/bench/engine says how, and what they mean."""
import contextlib
import importlib.metadata
import importlib.util
import os
import statistics
import sys

import numpy as np
import onnx

from sides import Ours, Peer, Way, alternate, quartiles, row

PROGRAM, SCRATCH = sys.argv[1:3]
RUNS, STARTS = int(os.environ["RUNS"]), int(os.environ["STARTS"])
THREADS, BATCHES = [[int(n) for n in os.environ[name].split()] for name in ("THREADS", "BATCHES")]
TOLERANCE = 1e-4
# Those installed: name and Python's package.
PEERS = {name: package for name, package in (("ONNX Runtime", "onnxruntime"), ("OpenVINO", "openvino"))
         if importlib.util.find_spec(package)}


class Network:
    """A model file, and random images for it."""

    def __init__(self, path):
        self.path, self.name = path, os.path.basename(path).rsplit(".", 1)[0]
        graph = onnx.load(path, load_external_data=False).graph
        weights = {weight.name for weight in graph.initializer}
        x = next(x for x in graph.input if x.name not in weights)
        self.image = [d.dim_value or 224 for d in x.type.tensor_type.shape.dim[1:]]
        self.input = os.path.join(SCRATCH, self.name + ".input")
        images = np.random.default_rng(1).standard_normal([max(BATCHES) * max(THREADS)] + self.image)
        images.astype(np.float32).tofile(self.input)
        self.best = {}

    def ours(self, way):
        return Ours(PROGRAM, self, way, SCRATCH)

    def peer(self, name, way):
        return Peer(PEERS[name], self, way, SCRATCH)

    def best_way(self, name, threads):
        """The fastest of the ways in which a peer can use several threads, whatever the batch."""
        if (name, threads) not in self.best:
            rates = {}
            for way in [Way(*use, batch) for use in ((1, threads), (threads, 1)) for batch in BATCHES]:
                with self.peer(name, way) as side:
                    side.load()
                    side.warm()
                    rates[way] = max(side.rate() for _ in range(3))
            self.best[name, threads] = max(rates, key=rates.get)
        return self.best[name, threads]


def header(first, last):
    cells = first + [cell for peer in PEERS for cell in (peer, "ratio", "quartiles")] + last
    print()
    row(*cells)
    row(*["---"] * len(cells))


def compare(theirs, ratios, note=""):
    """The cells about a peer."""
    return ["%.1f%s" % (statistics.median(theirs), note), "%.2f" % statistics.median(ratios), quartiles(ratios)]


def result(side):
    """A row for each image. Its file is that of every side: to be read before the next one loads."""
    return np.fromfile(side.output, np.float32).reshape(side.way.calls * side.way.batch, -1)


def difference(ours, theirs):
    """The largest error relative to the largest output, and how many images have another top-1."""
    n = min(len(ours), len(theirs))
    ours, theirs = ours[:n], theirs[:n]
    return np.abs(ours - theirs).max() / np.abs(theirs).max(), int((ours.argmax(1) != theirs.argmax(1)).sum())


def throughput(network, threads, batch):
    """Prints a row; returns whether the results are right."""
    ways = [Way(1, 1, batch) if threads == 1 else network.best_way(peer, threads) for peer in PEERS]
    with contextlib.ExitStack() as stack:
        sides = [stack.enter_context(network.ours(Way(threads, 1, batch)))]
        sides += [stack.enter_context(network.peer(peer, way)) for peer, way in zip(PEERS, ways)]
        results = []
        for side in sides:
            side.load()
            results.append(result(side))
            side.warm()
        ours, *theirs = alternate(RUNS, lambda side: side.rate(), sides)
        cells = []
        for way, rates in zip(ways, theirs):
            note = "" if threads == 1 else " (%d of %d)" % (way.calls, way.batch)
            cells += compare(rates, [a / b for a, b in zip(ours, rates)], note)
        errors, others = zip(*[difference(results[0], other) for other in results[1:]])
        row(network.name, threads, batch, "%.1f" % statistics.median(ours), *cells,
            ", ".join("%.0f" % side.peak() for side in sides), "%.1e" % max(errors), "different" if any(others) else "equal")
    return max(errors) <= TOLERANCE and not any(others)


def start(network):
    """Prints a row about the first result of fresh processes: one thread, one image."""
    def first(make):
        with make() as side:
            return 1e3 * side.load(), side.peak()

    way = Way(1, 1, 1)
    makers = [lambda: network.ours(way)] + [lambda peer=peer: network.peer(peer, way) for peer in PEERS]
    results = alternate(STARTS, first, makers)
    ours, *theirs = [[seconds for seconds, _ in result] for result in results]
    cells = [cell for times in theirs for cell in compare(times, [b / a for a, b in zip(ours, times)])]
    row(network.name, "%.1f" % statistics.median(ours), *cells,
        ", ".join("%.0f" % statistics.median(peak for _, peak in result) for result in results))


def main(paths):
    networks = [Network(path) for path in paths]
    print("imgutils, " + ", ".join("%s %s" % (name, importlib.metadata.version(package)) for name, package in PEERS.items())
          + "; f32, %d rounds, %d starts; load average %.1f" % (RUNS, STARTS, os.getloadavg()[0]))
    header(["network", "threads", "batch", "images/s"], ["peak MiB", "largest error", "top-1"])
    right = [throughput(network, threads, batch) for network in networks for threads in THREADS for batch in BATCHES]
    header(["network", "first result, ms"], ["peak MiB"])
    for network in networks:
        start(network)
    if not all(right):
        sys.exit("tests/bench/engine: results differ")


main(sys.argv[3:])
