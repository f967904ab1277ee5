"""Several lists of one stream, walked as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.collect.several import Listing, Several
from buzzguard.collect.walk import Ask, Page
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Engagement, Fetched, Mention

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BACK = timedelta(days=7)


class Place:
    """Lists by name; each shows its mentions in pages of two, the newest first."""

    def __init__(self, *names: str) -> None:
        self.lists: dict[str, list[Mention]] = {name: [] for name in names}
        self.troubles: dict[str, SourceError] = {}
        self.deleted: tuple[str, ...] = ()
        self.asked: list[str] = []

    def say(self, name: str, *ids: str, age: timedelta = timedelta(minutes=30), likes: int = 0) -> None:
        for id in ids:
            mention = Mention(
                id=id,
                stream="s",
                source="x",
                published=NOW - age,
                fetched=NOW,
                text=id,
                engagement=Engagement(likes=likes),
            )
            self.lists[name] = [each for each in self.lists[name] if each.id != id] + [mention]

    def asks(self) -> dict[str, Ask]:
        return {name: self._ask(name) for name in self.lists}

    def _ask(self, name: str) -> Ask:
        async def ask(token: str, since: datetime) -> Page:
            self.asked.append(name)
            if name in self.troubles:
                raise self.troubles[name]
            begin = int(token or 0)
            shown = sorted(self.lists[name], key=lambda one: one.published, reverse=True)
            more = str(begin + 2) if begin + 2 < len(shown) else ""
            page = tuple(shown[begin : begin + 2])
            oldest = min((one.published for one in page), default=None)
            return Listing(mentions=page, next=more, oldest=oldest, deleted=self.deleted)

        return ask


def ids(fetched: Fetched) -> list[str]:
    return sorted(mention.id for mention in fetched.mentions)


async def test_what_two_lists_show_is_delivered_once() -> None:
    place = Place("one", "other")
    place.say("one", "a", "b")
    place.say("other", "b", "c")
    first = await Several().walk("", NOW, place.asks())
    assert ids(first) == ["a", "b", "c"]
    assert ids(await Several().walk(first.cursor, NOW, place.asks())) == []


async def test_a_list_that_fails_does_not_hold_back_the_others() -> None:
    place = Place("one", "broken", "other")
    place.say("one", "a")
    place.say("other", "b")
    place.troubles["broken"] = SourceUnavailable("503, down", retry_after=timedelta(seconds=7))
    several = Several()
    first = await several.walk("", NOW, place.asks())
    second = await several.walk(first.cursor, NOW, place.asks())
    assert ids(first) + ids(second) == ["a", "b"]
    assert first.retry_after == timedelta(seconds=7)
    assert "503, down" in first.note


async def test_a_list_that_fails_first_is_tried_last_next_time() -> None:
    place = Place("broken", "other")
    place.say("other", "b")
    place.troubles["broken"] = SourceUnavailable("503, down")
    several = Several()
    with pytest.raises(SourceUnavailable):
        await several.walk("", NOW, place.asks())
    assert ids(await several.walk("", NOW, place.asks())) == ["b"]


async def test_a_search_that_is_refused_is_told_and_the_others_are_read() -> None:
    place = Place("bad", "good")
    place.say("good", "a")
    place.troubles["bad"] = SourceRefused("400, bad query")
    fetched = await Several().walk("", NOW, place.asks())
    assert ids(fetched) == ["a"]
    assert "400, bad query" in fetched.note
    place.troubles["good"] = SourceRefused("401, no")
    with pytest.raises(SourceRefused):
        await Several().walk("", NOW, place.asks())


async def test_a_poll_ends_after_its_pages_and_the_next_goes_on() -> None:
    place = Place(*"abcde")
    for name in "abcde":
        place.say(name, name)
    cursor, found = "", []
    for _ in range(3):
        fetched = await Several(most_pages=2).walk(cursor, NOW, place.asks())
        cursor = fetched.cursor
        found.append(ids(fetched))
    assert found == [["a", "b"], ["c", "d"], ["e"]]
    assert fetched.retry_after is None


async def test_a_new_list_is_read_back_apart_from_what_is_said_now() -> None:
    place = Place("old")
    place.say("old", "a", age=timedelta(days=3))
    several = Several(backfill=BACK)
    first = await several.walk("", NOW, place.asks())
    place.lists["new"] = []
    place.say("new", "past", age=timedelta(days=5))
    place.say("old", "now", age=timedelta(minutes=1))
    second = await several.walk(first.cursor, NOW, place.asks())
    third = await several.walk(second.cursor, NOW, place.asks())
    assert first.backfilling
    assert (ids(second), second.backfilling, second.retry_after) == (["now"], False, timedelta(0))
    assert (ids(third), third.backfilling) == (["past"], True)
    assert (await several.walk(third.cursor, NOW, place.asks())).retry_after is None


async def test_a_new_list_that_fails_does_not_hold_back_the_present() -> None:
    place = Place("old")
    several = Several(backfill=BACK)
    cursor = (await several.walk("", NOW, place.asks())).cursor
    place.lists["new"] = []
    place.troubles["new"] = SourceUnavailable("503, down")
    cursor = (await several.walk(cursor, NOW, place.asks())).cursor
    failed = await several.walk(cursor, NOW, place.asks())
    place.say("old", "now", age=timedelta(minutes=1))
    assert failed.retry_after
    assert ids(await several.walk(failed.cursor, NOW, place.asks())) == ["now"]


async def test_a_list_that_is_broken_does_not_hold_back_a_new_one() -> None:
    place = Place("old")
    several = Several(backfill=BACK)
    cursor = (await several.walk("", NOW, place.asks())).cursor
    place.troubles["old"] = SourceUnavailable("503, down")
    place.lists["new"] = []
    place.say("new", "past", age=timedelta(days=5))
    with pytest.raises(SourceUnavailable):
        await several.walk(cursor, NOW, place.asks())
    assert ids(await several.walk(cursor, NOW, place.asks())) == ["past"]


async def test_when_nothing_can_be_read_every_poll_fails() -> None:
    place = Place("old")
    several = Several(backfill=BACK)
    cursor = (await several.walk("", NOW, place.asks())).cursor
    place.lists["new"] = []
    for name in place.lists:
        place.troubles[name] = SourceUnavailable("503, down")
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            await several.walk(cursor, NOW, place.asks())


async def test_young_mentions_that_are_listed_again_are_read_again() -> None:
    place = Place("one")
    place.say("one", "a")
    first = await Several().walk("", NOW, place.asks())
    place.say("one", "a", likes=40)
    later = await Several().walk(first.cursor, NOW + timedelta(hours=1), place.asks())
    assert [(one.id, one.engagement.likes) for one in later.rereads] == [("a", 40)]
    assert later.mentions == ()


async def test_what_was_taken_back_is_told_once() -> None:
    place = Place("one")
    place.deleted = ("x:7",)
    first = await Several().walk("", NOW, place.asks())
    again = await Several().walk(first.cursor, NOW, place.asks())
    assert first.deleted == ("x:7",)
    assert again.deleted == ()
