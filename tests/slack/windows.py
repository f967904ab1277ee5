"""Modals and Homes of the strict Slack: a trigger lives three seconds and opens one window; limits are enforced.

`filled` makes what Slack sends when a person submits a window: a window cannot be submitted as Slack would not let it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.slack.view_kit import check_view

Json = dict[str, Any]
TRIGGER_LIFE = 3.0
_TEAM = "T0BUZZ0001"


class WindowRefused(Exception):
    """Slack's error, and its remarks on the blocks."""

    def __init__(self, error: str, faults: list[str] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.faults = faults or []


class Windows:
    """The windows that were opened, in order, and the Homes by person. A lock of the workspace guards it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.opened: list[Json] = []
        self.homes: dict[str, Json] = {}
        self._monotonic = monotonic
        self._triggers: dict[str, float] = {}
        self._used: set[str] = set()
        self._numbers = itertools.count(1)

    def trigger(self, *, age: float = 0.0) -> str:
        """A fresh trigger, or one as old as `age` seconds."""
        id = f"111.222.{next(self._numbers):08x}"
        self._triggers[id] = self._monotonic() - age
        return id

    def open(self, arguments: Json) -> Json:
        """`views.open`."""
        trigger = str(arguments.get("trigger_id", ""))
        if trigger in self._used:
            raise WindowRefused("exchanged_trigger_id")
        if trigger not in self._triggers:
            raise WindowRefused("invalid_trigger_id")
        if self._monotonic() - self._triggers[trigger] > TRIGGER_LIFE:
            raise WindowRefused("expired_trigger_id")
        view = _taken(arguments, "modal")
        self._used.add(trigger)
        shown = {**view, "id": f"V{next(self._numbers):09d}", "team_id": _TEAM, "state": {"values": {}}}
        self.opened.append(shown)
        return {"view": shown}

    def update(self, arguments: Json) -> Json:
        """`views.update`."""
        for at, shown in enumerate(self.opened):
            if shown["id"] == arguments.get("view_id"):
                self.opened[at] = {**_taken(arguments, "modal"), "id": shown["id"], "team_id": _TEAM}
                return {"view": self.opened[at]}
        raise WindowRefused("not_found")

    def publish(self, arguments: Json) -> Json:
        """`views.publish`."""
        self.homes[str(arguments.get("user_id"))] = _taken(arguments, "home")
        return {"view": self.homes[str(arguments.get("user_id"))]}


METHODS: Mapping[str, Callable[[Windows, Json], Json]] = {
    "views.open": Windows.open,
    "views.update": Windows.update,
    "views.publish": Windows.publish,
}


def filled(view: Json, answers: Mapping[str, Any], *, user: str = "U0CLAIRE01", name: str = "claire") -> Json:
    """The `view_submission` of a window, its fields filled with `answers` by block id.

    A text for what is typed, the value of an option (a list of them for boxes), a Slack id, seconds for an instant.
    Raises AssertionError for what Slack would not send: a field that is not there, a required one left empty.
    """
    fields = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert answers.keys() <= fields.keys(), f"no such field: {answers.keys() - fields.keys()}"
    values = {id: {"value": _filled(block, answers.get(id))} for id, block in fields.items()}
    return {
        "type": "view_submission",
        "api_app_id": "A0BUZZ0001",
        "token": "verification_token",
        "trigger_id": "111.222.submitted",
        "team": {"id": _TEAM, "domain": "lumio"},
        "user": {"id": user, "username": name, "name": name, "team_id": _TEAM},
        "view": {**view, "state": {"values": values}},
        "response_urls": [],
    }


def check_answer(view: Json, body: Json) -> list[str]:
    """Faults of what a submission of `view` was answered with: errors stand at fields that are there."""
    action = body.get("response_action")
    if not body:
        return []
    if action == "errors":
        known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        errors = body.get("errors", {})
        return [f"errors: no field {id!r}" for id in errors if id not in known] or ([] if errors else ["errors: empty"])
    return check_view(body.get("view", {})) if action in ("update", "push") else [f"response_action {action!r}"]


_INITIAL = ("initial_option", "initial_options", "initial_value", "initial_date_time")


def _filled(block: Json, answer: Any) -> Json:
    element = block["element"]
    if answer in (None, "", []):
        initial = next((element[name] for name in _INITIAL if element.get(name)), None)
        assert initial or block["optional"], f"{block['block_id']} must be filled"
        answer = initial["value"] if isinstance(initial, dict) else initial
        if isinstance(answer, list):
            answer = [one["value"] for one in answer]
    return {"type": element["type"], **_FILL[element["type"]](element, answer)}


def _chosen(element: Json, value: Any) -> Json | None:
    return None if value is None else next(one for one in element["options"] if one["value"] == value)


def _typed(element: Json, answer: Any) -> Json:
    assert answer is None or len(answer) <= element.get("max_length", 3_000)
    return {"value": answer}


_FILL: Mapping[str, Callable[[Json, Any], Json]] = {
    "plain_text_input": _typed,
    "static_select": lambda element, answer: {"selected_option": _chosen(element, answer)},
    "radio_buttons": lambda element, answer: {"selected_option": _chosen(element, answer)},
    "checkboxes": lambda element, answer: {"selected_options": [_chosen(element, one) for one in answer or []]},
    "multi_static_select": lambda element, answer: {
        "selected_options": [_chosen(element, one) for one in answer or []]
    },
    "users_select": lambda _, answer: {"selected_user": answer},
    "datetimepicker": lambda _, answer: {"selected_date_time": answer},
}


def _taken(arguments: Json, kind: str) -> Json:
    view = arguments.get("view")
    if not isinstance(view, dict) or view.get("type") != kind:
        raise WindowRefused("invalid_arguments")
    if faults := check_view(view):
        raise WindowRefused("view_too_large" if "view_too_large" in faults else "invalid_arguments", faults)
    return view
