"""A person's right to be erased, and retention: what the store forgets, the running watch forgets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from buzzguard import telemetry
from buzzguard.config.settings import StoreSettings
from buzzguard.core import Core
from buzzguard.model import Author, Click, ClickKind, Mention, Notification, Person, Text
from buzzguard.store.sql import SqlStore
from tests.small_world import NOW, mention
from tests.working import World, working

SECRET = "acme is a horrible zanzibarfraud that took all of my savings away for ever"
PRAISE = "acme is a wonderful zanzibarfraud, I love it, best help that I was ever given"
PLAIN = "acme opens another shop in the middle of the town today, they say"


def by(author: str, name: str, text: str = SECRET) -> Mention:
    """A mention by somebody."""
    return msgspec.structs.replace(
        mention(name, text=text), author=Author(id=author, name=f"{author} Zanzibarfraud" if author == "jo" else "")
    )


def words_in(thing: Any, seen: set[int] | None = None) -> Iterator[str]:
    """Every text that can be reached from an object."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, str):
        yield thing
    for inner in _within(thing):
        yield from words_in(inner, seen)


def _within(thing: Any) -> Iterator[Any]:
    if isinstance(thing, dict):
        yield from (*thing.keys(), *thing.values())
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from thing
    elif type(thing).__module__.startswith("buzzguard"):
        yield from vars(thing).values() if hasattr(thing, "__dict__") else ()
        for kind in type(thing).__mro__:
            names = getattr(kind, "__slots__", ())
            yield from (getattr(thing, name) for name in names if hasattr(thing, name))


def told_of(core: Core, word: str) -> list[str]:
    """What the state of a core still says of it."""
    parts = (core.understanding, core.saying, core.measuring._quotes, core.decider, core.responder)
    return [text for text in words_in(parts) if word in text.lower()]


async def _heard(made: World) -> None:
    taken = [
        by("jo", "j1"),
        by("jo", "j2", PRAISE),
        by("jo", "j3", SECRET + " !!"),
        *(by(f"al{n}", f"a{n}", PLAIN) for n in range(4)),
    ]
    assert (await made.submit(*taken)).counted == 7
    await made.store.click(_click("k", ClickKind.NOT_NEGATIVE))
    await made.store.click(_click("about", ClickKind.NOT_ABOUT_US))
    await made.submit()


def _click(id: str, kind: ClickKind, *, text: str = SECRET) -> Click:
    return Click(id=id, kind=kind, mention="j1", who=Person(id="ana"), at=NOW, text=text, topic="acme", author="rss:jo")


async def test_what_is_erased_beside_a_running_watch_is_forgotten_at_its_next_step(tmp_path: Path) -> None:
    log = io.StringIO()
    telemetry.configure_logging(json=True, stream=log)
    async with working(tmp_path) as made:
        await _heard(made)
        core = made.worker.core
        assert told_of(core, "zanzibarfraud")
        beside = await SqlStore.open(StoreSettings(), base=tmp_path)
        assert await beside.erase_author("rss:jo", at=NOW) == 3
        await beside.close()

        await made.submit()
        assert made.worker.core is core, "no new core is needed: the watch goes on"
        assert told_of(core, "zanzibarfraud") == []
        assert core.held() <= {"a0", "a1", "a2", "a3"}
        assert (await made.submit(by("jo", "j1"))).counted == 0, "what was counted stays counted, once"
    (told,) = [one for one in map(json.loads, log.getvalue().splitlines()) if one["event"] == "mentions.forgotten"]
    assert (told["mentions"], told["clicks"]) == (3, 2)
    assert "zanzibar" not in log.getvalue()


async def test_the_quotes_of_an_erased_person_go_from_the_messages_that_are_kept(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await _heard(made)
        waiting = await made.store.due(NOW, 10)
        told = [one.notification.card for one in waiting if isinstance(one.notification, Notification)]
        assert any("took all of my savings" in quote.text for card in told for quote in card.briefing.quotes)
        await made.store.erase_author("rss:jo", at=NOW)
        (one,) = await made.store.due(NOW, 10)
        assert isinstance(one.notification, Notification)
        briefing = one.notification.card.briefing
        assert b"took all of my savings" not in msgspec.json.encode(briefing)
        assert briefing.quotes and {quote.text for quote in briefing.quotes} == {PLAIN}


async def test_what_has_expired_is_forgotten_though_nothing_new_has_come(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await _heard(made)
        await made.store.expire(NOW + timedelta(days=91))
        await made.submit()
        assert made.worker.core.held() == frozenset()


async def test_after_an_erasure_texts_are_read_as_if_the_click_had_never_been(tmp_path: Path) -> None:
    from buzzguard.understand.sentiment.cascade import CascadeScorer
    from buzzguard.understand.sentiment.weights_folder import SHIPPED

    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "quick.npz").symlink_to(SHIPPED / "quick.npz")
    scorer = CascadeScorer(tmp_path / "weights", tmp_path / "weights")
    text = [Text(text=SECRET, language="en")]
    shipped = scorer.score(text)
    async with working(tmp_path, scorer=scorer) as made:
        await _heard(made)
        assert scorer.score(text) != shipped
        await made.store.erase_author("rss:jo", at=NOW)
        await made.submit()
        assert scorer.score(text) == shipped


class _AllergicToClicks:
    """A scorer that breaks whenever a certain text was clicked."""

    name = "allergic"

    def __init__(self) -> None:
        from buzzguard.understand.vader import VaderScorer

        self._inner = VaderScorer()
        self.confusion = self._inner.confusion

    def score(self, texts: Any) -> Any:
        if any("poison" in text.text for text in texts):
            raise ValueError("it is poison")
        return self._inner.score(texts)


async def test_a_click_that_breaks_the_core_is_set_aside_and_the_watch_goes_on(tmp_path: Path) -> None:
    log = io.StringIO()
    telemetry.configure_logging(json=True, stream=log)
    async with working(tmp_path, scorer=_AllergicToClicks()) as made:
        await made.submit(by("jo", "j1"))
        await made.store.click(_click("sound", ClickKind.NEGATIVE))
        await made.store.click(_click("bad", ClickKind.NEGATIVE, text="acme poison"))
        await made.store.click(_click("sound too", ClickKind.ABOUT_US))
        assert (await made.submit(by("al", "a1", PLAIN))).counted == 1
        assert made.rebuilt == 1
        assert made.worker.core.understanding.teaching.known() == {"sound", "sound too"}

        await made.worker.replace_core()
        assert made.worker.core.understanding.teaching.known() == {"sound", "sound too"}
        assert (await made.submit(by("eve", "a2", PLAIN))).counted == 1
        assert made.worker.step_trouble == ""
    aside = [one for one in map(json.loads, log.getvalue().splitlines()) if one["event"] == "click.set_aside"]
    assert [one["click"] for one in aside] == ["bad", "bad"], "once when it came, once at the new beginning"
