"""Cuts from a graph what depends on one piece alone, so that the scorer works it out once a piece and not once a place.

The first layer of the default tier's encoder reads each vector on its own, in 32 bits: a third of the time of a text.
A few thousand pieces make up nearly all that is written. So the graph is cut in two where the first layer's answer
ends: `pieces.onnx` goes from vectors to its answer in 16 bits (in 8 a fifth of a point is lost), the rest from there
to logits. The vectors themselves are given to the rest in 8 bits, with the scale of each.
"""

from __future__ import annotations

from typing import Any, NamedTuple

VECTORS, MASK = "vectors", "mask"
SCALES, NEAR = "scales", "near"
"""Inputs of the rest, beside the mask: of `vectors`, now in 8 bits, the scale; and what the first graph says."""


class Halves(NamedTuple):
    """`pieces`: from vectors and mask to `near`, in 16 bits. `rest`: from vectors, scales, near and mask to logits."""

    pieces: bytes
    rest: bytes


def halves(graph: bytes) -> Halves:
    """Cut `graph`, whose scales are fixed (`fixed_scales`). Raises ValueError where it has no such layer."""
    import onnx

    model = onnx.load_from_string(graph)
    cuts = _cuts(model)
    if not cuts:
        raise ValueError("no layer of this graph reads pieces one by one")
    pieces, rest = onnx.ModelProto(), onnx.ModelProto()
    pieces.CopyFrom(model)
    rest.CopyFrom(model)
    shaped = onnx.shape_inference.infer_shapes(model)
    widths = [_width(shaped, cut) for cut in cuts]
    _end_at(pieces, cuts, sum(widths))
    _begin_at(rest, cuts, widths)
    return Halves(_tidied(pieces), _tidied(rest))


def _cuts(model: Any) -> list[str]:
    """The masked answers that stem from the vectors without a look at their neighbours, by their place."""
    made_by = {name: node for node in model.graph.node for name in node.output}
    found = []
    for node in model.graph.node:
        masked = made_by.get(node.input[0]) if node.op_type == "QuantizeLinear" else None
        if masked is not None and masked.op_type == "Mul" and masked.input[1] == MASK:
            part = made_by.get(masked.input[0])
            if part is not None and part.op_type == "Slice" and _of_one_piece(part.input[0], made_by):
                found.append((_number(model, part.input[1]), masked.output[0]))
    return [cut for _, cut in sorted(found)]


def _of_one_piece(name: str, made_by: dict[str, Any]) -> bool:
    """Whether a tensor needs nothing but the vectors, each on its own."""
    if name not in made_by:
        return name != MASK
    node = made_by[name]
    alone = {"MatMul", "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "ReduceMean", "Constant", "LayerNormalization"}
    return node.op_type in alone and all(_of_one_piece(one, made_by) for one in node.input)


def _number(model: Any, name: str) -> int:
    from onnx import numpy_helper

    for node in model.graph.node:
        if node.op_type == "Constant" and name in node.output:
            return int(numpy_helper.to_array(node.attribute[0].t).item())
    held = {one.name: one for one in model.graph.initializer}
    return int(numpy_helper.to_array(held[name]).item())


def _end_at(model: Any, cuts: list[str], width: int) -> None:
    from onnx import TensorProto, helper

    model.graph.node.append(helper.make_node("Concat", cuts, ["near_exact"], axis=2))
    model.graph.node.append(helper.make_node("Cast", ["near_exact"], [NEAR], to=TensorProto.FLOAT16))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(NEAR, TensorProto.FLOAT16, ["texts", "pieces", width]))


def _begin_at(model: Any, cuts: list[str], widths: list[int]) -> None:
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    whole = next(one for one in model.graph.input if one.name == VECTORS).type.tensor_type.shape.dim[2].dim_value
    kept = [node for node in model.graph.node if not set(cuts).intersection(node.output)]
    for node in kept:
        node.input[:] = ["vectors_exact" if name == VECTORS else name for name in node.input]
    model.graph.initializer.append(numpy_helper.from_array(np.array(widths, np.int64), "near_widths"))
    first = [
        helper.make_node("Cast", [VECTORS], ["vectors_whole"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["vectors_whole", SCALES], ["vectors_exact"]),
        helper.make_node("Cast", [NEAR], ["near_exact"], to=TensorProto.FLOAT),
        helper.make_node("Split", ["near_exact", "near_widths"], cuts, axis=2),
    ]
    del model.graph.node[:], model.graph.input[:]
    model.graph.node.extend([*first, *kept])
    model.graph.input.extend(
        helper.make_tensor_value_info(name, kind, ["texts", "pieces", width])
        for name, kind, width in (
            (VECTORS, TensorProto.INT8, whole),
            (SCALES, TensorProto.FLOAT, 1),
            (NEAR, TensorProto.FLOAT16, sum(widths)),
            (MASK, TensorProto.FLOAT, 1),
        )
    )


def _width(shaped: Any, name: str) -> int:
    known = next(one for one in shaped.graph.value_info if one.name == name)
    return int(known.type.tensor_type.shape.dim[2].dim_value)


def _tidied(model: Any) -> bytes:
    """Without the nodes and numbers that nothing needs any more."""
    needed, kept = {one.name for one in model.graph.output}, []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))
    for field in (model.graph.initializer, model.graph.input):
        left = [one for one in field if one.name in needed]
        del field[:]
        field.extend(left)
    del model.graph.value_info[:]
    written: bytes = model.SerializeToString()
    return written
