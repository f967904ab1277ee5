"""Queries tried on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from buzzguard.cli import main


def tried(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ["topic", "try", *arguments], input=text)


def test_it_tells_which_words_matched() -> None:
    result = tried("acme NEAR/3 recall* lang:en", "<p>ACME is recalling all of these kettles</p>")
    assert result.exit_code == 0, result.output
    assert "✓ matches  ACME is recalling all of these kettles" in result.output
    assert "found: acme · recall*" in result.output


def test_it_tells_what_stood_against_a_match() -> None:
    result = tried("acme -jobs -lang:fr", "acme : une offre pour vous #AcmeJobs", "--lang", "fr")
    assert result.exit_code == 1
    assert "✗ ne correspond pas" in result.output
    assert "trouvé\u00a0: acme · jobs" in result.output
    assert "non satisfait\u00a0: NOT jobs · NOT lang:fr" in result.output


def test_fields_are_given_by_hand() -> None:
    fields = ["--title", "Acme", "--url", "https://www.lemonde.fr/a", "--author", "@x", "--kind", "article"]
    query = "title:=Acme site:lemonde.fr author:@x kind:article url:lemonde.fr/a"
    assert tried(query, "rien", *fields).exit_code == 0
    assert tried(query, "rien").exit_code == 1


def test_a_file_holds_a_text_a_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("acme burns\n\nnothing\n#BoycottAcme\n", encoding="utf-8")
    assert "2 of 3 texts match" in tried("acme", "-f", str(file)).output
    result = tried("acme", "-f", "-", "--json", text="#BoycottAcme")
    assert json.loads(result.output) == [
        {
            "text": "#BoycottAcme",
            "matches": True,
            "found": [{"term": "acme", "start": 0, "end": 12}],
            "against": [],
        }
    ]


def test_a_wrong_query_is_shown_with_its_place() -> None:
    result = tried("acme lang:french", "x")
    assert result.exit_code == 2
    assert "acme lang:french\n          ^\ncolumn 11: french is no code of a language (write lang:fr)" in result.output


def test_hostile_texts_are_shown_tamed() -> None:
    result = tried("acme", "acme \x1b[31m red " + "x" * 5_000)
    assert "\x1b[31m red" not in result.output and len(result.output) < 600
