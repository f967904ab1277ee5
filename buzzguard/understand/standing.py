"""What has become of each click: whether it counts by now, and if not, why.

The rules are those of `correction` and `homonyms`, told without a scorer, so that they can be shown to people beside
the daemon that has learned. `tests/understand/test_standing.py` holds that both agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum

from buzzguard.config.settings import TopicSettings
from buzzguard.model import Click, ClickKind
from buzzguard.understand.correction import DIRECT_PER_DAY, LEARNED_PER_DAY, MOST_CLICKS
from buzzguard.understand.homonyms import LEAST_CLICKS, MAX_CLICKS
from buzzguard.understand.sentiment.features import normalised


class Standing(StrEnum):
    """What has become of a click.

    Of those on a text's side: `counts` for this text and for texts like it; `this_text` for this very text alone, while
    no second person has clicked; `others` for texts like it, and for this one once a second person says the same;
    `waits` for both. Of those on whether a text is about a topic: `counts`, or `too_few` texts of a side are known.
    `not_learned`: the scorer learns from nobody. `no_topic`: the topic is not watched any more.
    """

    COUNTS = "counts"
    THIS_TEXT = "this_text"
    OTHERS = "others"
    WAITS = "waits"
    TOO_FEW = "too_few"
    OVER_DAILY_LIMIT = "over_daily_limit"
    REPLACED = "replaced"
    UNDONE = "undone"
    FORGOTTEN = "forgotten"
    NO_TOPIC = "no_topic"
    NOT_LEARNED = "not_learned"
    UNDO = "undo"

    @property
    def acts(self) -> bool:
        """Whether the click changes how any text is read."""
        return self in (Standing.COUNTS, Standing.THIS_TEXT, Standing.OTHERS)

    @property
    def over(self) -> bool:
        """Whether the click was put aside for good: saying it again would be something new."""
        return self in (Standing.REPLACED, Standing.UNDONE, Standing.FORGOTTEN)


_SIDES = (ClickKind.NEGATIVE, ClickKind.NOT_NEGATIVE)


def standings(
    clicks: Iterable[Click],
    topics: Mapping[str, TopicSettings],
    *,
    leads: Collection[str] = (),
    learns: bool = True,
) -> dict[str, Standing]:
    """The standing of each click by its id. `clicks` are all that are stored, in their order.

    `leads` are people who may teach alone; `learns` tells whether the scorer can be corrected.
    """
    sides, abouts = _Sides(leads), {topic: _About(settings) for topic, settings in topics.items()}
    known: dict[str, Click] = {}
    standing: dict[str, Standing] = {}
    for click in clicks:
        if click.id in known:
            continue
        known[click.id] = click
        about = abouts.get(click.topic)
        if click.kind is ClickKind.UNDO:
            standing[click.id] = Standing.UNDO
            _undo(known.get(click.undoes), sides, abouts)
        elif click.kind in _SIDES:
            sides.take(click)
        elif about is None:
            standing[click.id] = Standing.NO_TOPIC
        else:
            about.take(click)
    standing |= sides.told() if learns else dict.fromkeys(sides.told(), Standing.NOT_LEARNED) | sides.gone
    for about in abouts.values():
        standing |= about.told()
    return {id: standing[id] for id in known}


def _undo(click: Click | None, sides: _Sides, abouts: Mapping[str, _About]) -> None:
    if click is None:
        return
    if click.kind in _SIDES:
        sides.undo(click)
    elif click.topic in abouts:
        abouts[click.topic].undo(click)


class _Sides:
    """The clicks that say on which side a text is, as `correction.Correction` takes them."""

    def __init__(self, leads: Collection[str]) -> None:
        self._leads = frozenset(leads)
        self._kept: dict[str, Click] = {}
        self.gone: dict[str, Standing] = {}

    def take(self, click: Click) -> None:
        self._kept[click.id] = click
        if len(self._kept) > MOST_CLICKS:
            for oldest in list(self._kept)[: MOST_CLICKS // 10]:
                del self._kept[oldest]
                self.gone[oldest] = Standing.FORGOTTEN

    def undo(self, click: Click) -> None:
        if self._kept.pop(click.id, None) is not None:
            self.gone[click.id] = Standing.UNDONE

    def told(self) -> dict[str, Standing]:
        """The standing of each click."""
        last = {(click.who.id, _text(click)): click.id for click in self._kept.values()}
        told, learned, in_full = self._counted(frozenset(last.values()))
        people = {click.who.id for click in learned}
        said = Counter((_text(click), click.kind) for click in learned)
        for click in learned:
            heeded = len(people) > 1 or click.who.id in self._leads
            direct = click.id in in_full or said[_text(click), click.kind] > 1
            told[click.id] = _HEEDED[heeded, direct]
        return {id: told[id] for id in self._kept} | self.gone

    def _counted(self, last: frozenset[str]) -> tuple[dict[str, Standing], list[Click], set[str]]:
        """Those that do not count; those that are learned, and which of them move their own text in full."""
        told: dict[str, Standing] = {}
        learned: list[Click] = []
        in_full: set[str] = set()
        today: Counter[tuple[str, date]] = Counter()
        for click in self._kept.values():
            if click.id not in last:
                told[click.id] = Standing.REPLACED
                continue
            day = (click.who.id, click.at.date())
            today[day] += 1
            if today[day] > LEARNED_PER_DAY:
                told[click.id] = Standing.OVER_DAILY_LIMIT
                continue
            learned.append(click)
            if today[day] <= DIRECT_PER_DAY:
                in_full.add(click.id)
        return told, learned, in_full


_HEEDED: Mapping[tuple[bool, bool], Standing] = {
    (True, True): Standing.COUNTS,
    (True, False): Standing.OTHERS,
    (False, True): Standing.THIS_TEXT,
    (False, False): Standing.WAITS,
}
"""Whether a click is heeded for other texts, and whether its own text moves."""


class _About:
    """The clicks that say whether a text is about one topic, as `homonyms.AboutUs` takes them."""

    def __init__(self, settings: TopicSettings) -> None:
        examples = settings.about.examples if settings.about else None
        self._examples = (len(examples.ours), len(examples.others)) if examples else (0, 0)
        self._held: dict[str, Click] = {}
        self._said: dict[str, list[Click]] = {}
        self._gone: dict[str, Standing] = {}

    def take(self, click: Click) -> None:
        self._said.setdefault(click.mention, []).append(click)
        before = self._held.get(click.mention)
        if before is not None:
            self._gone[before.id] = Standing.REPLACED
        self._hold(click)

    def undo(self, click: Click) -> None:
        """It is as if the click had never been: the last word that nobody took back stands."""
        said = self._said[click.mention] = [one for one in self._said.get(click.mention, []) if one.id != click.id]
        self._held.pop(click.mention, None)
        self._gone[click.id] = Standing.UNDONE
        if said:
            self._gone.pop(said[-1].id, None)
            self._hold(said[-1])

    def _hold(self, click: Click) -> None:
        self._held.pop(click.mention, None)
        self._held[click.mention] = click
        if len(self._held) > MAX_CLICKS:
            oldest = next(iter(self._held))
            self._gone[self._held.pop(oldest).id] = Standing.FORGOTTEN

    def told(self) -> dict[str, Standing]:
        """The standing of each click."""
        ours = sum(click.kind is ClickKind.ABOUT_US for click in self._held.values())
        sides = (self._examples[0] + ours, self._examples[1] + len(self._held) - ours)
        standing = Standing.COUNTS if min(sides) >= LEAST_CLICKS else Standing.TOO_FEW
        return {click.id: standing for click in self._held.values()} | self._gone


def _text(click: Click) -> str:
    """The same for texts that say the same."""
    return " ".join(normalised(click.text).split())
