"""What an alert says of the day on which it comes."""

from __future__ import annotations

import pytest

from buzzguard.deliver.wording import holiday_line, planned_line
from buzzguard.model import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr")


def test_planned_events_are_named_with_what_they_make_one_expect() -> None:
    events = [("Campagne de printemps", 3.0), ("Spot TV", 2.5)]
    assert planned_line(events, "en") == (
        "Planned: Campagne de printemps (3× the usual expected), Spot TV (2.5× the usual expected)"
    )
    assert planned_line(events, "fr") == (
        "Prévu\u00a0: Campagne de printemps (on s’attend à 3\u00a0fois l’habituel), "
        "Spot TV (on s’attend à 2,5\u00a0fois l’habituel)"
    )


@pytest.mark.parametrize(("expect", "told"), [(0.01, "0,01"), (0.05, "0,05"), (0.3, "0,3"), (1, "1"), (100, "100")])
def test_a_small_factor_is_not_none(expect: float, told: str) -> None:
    assert f"à {told}\u00a0fois" in planned_line([("Fermeture", expect)], "fr")


def test_a_name_is_never_a_template() -> None:
    assert planned_line([("{name} {n} %s", 3)], "en") == "Planned: {name} {n} %s (3× the usual expected)"


def test_a_holiday_is_named_in_the_language_of_the_reader() -> None:
    names = {"en": "Easter Monday", "fr": "Lundi de Pâques"}
    assert [holiday_line(names, language) for language in LANGUAGES] == [
        "Public holiday: Easter Monday",
        "Jour férié\u00a0: Lundi de Pâques",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_other_days_nothing_is_said(language: Language) -> None:
    assert (planned_line([], language), holiday_line(None, language), holiday_line({}, language)) == ("", "", "")
