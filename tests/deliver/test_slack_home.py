"""The app's own page: what is open, what waits for its reader, and written anew only when that changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_home import LOOKING, REFRESH_EVERY, Home, Sight, page
from buzzguard.deliver.slack_looks import Reader
from buzzguard.model import (
    Delivery,
    DeliveryState,
    Department,
    Draft,
    Health,
    Incident,
    IncidentState,
    OnCall,
    Person,
    Poll,
    Run,
    RunStep,
    Severity,
    Silence,
    StepState,
    Watch,
)
from tests.deliver.block_kit import texts_of
from tests.deliver.hostile import PIECES, texts
from tests.deliver.samples import CLAIRE, NOW, sample_alert
from tests.slack.desk import DIRECTORY, FakeDesk, open_incident
from tests.slack.strict_server import StrictSlack
from tests.slack.view_kit import check_view
from tests.slack.workspace import BOT_TOKEN, CHANNEL

HOUR = timedelta(hours=1)
LEILA, NOBODY = "U0LEILA001", "U0NOBODY01"


class Turns:
    """A sleep that ends when the story says so."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self._ended: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        self.asked.put_nowait(seconds)
        await self._ended.get()

    async def pass_one(self) -> None:
        """Let a sleep end, and what follows it up to the next one happen."""
        await self.asked.get()
        self._ended.put_nowait(None)
        for _ in range(400):
            await asyncio.sleep(0.005)
            if not self.asked.empty():
                return


class World:
    """A home before a desk of tests and the strict Slack."""

    def __init__(self, desk: FakeDesk, slack: StrictSlack) -> None:
        self.desk, self.slack, self.turns = desk, slack, Turns()
        self.clock = ManualClock(NOW)
        self.home = Home(SlackFront(SlackApi(BOT_TOKEN, slack.base_url), desk, clock=self.clock), sleep=self.turns)

    async def open(self, user: str = CLAIRE.id, tab: str = "home") -> str:
        """Somebody opens the page; what it says."""
        await self.home.opened({"type": "app_home_opened", "user": user, "tab": tab})
        return self.shown(user)

    def shown(self, user: str = CLAIRE.id) -> str:
        view = self.slack.workspace.windows.homes.get(user, {"blocks": []})
        return "\n".join(text for _, text in texts_of(view["blocks"]))

    @property
    def written(self) -> int:
        """How often a page was written."""
        return len(self.slack.workspace.called("views.publish"))


@asynccontextmanager
async def world(*incidents: Incident, language: str = "en") -> AsyncIterator[World]:
    desk = FakeDesk(*incidents, directory=replace(DIRECTORY, language=language))
    if not incidents:
        desk.incidents = {}
    desk.watched = Watch(streams=12, polled_at=NOW - timedelta(minutes=2))
    with StrictSlack() as slack:
        made = World(desk, slack)
        try:
            yield made
        finally:
            await made.home.stop()


def taken(**changed: object) -> Incident:
    """Claire's: two steps of her department and one of legal are open, and a statement waits for legal."""
    steps = (
        RunStep(key="1", text={"en": "Tell the shops"}, owner={}, role="communications", state=StepState.DONE),
        RunStep(key="2", text={"en": "Answer the first post"}, owner={}, role="communications", due=NOW + HOUR),
        RunStep(key="3", text={"en": "Open a page"}, owner={}, role="communications", due=NOW - HOUR),
        RunStep(key="4", text={"en": "Read the contract"}, owner={}, role="legal", due=NOW + HOUR),
        RunStep(key="5", text={"en": "Decide"}, owner={}, role="management"),
    )
    draft = Draft(
        id="d1",
        statement="1",
        title="First words",
        language="en",
        text="We have seen the pictures.\n\nWe look into it.",
        who=CLAIRE,
        at=NOW,
        chain=("legal", "management"),
    )
    about: dict[str, object] = {
        "state": IncidentState.ACKNOWLEDGED,
        "owner": CLAIRE,
        "run": Run(playbook="bad-buzz", title={"en": "Bad buzz"}, started_at=NOW, steps=steps),
        "drafts": (draft,),
        **changed,
    }
    return open_incident("inc-42", **about)


def test_a_calm_page_says_so_and_what_is_watched() -> None:
    async def story() -> None:
        for language, calm, nothing in (("en", "All calm", "Nothing waits"), ("fr", "Tout est calme", "Rien ne vous")):
            async with world(language=language) as one:
                told = await one.open()
                assert calm in told and nothing in told and "12" in told

    asyncio.run(story())


def test_everybody_sees_what_is_open_and_their_own_tasks() -> None:
    async def story() -> None:
        red = open_incident("inc-7", severity=Severity.RED, alerts=(sample_alert(),), topic="voltea")
        async with world(taken(), red) as one:
            post = Delivery(key="k", at=NOW, state=DeliveryState.DELIVERED, place=CHANNEL, message="1795328460.000247")
            one.desk.posted = {"inc-42": [post]}
            claire, leila, nobody = [await one.open(user) for user in (CLAIRE.id, LEILA, NOBODY)]
            for told in (claire, leila, nobody):
                assert told.index("inc-7") < told.rindex("inc-42") and "steps done: 1 of 5" in told
            assert "You are in charge" in claire and "Answer the first post" in claire and "Decide" in claire
            assert claire.index("Open a page") < claire.index("Answer the first post"), "the late one first"
            assert "late, due by 01:58" in claire and "Read the contract" not in claire
            assert "Read the contract" in leila and "A statement waits for Legal" in leila
            assert "We look into it." in leila and "Tell the shops" not in leila and "You are in charge" not in leila
            assert "Nothing waits for you" in nobody
            urls = [
                block["accessory"].get("url")
                for block in one.slack.workspace.windows.homes[NOBODY]["blocks"]
                if "accessory" in block
            ]
            assert f"https://lumio.slack.com/archives/{CHANNEL}/p1795328460000247" in urls

    asyncio.run(story())


def test_buttons_are_those_that_the_front_understands() -> None:
    async def story() -> None:
        async with world(taken(), open_incident("inc-7")) as one:
            await one.open(LEILA)
            blocks = one.slack.workspace.windows.homes[LEILA]["blocks"]
            buttons = {block["accessory"]["action_id"]: block["accessory"] for block in blocks if "accessory" in block}
            assert buttons["take_charge"]["value"] == "inc-7"
            assert buttons["step_done"]["value"] == "inc-42|4"
            assert buttons["draft_approve"]["value"] == "inc-42|d1:legal"

    asyncio.run(story())


def test_a_statement_too_long_to_be_read_here_is_not_approved_here() -> None:
    incident = taken()
    long = replace(incident, drafts=(replace(incident.drafts[0], text="word " * 1_000),))
    blocks = page(sight(long), LEILA, reader())
    assert not [one for one in blocks if one.get("accessory", {}).get("action_id") == "draft_approve"]


def test_the_watch_is_not_called_whole_when_it_is_not() -> None:
    async def story() -> None:
        async with world() as one:
            failing = (Poll(stream="press", at=NOW, ok=False, reason="HTTP 503"),)
            one.desk.watched = Watch(streams=12, polled_at=NOW, failing=failing)
            one.desk.state = Health(ready=True, outbox_depth=3, last_step_at=NOW)
            told = await one.open()
            assert "HTTP 503" in told and "3 messages wait" in told and "last step at 02:58" in told

    asyncio.run(story())


# When it is written


def test_it_is_written_anew_when_something_changes_while_somebody_may_look() -> None:
    async def story() -> None:
        async with world() as one:
            await one.open()
            assert one.written == 1
            await one.turns.pass_one()
            assert one.written == 1, "nothing changed"
            one.desk.incidents = {"inc-7": open_incident("inc-7", version=1)}
            await one.turns.pass_one()
            assert one.written == 2 and "inc-7" in one.shown()
            one.clock.advance(LOOKING)
            one.desk.incidents = {}
            await one.home.refresh()
            assert one.written == 2, "nobody looks any more"

    asyncio.run(story())


def test_a_person_is_written_to_once_in_half_a_minute_at_most() -> None:
    async def story() -> None:
        async with world() as one:
            await one.open()
            for version in range(5):
                one.desk.incidents = {"inc-7": open_incident("inc-7", version=version)}
            await one.turns.pass_one()
            assert one.written == 2
            assert await one.turns.asked.get() == REFRESH_EVERY.total_seconds() == 30

    asyncio.run(story())


def test_the_other_tab_and_strangers_are_passed_over() -> None:
    async def story() -> None:
        async with world() as one:
            await one.open(tab="messages")
            await one.open("<!here>")
            assert one.written == 0

    asyncio.run(story())


def test_a_database_that_refuses_and_a_slack_that_does_break_nothing() -> None:
    async def story() -> None:
        async with world(open_incident("inc-7")) as one:
            one.desk.broken = True
            assert "the database refuses" in await one.open()
            one.desk.broken = False
            one.slack.fail_next("views.publish", error="internal_error")
            await one.turns.pass_one()
            await one.turns.pass_one()
            assert "inc-7" in one.shown(), "it is tried again at the next look"

    asyncio.run(story())


# Whatever is stored


def reader() -> Reader:
    return Reader(language="en", now=NOW, house=DIRECTORY)


def sight(*incidents: Incident) -> Sight:
    return Sight(open=incidents, lately=incidents, rotas=(), silences=(), health=Health(ready=True), watch=Watch())


@settings(max_examples=4, deadline=None)
@given(text=texts, count=st.integers(0, 300))
@example(text="".join(PIECES), count=200)
def test_whatever_is_stored_the_page_keeps_slacks_limits(text: str, count: int) -> None:
    person = Person(id=CLAIRE.id, name=text, via="slack")
    house = replace(
        DIRECTORY,
        topics={"lumio": text},
        departments={"legal": Department(id="legal", title={"en": text}, members=(CLAIRE.id,))},
    )
    steps = tuple(RunStep(key=str(n), text={"en": text}, owner={}, role="legal", due=NOW) for n in range(9))
    run = Run(playbook=text, title={"en": text}, started_at=NOW, steps=steps)
    drafts = tuple(replace(one, title=text, text=text or "x") for one in taken().drafts)
    whole = replace(taken(), owner=person, story=text, run=run, drafts=drafts, department=text)
    silence = Silence(id=text, topic="lumio", starts_at=NOW, ends_at=NOW + HOUR, who=person, reason=text)
    found = Sight(
        open=(whole,) * count,
        lately=(whole,) * count,
        rotas=(OnCall(rota=text, who=(text,), until=NOW, then=(text,)),) * 40,
        silences=(silence,) * 20,
        health=Health(ready=False, troubles=(text,) * 9),
        watch=Watch(failing=(Poll(stream=text, at=NOW, ok=False, reason=text),) * 9),
    )
    blocks = page(found, CLAIRE.id, Reader(language="en", now=NOW, house=house))
    assert check_view({"type": "home", "blocks": blocks}) == []
