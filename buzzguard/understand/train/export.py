"""Networks as graphs that onnxruntime runs: weights in 8 bits, the vectors of pieces as input."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from buzzguard.understand.train.fixed_scales import Inputs, fix_scales
from buzzguard.understand.train.loop import BATCH, padded

VECTORS, MASK, LOGITS = "vectors", "mask", "logits"


class _OfVectors(torch.nn.Module):
    """What is exported: the embedding stays outside, in 4 bits."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.net.of_vectors(vectors, mask)
        return logits


def write_graph(net: Any, path: Path, sample: Sequence[Inputs], exact: Sequence[str] = ()) -> None:
    """Write `net` to `path` as ONNX with weights in 8 bits, each column under its own scale.

    `sample`: vectors and masks of some texts of every language; the scales of activations are fixed to what they need.
    `exact` names nodes that stay in 32 bits.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    axes = {name: {0: "texts", 1: "pieces"} for name in (VECTORS, MASK)} | {LOGITS: {0: "texts"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter by tracing is deprecated; the newer one needs a package more and writes what the quantiser
        # of weights does not understand.
        warnings.simplefilter("ignore")
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        torch.onnx.export(
            _OfVectors(net).eval(),
            (torch.tensor(sample[0][VECTORS]), torch.tensor(sample[0][MASK])),
            str(whole),
            input_names=[VECTORS, MASK],
            output_names=[LOGITS],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=[*exact])
        path.write_bytes(fix_scales(small.read_bytes(), sample))


def inputs(net: Any, tokens: Sequence[Sequence[int]], padding: int, *, mask_is_column: bool) -> list[Inputs]:
    """What the graph is given of texts, in batches."""
    made: list[Inputs] = []
    with torch.no_grad():
        for begin in range(0, len(tokens), BATCH):
            rows, lengths = padded(tokens[begin : begin + BATCH], padding)
            mask = (torch.arange(rows.shape[1])[None] < lengths[:, None]).float()[..., None]
            vectors = (net.emb(rows) * mask).numpy()
            made.append({VECTORS: vectors, MASK: (mask if mask_is_column else mask[..., 0]).numpy()})
    return made
