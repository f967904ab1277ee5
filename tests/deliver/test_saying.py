"""What is said, on the card: narratives with a quote each, themes and whose business they are, languages, copies."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import get_args

import msgspec
import pytest
from rich.console import Console

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import render_card
from buzzguard.deliver.terminal import card_renderable
from buzzguard.model import (
    Assessment,
    Card,
    Clue,
    Language,
    Narrative,
    Polarity,
    Quote,
    Said,
    Signal,
    ThemeShare,
    Voices,
)
from buzzguard.understand.coordination import Clue as ClueKind
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.samples import NOW, sample_assessment, sample_card

HOUR = timedelta(hours=1)
RECALL = Narrative(
    id="n1",
    topic="lumio",
    headline="the kettle melted on the stove",
    quote="My Lumio K2 kettle melted on the stove and nobody answers the phone",
    mention="m7",
    mentions=34,
    originals=30,
    authors=29,
    per_hour=12,
    growth=3.0,
    first_at=NOW - 3 * HOUR,
    last_at=NOW,
    first_site="forum.example",
)
PRICE = msgspec.structs.replace(
    RECALL, id="n2", headline="price rise", quote="price rise", authors=0, growth=None, first_site="", mentions=5
)
SERVICE = ThemeShare(
    theme="service", share=0.62, title={"en": "Service", "fr": "Service client"}, owner="customer-care", words=("hold",)
)
WHOLE = Said(
    span=HOUR,
    mentions=96,
    narratives=(RECALL, PRICE),
    themes=(SERVICE, msgspec.structs.replace(SERVICE, theme="own", title={}, owner="", share=0.2, words=())),
    languages=(("fr", 0.8), ("en", 0.2)),
    copies=0.43,
    unsure=0.12,
    provisional=11,
)


def card(said: Said | None, language: Language = "en") -> Card:
    shown = sample_card(language=language)
    return msgspec.structs.replace(shown, briefing=msgspec.structs.replace(shown.briefing, said=said))


def slack(shown: Card) -> str:
    return "\n".join(text for _, text in texts_of(render_card(shown, chart_file=None).blocks))


def terminal(shown: Card) -> str:
    out = io.StringIO()
    Console(file=out, width=100, color_system=None).print(card_renderable(shown))
    return out.getvalue()


def test_a_narrative_is_told_by_its_headline_its_size_its_growth_and_where_it_began() -> None:
    first, second = wording.narrative_lines(card(WHOLE))
    assert first.text("en") == (
        "“the kettle melted on the stove” – "
        "34 mentions by 29 authors · 12 in the last hour (×3) · since 21 Nov, 23:58, first on forum.example"
    )
    assert first.quote == RECALL.quote
    assert second.facts == "5 mentions · since 21 Nov, 23:58"
    assert second.quote == "", "a quote that is the headline again is left out"


def test_the_same_in_french() -> None:
    first, _ = wording.narrative_lines(card(WHOLE, "fr"))
    assert first.text("fr") == (
        "«\u00a0the kettle melted on the stove\u00a0» – "
        "34 mentions de 29 auteurs · 12 dans la dernière heure (×3) · "
        "depuis 21\u00a0nov. 23:58, d’abord sur forum.example"
    )


def test_themes_name_the_words_that_decided_and_whose_business_it_is() -> None:
    themes, rest = (line.replace("\u00a0", " ") for line in wording.saying_lines(card(WHOLE)))
    assert themes == "Themes: Service 62 % (“hold”) → customer care · own 20 %"
    assert rest == (
        "Languages: French 80 %, English 20 % · 43 % copy a text that was there before · "
        "for 12 % the sentiment is unsure · 11 mentions were only scored quickly, in the burst"
    )


def test_what_would_change_no_decision_is_not_told() -> None:
    quiet = Said(span=HOUR, mentions=9, languages=(("en", 1.0),), copies=0.05, unsure=0.05, provisional=0)
    assert wording.saying_lines(card(quiet)) == []
    assert wording.narrative_lines(card(quiet)) == []
    assert wording.saying_lines(card(None)) == []


def test_what_a_narrative_quotes_is_not_quoted_again() -> None:
    shown = card(WHOLE)
    assert wording.main_quotes(card(None)) == shown.briefing.quotes
    again = msgspec.structs.replace(shown.briefing.quotes[0], text=f"{RECALL.quote}, {'for days ' * 40}")
    long = msgspec.structs.replace(RECALL, quote=f"{RECALL.quote}, for days for days…")
    quotes = (again, *shown.briefing.quotes)
    said = msgspec.structs.replace(WHOLE, narratives=(long,))
    briefing = msgspec.structs.replace(shown.briefing, quotes=quotes, said=said)
    told = wording.main_quotes(msgspec.structs.replace(shown, briefing=briefing))
    assert told == shown.briefing.quotes[:3], "and narratives leave room for three alone"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_slack_and_terminal_show_it(language: Language) -> None:
    shown = card(WHOLE, language)
    title = wording.catalogue(language).saying.title
    for text in (slack(shown), terminal(shown)):
        assert title in text
        assert "the kettle melted on the stove" in text
        assert "forum.example" in text.replace("\u2060", "")
    assert check_message(render_card(shown, chart_file=None).payload()) == []


def test_hostile_headlines_are_cut_and_escaped() -> None:
    bad = msgspec.structs.replace(RECALL, headline="<!channel> *x* " * 5_000, quote="<@U1>" * 9_000)
    shown = card(msgspec.structs.replace(WHOLE, narratives=(bad, bad, bad, bad)))
    assert check_message(render_card(shown, chart_file=None).payload()) == []
    assert "<!channel>" not in slack(shown)
    assert "<@U1>" not in slack(shown)


PRESS = Voices(press=4, press_names=("lemonde.fr", "ouest-france.fr"), verified=5, new=30)
SAME = Clue(kind="same_text", numbers={"authors": 12, "minutes": 2})
AT_ONCE = Clue(kind="same_moment", numbers={"authors": 12, "minutes": 2})
YOUNG = Clue(kind="new_accounts", numbers={"authors": 30, "of": 41, "days": 30})
PRAISE = Quote(
    text="Lumio replaced mine the same day, hats off",
    url="https://x.example/1",
    author="Ada",
    site="x.example",
    published=NOW - HOUR,
    polarity=Polarity.POSITIVE,
    reach=12_400,
)
SPOKEN = msgspec.structs.replace(WHOLE, voices=PRESS, clues=(SAME, AT_ONCE), advocates=(PRAISE, PRAISE, PRAISE))


def leading(shown: Card, *signals: Signal) -> Card:
    """The card of an alert whose rule reads these signals."""
    (alert,) = shown.incident.alerts
    read: tuple[Assessment, ...] = tuple(map(sample_assessment, signals))
    evidence = msgspec.structs.replace(alert.evidence, assessments=read)
    alerts = (msgspec.structs.replace(alert, evidence=evidence, raised_by=""),)
    return msgspec.structs.replace(shown, incident=msgspec.structs.replace(shown.incident, alerts=alerts))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_who_speaks_is_one_line_and_the_usual_is_left_out() -> None:
    told = (
        "Press: 4 articles (lemonde.fr, ouest-france.fr, …) · 5 verified accounts · "
        "30 accounts opened in the last 30 days"
    )
    assert plain(wording.voices_line(card(SPOKEN))) == told
    french = plain(wording.voices_line(card(SPOKEN, "fr")))
    assert french.startswith(
        "Presse : 4 articles (lemonde.fr, ouest-france.fr, …) · 5 comptes vérifiés · 30 comptes ouverts"
    )
    few = msgspec.structs.replace(SPOKEN, voices=Voices(press=1, press_names=("afp.com",), new=2))
    assert plain(wording.voices_line(card(few))) == "Press: 1 article (afp.com)"
    assert wording.voices_line(card(msgspec.structs.replace(SPOKEN, voices=Voices(new=9)))) == "", "as many as usual"
    assert wording.voices_line(card(None)) == ""


def test_clues_are_told_with_their_numbers_as_clues() -> None:
    assert plain(wording.clue_line(card(SPOKEN))) == (
        "Clues, no proof: 12 accounts wrote the same text almost at once, within 2 min"
    )
    young = msgspec.structs.replace(SPOKEN, clues=(SAME, YOUNG))
    assert plain(wording.clue_line(card(young, "fr"))) == (
        "Indices, sans preuve : 12 comptes ont écrit le même texte en 2 min · 30 comptes sur 41 ont moins de 30 jours"
    )
    assert "opened" not in wording.voices_line(card(young)), "what a clue says is not said twice"
    assert wording.clue_line(card(WHOLE)) == wording.clue_line(card(None)) == ""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_clue_has_its_sentence(language: Language) -> None:
    words = wording.catalogue(language).saying.clue
    assert set(words) == set(get_args(ClueKind))
    numbers = {"authors": 12.0, "of": 40.0, "mentions": 14.0, "minutes": 3.0}
    for kind in words:
        told = wording.clue_line(
            card(msgspec.structs.replace(SPOKEN, clues=(Clue(kind=kind, numbers=numbers),)), language)
        )
        assert "14" in told if kind == "clockwork" else "12" in told
        assert "{" not in told
    unknown = Clue(kind="of a later version", numbers={})
    assert wording.clue_line(card(msgspec.structs.replace(SPOKEN, clues=(unknown,)))) == ""


def test_advocates_are_told_when_there_is_blame_and_only_two() -> None:
    first, second = wording.advocate_lines(card(SPOKEN))
    assert first == second
    assert first.quote == "“Lumio replaced mine the same day, hats off”"
    assert first.who == "Ada · x.example · reaches 12,400" or first.who.startswith("Ada · x.example · ")
    for signals in ([Signal.CRISIS], [Signal.GRAVITY], [Signal.REACH, Signal.NEGATIVE]):
        assert wording.advocate_lines(leading(card(SPOKEN), *signals))
    assert wording.advocate_lines(leading(card(SPOKEN), Signal.POSITIVE, Signal.NEGATIVE)) == []
    assert wording.advocate_lines(leading(card(SPOKEN), Signal.VOLUME)) == []
    assert wording.advocate_lines(card(WHOLE)) == wording.advocate_lines(card(None)) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_slack_and_terminal_tell_who_speaks_and_who_defends(language: Language) -> None:
    shown = card(SPOKEN, language)
    title = wording.catalogue(language).saying.advocates
    for text in (slack(shown), terminal(shown)):
        assert "🔎" in text
        assert "ouest-france" in text
        assert text.index("🔎") < text.index(title)
    assert check_message(render_card(shown, chart_file=None).payload()) == []


def test_hostile_names_numbers_and_praise_are_cut_and_escaped() -> None:
    bad = "<!channel> *x* <@U1> " * 5_000
    hostile = msgspec.structs.replace(
        SPOKEN,
        voices=Voices(press=10**30, press_names=(bad,) * 90, verified=10**30, new=10**30),
        clues=tuple(Clue(kind=kind, numbers={"authors": number, "minutes": number, "days": number})
                    for kind in get_args(ClueKind) for number in (float("nan"), float("inf"), -1e308, 1e308)),
        advocates=(msgspec.structs.replace(PRAISE, text=bad, author=bad, site=bad, url="javascript:" + bad),) * 9,
    )  # fmt: skip
    shown = card(hostile)
    assert check_message(render_card(shown, chart_file=None).payload()) == []
    assert "<!channel>" not in slack(shown) and "<@U1>" not in slack(shown)
    assert len(terminal(shown).splitlines()) < 150


def test_when_a_message_is_too_long_quotes_go_before_narratives() -> None:
    wide = "ﷺ wide words " * 200
    many = msgspec.structs.replace(RECALL, headline=wide, quote=wide)
    full = msgspec.structs.replace(SPOKEN, narratives=(many, many, many), clues=(AT_ONCE, YOUNG))
    shown = card(full)
    quotes = tuple(msgspec.structs.replace(PRAISE, text=wide * 9, author=wide, site=wide) for _ in range(5))
    shown = msgspec.structs.replace(shown, briefing=msgspec.structs.replace(shown.briefing, quotes=quotes))
    message = render_card(shown, chart_file=None)
    assert check_message(message.payload()) == []
    ids = [block.get("block_id", "").rpartition(":")[2] for block in message.blocks]
    assert "narratives" in ids and "playbook" in ids
