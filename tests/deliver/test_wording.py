"""What people read: true, in both languages, with the typography of each."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver import wording
from buzzguard.deliver.wording import CATALOGUES, Clockface
from buzzguard.model import (
    Alert,
    AlertState,
    Card,
    Cause,
    CommandKind,
    IncidentState,
    Language,
    NewNormal,
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


# numbers, spans, rarity, instants


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (0, "0", "0"),
        (2.4, "2.4", "2,4"),
        (2.0, "2", "2"),
        (9.96, "10", "10"),
        (44.6, "45", "45"),
        (1_284_500, "1,284,500", "1\u202f284\u202f500"),
        (-3, "-3", "-3"),
        (float("nan"), "unknown", "inconnu"),
        (float("inf"), "unknown", "inconnu"),
    ],
)
def test_numbers_as_people_write_them(value: float, en: str, fr: str) -> None:
    assert (wording.number(value, "en"), wording.number(value, "fr")) == (en, fr)


@pytest.mark.parametrize(
    ("span", "en", "fr"),
    [
        (timedelta(0), "0 s", "0\u00a0s"),
        (timedelta(seconds=-5), "0 s", "0\u00a0s"),
        (timedelta(seconds=45), "45 s", "45\u00a0s"),
        (timedelta(minutes=40), "40 min", "40\u00a0min"),
        (timedelta(minutes=59, seconds=50), "1 h", "1\u00a0h"),
        (timedelta(hours=1, minutes=5), "1 h 05 min", "1\u00a0h\u00a005"),
        (timedelta(hours=24), "24 h", "24\u00a0h"),
        (timedelta(days=12), "12 days", "12\u00a0jours"),
        (timedelta(days=95), "3 months", "3\u00a0mois"),
        (timedelta(days=800), "2 years", "2\u00a0ans"),
    ],
)
def test_spans(span: timedelta, en: str, fr: str) -> None:
    assert (wording.duration(span, "en"), wording.duration(span, "fr")) == (en, fr)


@pytest.mark.parametrize(
    ("period", "en", "fr"),
    [
        (timedelta(0), "as usual", "comme d’ordinaire"),
        (timedelta(hours=1), "once an hour", "une fois par heure"),
        (timedelta(hours=5), "once in 5 hours", "une fois toutes les 5\u00a0heures"),
        (timedelta(days=1), "once a day", "une fois par jour"),
        (timedelta(days=7), "once a week", "une fois par semaine"),
        (timedelta(days=9), "once in 9 days", "une fois tous les 9\u00a0jours"),
        (timedelta(days=24), "once in 3 weeks", "une fois toutes les 3\u00a0semaines"),
        (timedelta(days=31), "once a month", "une fois par mois"),
        (timedelta(days=91), "once in 3 months", "une fois tous les 3\u00a0mois"),
        (timedelta(days=400), "less than once a year", "moins d’une fois par an"),
        (timedelta.max, "less than once a year", "moins d’une fois par an"),
    ],
)
def test_return_periods(period: timedelta, en: str, fr: str) -> None:
    assert (wording.once_in(period, "en"), wording.once_in(period, "fr")) == (en, fr)


def test_no_more_is_claimed_than_was_learned() -> None:
    quarter = timedelta(days=91)
    assert wording.once_in(quarter, "en", learned=12 * DAY) == "rarer than anything in 12 days of data"
    assert wording.once_in(quarter, "fr", learned=12 * DAY) == "plus rare que tout en 12\u00a0jours de données"
    assert wording.once_in(quarter, "en", learned=40 * DAY) == "once in 3 months"
    assert wording.once_in(quarter, "en", learned=timedelta(0)) == "too early to say how rare"
    assert wording.once_in(timedelta(0), "en", learned=timedelta(0)) == "as usual"


UNITS = {"hour": 1, "day": 24, "week": 168, "month": 730.5}


@given(st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=364)))
def test_a_return_period_is_never_exaggerated(period: timedelta) -> None:
    found = re.fullmatch(r"once (?:an?|in (\d+)) (hour|day|week|month)s?", wording.once_in(period, "en"))
    assert found is not None
    claimed = int(found[1] or 1) * UNITS[found[2]]
    assert 0.45 <= claimed / (period / timedelta(hours=1)) <= 1.06


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)), st.timedeltas(timedelta(0), 9_999 * DAY)
)
def test_every_period_has_words(period: timedelta, learned: timedelta) -> None:
    for language in LANGUAGES:
        assert wording.once_in(period, language, learned=learned)
        assert wording.duration(period, language)


def test_instants_are_told_in_the_team_time_zone_with_the_date_when_not_today() -> None:
    face = Clockface("en", "Europe/Paris", NOW)
    assert face.at(datetime(2026, 11, 22, 2, 12, tzinfo=UTC)) == "at 03:12"
    assert face.at(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "on 23 Nov at 00:30"
    assert face.stamp(datetime(2026, 11, 21, 22, 59, tzinfo=UTC)) == "21 Nov, 23:59"
    french = Clockface("fr", "Europe/Paris", NOW)
    assert french.until(datetime(2026, 12, 1, 8, 0, tzinfo=UTC)) == "jusqu’au 1er\u00a0déc. à 09:00"


def test_instants_across_the_change_of_the_clocks() -> None:
    before, after = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    face = Clockface("fr", "Europe/Paris", before)
    assert (face.stamp(before), face.stamp(after)) == ("02:30", "02:30")


def test_an_unknown_time_zone_does_not_cost_the_alert() -> None:
    assert Clockface("en", "Mars/Olympus", NOW).stamp(NOW) == "01:58"
    assert Clockface("en", "../etc/passwd", NOW).stamp(NOW) == "01:58"


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
    assert "back to usual" in wording.state_line(sample_card(state=IncidentState.RESOLVED))


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


CALL = "Raised to orange: somebody takes it now."
LAST = "This was the last step: nobody else will be told."

NEWS = [
    (Cause.OPENED, {}, "Incident opened: Surge of negative mentions (orange)."),
    (
        Cause.OPENED,
        {"relapse_of": "inc-1"},
        "Incident opened again: Surge of negative mentions (orange). It follows inc-1.",
    ),
    (Cause.ALERT_JOINED, {"rule": "negative-surge"}, "Another alert joined: Surge of negative mentions."),
    (
        Cause.ALERT_JOINED,
        {"rule": "negative-surge", "why": "fires_again"},
        "It has started again: Surge of negative mentions.",
    ),
    (Cause.SEVERITY_RAISED, {}, CALL),
    (
        Cause.SEVERITY_RAISED,
        {"raised_by": "x > 1", "silence": "broken"},
        CALL + " Condition: x > 1 The silence was made for less and ends here.",
    ),
    (Cause.STEP_TIMED_OUT, {"receivers": "board"}, "Nobody took charge in time: board is told now."),
    (
        Cause.STEP_TIMED_OUT,
        {"receivers": "board,law", "last": "yes"},
        "Nobody took charge in time: board, law are told now. " + LAST,
    ),
    (
        Cause.STEP_TIMED_OUT,
        {"why": "silence_ended", "receivers": "board"},
        "The silence is over and nobody has taken charge: board is told now.",
    ),
    (Cause.STEP_TIMED_OUT, {}, "Nobody took charge in time."),
    (Cause.STEP_TIMED_OUT, {"why": "graver", "receivers": "board"}, "As it is graver now, board is told."),
    (Cause.STEP_TIMED_OUT, {"why": "graver"}, "It is graver now."),
    (
        Cause.SEVERITY_RAISED,
        {"from": "yellow", "asked_again": "yes"},
        CALL + " Claire Morel took charge when it was yellow; until somebody takes charge anew, escalation goes on.",
    ),
    (Cause.SEVERITY_RAISED, {"from": "purple", "asked_again": "yes"}, CALL),
    (
        Cause.NOT_REACHED,
        {"receiver": "room", "notifier": "slack", "seconds": "125", "receivers": "mail"},
        "room (slack) could not be reached for 2 min: mail is told instead.",
    ),
    (
        Cause.NOT_REACHED,
        {"receiver": "room", "notifier": "slack", "refused": "yes", "receivers": "mail,sms"},
        "room (slack) did not take the message: mail, sms are told instead.",
    ),
    (Cause.ESCALATED_BY_USER, {"receivers": "board"}, "Claire Morel escalated: board is told now."),
    (Cause.ESCALATED_BY_USER, {}, "Claire Morel escalated."),
    (Cause.ACKNOWLEDGED_BY_USER, {}, "Claire Morel took charge. Escalation stops."),
    (Cause.ACKNOWLEDGED_BY_USER, {"taken_from": "Ali"}, "Claire Morel took over from Ali."),
    (Cause.SILENCED_BY_USER, {"until": "2026-11-22T02:58:00+00:00"}, "Claire Morel muted the topic until 03:58."),
    (Cause.SILENCED_BY_USER, {"until": "nonsense"}, "Claire Morel muted the topic."),
    (Cause.FALSE_ALARM_BY_USER, {}, "Claire Morel called it a false alarm. The incident is closed."),
    (Cause.RESOLVED_BY_USER, {}, "Claire Morel resolved the incident."),
    (Cause.ALERTS_RESOLVED, {}, "Back to usual: the incident is resolved after 1 min."),
]


@pytest.mark.parametrize(("cause", "detail", "said"), NEWS)
def test_news(cause: Cause, detail: dict[str, str], said: str) -> None:
    transition = msgspec.structs.replace(sample_transition(cause), detail=detail)
    assert wording.news_line(transition, owned_card()) == said
    assert wording.news_line(transition, owned_card("fr")) != said


def owned_card(language: Language = "en", *alerts: Alert) -> Card:
    """A card whose incident has had an owner."""
    card = sample_card(language=language)
    incident = msgspec.structs.replace(card.incident, owner=CLAIRE, alerts=alerts or card.incident.alerts)
    return msgspec.structs.replace(card, incident=incident)


@pytest.mark.parametrize(
    ("after", "why", "en", "fr"),
    [
        (
            IncidentState.TRIGGERED,
            "",
            "Reminder: it has been going on for 4 h, and nobody has taken charge.",
            "Rappel\u00a0: cela dure depuis 4\u00a0h et personne ne s’en est chargé.",
        ),
        (
            IncidentState.ACKNOWLEDGED,
            "",
            "Reminder for Claire Morel, who is in charge: it has been going on for 4 h.",
            "Rappel pour Claire Morel, qui s’en charge\u00a0: cela dure depuis 4\u00a0h.",
        ),
        (
            IncidentState.ACKNOWLEDGED,
            "silence_ended",
            "The silence is over and it still goes on, for 4 h now. Claire Morel is in charge.",
            "La sourdine est finie et cela continue, depuis 4\u00a0h. Claire Morel s’en charge.",
        ),
    ],
)
def test_a_reminder_names_who_is_in_charge_and_for_how_long(after: IncidentState, why: str, en: str, fr: str) -> None:
    told = msgspec.structs.replace(
        sample_transition(Cause.REMINDED),
        at=OPENED + timedelta(hours=4),
        after=after,
        detail={"why": why} if why else {},
    )
    assert wording.news_line(told, owned_card()) == en
    assert wording.news_line(told, owned_card("fr")) == fr


def test_who_took_charge_of_less_is_said() -> None:
    line = wording.state_line(owned_card())
    assert line.startswith("Claire Morel took charge before it grew graver; nobody has since. If nobody")


@pytest.mark.parametrize(
    ("observed", "former", "en", "fr"),
    [
        (36.0, 12.0, "still 3 times the former level", "toujours 3 fois le niveau d’avant"),
        (36.0, 14.0, "still 2.6 times the former level", "toujours 2,6 fois le niveau d’avant"),
        (36.0, 0.2, "still 36 times the former level", "toujours 36 fois le niveau d’avant"),
        (3.0, 12.0, "only 25 % of the former level", "seulement 25\u00a0% du niveau d’avant"),
        (36.0, None, "in 1 h, learned", "en 1\u00a0h, ce qui"),
    ],
)
def test_a_level_that_was_learned_is_no_return_to_the_usual(
    observed: float, former: float | None, en: str, fr: str
) -> None:
    normal = NewNormal(
        signal=Signal.NEGATIVE,
        window=timedelta(hours=1),
        observed=observed,
        since=datetime(2026, 11, 20, 3, tzinfo=UTC),
        former=former,
    )
    alert = msgspec.structs.replace(sample_alert(state=AlertState.RESOLVED), new_normal=normal)
    for language, said, since in (("en", en, "since 20 Nov, 04:00"), ("fr", fr, "depuis 20")):
        card = owned_card(language, alert)  # type: ignore[arg-type] # mypy widens the languages of a loop
        closed = msgspec.structs.replace(
            card, incident=msgspec.structs.replace(card.incident, state=IncidentState.RESOLVED)
        )
        lines = (
            wording.state_line(card),
            wording.state_line(closed),
            wording.news_line(sample_transition(Cause.ALERTS_RESOLVED), closed),
        )
        for line in lines:
            assert said in line
            assert since in line
            assert "usual" not in line


def test_one_alert_that_still_holds_leaves_no_new_normal() -> None:
    line = wording.state_line(owned_card("en", sample_alert(state=AlertState.RESOLVED), sample_alert()))
    assert "normal" not in line


def test_conditions_are_told_with_words() -> None:
    source = "a.count >= 3 && (b.ratio <= 2 || c.value > 1)"
    assert wording.condition(source, "en") == "a.count ≥ 3 and (b.ratio ≤ 2 or c.value > 1)"
    assert wording.condition(source, "fr") == "a.count ≥ 3 et (b.ratio ≤ 2 ou c.value > 1)"


def test_conditions_of_the_usual_forms_are_told_to_people_who_write_no_rules() -> None:
    source = "negative.once_per > days(365) && negative.count >= 25 && (spread.sites >= 8 || negative.ratio >= 4)"
    assert wording.condition(source, "en") == (
        "negative mentions rarer than once in 365 days and at least 25 negative mentions"
        " and (at least 8 sites or negative mentions: 4 times the usual or more)"
    )
    audience = "reach.top >= 50000 && spread.sources >= 1 && reach.value >= 9000"
    assert wording.condition(audience, "en") == (
        "audience of an author: 50,000 or more and at least 1 source and potential audience: 9,000 or more"
    )
    assert wording.condition(source, "fr").startswith("mentions négatives : plus rare qu’une fois en 365")


def test_a_reason_is_repeated() -> None:
    told = wording.news_line(sample_transition(Cause.FALSE_ALARM_BY_USER, reason="a band of that name"), sample_card())
    assert told.endswith("Reason: a band of that name")


def test_a_playbook_step_is_due_at_a_time() -> None:
    card = sample_card()
    assert card.playbook is not None
    assert wording.step_note(card.playbook.steps[0], card) == "communications, by 03:07"
    assert OPENED + timedelta(minutes=10) == datetime(2026, 11, 22, 2, 7, tzinfo=UTC)


def with_evidence(alert: Alert, *assessments: Any) -> Alert:
    return msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, assessments=assessments))


def with_alerts(card: Card, *alerts: Alert) -> Card:
    return msgspec.structs.replace(card, incident=msgspec.structs.replace(card.incident, alerts=alerts))
