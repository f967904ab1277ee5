"""The page and the picture: one file, nothing fetched, whatever a topic or a rule is called."""

from __future__ import annotations

import struct
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from buzzguard.cli.explain_html import picture_svg, render_page, render_picture, wrapped
from buzzguard.cli.explain_words import tell
from buzzguard.model import Chart, Language, Severity
from tests.cli.explanations import AT, DAY, HOUR, alert, explanation, facts, quiet

HOSTILE = "</title><script>alert(1)</script>\"'<img src=x onerror=alert(1)>{{ 7*7 }}\x1b[31m\u202e"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "i", "table", "thead", "tbody"),
    *("tr", "th", "td", "figure", "svg", "g", "path", "text", "rect", "div", "strong", "small", "ul", "li", "footer"),
}


class _Tags(HTMLParser):
    """The elements of a page, and every attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_of_hostile_names_holds_our_own_elements_alone(language: Language) -> None:
    said = explanation(planned=((HOSTILE, 2.0),), detector=HOSTILE, reason=HOSTILE, since=AT - DAY)
    named = facts(said, name=HOSTILE, fired=(alert(title={"en": HOSTILE, "fr": HOSTILE}),))
    telling = tell(named, language)
    page = render_page(named, telling, language)
    seen = _Tags(page)
    assert seen.tags <= ALLOWED
    assert not any(name.startswith("on") or name in ("src", "href") for name in seen.attributes)
    assert "http" not in page and "url(" not in page and "@import" not in page
    assert "49" not in telling.headline
    assert "\x1b" not in page and "\u202e" not in page
    ElementTree.fromstring(picture_svg(named, telling, language))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_tells_all_in_its_language(language: Language) -> None:
    shown = facts(alerts=(alert(),))
    telling = tell(shown, language)
    page = render_page(shown, telling, language)
    assert f'<html lang="{language}">' in page
    for text in (telling.headline, telling.crisis, telling.rules[0].title, telling.rules[0].lines[0].text):
        assert text.replace("'", "&#39;") in page
    assert ("Usual" in page) == (language == "en")
    assert page.count("<svg ") == 1 + len(telling.scales)


def test_alerts_at_one_place_are_one_mark_of_the_gravest() -> None:
    several = (alert(), alert(severity=Severity.RED), alert(fired_at=AT - 20 * HOUR), alert(fired_at=AT - 60 * HOUR))
    shown = facts(fired=several)
    page = render_page(shown, tell(shown, "en"), "en")
    assert page.count('stroke-dasharray="3 4"') == 2
    assert 'stroke="#c5221f" stroke-width="2" stroke-dasharray="3 4"' in page


def test_the_picture_is_a_picture() -> None:
    shown = facts(quiet())
    png = render_picture(shown, tell(shown, "en"), "en")
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height > 1000) == (2296, True)


def test_an_empty_chart_is_drawn_as_one() -> None:
    nothing = Chart(start=AT - 48 * HOUR, bin=HOUR, volume=(0.0,) * 48, negative=(), expected=(), high=())
    shown = facts(quiet(), chart=nothing, fired=())
    ElementTree.fromstring(picture_svg(shown, tell(shown, "en"), "en"))


def test_lines_are_broken_at_plain_spaces_and_none_is_too_long() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("dix\u00a0pour\u00a0cent de plus", 13) == ["dix\u00a0pour\u00a0cent", "de plus"]
    assert [len(line) for line in wrapped("x" * 50, 10)] == [10]


def test_no_line_of_a_rule_runs_into_the_crisis_score() -> None:
    shown = facts(explanation(watched=2 * DAY, needed=7 * DAY))
    svg = ElementTree.fromstring(picture_svg(shown, tell(shown, "fr"), "fr"))
    texts = [(float(one.get("x", 0)), "".join(one.itertext())) for one in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert all(len(text) <= 84 for x, text in texts if x in (52.0, 70.0))
