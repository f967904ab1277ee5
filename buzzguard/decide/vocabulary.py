"""What a condition may name: every variable with its kind and meaning, and how it is read.

`rules/README.md` holds these tables; a test keeps both alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from buzzguard.config.settings import TopicSettings
from buzzguard.model import COUNTED_ELSEWHERE, Assessment, Direction, Judged, Signal, StreamHealth

Scope: TypeAlias = Literal["topic", "stream", "selector"]
Kind: TypeAlias = Literal["number", "duration", "yes/no", "text", "texts by name"]

LEAST_EXPECTED = 1.0
"""A ratio takes an expectation below one for one: a single mention is never a hundredfold surge."""
LEAST_SHARE = 0.01
"""The same for a share, which is itself a part of one."""

LONGEST = timedelta(days=365_000)
"""A thousand years stand for `never`: CEL's own durations end at ten thousand."""

FUNCTIONS = {
    "days": ("days(90)", "a duration of that many days"),
    "hours": ("hours(6)", "a duration of that many hours"),
    "minutes": ("minutes(15)", "a duration of that many minutes"),
}
"""The functions that BuzzGuard adds to CEL's own: an example and the meaning."""


class TopicFacts(NamedTuple):
    """A topic as rules see it."""

    id: str
    settings: TopicSettings


class Variable(NamedTuple):
    """A name that conditions may read. `signal` is the one it belongs to, None when it belongs to none."""

    name: str
    kind: Kind
    means: str
    signal: Signal | None = None


SIGNALS = {
    Signal.VOLUME: "all mentions",
    Signal.NEGATIVE: "negative mentions",
    Signal.POSITIVE: "positive mentions",
    Signal.AUTHORS: "distinct authors",
    Signal.REACH: "audience of the authors, summed",
    Signal.ENGAGEMENT: "likes, replies and shares, summed",
    Signal.SPREAD: "distinct sites",
    Signal.GRAVITY: "mentions that hold a critical word (boycott, recall, leak…)",
    Signal.SHARE: "the part (0 to 1) of the independent voices that is negative",
    Signal.PAGE_VIEWS: "page views of what is read of the topic (Wikipedia), in the newest bin of the source",
    Signal.COUNTED: "mentions that a source counts without giving them (X, GDELT), in its newest bin",
    Signal.CRISIS: "how large and how hostile together; its value is the common logarithm of its return period in days",
}

_OF_SIGNAL: dict[str, tuple[Kind, str]] = {
    "count": ("number", "the value in the window"),
    "value": ("number", "the same as `count`, for signals that are no counts"),
    "expected": ("number", "the baseline for this time of week"),
    "ratio": ("number", "`count` divided by `expected`; an expectation below 1 (a share: below 0.01) is taken for it"),
    "once_per": (
        "duration",
        "the return period: how rarely the baseline alone would produce a value this high; "
        "zero when it is usual or low",
    ),
    "doubles_in": ("duration", "how soon it doubles at its present pace; a thousand years when it does not grow"),
    "learning": ("yes/no", "whether the baseline is still young, and its thresholds wide"),
}

_OF_ONE_SIGNAL = (
    Variable("volume.copies", "number", "mentions whose text another one had before", Signal.VOLUME),
    Variable("volume.originals", "number", "mentions whose text nobody had before", Signal.VOLUME),
    Variable("spread.sources", "number", "distinct sources (kinds of place: rss, mastodon…)", Signal.SPREAD),
    Variable("spread.sites", "number", "distinct sites, the same as `spread.count`", Signal.SPREAD),
    Variable("reach.top", "number", "the largest audience of an author of a negative mention", Signal.REACH),
    Variable(
        "volume.lull_once_per",
        "duration",
        "the return period of so few mentions; zero when the volume is usual or high",
        Signal.VOLUME,
    ),
    Variable(
        "negative.share", "number", "negative mentions in all mentions, 0 to 1; 0 without mentions", Signal.NEGATIVE
    ),
)

_OF_TOPIC = (
    Variable("topic.id", "text", "the topic's id"),
    Variable("topic.role", "text", "brand, product, executive, competitor or issue"),
    Variable("topic.owner", "text", "who owns the topic"),
    Variable("topic.labels", "texts by name", "the topic's labels"),
    Variable("window", "duration", "the window on which the condition is judged"),
)

_OF_STREAM = (
    Variable("stream.id", "text", "the stream's id"),
    Variable("stream.silent_for", "duration", "the time since its newest mention"),
    Variable("stream.expected", "number", "how many mentions its own rhythm would have brought meanwhile"),
    Variable("stream.once_per", "duration", "how rarely its rhythm makes such a silence"),
    Variable("stream.failing_for", "duration", "the time since its last good poll; zero when the last one was good"),
    Variable("stream.failures", "number", "polls failed in a row"),
)

_OF_SELECTOR = (
    Variable("id", "text", "the topic's id"),
    Variable("role", "text", "brand, product, executive, competitor or issue"),
    Variable("owner", "text", "who owns the topic"),
    Variable("labels", "texts by name", "the topic's labels"),
)


@cache
def variables(scope: Scope) -> dict[str, Variable]:
    """Every variable of a scope by name."""
    if scope == "stream":
        return {variable.name: variable for variable in _OF_STREAM}
    if scope == "selector":
        return {variable.name: variable for variable in _OF_SELECTOR}
    of_signals = [
        Variable(f"{signal}.{name}", kind, means, signal)
        for signal in Signal
        for name, (kind, means) in _OF_SIGNAL.items()
    ]
    return {variable.name: variable for variable in (*of_signals, *_OF_ONE_SIGNAL, *_OF_TOPIC)}


def attributes() -> dict[str, tuple[Kind, str]]:
    """What every signal offers, by name: the kind and the meaning."""
    return dict(_OF_SIGNAL)


class TopicValues(dict[str, object]):
    """The values of one topic and window, each worked out when it is first read."""

    def __init__(self, judged: Judged, topic: TopicFacts) -> None:
        super().__init__()
        self.judged = judged
        self.topic = topic

    def __missing__(self, name: str) -> object:
        value = self[name] = _TOPIC_READERS[name](self.judged, self.topic)
        return value


def stream_values(health: StreamHealth) -> dict[str, object]:
    """The values of one stream by variable name."""
    return {
        "stream.id": health.stream,
        "stream.silent_for": min(health.silent_for, LONGEST),
        "stream.expected": health.expected,
        "stream.once_per": min(health.once_per, LONGEST),
        "stream.failing_for": min(health.failing_for, LONGEST),
        "stream.failures": health.failures,
    }


def selector_values(topic: TopicFacts) -> dict[str, object]:
    """The values by which a rule selects its topics."""
    settings = topic.settings
    return {"id": topic.id, "role": settings.role, "owner": settings.owner, "labels": settings.labels}


_Reader: TypeAlias = Callable[[Judged, TopicFacts], object]
_ZERO = timedelta(0)


def _assessed(signal: Signal, read: Callable[[Assessment], object], absent: object) -> _Reader:
    def reader(judged: Judged, _: TopicFacts) -> object:
        assessment = judged.assessments.get(signal)
        return absent if assessment is None else read(assessment)

    return reader


def _observed(signal: Signal) -> _Reader:
    if signal is Signal.CRISIS or signal in COUNTED_ELSEWHERE:
        return _assessed(signal, lambda assessment: assessment.observed, 0.0)
    name = signal.value
    return lambda judged, _: getattr(judged.samples, name)


def _ratio(signal: Signal) -> _Reader:
    observed = _observed(signal)
    least = LEAST_SHARE if signal is Signal.SHARE else LEAST_EXPECTED

    def reader(judged: Judged, topic: TopicFacts) -> object:
        assessment = judged.assessments.get(signal)
        expected = assessment.expected if assessment else 0.0
        return float(observed(judged, topic)) / max(expected, least)  # type: ignore[arg-type] # it is a number

    return reader


def _return_period(side: Direction) -> Callable[[Assessment], object]:
    return lambda assessment: min(assessment.once_per, LONGEST) if assessment.direction is side else _ZERO


def _doubling(assessment: Assessment) -> object:
    return LONGEST if assessment.doubles_in is None else min(assessment.doubles_in, LONGEST)


def _share(judged: Judged, _: TopicFacts) -> object:
    samples = judged.samples
    return samples.negative / samples.volume if samples.volume else 0.0


def _signal_readers(signal: Signal) -> dict[str, _Reader]:
    return {
        f"{signal}.count": _observed(signal),
        f"{signal}.value": _observed(signal),
        f"{signal}.expected": _assessed(signal, lambda assessment: assessment.expected, 0.0),
        f"{signal}.ratio": _ratio(signal),
        f"{signal}.once_per": _assessed(signal, _return_period(Direction.ABOVE), _ZERO),
        f"{signal}.doubles_in": _assessed(signal, _doubling, LONGEST),
        f"{signal}.learning": _assessed(signal, lambda assessment: assessment.learning, True),
    }


_TOPIC_READERS: dict[str, _Reader] = {
    **{name: reader for signal in Signal for name, reader in _signal_readers(signal).items()},
    "volume.copies": lambda judged, _: judged.samples.copies,
    "volume.originals": lambda judged, _: judged.samples.volume - judged.samples.copies,
    "spread.sources": lambda judged, _: judged.samples.sources,
    "spread.sites": lambda judged, _: judged.samples.spread,
    "reach.top": lambda judged, _: judged.samples.top_reach,
    "volume.lull_once_per": _assessed(Signal.VOLUME, _return_period(Direction.BELOW), _ZERO),
    "negative.share": _share,
    "topic.id": lambda _, topic: topic.id,
    "topic.role": lambda _, topic: topic.settings.role,
    "topic.owner": lambda _, topic: topic.settings.owner,
    "topic.labels": lambda _, topic: topic.settings.labels,
    "window": lambda judged, _: judged.samples.window,
}
