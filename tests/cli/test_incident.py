"""`buzzguard incident`: what is stored of incidents, and why people were told or not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from buzzguard.config.settings import StoreSettings
from buzzguard.model import CommandKind, Effects
from buzzguard.respond.stage import Response
from buzzguard.store.sql import SqlStore
from tests.cli.folders import installation
from tests.respond.scene import MINUTE, NOW, Scene, make_alert


def effects(scene: Scene, response: Response) -> Effects:
    return Effects(
        at=scene.now,
        alerts=tuple(scene.alerts.values()),
        incidents=response.incidents,
        transitions=response.transitions,
        silences=response.silences,
        decisions=response.decisions,
    )


def night(scene: Scene) -> list[Effects]:
    """An alert fires, Claire mutes the topic, another joins, and she calls it a false alarm."""
    found = [effects(scene, scene.fire(fired_at=NOW))]
    scene.now += MINUTE
    found.append(effects(scene, scene.ask(CommandKind.SILENCE, reason="the campaign")))
    scene.now += MINUTE
    found.append(effects(scene, scene.fire("volume")))
    found.append(effects(scene, scene.ask(CommandKind.FALSE_ALARM, reason="spam")))
    scene.now += MINUTE
    found.append(effects(scene, scene.fire(fired_at=NOW)))
    return found


@pytest.fixture
def incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the incident of that night, stored."""
    monkeypatch.chdir(tmp_path)
    installation(tmp_path)
    scene = Scene()

    async def keep() -> None:
        store = await SqlStore.open(StoreSettings(), base=tmp_path)
        for one in night(scene):
            await store.commit(one, {})
        await store.close()

    asyncio.run(keep())
    return scene.incident.id


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ("incident", *words), catch_exceptions=False)


def test_it_lists_and_shows(incident: str) -> None:
    assert run("list").output == "No incident is open.\n"
    found = json.loads(run("list", "--all", "--days", "3660", "--json").output)
    assert [one["id"] for one in found] == [incident]
    shown = run("show", incident).output
    assert shown.splitlines()[:2] == [
        f"{incident}  orange  lumio  false alarm",
        "  whose business     communications",
    ]
    assert "    01:59  Claire muted the topic until 02:59. Reason: the campaign" in shown.splitlines()
    assert len(json.loads(run("show", incident, "--json").output)["transitions"]) == 4


def test_it_shows_an_incident_in_the_readers_language(incident: str) -> None:
    shown = run("show", incident, "--lang", "fr").output.splitlines()
    assert shown[0] == f"{incident}  orange  lumio  fausse alerte"
    assert "  politique d’escalade  crisis" in shown
    assert "    01:59  Sujet mis en sourdine par Claire jusqu’à 02:59. Raison\u00a0: the campaign" in shown
    (listed,) = run("list", "--all", "--days", "3660", "--lang", "fr").output.splitlines()
    assert listed.split("  ")[2:] == ["orange", "lumio", "fausse alerte"]


def test_it_says_why_people_were_told_or_not(incident: str) -> None:
    lines = run("why", incident).output.splitlines()
    assert lines[0].startswith(f"{incident}  orange  lumio  false alarm")
    assert "told comms: the incident opened" in lines[1]
    assert any("not called: the topic is muted" in line and "by Claire" in line for line in lines)
    assert "prévenus\u00a0: comms (l’incident s’est ouvert)" in run("why", incident, "--lang", "fr").output


def test_an_alert_that_opened_nothing_is_explained_by_its_rule_or_fingerprint(incident: str) -> None:
    by_rule = run("why", "negative-surge").output
    assert "left out: people ended an incident over this very alert within a day" in by_rule
    assert f"belongs to {incident}" in by_rule
    print_of = make_alert().fingerprint
    reasons = [one["reason"] for one in json.loads(run("why", print_of, "--json").output)["decisions"]]
    assert reasons[0] == "opened"
    assert reasons[-1] == "judged"


def test_what_is_unknown_is_told(incident: str) -> None:
    result = run("why", "inc-nothing")
    assert (result.exit_code, "nothing is known of `inc-nothing`" in result.output) == (1, True)
    assert run("show", "x").exit_code == 1
