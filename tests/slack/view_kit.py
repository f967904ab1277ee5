"""Slack's limits on modals and Homes, as a strict judge; lengths in UTF-16 units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.deliver.block_kit import check_block, check_option, utf16

Json = dict[str, Any]
_MOST_BLOCKS, _LONGEST_TITLE, _LONGEST_METADATA, _LARGEST = 100, 24, 3_000, 250_000


def check_view(view: Json) -> list[str]:
    """Every fault of a modal or a Home; an empty list means that Slack takes it."""
    if view.get("type") not in ("modal", "home"):
        return [f"type {view.get('type')!r}"]
    blocks = view.get("blocks", [])
    faults = [] if 1 <= len(blocks) <= _MOST_BLOCKS else [f"blocks: {len(blocks)}, must be 1 to {_MOST_BLOCKS}"]
    faults += _check_frame(view) if view["type"] == "modal" else []
    if utf16(view.get("private_metadata", "")) > _LONGEST_METADATA:
        faults.append("private_metadata: too long")
    if utf16(view.get("callback_id", "")) > 255:
        faults.append("callback_id: too long")
    if len(str(view).encode()) > _LARGEST:
        faults.append("view_too_large")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    faults += [f"block_id {one!r} is used twice" for one in dict.fromkeys(ids) if ids.count(one) > 1]
    return faults + [f"blocks[{index}]{fault}" for index, block in enumerate(blocks) for fault in _check(block)]


def _check_frame(view: Json) -> list[str]:
    faults = _plain("title", view.get("title"), _LONGEST_TITLE)
    faults += _plain("submit", view["submit"], _LONGEST_TITLE) if "submit" in view else []
    faults += _plain("close", view["close"], _LONGEST_TITLE) if "close" in view else []
    asks = any(block.get("type") == "input" for block in view.get("blocks", []))
    return [*faults, "submit: required where there are inputs"] if asks and "submit" not in view else faults


def _check(block: Json) -> list[str]:
    if block.get("type") != "input":
        return check_block(block)
    faults = _plain(".label", block.get("label"), 2_000)
    faults += _plain(".hint", block["hint"], 2_000) if "hint" in block else []
    if not 1 <= utf16(str(block.get("block_id", ""))) <= 255:
        faults.append(".block_id")
    element = block.get("element", {})
    check = _ELEMENTS.get(str(element.get("type")))
    if check is None:
        return [*faults, f".element: type {element.get('type')!r}"]
    faults += _plain(".placeholder", element["placeholder"], 150) if "placeholder" in element else []
    return faults + [f".element.{fault}" for fault in check(element)]


def _check_text(element: Json) -> list[str]:
    most = element.get("max_length", 3_000)
    faults = [] if 1 <= most <= 3_000 else [f"max_length {most}"]
    return [*faults, "initial_value"] if utf16(element.get("initial_value", "")) > most else faults


def _check_options(element: Json) -> list[str]:
    most = 10 if element["type"] in ("radio_buttons", "checkboxes") else 100
    options = element.get("options", [])
    faults = [] if 1 <= len(options) <= most else [f"options: {len(options)}, must be 1 to {most}"]
    values = [option.get("value") for option in options]
    faults += ["options: a value is used twice"] if len(set(values)) != len(values) else []
    if "initial_option" in element and element["initial_option"] not in options:
        faults.append("initial_option: none of the options")
    if "placeholder" in element and most == 10:
        faults.append("placeholder: not known here")
    return faults + [f"options[{index}].{fault}" for index, one in enumerate(options) for fault in check_option(one)]


def _check_instant(element: Json) -> list[str]:
    at = element.get("initial_date_time")
    return [] if at is None or (isinstance(at, int) and len(str(at)) == 10) else ["initial_date_time"]


def _check_nothing(element: Json) -> list[str]:
    return []


def _plain(name: str, value: Any, most: int) -> list[str]:
    if not isinstance(value, dict) or value.get("type") != "plain_text":
        return [f"{name}: must be plain_text"]
    length = utf16(str(value.get("text", "")))
    return [] if 1 <= length <= most else [f"{name}: {length} units, must be 1 to {most}"]


_ELEMENTS: dict[str, Callable[[Json], list[str]]] = {
    "plain_text_input": _check_text,
    "static_select": _check_options,
    "multi_static_select": _check_options,
    "radio_buttons": _check_options,
    "checkboxes": _check_options,
    "datetimepicker": _check_instant,
    "users_select": _check_nothing,
}
