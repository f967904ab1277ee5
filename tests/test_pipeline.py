"""Laws of the step: deterministic, and what people ask of it is done."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from buzzguard.config.settings import Settings
from buzzguard.model import (
    MINUTE,
    Alert,
    AlertState,
    Assessment,
    Batch,
    Card,
    Cause,
    Command,
    CommandKind,
    Count,
    CountKind,
    Effects,
    Incident,
    IncidentState,
    Judged,
    NotificationKind,
    Person,
    Phase,
    Poll,
    Samples,
    Signal,
)
from buzzguard.pipeline import Briefings, Core, Memory, growth, step
from buzzguard.replay import replay
from tests.recorded import ONSET, START, core, hostile, mention, minute_by_minute, ordinary, recording, settings

CLAIRE = Person(id="U1", name="Claire", via="slack")
MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
ROOT = Path(__file__).parents[1]


def test_the_same_recording_gives_the_same_bytes() -> None:
    first, second = (msgspec.json.encode(list(replay(core(), recording()))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("salt", ["1", "2"])
def test_another_process_gives_the_same_bytes(salt: str) -> None:
    """Where the order of a set or a built-in hash decided anything, two processes would differ."""
    program = (
        "import hashlib, msgspec; from buzzguard.replay import replay; from tests.recorded import core, recording;"
        "print(hashlib.sha256(msgspec.json.encode(list(replay(core(), recording())))).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": salt, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    here = hashlib.sha256(msgspec.json.encode(list(replay(core(), recording())))).hexdigest()
    assert ended.stdout.split()[-1] == here


def test_the_order_in_which_a_minute_arrives_does_not_matter() -> None:
    """All but the order in which mentions are written down: what is measured, decided and told."""
    said = recording()
    shuffled = said.copy()
    random.Random(3).shuffle(shuffled)
    shuffled.sort(key=lambda one: one.published.replace(second=0))
    assert [one.id for one in shuffled] != [one.id for one in said]
    first = [_without_mentions(effects) for effects in replay(core(), said)]
    second = [_without_mentions(effects) for effects in replay(core(), shuffled)]
    assert first == second


def test_a_stream_bound_to_a_topic_brings_nothing_of_others() -> None:
    chosen = settings(
        topics={"acme": {"name": "Acme", "query": "acme"}, "zenith": {"name": "Zenith", "query": "zenith"}},
        streams={
            "bound": {"source": "rss", "url": "https://a.example/f", "topics": ["zenith"]},
            "free": {"source": "rss", "url": "https://b.example/f"},
        },
    )
    both = "Acme and Zenith make kettles"
    several = (
        mention(1, START, both, stream="bound"),
        mention(2, START, "Acme makes kettles", stream="bound"),
        mention(3, START, both, stream="free"),
    )
    effects = step(core(chosen), Batch(mentions=several), START + timedelta(seconds=30))
    assert {one.mention.id: one.topics for one in effects.mentions} == {
        "bound:1": ("zenith",),
        "free:3": ("acme", "zenith"),
    }
    assert [(one.id, one.reason) for one in effects.dropped] == [("bound:2", "no_topic")]


def test_a_stream_that_cannot_be_read_makes_an_incident_of_the_watch_itself() -> None:
    chosen = settings(streams={"free": {"source": "rss", "url": "https://b.example/f"}})
    watch = core(chosen)
    step(watch, Batch(polls=(Poll(stream="free", at=START, ok=True),)), START)
    incidents: list[Incident] = []
    for minutes in range(5, 95, 5):
        now = START + timedelta(minutes=minutes)
        effects = step(watch, Batch(polls=(Poll(stream="free", at=now, ok=False, reason="timeout"),)), now)
        incidents += effects.incidents
    assert {incident.topic for incident in incidents} == {"buzzguard"}


class Story:
    """A crisis with its incident open, and time that goes on."""

    def __init__(self, chosen: Settings | None = None) -> None:
        self.core: Core = core(chosen)
        said = [*ordinary(START, ONSET), *hostile(ONSET, 60)]
        until = ONSET + timedelta(minutes=6)
        self.effects = list(replay(self.core, [one for one in said if one.published < until], until=until))
        self.now = self.effects[-1].at
        (self.incident,) = self.core.responder.open_incidents

    def ask(self, kind: CommandKind, *, duration: timedelta | None = None) -> Effects:
        """Claire presses a button."""
        self.now += MOMENT
        asked = Command(
            id=f"c-{kind}", kind=kind, incident=self.incident.id, who=CLAIRE, at=self.now, duration=duration
        )
        return step(self.core, Batch(commands=(asked,)), self.now)

    def wait(self, minutes: int) -> list[Effects]:
        """Nothing comes in for so long."""
        passed = []
        for _ in range(minutes):
            self.now += timedelta(minutes=1)
            passed.append(step(self.core, Batch(), self.now))
        return passed


def cards(effects: list[Effects]) -> list[Card]:
    """What people are shown."""
    return [one.card for each in effects for one in each.notifications]


def assessment_of(alert: Alert, signal: Signal) -> Assessment:
    """What an alert's evidence says of a signal."""
    return next(one for one in alert.evidence.assessments if one.signal is signal)


def told(effects: list[Effects]) -> set[str]:
    """Whom the notifications go to."""
    return {one.receiver for each in effects for one in each.notifications}


def test_an_incident_that_nobody_takes_climbs_to_the_second_step() -> None:
    story = Story()
    assert told(story.effects) == {"comms"}
    passed = story.wait(15)
    causes = [move.cause for each in passed for move in each.transitions]
    assert Cause.STEP_TIMED_OUT in causes
    assert "boss" in told(passed)


def test_taking_charge_acknowledges_and_ends_the_climb() -> None:
    story = Story()
    effects = story.ask(CommandKind.TAKE_CHARGE)
    (move,) = effects.transitions
    assert (move.cause, move.before, move.after) == (
        Cause.ACKNOWLEDGED_BY_USER,
        IncidentState.TRIGGERED,
        IncidentState.ACKNOWLEDGED,
    )
    assert move.who == CLAIRE
    (incident,) = effects.incidents
    assert (incident.owner, incident.next_step_at) == (CLAIRE, None)
    kinds = {(one.receiver, one.kind) for one in effects.notifications}
    assert kinds == {("comms", NotificationKind.UPDATE), ("comms", NotificationKind.NEWS)}
    assert "boss" not in told(story.wait(30))


def test_a_silence_keeps_the_climb_waiting_until_it_ends() -> None:
    story = Story()
    effects = story.ask(CommandKind.SILENCE, duration=timedelta(minutes=20))
    assert [move.cause for move in effects.transitions] == [Cause.SILENCED_BY_USER]
    (silence,) = effects.silences
    assert (silence.topic, silence.ends_at - silence.starts_at) == ("acme", timedelta(minutes=20))
    assert "boss" not in told(story.wait(19))
    assert "boss" in told(story.wait(2))


def test_a_false_alarm_closes_the_incident_and_says_so() -> None:
    story = Story()
    effects = story.ask(CommandKind.FALSE_ALARM)
    assert [move.after for move in effects.transitions] == [IncidentState.FALSE_ALARM]
    assert {one.kind for one in effects.notifications} == {NotificationKind.UPDATE, NotificationKind.NEWS}
    assert story.core.responder.open_incidents == ()
    assert story.wait(15)[-1].notifications == ()


def test_a_command_that_comes_twice_is_refused_by_name() -> None:
    story = Story()
    story.ask(CommandKind.TAKE_CHARGE)
    effects = story.ask(CommandKind.TAKE_CHARGE)
    assert effects.transitions == ()
    assert [reason for _, reason in story.core.refused] == ["repeated"]


def test_what_is_told_is_told_of_a_committed_incident() -> None:
    """Each notification belongs to an incident of the same effects, each transition too: one transaction holds both."""
    for effects in minute_by_minute(core(), recording(), ONSET + timedelta(hours=1)):
        changed = {incident.id for incident in effects.incidents}
        assert {one.incident for one in effects.notifications} <= changed
        assert {move.incident for move in effects.transitions} <= changed


def _without_mentions(effects: Effects) -> bytes:
    bare = msgspec.structs.replace(effects, mentions=(), dropped=())
    return msgspec.json.encode(bare)


def test_a_false_alarm_makes_the_watch_more_careful_also_after_a_restart() -> None:
    chosen = settings(false_alarms={"at_most": 1, "per": "30d"})
    story = Story(chosen)
    budget = story.core.budget
    assert budget is not None
    careless = budget.factor(story.now)
    said = [*story.effects, story.ask(CommandKind.FALSE_ALARM)]
    careful = budget.factor(story.now)
    assert careful < careless < 1
    restarted = core(chosen)
    restarted.restore(Memory(answered=[one for effects in said for one in effects.incidents]), story.now)
    assert restarted.budget is not None
    assert restarted.budget.factor(story.now) == careful


def test_the_budget_is_not_shared_with_counts_that_nobody_gives() -> None:
    watch = core(settings(false_alarms={"at_most": 1, "per": "30d"}))
    assert watch.budget is not None
    before = watch.budget.share
    views = Count(stream="wiki", kind=CountKind.PAGE_VIEWS, start=START, end=START + MINUTE, value=3, topics=("acme",))
    step(watch, Batch(counts=(views,)), START + MINUTE)
    assert watch.budget.share < before
    restarted = core(watch.settings)
    restarted.restore(Memory(counts=(views,)), START + MINUTE)
    assert restarted.budget is not None and restarted.budget.share == watch.budget.share


# what a briefing tells


def test_an_alert_tells_how_the_story_goes_on() -> None:
    story = Story()
    growth = cards(story.effects)[-1].briefing.growth
    assert growth is not None and growth.phase in (Phase.STARTING, Phase.GROWING)
    assert growth.per_hour > 3 * growth.expected_per_hour


def test_a_story_that_says_nothing_is_not_kept() -> None:
    watch = core()
    quiet = list(replay(watch, list(ordinary(START, ONSET)), until=ONSET))
    assert growth(watch, "acme", quiet[-1].at).phase is None
    assert Briefings(watch, {}, quiet[-1].at)("acme", None).growth is None


def test_an_alert_names_what_was_planned_for_the_day() -> None:
    event = {"name": "Kettle week", "from": "2026-03-05", "to": "2026-03-06", "expect": 1.5}
    chosen = settings(calendar=[event], country="FR", time_zone="Europe/Paris")
    assert cards(Story(chosen).effects)[-1].briefing.planned == (("Kettle week", 1.5),)
    holiday = Briefings(core(chosen), {}, START.replace(month=7, day=14, hour=9))("acme", None)
    assert (holiday.planned, holiday.holiday["fr"]) == ((), "Fête nationale")
    assert Briefings(core(), {}, START.replace(month=7, day=14))("acme", None).holiday == {}


def test_an_alert_of_the_score_brings_the_numbers_behind_it() -> None:
    """Whatever they are by themselves."""
    story = Story()
    (alert,) = [one for one in story.incident.alerts if one.rule == "crisis"]
    usual = msgspec.structs.replace(assessment_of(alert, Signal.VOLUME), once_per=timedelta(0))
    one = Judged(
        samples=Samples(topic="acme", window=alert.evidence.window or HOUR, end=story.now),
        assessments={signal: msgspec.structs.replace(usual, signal=signal) for signal in Signal},
    )
    told = Briefings(story.core, {"acme": [one]}, story.now)("acme", alert).assessments
    assert {each.signal for each in told} == {Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME}


def test_one_story_is_one_incident_and_calls_people_only_when_it_grows_graver() -> None:
    """However many rules see it: the others join without a call."""
    effects = list(replay(core(), recording(), until=ONSET + timedelta(hours=2)))
    alerts = {one.rule for each in effects for one in each.alerts if one.state is AlertState.FIRING}
    assert alerts >= {"crisis", "negative-surge", "critical-words"}
    incidents = {one.id for each in effects for one in each.incidents}
    moves = [move.cause for each in effects for move in each.transitions]
    assert len(incidents) == 1
    assert moves.count(Cause.OPENED) == 1
    assert moves.count(Cause.SEVERITY_RAISED) <= 2
