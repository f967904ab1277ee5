"""What the house itself says while an incident is open is taken for a statement, and is still counted nowhere."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from functools import cache

from msgspec.structs import replace

from buzzguard.config.understanding import AccountSettings
from buzzguard.model import Author, Batch, Command, CommandKind, Effects, Mention, MentionKind, NotificationKind
from buzzguard.pipeline import Core, Memory, step
from buzzguard.replay import replay
from buzzguard.understand.authors import Accounts
from tests.recorded import ONSET, START, core, hostile, mention, ordinary, settings

SAID = "Acme: we have stopped the sale of this kettle and are sorry."


def house() -> Core:
    """A core that knows our account."""
    made = core()
    readers = dataclasses.replace(made.parts.readers, accounts=Accounts(AccountSettings(ours=("acme_official",))))
    return Core(settings(), replace(made.parts, readers=readers))


@cache
def open_crisis() -> tuple[Memory, datetime]:
    """What the store holds of a crisis that has just opened an incident, and the instant."""
    until = ONSET + timedelta(minutes=6)
    watch = house()
    said = [*ordinary(START, ONSET), *hostile(ONSET, 60)]
    past = list(replay(watch, [one for one in said if one.published < until], until=until))
    incidents = watch.responder.open_incidents
    return Memory(incidents=incidents, alerts=incidents[0].alerts), past[-1].at


class Crisis:
    """An incident that is open, as a daemon that starts finds it, and our account that speaks."""

    def __init__(self) -> None:
        memory, self.now = open_crisis()
        self.core = house()
        self.core.restore(memory, self.now)
        (self.incident,) = self.core.responder.open_incidents

    def ours(self, number: int = 1, *, text: str = SAID, **more: object) -> Mention:
        at = self.now + timedelta(seconds=20)
        return replace(mention(number, at, text, stream="own", **more), author=Author(id="7", handle="acme_official"))

    def step(self, *mentions: Mention) -> Effects:
        self.now += timedelta(minutes=1)
        return step(self.core, Batch(mentions=mentions), self.now)


def marks(effects: Effects) -> list[Command]:
    return [one for one in effects.commands if one.kind is CommandKind.STATEMENT]


def test_our_post_on_the_topic_becomes_a_mark_and_is_not_counted() -> None:
    crisis = Crisis()
    ours = crisis.ours(url="https://social.example/1")
    effects = crisis.step(ours)
    (mark,) = marks(effects)
    assert (mark.incident, mark.happened_at) == (crisis.incident.id, ours.published)
    assert [(one.id, one.reason) for one in effects.dropped] == [("own:1", "own_account")]
    assert effects.mentions == ()
    (told,) = effects.incidents[0].published
    assert (told.id, told.detected, told.url) == (mark.id, True, "https://social.example/1")
    assert effects.transitions == ()
    assert {one.kind for one in effects.notifications} == {NotificationKind.UPDATE}


def test_the_same_post_is_marked_once_whatever_brings_it_again() -> None:
    crisis = Crisis()
    ours = crisis.ours()
    effects = crisis.step(ours, replace(ours, stream="another"))
    assert len(marks(effects)) == 1
    assert marks(crisis.step(ours)) == []
    again = house()
    open_ones = crisis.core.responder.open_incidents
    again.restore(Memory(incidents=open_ones, alerts=open_ones[0].alerts), crisis.now)
    assert marks(step(again, Batch(mentions=(ours,)), crisis.now + timedelta(minutes=1))) == []


def test_what_we_say_of_something_else_or_to_somebody_is_no_statement() -> None:
    crisis = Crisis()
    effects = crisis.step(
        crisis.ours(1, text="Good morning from the coast"), crisis.ours(2, kind=MentionKind.REPLY, parent="forum:3")
    )
    assert marks(effects) == []
    assert effects.incidents == () or not effects.incidents[-1].published


def test_without_an_incident_our_posts_are_ours_alone() -> None:
    watch = house()
    ours = replace(mention(1, START, SAID, stream="own"), author=Author(handle="acme_official"))
    assert marks(step(watch, Batch(mentions=(ours,)), START + timedelta(minutes=1))) == []


def test_what_others_or_excluded_accounts_say_is_no_statement() -> None:
    crisis = Crisis()
    assert marks(crisis.step(mention(900_000, crisis.now, SAID))) == []


def test_our_past_is_no_statement() -> None:
    crisis = Crisis()
    crisis.now += timedelta(minutes=1)
    assert marks(step(crisis.core, Batch(past=(crisis.ours(),)), crisis.now)) == []
    assert marks(crisis.step()) == []
