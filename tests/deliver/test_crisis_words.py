"""The negative share and the crisis score as people read them: per cent, and never a bare score."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver import wording
from buzzguard.model import Assessment, Card, Evidence, Language, Severity, Signal
from tests.deliver.samples import sample_alert, sample_assessment, sample_card, sample_incident

DAY = timedelta(days=1)
PARTS = {"share": 0.583, "volume": 0.217, "authors": 0.196, "spread": 0.004}
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def share(observed: float = 0.62, expected: float = 0.18, once_per: timedelta = 40 * DAY) -> Assessment:
    return sample_assessment(Signal.SHARE, observed=observed, expected=expected, once_per=once_per, doubles_in=None)


def crisis(once_per: timedelta = 400 * DAY, parts: dict[str, float] | None = None) -> Assessment:
    assessment = sample_assessment(Signal.CRISIS, observed=2.602, expected=0.0, once_per=once_per, learned=200 * DAY)
    return msgspec.structs.replace(assessment, doubles_in=None, parts=PARTS if parts is None else parts)


def negative(window: timedelta = timedelta(hours=1), once_per: timedelta = 91 * DAY) -> Assessment:
    return sample_assessment(once_per=once_per, doubles_in=None, window=window)


def card(*read: Assessment, language: Language = "en", briefed: tuple[Assessment, ...] = ()) -> Card:
    """An alert whose rule reads `read`; the briefing adds `briefed`."""
    alert = sample_alert()
    alert = msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, assessments=read))
    shown = sample_card(language=language)
    return msgspec.structs.replace(
        shown,
        incident=sample_incident(alerts=(alert,)),
        briefing=msgspec.structs.replace(shown.briefing, assessments=briefed),
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def line(of: Signal, shown: Card) -> str:
    return plain(next(each.text for each in wording.numbers(shown) if each.signal is of))


def test_a_share_is_told_per_cent() -> None:
    assert line(Signal.SHARE, card(share())) == "Share of hostile voices: 62 % in 1 h, usually 18 % (once in 5 weeks)"
    assert line(Signal.SHARE, card(share(), language="fr")) == (
        "Part de voix hostiles : 62 % en 1 h, d’ordinaire 18 % (une fois toutes les 5 semaines)"
    )
    assert plain(wording.counted(Signal.SHARE, 0.62, "fr")) == "62 % de voix hostiles"


@pytest.mark.parametrize(
    ("part", "told"), [(0.0, "0 %"), (0.0004, "almost none"), (0.003, "0.3 %"), (0.043, "4.3 %"), (1.0, "100 %")]
)
def test_a_small_usual_share_is_no_false_zero(part: float, told: str) -> None:
    assert wording.usually(Signal.SHARE, part, "en") == told


def test_the_crisis_score_is_told_by_its_rarity_and_what_it_is_due_to() -> None:
    assert line(Signal.CRISIS, card(crisis(), negative())) == (
        "Crisis score: so much hostility at once in 1 h (less than once a year); "
        "58 % due to hostile voices, 22 % to mentions, 20 % to authors"
    )
    assert line(Signal.CRISIS, card(crisis(), negative(), language="fr")) == (
        "Score de crise : autant d’hostilité à la fois en 1 h (moins d’une fois par an) ; "
        "58 % dus aux voix hostiles, 22 % aux mentions, 20 % aux auteurs"
    )


def test_what_is_not_rare_at_all_leaves_the_score_untold() -> None:
    lines = wording.numbers(card(negative(), briefed=(crisis(timedelta(0), {}),)))
    assert [each.signal for each in lines] == [Signal.NEGATIVE]


def test_a_score_without_parts_is_told_without_them() -> None:
    assert line(Signal.CRISIS, card(crisis(parts={}), negative())).endswith("(less than once a year)")
    unknown = {"share": 0.7, "made_up_by_a_plugin": 0.3}
    assert line(Signal.CRISIS, card(crisis(parts=unknown), negative())).endswith("; 70 % due to hostile voices")


def test_the_score_follows_the_numbers_that_it_sums_up() -> None:
    shown = card(crisis(), negative(), share(), briefed=(sample_assessment(Signal.REACH),))
    order = [each.signal for each in wording.numbers(shown)]
    assert order == [Signal.NEGATIVE, Signal.SHARE, Signal.CRISIS, Signal.REACH]


@given(
    period=st.timedeltas(min_value=timedelta(hours=1), max_value=3_000 * DAY),
    observed=st.floats(min_value=1.11, max_value=6.99),
)
def test_no_score_is_ever_shown_as_a_number(period: timedelta, observed: float) -> None:
    score = msgspec.structs.replace(crisis(period), observed=observed)
    for language in LANGUAGES:
        shown = card(score, negative(), share(), language=language)
        said = " ".join([wording.summary(shown), *(each.text for each in wording.numbers(shown))])
        assert f"{observed:.1f}" not in said.replace(",", ".")


# the summary


def test_an_alert_of_the_score_opens_with_numbers_that_people_judge() -> None:
    shown = card(crisis(), negative(), share())
    assert wording.summary(shown) == (
        "Lumio: 96 negative mentions in 1 h, usually 10; 62 % of voices hostile, usually 18 %. "
        "So much hostility at once: less than once a year."
    )
    french = msgspec.structs.replace(shown, language="fr")
    assert plain(wording.summary(french)) == (
        "Lumio : 96 mentions négatives en 1 h, d’ordinaire 10 ; 62 % de voix hostiles, d’ordinaire 18 %. "
        "Autant d’hostilité à la fois : moins d’une fois par an."
    )


def test_it_takes_them_from_the_briefing_where_the_evidence_has_none() -> None:
    shown = card(crisis(), briefed=(share(), negative()))
    assert wording.summary(shown).startswith("Lumio: 96 negative mentions in 1 h, usually 10; 62 % of voices hostile")


def test_the_numbers_are_those_of_the_alert_that_the_summary_speaks_of() -> None:
    """Not the rarest of any alert: two counts of one thing on two windows would be a riddle."""
    graver = card(crisis(), negative(), share())
    day = msgspec.structs.replace(
        sample_alert(severity=Severity.YELLOW),
        rule="negative-stir",
        evidence=Evidence(window=DAY, assessments=(negative(DAY, 900 * DAY),), condition="negative.count > 1"),
    )
    alerts = (day, *graver.incident.alerts)
    shown = msgspec.structs.replace(graver, incident=sample_incident(alerts=alerts))
    assert line(Signal.NEGATIVE, shown).startswith("Negative mentions: 96 in 1 h")


def test_numbers_of_another_window_are_not_mixed_in() -> None:
    shown = card(crisis(), briefed=(share(), negative(window=timedelta(hours=6))))
    assert wording.summary(shown) == (
        "Lumio: 62 % of voices hostile in 1 h, usually 18 %. So much hostility at once: less than once a year."
    )


def test_a_score_alone_still_makes_a_sentence() -> None:
    assert wording.summary(card(crisis())) == "Lumio: so much hostility at once in 1 h (less than once a year)."


def test_a_share_that_leads_is_told_with_the_count_behind_it() -> None:
    shown = card(share(once_per=100 * DAY), negative())
    assert wording.summary(shown) == (
        "Lumio: 62 % of voices hostile in 1 h, usually 18 % (once in 3 months); 96 negative mentions, usually 10."
    )
    assert wording.summary(card(share(once_per=100 * DAY))) == (
        "Lumio: 62 % of voices hostile in 1 h, usually 18 % (once in 3 months)."
    )


def test_the_score_leads_where_the_rule_reads_it_first_or_it_is_the_rarest() -> None:
    assert "So much hostility at once" in wording.summary(
        card(crisis(100 * DAY), negative(), share(once_per=200 * DAY))
    )
    assert wording.summary(card(negative(), crisis(60 * DAY))).startswith(
        "Lumio: 96 negative mentions in 1 h, usually 10 ("
    )


# conditions


@pytest.mark.parametrize(
    ("written", "en", "fr"),
    [
        (
            "crisis.once_per > days(365)",
            "crisis score rarer than once in 365 days",
            "score de crise : plus rare qu’une fois en 365 jours",
        ),
        (
            "crisis.value >= 2",
            "crisis score rarer than once in 3 months",
            "score de crise : plus rare qu’une fois en 3 mois",
        ),
        ("share.value >= 0.4", "at least 40 % of voices hostile", "au moins 40 % de voix hostiles"),
        (
            "share.ratio >= 2",
            "share of hostile voices: 2 times the usual or more",
            "part de voix hostiles : au moins 2 fois l’habituel",
        ),
    ],
)
def test_conditions_read_the_same_way(written: str, en: str, fr: str) -> None:
    assert (plain(wording.condition(written, "en")), plain(wording.condition(written, "fr"))) == (en, fr)


def test_an_absurd_score_in_a_condition_has_words() -> None:
    assert re.search(r"once in [\d,]+ years", wording.condition("crisis.value >= 999999", "en"))
