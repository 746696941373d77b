"""A peer's side of tests/bench/engine, in a process of its own:

    peer.py PEER THREADS MODEL CALLERS BATCH DIM1 DIM2 DIM3 INPUT OUTPUT

PEER is onnxruntime or openvino. THREADS work together on each call; CALLERS Python threads call at the same time, each with
images of its own. The rest, and the lines on standard input and output, are as engine.c has them. What Python needs to
import a peer is done before `ready` is said, so that it counts neither as time nor as memory of the peer.
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np


class OnnxRuntime:
    """One session, as ONNX Runtime's documentation advises: run() may be called from several threads."""

    def __init__(self):
        import onnxruntime
        self.library = onnxruntime

    def load(self, path, threads, callers):
        options = self.library.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = self.library.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def run(self, caller, images):
        return self.session.run(None, {self.name: images})[0]


class OpenVINO:
    """One compiled model with a stream and an infer request for each caller. By itself it would take bfloat16 where the
    processor has it, and pin its threads, which makes them wait for a processor that something else uses."""

    def __init__(self):
        import openvino
        self.library = openvino

    def load(self, path, threads, callers):
        self.model = self.library.Core().compile_model(path, "CPU", {
            "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False,
            "NUM_STREAMS": callers, "INFERENCE_NUM_THREADS": threads * callers})
        self.requests = [self.model.create_infer_request() for _ in range(callers)]

    def run(self, caller, images):
        return self.requests[caller].infer([images])[0]


def main(package, threads, path, callers, batch, dim1, dim2, dim3, input_path, output_path):
    peer = {"onnxruntime": OnnxRuntime, "openvino": OpenVINO}[package]()
    threads, callers = int(threads), int(callers)
    shape = [callers, int(batch), int(dim1), int(dim2), int(dim3)]
    images = np.fromfile(input_path, np.float32, np.prod(shape)).reshape(shape)
    pool = ThreadPoolExecutor(callers)

    def call(caller, runs):
        for _ in range(runs):
            result = peer.run(caller, images[caller])
        return result

    def turn(runs):
        return list(pool.map(lambda caller: call(caller, runs), range(callers)))

    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        if line == "load\n":
            peer.load(path, threads, callers)
            call(0, 1)
            seconds = time.perf_counter() - start
            np.concatenate([np.asarray(x) for x in turn(1)]).tofile(output_path)
        else:
            turn(int(line))
            seconds = time.perf_counter() - start
        print("%.6f" % seconds, flush=True)


main(*sys.argv[1:])
