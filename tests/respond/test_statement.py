"""That a statement was published is on record, and changes nothing else."""

from __future__ import annotations

from buzzguard.model import CommandKind
from tests.respond.scene import Scene


def test_a_statement_moves_nothing_and_tells_nobody() -> None:
    scene = Scene()
    scene.fire()
    before = scene.incident
    response = scene.ask(CommandKind.STATEMENT, reason="on our site")
    assert not response.refused
    assert not response.transitions
    assert not response.notifications
    assert scene.incident == before


def test_the_same_click_twice_is_one_mark() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.STATEMENT, id="c1")
    assert [reason for _, reason in scene.ask(CommandKind.STATEMENT, id="c1").refused] == ["repeated"]
    assert [reason for _, reason in scene.ask(CommandKind.STATEMENT, incident="inc-none").refused] == [
        "unknown_incident"
    ]
