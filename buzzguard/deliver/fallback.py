"""Receivers that cannot be reached: what they had to hear is told to those who stand in for them.

Three parts, each where it belongs. Here, in the shell, the store is asked what has not arrived; a pure function decides
whose fallback is due; and that is asked of the response as a command, like a person's click. The response (see
`respond.standing_in`) knows whether somebody has taken charge, records a transition that says why, and lets those who
stand in join the incident: they hear its further news too, and nobody twice. The command's id follows from the message
that did not arrive, and the store knows every id that was carried out or refused: neither a restart nor a second look
asks twice. Nothing of this stands in the way of the outbox, which goes on trying.

A message that was itself sent in another's place is not followed any further: there are no circles.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta

from buzzguard.config.settings import ReceiverSettings
from buzzguard.errors import StoreError
from buzzguard.model import (
    Cause,
    Command,
    CommandKind,
    IncidentState,
    NotificationKind,
    Person,
    Severity,
    Undelivered,
    Untold,
)
from buzzguard.ports import Clock, Store
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.fallback")

ASKED = "fallback/"
"""How the ids of these commands begin; the key of the message follows."""
LOOK_EVERY = timedelta(seconds=1)
_BUZZGUARD = Person(id="buzzguard", name="BuzzGuard")
_MUST_HEAR = frozenset({Cause.SEVERITY_RAISED, Cause.STEP_TIMED_OUT, Cause.ESCALATED_BY_USER})
"""News that calls somebody, beside reminders that nobody has answered."""


def must_hear(untold: Untold) -> bool:
    """Whether people must hear a message: a card, an escalation, a graver severity or an unanswered reminder.

    Not an edit in place, nor what was sent in another's place already.
    """
    if untold.kind is NotificationKind.CARD:
        return not any(_stands_in(untold, one.cause, one.detail) for one in untold.news)
    if untold.kind is NotificationKind.UPDATE:
        return False
    return any(
        one.cause in _MUST_HEAR or (one.cause is Cause.REMINDED and one.after is IncidentState.TRIGGERED)
        for one in untold.news
    )


def due(untold: Iterable[Untold], receivers: Mapping[str, ReceiverSettings], now: datetime) -> list[Command]:
    """What to ask for at `now`: a command for each incident and receiver whose fallback is due.

    `untold` are in the order in which they were made. The oldest message tells since when a receiver is not reached,
    the gravest how grave it is: a card that was orange counts as red once the word that it is red waits behind it.
    """
    lines: dict[tuple[str, str], list[Untold]] = {}
    for one in untold:
        settings = receivers.get(one.receiver)
        if settings is not None and settings.fallback is not None and must_hear(one):
            lines.setdefault((one.incident, one.receiver), []).append(one)
    asked = [_asked(line, receivers[receiver], now) for (_, receiver), line in lines.items()]
    return [command for command in asked if command is not None]


class FallbackWatch:
    """Looks for what did not arrive. `ask` hands a command to the response, and gives the reason if it is refused."""

    def __init__(
        self,
        store: Store,
        receivers: Mapping[str, ReceiverSettings],
        *,
        clock: Clock,
        ask: Callable[[Command], Awaitable[str | None]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._ask = ask
        self._asked: set[str] = set()
        self._failing = False
        self.replace(receivers)

    def replace(self, receivers: Mapping[str, ReceiverSettings]) -> None:
        """Go on with other receivers, after a change of configuration."""
        self._receivers = {name: one for name, one in receivers.items() if one.fallback is not None}

    async def look(self) -> None:
        """Ask for every fallback that is due. Trouble of the store is logged once; the next look tries again."""
        if not self._receivers:
            return
        try:
            now = self._clock.now()
            untold = await self._store.untold(sorted(self._receivers), now, without=ASKED)
            for command in due(untold, self._receivers, now):
                await self._ask_once(command)
        except StoreError as error:
            if not self._failing:
                _log.error("fallback.delayed", reason=str(error))
            self._failing = True
            return
        self._failing = False

    async def _ask_once(self, command: Command) -> None:
        """A command that a step could not carry out is not kept by the store: it is not asked for without end."""
        if command.id in self._asked:
            return
        refused = await self._ask(command)
        self._asked.add(command.id)
        missing = command.undelivered
        assert missing is not None  # `_asked` gave it
        fields = {"incident": command.incident, "receiver": missing.receiver, "notifier": missing.notifier}
        if refused:
            _log.info("fallback.refused", reason=refused, **fields)
        else:
            _log.warning("fallback.told", instead=list(missing.instead), **fields)


def _asked(line: list[Untold], receiver: ReceiverSettings, now: datetime) -> Command | None:
    fallback, oldest = receiver.fallback, line[0]
    assert fallback is not None  # `due` has looked
    gravest = max(one.severity.rank for one in line)
    refused = any(one.refused for one in line)
    waited = now - min(one.since for one in line)
    if gravest < Severity(fallback.severity).rank or (waited < fallback.after and not refused):
        return None
    missing = Undelivered(
        receiver=oldest.receiver,
        notifier=receiver.notifier,
        since=min(one.since for one in line),
        instead=fallback.to,
        refused=refused,
    )
    return Command(
        id=f"{ASKED}{oldest.key}",
        kind=CommandKind.FALL_BACK,
        incident=oldest.incident,
        who=_BUZZGUARD,
        at=now,
        undelivered=missing,
    )


def _stands_in(untold: Untold, cause: Cause, detail: Mapping[str, str]) -> bool:
    return cause is Cause.NOT_REACHED and untold.receiver in detail.get("receivers", "").split(",")
