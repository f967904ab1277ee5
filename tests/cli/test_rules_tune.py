"""`buzzguard rules tune` on a real store."""

from __future__ import annotations

import asyncio
import json
import re
import string
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from msgspec.structs import replace

from buzzguard.cli import main
from buzzguard.cli.rules_tune_words import TUNE_WORDS
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Batch, Cause, Command, CommandKind, Effects, Usefulness
from buzzguard.pipeline import step
from buzzguard.respond.incident import advance, open_incident
from buzzguard.store.sql import SqlStore
from tests.recorded import ONSET, core, mention
from tests.review.night import CLAIRE, alert

CONFIG = {
    "topics": {"acme": {"name": "Acme", "query": "acme"}},
    "rules": [str(shipped_rules())],
    "sentiment": {"scorer": "quick"},
    "notifiers": {"console": {"kind": "console"}},
    "receivers": {"comms": {"notifier": "console"}},
    "policies": {"crisis": {"steps": [{"notify": ["comms"]}], "repeat": 0}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with an hour of mentions, three false alarms, and an alert that was voted useful."""
    base = tmp_path_factory.mktemp("tuned")
    (base / "buzzguard.yml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")

    async def fill() -> None:
        store = await SqlStore.open(Settings.model_validate(CONFIG).store, base=base)
        said = tuple(mention(number, ONSET + number * timedelta(minutes=5), "Acme {n}") for number in range(12))
        await store.commit(step(core(), Batch(mentions=said), ONSET + timedelta(hours=1)), {})
        for number, cause in enumerate([Cause.FALSE_ALARM_BY_USER] * 3 + [Cause.ACKNOWLEDGED_BY_USER]):
            fired = replace(alert(), topic="acme", fired_at=ONSET, resolved_at=ONSET)
            incident, opened = open_incident([fired], ONSET, id=f"inc-{number}")
            incident, judged = advance(incident, cause, ONSET, who=CLAIRE)
            await store.commit(Effects(at=ONSET, incidents=(incident,), transitions=(opened, judged)), {})
        useful = Usefulness(useful=True)
        vote = Command(id="v", kind=CommandKind.JUDGE, incident="inc-3", who=CLAIRE, at=ONSET, asked=useful)
        await store.commit(Effects(at=ONSET, commands=(vote,)), {})
        await store.close()

    asyncio.run(fill())
    return base


def tune(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", "tune", "-c", str(folder / "buzzguard.yml"), *arguments])


def test_what_people_said_is_counted_and_too_little_is_told_as_such(folder: Path) -> None:
    told = json.loads(tune(folder, "--json").output)
    surge = next(one for one in told if one["rule"] == "negative-surge")
    assert (surge["useful"], surge["noise"], surge["precision"]) == (1, 3, 0.25)
    assert (surge["reason"], surge["threshold_days"], surge["replayed"]) == ("too_few", 90, 0)
    assert [one["threshold_days"] for one in surge["tried"]] == [90, 120, 180, 270, 365, 540]
    assert surge["proposal"] is None
    assert {one["alerts"] for one in told if one["rule"] != "negative-surge"} == {0}


def test_it_is_said_in_both_languages(folder: Path) -> None:
    english, french = (tune(folder, "--lang", language, "--rule", "negative-surge") for language in ("en", "fr"))
    assert english.exit_code == french.exit_code == 0, english.output
    assert "3 false alarms; only 0 of 4 judged alerts" in english.output
    assert "3 fausses alertes\u00a0; seules 0 des 4 alertes" in french.output
    assert "25" in english.output


def test_an_unknown_rule_is_told_with_a_hint(folder: Path) -> None:
    found = tune(folder, "--rule", "negative-serge")
    assert found.exit_code == 1
    assert "did you mean `negative-surge`?" in found.output


def test_both_languages_say_the_same_things() -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert TUNE_WORDS["en"].keys() == TUNE_WORDS["fr"].keys()
    for key, text in TUNE_WORDS["en"].items():
        assert fields(text) == fields(TUNE_WORDS["fr"][key]), key
    assert not [key for key, text in TUNE_WORDS["fr"].items() if re.search(r" [:;!?»]|« |[a-z]'[a-z]", text)]
