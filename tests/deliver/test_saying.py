"""What is said, on the card: narratives with a quote each, themes and whose business they are, languages, copies."""

from __future__ import annotations

import io
from datetime import timedelta

import msgspec
import pytest
from rich.console import Console

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import render_card
from buzzguard.deliver.terminal import card_renderable
from buzzguard.model import Card, Language, Narrative, Said, ThemeShare
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.samples import NOW, sample_card

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
    provisional=1,
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
        "for 12 % the sentiment is unsure · 1 mention was only scored quickly, in the burst"
    )


def test_what_would_change_no_decision_is_not_told() -> None:
    quiet = Said(span=HOUR, mentions=9, languages=(("en", 1.0),), copies=0.05, unsure=0.05)
    assert wording.saying_lines(card(quiet)) == []
    assert wording.narrative_lines(card(quiet)) == []
    assert wording.saying_lines(card(None)) == []


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
