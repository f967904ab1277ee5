"""What the daemon tells people who ask it: the same that it knows, within bounds, and nothing moves by the asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buzzguard.assembly import Assembly
from buzzguard.config.settings import StoreSettings
from buzzguard.front import Front
from buzzguard.model import (
    Author,
    Batch,
    Command,
    CommandKind,
    Delivery,
    DeliveryState,
    Effects,
    Health,
    Incident,
    IncidentState,
    Mention,
    Person,
    PlaybookChoice,
    Poll,
    Quote,
    ScoredMention,
    Sentiment,
    Severity,
    Verdict,
)
from buzzguard.store.asking import MOST_LOOKED_AT, plainer
from buzzguard.store.sql import SqlStore
from buzzguard.understand.fold import fold
from buzzguard.worker import Worker
from tests.small_world import NOW, mentions
from tests.working import World, working

CLAIRE = Person(id="U0CLAIRE01", name="Claire", via="slack")
MORE: dict[str, Any] = {
    "language": "fr",
    "time_zone": "Europe/Paris",
    "departments": {
        "legal": {"name": {"fr": "Service juridique"}, "members": ["U0LEILA001"], "notify": ["room"]},
        "press": {},
    },
    "rotas": {"nights": {"layers": [{"members": ["room", "desk"], "from": "2026-01-05"}]}},
    "routes": [{"match": {"topic": "acme"}, "owner": "aftersales"}],
}


class Behind:
    """A world as the desk needs it: what `Daemon` is to `Front`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store: SqlStore = world.store
        self.worker: Worker = world.worker

    @property
    def assembly(self) -> Assembly:
        return self.world.built

    async def commanded(self, command: Command) -> str | None:
        received = await self.worker.submit(Batch(commands=(command,)), {})
        return received.refused[0][1] if received.refused else None

    def health(self) -> Health:
        return Health(ready=True)


@asynccontextmanager
async def front(folder: Path, **more: Any) -> AsyncIterator[tuple[World, Front]]:
    """A desk before a running world."""
    async with working(folder, **{**MORE, **more}) as world:
        yield world, Front(Behind(world), clock=world.clock)


def test_the_directory_names_who_and_what_there_is(tmp_path: Path) -> None:
    async def story() -> None:
        async with front(tmp_path) as (_, desk):
            found = desk.directory
            assert found.topics == {"acme": "Acme"}
            assert found.playbooks["bad-buzz"].keys() == {"en", "fr"}
            assert (found.language, found.policies, found.receivers[0]) == ("fr", ("crisis",), "room")
            legal = found.departments["legal"]
            assert legal.title == {"en": "Legal", "fr": "Service juridique"}
            assert (legal.members, legal.receivers) == (("U0LEILA001",), ("room",))
            assert found.departments["hr"].title == {"en": "Human resources", "fr": "Ressources humaines"}
            assert {"aftersales", "communications", "marketing", "press"} <= found.departments.keys()
            assert found.approvals == ("legal", "management")

    asyncio.run(story())


def test_what_is_open_is_shown_as_it_stands_now_and_looking_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with front(tmp_path) as (world, desk):
            await world.submit(*mentions(3))
            (incident,) = await desk.open_incidents(10)
            before = msgspec.json.encode(world.worker.core.responder.open_incidents)
            for language in ("en", "fr"):
                card = await desk.card(incident.id, language)
                assert card is not None and card.incident == incident
                assert len(card.briefing.quotes) == 3 and card.briefing.chart is not None
                assert card.playbook is not None and card.playbook.id == "bad-buzz"
                assert (card.language, card.time_zone) == (language, "Europe/Paris")
            choose = Command(
                id="c0",
                kind=CommandKind.CHOOSE_PLAYBOOK,
                incident=incident.id,
                who=CLAIRE,
                at=NOW,
                asked=PlaybookChoice(playbook="data-leak"),
            )
            assert await desk.command(choose) is None
            (incident,) = await desk.open_incidents(10)
            before = msgspec.json.encode(world.worker.core.responder.open_incidents)
            statements = await desk.statements(incident.id, "fr")
            text = " ".join(
                part for one in statements for line in one.paragraphs for part in line if isinstance(part, str)
            )
            assert "{{" not in text, "every variable is filled; fields are no text"
            assert msgspec.json.encode(world.worker.core.responder.open_incidents) == before
            assert await desk.incident(incident.id) == incident
            assert await desk.card("inc-none", "en") is None and await desk.statements("inc-none", "en") == []

    asyncio.run(story())


def test_people_act_and_read_why(tmp_path: Path) -> None:
    async def story() -> None:
        async with front(tmp_path) as (world, desk):
            await world.submit(*mentions(3))
            (incident,) = await desk.open_incidents(10)
            take = Command(
                id="c1", kind=CommandKind.TAKE_CHARGE, incident=incident.id, who=CLAIRE, at=world.clock.now()
            )
            assert await desk.command(take) is None
            assert await desk.command(take) == "repeated"
            told = await desk.why(incident.id, 10)
            assert told[0].verdict is Verdict.TOLD
            assert await desk.why("surge", 10) == told == await desk.why(incident.alerts[0].fingerprint, 10)
            assert await desk.why(incident.id, 1) == told[-1:]
            assert await desk.why("nothing", 10) == []
            resolve = msgspec.structs.replace(take, id="c2", kind=CommandKind.RESOLVE, reason="done")
            assert await desk.command(resolve) is None
            assert await desk.open_incidents(10) == []
            ended = await desk.incident(incident.id)
            assert ended is not None and ended.state is IncidentState.RESOLVED
            assert await desk.lately(timedelta(days=7), 10) == [ended]

    asyncio.run(story())


def test_the_gravest_come_first_then_the_oldest(tmp_path: Path) -> None:
    def incident(id: str, severity: Severity, minutes: int) -> Incident:
        at = NOW - timedelta(minutes=minutes)
        return Incident(
            id=id,
            topic="acme",
            state=IncidentState.TRIGGERED,
            severity=severity,
            opened_at=at,
            changed_at=at,
            alerts=(),
            policy="crisis",
            narrative=id,
        )

    async def story() -> None:
        async with front(tmp_path) as (world, desk):
            grave, old, young = (
                incident("grave", Severity.RED, 1),
                incident("old", Severity.YELLOW, 9),
                incident("young", Severity.YELLOW, 5),
            )
            await world.store.commit(Effects(at=NOW, incidents=(young, old, grave)), {})
            await world.worker.replace_core()
            assert [one.id for one in await desk.open_incidents(10)] == ["grave", "old", "young"]
            assert [one.id for one in await desk.open_incidents(1)] == ["grave"]

    asyncio.run(story())


def test_the_rota_tells_who_until_when_and_who_then(tmp_path: Path) -> None:
    async def story() -> None:
        extra = {"receivers": {name: {"notifier": "console"} for name in ("room", "desk")}}
        async with front(tmp_path, **extra) as (_, desk):
            (nights,) = await desk.on_call()
            assert nights.rota == "nights" and len(nights.who) == 1
            assert nights.since == datetime(2026, 3, 2, 8, tzinfo=UTC) and nights.until == datetime(
                2026, 3, 9, 8, tzinfo=UTC
            )
            assert {*nights.who, *nights.then} == {"room", "desk"}

    asyncio.run(story())


def test_cards_are_found_where_they_stand(tmp_path: Path) -> None:
    async def story() -> None:
        async with front(tmp_path) as (world, desk):
            await world.submit(*mentions(3))
            (incident,) = await desk.open_incidents(10)
            (pending,) = await world.store.due(NOW, 10)
            posted = Delivery(
                key=pending.notification.key, at=NOW, state=DeliveryState.DELIVERED, place="C0BUZZ0001", message="1.2"
            )
            await world.store.record(posted)
            assert await desk.places([incident.id, "inc-none"]) == {incident.id: [posted]}
            assert await desk.places([]) == {}

    asyncio.run(story())


def test_the_watch_says_which_streams_fail(tmp_path: Path) -> None:
    async def story() -> None:
        streams = {
            name: {"source": "rss", "url": f"https://{name}.example/feed"} for name in ("press", "blog", "quiet")
        }
        async with front(tmp_path, streams=streams) as (world, desk):
            failed = Poll(stream="blog", at=NOW, ok=False, reason="HTTP 503", failures=3)
            await world.submit(polls=(Poll(stream="press", at=NOW, ok=True), failed))
            await world.submit(polls=(Poll(stream="gone", at=NOW, ok=False),))
            found = await desk.watch()
            assert (found.streams, found.polled_at, found.failing) == (3, NOW, (failed,))

    asyncio.run(story())


# Searching


def scored(name: str, text: str, *, at: datetime = NOW, title: str = "", withdrawn: bool = False) -> ScoredMention:
    author = Author(id=name, name="Zoé")
    mention = Mention(
        id=name, stream="press", source="rss", published=at, fetched=at, text=text, title=title, author=author
    )
    return ScoredMention(mention=mention, topics=("acme",), sentiment=Sentiment(), withdrawn=withdrawn)


@asynccontextmanager
async def holding(folder: Path, *stored: ScoredMention) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(StoreSettings(), base=folder)
    await store.commit(Effects(at=NOW, mentions=stored), {})
    try:
        yield store
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("batterie", ["accent", "plain"]),
        ("BATTERIE prend", ["accent"]),
        ("batt", ["accent", "plain"]),
        ("terie", []),
        ('"prend feu"', ["accent"]),
        ("« prend feu »", ["accent"]),
        ("feu prend", ["accent"]),
        ("l'accu", ["accent"]),
        ("œuvre", ["oe"]),
        ("漢", ["kanji"]),
        ("100%", ["plain"]),
        ("%", ["plain"]),
        ("", []),
        ('" "', []),
        ("secret", []),
    ],
)
def test_a_search_finds_all_the_words_however_they_are_typed(tmp_path: Path, words: str, found: list[str]) -> None:
    async def story() -> None:
        kept = (
            scored("plain", "Batterie 100% vide"),
            scored("accent", "L’accu, la BATTÉRIE : elle prend-feu", at=NOW + timedelta(seconds=1)),
            scored("oe", "Chef-d’oeuvre", title="Oeuvre"),
            scored("kanji", "電池が漢字"),
            scored("gone", "secret", withdrawn=True),
        )
        async with holding(tmp_path, *kept) as store:
            answer = await store.holding(words, 10)
            by_text = {one.mention.text[:8]: one.mention.id for one in kept}
            assert [_id(quote, by_text) for quote in answer.quotes] == found
            assert answer.since is None, "all was looked at"

    asyncio.run(story())


def _id(quote: Quote, by_text: dict[str, str]) -> str:
    return next(id for start, id in by_text.items() if start in quote.text)


def test_a_search_is_cut_in_time_and_says_where(tmp_path: Path) -> None:
    async def story() -> None:
        start = NOW - timedelta(days=3)
        kept = [
            scored(f"m{n:05}", f"needle {n}" if n == 0 else f"hay {n}", at=start + n * timedelta(seconds=1))
            for n in range(2_500)
        ]
        async with holding(tmp_path, *kept) as store:
            whole = await store.holding("needle", 10)
            assert [quote.text for quote in whole.quotes] == ["needle 0"] and whole.since is None
            cut = await store.holding("needle", 10, enough=lambda: True)
            assert cut.quotes == () and cut.since == start + 2_000 * timedelta(seconds=1)
            newest = await store.holding("hay", 3, enough=lambda: True)
            assert [quote.text for quote in newest.quotes] == ["hay 2499", "hay 2498", "hay 2497"]
        assert MOST_LOOKED_AT >= 20_000

    asyncio.run(story())


@given(st.text(max_size=60))
@example("ÉTÉ à l’œuvre – « Größe » ŒUVRE… 1\u00a0000 İSS ẞ Σς")
def test_what_makes_a_search_fast_changes_nothing_of_what_it_finds(text: str) -> None:
    assert fold(plainer(text)) == fold(text.replace("«", " ").replace("»", " "))
