"""Exercises: apart from the real ones, calling nobody whose telephone rings, and never forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.config.settings import ReceiverSettings
from buzzguard.deliver.wording import news_line
from buzzguard.model import Cause, Command, CommandKind, Declaration, IncidentState, NotificationKind, Severity, Verdict
from buzzguard.respond.drills import LASTS
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, MINUTE, RECEIVERS, Scene, policy

PHONES = RECEIVERS | {"phone": ReceiverSettings(notifier="sms")}
POLICIES = {"crisis": policy((0, "comms phone"), (15, "phone"), (30, "board"))}


def scene() -> Scene:
    return Scene(POLICIES, receivers=PHONES, pagers=("phone",))


def begin(story: Scene, *, page: bool = False, topic: str = "lumio", words: str = "The plant is on fire.") -> Response:
    asked = Declaration(topic=topic, severity=Severity.RED, story=words, drill=True, page=page)
    return story.ask(CommandKind.DECLARE, incident="new", asked=asked)


def told(response: Response) -> set[str]:
    return {one.receiver for one in response.notifications}


def test_an_exercise_tells_its_policy_but_for_telephones_and_says_who_is_spared() -> None:
    story = scene()
    began = begin(story)
    assert told(began) == {"comms"}
    assert all(one.card.drill for one in began.notifications)
    (spared,) = [one for one in began.decisions if one.reason == "spared_in_drill"]
    assert (spared.verdict, spared.receivers) == (Verdict.HUSHED, ("phone",))
    assert story.incident.receivers == ("comms",)


def test_it_climbs_past_a_step_of_telephones_alone() -> None:
    story = scene()
    begin(story)
    story.now += 15 * MINUTE
    assert "phone" not in told(story.respond())
    story.now += 30 * MINUTE
    assert "board" in told(story.respond())


def test_with_page_telephones_ring() -> None:
    assert told(begin(scene(), page=True)) == {"comms", "phone"}


def test_a_real_declaration_spares_nobody() -> None:
    story = scene()
    asked = Declaration(topic="lumio", severity=Severity.RED, story="fire", page=False)
    assert told(story.ask(CommandKind.DECLARE, incident="new", asked=asked)) == {"comms", "phone"}


def test_one_exercise_a_topic_and_none_beside_a_real_red() -> None:
    story = scene()
    begin(story)
    assert begin(story, words="Another.").refused[0][1] == "drill_open"
    assert begin(story).refused[0][1] == "repeated"
    real = scene()
    real.fire(severity=Severity.RED)
    assert begin(real).refused[0][1] == "red_open"
    milder = scene()
    milder.fire(severity=Severity.ORANGE)
    assert not begin(milder).refused


def test_an_exercise_that_nobody_ends_ends_by_itself_and_says_so() -> None:
    story = scene()
    begin(story)
    story.now += LASTS - MINUTE
    story.respond()
    states = [story.incident.state]
    story.now += MINUTE
    ended = story.respond()
    assert [*states, story.incident.state] == [IncidentState.TRIGGERED, IncidentState.RESOLVED]
    assert [move.cause for move in ended.transitions] == [Cause.ALERTS_RESOLVED]
    news = next(one for one in ended.notifications if one.kind is NotificationKind.NEWS)
    assert "prend fin de lui-même" in news_line(ended.transitions[0], news.card)
    assert not begin(story, words="Another.").refused


@pytest.mark.parametrize("spent", [timedelta(0), timedelta(hours=1)])
def test_the_daemon_is_woken_for_its_end(spent: timedelta) -> None:
    story = scene()
    begin(story)
    story.ask(CommandKind.TAKE_CHARGE)
    story.now += spent
    story.respond()
    due = story.responder.next_due()
    assert due is not None
    assert due <= story.incident.opened_at + LASTS


def test_alerts_open_a_real_incident_beside_an_exercise() -> None:
    story = scene()
    begin(story)
    drill = story.incident.id
    opened = story.fire(severity=Severity.ORANGE)
    (real,) = [one for one in opened.incidents if one.id != drill]
    assert not real.drill
    assert not real.related


def test_what_was_declared_while_nothing_ran_is_told_as_late() -> None:
    story = scene()
    asked = Declaration(topic="lumio", severity=Severity.RED, story="fire")
    command = Command(
        id="c", kind=CommandKind.DECLARE, incident="", who=CLAIRE, at=story.now - 3 * timedelta(hours=1), asked=asked
    )
    declared = story.respond(commands=[command])
    (card,) = [one.card for one in declared.notifications if one.receiver == "comms"]
    assert "alors que BuzzGuard ne tournait pas" in news_line(declared.transitions[0], card)
