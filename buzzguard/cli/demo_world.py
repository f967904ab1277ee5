"""The invented brand of the demo: what is said of it, by whom, and the feeds that carry it.

Lumio sells kettles. For some days little happens; then a video shows the handle of the K2 melting; its makers keep
silent and refuse refunds, and people call for a boycott. Everything is made from one seed, so that it can be tested.
"""

from __future__ import annotations

import hashlib
import math
import random
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

from buzzguard.cli.demo_speech import Around, Deck, Speech, handle, named, speech_of, worded
from buzzguard.model import Language, Record

QUIET = timedelta(days=12)
CRISIS = timedelta(hours=2)
SITES = ("conso-matin.example", "forum-cuisine.example", "bavardage.example")
FEED_LENGTH = 150
_PER_HOUR = 5.0
_PEAK_PER_HOUR = 260.0
_FIRST_PER_HOUR = 20.0
_DOUBLING = timedelta(minutes=14)
_PASSED_ON = 0.08
"""Share of the mentions of the crisis that pass one post on, once it stands."""
_ASIDE = 0.1
"""Share that asks, or stands by the brand."""
_SPREAD_AFTER = timedelta(minutes=12)
"""Until then only those speak whom it befell; then it is passed on, asked about and doubted."""
_USUAL_AUTHORS = 500


class Said(Record, frozen=True, kw_only=True):
    """One text of the invented public; `hostile` tells whether its author means to blame the brand."""

    at: datetime
    site: int
    author: str
    text: str
    link: str
    hostile: bool


def make_world(start: datetime, language: Language, *, seed: int = 7) -> list[Said]:
    """Everything that is said from `start` to the end of the crisis, in order of time."""
    rng = random.Random(seed)
    public = _Public(random.Random(f"{seed}:{language}"), speech_of(language))
    onset = start + QUIET
    said: list[Said] = []
    for minute in range((QUIET + CRISIS) // timedelta(minutes=1)):
        at = start + timedelta(minutes=minute)
        for _ in range(_poisson(rng, _usual(at) / 60)):
            said.append(_place(rng, at, public.chat(), (2, 3, 3)))
        for _ in range(_poisson(rng, _outrage(at - onset) / 60)):
            said.append(_place(rng, at, public.rage(at - onset), (1, 3, 6)))
    return sorted(said, key=lambda one: one.at)


class _Uttered(NamedTuple):
    author: str
    text: str
    hostile: bool


class _Public:
    """Who speaks, and what they say: the few of any day, and the many whom the crisis moves."""

    def __init__(self, rng: random.Random, speech: Speech) -> None:
        self._rng = rng
        self._speech = speech
        self._usual = [handle(rng, speech) for _ in range(_USUAL_AUTHORS)]
        self._ordinary = Deck(rng, speech.ordinary)
        self._asides = Deck(rng, speech.asides)
        self._told = [(story, Deck(rng, story.sentences)) for story in speech.stories]
        self._viral_author = ""

    def chat(self) -> _Uttered:
        """One of any day."""
        return _Uttered(
            self._rng.choice(self._usual), worded(self._rng, self._ordinary.draw(), self._speech.calm), hostile=False
        )

    def rage(self, since: timedelta) -> _Uttered:
        """One of the crisis, so long after it began."""
        kind, author = self._rng.random(), handle(self._rng, self._speech)
        spread = since >= _SPREAD_AFTER
        if spread and kind < _PASSED_ON:
            return _Uttered(author, self._pass_on(author), hostile=True)
        if spread and kind < _PASSED_ON + _ASIDE:
            return _Uttered(author, self._branded(self._asides, self._speech.calm), hostile=False)
        open_now = [(story, deck) for story, deck in self._told if since >= timedelta(minutes=story.begins)]
        _, deck = self._rng.choices(open_now, weights=[story.weight for story, _ in open_now])[0]
        return _Uttered(author, self._branded(deck, self._speech.angry), hostile=True)

    def _branded(self, deck: Deck, around: Around) -> str:
        return named(self._rng, worded(self._rng, deck.draw(), around))

    def _pass_on(self, author: str) -> str:
        """The viral post at first, then its reposts."""
        if not self._viral_author:
            self._viral_author = author
            return self._speech.viral
        return f"RT @{self._viral_author.replace(' ', '_')}: {self._speech.viral}"


def feed(said: list[Said], site: int, now: datetime) -> str:
    """The RSS of one site as it stands at `now`: the newest first, a bounded number."""
    published = [one for one in said if one.site == site and one.at <= now][-FEED_LENGTH:]
    items = "".join(
        f"<item><guid>{escape(one.link)}</guid><link>{escape(one.link)}</link>"
        f"<title>{escape(_title(one.text))}</title><description>{escape(one.text)}</description>"
        f"<author>{escape(one.author)}</author><pubDate>{format_datetime(one.at)}</pubDate></item>"
        for one in reversed(published)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{SITES[site]}</title><link>https://{SITES[site]}/</link><description/>{items}</channel></rss>"
    )


def _usual(at: datetime) -> float:
    """Mentions an hour of an ordinary day: few at night, most in the evening."""
    return _PER_HOUR * (0.55 + 0.45 * math.sin((at.hour + at.minute / 60 - 13) / 24 * 2 * math.pi))


def _outrage(since: timedelta) -> float:
    """Hostile mentions an hour: doubling again and again, until everybody has seen the video."""
    if since < timedelta():
        return 0.0
    return min(_PEAK_PER_HOUR, _FIRST_PER_HOUR * 2 ** (since / _DOUBLING))


def _place(rng: random.Random, at: datetime, uttered: _Uttered, weights: tuple[int, int, int]) -> Said:
    site = rng.choices((0, 1, 2), weights=weights)[0]
    moment = at + timedelta(seconds=rng.randrange(60))
    mark = hashlib.sha256(f"{moment}:{uttered.author}:{uttered.text}".encode()).hexdigest()[:8]
    link = f"https://{SITES[site]}/{moment:%Y/%m/%d}/{mark}"
    return Said(at=moment, site=site, author=uttered.author, text=uttered.text, link=link, hostile=uttered.hostile)


def _title(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + "…"


def _poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number, by multiplying uniform ones (Knuth); means here are small."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
