"""A seeded walk through the real core and the real store: what came, what people asked, crashes and clock jumps.

After each step it checks the laws of the response on what was committed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from buzzguard.assembly import Assembly, rebuild_core
from buzzguard.config.settings import StoreSettings
from buzzguard.model import (
    AlarmReason,
    Asked,
    Batch,
    Command,
    CommandKind,
    Declaration,
    Dismissal,
    DraftAct,
    DraftText,
    DraftVerdict,
    Effects,
    Handover,
    Incident,
    Merge,
    Mute,
    NotificationKind,
    Person,
    Pinned,
    PlaybookChoice,
    Room,
    Severity,
    Split,
    StepMark,
    StepState,
    Unmute,
    Usefulness,
)
from buzzguard.pipeline import Core, step
from buzzguard.requests import Requests
from buzzguard.respond.incident import FINAL
from buzzguard.store.sql import SqlStore
from tests.running import RULE
from tests.small_world import NOW, assembly, mention
from tests.walking_laws import Laws

_MORE_RULES = {
    "flood": RULE.replace("surge", "flood").replace(">= 3", ">= 6").replace("orange", "red"),
    "murmur": RULE.replace("surge", "murmur").replace(">= 3", ">= 2").replace("orange", "yellow"),
}
_NIGHT = {"yellow": {"from": "07:00", "to": "22:00"}}
_SETTINGS: dict[str, Any] = {
    "topics": {
        "acme": {"name": "Acme", "query": "acme", "owner": "quality"},
        "nova": {"name": "Nova", "query": "nova"},
    },
    "receivers": {name: {"notifier": "screen"} for name in ("room", "comms", "board", "legal", "phone")},
    "departments": {
        "quality": {"notify": ["comms"], "members": ["U07"]},
        "legal": {"members": ["U08", "U01"]},
    },
    "policies": {
        "watch": {"steps": [{"notify": ["room"]}], "repeat": 0, "hours": _NIGHT},
        "crisis": {
            "steps": [{"notify": ["room"]}, {"notify": ["board", "phone"], "after": "10m", "acknowledgements": 2}],
            "repeat": 1,
            "remind_every": "40m",
            "take_back": "30m",
            "group_interval": "5m",
        },
    },
    "resolve_after": "1h",
}
PEOPLE = (Person(id="U01", name="Ana", via="slack"), Person(id="U07", via="slack"), Person(id="U08", via="slack"))
_BOOKS = ("bad-buzz", "service-outage", "nothing-so")
_TOPICS = ("acme", "nova", "none")
_LONGEST_WINDOW = timedelta(hours=6)
_JUMPS = (0.2, 1, 4, 11, 16, 45, 130)
_LONG_JUMPS = (700, 1500)


def make_house(folder: Path) -> Assembly:
    """The installation that is walked in: three rules on two topics, departments, one pager."""
    (folder / "rules").mkdir(parents=True)
    for name, rule in _MORE_RULES.items():
        (folder / "rules" / f"{name}.yml").write_text(rule)
    (folder / "rules" / "playbooks").symlink_to(Path(__file__).parents[1] / "rules" / "playbooks")
    built = assembly(folder, rule=RULE, **_SETTINGS)
    parts = replace(built.parts, runs_for=frozenset({"room", "comms"}), pagers=frozenset({"phone"}))
    return replace(built, parts=parts)


async def make_store(folder: Path) -> Path:
    """An empty database, to be copied for each walk."""
    store = await SqlStore.open(StoreSettings(), base=folder)
    await store.close()
    return folder / "buzzguard.db"


class Walk:
    """One walk; `seed` decides all of it."""

    def __init__(self, built: Assembly, seed: int) -> None:
        self.built = built
        self.random = random.Random(seed)
        self.now = NOW
        self.last = NOW
        self.trusted = NOW
        self.said = 0
        self.asked = 0
        self.laws = Laws(built.settings)
        self.trail: list[str] = []
        self.store: SqlStore
        self.core: Core

    async def run(self, folder: Path, empty: Path, steps: int) -> None:
        """Walk so many steps in a store of its own."""
        folder.mkdir()
        shutil.copy(empty, folder / "buzzguard.db")
        self.store = await SqlStore.open(StoreSettings(), base=folder)
        self.requests = Requests(self.store)
        self.core = await rebuild_core(self.built, self.store, self.now)
        try:
            for _ in range(steps):
                await self._one()
                await self.laws.of_state(self.store, self.core, self.now)
                if self.random.random() < 0.2 and self.now >= self.trusted:
                    await self._twin()
                self._pass(self.random)
        finally:
            await self.store.close()

    async def _one(self) -> None:
        """Something comes, perhaps a commit fails or the process dies, and time passes."""
        batch = self._batch()
        for command in batch.commands:
            if self.random.random() < 0.5:
                self.laws.requested[command.id] = command
                await self.store.request(command)
        batch = replace(batch, commands=tuple(c for c in batch.commands if c.id not in self.laws.requested))
        await self._step(batch, dies=self.random.random() < 0.06)
        while (due := self.core.responder.next_due()) is not None and due <= self.now:
            raise AssertionError(f"left overdue: {due} at {self.now}")

    async def _step(self, batch: Batch, *, dies: bool = False) -> Effects:
        if self.last - self.now > timedelta(minutes=1):
            self.core = await rebuild_core(self.built, self.store, self.now)
        whole = await self._unrepeated(batch)
        whole = await self.requests.join(whole, self.now)
        effects = step(self.core, whole, self.now)
        refused = self.core.refused
        for command, why in refused:
            self.trail.append(f"{self.now:%d %H:%M:%S} {command.kind.value} {command.incident} refused: {why}")
        effects = self.requests.answered(effects, whole.commands, refused)
        if dies:
            self.trail.append("dies")
            self.core = await rebuild_core(self.built, self.store, self.now)
            return await self._step(batch)
        await self.store.commit(effects, {})
        self.last = self.now
        self.trail += [f"{self.now:%d %H:%M:%S} {m.incident} v{m.version} {m.cause.value}" for m in effects.transitions]
        self.laws.of_step(effects, refused, self.now)
        if self.random.random() < 0.12:
            self.trail.append("restarts")
            self.core = await rebuild_core(self.built, self.store, self.now)
        return effects

    async def _unrepeated(self, batch: Batch) -> Batch:
        done = await self.store.known_commands([one.id for one in batch.commands])
        known = await self.store.known([one.id for one in batch.mentions])
        return replace(
            batch,
            commands=tuple(one for one in batch.commands if one.id not in done),
            mentions=tuple(one for one in batch.mentions if one.id not in known),
        )

    async def _twin(self) -> None:
        """A core made of the store is what the one that went on is."""
        twin = await rebuild_core(self.built, self.store, self.now)
        assert twin.responder.open_incidents == self.core.responder.open_incidents
        known = {one.id: _outline(one) for one in self.core.responder.open_incidents}
        mine = step(self.core, Batch(), self.now)
        theirs = step(twin, Batch(), self.now)
        assert _changed(mine, known) == _changed(theirs, known)
        assert mine.transitions == theirs.transitions
        assert mine.silences == theirs.silences
        assert _called(mine) == _called(theirs)
        await self.store.commit(mine, {})
        self.laws.of_step(mine, (), self.now)

    def _pass(self, dice: random.Random) -> None:
        due = self.core.responder.next_due()
        if due is not None and dice.random() < 0.4:
            self.now = max(due, self.now)
        elif dice.random() < 0.04:
            # What was said ahead of the clock is measured when the topic is looked at next: a restart looks at once.
            self.trusted = max(self.trusted, self.now + _LONGEST_WINDOW)
            self.now -= timedelta(minutes=dice.choice((0.5, 5, 90, 700)))
        else:
            self.now += timedelta(minutes=dice.choice(_LONG_JUMPS if dice.random() < 0.06 else _JUMPS))

    def _batch(self) -> Batch:
        dice = self.random
        told = []
        if dice.random() < 0.5 or not self.said:
            for _ in range(dice.choice((1, 2, 3, 6))):
                self.said += 1
                text = f"{dice.choice(('acme', 'nova'))} number {self.said}"
                told.append(mention(f"m{self.said}", at=self.now, text=text))
        commands = tuple(self._command() for _ in range(dice.choice((0, 1, 2, 3, 5))))
        if commands and dice.random() < 0.15:
            commands = (*commands, commands[0])
        return Batch(mentions=tuple(told), commands=commands)

    def _command(self) -> Command:
        dice, kind = self.random, self.random.choice(_KINDS)
        self.asked += 1
        known = list(self.laws.incidents.values())
        going = [one for one in known if one.state not in FINAL]
        incident = dice.choice(going if going and dice.random() < 0.85 else known) if known else None
        return Command(
            id=f"c{self.asked}",
            kind=kind,
            incident="" if kind in _AT_LARGE else (incident.id if incident else "inc-none"),
            who=dice.choice(PEOPLE),
            at=self.now,
            duration=timedelta(minutes=dice.choice((5, 45, 600))) if dice.random() < 0.8 else None,
            reason=f"because {self.asked}" if dice.random() < 0.9 else "",
            asked=_ASKS.get(kind, _nothing)(self, incident),
        )


def _outline(incident: Incident) -> Incident:
    """An incident without its evidence: when that was shown last is lost at a restart."""
    return replace(incident, alerts=(), version=0)


def _changed(effects: Effects, known: dict[str, Incident]) -> dict[str, Incident]:
    outlines = {one.id: _outline(one) for one in effects.incidents}
    return {id: one for id, one in outlines.items() if known.get(id) != one}


def _called(effects: Effects) -> set[str]:
    return {one.key for one in effects.notifications if one.kind is not NotificationKind.UPDATE}


_KINDS = [kind for kind in CommandKind if kind is not CommandKind.FALL_BACK]
_KINDS += [CommandKind.TAKE_CHARGE, CommandKind.DRAFT, CommandKind.DRAFT, CommandKind.JUDGE_DRAFT] * 2
_KINDS += [CommandKind.JUDGE_DRAFT, CommandKind.MARK_STEP, CommandKind.DECLARE]
_AT_LARGE = (CommandKind.DECLARE, CommandKind.MUTE, CommandKind.UNMUTE)


def _nothing(_walk: Walk, _incident: Incident | None) -> Asked | None:
    return None


def _declaration(walk: Walk, _incident: Incident | None) -> Asked:
    dice = walk.random
    return Declaration(
        topic=dice.choice(_TOPICS),
        severity=dice.choice(list(Severity)),
        story=dice.choice(("a fire", "a call", "")),
        playbook=dice.choice(("", *_BOOKS)),
        policy=dice.choice(("", "watch", "gone")),
        drill=dice.random() < 0.4,
        page=dice.random() < 0.3,
    )


def _handover(walk: Walk, _incident: Incident | None) -> Asked:
    dice = walk.random
    person = dice.choice((None, *PEOPLE))
    return Handover(person=person, department=dice.choice(("", "quality", "legal", "watch", "hr")))


def _other(walk: Walk, _incident: Incident | None) -> Asked:
    return Merge(into=walk.random.choice(list(walk.laws.incidents) or ["inc-none"]))


def _part(walk: Walk, incident: Incident | None) -> Asked:
    alerts = [] if incident is None else [one.fingerprint for one in incident.alerts]
    return Split(alerts=tuple(walk.random.sample(alerts, min(len(alerts), walk.random.choice((0, 1, 1, 2))))))


def _step_mark(walk: Walk, incident: Incident | None) -> Asked:
    run = None if incident is None else incident.run
    key = str(walk.random.randint(1, 1 + len(run.steps))) if run is not None else "1"
    return StepMark(step=key, state=walk.random.choice(list(StepState)))


def _draft(walk: Walk, incident: Incident | None) -> Asked:
    dice = walk.random
    page = walk.built.parts.playbooks.page("bad-buzz" if incident is None else incident.playbook, "en")
    statement = None if page is None or not page.statements else dice.choice(page.statements)
    fields = () if statement is None else statement.fields
    given = [one.key for one in fields if dice.random() < 0.97]
    return DraftText(
        statement="1" if statement is None else statement.key,
        language=dice.choice(("en", "en", "fr")),
        values={key: dice.choice(("some words", "{{fill: x}}")) for key in given if dice.random() < 0.7},
        struck=tuple(key for key in given if dice.random() < 0.7),
        replaces=dice.choice(("", "", *(one.id for one in (incident.drafts if incident else ())))),
    )


def _verdict(walk: Walk, incident: Incident | None) -> Asked:
    drafts = [one.id for one in (incident.drafts if incident else ())][-3:]
    return DraftVerdict(
        draft=walk.random.choice(drafts or ["drf-none"]),
        act=walk.random.choice((DraftAct.APPROVE, DraftAct.APPROVE, DraftAct.APPROVE, DraftAct.PUBLISH, *DraftAct)),
    )


def _mute(walk: Walk, _incident: Incident | None) -> Asked:
    dice = walk.random
    return Mute(
        topic=dice.choice(("", *_TOPICS)),
        rule=dice.choice(("", "", "surge", "gone")),
        department=dice.choice(("", "", "quality", "gone")),
        severity=dice.choice((None, *Severity)),
    )


def _unmute(walk: Walk, _incident: Incident | None) -> Asked:
    return Unmute(silence=walk.random.choice(list(walk.laws.silences) or ["sil-none"]))


_ASKS: dict[CommandKind, Callable[[Walk, Incident | None], Asked | None]] = {
    CommandKind.DECLARE: _declaration,
    CommandKind.GIVE: _handover,
    CommandKind.MERGE: _other,
    CommandKind.SPLIT: _part,
    CommandKind.MARK_STEP: _step_mark,
    CommandKind.DRAFT: _draft,
    CommandKind.JUDGE_DRAFT: _verdict,
    CommandKind.MUTE: _mute,
    CommandKind.UNMUTE: _unmute,
    CommandKind.FALSE_ALARM: lambda *_: Dismissal(why=AlarmReason.SPAM),
    CommandKind.CHOOSE_PLAYBOOK: lambda walk, _: PlaybookChoice(playbook=walk.random.choice(_BOOKS)),
    CommandKind.OPEN_ROOM: lambda walk, _: Room(place=f"C{walk.asked}", name="crisis", via="screen"),
    CommandKind.PIN: lambda walk, _: Pinned(ref=f"C1/{walk.random.randint(1, 9)}", text="kept"),
    CommandKind.JUDGE: lambda *_: Usefulness(useful=True),
}
