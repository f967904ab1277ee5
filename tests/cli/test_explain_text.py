"""An explanation in a terminal of 80 columns, and where there is no colour."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from buzzguard.cli.explain_scale import place
from buzzguard.cli.explain_text import explanation_renderable
from buzzguard.cli.explain_words import tell
from buzzguard.model import Explanation, Language
from tests.cli.explanations import DAY, alert, explanation, facts, quiet


def drawn(said: Explanation, language: Language, *, color: bool = False, name: str = "Acme") -> str:
    """What a console of 80 columns shows."""
    out = io.StringIO()
    kind = "truecolor" if color else None
    console = Console(file=out, width=80, force_terminal=color, color_system=kind, highlight=False)  # type: ignore[arg-type] # rich's own literal
    shown = facts(said, alerts=(alert(),), name=name)
    console.print(explanation_renderable(shown, tell(shown, language), language))
    return out.getvalue()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_line_is_wider_than_the_terminal_and_a_pipe_gets_no_codes(language: Language) -> None:
    for said in (explanation(), quiet(), explanation(watched=2 * DAY, known=0.5)):
        text = drawn(said, language)
        assert max(map(len, text.splitlines())) <= 80
        assert "\x1b" not in text


def test_it_holds_all_parts_in_order() -> None:
    text = drawn(explanation(), "en")
    parts = [
        "Acme: 84",
        "over 48 hours",
        "What was measured",
        "How rare",
        "Crisis score",
        "Why it fired",
        "What it knows",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "▲" in text and "✗" in text and "◂" in text


def test_a_name_brings_no_terminal_codes_and_no_markup() -> None:
    text = drawn(explanation(), "en", color=True, name="\x1b]0;owned\x07[red]A[/red]\x1b[2J")
    assert "owned" not in text
    assert "\x1b[2J" not in text
    assert "[red]A[/red]" in text


def test_the_scale_runs_from_usual_to_ten_years() -> None:
    assert (place(0 * DAY), place(DAY), place(36_500 * DAY)) == (0.0, 0.0, 1.0)
    assert place(7 * DAY) < place(90 * DAY) < place(365 * DAY) < 1.0
