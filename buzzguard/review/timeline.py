"""What happened in an incident, in order: every transition, message, statement and mute, by whom and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from buzzguard.model import (
    Cause,
    Command,
    CommandKind,
    DeliveryState,
    Detected,
    NotificationKind,
    Person,
    Pinned,
    Record,
    Severity,
    Silence,
    Transition,
)
from buzzguard.respond.acts import LONGEST_NOTE
from buzzguard.store.recalling import Attempt, Recalled, Waiting


class EntryKind(StrEnum):
    """What sort of thing happened. Several of them share a table of the store."""

    TRANSITION = "transition"
    TOLD = "told"
    NOT_TOLD = "not_told"
    EDITED = "edited"
    WAITING = "waiting"
    STATEMENT = "statement"
    STATEMENT_TAKEN_BACK = "statement_taken_back"
    SILENCE_ENDED = "silence_ended"
    STORY_BEGAN = "story_began"
    PEAK = "peak"
    KEPT = "kept"
    NOT_KEPT = "not_kept"
    NOTED = "noted"


_ORDER = {kind: place for place, kind in enumerate((EntryKind.STORY_BEGAN, EntryKind.PEAK, EntryKind.TRANSITION))}


class Entry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a timeline.

    `transition` is set for transitions alone: all that it knows stands there. `receiver` is whom a message was for,
    `reason` what a person wrote or why a message did not get through; `count` is how many edits, attempts or mentions
    the line stands for, `until` when a line that sums up ends. `id` names a mark that can be taken back; of one
    that was `seen`, a mention of ours (`url`) was taken for a statement, and nobody has said so.

    A message that people keep stands where it was written: `who` wrote it, `by` kept it or keeps it no longer, `reason`
    is what it says now, `url` leads there; it was edited `count` times, last at `until`. One that is gone has no text:
    `until` is since when, and `deleted` whether it is gone from the chat as well.
    """

    at: datetime
    kind: EntryKind
    who: Person | None = None
    severity: Severity | None = None
    reason: str = ""
    receiver: str = ""
    message: NotificationKind | None = None
    state: DeliveryState | None = None
    transition: Transition | None = None
    count: int = 0
    until: datetime | None = None
    id: str = ""
    seen: bool = False
    by: Person | None = None
    url: str = ""
    deleted: bool = False


def timeline(recalled: Recalled, *, now: datetime) -> tuple[Entry, ...]:
    """Every line, in order of time; of one instant, what happened stands before who was told of it.

    Edits in place go out by the minute and notify nobody: for each receiver they are one line, from the first to the
    last; so are the messages that wait. Attempts that failed the same way in a row are one line. A silence that a
    person ended early ends there.
    """
    entries = [
        *(_moved(one) for one in recalled.transitions),
        *_messages(recalled.attempts),
        *_edits(recalled.attempts),
        *_waits(recalled.waiting),
        *_statements(recalled),
        *_silences(recalled.silences, now),
        *_kept(recalled.commands),
        *_late_notes(recalled),
    ]
    return in_order(entries)


def in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries by time; those of one instant in the order in which they follow from one another."""
    return tuple(sorted(entries, key=lambda one: (one.at, _ORDER.get(one.kind, len(_ORDER)))))


def statements(commands: Sequence[Command], moves: Sequence[Transition] = ()) -> tuple[Command, ...]:
    """The marks that a statement was published which nobody took back, in the order in which it was published.

    A draft of which somebody said that it is out is marked by that: commands that were refused are kept as well, so
    among `moves` the transition tells which one did it.
    """
    marks = [one for one in commands if one.kind is CommandKind.STATEMENT]
    gone = {one.undoes for one in marks if one.undoes}
    out = {move.detail.get("mark", "") for move in moves if move.cause is Cause.PUBLISHED_BY_USER}
    marks += [one for one in commands if one.kind is CommandKind.JUDGE_DRAFT and one.id in out]
    return tuple(sorted((one for one in marks if not one.undoes and one.id not in gone), key=published_at))


def published_at(mark: Command) -> datetime:
    """When the statement that a mark tells of was published."""
    return mark.happened_at or mark.at


def _moved(one: Transition) -> Entry:
    return Entry(
        at=one.at,
        kind=EntryKind.TRANSITION,
        who=one.who,
        severity=one.severity,
        reason=one.reason,
        transition=one,
    )


def _messages(attempts: Sequence[Attempt]) -> Iterator[Entry]:
    """New messages and news that got through, and every failure: of a run of equal failures the first, counted."""
    runs: dict[tuple[str, NotificationKind, DeliveryState, str], Entry] = {}
    for one in attempts:
        if one.state is DeliveryState.SUPERSEDED:
            continue
        if one.state is DeliveryState.DELIVERED:
            for failed in [key for key in runs if key[0] == one.receiver]:
                yield runs.pop(failed)
            if one.message_is_new:
                yield _told(one, EntryKind.TOLD)
            continue
        key = (one.receiver, one.kind, one.state, one.reason)
        known = runs.get(key)
        runs[key] = _told(one, EntryKind.NOT_TOLD) if known is None else _again(known, one.at)
    yield from runs.values()


def _again(entry: Entry, at: datetime) -> Entry:
    return Entry(
        at=entry.at,
        kind=entry.kind,
        reason=entry.reason,
        receiver=entry.receiver,
        message=entry.message,
        state=entry.state,
        count=entry.count + 1,
        until=at,
    )


def _edits(attempts: Sequence[Attempt]) -> Iterator[Entry]:
    edits: dict[str, list[datetime]] = {}
    for one in attempts:
        if one.state is DeliveryState.DELIVERED and not one.message_is_new:
            edits.setdefault(one.receiver, []).append(one.at)
    for receiver, times in edits.items():
        yield Entry(
            at=times[0],
            kind=EntryKind.EDITED,
            receiver=receiver,
            message=NotificationKind.UPDATE,
            state=DeliveryState.DELIVERED,
            count=len(times),
            until=times[-1],
        )


def _told(one: Attempt, kind: EntryKind) -> Entry:
    return Entry(
        at=one.at, kind=kind, receiver=one.receiver, message=one.kind, state=one.state, reason=one.reason, count=1
    )


def _waits(waiting: Sequence[Waiting]) -> Iterator[Entry]:
    """What a receiver has not got yet, one line: at the first that is due."""
    dues: dict[str, list[datetime]] = {}
    for one in waiting:
        dues.setdefault(one.receiver, []).append(one.due_at)
    for receiver, times in dues.items():
        yield Entry(at=min(times), kind=EntryKind.WAITING, receiver=receiver, count=len(times), until=max(times))


def _statements(recalled: Recalled) -> Iterator[Entry]:
    """The marks made by hand; a published draft has a transition of its own."""
    for one in statements(recalled.commands, recalled.transitions):
        if one.kind is CommandKind.STATEMENT:
            seen = one.asked if isinstance(one.asked, Detected) else None
            yield Entry(
                at=published_at(one),
                kind=EntryKind.STATEMENT,
                who=one.who,
                reason=one.reason,
                id=one.id,
                until=one.at,
                seen=seen is not None,
                url=seen.url if seen is not None else "",
            )
    for one in recalled.commands:
        if one.kind is CommandKind.STATEMENT and one.undoes:
            yield Entry(at=one.at, kind=EntryKind.STATEMENT_TAKEN_BACK, who=one.who, reason=one.reason, id=one.undoes)


def _kept(commands: Sequence[Command]) -> Iterator[Entry]:
    """The messages that people keep, each once, as it reads now."""
    told: dict[str, list[tuple[Command, Pinned]]] = {}
    for one in commands:
        if isinstance(one.asked, Pinned) and one.kind is CommandKind.PIN:
            told.setdefault(one.asked.ref, []).append((one, one.asked))
    for known in told.values():
        last, pin = known[-1]
        at = next((each.posted_at for _, each in known if each.posted_at is not None), known[0][0].at)
        if pin.gone:
            who = None if pin.deleted else last.who
            yield Entry(at=at, kind=EntryKind.NOT_KEPT, who=who, by=last.who, until=last.at, deleted=pin.deleted)
            continue
        edits = _edits_of(known)
        yield Entry(
            at=at,
            kind=EntryKind.KEPT,
            who=pin.author,
            by=edits[0][0].who,
            reason=pin.text,
            url=pin.url,
            count=len(edits) - 1,
            until=last.at if len(edits) > 1 else None,
        )


def _late_notes(recalled: Recalled) -> Iterator[Entry]:
    """The notes on what had ended long before: of each other one there is a transition, with its text and author."""
    moves = [one for one in recalled.transitions if one.cause is Cause.NOTED_BY_USER]
    told = Counter((one.who, one.reason) for one in moves)
    for one in recalled.commands:
        if one.kind is not CommandKind.NOTE or not one.reason.strip():
            continue
        text = one.reason[:LONGEST_NOTE]
        if told[one.who, text]:
            told[one.who, text] -= 1
        else:
            yield Entry(at=one.at, kind=EntryKind.NOTED, who=one.who, reason=text)


def _edits_of(known: Sequence[tuple[Command, Pinned]]) -> Sequence[tuple[Command, Pinned]]:
    """The wordings since the message was kept last."""
    ends = [place for place, (_, pin) in enumerate(known) if pin.gone]
    return known[ends[-1] + 1 :] if ends else known


def _silences(silences: Sequence[Silence], now: datetime) -> Iterator[Entry]:
    """That a mute ended: that it began is a transition."""
    for one in silences:
        if one.ends_at <= now:
            yield Entry(at=one.ends_at, kind=EntryKind.SILENCE_ENDED, who=one.who, reason=one.reason)
