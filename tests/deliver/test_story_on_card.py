"""How a story goes on, what was planned and what a score is due to, where people read it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from rich.console import Console

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import render_card
from buzzguard.deliver.terminal import card_renderable, update_renderable
from buzzguard.model import Assessment, Card, Estimate, Growth, Language, Outlook, PeakPast, Phase, Signal, SpanEstimate
from tests.deliver.block_kit import texts_of
from tests.deliver.samples import NOW, sample_alert, sample_assessment, sample_card, sample_incident

MINUTE = timedelta(minutes=1)
GROWING = Growth(
    at=NOW,
    phase=Phase.GROWING,
    since=NOW - 40 * MINUTE,
    per_hour=180.0,
    doubles_in=SpanEstimate(value=25 * MINUTE, low=20 * MINUTE, high=35 * MINUTE),
    forecast=(Outlook(at=NOW + 60 * MINUTE, per_hour=Estimate(value=400, low=250, high=700)),),
)
WANING = Growth(
    at=NOW,
    phase=Phase.FALLING,
    since=NOW - 400 * MINUTE,
    per_hour=90.0,
    past_peak=True,
    peaked=PeakPast(at=NOW - 200 * MINUTE, per_hour=320.0),
)
CRISIS = msgspec.structs.replace(
    sample_assessment(Signal.CRISIS, observed=2.0, expected=0.0, doubles_in=None),
    parts={"share": 0.6, "volume": 0.4},
)
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def card(
    growth: Growth | None = None, *read: Assessment, language: Language = "en", day: dict[str, Any] | None = None
) -> Card:
    alert = sample_alert()
    if read:
        alert = msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, assessments=read))
    shown = sample_card(language=language)
    return msgspec.structs.replace(
        shown,
        incident=sample_incident(alerts=(alert,)),
        briefing=msgspec.structs.replace(shown.briefing, growth=growth, **(day or {})),
    )


def slack(shown: Card) -> str:
    return plain("\n".join(text for _, text in texts_of(render_card(shown, chart_file=None).blocks)))


def terminal(shown: Card, *, update: bool = False) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    console.print(update_renderable(shown) if update else card_renderable(shown))
    assert isinstance(console.file, io.StringIO)
    return plain(" ".join(console.file.getvalue().replace("│", " ").split()))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_how_it_goes_on_follows_the_summary() -> None:
    line = "Doubles every 25 min (20–35); at this pace 400 mentions/h (250–700) by 04:00"
    shown = card(GROWING)
    assert f"on 5 sites.\n📈 {line}" in slack(shown)
    assert line in terminal(shown)
    assert wording.notification_line(shown).endswith("by 04:00.")


def test_french_reads_it_in_french() -> None:
    line = "Double toutes les 25 min (20–35) ; à ce rythme, 400 mentions par heure (250–700) vers 04:00"
    assert line in slack(card(GROWING, language="fr"))
    assert "Double toutes les 25 min (20–35)" in terminal(card(GROWING, language="fr"), update=True)


def test_a_doubling_is_told_once_and_with_its_interval() -> None:
    """The signals' own doubling is coarser, and another number beside it would be a riddle."""
    assert "doubles in 40 min" in slack(card())
    assert "doubles in 40 min" not in slack(card(GROWING))


def test_a_story_past_its_peak_points_down() -> None:
    assert "📉 Past its peak of 320 mentions/h since 23:38" in slack(card(WANING)).replace("21 Nov, ", "")
    assert "Past its peak" in terminal(card(WANING), update=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_without_a_story_says_nothing_of_it(language: Language) -> None:
    silent = Growth(at=NOW)
    for shown in (card(language=language), card(silent, language=language)):
        assert wording.prospects(shown) == ""
        assert "40 min" in slack(shown), "the signals' own doubling is told instead"
        assert not {"📈", "📉", "📅"} & set(slack(shown))


def test_what_was_planned_is_told_beside_the_numbers() -> None:
    day: dict[str, Any] = {
        "planned": (("<!channel> sale", 3.0),),
        "holiday": {"en": "All Saints’ Day", "fr": "Toussaint"},
    }
    told = slack(card(day=day))
    assert "📅 Planned: &lt;!channel&gt; sale (3× the usual expected)" in told
    assert "📅 Public holiday: All Saints’ Day" in told
    assert "📅 Jour férié : Toussaint" in terminal(card(language="fr", day=day))


def test_what_a_score_is_due_to_stands_below_it() -> None:
    due = "60 % due to hostile voices, 40 % to mentions"
    shown = card(None, CRISIS, sample_assessment())
    assert f"*Crisis score*\nso much hostility at once in 1 h\nonce in 3 months\n{due}" in slack(shown)
    assert f"Crisis score: {due}" in terminal(shown)
    assert "2.0" not in slack(shown)


def test_an_update_has_its_numbers_where_a_narrow_terminal_shows_them() -> None:
    line = terminal(card(GROWING), update=True)
    assert "Lumio · 96 negative mentions in 1 h · Doubles every 25 min (20–35) · Nobody" in line


def test_an_incident_of_many_rules_names_the_first_two() -> None:
    titles = [{"en": f"Rule {n}", "fr": f"Règle {n}"} for n in range(5)]
    alerts = tuple(
        msgspec.structs.replace(sample_alert(), rule=f"rule-{n}", title=title) for n, title in enumerate(titles)
    )
    shown = msgspec.structs.replace(sample_card(), incident=sample_incident(alerts=alerts))
    assert "*Rule*: Rule 0, Rule 1 (+3)" in slack(shown)
    assert "rule-4" in slack(shown)
