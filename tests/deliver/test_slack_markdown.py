"""A playbook as Slack shows it: readable, within its limits, and unable to ping, whatever stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buzzguard.deliver.slack_markdown import LONGEST_CANVAS, LONGEST_SECTION, MOST_TEXT, as_sections, for_canvas
from buzzguard.deliver.slack_markdown import in_messages as shared_out
from tests.deliver.block_kit import check_mrkdwn, utf16

PLAYBOOKS = sorted((Path(__file__).parents[2] / "rules" / "playbooks").glob("*.??.md"))
_LINES = st.lists(
    st.text(max_size=60)
    | st.sampled_from(["# Head", "- [ ] **A** — b", "| a | b |", "|---|---|", "> q", "<!channel>"]),
    max_size=12,
)


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_every_shipped_playbook_fits_and_keeps_its_steps(path: Path) -> None:
    text = path.read_text("utf-8").partition("\n---\n")[2]
    sections = as_sections(text)
    assert sum(section.count("☐") for section in sections) == text.count("- [ ]")
    for message in shared_out(sections):
        assert len(message) <= 50
        assert sum(map(utf16, message)) <= MOST_TEXT
    for section in sections:
        assert utf16(section) <= LONGEST_SECTION
        assert check_mrkdwn("section", section) == []
    assert "](" not in "".join(sections)


@given(lines=_LINES)
@example(lines=["<!channel> <@U1> [x](https://evil.example/a|<!here>)"])
@example(lines=["\\*not bold\\* \\<b\\> **" + "x" * 4_000 + "**"])
def test_nothing_in_it_pings_or_breaks_out(lines: list[str]) -> None:
    sections = as_sections("\n".join(lines))
    for section in sections:
        assert utf16(section) <= LONGEST_SECTION
        assert "<!" not in section
        assert "<@" not in section
        assert section.strip()
    assert [one for message in shared_out(sections) for one in message] == sections


def test_it_reads_as_it_was_written() -> None:
    steps = "## Now\n\n- [ ] **Legal** (5m) — read *it*,\n  all of it\n- [x] done\n"
    text = f"{steps}\n| a | b |\n|---|---|\n| 1 | |\n\n> we\n> know\n"
    assert as_sections(text) == ["*Now*\n☐ *Legal* (5m) — read _it_, all of it\n☑ done\n\n_a – b_\n• *1*\n\n> we know"]
    assert as_sections("a \\_b\\_ & [c](https://x.example/d) <!-- note -->") == ["a ˍbˍ &amp; <https://x.example/d|c>"]


def test_a_table_becomes_a_list_that_names_what_is_in_its_columns() -> None:
    text = "| posture | example | what we do |\n|---|---|---|\n| victim | rumour | inform |\n| **ours** | | |\n\nafter"
    (shown,) = as_sections(text)
    assert shown.replace("\u00a0", " ") == (
        "• *victim* – example : rumour – what we do : inform\n• *ours* – example : … – what we do : …\n\nafter"
    )


def test_what_is_to_be_filled_in_is_told_in_words() -> None:
    (shown,) = as_sections(
        "> Le {{confirmer : date}}, à\n> {{remplir : adresse\n> ou ligne}}, {{inconnu : qui}} {{topic}}"
    )
    assert shown.replace("\u00a0", " ") == (
        "> Le [à confirmer : date], à [à remplir : adresse ou ligne], [pas encore connu : qui] {{topic}}"
    )
    assert for_canvas("{{confirm: the time}}, {{unknown: who}}; {{fill: our page}}") == (
        "[to confirm: the time], [not known yet: who]; [to fill in: our page]"
    )
    assert as_sections("{{fill: <!channel>}}") == ["[to fill in: &lt;!channel&gt;]"]


def test_a_canvas_holds_no_link_that_leads_nowhere_and_has_an_end() -> None:
    assert for_canvas("see [the other](x.fr.md) and [us](https://x.example)") == (
        "see the other and [us](https://x.example)"
    )
    assert len(for_canvas("line\n" * 100_000)) <= LONGEST_CANVAS + 10
