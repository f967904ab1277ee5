"""People of another workspace, in a channel shared with it: they see the buttons, and their word does not count."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.slack.desk import open_incident
from tests.slack.sitting import Sitting
from tests.slack.strict_server import StrictSlack, block_actions
from tests.slack.windows import filled
from tests.slack.workspace import Workspace

STRANGER = "U0RIVAL0001"
AGENCY = "U0MARC0001"


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack(Workspace()) as server:
        yield server


def press(user: str, *, team: str = "T0RIVAL001", **more: Any) -> dict[str, Any]:
    payload = block_actions(action="take_charge", value="inc-42", user=user, label="Take charge")
    return {**payload, "user": payload["user"] | {"team_id": team}, **more}


async def test_a_stranger_changes_nothing_and_is_told_why(slack: StrictSlack) -> None:
    one = Sitting(slack)
    assert await one.front.take("interactive", press(STRANGER)) == {}
    await one.front.finish(5)
    assert one.desk.commands == []
    assert "another workspace" in one.told[-1]


async def test_the_agency_that_a_department_names_may_act(slack: StrictSlack) -> None:
    one = Sitting(slack)
    assert AGENCY in one.desk.directory.departments["communications"].members
    await one.front.take("interactive", press(AGENCY))
    assert len(one.desk.commands) == 1


async def test_people_of_the_same_organisation_are_no_strangers(slack: StrictSlack) -> None:
    one = Sitting(slack)
    slack.workspace.people = {STRANGER: "Ada of another office"}
    await one.front.take("interactive", press(STRANGER))
    assert len(one.desk.commands) == 1


async def test_a_form_that_a_stranger_submits_is_not_taken(slack: StrictSlack) -> None:
    one = Sitting(slack)
    one.desk.incidents["inc-42"] = open_incident()
    await one.press("note")
    forged = filled(one.window, {"text": "all is well"}, user=STRANGER)
    forged["user"] |= {"team_id": "T0RIVAL001"}
    began = time.monotonic()
    assert await one.front.take("interactive", forged) == {}
    assert time.monotonic() - began < 2.5
    await one.front.finish(5)
    assert one.desk.commands == []
