"""A graph with fixed scales answers for a text alone as it does among others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from buzzguard.understand.train.fixed_scales import fix_scales

onnx = pytest.importorskip("onnx", reason="graphs are changed where they are trained, with the package onnx")
onnxruntime = pytest.importorskip("onnxruntime")

WIDTH = 4


def graph() -> bytes:
    """A convolution over two neighbours, as the encoder lays it out, in dynamic 8 bits."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    constants = {
        "pads": np.array([0, 0, 0, 0, 1, 0], np.int64),
        "one": np.array([1], np.int64),
        "nil": np.array([0], np.int64),
        "last": np.array([-1], np.int64),
        "far": np.array([10_000], np.int64),
        "weights": rng.integers(-100, 100, (2 * WIDTH, 3)).astype(np.int8),
        "weight_scale": np.array(0.01, np.float32),
    }
    nodes = [
        helper.make_node("Pad", ["e", "pads"], ["padded"]),
        helper.make_node("Slice", ["padded", "nil", "last", "one"], ["here"]),
        helper.make_node("Slice", ["padded", "one", "far", "one"], ["next"]),
        helper.make_node("Concat", ["here", "next"], ["pairs"], axis=2),
        helper.make_node("DynamicQuantizeLinear", ["pairs"], ["small", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["small", "weights", "zero"], ["product"]),
        helper.make_node("Cast", ["product"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scale", "weight_scale"], ["both"]),
        helper.make_node("Mul", ["real", "both"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled"], ["o"], axes=[1], keepdims=0),
    ]
    given = [helper.make_tensor_value_info("e", TensorProto.FLOAT, ["B", "T", WIDTH])]
    told = [helper.make_tensor_value_info("o", TensorProto.FLOAT, ["B", 3])]
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    # Slices begin along the second axis.
    held.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
    for node in nodes[1:3]:
        node.input[3] = "axis"
    made = helper.make_model(
        helper.make_graph(nodes, "g", given, told, held), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    written: bytes = made.SerializeToString()
    return written


def answers(model: bytes, vectors: NDArray[np.float32]) -> Any:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"e": vectors})[0]


def sample(texts: int) -> NDArray[np.float32]:
    # Some texts are louder than others: what a shared scale suffers from.
    rng = np.random.default_rng(1)
    return (rng.normal(size=(texts, 5, WIDTH)) * rng.uniform(0.2, 3.0, (texts, 1, 1))).astype(np.float32)


def test_a_text_alone_is_answered_as_among_others() -> None:
    vectors = sample(40)
    fixed = fix_scales(graph(), [{"e": vectors}])
    together = answers(fixed, vectors)
    alone = np.concatenate([answers(fixed, one[None]) for one in vectors])
    assert np.array_equal(together, alone)
    dynamic = np.concatenate([answers(graph(), one[None]) for one in vectors])
    assert not np.array_equal(answers(graph(), vectors), dynamic)
    assert np.abs(together - dynamic).max() < 0.15


def test_it_is_quantised_before_it_is_laid_out_and_scaled_as_it_is_multiplied() -> None:
    fixed = onnx.load_from_string(fix_scales(graph(), [{"e": sample(10)}]))
    order = [node.op_type for node in fixed.graph.node]
    assert not {"DynamicQuantizeLinear", "MatMulInteger", "Cast"} & set(order)
    assert order.index("QuantizeLinear") < order.index("Pad") < order.index("Concat")


def test_what_has_no_scales_to_fix_stays_and_a_sample_is_needed() -> None:
    fixed = fix_scales(graph(), [{"e": sample(10)}])
    assert fix_scales(fixed, []) == fixed
    with pytest.raises(ValueError, match="empty"):
        fix_scales(graph(), [])
