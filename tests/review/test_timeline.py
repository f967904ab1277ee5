"""The timeline of an incident: nothing is lost, nothing is told twice, and time goes forward."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.model import (
    Cause,
    Command,
    CommandKind,
    DeliveryState,
    Detected,
    DraftAct,
    DraftVerdict,
    NotificationKind,
    Person,
    Pinned,
)
from buzzguard.respond.incident import advance
from buzzguard.review.timeline import Entry, EntryKind, statements, timeline
from buzzguard.store.recalling import Attempt, Recalled, Waiting
from tests.review.night import CLAIRE, INCIDENT, SILENCE, life, minute, statement

attempts = st.lists(
    st.builds(
        Attempt,
        incident=st.just(INCIDENT),
        receiver=st.sampled_from(["comms", "manager"]),
        kind=st.sampled_from(NotificationKind),
        at=st.integers(0, 500).map(minute),
        state=st.sampled_from(DeliveryState),
        reason=st.sampled_from(["", "slack is down"]),
    ),
    max_size=30,
).map(lambda several: sorted(several, key=lambda one: one.at))


@settings(max_examples=80, deadline=None)
@given(attempts)
def test_every_message_and_every_failure_stands_in_it_once(several: list[Attempt]) -> None:
    incident, moves = life(resolved=400)
    entries = timeline(Recalled(incident=incident, transitions=tuple(moves), attempts=tuple(several)), now=minute(1000))
    assert [one.at for one in entries] == sorted(one.at for one in entries)
    assert sum(one.kind is EntryKind.TRANSITION for one in entries) == len(moves)
    counted = {
        kind: sum(one.count for one in entries if one.kind is kind)
        for kind in (EntryKind.TOLD, EntryKind.EDITED, EntryKind.NOT_TOLD)
    }
    delivered = [one for one in several if one.state is DeliveryState.DELIVERED]
    assert counted[EntryKind.TOLD] == sum(one.message_is_new for one in delivered)
    assert counted[EntryKind.EDITED] == sum(not one.message_is_new for one in delivered)
    failed = (DeliveryState.DELAYED, DeliveryState.REFUSED)
    assert counted[EntryKind.NOT_TOLD] == sum(one.state in failed for one in several)


def test_a_failure_after_a_success_is_a_new_line() -> None:
    incident, _ = life()

    def attempt(at: float, state: DeliveryState) -> Attempt:
        return Attempt(incident=INCIDENT, receiver="comms", kind=NotificationKind.CARD, at=minute(at), state=state)

    states = [DeliveryState.DELAYED, DeliveryState.DELAYED, DeliveryState.DELIVERED, DeliveryState.DELAYED]
    several = tuple(attempt(at, state) for at, state in enumerate(states))
    entries = timeline(Recalled(incident=incident, attempts=several), now=minute(10))
    assert [(one.kind, one.count) for one in entries] == [
        (EntryKind.NOT_TOLD, 2),
        (EntryKind.TOLD, 1),
        (EntryKind.NOT_TOLD, 1),
    ]


def test_what_waits_and_what_ended_is_told() -> None:
    incident, _ = life()
    waiting = Waiting(receiver="comms", kind=NotificationKind.NEWS, due_at=minute(70), attempts=2)
    later = Waiting(receiver="comms", kind=NotificationKind.UPDATE, due_at=minute(75), attempts=0)
    recalled = Recalled(incident=incident, waiting=(later, waiting), silences=(SILENCE,))
    (line,) = timeline(recalled, now=minute(80))
    assert (line.at, line.until, line.count) == (minute(70), minute(75), 2)
    assert [one.kind for one in timeline(recalled, now=minute(80))] == [EntryKind.WAITING]
    assert [one.kind for one in timeline(recalled, now=minute(90))] == [EntryKind.WAITING, EntryKind.SILENCE_ENDED]


def test_marks_stand_where_the_statement_came_out() -> None:
    late = statement(50, id="late", marked=300)
    back = Command(id="u", kind=CommandKind.STATEMENT, incident="i", who=CLAIRE, at=minute(310), undoes="gone")
    other = Command(id="o", kind=CommandKind.RESOLVE, incident="i", who=CLAIRE, at=minute(1))
    kept = statements([statement(200, id="second"), late, statement(10, id="gone"), back, other])
    assert [one.id for one in kept] == ["late", "second"]


def test_what_our_own_account_published_says_that_nobody_marked_it() -> None:
    incident, _ = life()
    seen = Command(
        id="statement-own-1",
        kind=CommandKind.STATEMENT,
        incident=incident.id,
        who=Person(id="lumio", name="Lumio", via="mastodon"),
        at=minute(62),
        happened_at=minute(60),
        asked=Detected(mention="m1", url="https://m.example/1"),
    )
    (line,) = timeline(Recalled(incident=incident, commands=(seen,)), now=minute(80))
    assert (line.kind, line.at, line.seen, line.url) == (EntryKind.STATEMENT, minute(60), True, "https://m.example/1")
    assert [one.id for one in statements([seen])] == ["statement-own-1"], "its effect is measured like any other's"


def test_a_published_draft_is_a_mark_and_one_line_and_a_refused_one_is_none() -> None:
    incident, moves = life()
    out = DraftVerdict(draft="drf-1", act=DraftAct.PUBLISH)
    early, done = (
        Command(id=id, kind=CommandKind.JUDGE_DRAFT, incident=incident.id, who=CLAIRE, at=minute(at), asked=out)
        for id, at in (("too-early", 55), ("done", 60))
    )
    _, move = advance(incident, Cause.PUBLISHED_BY_USER, minute(60), who=CLAIRE, detail={"mark": "done"})
    back = Command(id="u", kind=CommandKind.STATEMENT, incident="i", who=CLAIRE, at=minute(70), undoes="done")
    assert [one.id for one in statements([early, done], [*moves, move])] == ["done"]
    assert statements([early, done, back], [*moves, move]) == ()
    recalled = Recalled(incident=incident, transitions=(*moves, move), commands=(early, done))
    lines = timeline(recalled, now=minute(80))
    assert [one.transition.cause for one in lines if one.transition][-1] is Cause.PUBLISHED_BY_USER
    assert EntryKind.STATEMENT not in {one.kind for one in lines}


def test_notes_stand_in_it_once_also_those_written_long_after_the_end() -> None:
    incident, moves = life(resolved=400)
    _, noted = advance(incident, Cause.NOTED_BY_USER, minute(420), who=CLAIRE, reason="It was the lab.")
    texts = {430: "It was the lab.", 9000: "The lab has answered.", 9001: " "}
    said = [
        Command(id=f"n{at}", kind=CommandKind.NOTE, incident=INCIDENT, who=CLAIRE, at=minute(at), reason=text)
        for at, text in texts.items()
    ]
    entries = timeline(Recalled(incident=incident, transitions=(*moves, noted), commands=tuple(said)), now=minute(9999))
    (late,) = [one for one in entries if one.kind is EntryKind.NOTED]
    assert (late.at, late.who, late.reason) == (minute(9000), CLAIRE, "The lab has answered.")


def _pin(mark: str, minutes: int, *, ref: str = "slack:C1/1.1", text: str = "", **pin: object) -> Command:
    asked = Pinned(ref=ref, text=text, posted_at=minute(1), **pin)  # type: ignore[arg-type]
    marc = Person(id="U1", name="Marc")
    return Command(id=f"pin-{mark}", kind=CommandKind.PIN, incident="i", who=marc, at=minute(minutes), asked=asked)


def _kept(*commands: Command) -> list[Entry]:
    found = timeline(Recalled(incident=life()[0], commands=commands), now=minute(100))
    return [one for one in found if one.kind in (EntryKind.KEPT, EntryKind.NOT_KEPT)]


def test_a_kept_message_stands_where_it_was_written_as_it_reads_now() -> None:
    claire = Person(id="U2", name="Claire")
    (entry,) = _kept(
        _pin("a", 5, text="old", author=claire), _pin("b", 9, text="new", author=claire, url="https://x/1")
    )
    assert (entry.at, entry.reason, entry.count, entry.until) == (minute(1), "new", 1, minute(9))
    assert (entry.who, entry.url) == (claire, "https://x/1")
    assert entry.by is not None
    assert entry.by.name == "Marc"


def test_a_message_that_is_gone_leaves_a_line_without_its_text() -> None:
    (deleted,) = _kept(_pin("a", 5, text=""), _pin("z", 9, gone=True, deleted=True))
    assert (deleted.kind, deleted.reason, deleted.deleted, deleted.until) == (EntryKind.NOT_KEPT, "", True, minute(9))
    assert deleted.who is None
    (unpinned,) = _kept(_pin("a", 5, text=""), _pin("z", 9, gone=True))
    assert (unpinned.deleted, unpinned.who) == (False, unpinned.by)


def test_what_is_kept_again_counts_its_edits_anew() -> None:
    (entry,) = _kept(_pin("a", 5), _pin("b", 6, text="edited"), _pin("z", 9, gone=True), _pin("c", 12, text="again"))
    assert (entry.kind, entry.reason, entry.count, entry.until) == (EntryKind.KEPT, "again", 0, None)
    first, second = _kept(_pin("a", 5, text="one"), _pin("b", 6, ref="slack:C1/2.2", text="two"))
    assert (first.reason, second.reason) == ("one", "two")
