"""What authors take back, and what grows after it was read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from buzzguard.model import MINUTE, Batch, Click, ClickKind, Engagement, Person, Reread, Samples
from tests.small_world import NOW, mention
from tests.test_erasure import PLAIN, SECRET, by, told_of
from tests.working import World, working

FIVE = timedelta(minutes=5)


async def _delete(made: World, *ids: str) -> None:
    await made.worker.submit(Batch(deleted=ids), {})


async def _read_again(made: World, id: str, likes: int) -> None:
    one = Reread(id=id, engagement=Engagement(likes=likes), at=made.clock.now())
    await made.worker.submit(Batch(rereads=(one,)), {})


def _filling(made: World, window: timedelta = FIVE) -> Samples:
    return next(one for one in made.worker.core.measuring.samples("acme", made.clock.now()) if one.window == window)


async def test_the_text_of_a_deleted_mention_goes_and_its_count_stays(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(by("jo", "j1"), by("jo", "j2"), *(by(f"al{n}", f"a{n}", PLAIN) for n in range(3)))
        before = _filling(made)
        assert told_of(made.worker.core, "zanzibarfraud")

        await _delete(made, "j1", "j2", "never heard of")
        assert told_of(made.worker.core, "zanzibarfraud") == []
        assert _filling(made) == before
        stored = await made.store.mention("j1")
        assert stored is not None and stored.withdrawn
        assert (stored.mention.text, stored.mention.author.name, stored.mention.published) == ("", "", NOW)
        assert b"anzibarfraud" not in msgspec.json.encode(stored)
        assert b"took all of my savings" not in msgspec.json.encode(await made.store.due(NOW, 10))
        assert await made.store.mention("never heard of") is None

        assert (await made.submit(by("jo", "j1"))).counted == 0, "a later poll does not bring it back"
        await made.worker.replace_core()
        assert _filling(made) == before, "a restart counts as before"
        assert told_of(made.worker.core, "zanzibarfraud") == []
        assert "j1" not in {one.url for one in made.worker.core.measuring.quotes("acme", FIVE, NOW, 10)}


async def test_a_mention_that_comes_and_goes_in_one_poll_leaves_its_count_alone(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        taken = Batch(mentions=(by("jo", "j1"),), deleted=("j1",))
        assert (await made.worker.submit(taken, {"press": "c"})).counted == 1
        stored = await made.store.mention("j1")
        assert stored is not None and stored.mention.text == ""
        assert told_of(made.worker.core, "zanzibarfraud") == []


@pytest.mark.parametrize("authors", ["handle", "hash"])
async def test_an_author_who_is_gone_takes_all_mentions_along(tmp_path: Path, authors: str) -> None:
    """Those stored, those of the same poll, and none of others: also where names are kept as hashes alone."""
    async with working(tmp_path, privacy={"authors": authors}) as made:
        await made.submit(
            by("jo", "j1"), by("jo", "j2", SECRET + " really"), by("joan", "other", "acme is a badbadstory")
        )
        before = _filling(made)
        gone = Batch(
            mentions=(by("jo", "j3", SECRET + " again, and worse"),), deleted_authors=("rss:jo", "rss:never heard of")
        )
        assert (await made.worker.submit(gone, {})).counted == 1
        stored = {one.mention.id: one.withdrawn for one in await made.store.mentions_since(NOW - FIVE)}
        assert stored == {"j1": True, "j2": True, "j3": True, "other": False}
        assert told_of(made.worker.core, "zanzibarfraud") == []
        assert told_of(made.worker.core, "badbadstory") != []
        assert _filling(made).volume == before.volume + 1, "the count stays"


async def test_a_correction_goes_with_the_text_that_it_corrects(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(by("jo", "j1"))
        for name, of in (("k", "j1"), ("other", "j9")):
            click = Click(
                id=name,
                kind=ClickKind.NOT_NEGATIVE,
                mention=of,
                who=Person(id="ana"),
                at=NOW,
                text=f"acme {of}",
                topic="acme",
                author="rss:jo",
            )
            await made.store.click(click)
        await made.submit()
        await _delete(made, "j1")
        await made.submit()
        assert [click.id for click in (await made.store.clicks_after(0))[0]] == ["other"]
        assert made.worker.core.understanding.teaching.known() == {"other"}


async def test_reactions_count_in_the_minute_in_which_they_are_found(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(msgspec.structs.replace(mention("a"), engagement=Engagement(likes=3)))
        assert _filling(made).engagement == 3
        made.clock.advance(timedelta(hours=2))
        await made.submit()
        assert (_filling(made).engagement, _filling(made, timedelta(hours=3)).engagement) == (0, 3)

        await _read_again(made, "a", 503)
        five, three_hours = _filling(made), _filling(made, timedelta(hours=3))
        assert (five.volume, five.engagement) == (0, 500), "seen at once, and the mention counts in its own minute"
        assert (three_hours.volume, three_hours.engagement) == (1, 503)
        effects, _ = made.store.commits[-1]
        minutes = [one for one in effects.samples if one.window == MINUTE]
        assert [(one.volume, one.engagement) for one in minutes] == [(0, 500)], "no minute that has passed changes"

        await made.worker.replace_core()
        assert (_filling(made), _filling(made, timedelta(hours=3))) == (five, three_hours)


async def test_a_reading_is_taken_once_and_numbers_that_shrink_take_nothing_away(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(mention("a"))
        for likes, engagement in ((10, 10), (10, 10), (4, 10), (12, 12)):
            made.clock.advance(timedelta(seconds=20))
            await _read_again(made, "a", likes)
            assert _filling(made).engagement == engagement
        stale = Reread(id="a", engagement=Engagement(likes=99), at=NOW)
        await made.worker.submit(Batch(rereads=(stale,)), {})
        assert _filling(made).engagement == 12
        made.clock.advance(timedelta(hours=1))
        await made.submit()
        assert _filling(made).engagement == 0
        await _read_again(made, "a", -5)
        assert _filling(made, timedelta(hours=3)).engagement == 12


async def test_the_evidence_shows_the_numbers_read_last(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(mention("a"), mention("b"))
        made.clock.advance(timedelta(minutes=1))
        await _read_again(made, "b", 40)
        quotes = made.worker.core.measuring.quotes("acme", FIVE, made.clock.now(), 2)
        assert [(one.site, one.engagement) for one in quotes] == [("b.example", 40), ("a.example", 0)]
