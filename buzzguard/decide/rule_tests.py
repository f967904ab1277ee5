"""Tests that rule authors write beside their rules: `<id>.test.yml`, after promtool.

A test says what is seen (`windows`, `streams` or `mentions`) and which alerts must stand at which times. The first
two forms are played here, against the rules alone; mentions go through the whole pipeline, which is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.durations import format_duration
from buzzguard.config.located import Located, build, files_in, is_folder, read_yaml
from buzzguard.config.settings import Duration, Identifier
from buzzguard.decide.evaluate import GAP
from buzzguard.decide.loader import TEST_SUFFIX
from buzzguard.decide.notation import durations, numbers
from buzzguard.decide.rule import Window
from buzzguard.errors import ConfigError
from buzzguard.model import Alert, AlertState, Fault, Severity, Signal

START = datetime(2026, 1, 5, tzinfo=UTC)
"""When every test begins: a Monday, midnight."""

TOPIC = "topic"
"""The id of the topic of every test."""


def _text(value: object) -> object:
    """YAML reads `negative: 8` as a number; a series is a text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _numbers(value: object) -> object:
    return tuple(numbers(str(_text(value)))) if isinstance(value, str | int | float) else value


def _durations(value: object) -> object:
    return tuple(durations(str(_text(value)))) if isinstance(value, str | int) else value


Numbers = Annotated[tuple[float | None, ...], BeforeValidator(_numbers)]
Durations = Annotated[tuple[timedelta | None, ...], BeforeValidator(_durations)]


class WindowSeries(Frozen):
    """What one window shows, evaluation by evaluation; a series that ends goes on with its last value.

    `share` (0 to 1) is by default the negative mentions in all mentions. The crisis score has but a return period.
    """

    window: Window
    volume: Numbers | None = None
    negative: Numbers | None = None
    positive: Numbers | None = None
    authors: Numbers | None = None
    reach: Numbers | None = None
    engagement: Numbers | None = None
    spread: Numbers | None = None
    gravity: Numbers | None = None
    share: Numbers | None = None
    sources: Numbers | None = None
    top_reach: Numbers | None = None
    copies: Numbers | None = None
    page_views: Numbers | None = None
    counted: Numbers | None = None
    known: Numbers | None = None
    once_per: dict[Signal, Durations] = {}
    lull_once_per: Durations | None = None
    learned: Durations | None = None
    expected: dict[Signal, Numbers] = {}


class StreamSeries(Frozen):
    """How a stream does, evaluation by evaluation."""

    stream: Identifier
    silent_for: Durations | None = None
    expected: Numbers | None = None
    once_per: Durations | None = None
    failing_for: Durations | None = None


class MentionSeries(Frozen):
    """Mentions that arrive: one at `at`, or `repeat` of them, one each `every`. `{n}` in a text counts them."""

    at: Duration = timedelta(0)
    repeat: int = Field(default=1, ge=1, le=20_000)
    every: Duration = timedelta(minutes=1)
    text: str
    author: str = "author {n}"
    followers: int = Field(default=0, ge=0)
    site: str = "site.example"
    source: Identifier = "recording"
    likes: int = Field(default=0, ge=0)
    shares: int = Field(default=0, ge=0)
    language: str = ""


class TestTopic(Frozen):
    """The topic of a test, as the rules' `topics` select it."""

    __test__ = False  # pytest takes every class called Test… for its own

    role: Literal["brand", "product", "executive", "competitor", "issue"] = "brand"
    query: str = "acme"
    owner: str = "communications"
    labels: dict[str, str] = {}


class ExpectedAlert(Frozen):
    """What must stand at `at`: the rule's alert with this severity and state, or none that fires."""

    at: Duration
    rule: Identifier | None = None
    severity: Literal["none", "yellow", "orange", "red"] = "none"
    state: Literal["none", "pending", "firing", "resolved"] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> ExpectedAlert:
        if self.severity == "none" and self.state in ("firing", "pending"):
            raise ValueError(f"an alert that is {self.state} has a severity: yellow, orange or red")
        return self


class RuleTest(Frozen):
    """One test. `rule` is set by the reader: the rule beside which it lies."""

    __test__ = False

    name: str
    topic: TestTopic = TestTopic()
    every: Duration = timedelta(minutes=1)
    windows: tuple[WindowSeries, ...] = ()
    streams: tuple[StreamSeries, ...] = ()
    mentions: tuple[MentionSeries, ...] = ()
    expect: tuple[ExpectedAlert, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_input(self) -> RuleTest:
        if sum(bool(given) for given in (self.windows, self.streams, self.mentions)) != 1:
            raise ValueError("give exactly one of `windows`, `streams` and `mentions`")
        if not timedelta(0) < self.every <= GAP:
            raise ValueError(f"`every` is more than 0s and at most {format_duration(GAP)}")
        return self

    @property
    def until(self) -> timedelta:
        """When the last expectation is due."""
        return max(expected.at for expected in self.expect)


class _TestFile(Frozen):
    tests: tuple[RuleTest, ...] = Field(min_length=1)


class LocatedTest(NamedTuple):
    """A test, the rule it lies beside, and where it stands."""

    rule: str
    test: RuleTest
    file: str
    line: int


Play: TypeAlias = Callable[[RuleTest], Sequence[Alert]]
"""Runs a test and gives the alerts that changed, in order; `START` is its beginning."""


class Check(NamedTuple):
    """One expectation, and what stood there instead of it."""

    expected: ExpectedAlert
    rule: str
    found: Alert | None
    passed: bool


class Outcome(NamedTuple):
    """What a test showed."""

    located: LocatedTest
    checks: tuple[Check, ...]
    alerts: tuple[Alert, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return all(check.passed for check in self.checks)


def read_tests(folders: Sequence[Path]) -> list[LocatedTest]:
    """Every test in `folders` (files may be given too). Raises ConfigError with every fault of every file."""
    faults: list[Fault] = []
    tests: list[LocatedTest] = []
    for path in _test_files(folders):
        try:
            located = read_yaml(path)
        except ConfigError as error:
            faults += error.faults
            continue
        file, wrong = build(_TestFile, located)
        faults += wrong
        tests += _located(file, located, path) if file else []
    if faults:
        raise ConfigError(faults)
    return tests


def _test_files(folders: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for folder in folders:
        files += files_in(folder, TEST_SUFFIX) if is_folder(folder) else [folder]
    return files


def _located(file: _TestFile, located: Located, path: Path) -> list[LocatedTest]:
    rule = path.name.removesuffix(TEST_SUFFIX)
    places = [located.place(("tests", index))[0] for index in range(len(file.tests))]
    return [LocatedTest(rule, test, located.file, line) for test, line in zip(file.tests, places, strict=True)]


def run_tests(tests: Iterable[LocatedTest], *, play: Play) -> list[Outcome]:
    """Play every test and compare what came with what was expected."""
    outcomes = []
    for located in tests:
        alerts = tuple(play(located.test))
        checks = tuple(_check(expected, located.rule, alerts) for expected in located.test.expect)
        outcomes.append(Outcome(located, checks, alerts))
    return outcomes


def _check(expected: ExpectedAlert, rule: str, alerts: Sequence[Alert]) -> Check:
    name = expected.rule or rule
    instant = START + expected.at
    found = next((alert for alert in reversed(alerts) if alert.rule == name and alert.at <= instant), None)
    return Check(expected, name, found, _agrees(expected, found))


def _agrees(expected: ExpectedAlert, found: Alert | None) -> bool:
    if expected.severity == "none" and expected.state in (None, "none"):
        return found is None or found.state is not AlertState.FIRING
    if found is None or found.state.value != (expected.state or "firing"):
        return False
    return expected.severity == "none" or found.severity is Severity(expected.severity)


def describe(outcome: Outcome) -> list[str]:
    """The outcome of a failed test as lines: each expectation beside what stood there, then all that happened."""
    rows = [("", "at", "expected", "got")]
    rows += [
        (
            "✓" if check.passed else "✗",
            format_duration(check.expected.at),
            _expected_words(check),
            _alert_words(check.found),
        )
        for check in outcome.checks
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.append("what happened:" if outcome.alerts else "nothing happened")
    for alert in outcome.alerts:
        lines.append(f"  {format_duration(alert.at - START):>8}  {_alert_words(alert)}{_evidence_words(alert)}")
    return lines


def _expected_words(check: Check) -> str:
    expected = check.expected
    if expected.severity == "none" and expected.state in (None, "none"):
        return f"no {check.rule} firing"
    severity = "" if expected.severity == "none" else f"{expected.severity} "
    return f"{check.rule} {severity}{expected.state or 'firing'}"


def _alert_words(alert: Alert | None) -> str:
    return "nothing" if alert is None else f"{alert.rule} {alert.severity} {alert.state}"


def _evidence_words(alert: Alert) -> str:
    parts: list[Any] = [
        f"{found.signal} {found.observed:g} of {found.expected:g} expected, once in {_about(found.once_per)}"
        for found in alert.evidence.assessments
        if found.once_per
    ]
    window = f" in {format_duration(alert.evidence.window)}" if alert.evidence.window else ""
    return f"{window}: {'; '.join(parts)}" if parts else window


def _about(duration: timedelta) -> str:
    """A return period without false precision."""
    day = timedelta(days=1)
    return format_duration(duration // day * day if duration >= day else duration)
