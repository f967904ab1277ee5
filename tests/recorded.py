"""A small invented recording, and the cores that play it: for tests of the whole pipeline."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from buzzguard.assembly import assemble
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import MINUTE, Author, Batch, Effects, Mention
from buzzguard.pipeline import Core, Parts, step

START = datetime(2026, 3, 2, tzinfo=UTC)
ONSET = START + timedelta(days=3, hours=10)
_ORDINARY = ("Acme opened shop number {n} today, see you there", "Which filter fits the Acme kettle {n}?")
_HOSTILE = (
    "Acme lied to us, this is a disgusting fraud {n}",
    "My Acme melted, a horrible scandal {n}",
    "Boycott Acme, shame on them {n}",
)


def settings(**more: Any) -> Settings:
    """One brand, the shipped rules; a policy of two steps."""
    document: dict[str, Any] = {
        "topics": {"acme": {"name": "Acme", "query": "acme"}},
        "rules": (str(shipped_rules()),),
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"comms": {"notifier": "console"}, "boss": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["comms"]}, {"notify": ["boss"], "after": "10m"}], "repeat": 0}},
    }
    return Settings.model_validate(document | more)


@cache
def _parts() -> Parts:
    return assemble(settings(), Path()).parts


def core(chosen: Settings | None = None) -> Core:
    """A fresh core; rules and words are loaded once."""
    return Core(chosen or settings(), _parts())


def mention(number: int, at: datetime, text: str, *, stream: str = "forum", **more: Any) -> Mention:
    """A post by an author of its own."""
    return Mention(
        id=f"{stream}:{number}",
        stream=stream,
        source="rss",
        published=at,
        fetched=at,
        text=text.format(n=number),
        site=f"site{number % 7}.example",
        author=Author(id=f"author-{number}"),
        **more,
    )


def ordinary(start: datetime, end: datetime, *, every: timedelta = timedelta(minutes=25)) -> Iterator[Mention]:
    """What is said of Acme on ordinary days."""
    number, at = 0, start
    while at < end:
        yield mention(number, at, _ORDINARY[number % len(_ORDINARY)])
        number += 1
        at += every


def hostile(at: datetime, count: int, *, seed: int = 1) -> list[Mention]:
    """A crisis: `count` hostile mentions within half an hour, several of them in one minute."""
    dice = random.Random(seed)
    times = sorted(at + timedelta(seconds=dice.randrange(1800)) for _ in range(count))
    return [mention(100_000 + n, time, _HOSTILE[n % len(_HOSTILE)]) for n, time in enumerate(times)]


def recording(*, count: int = 60, seed: int = 1) -> list[Mention]:
    """Three ordinary days, then a crisis."""
    said = [*ordinary(START, ONSET), *hostile(ONSET, count, seed=seed)]
    return sorted(said, key=lambda one: one.published)


def minute_by_minute(core: Core, mentions: Sequence[Mention], until: datetime) -> Iterator[Effects]:
    """The daemon's steps: one a minute, whether anything was said or not, each with what was published in it."""
    waiting = list(mentions)
    minute = mentions[0].published.replace(second=0, microsecond=0)
    while minute < until:
        minute += MINUTE
        several = [one for one in waiting if one.published < minute]
        waiting = waiting[len(several) :]
        yield step(core, Batch(mentions=tuple(several)), minute - timedelta(microseconds=1))


def alerts_of(effects: Iterable[Effects]) -> list[tuple[str, str, str, datetime]]:
    """Each alert's changes of state and severity: rule, state, severity, instant."""
    told: list[tuple[str, str, str, datetime]] = []
    last: dict[str, tuple[str, str]] = {}
    for one in effects:
        for alert in one.alerts:
            now = (alert.state.value, alert.severity.value)
            if last.get(alert.fingerprint) != now:
                told.append((alert.rule, *now, alert.at))
                last[alert.fingerprint] = now
    return told
