"""What people read: true, in both languages, with the typography of each."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from buzzguard.deliver import wording
from buzzguard.deliver.wording import CATALOGUES
from buzzguard.model import (
    Alert,
    AlertState,
    Card,
    Cause,
    CommandKind,
    IncidentState,
    Language,
    Severity,
    Signal,
)
from tests.deliver.samples import (
    CLAIRE,
    NOW,
    OPENED,
    sample_alert,
    sample_assessment,
    sample_card,
    sample_incident,
    sample_transition,
    sample_watcher_card,
)

LANGUAGES: tuple[Language, ...] = ("en", "fr")
DAY = timedelta(days=1)


# the catalogue


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a catalogue with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key}]")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}.{index}")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from leaves(getattr(value, name), f"{path}.{name}")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_everything_with_the_same_blanks() -> None:
    english, french = (dict(leaves(CATALOGUES[language])) for language in LANGUAGES)
    assert english.keys() == french.keys()
    assert all([*english.values(), *french.values()])
    different = {key for key in english if places(english[key]) != places(french[key])}
    assert different == set()


def test_french_is_not_english_left_over() -> None:
    english, french = (dict(leaves(CATALOGUES[language])) for language in LANGUAGES)
    sentences = {key for key in english if len(re.findall(r"[a-z]{3,}", re.sub(r"{\w+}", "", english[key]))) >= 3}
    assert [key for key in sentences if english[key] == french[key]] == []


@pytest.mark.parametrize(("language", "text"), [("fr", text) for _, text in leaves(CATALOGUES["fr"])])
def test_french_typography(language: Language, text: str) -> None:
    assert not re.search(r"(?<![\u00a0\u202f}\d])[:;!?»](?!\d)", text.replace("://", "")), (
        "no-break space before : ; ! ? »"
    )
    assert not re.search(r"«(?!\u00a0)", text)
    assert "'" not in text, "the apostrophe is ’"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_the_model_has_its_word(language: Language) -> None:
    words = CATALOGUES[language]
    assert words.severity.keys() == words.severity_call.keys() == set(Severity)
    assert words.numbers.label.keys() == words.numbers.counted.keys() == set(Signal)
    assert words.states.name.keys() == set(IncidentState)
    assert words.labels.button.keys() == CATALOGUES["en"].labels.button.keys() <= set(CommandKind)
    assert all(wording.news_line(sample_transition(cause), sample_card(language=language)) for cause in Cause)
    assert len(words.times.months) == 12


def test_buttons() -> None:
    kinds = (CommandKind.TAKE_CHARGE, CommandKind.ESCALATE, CommandKind.SILENCE, CommandKind.FALSE_ALARM)
    assert [wording.button(kind, "en") for kind in kinds] == ["Take charge", "Escalate", "Silence 1 h", "False alarm"]
    assert [wording.button(kind, "fr") for kind in kinds] == [
        "Prendre en charge",
        "Escalader",
        "Sourdine 1\u00a0h",
        "Fausse alerte",
    ]


# sentences


def test_the_numbers_lead_with_what_the_rule_reads() -> None:
    lines = wording.numbers(sample_card())
    assert lines[0].text == "Negative mentions: 96 in 1 h, usually 10 (once in 3 months)"
    assert lines[0].growth == "doubles in 40 min"
    french = wording.numbers(sample_card(language="fr"))[0].text.replace("\u00a0", " ")
    assert french == "Mentions négatives : 96 en 1 h, d’ordinaire 10 (une fois tous les 3 mois)"
    assert [line.signal for line in lines] == list(dict.fromkeys(line.signal for line in lines))


def test_of_two_windows_the_rarer_is_shown() -> None:
    short = sample_assessment(window=timedelta(minutes=15), observed=40, once_per=timedelta(days=200))
    alert = with_evidence(sample_alert(), sample_assessment(), short)
    card = with_alerts(sample_card(), alert)
    assert wording.numbers(card)[0].text.startswith("Negative mentions: 40 in 15 min")


def test_the_summary_is_one_plain_sentence() -> None:
    assert wording.summary(sample_card()) == (
        "Lumio: 96 negative mentions in 1 h, usually 10 (once in 3 months); doubles in 40 min. "
        "From 87 authors on 5 sites."
    )


def test_one_mention_is_singular_and_nothing_usual_is_said() -> None:
    single = sample_assessment(observed=1, expected=0.01, doubles_in=None)
    card = with_alerts(sample_card(), with_evidence(sample_alert(), single))
    assert wording.summary(card).startswith("Lumio: 1 negative mention in 1 h, usually almost none")


def test_who_has_it_and_who_is_told_next() -> None:
    assert wording.state_line(sample_card()) == (
        "Nobody has taken charge yet. If nobody takes charge, crisis-room is told at 03:12."
    )
    assert wording.state_line(sample_card(state=IncidentState.ACKNOWLEDGED)) == "Claire Morel took charge at 02:58."
    assert (
        wording.state_line(sample_card(state=IncidentState.FALSE_ALARM)) == "False alarm, said Claire Morel at 02:58."
    )


def test_an_end_is_calm_only_where_what_was_seen_is_over() -> None:
    """A later edit of the card no longer knows who ended it: it must not claim a calm that nobody measured."""
    card = sample_card(state=IncidentState.RESOLVED)
    assert "back to usual" in wording.state_line(card)
    firing = tuple(msgspec.structs.replace(alert, state=AlertState.FIRING) for alert in card.incident.alerts)
    for alerts in ((), firing):
        told = wording.state_line(with_alerts(card, *alerts))
        assert told.startswith("Resolved at ")
        assert "back to usual" not in told


def test_several_receivers_are_told_in_the_plural() -> None:
    card = msgspec.structs.replace(sample_card(), next_receivers=("crisis-room", "board"))
    assert "crisis-room, board are told at 03:12." in wording.state_line(card)


def test_the_end_of_the_policy_is_said() -> None:
    incident = msgspec.structs.replace(sample_incident(), next_step_at=None)
    card = msgspec.structs.replace(sample_card(), incident=incident, next_receivers=())
    assert wording.state_line(card).endswith("Everybody in the policy has been told; no further step follows.")


def test_a_silence_and_a_calm_are_said() -> None:
    muted = msgspec.structs.replace(sample_incident(), silenced_until=NOW + timedelta(hours=1))
    assert "Muted until 03:58." in wording.state_line(msgspec.structs.replace(sample_card(), incident=muted))
    calm = with_alerts(sample_card(), sample_alert(state=AlertState.RESOLVED))
    assert "Back to usual since 02:58" in wording.state_line(calm)


def test_an_owner_without_a_name_is_still_named() -> None:
    nameless = msgspec.structs.replace(CLAIRE, name="")
    incident = msgspec.structs.replace(sample_incident(state=IncidentState.ACKNOWLEDGED), owner=nameless)
    card = msgspec.structs.replace(sample_card(news=()), incident=incident)
    assert wording.state_line(card) == "U0CLAIRE01 is in charge."


def test_learning_is_said_and_only_while_it_lasts() -> None:
    young = sample_card(learned=timedelta(days=2, hours=20))
    assert wording.learning_line(young) == "Still learning: 2 of 7 days; thresholds are wide"
    assert wording.learning_line(sample_card(learned=timedelta(hours=5))).startswith("Still learning: 5 h of 7 days")
    assert wording.learning_line(sample_card()) == ""
    assert "rarer than anything in 2 days of data" in wording.summary(young)


def test_more_alerts_are_counted_in_the_headline() -> None:
    other = msgspec.structs.replace(
        sample_alert(), rule="critical-words", title={"en": "Grave words", "fr": "Mots graves"}
    )
    card = with_alerts(sample_card(), sample_alert(), other)
    assert wording.headline(card) == "Lumio – Grave words (+1)"


def test_a_title_in_one_language_alone_is_shown_in_both() -> None:
    alert = msgspec.structs.replace(sample_alert(), title={"fr": "Seulement en français"})
    assert wording.headline(with_alerts(sample_card(), alert)) == "Lumio – Seulement en français"
    nameless = msgspec.structs.replace(sample_alert(), title={})
    assert wording.headline(with_alerts(sample_card(), nameless)) == "Lumio – negative-surge"


def test_a_failing_stream_is_told_by_its_reason() -> None:
    card = sample_watcher_card()
    assert wording.summary(card) == "Stream press-fr: polls failing for 3 h (91 in a row): HTTP 503 from the server."
    assert len(wording.numbers(card)) == 2


def test_a_drill_says_so_first() -> None:
    assert wording.heading(sample_card(drill=True)).startswith("EXERCISE – ")
    assert wording.heading(sample_card(drill=True, language="fr")).startswith("EXERCICE – ")


def test_a_playbook_step_is_due_at_a_time() -> None:
    card = sample_card()
    assert card.playbook is not None
    assert wording.step_note(card.playbook.steps[0], card) == "communications, by 03:07"
    assert OPENED + timedelta(minutes=10) == datetime(2026, 11, 22, 2, 7, tzinfo=UTC)


def with_evidence(alert: Alert, *assessments: Any) -> Alert:
    return msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, assessments=assessments))


def with_alerts(card: Card, *alerts: Alert) -> Card:
    return msgspec.structs.replace(card, incident=msgspec.structs.replace(card.incident, alerts=alerts))
