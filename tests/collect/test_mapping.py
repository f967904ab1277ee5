"""Mappings of columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.collect.mapping import guess_mapping, load_mapping, topic_id
from buzzguard.errors import ConfigError


def test_usual_names_are_guessed_in_two_languages() -> None:
    french = guess_mapping(["Date", "Auteur", "Texte", "Abonnés", "Langue"])
    assert (french.published, french.author, french.text, french.followers) == ("Date", "Auteur", "Texte", "Abonnés")
    assert guess_mapping(["created_at_utc"]).published == "created_at_utc"


def test_a_recording_without_times_names_its_columns() -> None:
    with pytest.raises(ConfigError, match="there are: a, b"):
        guess_mapping(["a", "b"])


@pytest.mark.parametrize(
    ("cell", "topic"),
    [
        ("US Airways", "us-airways"),
        ("Crédit Agricole", "credit-agricole"),
        ("Skyrim - Paid Mods", "skyrim-paid-mods"),
        ("??", ""),
    ],
)
def test_a_cell_names_a_topic_as_an_identifier(cell: str, topic: str) -> None:
    assert topic_id(cell) == topic


def test_a_mapping_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.yml"
    path.write_text("published: when\ntime_zone: Europe/Paris\nconstants: {kind: review}\n", encoding="utf-8")
    assert load_mapping(path).constants == {"kind": "review"}


def test_a_faulty_mapping_file_is_told_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "m.yml"
    path.write_text("published: when\ntxet: body\ntime_zone: Mars/Base\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_mapping(path)
    assert {fault.line for fault in raised.value.faults} == {2, 3}
