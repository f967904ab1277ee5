"""Slack's limits on a message, as a strict judge: what the real Slack refuses, and what it merely cuts.

Lengths are counted in UTF-16 units, the strictest way in which Slack may count them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

MAX_BLOCKS = 50
MAX_ATTACHMENTS = 100
MAX_TEXT = 4_000
MAX_TOTAL = 13_200
_URL = re.compile(r"https?://[^\s<>|]+")
_ANGLE = re.compile(r"<([^<>]*)>")
_STYLES = ("primary", "danger")


def check_message(payload: dict[str, Any]) -> list[str]:
    """Every fault of the arguments of `chat.postMessage` or `chat.update`; an empty list means that Slack takes it."""
    faults: list[str] = []
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        faults.append("text: missing, it is what a notification shows")
    else:
        faults += _check_text_length("text", text, MAX_TEXT) + check_mrkdwn("text", text)
    attachments = payload.get("attachments") or []
    if len(attachments) > MAX_ATTACHMENTS:
        faults.append("attachments: too_many_attachments")
    blocks = list(payload.get("blocks") or [])
    groups = [("blocks", blocks)]
    groups += [(f"attachments[{index}]", list(part.get("blocks") or [])) for index, part in enumerate(attachments)]
    for name, group in groups:
        if len(group) > MAX_BLOCKS:
            faults.append(f"{name}: {len(group)} blocks, at most {MAX_BLOCKS}")
        for index, block in enumerate(group):
            faults += [f"{name}[{index}]{fault}" for fault in check_block(block)]
    every = [block for _, group in groups for block in group]
    return faults + _check_ids(every) + _check_total(every)


def check_block(block: dict[str, Any]) -> list[str]:
    """Every fault of one block."""
    kind = block.get("type")
    check = _CHECKS.get(str(kind))
    if check is None:
        return [f": unknown block type {kind!r}"]
    faults = [f".{fault}" for fault in check(block)]
    if "block_id" in block:
        faults += [f".{fault}" for fault in _check_text_length("block_id", block["block_id"], 255, least=1)]
    return faults


def check_mrkdwn(name: str, text: str) -> list[str]:
    """Faults of mrkdwn: raw `&`, a `<` or `>` that is no link of ours, a ping, a broken entity."""
    faults = []
    for inner in _ANGLE.findall(text):
        address, _, label = inner.partition("|")
        if not _URL.fullmatch(address) or not label:
            faults.append(f"{name}: <{inner}> is no labelled http link")
    rest = _ANGLE.sub("", text)
    if re.search(r"&(?!amp;|lt;|gt;)", rest):
        faults.append(f"{name}: a bare or broken entity")
    if re.search(r"<|(?<!^)(?<!\n)>", rest):
        faults.append(f"{name}: a bare < or >")
    return faults


def texts_of(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """(type, text) of every text object in blocks."""
    for block in blocks:
        yield from _texts(block)


def utf16(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _texts(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "plain_text") and isinstance(part.get("text"), str):
            yield part["type"], part["text"]
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _check_ids(blocks: list[dict[str, Any]]) -> list[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    return [f"block_id {name!r} is used {ids.count(name)} times" for name in dict.fromkeys(ids) if ids.count(name) > 1]


def _check_total(blocks: list[dict[str, Any]]) -> list[str]:
    total = sum(utf16(text) for _, text in texts_of(blocks))
    return [f"msg_blocks_too_long: {total} units of text"] if total > MAX_TOTAL else []


def _check_text_length(name: str, text: Any, most: int, least: int = 0) -> list[str]:
    if not isinstance(text, str):
        return [f"{name}: not a text"]
    if not least <= utf16(text) <= most:
        return [f"{name}: {utf16(text)} units, must be {least} to {most}"]
    return [f"{name}: lone surrogates"] if re.search(r"[\ud800-\udfff]", text) else []


def _check_object(name: str, value: Any, most: int, kinds: tuple[str, ...] = ("plain_text",)) -> list[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        return [f"{name}: must be a text object of {' or '.join(kinds)}"]
    faults = _check_text_length(f"{name}.text", value.get("text"), most, least=1)
    if not faults and value["type"] == "mrkdwn":
        faults += check_mrkdwn(f"{name}.text", value["text"])
    allowed = {"type", "text", "emoji"} if value["type"] == "plain_text" else {"type", "text", "verbatim"}
    return faults + [f"{name}: unexpected {key}" for key in value.keys() - allowed]


def _check_section(block: dict[str, Any]) -> list[str]:
    faults = []
    if "text" not in block and "fields" not in block:
        faults.append("section: text or fields required")
    if "text" in block:
        faults += _check_object("text", block["text"], 3_000, ("mrkdwn", "plain_text"))
    fields = block.get("fields", [None])
    if not 1 <= len(fields) <= 10:
        faults.append(f"fields: {len(fields)}, must be 1 to 10")
    for index, field in enumerate(block.get("fields", [])):
        faults += _check_object(f"fields[{index}]", field, 2_000, ("mrkdwn", "plain_text"))
    if "accessory" in block:
        faults += [f"accessory.{fault}" for fault in _check_element(block["accessory"])]
    return faults


def _check_header(block: dict[str, Any]) -> list[str]:
    return _check_object("text", block.get("text"), 150)


def _check_context(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements", [])
    faults = [] if 1 <= len(elements) <= 10 else [f"elements: {len(elements)}, must be 1 to 10"]
    for index, element in enumerate(elements):
        faults += _check_object(f"elements[{index}]", element, 3_000, ("mrkdwn", "plain_text"))
    return faults


def _check_image(block: dict[str, Any]) -> list[str]:
    faults = _check_text_length("alt_text", block.get("alt_text"), 2_000, least=1)
    if ("image_url" in block) == ("slack_file" in block):
        faults.append("image: exactly one of image_url and slack_file")
    file = block.get("slack_file")
    if file is not None and ("id" in file) == ("url" in file):
        faults.append("slack_file: exactly one of id and url")
    if "title" in block:
        faults += _check_object("title", block["title"], 2_000)
    return faults


def _check_actions(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements", [])
    faults = [] if 1 <= len(elements) <= 25 else [f"elements: {len(elements)}, must be 1 to 25"]
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) != len(ids):
        faults.append("elements: an action_id is used twice")
    for index, element in enumerate(elements):
        faults += [f"elements[{index}].{fault}" for fault in _check_element(element)]
    return faults


def _check_element(element: dict[str, Any]) -> list[str]:
    kind = element.get("type")
    if kind not in ("overflow", "static_select"):
        return _check_button(element)
    options = element.get("options", [])
    most = 5 if kind == "overflow" else 100
    faults = [] if 1 <= len(options) <= most else [f"options: {len(options)}, must be 1 to {most}"]
    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        faults.append("options: a value is used twice")
    faults += _check_text_length("action_id", element.get("action_id"), 255, least=1)
    if kind == "static_select":
        faults += _check_object("placeholder", element.get("placeholder"), 150)
    return faults + [f"options[{index}].{fault}" for index, one in enumerate(options) for fault in check_option(one)]


def check_option(option: dict[str, Any]) -> list[str]:
    """Every fault of an option of a menu, of radio buttons, of boxes to tick."""
    faults = _check_object("text", option.get("text"), 75)
    return faults + _check_text_length("value", option.get("value"), 150, least=1)


def _check_button(button: dict[str, Any]) -> list[str]:
    if button.get("type") != "button":
        return [f"type {button.get('type')!r} is not used by BuzzGuard"]
    faults = _check_object("text", button.get("text"), 75)
    faults += _check_text_length("action_id", button.get("action_id"), 255, least=1)
    faults += _check_text_length("value", button.get("value", ""), 2_000)
    faults += _check_text_length("url", button.get("url", ""), 3_000)
    if button.get("style", "primary") not in _STYLES:
        faults.append(f"style {button['style']!r}")
    return faults + (_check_confirm(button["confirm"]) if "confirm" in button else [])


def _check_confirm(confirm: dict[str, Any]) -> list[str]:
    faults = _check_object("confirm.title", confirm.get("title"), 100)
    faults += _check_object("confirm.text", confirm.get("text"), 300, ("plain_text", "mrkdwn"))
    faults += _check_object("confirm.confirm", confirm.get("confirm"), 30)
    faults += _check_object("confirm.deny", confirm.get("deny"), 30)
    return faults if confirm.get("style", "primary") in _STYLES else [*faults, "confirm.style"]


def _check_divider(block: dict[str, Any]) -> list[str]:
    return []


_CHECKS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "section": _check_section,
    "header": _check_header,
    "context": _check_context,
    "image": _check_image,
    "actions": _check_actions,
    "divider": _check_divider,
}
