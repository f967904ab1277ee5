"""An explanation says in plain words what was seen, what is usual, how rare that is, and why a rule fired or not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from buzzguard.cli.explain_words import Telling, tell
from buzzguard.deliver.wording import CATALOGUES
from buzzguard.model import AlertState, Language, Person, ScaleReading, Signal, SignalReading, Silence
from tests.cli.explanations import AT, DAY, HOUR, alert, explanation, facts, quiet, reading, scale

_TIGHT = re.compile(r"[^\s\d\u00a0\u202f][:;!?](?:\s|$)")
"""French wants a no-break space before these; a time of day has digits around its colon."""


def everything(telling: Telling) -> list[str]:
    """Every text that is told."""
    rows = [(row.label, row.window, row.observed, row.usual, row.rarity) for row in telling.rows]
    scales = [(label, *(text for row in each for text in (row.usual, row.rarity))) for label, each in telling.scales]
    rules = [(row.title, row.says, *(line.text for line in row.lines), *row.graver) for row in telling.rules]
    told = [
        telling.headline,
        telling.subtitle,
        *([telling.crisis] if telling.crisis else []),
        *telling.caveats,
        *telling.state,
        *telling.basis,
    ]
    return told + [text for each in (*rows, *scales, *rules) for text in each]


def rule(telling: Telling, name: str) -> list[str]:
    """What is said of a rule: its verdict, then the parts of its condition, failing ones marked."""
    row = next(row for row in telling.rules if row.id == name)
    return [row.says, *(f"{'✓' if line.holds else '✗'} {line.text}" for line in row.lines)]


def test_the_headline_says_what_where_and_how_rare() -> None:
    assert tell(facts(), "en").headline == (
        "Acme: 84 negative mentions in the last hour where 9 are usual; so much happens once in 5 months."
    )
    assert tell(facts(), "fr").headline == (
        "Acme\u00a0: 84\u00a0mentions négatives dans la dernière heure, contre 9 d’ordinaire\u202f; "
        "cela arrive une fois tous les 5\u00a0mois."
    )


def test_an_ordinary_hour_is_called_one() -> None:
    telling = tell(facts(quiet()), "en")
    assert telling.headline == "Acme: 12 mentions in the last hour where 10 are usual: nothing out of the ordinary."
    assert not telling.unusual
    assert {row.rarity for row in telling.rows} == {"as usual"}


def test_a_young_baseline_claims_no_more_than_it_can_know() -> None:
    young = explanation(watched=9 * DAY, needed=21 * DAY, trust=30 * DAY)
    telling = tell(facts(young), "en")
    assert telling.headline.endswith("; rarer than anything in 9 days of data.")
    assert "Still learning (9 days of 21 days): the usual range is wide and may be wrong." in telling.caveats
    assert "never in 9 days" in {row.rarity for row in telling.rows}
    assert any("So short a past cannot call anything rarer than once a month" in line for line in telling.basis)


def test_a_window_may_be_asked_for() -> None:
    telling = tell(facts(), "en", window=timedelta(hours=6))
    assert "in the last 6 hours" in telling.headline
    assert {row.window for row in telling.rows} == {"6 h"}


def test_of_windows_about_as_rare_the_longest_is_told() -> None:
    both = (timedelta(minutes=15), HOUR)
    rare = replace(reading(Signal.NEGATIVE), decided_by=both)
    alike = replace(
        rare, scales=tuple(replace(one, alone=150 * DAY) if one.window in both else one for one in rare.scales)
    )
    assert "in the last hour" in tell(facts(explanation(signals=(alike,))), "en").headline


def test_a_share_is_told_in_percent_and_not_as_a_count() -> None:
    shift = explanation(signals=(reading(Signal.VOLUME), reading(Signal.SHARE)))
    assert tell(facts(shift), "en").headline == (
        "Acme: 61 % of the voices in the last hour are hostile where 12 % is usual; so much happens once in 3 months."
    )


def test_a_rule_that_did_not_fire_says_which_part_failed_with_its_numbers() -> None:
    rare = explanation(signals=(reading(Signal.NEGATIVE, rare=12 * DAY), reading(Signal.AUTHORS)))
    assert rule(tell(facts(rare), "en"), "negative-surge") == [
        "did not fire: 2 of 3 conditions hold",
        "✗ Negative mentions: once in 12 days – asks for rarer than once in 90 days",
        "✓ Negative mentions: 84 – asks for 10 or more",
        "✓ Authors: 61 – asks for 5 or more",
    ]
    assert rule(tell(facts(rare), "fr"), "negative-surge")[:2] == [
        "pas d’alerte\u00a0: 2 conditions remplies sur 3",
        "✗ Mentions négatives\u00a0: une fois tous les 12\u00a0jours – il faut plus rare qu’une fois en 90\u00a0jours",
    ]


def test_a_rule_that_fires_says_since_when_and_what_a_graver_alert_would_need() -> None:
    telling = tell(facts(alerts=(alert(),)), "en")
    assert rule(telling, "negative-surge")[0] == "firing since 11:05"
    assert telling.rules[0].id == "negative-surge", "rules with an alert come first"
    assert telling.rules[0].graver[0].startswith("red would need: ")


def test_an_alert_that_outlives_its_condition_says_so() -> None:
    telling = tell(facts(quiet(), alerts=(alert(),)), "en")
    assert rule(telling, "negative-surge")[0] == (
        "firing since 11:05; the condition holds no more, but the alert has not ended yet"
    )


def test_a_pending_alert_says_how_long_it_must_hold() -> None:
    waiting = alert(state=AlertState.PENDING, fired_at=None)
    assert rule(tell(facts(alerts=(waiting,)), "en"), "negative-surge")[0].startswith("holds since 11:03; fires when")


def test_what_was_not_read_is_unknown_and_not_zero() -> None:
    (caveat,) = tell(facts(explanation(known=0.83)), "en").caveats
    assert caveat == "17 % of the last 24 h could not be read: what was said then is unknown, not zero."


def test_planned_events_and_holidays_are_told() -> None:
    planned = facts(explanation(planned=(("Spring", 3.0),)), holiday={"en": "Easter Monday", "fr": "Lundi de Pâques"})
    assert tell(planned, "en").caveats == ("Planned: Spring (3× the usual expected).", "Public holiday: Easter Monday.")
    assert "Lundi de Pâques" in tell(planned, "fr").caveats[1]


def test_it_tells_what_was_learned_what_was_cut_and_what_its_past_holds() -> None:
    basis = tell(facts(), "en").basis
    assert basis[0] == "The baseline stands on 3 months of data, about 4,100 mentions."
    assert "Learned as it was: mentions." in basis
    assert (
        "Cut before it was learned, so that a crisis does not become usual: negative mentions, authors, "
        "share of hostile voices." in basis
    )
    assert "Past episodes it remembers (negative mentions): 24\u00a0Feb (1 h)." in basis
    assert "The correction rests to 40 % on this topic’s own past, the rest on topics of like size." in basis


def test_a_new_normal_is_told() -> None:
    adopted = explanation(signals=(reading(Signal.NEGATIVE, adopted_at=AT - 2 * DAY, learning="new_normal"),))
    told = " ".join(tell(facts(adopted), "en").basis)
    assert "New normal since 3 Mar, 11:15" in told
    assert "taken over as the new normal" in told.lower()


def test_a_fate_that_only_a_foreign_detector_knows_is_shown_as_it_is() -> None:
    foreign = explanation(signals=(reading(Signal.NEGATIVE, learning="dreamt {0}"),))
    assert "Dreamt {0} (negative mentions)." in tell(facts(foreign), "en").basis


def test_a_silence_is_told_with_its_author() -> None:
    mute = Silence(
        id="s", topic="acme", starts_at=AT, ends_at=AT + HOUR, who=Person(id="u", name="Ada"), reason="known"
    )
    assert tell(facts(silences=(mute,)), "en").state == ("Muted until 12:15 by Ada (known)",)


def test_a_detector_that_knows_nothing_is_explained_all_the_same() -> None:
    nothing = explanation(signals=(), watched=timedelta(0), mentions=0.0, trust=timedelta(0))
    assert tell(facts(nothing), "en").headline == "Acme: nothing out of the ordinary."


@pytest.mark.parametrize("value", [0.0, 1.0, float("nan"), float("inf"), 1e300])
def test_absurd_numbers_are_told_without_a_fault(value: float) -> None:
    absurd = SignalReading(
        signal=Signal.VOLUME,
        once_per=timedelta.max,
        decided_by=(HOUR,),
        scales=(
            ScaleReading(
                window=HOUR,
                observed=value,
                expected=value,
                low=value,
                high=value,
                law=timedelta.max,
                alone=timedelta.max,
                episodes=0,
            ),
        ),
    )
    for language in CATALOGUES:
        assert tell(facts(explanation(signals=(absurd,))), language).headline.startswith("Acme")


def test_every_french_text_keeps_its_signs_with_no_break_spaces() -> None:
    busy = explanation(
        known=0.5, watched=9 * DAY, trust=90 * DAY, planned=(("Printemps", 2.0),), since=AT - DAY, reason="x"
    )
    for said in (busy, quiet(), explanation()):
        for text in everything(tell(facts(said, alerts=(alert(),)), "fr")):
            assert not _TIGHT.search(text), text
            assert " :" not in text and " ;" not in text, text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_template_is_left_unfilled(language: Language) -> None:
    for said in (explanation(), quiet(), explanation(signals=(scaled(),))):
        for text in everything(tell(facts(said), language)):
            assert "{" not in text and text.strip() == text and text, text


def scaled() -> SignalReading:
    """A signal that its detector judged on one window alone."""
    return SignalReading(signal=Signal.GRAVITY, once_per=DAY, decided_by=(), scales=(scale(HOUR, 3.0, 0.0, DAY),))


def test_a_budget_of_false_alarms_says_what_it_does_to_the_rules() -> None:
    assert tell(facts(factor=0.2), "en").budget == (
        "To keep the budget of false alarms, rules read every return period as 5 times shorter."
    )
    assert tell(facts(factor=1.0), "en").budget == ""


def test_a_baseline_that_began_anew_says_why() -> None:
    anew = explanation(since=AT - DAY, reason="query_changed")
    assert "It began anew on 4 Mar at 11:15 (its query was changed)." in tell(facts(anew), "en").basis


def test_a_watch_that_did_not_run_is_not_taken_for_silence() -> None:
    stopped = facts(quiet(), last_sign=AT - DAY)
    [caveat] = tell(stopped, "en").caveats
    assert caveat.startswith("The watch left no trace since 4 Mar, 11:15: it may not have been running")
    assert tell(facts(quiet(), last_sign=AT - HOUR), "en").caveats == ()
