"""`buzzguard oncall show`, and what `buzzguard check` says of rotas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from tests.cli.folders import CONFIG, installation

ROTAS = """\
rotas:
  night:
    time_zone: Europe/Paris
    layers:
      - members: [screen, karim]
        from: 2026-11-02
    overrides:
      - {who: screen, from: 2026-11-12, to: 2026-11-12}
"""
WORLD = CONFIG.replace("{notifier: terminal}\n", "{notifier: terminal}\n  karim: {notifier: terminal}\n")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    installation(tmp_path, config=WORLD.replace("notify: [screen]", "notify: [night]") + ROTAS)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


def test_it_shows_who_is_on_call_and_the_shifts_after() -> None:
    assert run("oncall", "show", "--at", "2026-11-10", "--days", "7").output.splitlines() == [
        "night (Europe/Paris) · on call karim",
        "  Tue 10\xa0Nov 00:00 → Thu 12\xa0Nov 00:00  karim (layer 1)",
        "  Thu 12\xa0Nov 00:00 → Fri 13\xa0Nov 00:00  screen (override)",
        "  Fri 13\xa0Nov 00:00 → Mon 16\xa0Nov 09:00  karim (layer 1)",
        "  Mon 16\xa0Nov 09:00 → Tue 17\xa0Nov 00:00  screen (layer 1)",
    ]
    french = run("oncall", "show", "night", "--at", "2026-11-12T08:00", "--days", "1", "--lang", "fr").output
    assert french.splitlines()[:2] == [
        "night (Europe/Paris) · d’astreinte screen",
        "  jeu. 12\xa0nov. 08:00 → ven. 13\xa0nov. 00:00  screen (remplacement)",
    ]


def test_other_programs_read_instants() -> None:
    found = json.loads(run("oncall", "show", "--at", "2026-11-10", "--days", "1", "--json").output)
    assert found[0]["on_call"] == ["karim"]
    assert found[0]["shifts"][0] == {
        "from": "2026-11-09T23:00:00+00:00",
        "to": "2026-11-10T23:00:00+00:00",
        "who": ["karim"],
        "by": "layer",
        "layer": 1,
    }


def test_what_cannot_be_shown_is_told() -> None:
    assert run("oncall", "show", "nigth").output == "unknown rota `nigth` (did you mean `night`?)\n"
    assert run("oncall", "show", "--at", "soon").exit_code == 2
    assert run("oncall", "show").exit_code == 0


def check(rotas: str) -> str:
    Path("buzzguard.yml").write_text(WORLD + rotas)
    return run("check").output


def test_sound_rotas_are_counted_and_stand_for_receivers() -> None:
    assert "✓ rotas          1 rota\n" in run("check").output


def test_a_gap_is_noted() -> None:
    said = check("rotas:\n  day: {layers: [{members: [screen], hours: {days: mon}}]}\n")
    assert "· in the rota day nobody is on call from " in said


@pytest.mark.parametrize(
    ("rota", "said"),
    [
        ("  screen: {layers: [{members: [karim]}]}\n", ":11:3: a receiver is called `screen` as well"),
        ("  day: {layers: [{members: [karin]}]}\n", ":11:29: unknown receiver `karin` (did you mean `karim`?)"),
        ("  day: {layers: [{members: [karim], hours: {from: 9am}}]}\n", ":11:51: "),
        (
            "  day:\n    layers: [{members: [karim]}]\n    overrides: [{who: me, from: 2026-01-01, to: 2026-01-02}]\n",
            "unknown receiver `me`",
        ),
        (
            "  day:\n    layers: [{members: [karim]}]\n    overrides: [{who: karim, from: 2027-01-03, to: 2026-01-02}]"
            "\n",
            "`to` is not after",
        ),
        ("  day: {layers: [{members: [karim]}], calendar: no.ics}\n", "no.ics"),
        ("  day: {layers: [{members: [karim]}], people: {Karim H: karin}}\n", "unknown receiver `karin`"),
    ],
)
def test_a_fault_of_a_rota_has_its_place(rota: str, said: str) -> None:
    assert said in check(f"rotas:\n{rota}")


def test_a_calendar_is_read_and_its_faults_have_their_line(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\nSUMMARY:{}\nDTSTART;VALUE=DATE:20261110\nEND:VEVENT\n"
    (tmp_path / "oncall.ics").write_text("BEGIN:VCALENDAR\n" + event.format("Karim H") + event.format("zoe"))
    rota = "rotas:\n  day:\n    layers: [{members: [screen]}]\n    calendar: oncall.ics\n    people: {Karim H: karim}\n"
    assert "oncall.ics:6:1: nobody is known by `zoe`" in check(rota)
    (tmp_path / "oncall.ics").write_text("BEGIN:VCALENDAR\n" + event.format("Karim H"))
    assert "✓ rotas" in check(rota)
    assert "karim (calendar)" in run("oncall", "show", "--at", "2026-11-10T12:00").output
