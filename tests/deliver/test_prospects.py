"""How a story goes on, in the words of both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver.wording import growth_line
from buzzguard.model import Estimate, Growth, Language, Outlook, PeakAhead, PeakPast, Phase, Signal, SpanEstimate

AT = datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC)
PARIS = "Europe/Paris"


def minutes(value: float, low: float, high: float) -> SpanEstimate:
    return SpanEstimate(value=timedelta(minutes=value), low=timedelta(minutes=low), high=timedelta(minutes=high))


def number(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high)


def outlook(hours: float, value: float, low: float, high: float, *, known: bool = True) -> Outlook:
    return Outlook(at=AT + timedelta(hours=hours), per_hour=number(value, low, high), known=known)


def story(phase: Phase | None = Phase.GROWING, **more: Any) -> Growth:
    return Growth(at=AT, phase=phase, since=AT - timedelta(hours=2), per_hour=180.0, **more)


def said(growth: Growth, language: Language = "en") -> str:
    return growth_line(growth, language, PARIS).replace("\u00a0", " ").replace("\u202f", " ")


GROWING = story(
    doubles_in=minutes(25, 20, 35),
    forecast=(outlook(1, 270, 150, 480), outlook(3, 412, 251, 987), outlook(6, 900, 10, 9_000, known=False)),
    reproduction=number(1.4, 1.2, 1.6),
    apparent=False,
)


def test_a_growing_story() -> None:
    assert said(GROWING) == (
        "Doubles every 25 min (20–35); at this pace 410 mentions/h (250–990) by 18:00; "
        "each mention brings 1.4 (1.2–1.6) others."
    )
    assert said(GROWING, "fr") == (
        "Double toutes les 25 min (20–35) ; à ce rythme, 410 mentions par heure (250–990) vers 18:00 ; "
        "chaque mention en amène 1,4 (1,2–1,6)."
    )


def test_a_peak_ahead_is_told_when_it_is_known() -> None:
    peak = PeakAhead(at=AT + timedelta(hours=2), earliest=AT, latest=AT, per_hour=number(640, 400, 1_210))
    assert "Peak of 640 mentions/h (400–1,200) to be expected by 17:00" in said(story(peak=peak))
    assert "Pic de 640 mentions par heure (400–1 200) à prévoir vers 17:00" in said(story(peak=peak), "fr")


def test_what_is_not_known_is_said_so() -> None:
    blind = story(doubles_in=minutes(12, 8, 30), forecast=(outlook(1, 300, 10, 4_000, known=False),))
    assert said(blind) == "Doubles every 12 min (8–30); too early to tell how it will go on."
    assert said(blind, "fr") == "Double toutes les 12 min (8–30) ; trop tôt pour dire la suite."


def test_a_story_that_has_just_begun() -> None:
    assert said(story(Phase.STARTING)) == "Began at 13:00; too early to tell how it will go on."
    assert said(story(Phase.STARTING), "fr") == "A commencé à 13:00 ; trop tôt pour dire la suite."


def test_a_story_at_its_height_and_a_strength_read_from_counts() -> None:
    height = story(Phase.PEAKING, forecast=(outlook(3, 150, 100, 220),), reproduction=number(1.0, 0.9, 1.1))
    assert said(height) == (
        "Steady at about 180 mentions/h; about 150 mentions/h (100–220) to be expected by 18:00; "
        "each mention seems to bring 1.0 (0.9–1.1) others."
    )


def test_a_story_past_its_peak() -> None:
    peaked = PeakPast(at=AT - timedelta(minutes=100), per_hour=324.0)
    falling = story(
        Phase.FALLING,
        halves_in=minutes(55, 39, 89),
        past_peak=True,
        peaked=peaked,
        forecast=(outlook(1, 47, 31, 84),),
        reproduction=number(0.6, 0.5, 0.7),
    )
    assert said(falling) == (
        "Past its peak of 320 mentions/h since 13:20; halves every 55 min (39 min–1 h 29 min); "
        "about 47 mentions/h (31–84) to be expected by 16:00."
    )
    assert said(falling, "fr") == (
        "Pic de 320 mentions par heure passé depuis 13:20 ; diminue de moitié toutes les 55 min (39 min–1 h 29) ; "
        "environ 47 mentions par heure (31–84) à prévoir vers 16:00."
    )


def test_a_story_that_is_over() -> None:
    over = story(Phase.OVER, peaked=PeakPast(at=AT - timedelta(hours=20), per_hour=96.0))
    assert said(over) == "Over: back to usual, after a peak of 96 mentions/h on 21 Nov at 19:00."
    assert (
        said(over, "fr") == "Terminé : retour à l’ordinaire, après un pic de 96 mentions par heure le 21 nov. à 19:00."
    )


def test_nothing_unusual_has_no_words() -> None:
    assert said(story(None)) == ""


def test_the_signal_is_named() -> None:
    negative = story(signal=Signal.NEGATIVE, forecast=(outlook(3, 150, 100, 220),))
    assert "150 negative mentions/h" in said(negative)
    assert "150 mentions négatives par heure" in said(negative, "fr")


def test_tomorrow_has_its_date() -> None:
    late = Growth(at=AT.replace(hour=22), phase=Phase.PEAKING, per_hour=9.0, forecast=())
    tomorrow = Outlook(at=AT.replace(hour=22) + timedelta(hours=3), per_hour=number(5, 3, 8))
    line = story(Phase.PEAKING, forecast=(tomorrow,))
    assert growth_line(late, "en", PARIS).endswith("too early to tell how it will go on.")
    assert "too early" in said(line), "no pace is told for more than three hours ahead"
    told = Growth(at=late.at, phase=Phase.PEAKING, per_hour=9.0, forecast=(tomorrow,))
    assert "by 23 Nov, 02:00" in said(told)
    assert "vers 02:00 le 23 nov." in said(told, "fr")


@pytest.mark.parametrize("language", ["en", "fr"])
@given(
    value=st.floats(0, 1e12),
    spread=st.floats(1, 1e6),
    span=st.timedeltas(timedelta(0), timedelta(days=30)),
    phase=st.sampled_from(Phase),
    known=st.booleans(),
)
def test_whatever_it_is_it_has_words(
    language: Language, value: float, spread: float, span: timedelta, phase: Phase, known: bool
) -> None:
    estimate = number(value, value / spread, value * spread)
    growth = Growth(
        at=AT,
        phase=phase,
        since=AT - span,
        per_hour=value,
        doubles_in=SpanEstimate(value=span, low=span / 2, high=span * 2),
        forecast=(Outlook(at=AT + timedelta(hours=1), per_hour=estimate, known=known),),
        reproduction=estimate,
        past_peak=phase is Phase.FALLING,
        peaked=PeakPast(at=AT - span, per_hour=value),
    )
    line = growth_line(growth, language, PARIS)
    assert line.endswith(".") and line[0].isupper()
    assert "  " not in line and "{" not in line
