"""A graph cut in two says what it said whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from buzzguard.understand.train.by_piece import halves

onnx = pytest.importorskip("onnx", reason="graphs are changed where they are trained, with the package onnx")
onnxruntime = pytest.importorskip("onnxruntime")

WIDTH, NEAR = 4, 6


def graph(*, looks_around: bool = False) -> bytes:
    """A layer that reads pieces alone, its answer in two masked parts, quantised; their sum and the vectors', added."""
    from onnx import TensorProto, helper, numpy_helper

    dice = np.random.default_rng(0)
    constants: dict[str, NDArray[Any]] = {
        "weights": dice.normal(size=(WIDTH, NEAR)).astype(np.float32),
        "bias": dice.normal(size=NEAR).astype(np.float32),
        "nil": np.array([0], np.int64),
        "half": np.array([NEAR // 2], np.int64),
        "end": np.array([NEAR], np.int64),
        "axis": np.array([2], np.int64),
        "texts": np.array([1], np.int64),
        "scale": np.array(0.05, np.float32),
        "zero": np.array(128, np.uint8),
    }
    source = "around" if looks_around else "wide"
    nodes = [
        helper.make_node("MatMul", ["vectors", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["wide"]),
        helper.make_node("CumSum", ["wide", "texts"], ["around"]),
        # The second part first: parts are told by where they begin.
        helper.make_node("Slice", [source, "half", "end", "axis"], ["right"]),
        helper.make_node("Slice", [source, "nil", "half", "axis"], ["left"]),
        helper.make_node("Mul", ["right", "mask"], ["right_there"]),
        helper.make_node("Mul", ["left", "mask"], ["left_there"]),
        helper.make_node("QuantizeLinear", ["right_there", "scale", "zero"], ["right_small"]),
        helper.make_node("QuantizeLinear", ["left_there", "scale", "zero"], ["left_small"]),
        helper.make_node("DequantizeLinear", ["right_small", "scale", "zero"], ["right_again"]),
        helper.make_node("DequantizeLinear", ["left_small", "scale", "zero"], ["left_again"]),
        helper.make_node("Concat", ["left_again", "right_again", "left_there", "vectors"], ["all"], axis=2),
        helper.make_node("Mul", ["all", "mask"], ["all_there"]),
        helper.make_node("ReduceSum", ["all_there", "texts"], ["logits"], keepdims=0),
    ]
    sizes = {"vectors": WIDTH, "mask": 1}
    told = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", 2 * NEAR + WIDTH - NEAR // 2])]
    given = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "pieces", n]) for name, n in sizes.items()
    ]
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    made = helper.make_model(
        helper.make_graph(nodes, "g", given, told, held), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    written: bytes = made.SerializeToString()
    return written


def answers(model: bytes, given: dict[str, Any]) -> Any:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, given)[0]


def test_the_halves_say_together_what_the_whole_says() -> None:
    dice = np.random.default_rng(1)
    numbers = dice.integers(-8, 8, (3, 5, WIDTH)).astype(np.int8)
    scales = dice.uniform(0.05, 0.3, (3, 5, 1)).astype(np.float32)
    mask = (np.arange(5) < np.array([5, 2, 4])[:, None]).astype(np.float32)[..., None]
    scales *= mask
    vectors = numbers * scales
    cut = halves(graph())
    near = answers(cut.pieces, {"vectors": vectors, "mask": np.ones_like(mask)}) * mask.astype(np.float16)
    assert (near.dtype, near.shape) == (np.float16, (3, 5, NEAR))
    found = answers(cut.rest, {"vectors": numbers, "scales": scales, "near": near, "mask": mask})
    whole = answers(graph(), {"vectors": vectors, "mask": mask})
    # A quantised number may round to the next step, of .05.
    assert np.abs(found - whole).max() < 0.06
    assert np.abs(found - whole).mean() < 0.01
    # The weights of the first layer are in the first half alone.
    assert b"MatMul" in cut.pieces and b"MatMul" not in cut.rest


def test_a_layer_that_looks_around_is_not_cut_off() -> None:
    with pytest.raises(ValueError, match="one by one"):
        halves(graph(looks_around=True))
