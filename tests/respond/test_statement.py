"""That a statement is out is on record and on the card; it moves nothing and calls nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Author, Command, CommandKind, Detected, Incident, Mention, MentionKind, NotificationKind
from buzzguard.respond.published import MOST, detected
from tests.respond.scene import CLAIRE, NOW, Scene

OURS = Author(id="42", handle="lumio", name="Lumio")


def own(id: str = "m1", minutes: float = 5, **more: object) -> Mention:
    """What an account of the house published so many minutes after the scene began."""
    at = NOW + timedelta(minutes=minutes)
    made = Mention(id=id, stream="s", source="mastodon", published=at, fetched=at, text="We are sorry.", author=OURS)
    return replace(made, **({"url": f"https://m.example/{id}"} | more))


def seen(incident: Incident, *mentions: Mention, topics: Sequence[str] = ("lumio",)) -> list[Command]:
    return list(detected([incident], [(one, tuple(topics)) for one in mentions], NOW + timedelta(hours=1)))


def test_a_statement_edits_the_card_and_calls_nobody() -> None:
    scene = Scene()
    scene.fire()
    before = scene.incident
    response = scene.ask(CommandKind.STATEMENT, id="c1", reason="on our site")
    assert not response.refused
    assert not response.transitions
    assert {one.kind for one in response.notifications} == {NotificationKind.UPDATE}
    (mark,) = scene.incident.published
    assert (mark.id, mark.who.name, mark.detected) == ("c1", "Claire", False)
    assert replace(scene.incident, published=(), version=before.version, acted_at=None) == before


def test_the_same_click_twice_is_one_mark_also_after_a_restart() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.STATEMENT, id="c1")
    assert [reason for _, reason in scene.ask(CommandKind.STATEMENT, id="c1").refused] == ["repeated"]
    scene.restart()
    assert [reason for _, reason in scene.ask(CommandKind.STATEMENT, id="c1").refused] == ["repeated"]
    assert scene.ask(CommandKind.STATEMENT, incident="inc-none").refused == (), "kept beside what is forgotten here"


def test_a_mark_that_was_taken_back_is_never_made_again() -> None:
    scene = Scene()
    scene.fire()
    (made,) = seen(scene.incident, own())
    scene.respond(commands=[made])
    assert [(one.id, one.detected, one.url) for one in scene.incident.published] == [
        (made.id, True, "https://m.example/m1")
    ]
    back = Command(
        id="undo", kind=CommandKind.STATEMENT, incident=scene.incident.id, who=CLAIRE, at=scene.now, undoes=made.id
    )
    assert not scene.respond(commands=[back]).refused
    assert [one.gone for one in scene.incident.published] == [True]
    assert seen(scene.incident, own()) == []


def test_after_the_end_a_mark_is_kept_and_moves_nothing() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.RESOLVE)
    response = scene.ask(CommandKind.STATEMENT)
    assert not response.refused
    assert not response.incidents


def test_only_what_we_say_of_the_topic_while_it_is_open_is_taken_for_a_statement() -> None:
    scene = Scene()
    scene.fire()
    incident = scene.incident
    assert len(seen(incident, own())) == 1
    assert seen(incident, own(), topics=["another"]) == []
    assert seen(incident, own(minutes=-5)) == [], "it was out before anything had begun"
    assert seen(incident, own(kind=MentionKind.REPLY)) == [], "an answer to one customer"
    assert seen(incident, own(parent="m0")) == []
    assert seen(incident, own(kind=MentionKind.REPOST)) == []
    assert seen(incident, own(time_trusted=False)) == [], "who knows when that came out"
    assert seen(replace(incident, drill=True), own()) == [], "an exercise publishes nothing"


def test_what_was_seen_knows_where_it_stands_and_when_it_came_out() -> None:
    scene = Scene()
    scene.fire()
    (made,) = seen(scene.incident, own(site="mastodon.social"))
    assert made.happened_at == NOW + timedelta(minutes=5)
    assert (made.who.id, made.who.name, made.who.via) == ("lumio", "Lumio", "mastodon")
    assert made.asked == Detected(mention="m1", url="https://m.example/m1", site="mastodon.social")


def test_an_endless_address_is_left_out() -> None:
    scene = Scene()
    scene.fire()
    (made,) = seen(scene.incident, own(url="https://m.example/" + "x" * 10_000))
    assert isinstance(made.asked, Detected)
    assert made.asked.url == ""


def test_what_runs_on_leaves_room_for_what_people_say() -> None:
    scene = Scene()
    scene.fire()
    scene.respond(commands=seen(scene.incident, *(own(id=f"m{number}") for number in range(MOST + 5))))
    assert len(scene.incident.published) == MOST
    scene.ask(CommandKind.STATEMENT, id="by-hand")
    assert [one.id for one in scene.incident.published][-1] == "by-hand"


@given(st.lists(st.integers(0, 30), max_size=60))
def test_each_mention_is_marked_once_and_marks_are_bounded(order: list[int]) -> None:
    scene = Scene()
    scene.fire()
    for turn in (order, order[::-1]):
        made = seen(scene.incident, *(own(id=f"m{one}") for one in turn))
        scene.respond(commands=made)
    ids = [one.id for one in scene.incident.published]
    assert len(ids) == len(set(ids)) == min(MOST, len(set(order)))
