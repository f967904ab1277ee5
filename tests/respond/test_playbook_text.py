"""Statements with fields, and the incident's variables in texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.model import Briefing, FieldKind, IncidentState, Person, Said, Severity, ThemeShare
from buzzguard.model import Incident as TheIncident
from buzzguard.respond.playbook_text import Filled, clean_line, complete, fill_in, holes, parse_statement
from buzzguard.respond.playbook_values import playbook_values
from buzzguard.respond.playbook_words import VARIABLES

TEXT = """\
{{topic}}: {{confirm: what happened}} at {{fill: time}}. We do not know yet {{unknown: the cause}}. Call us.

In short, {{confirm: what happened}}. — {{fill: name}}
"""
STATEMENT = parse_statement(TEXT, key="1", title="First word")
ALL = {"1": "the site is down", "2": "2:10", "3": "why", "4": "Claire"}


def filled(**changes: str | None) -> Filled:
    """The statement with all answers but those changed; keys as `_1`."""
    return complete(STATEMENT, {**ALL, **{key[1:]: value for key, value in changes.items()}}, {"topic": "Acme"})


def test_a_statement_knows_its_fields_each_once() -> None:
    assert [(field.key, field.kind, field.what) for field in STATEMENT.fields] == [
        ("1", FieldKind.CONFIRM, "what happened"),
        ("2", FieldKind.FILL, "time"),
        ("3", FieldKind.UNKNOWN, "the cause"),
        ("4", FieldKind.FILL, "name"),
    ]


def test_french_words_begin_a_field_too_with_the_space_before_the_colon() -> None:
    french = parse_statement(
        "{{confirmer\u00a0: les faits}} {{inconnu : la cause}} {{remplir: nom}}", key="1", title=""
    )
    assert [field.kind for field in french.fields] == [FieldKind.CONFIRM, FieldKind.UNKNOWN, FieldKind.FILL]
    assert french.fields[0].what == "les faits"


def test_a_whole_statement_reads_as_it_will_be_published() -> None:
    assert filled() == Filled(
        text="Acme: the site is down at 2:10. We do not know yet why. Call us.\n\nIn short, the site is down. — Claire"
    )


def test_a_struck_field_takes_its_sentence_with_it() -> None:
    assert filled(_3=None).text.startswith("Acme: the site is down at 2:10. Call us.")
    assert filled(_1=None).text == "We do not know yet why. Call us.\n\n— Claire"
    assert filled(_1=None, _4=None).text == "We do not know yet why. Call us."


def test_what_is_neither_filled_nor_struck_is_missing_and_shown() -> None:
    found = filled(_2="", _3="  ")
    assert [field.key for field in found.missing] == ["2", "3"]
    assert "at [time]. We do not know yet [the cause]." in found.text


def test_a_field_that_stood_only_in_struck_sentences_is_not_missing() -> None:
    assert [field.key for field in complete(STATEMENT, {"1": None}, {}).missing] == ["3", "4"]


def test_an_answer_is_no_field_and_forges_no_paragraph() -> None:
    found = filled(_1="x\n\n{{fill: name}} \x024\x03. End")
    assert found.text.count("\n\n") == 1 and "{ {fill: name} } 4. End at 2:10" in found.text


answers = st.dictionaries(st.sampled_from(["1", "2", "3", "4", "9"]), st.none() | st.text(max_size=30))


@given(answers)
def test_missing_is_what_stands_unanswered(given_answers: dict[str, str | None]) -> None:
    found = complete(STATEMENT, given_answers, {"topic": "Acme"})
    for field in found.missing:
        assert not clean_line(given_answers.get(field.key) or "") and f"[{field.what}]" in found.text
    assert "\x02" not in found.text and "{{" not in found.text


@given(st.text(max_size=200))
def test_any_text_has_holes_within_it(text: str) -> None:
    for hole in holes(text):
        assert 0 <= hole.start < hole.end <= len(text)
        assert [hole.kind is not None, bool(hole.name), bool(hole.wrong)].count(True) == 1


@given(st.text(max_size=300))
def test_a_value_is_put_in_once_and_keeps_to_its_line(value: str) -> None:
    told = fill_in("a {{topic}} b", {"topic": value, "leader": "nobody"})
    assert told.startswith("a ") and told.endswith(" b") and len(told.splitlines()) == 1
    assert not list(holes(told)) and len(told) <= 124


@pytest.mark.parametrize("value", ["*bold*", "[x](http://evil.example)", "<script>", "# head", "@channel", "`code`"])
def test_a_value_forges_no_markdown(value: str) -> None:
    told = fill_in("{{topic}}", {"topic": value}, markdown=True)
    assert all(told[at - 1] == "\\" for at, character in enumerate(told) if character in "*[]()<>#`@")


def test_every_variable_has_a_value_in_both_languages() -> None:
    at = datetime(2026, 11, 22, 1, 58, tzinfo=UTC)
    incident = TheIncident(
        id="acme-1",
        topic="acme",
        state=IncidentState.ACKNOWLEDGED,
        severity=Severity.RED,
        opened_at=at,
        changed_at=at,
        alerts=(),
        policy="crisis",
    )
    theme = ThemeShare(theme="data", share=0.5, title={"en": "Data", "fr": "Données"})
    said = Said(span=at - at, mentions=3, themes=(ThemeShare(theme="x", share=0.2), theme))
    briefing = Briefing(topic="acme", topic_name="Acme", at=at, said=said)
    french = playbook_values(incident, briefing, language="fr", time_zone="Europe/Paris")
    assert french == {
        "topic": "Acme",
        "theme": "Données",
        "severity": "rouge",
        "incident": "acme-1",
        "opened": "22/11/2026 à 02:58",
        "leader": "personne pour l’instant",
    }
    bare = TheIncident(
        **{name: getattr(incident, name) for name in incident.__struct_fields__ if name != "owner"},
        owner=Person(id="U1"),
    )
    english = playbook_values(bare, Briefing(topic="acme", topic_name="", at=at), language="en", time_zone="nowhere")
    assert set(english) == set(VARIABLES) and all(english.values())
    assert (english["leader"], english["theme"], english["topic"]) == ("U1", "the subject", "acme")
