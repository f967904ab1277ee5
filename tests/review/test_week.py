"""A week summed up: against itself, against competitors, and how people answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.model import Cause, Samples, Severity
from buzzguard.review.usual import WINDOW
from buzzguard.review.week import Facts, week_of
from tests.review.night import DAY, NIGHT, minute
from tests.review.test_precision import lived

START, END = NIGHT - 3 * DAY, NIGHT + 4 * DAY


def quarter(topic: str, end: datetime, volume: int, **more: Any) -> Samples:
    return Samples(topic=topic, window=WINDOW, end=end, volume=volume, closed=True, **more)


def facts(samples: dict[str, list[Samples]], roles: dict[str, str], **more: Any) -> Facts:
    told: dict[str, Any] = {"incidents": (), "moves": {}, "told": {}} | more
    return Facts(start=START, end=END, roles=roles, samples=samples, **told)


def test_each_topic_against_the_week_before_and_its_competitors() -> None:
    samples = {
        "lumio": [
            quarter("lumio", START, 50),
            quarter("lumio", START + WINDOW, 30, positive=3, voices=900, hostile=300),
        ],
        "nova": [quarter("nova", START + WINDOW, 70), quarter("nova", START - DAY, 50)],
        "lamp": [quarter("lamp", END, 10)],
    }
    week = week_of(facts(samples, {"lumio": "brand", "nova": "competitor", "lamp": "product"}))
    lumio, nova, lamp = week.topics
    assert (lumio.now.mentions, lumio.before.mentions) == (30, 50)
    assert (lumio.now.share, lumio.now.praise, lumio.before.praise) == (1 / 3, 0.1, 0.0)
    assert (lumio.voice, lumio.voice_before) == (0.3, 0.5)
    assert nova.voice == 0.7
    assert (lamp.voice, lamp.voice_before) == (0.125, 0.0)


def test_without_competitors_there_is_no_share_of_voice() -> None:
    (lumio,) = week_of(facts({"lumio": [quarter("lumio", END, 10)]}, {"lumio": "brand"})).topics
    assert lumio.voice is None
    assert lumio.now.share == 0.0
    assert lumio.before.share is None


def test_unknown_is_not_zero() -> None:
    down = [quarter("lumio", START + at * WINDOW, 0, known=0.0) for at in range(1, 97)]
    (lumio,) = week_of(facts({"lumio": down}, {"lumio": "brand"})).topics
    assert abs(lumio.now.known - 6 / 7) < 1e-9


def test_how_soon_people_answered() -> None:
    lives = [lived(1, Cause.ACKNOWLEDGED_BY_USER), lived(2, Cause.FALSE_ALARM_BY_USER), lived(3)]
    week = week_of(
        facts(
            {},
            {"lumio": "brand"},
            incidents=[one for one, _ in lives],
            moves={one.id: moves for one, moves in lives},
            told={"i1": minute(36), "i2": minute(39)},
        )
    )
    assert (week.tell.counted, week.tell.median, week.tell.slowest) == (
        2,
        timedelta(minutes=2.5),
        timedelta(minutes=4),
    )
    assert (week.acknowledge.median, week.untaken, week.false_alarms) == (timedelta(minutes=2.5), 1, 1)
    assert dict(week.by_severity) == {Severity.RED: 0, Severity.ORANGE: 3, Severity.YELLOW: 0}
    assert [one.rule for one in week.rules] == ["negative-surge"]


volumes = st.lists(st.tuples(st.integers(-700, 700), st.integers(0, 1000)), max_size=30)
roles = st.sampled_from(["brand", "product", "executive", "competitor", "issue"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(roles, volumes), min_size=1))
def test_shares_of_voice_are_parts(said: dict[str, tuple[str, list[tuple[int, int]]]]) -> None:
    samples = {
        topic: [quarter(topic, START + at * WINDOW, volume) for at, volume in told] for topic, (_, told) in said.items()
    }
    week = week_of(facts(samples, {topic: role for topic, (role, _) in said.items()}))
    for one in week.topics:
        assert one.voice is None or 0 <= one.voice <= 1
        assert one.now.mentions >= 0
    rivals = [one.voice for one in week.topics if one.role in ("brand", "competitor")]
    if sum(one.role == "brand" for one in week.topics) == 1 and len(rivals) > 1 and None not in rivals:
        assert abs(sum(one or 0 for one in rivals) - 1) < 1e-9
