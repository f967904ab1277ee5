"""What is new, and conditions, in words: one sentence each, with what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from buzzguard.deliver import wording
from buzzguard.model import (
    Alert,
    AlertState,
    Card,
    Cause,
    IncidentState,
    Language,
    NewNormal,
    Signal,
)
from tests.deliver.samples import (
    CLAIRE,
    OPENED,
    sample_alert,
    sample_card,
    sample_transition,
)

LANGUAGES: tuple[Language, ...] = ("en", "fr")
DAY = timedelta(days=1)


def with_evidence(alert: Alert, *assessments: Any) -> Alert:
    return msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, assessments=assessments))


def with_alerts(card: Card, *alerts: Alert) -> Card:
    return msgspec.structs.replace(card, incident=msgspec.structs.replace(card.incident, alerts=alerts))


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
