"""PyTorch's side of tests/bench/train, in a process of its own:

    train_peer.py FORMAT MODEL.onnx THREADS BATCH DIM1 DIM2 DIM3 PIXELS

FORMAT is how PyTorch lays out pictures: contiguous or channels_last. The network is that of the model, with its weights, made of
PyTorch's own modules. Lines on standard input and output are as train.c has them. What Python needs to import PyTorch is done before
`ready` is said, so that it counts neither as time nor as memory.
"""
import sys
import time

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.constants = {x.name: torch.from_numpy(numpy_helper.to_array(x).copy()) for x in graph.initializer}
        self.input = next(x.name for x in graph.input if x.name not in self.constants)
        self.output = graph.output[0].name
        self.steps = [([x for x in node.input if x not in self.constants], node.output[0], self.module(node)) for node in graph.node]
        self.modules_ = nn.ModuleList(module for _, _, module in self.steps if isinstance(module, nn.Module))

    def module(self, node):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        weights = [self.constants[x] for x in node.input if x in self.constants]
        if node.op_type == "Conv":
            pads = attributes.get("pads", [0, 0, 0, 0])
            assert pads[:2] == pads[2:], "pads differ"
            outputs, inputs, *kernel = weights[0].shape
            groups = attributes.get("group", 1)
            made = nn.Conv2d(inputs * groups, outputs, kernel, attributes.get("strides", 1), pads[:2], attributes.get("dilations", 1), groups, len(weights) > 1)
            state = dict(zip(("weight", "bias"), weights))
        elif node.op_type == "BatchNormalization":
            made = nn.BatchNorm2d(len(weights[0]), attributes.get("epsilon", 1e-5))
            state = dict(zip(("weight", "bias", "running_mean", "running_var"), weights))
        elif node.op_type == "Gemm":
            made = nn.Linear(weights[0].shape[1], weights[0].shape[0], len(weights) > 1)
            state = dict(zip(("weight", "bias"), weights))
        elif node.op_type == "Dropout":
            return nn.Dropout(float(weights[0]) if weights else attributes["ratio"])
        elif node.op_type == "MaxPool":
            return nn.MaxPool2d(attributes["kernel_shape"], attributes.get("strides", 1), attributes.get("pads", [0, 0])[:2])
        elif node.op_type == "Flatten":
            return nn.Flatten()
        else:
            return {"Relu": functional.relu, "Add": torch.add, "Identity": lambda x: x,
                    "GlobalAveragePool": lambda x: functional.adaptive_avg_pool2d(x, 1)}[node.op_type]
        made.load_state_dict(state, strict=False)
        return made

    def forward(self, x):
        values = {self.input: x}
        for inputs, output, module in self.steps:
            values[output] = module(*[values[name] for name in inputs])
        return values[self.output]


def main(layout, path, threads, batch, channels, height, width, pixels):
    torch.set_num_threads(int(threads))
    print("ready", flush=True)
    layout = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}[layout]
    network = Network(path).to(memory_format=layout)
    images = np.fromfile(pixels, np.float32).reshape(int(batch), int(height), int(width), int(channels))
    images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).contiguous(memory_format=layout)
    labels = torch.arange(int(batch)) % 10
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    optimiser = torch.optim.SGD([{"params": decayed, "weight_decay": 1e-4}, {"params": others}], lr=0.01, momentum=0.9)
    for line in sys.stdin:
        start, used = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            optimiser.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(network(images), labels)
            loss.backward()
            optimiser.step()
        print("%.6f %.6f %.6f" % (time.perf_counter() - start, time.process_time() - used, loss.item()), flush=True)


main(*sys.argv[1:])
