"""The seams, as Protocols. A stage knows these and the nouns of `model`, never another stage.

Every implementation of a port passes the port's suite in `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from buzzguard.model import (
    Alert,
    Answer,
    Backfill,
    Batch,
    Checkpoint,
    Click,
    Command,
    Confusion,
    Count,
    Delivery,
    Effects,
    Explanation,
    Fetched,
    Health,
    Incident,
    Judged,
    Letter,
    Notification,
    Pending,
    Poll,
    Received,
    Request,
    Samples,
    ScoredMention,
    Sentiment,
    Silence,
    Text,
    Untold,
)
from buzzguard.ports_desk import FrontDesk as FrontDesk


class Clock(Protocol):
    """Tells the time. `buzzguard.clock` holds the implementations."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


@runtime_checkable
class Source(Protocol):
    """Reads one stream.

    `fetch` returns what is new after `cursor` (empty: the first poll) and the cursor after it. It keeps no memory
    of its own between calls that a crash could lose. It raises `SourceError`s, never anything else, for what the
    world does; one bad record never costs the others.

    Beside these it has `card` and `Settings`, and may have `least_every`: the shortest interval, as a `timedelta`, at
    which the service may be asked, however much is said and whatever is configured.
    """

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read once."""
        ...

    async def close(self) -> None:
        """Free what was opened. May be called twice."""
        ...


class Scorer(Protocol):
    """Gives the sentiment of texts. Deterministic; one result for each text, in order; never raises for a text.

    `confusion` is its error rate, measured on labelled texts: `Confusion()` when it is not known.
    """

    name: str
    confusion: Confusion

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text."""
        ...


class Detector(Protocol):
    """The baselines of the topics that chose it, each topic on its own; it is made with their ids.

    `assess` changes nothing and may be called at any time, also while windows fill. `learn` gets each closed window
    once, in order of `end`, on the strides of `measure.strides`; it leaves out what is largely unknown, and decides
    itself what of an anomalous window to learn. The same calls give the same answers: state is rebuilt from stored
    samples. Topics that it was not made for are passed over.
    """

    version: str
    """Name and format of its snapshots; empty when it makes none and is always rebuilt."""

    def assess(self, samples: Sequence[Samples]) -> list[Judged]:
        """Judge windows, in their order. All windows of one topic and instant are judged together where both are
        there: what is rare on several scales is rarer."""
        ...

    def learn(self, closed: Sequence[Samples]) -> None:
        """Take closed windows into the baselines."""
        ...

    def snapshot(self, topic: str) -> bytes:
        """The baselines of a topic as bytes that `restore` of the same version reads back to the same answers."""
        ...

    def restore(self, topic: str, state: bytes) -> None:
        """Become, for a topic, what `snapshot` wrote. Raises ValueError for anything else, and is then unchanged."""
        ...

    def explain(self, samples: Sequence[Samples]) -> Explanation:
        """All that it knows of one topic at one instant, given the topic's windows. Raises LookupError for a topic
        that it was not made for."""
        ...

    def band(self, topic: str, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """Expected and high volume of the `bins` windows of `length` (one of `WINDOWS`) that end at `end` and
        before, oldest first; zeros when it cannot tell."""
        ...


@runtime_checkable
class Adopting(Protocol):
    """A detector that can be told what is normal."""

    def adopt(self, topic: str, at: datetime, since: datetime) -> None:
        """A person calls the level of a topic normal that it has at the instant `at`, when all windows that ended by
        then are learned: those that end later teach it at once. What was unusual since `since` is no episode of its
        past. Passed over for a topic that it was not made for."""
        ...


@runtime_checkable
class Notifier(Protocol):
    """Tells one kind of receiver.

    `deliver` gets the notification, the receiver's own address settings, the delivery of the incident's card to
    this receiver if there was one, and whether an earlier attempt of the same key may have got through
    (`uncertain`): then it looks before it posts again. It returns a delivered `Delivery` or raises a
    `DeliveryError`.

    A class whose attribute `shows_runs` is true is also given notifications of the kind `run`; to no other they are
    written.
    """

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: datetime
    ) -> Delivery:
        """Make one attempt."""
        ...

    async def close(self) -> None:
        """Free what was opened. May be called twice."""
        ...


@runtime_checkable
class LetterNotifier(Protocol):
    """A notifier that takes letters as well: `deliver_letter` is to a `Letter` what `deliver` is to a notification."""

    async def deliver_letter(self, letter: Letter, *, uncertain: bool, now: datetime) -> Delivery:
        """Make one attempt."""
        ...


class Store(Protocol):
    """The memory. Each method is one transaction; a `StoreError` means that nothing of it was kept."""

    async def commit(self, effects: Effects, cursors: Mapping[str, str]) -> None:
        """Write a step's effects and the cursors of the streams it read, all or nothing.

        A mention already stored is left as it is; a transition or notification already stored (same key) too.
        """
        ...

    async def known(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are stored already."""
        ...

    async def mentions_by(self, authors: Sequence[str]) -> set[str]:
        """The ids of the stored mentions by `authors`, as `Mention.author_key` names them, also where hashes are kept
        in the place of their names."""
        ...

    async def known_commands(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that were carried out or refused already: the same click, delivered again."""
        ...

    async def key(self, name: str) -> bytes:
        """The secret key of that name, 32 random bytes: made when it is first asked for, then always the same."""
        ...

    async def mention(self, id: str) -> ScoredMention | None:
        """A stored mention; None when there is none of that id."""
        ...

    async def mentions(self, ids: Sequence[str]) -> list[ScoredMention]:
        """Those of `ids` that are stored, as they stand."""
        ...

    async def click(self, click: Click) -> bool:
        """Keep what a person said of a mention; false when a click of its id was kept before.

        Any process may, also beside a running daemon: it learns from it at its next tick.
        """
        ...

    async def clicks_after(self, seq: int) -> tuple[list[Click], int]:
        """The clicks kept after number `seq` (0: all) in the order of keeping, and the number of the last."""
        ...

    async def request(self, command: Command) -> bool:
        """Keep a command for the daemon to carry out; false when one of its id was kept before.

        Any process may, also beside a running daemon, which takes it at its next step, or at its next start.
        """
        ...

    async def requests(self, limit: int) -> list[Request]:
        """The requests that nobody has answered, in the order of keeping."""
        ...

    async def answer(self, id: str) -> Answer | None:
        """What became of the request of that id; None while nothing has."""
        ...

    async def last_erasure(self) -> int:
        """The number of the last time when mentions or clicks were deleted, on a person's wish or by their age.

        Whoever holds some looks then which of them are `known` no more. 0: never yet.
        """
        ...

    async def cursors(self) -> dict[str, str]:
        """The cursor of every stream."""
        ...

    async def last_polls(self) -> dict[str, Poll]:
        """The last poll of every stream."""
        ...

    async def polls_since(self, since: datetime) -> list[Poll]:
        """Polls in order of time (needed to know which minutes are unknown)."""
        ...

    async def samples_since(self, since: datetime) -> list[Samples]:
        """Samples whose window ended after `since`, in order of end."""
        ...

    async def mentions_since(self, since: datetime) -> list[ScoredMention]:
        """Mentions published after `since`, in order of publication."""
        ...

    async def mentions_between(self, start: datetime, end: datetime) -> list[ScoredMention]:
        """Mentions published from `start` up to `end` (left out), in order of publication."""
        ...

    async def counts_since(self, since: datetime) -> list[Count]:
        """What sources counted of spans that ended after `since`, in order of end."""
        ...

    async def backfills(self) -> list[Backfill]:
        """How far the reading of the past has come, of each stream that read some."""
        ...

    async def streams_before(self, at: datetime) -> frozenset[str]:
        """The streams that have brought a mention published before `at`, of those kept."""
        ...

    async def measured_anew(
        self, topics: Iterable[str], span: tuple[datetime, datetime], samples: Sequence[Samples]
    ) -> None:
        """Put samples in the place of all those of `topics` whose windows ended in `span` (its start left out)."""
        ...

    async def learned(self, topics: Iterable[str], records: Sequence[Backfill]) -> None:
        """Keep these records, and let no checkpoint spare learning the topics' baselines from their samples."""
        ...

    async def alerts_open(self) -> list[Alert]:
        """The latest record of each alert that is pending or firing."""
        ...

    async def incidents_open(self, now: datetime) -> list[Incident]:
        """Incidents that are not final, and those that became final in the last day (a relapse points to them)."""
        ...

    async def checkpoints(self) -> list[Checkpoint]:
        """The newest checkpoint of each topic."""
        ...

    async def incidents_since(self, since: datetime) -> list[Incident]:
        """Incidents that were opened after `since`, however they ended, in order of opening."""
        ...

    async def called_normal(self, since: datetime) -> list[tuple[Incident, datetime]]:
        """Incidents that people ended after `since` because their level is the new normal, each with that instant, in
        order."""
        ...

    async def silences_active(self, now: datetime) -> list[Silence]:
        """Silences that have not ended."""
        ...

    async def due(self, now: datetime, limit: int) -> list[Pending]:
        """Notifications to attempt now: due, not ended, and first of their incident and receiver.

        Messages of one incident to one receiver leave in the order in which they were made: one that waits for its
        retry holds back those behind it. Of several updates waiting in a row only the newest is returned; the others
        are recorded as superseded.
        """
        ...

    async def post(self, letters: Sequence[Letter]) -> None:
        """Put letters into the outbox; one whose key is there already is left as it is."""
        ...

    async def posted(self, about: str, *, any_of: bool = False) -> bool:
        """Whether letters about that occasion were put into the outbox; with `any_of` about one whose name begins
        so."""
        ...

    async def begin(self, key: str, at: datetime) -> None:
        """Note, before sending, that an attempt begins: after a crash the notification comes back as uncertain."""
        ...

    async def record(self, delivery: Delivery) -> None:
        """Note how an attempt ended."""
        ...

    async def card(self, incident: str, receiver: str) -> Delivery | None:
        """The delivery that posted the card of `incident` to `receiver`, with its newest `extra`."""
        ...

    async def revive(self, now: datetime) -> int:
        """Put back into the outbox what was refused in the last day and still matters; returns how many.

        A refusal lasts until a person acts (a new token, an invitation to the channel): once they have, people must
        be told after all. What belongs to incidents that have ended stays refused.
        """
        ...

    async def untold(self, receivers: Sequence[str], now: datetime, *, without: str) -> list[Untold]:
        """Cards and news to these receivers that have not arrived, or were refused in the last day, in the order in
        which they were made: of incidents that nobody has taken charge of.

        Left out are those for which a command was kept whose id is `without` and the notification's key.
        """
        ...

    async def outbox_depth(self) -> int:
        """How many notifications wait."""
        ...

    async def expire(self, now: datetime) -> dict[str, int]:
        """Delete what is older than its retention; returns rows deleted by table."""
        ...

    async def close(self) -> None:
        """Free what was opened."""
        ...


class Intake(Protocol):
    """The daemon as its web server and its Slack listener see it."""

    async def submit(self, batch: Batch) -> Received:
        """Put mentions and commands through a step; returns once the effects are committed.

        Raises StoreError when the daemon stops before that: the sender must try again.
        """
        ...

    def health(self) -> Health:
        """How the daemon is doing, at once."""
        ...

    def backlog(self) -> int:
        """Mentions that wait for a step."""
        ...

    def turning(self, within: timedelta) -> bool:
        """Whether the worker has taken a turn within `within`: what liveness and the watchdog ask."""
        ...
