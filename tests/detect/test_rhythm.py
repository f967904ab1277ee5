"""Each stream has its own rhythm; a silence is rare or usual by it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from buzzguard.detect.rhythm import StreamRhythms
from buzzguard.model import WATCHER_TOPIC, Checkpoint, Poll, StreamHealth
from tests.detect.world import DAY, MONDAY, poisson

EVERY = timedelta(minutes=5)
HOUR = timedelta(hours=1)


class Wire:
    """A stream that is polled every five minutes and brings what was published since."""

    def __init__(self, *, weekdays_only: bool = False, per_hour: float = 12.0, name: str = "wire") -> None:
        self.rhythms = StreamRhythms({name: EVERY})
        self.name, self.now = name, MONDAY
        self.weekdays_only, self.per_hour = weekdays_only, per_hour
        self._dice = random.Random(name)

    def rate(self, at: datetime) -> float:
        awake = 7 <= at.hour < 20 and not (self.weekdays_only and at.weekday() >= 5)
        return self.per_hour / 12.0 if awake else 0.0

    def live(self, span: timedelta, *, mute: bool = False, ok: bool = True, polled: bool = True) -> None:
        until = self.now + span
        while self.now < until:
            count = 0 if mute or not ok else poisson(self._dice, self.rate(self.now))
            published = [self.now + EVERY * self._dice.random() for _ in range(count)]
            self.now += EVERY
            self.rhythms.observe(self.name, published)
            if polled:
                self.rhythms.polled([Poll(stream=self.name, at=self.now, ok=ok, reason="" if ok else "HTTP 503")])

    def health(self) -> StreamHealth:
        return self.rhythms.health(self.now)[0]


def test_silence_at_noon_is_rare_for_a_stream_that_speaks_all_day() -> None:
    wire = Wire()
    wire.live(14 * DAY + 10 * HOUR)
    assert wire.health().once_per < DAY
    wire.live(4 * HOUR, mute=True)
    health = wire.health()
    assert health.once_per > timedelta(days=90)
    assert health.expected > 20.0
    assert timedelta(hours=4) <= health.silent_for < timedelta(hours=4.5)


def test_the_silence_of_every_night_is_none() -> None:
    wire = Wire()
    wire.live(14 * DAY + 6.5 * HOUR)
    assert wire.health().silent_for > timedelta(hours=9)
    assert wire.health().once_per < timedelta(days=7)


def test_a_weekend_without_a_word_is_usual_for_a_feed_of_weekdays() -> None:
    wire = Wire(weekdays_only=True)
    wire.live(28 * DAY)
    rarest = timedelta(0)
    for _ in range(7 * 24):
        wire.live(HOUR)
        rarest = max(rarest, wire.health().once_per)
    assert rarest < timedelta(days=30)


def test_a_stream_that_speaks_twice_a_week_may_keep_silent_for_days() -> None:
    wire = Wire(per_hour=2.0 / 91.0, name="slow")
    wire.live(28 * DAY)
    wire.live(3 * DAY, mute=True)
    assert wire.health().once_per < timedelta(days=30)


def test_time_in_which_a_stream_fails_is_no_silence() -> None:
    wire = Wire()
    wire.live(14 * DAY + 8 * HOUR)
    before = wire.health().once_per
    wire.live(4 * HOUR, ok=False)
    health = wire.health()
    assert health.once_per <= max(before, DAY)
    assert health.failures == 48
    assert health.reason == "HTTP 503"
    assert timedelta(hours=4) <= health.failing_for <= timedelta(hours=4.1)
    wire.live(EVERY)
    assert wire.health().failing_for == timedelta(0)
    assert wire.health().failures == 0


def test_the_hours_of_an_outage_do_not_become_the_rhythm() -> None:
    wire = Wire()
    wire.live(14 * DAY)
    expected = _expected_by_noon(wire)
    for _ in range(4):
        wire.live(DAY, ok=False)
    wire.live(10 * HOUR)
    # Learned as zeros, four days would have halved the rate more than once.
    assert _expected_by_noon(wire) > 0.55 * expected


def _expected_by_noon(wire: Wire) -> float:
    """Mentions that two silent hours before noon would have brought."""
    wire.live(timedelta(hours=(10 - wire.now.hour) % 24))
    wire.live(2 * HOUR, mute=True)
    return wire.health().expected


def test_a_stream_that_never_worked_says_so_from_its_first_poll() -> None:
    wire = Wire()
    wire.live(HOUR, ok=False)
    health = wire.health()
    assert health.failures == 12
    assert health.failing_for == timedelta(minutes=55)
    assert health.once_per == timedelta(0)


def test_a_stream_that_nobody_polls_is_failing_as_well() -> None:
    wire = Wire()
    wire.live(2 * DAY)
    wire.live(HOUR, mute=True, polled=False)
    assert wire.health().failing_for == HOUR
    assert wire.health().reason == "not polled"


def test_a_young_stream_is_never_called_silent() -> None:
    wire = Wire()
    wire.live(12 * HOUR)
    wire.live(5 * HOUR, mute=True)
    assert wire.health().once_per == timedelta(0)


def test_polls_told_twice_count_once() -> None:
    rhythms = StreamRhythms({"wire": EVERY})
    polls = [Poll(stream="wire", at=MONDAY + EVERY * i, ok=False, reason="x") for i in range(3)]
    rhythms.polled(polls)
    rhythms.polled(polls)
    assert rhythms.health(MONDAY + HOUR)[0].failures == 3


def test_strangers_and_absurd_times_are_passed_over() -> None:
    rhythms = StreamRhythms({"wire": EVERY})
    rhythms.observe("other", [MONDAY])
    rhythms.observe("wire", [datetime.min.replace(tzinfo=MONDAY.tzinfo), datetime.max.replace(tzinfo=MONDAY.tzinfo)])
    rhythms.polled([Poll(stream="wire", at=MONDAY, ok=True), Poll(stream="other", at=MONDAY, ok=True)])
    assert rhythms.health(MONDAY + HOUR)[0].silent_for == HOUR


def test_a_restart_changes_no_answer() -> None:
    wire = Wire()
    wire.live(9 * DAY + 9 * HOUR)
    twin = StreamRhythms({"wire": EVERY, "new": EVERY})
    twin.restore(
        [Checkpoint(topic=WATCHER_TOPIC, at=wire.now, detector="rhythm/1", state=wire.rhythms.snapshot())],
    )
    assert twin.health(wire.now + 2 * HOUR)[1] == wire.rhythms.health(wire.now + 2 * HOUR)[0]


def test_the_rhythms_are_kept_about_once_an_hour() -> None:
    wire, kept = Wire(), 0
    for _ in range(24):
        wire.live(HOUR)
        kept += len(wire.rhythms.checkpoints(wire.now))
    assert 22 <= kept <= 24


def test_a_checkpoint_that_does_not_fit_is_passed_over() -> None:
    rhythms = StreamRhythms({"wire": EVERY})
    for detector, state in (("rhythm/0", b""), ("rhythm/1", b"broken")):
        rhythms.restore([Checkpoint(topic=WATCHER_TOPIC, at=MONDAY, detector=detector, state=state)])
    assert rhythms.health(MONDAY)[0].failures == 0


class Pushing(Wire):
    """A place that pushes: its good polls are told once a minute, each with the next to come at once."""

    def live(self, span: timedelta, *, mute: bool = False, ok: bool = True, polled: bool = True) -> None:
        until, minute = self.now + span, timedelta(minutes=1)
        while self.now < until:
            count = 0 if mute or not ok else poisson(self._dice, self.rate(self.now) / 5)
            self.rhythms.observe(self.name, [self.now + minute * self._dice.random() for _ in range(count)])
            self.now += minute
            if polled:
                reason = "" if ok else "the connection was closed"
                self.rhythms.polled([Poll(stream=self.name, at=self.now, ok=ok, reason=reason, next_at=self.now)])


def test_a_place_that_pushes_has_its_own_rhythm_and_its_failures_are_no_silence() -> None:
    wire = Pushing(per_hour=60.0)
    wire.live(14 * DAY + 10 * HOUR)
    assert wire.health().once_per < DAY
    wire.live(HOUR, ok=False)
    failing = wire.health()
    assert failing.failing_for >= HOUR
    assert failing.reason == "the connection was closed"
    assert failing.once_per < DAY
    wire.live(HOUR, mute=True)
    silent = wire.health()
    assert (silent.failing_for, silent.failures) == (timedelta(0), 0)
    assert silent.once_per > timedelta(days=90)


def test_a_stream_whose_service_asked_for_a_long_wait_is_not_failing_meanwhile() -> None:
    rhythms = StreamRhythms({"daily": EVERY})
    rhythms.polled([Poll(stream="daily", at=MONDAY, ok=True, next_at=MONDAY + 6 * HOUR)])
    assert rhythms.health(MONDAY + 6 * HOUR)[0].failing_for == timedelta(0)
    assert rhythms.health(MONDAY + 7 * HOUR)[0].reason == "not polled"
    rhythms.polled([Poll(stream="daily", at=MONDAY + 6 * HOUR, ok=True)])
    assert rhythms.health(MONDAY + 6 * HOUR)[0].failures == 0
