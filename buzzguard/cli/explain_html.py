"""An explanation as a page in one file and as a picture: nothing fetched, no script, all from outside escaped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from buzzguard.cli import explain_picture
from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_picture import COLOURS
from buzzguard.cli.explain_rules import RuleRow
from buzzguard.cli.explain_words import Telling, label
from buzzguard.deliver.tame import NAME, short
from buzzguard.deliver.wording import catalogue
from buzzguard.model import Language, Signal

if TYPE_CHECKING:
    from jinja2 import Environment

_PICTURE_WIDTH = 1148
_LINE = 92
"""Letters on a line of the picture at 17 units."""
_HEAD_LINE = 78
_RULE_LINE = 84
"""Of the lines beside the crisis score."""
_TITLE_LINE = 74
_MOST_RULES, _MOST_CLAUSES = 6, 4


def render_page(facts: Facts, telling: Telling, language: Language) -> str:
    """The page as text."""
    return _environment().get_template("explain.html.j2").render(_shared(facts, telling, language))


def render_picture(facts: Facts, telling: Telling, language: Language) -> bytes:
    """The picture as PNG: headline, course, return periods, crisis score, rules and what it all stands on."""
    from buzzguard.deliver.chart import chart_png

    return chart_png(picture_svg(facts, telling, language))


def picture_svg(facts: Facts, telling: Telling, language: Language) -> str:
    """The picture as SVG."""
    shared = _shared(facts, telling, language)
    placed = _Page(telling, language).placed()
    return _environment().get_template("explain.svg.j2").render(shared | placed)


def _shared(facts: Facts, telling: Telling, language: Language) -> dict[str, Any]:
    return {
        "language": language,
        "telling": telling,
        "words": telling.words,
        "labels": catalogue(language).labels,
        "colours": COLOURS,
        "chart_title": telling.words.chart_title.format(topic=short(facts.name, NAME) or facts.topic),
        "course": explain_picture.course(facts, language),
        "beams": explain_picture.beams(telling, language),
        "zone": telling.words.zone.format(zone=facts.time_zone),
        "detector": telling.words.detector.format(name=short(facts.explanation.detector, NAME)),
    }


class _Page:
    """Lays the picture's texts out, line below line."""

    def __init__(self, telling: Telling, language: Language) -> None:
        self._telling, self._language = telling, language

    def placed(self) -> dict[str, Any]:
        """Where the parts begin, and the lines of text."""
        telling = self._telling
        head = wrapped(telling.headline, _HEAD_LINE)
        chart_y = 40 + 34 * len(head) + 26 + 22 * len(telling.caveats) + 24
        panel_y = chart_y + 40 + explain_picture.HEIGHT + 40
        rows = max((len(rows) for _, rows in telling.scales), default=0)
        rules_y = panel_y + 100 + 30 * rows
        lines = self._rule_lines(rules_y + 34)
        score = rules_y + 50 + 46 * len(telling.parts[:5]) if telling.crisis else rules_y
        end = max(lines[-1]["y"] if lines else rules_y, score) + 26
        basis = [line for text in telling.basis[:2] for line in wrapped(text, _LINE + 16)]
        return {
            "width": _PICTURE_WIDTH,
            "height": end + 24 * len(basis) + 30,
            "head": [{"y": 56 + 34 * at, "text": text} for at, text in enumerate(head)],
            "subtitle_y": 56 + 34 * len(head) - 4,
            "caveats": [
                {"y": 56 + 34 * len(head) + 22 + 22 * at, "text": text} for at, text in enumerate(telling.caveats)
            ],
            "chart_y": chart_y,
            "panel_y": panel_y,
            "rules_y": rules_y,
            "rule_lines": lines,
            "crisis_name": label(Signal.CRISIS, self._language),
            "basis": [{"y": end + 24 * at + 16, "text": text} for at, text in enumerate(basis)],
        }

    def _rule_lines(self, y: float) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        for row in self._telling.rules[:_MOST_RULES]:
            beside = len(row.title) + 3 + len(row.says) <= _TITLE_LINE
            told_beside = f" – {row.says}" if beside else ""
            lines.append({"y": y, "kind": "rule", "colour": _colour(row), "title": row.title, "text": told_beside})
            y += 26
            for text in [] if beside else wrapped(row.says, _TITLE_LINE):
                lines.append({"y": y, "kind": "says", "text": text})
                y += 24
            told = [clause for clause in row.lines if row.severity or not clause.holds]
            for clause in told[:_MOST_CLAUSES]:
                for at, text in enumerate(wrapped(clause.text, _RULE_LINE)):
                    lines.append({"y": y, "kind": "clause", "holds": clause.holds, "text": text, "first": not at})
                    y += 24
            y += 8
        return lines


def _colour(row: RuleRow) -> str:
    return COLOURS[row.severity] if row.severity else "#9a9a9e"


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most `most` letters, broken at plain spaces alone; a longer word is cut."""
    lines = [""]
    for word in text.split(" "):
        word = word if len(word) <= most else word[: most - 1] + "…"
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("buzzguard.cli", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
