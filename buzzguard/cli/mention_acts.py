"""What `buzzguard mention` does: find mentions and clicks, write a click, take one back."""

from __future__ import annotations

import os
import pwd
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from buzzguard.cli.mention_words import WORDS, Words
from buzzguard.config.durations import format_duration
from buzzguard.config.settings import Settings
from buzzguard.config.words import listed, show, suggest
from buzzguard.errors import BuzzguardError
from buzzguard.model import Click, ClickKind, Language, Person, Record, ScoredMention
from buzzguard.store.looking import MentionStore, open_existing
from buzzguard.store.sql import SqlStore
from buzzguard.understand.standing import Standing, standings

AROUND = timedelta(days=2)
"""How far from a mention its copies and the others of its narrative are looked for."""
MOST_NAME = 80
_ABOUT = (ClickKind.ABOUT_US, ClickKind.NOT_ABOUT_US)
_SHOWN = 4


class Refused(BuzzguardError):
    """What a person asked cannot be done; the message is in their language and fit for a terminal."""


class Desk(Record, frozen=True, kw_only=True):
    """Where somebody sits down to correct: the configuration, its folder, the reader's language, the present."""

    settings: Settings
    base: Path
    language: Language
    now: datetime

    @property
    def words(self) -> Words:
        """What is said, in the reader's language."""
        return WORDS[self.language]

    @property
    def kept(self) -> str:
        """How long mentions are kept: `90d`."""
        return format_duration(self.settings.store.keep_mentions)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[MentionStore]:
        """The store, for reading. Raises StoreError."""
        store = await MentionStore.look_now(self.settings.store, now=self.now, base=self.base)
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[SqlStore]:
        """The store, for writing. Raises StoreError."""
        store = await open_existing(self.settings.store, now=self.now, base=self.base)
        try:
            yield store
        finally:
            await store.close()

    def topic(self, written: str) -> str:
        """The id of a topic, by its id or its name. Raises Refused."""
        topics = self.settings.topics
        if written in topics:
            return written
        named = [key for key, one in topics.items() if one.name.casefold() == written.strip().casefold()]
        if len(named) == 1:
            return named[0]
        hint = suggest(written, topics) if self.language == "en" else ""
        hint = hint or ", ".join(map(show, sorted(topics)[:8]))
        raise Refused(self.words.no_topic.format(topic=show(written), hint=hint))

    def person(self, given: str | None) -> Person:
        """Who acts: the person named, or else the user of the system. Raises Refused for what is no name."""
        name = (given if given is not None else system_user()).strip()
        if not 1 <= len(name) <= MOST_NAME or not name.isprintable():
            raise Refused(self.words.person_unfit.format(person=show(name), most=MOST_NAME))
        return Person(id=name, via="cli")

    def standings(self, clicks: Iterable[Click]) -> dict[str, Standing]:
        """What has become of each stored click under this configuration."""
        sentiment = self.settings.sentiment
        learns = scorer_learns(sentiment.scorer)
        return standings(clicks, self.settings.topics, leads=sentiment.leads, learns=learns)


def system_user() -> str:
    """The name of who sits at the terminal, through sudo as well."""
    if behind := os.environ.get("SUDO_USER"):
        return behind
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def scorer_learns(name: str) -> bool:
    """Whether the scorer of that name can be corrected by people. True for one that cannot be loaded here."""
    from buzzguard import plugins

    try:
        kind = plugins.load("scorer", name)
    except LookupError:
        return True
    return all(callable(getattr(kind, method, None)) for method in ("frozen", "rarity"))


async def found(desk: Desk, store: MentionStore, id: str) -> ScoredMention:
    """The mention of that id, or the only one whose id begins so. Raises Refused."""
    scored = await store.mention(id)
    if scored is not None:
        return scored
    near = await store.beginning(id, _SHOWN) if id else []
    if len(near) == 1 and (scored := await store.mention(near[0])) is not None:
        return scored
    if near:
        raise Refused(desk.words.many_mentions.format(id=show(id), found=_some(near)))
    raise Refused(desk.words.no_mention.format(id=show(id), kept=desk.kept))


def found_click(desk: Desk, clicks: Sequence[Click], id: str) -> Click:
    """The click of that id, or the only one whose id begins so. Raises Refused."""
    near = {one.id: one for one in clicks if id and one.id.startswith(id)}
    if id in near or len(near) == 1:
        return near.get(id) or next(iter(near.values()))
    if near:
        raise Refused(desk.words.many_clicks.format(id=show(id), found=_some(sorted(near))))
    raise Refused(desk.words.no_click.format(id=show(id)))


class Said(Record, frozen=True, kw_only=True):
    """What came of a correction: the click, what has become of it, whether it was there before, and whether the
    mention's topics were given by its stream."""

    click: Click
    standing: Standing
    known: bool = False
    given_topic: bool = False


async def say(desk: Desk, id: str, kind: ClickKind, *, topic: str | None, who: Person) -> Said:
    """Write what a person says of a mention. Raises Refused and StoreError."""
    async with desk.looking() as store:
        scored = await found(desk, store, id)
        clicks, _ = await store.clicks_after(0)
    chosen = _topic_of(desk, scored, kind, topic)
    given, standing = bool(scored.mention.topics), desk.standings(clicks)
    alike = [
        one
        for one in clicks
        if (one.kind, one.mention, one.who.id, one.topic) == (kind, scored.mention.id, who.id, chosen)
    ]
    click = click_of(desk, scored, kind, topic=chosen, who=who, time=len(alike))
    before = [one for one in alike if not standing[one.id].over]
    if before:
        return Said(click=before[-1], standing=standing[before[-1].id], known=True, given_topic=given)
    async with desk.writing() as writing:
        new = await writing.click(click)
    standing_now = desk.standings([*clicks, click])[click.id]
    return Said(click=click, standing=standing_now, known=not new, given_topic=given)


async def undo(desk: Desk, id: str, *, who: Person) -> Click:
    """Take back a click, as if it had never been; returns it. Raises Refused and StoreError."""
    async with desk.looking() as store:
        clicks, _ = await store.clicks_after(0)
    click, words = found_click(desk, clicks, id), desk.words
    if click.kind is ClickKind.UNDO:
        origin = next((one.mention for one in clicks if one.id == click.undoes), click.mention)
        raise Refused(words.undo_of_undo.format(click=show(click.id), mention=show(origin)))
    standing = desk.standings(clicks)[click.id]
    if standing is Standing.UNDONE or any(one.undoes == click.id for one in clicks):
        raise Refused(words.undone_already.format(click=show(click.id)))
    if standing is Standing.REPLACED and click.kind in _ABOUT:
        # To take back what no longer stands would take back what somebody else said since.
        later = [
            one for one in clicks if one.kind in _ABOUT and (one.mention, one.topic) == (click.mention, click.topic)
        ]
        raise Refused(words.superseded.format(click=show(click.id), later=show(later[-1].id)))
    taken = Click(
        id=_click_id(who.id, ClickKind.UNDO, click.id),
        kind=ClickKind.UNDO,
        mention=click.mention,
        who=who,
        at=desk.now,
        topic=click.topic,
        author=click.author,
        undoes=click.id,
    )
    async with desk.writing() as writing:
        await writing.click(taken)
    return click


def click_of(desk: Desk, scored: ScoredMention, kind: ClickKind, *, topic: str, who: Person, time: int = 0) -> Click:
    """The click, with what the scorer read of the mention.

    Its id is the same for a press that came twice within a minute; `time` tells how often the person had said so
    before, which is over since.
    """
    mention = scored.mention
    minute = desk.now.replace(second=0, microsecond=0).isoformat()
    return Click(
        id=_click_id(who.id, mention.id, kind, topic, minute, str(time)),
        kind=kind,
        mention=mention.id,
        who=who,
        at=desk.now,
        text=read_text(desk.settings, scored, topic if kind not in _ABOUT else ""),
        language=scored.language,
        topic=topic,
        author=mention.author_key,
    )


def read_text(settings: Settings, scored: ScoredMention, topic: str = "") -> str:
    """What the scorer read of a mention; towards `topic`, where it read different parts for different topics.

    Lines and quotes of the text as it was fetched are not stored: of a mention that held some, all is taken.
    """
    from buzzguard.understand.for_model import text_for_model
    from buzzguard.understand.query import parse_query
    from buzzguard.understand.targets import Targets

    text = text_for_model(scored.mention)
    if not topic or not scored.toward:
        return text
    queries = {name: parse_query(one.query) for name, one in settings.topics.items()}
    return Targets(settings.topics, queries).said_of(text, scored.topics).get(topic, text)


def _topic_of(desk: Desk, scored: ScoredMention, kind: ClickKind, written: str | None) -> str:
    """The topic that is meant; empty where none need be. Raises Refused."""
    topics, words = listed(scored.topics[:8], last="/"), desk.words
    if written is not None:
        topic = written if written in scored.topics else desk.topic(written)
        if topic not in scored.topics:
            raise Refused(words.not_its_topic.format(topic=show(topic), topics=topics))
        if kind in _ABOUT and topic not in desk.settings.topics:
            desk.topic(topic)
        return topic
    if kind in _ABOUT:
        watched = [topic for topic in scored.topics if topic in desk.settings.topics]
        if len(watched) == 1:
            return watched[0]
        raise Refused(words.which_topic.format(topics=topics))
    if len(set(scored.toward)) > 1:
        raise Refused(words.which_side.format(topics=topics))
    return scored.topics[0] if len(scored.topics) == 1 else ""


def _click_id(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _some(ids: Collection[str]) -> str:
    shown = [show(id) for id in ids]
    return ", ".join([*shown[: _SHOWN - 1], *(["…"] if len(shown) >= _SHOWN else [])])


class Around(Record, frozen=True, kw_only=True):
    """Others like a mention: the text it copies, how many other copies, of each narrative how many and the first."""

    first_copy: ScoredMention | None = None
    copies: int = 0
    narratives: Mapping[str, tuple[int, str]] = {}


async def around(store: MentionStore, scored: ScoredMention) -> Around:
    """What is stored like a mention, from two days before it to two days after."""
    at, key = scored.mention.published, scored.copy_key or scored.repeat_key
    told: dict[str, tuple[int, str]] = {}
    first: ScoredMention | None = None
    copies = 0
    ours = {narrative for narrative in scored.narratives if narrative}
    like: list[str | int] = [*sorted(ours), *([key] if key else [])]
    async for one in store.newest(
        since=at - AROUND, until=at + AROUND, holding=[like] if like else [[scored.mention.id]]
    ):
        for narrative in ours.intersection(one.narratives):
            told[narrative] = (told.get(narrative, (0, ""))[0] + 1, one.mention.id)
        if one.mention.id != scored.mention.id and key and (one.copy_key or one.repeat_key) == key:
            copies += 1
            first = one if one.mention.published <= at else first
    return Around(first_copy=first, copies=copies, narratives=told)
