"""What other processes ask of the daemon, on its way through a step: taken from the store, and answered with the
effects of the step that carried it out, in one transaction. So it is done exactly once, whatever crashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard import telemetry
from buzzguard.model import Answer, Batch, Cause, Command, CommandKind, Declaration, Effects, Request
from buzzguard.ports import Store
from buzzguard.respond.silences import silence_id

STALE = timedelta(hours=1)
"""A request that waited longer, because no daemon ran, is refused: what was right then may be wrong now."""
LISTEN_EVERY = timedelta(seconds=1)
AT_ONCE = 50
_FACTS = (CommandKind.DECLARE, CommandKind.NOTE, CommandKind.STATEMENT, CommandKind.JUDGE, CommandKind.PIN)
"""What is said of the world stays true however late it is heard; what is asked for may not."""
_MADE_BY = {
    CommandKind.DECLARE: Cause.DECLARED_BY_USER,
    CommandKind.SPLIT: Cause.SPLIT_OFF,
}

log = telemetry.get_logger("requests")


class Requests:
    """The requests of one step. A step that is given up is no harm: the next one begins by taking anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: frozenset[str] = frozenset()
        self._answers: tuple[Answer, ...] = ()

    async def join(self, batch: Batch, now: datetime) -> Batch:
        """The batch with the commands that wait; those that cannot be carried out are answered with the next effects.

        Raises StoreError.
        """
        waiting = await self._store.requests(AT_ONCE)
        self._taken, self._answers = frozenset(), ()
        if not waiting:
            return batch
        done = await self._store.known_commands([one.id for one in waiting])
        done |= {command.id for command in batch.commands}
        refusals = {one.id: why for one in waiting if (why := _refusal(one, done, now))}
        commands = tuple(one.command for one in waiting if one.command is not None and one.id not in refusals)
        self._answers = tuple(Answer(id=id, outcome=why) for id, why in refusals.items())
        self._taken = frozenset(command.id for command in commands)
        log.info("requests.taken", requests=len(commands), refused=len(refusals))
        return replace(batch, commands=(*batch.commands, *commands))

    def answered(
        self, effects: Effects, commands: Sequence[Command], refused: Iterable[tuple[Command, str]]
    ) -> Effects:
        """The effects of a step that was given `commands`, with the answers to those that were asked so.

        To be asked for once for each of the step's effects.
        """
        if not self._answers and not self._taken:
            return effects
        reasons = {command.id: reason for command, reason in refused}
        made = dict(_made(effects, [one for one in commands if one.id not in reasons]))
        own = [
            Answer(id=one.id, outcome=reasons.get(one.id, ""), made=made.get(one.id, ""))
            for one in commands
            if one.id in self._taken
        ]
        answers, self._answers = (*self._answers, *own), ()
        for one in answers:
            log.info("request.answered", request=one.id, outcome=one.outcome or "done")
        return replace(effects, answers=answers)


def _refusal(request: Request, done: set[str], now: datetime) -> str:
    """Why a request is not carried out; empty when it is."""
    command = request.command
    if command is None or command.id != request.id:
        return "failed"
    if request.id in done:
        return "repeated"
    return "" if now - command.at <= STALE or _is_fact(command) else "too_late"


def _is_fact(command: Command) -> bool:
    """Whether it is told however late. An exercise that begins when nobody expects it any more is none."""
    asked = command.asked
    return command.kind in _FACTS and not (isinstance(asked, Declaration) and asked.drill)


def _made(effects: Effects, done: Sequence[Command]) -> Iterator[tuple[str, str]]:
    """What each command has begun: commands are carried out, and leave their traces, in order."""
    for kind, cause in _MADE_BY.items():
        ids = (move.incident for move in effects.transitions if move.cause is cause)
        yield from zip((one.id for one in done if one.kind is kind), ids, strict=False)
    yield from ((one.id, silence_id(one)) for one in done if one.kind is CommandKind.MUTE)
