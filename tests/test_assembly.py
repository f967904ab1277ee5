"""From settings to parts, and back from the store to a core."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from buzzguard.assembly import (
    assemble,
    build_notifiers,
    build_sources,
    make_detectors,
    rebuild_core,
    receiver_notifiers,
)
from buzzguard.collect.http import HttpClient
from buzzguard.config.settings import Settings, StoreSettings
from buzzguard.errors import ConfigError
from buzzguard.model import WINDOWS, Batch, Checkpoint, Confusion, Effects, Poll, Samples
from buzzguard.pipeline import Core, step
from buzzguard.store.sql import SqlStore
from tests import running
from tests.small_world import NOW, assembly, mentions

STEP = timedelta(minutes=10)


def test_folders_that_do_not_exist_are_all_named(tmp_path: Path) -> None:
    settings = Settings.model_validate(running.settings(rules=["one", "two"]))
    with pytest.raises(ConfigError) as raised:
        assemble(settings, tmp_path)
    assert [Path(fault.file).name for fault in raised.value.faults] == ["one", "two"]


async def test_only_enabled_streams_and_the_receivers_of_each_notifier_are_built(tmp_path: Path) -> None:
    streams = {
        name: {"source": "rss", "url": f"https://{name}.example/feed", "enabled": name == "on"}
        for name in ("on", "off")
    }
    built = assembly(tmp_path, streams=streams).settings
    http = HttpClient(built.network)
    assert list(build_sources(built, http)) == ["on"]
    assert list(build_notifiers(built)) == ["screen"]
    assert receiver_notifiers(built) == {"room": "screen", "screen:room": "screen"}
    await http.close()


async def _lived(folder: Path) -> SqlStore:
    """A store in which two days were lived through, with a checkpoint."""
    store = await SqlStore.open(StoreSettings(), base=folder)
    core = Core(assembly(folder).settings, assembly(folder).parts)
    number, now = 0, NOW
    for _ in range(timedelta(days=2) // STEP):
        now += STEP
        taken = mentions(2, first=number, at=now - STEP, every=timedelta(minutes=1))
        number += 2
        poll = Poll(stream="press", at=now, ok=True)
        await store.commit(step(core, Batch(mentions=taken, polls=(poll,)), now), {})
    return store


def _expected(core: Core) -> float:
    expected, _ = core.detection.band("acme", NOW + timedelta(days=2), timedelta(hours=1), 1)
    return expected[0]


@pytest.mark.parametrize("trouble", ["none", "another format", "of the future"])
async def test_a_core_knows_what_was_learned_whatever_became_of_its_checkpoint(tmp_path: Path, trouble: str) -> None:
    store = await _lived(tmp_path)
    now = NOW + timedelta(days=2)
    whole = _expected(await rebuild_core(assembly(tmp_path), store, now))
    assert whole > 5

    (kept,) = [each for each in await store.checkpoints() if each.topic == "acme"]
    await store.commit(_only(_spoilt(kept, trouble)), {})
    assert _expected(await rebuild_core(assembly(tmp_path), store, now)) == pytest.approx(whole, rel=0.05)
    await store.close()


def _spoilt(checkpoint: Checkpoint, trouble: str) -> Checkpoint:
    if trouble == "another format":
        return msgspec.structs.replace(checkpoint, detector="older-1", state=b"?", at=NOW + timedelta(days=2))
    if trouble == "of the future":
        return msgspec.structs.replace(checkpoint, at=NOW + timedelta(days=3))
    return checkpoint


def _only(checkpoint: Checkpoint) -> Effects:
    return Effects(at=NOW, checkpoints=(checkpoint,))


def test_topics_that_choose_alike_share_one_detector_and_a_topics_own_choice_wins() -> None:
    river = {"detector": "river", "model": "KSWIN"}
    topics = {
        "one": {"name": "One", "query": "one"},
        "two": {"name": "Two", "query": "two"},
        "three": {"name": "Three", "query": "three", "detect": river},
        "four": {"name": "Four", "query": "four", "detect": dict(reversed(river.items()))},
        "five": {"name": "Five", "query": "five", "detect": {**river, "window": "1h"}},
    }
    made = make_detectors(Settings.model_validate(running.settings(topics=topics)), confusion=Confusion())
    assert list(made) == list(topics)
    assert made["one"] is made["two"]
    assert made["three"] is made["four"]
    assert len({id(detector) for detector in made.values()}) == 3
    window = Samples(topic="three", window=WINDOWS[0], end=NOW)
    assert len(made["three"].assess([window])) == 1
    assert made["one"].assess([window]) == made["five"].assess([window]) == []
