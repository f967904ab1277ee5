"""Somebody says that it is the new normal: through the whole chain, into the store, and out of it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from buzzguard.assembly import Assembly, rebuild_core
from buzzguard.config.settings import StoreSettings
from buzzguard.model import AlertState, Batch, Cause, Command, CommandKind, Effects, Incident, Person, Poll
from buzzguard.pipeline import step
from buzzguard.store.sql import SqlStore
from tests.small_world import NOW, assembly, mentions

RULE = """\
id: surge
title: {en: "surge", fr: "poussée"}
when: volume.once_per > days(14)
severity: orange
playbook: bad-buzz
status: stable
"""
STEP = timedelta(minutes=20)
CLAIRE = Person(id="U1", name="Claire")


class Watch:
    """A watch over one topic and its store; mentions come evenly."""

    def __init__(self, built: Assembly, store: SqlStore) -> None:
        self.built, self.store = built, store
        self.now, self._number = NOW, 0
        self.incidents: dict[str, Incident] = {}
        self.alerts: dict[str, AlertState] = {}
        self.causes: list[Cause] = []

    @classmethod
    async def begin(cls, folder: Path) -> Watch:
        watch = cls(assembly(folder, rule=RULE), await SqlStore.open(StoreSettings(), base=folder))
        await watch.restart()
        return watch

    async def restart(self, *, without_checkpoints: bool = False) -> None:
        """Begin again from the store."""
        if without_checkpoints:
            old = [
                msgspec.structs.replace(one, detector="older-1", state=b"?") for one in await self.store.checkpoints()
            ]
            await self.store.commit(Effects(at=self.now, checkpoints=tuple(old)), {})
        self.core = await rebuild_core(self.built, self.store, self.now)

    async def live(self, hours: float, every_step: int, *, step: timedelta = STEP) -> None:
        """Let hours pass in which so many mentions come in a step."""
        for _ in range(round(timedelta(hours=hours) / step)):
            self.now += step
            taken = mentions(every_step, first=self._number, at=self.now - step, every=step / every_step)
            self._number += every_step
            await self.take(Batch(mentions=taken, polls=(Poll(stream="press", at=self.now, ok=True),)))

    async def say(self, kind: CommandKind, incident: str) -> None:
        command = Command(id=f"{kind}-{incident}", kind=kind, incident=incident, who=CLAIRE, at=self.now)
        await self.take(Batch(commands=(command,)))

    async def take(self, batch: Batch) -> None:
        effects = step(self.core, batch, self.now)
        await self.store.commit(effects, {})
        self.incidents |= {one.id: one for one in effects.incidents}
        self.causes += [move.cause for move in effects.transitions]
        self.alerts |= {one.fingerprint: one.state for one in effects.alerts}

    def expected(self, at: datetime) -> float:
        return self.core.detection.band("acme", at, timedelta(hours=1), 1)[0][0]


async def test_the_level_that_was_called_normal_outlives_restarts(tmp_path: Path) -> None:
    watch = await Watch.begin(tmp_path)
    await watch.live(30, 24, step=6 * STEP)
    await watch.live(3, 20)
    (first,) = watch.incidents
    assert set(watch.alerts.values()) == {AlertState.FIRING}
    await watch.say(CommandKind.NEW_NORMAL, first)
    assert watch.causes[-1] is Cause.NEW_NORMAL_BY_USER
    await watch.restart()
    await watch.live(4, 20)
    assert watch.expected(watch.now) == pytest.approx(60, rel=0.15)
    assert set(watch.alerts.values()) == {AlertState.RESOLVED}
    await watch.restart(without_checkpoints=True)
    await watch.live(2, 20)
    assert watch.expected(watch.now) == pytest.approx(60, rel=0.15), "also learned again from samples alone"
    assert set(watch.incidents) == {first}, "it does not come back at that level"
    await watch.live(1, 80)
    assert len(watch.incidents) == 2, "and a further rise alarms"
    await watch.store.close()
