"""Files of networks, as PyTorch's exporters write them."""

import contextlib
import os
import sys

import networks
import torch


@contextlib.contextmanager
def quiet():
    """The exporters tell much, partly from C++, on both streams."""
    sys.stdout.flush()
    kept, nowhere = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for descriptor in (nowhere, *kept):
            os.close(descriptor)


def export(network, size, path, opset, dynamo=False, keep=False, open_="", last=False, batch=1):
    """Input x, output y. dynamo: by torch.export, else by tracing; keep: BatchNormalization stays a node of its own; open_: which of
    "NHW" the file leaves open; last: the channels stand last; batch: where N is not open."""
    if last:
        network = networks.ChannelsLast(network).eval()
    batch = 2 if open_ else batch
    picture = torch.zeros(batch, *((size, size, 3) if last else (3, size, size)))
    axes = {"N": 0, "H": 1 if last else 2, "W": 2 if last else 3}
    if dynamo:
        options = {"external_data": False, "verbose": False}
        if open_:
            options["dynamic_shapes"] = ({axes[letter]: torch.export.Dim(letter) for letter in open_},)
    else:
        options = {"training": torch.onnx.TrainingMode.PRESERVE if keep else torch.onnx.TrainingMode.EVAL,
                   "dynamic_axes": {name: {axes[letter]: letter for letter in letters} for name, letters in
                                    (("x", open_), ("y", open_[:1]))}}
    torch.backends.mha.set_fastpath_enabled(False)  # an operator that nobody can export
    with torch.no_grad(), quiet():
        torch.onnx.export(network, (picture,), path, dynamo=dynamo, opset_version=opset, input_names=["x"], output_names=["y"],
                          **options)
