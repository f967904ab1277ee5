"""Playbooks: what a file must hold, every fault with its place, and the ones that are shipped."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.errors import ConfigError
from buzzguard.model import Fault, FieldKind, Language
from buzzguard.respond.playbook_words import SECTIONS
from buzzguard.respond.playbooks import Playbooks, load_playbooks, parse_playbook

SHIPPED = Path(__file__).parents[2] / "rules" / "playbooks"
LANGUAGES: tuple[Language, ...] = ("en", "fr")
GOOD = """\
---
id: leak
language: en
title: "Leak"
applies: "Data leaked."
posture: preventable
---

## First hour

- [ ] **Communications** (15m) — Read the *mentions*
  and `note` [the facts](https://example.org/facts).
- [x] **Legal**: (1h30m) - Name the clocks.

## Never

- Delete **anything**.
* Threaten.

## Debrief

- Not a step.
"""


def faults_of(text: str, file: str = "playbooks/leak.en.md") -> list[str]:
    """The faults as `check` prints them, without the folder."""
    page, faults = parse_playbook(text, file=file)
    assert page is None
    return [str(fault).removeprefix("playbooks/") for fault in faults]


def write(folder: Path, name: str, text: str) -> None:
    """Write a playbook."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_a_playbook_gives_its_steps_as_plain_text() -> None:
    page, faults = parse_playbook(GOOD, file="leak.en.md")
    assert page is not None and not faults
    first, second = page.view.steps
    assert first.text == "Read the mentions and note the facts (https://example.org/facts)."
    assert (first.owner, first.due) == ("Communications", timedelta(minutes=15))
    assert (second.owner, second.due) == ("Legal", timedelta(minutes=90))
    assert page.view.never == ("Delete anything.", "Threaten.")
    assert (page.view.title, page.posture, page.language) == ("Leak", "preventable", "en")
    assert page.text.startswith("## First hour")


def test_line_ends_of_windows_and_a_byte_order_mark_are_fine() -> None:
    page, faults = parse_playbook("\ufeff" + GOOD.replace("\n", "\r\n"), file="leak.en.md")
    assert page is not None and not faults
    assert len(page.view.steps) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("---\nid", "id", "leak.en.md:1:1: the front matter is missing"),
        ("id: leak\n", "", "leak.en.md:1:1: `id` is missing"),
        ("id: leak", "id: leek", "leak.en.md:2:5: the file's name says id `leak`"),
        ("language: en", "language: fr", "leak.en.md:3:11: the file's name says language `en`"),
        ("language: en", "language: de", "leak.en.md:3:11: `de` is not a choice here"),
        ('"Data leaked."', '"Data leaked.', "leak.en.md:5:10: a quoted text is never closed"),
        ("posture: preventable", "posture: preventible", "did you mean `preventable`?"),
        ("title:", "titel:", "leak.en.md:4:1: unknown key `titel` (did you mean `title`?)"),
        ("**Communications** (15m)", "(15m)", "leak.en.md:11:7: a step without an owner"),
        ("(15m) ", "", "leak.en.md:11:7: a step that is never due"),
        ("(15m)", "(15)", "leak.en.md:11:27: '15' is not a duration (write for example 90s"),
        ("(15m)", "(soon)", "leak.en.md:11:27: 'soon' is not a duration"),
        ("Name the clocks.", "", "leak.en.md:13:7: a step without a text"),
        ("Name the clocks.", "Tell {{tpic}}.", "leak.en.md:13:33: nothing fills in `tpic` (did you mean `topic`?)"),
        ("Name the clocks.", "Tell {{confirm}}.", "leak.en.md:13:33: `confirm` what?"),
        ("Name the clocks.", "Tell {{confirm: it}}.", "leak.en.md:13:33: a field that nobody will be asked to fill"),
        ("Name the clocks.", "Tell {{topic.", "leak.en.md:13:33: `{{` is no field"),
        ("posture: preventable", "posture: preventable\nat_least: 2", "leak.en.md:7:11: "),
        ("Name the clocks.", "Delete all comments.", "leak.en.md:13:28: `Delete`: a step never deletes"),
        ("## Never", "## Nevr", "the section `## Never` is missing or empty"),
    ],
)
def test_every_fault_has_its_place(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    assert any(fault in found for found in faults_of(GOOD.replace(old, new, 1)))


def test_faults_are_told_all_at_once() -> None:
    broken = GOOD.replace("(15m)", "(soon)").replace("**Legal**:", "").replace("posture: preventable\n", "")
    assert len(faults_of(broken)) == 3


def test_a_playbook_without_steps_is_none() -> None:
    assert "no step is to be done" in faults_of(re.sub(r"- \[.\].*\n(  .*\n)?", "", GOOD))[0]


@given(st.text(max_size=300), st.booleans())
def test_no_text_breaks_the_parser(text: str, framed: bool) -> None:
    page, faults = parse_playbook(f"{GOOD[:90]}\n---\n{text}" if framed else text, file="leak.en.md")
    assert (page is None) == bool(faults)
    assert all(fault.line > 0 and fault.column > 0 for fault in faults)


def test_a_folder_is_read_whole_and_every_fault_of_it_is_told(tmp_path: Path) -> None:
    write(tmp_path, "leak.en.md", GOOD.replace("(15m)", "(soon)"))
    write(tmp_path, "leak.fr.md", GOOD)
    write(tmp_path, "notes.md", "what I think")
    write(tmp_path, "README.md", "how to write one")
    (tmp_path / "bytes.en.md").write_bytes(b"---\xff")
    with pytest.raises(ConfigError) as error:
        load_playbooks([tmp_path])
    named = {Path(fault.file).name for fault in error.value.faults}
    assert named == {"leak.en.md", "leak.fr.md", "notes.md", "bytes.en.md"}


def test_a_missing_twin_is_a_warning_and_the_other_language_stands_in(tmp_path: Path) -> None:
    write(tmp_path, "leak.en.md", GOOD)
    playbooks = load_playbooks([tmp_path])
    (warning,) = playbooks.warnings
    assert isinstance(warning, Fault) and "no text in French" in warning.message
    view = playbooks.view("leak", "fr")
    assert view is not None and view.title == "Leak"


def test_a_later_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "shipped", "leak.en.md", GOOD)
    write(tmp_path / "own", "leak.en.md", GOOD.replace('"Leak"', '"Our leak"'))
    view = load_playbooks([tmp_path / "shipped", tmp_path / "own", tmp_path / "absent"]).view("leak", "en")
    assert view is not None and view.title == "Our leak"


def test_an_unknown_playbook_falls_back_to_the_generic_one() -> None:
    playbooks = load_playbooks([SHIPPED])
    view = playbooks.view("no-such", "fr")
    assert view is not None and view.id == "bad-buzz"
    assert Playbooks().view("bad-buzz", "en") is None
    assert "no-such" not in playbooks and "influencer" in playbooks
    assert len(list(playbooks)) == len(playbooks)


# those that are shipped

ASKED = {
    "bad-buzz",
    "boycott",
    "attention",
    "competitor",
    "coordinated-attack",
    "critical-words",
    "data-leak",
    "discrimination",
    "influencer",
    "misconduct",
    "outage",
    "praise",
    "product-safety",
    "rumour",
    "stream-silence",
    "strike",
}


def shipped() -> list[str]:
    """Their ids, from the names of the files."""
    return sorted({file.name.split(".")[0] for file in SHIPPED.glob("*.*.md")})


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load_playbooks([SHIPPED])


def test_the_shipped_playbooks_have_no_fault_and_both_languages(playbooks: Playbooks) -> None:
    assert playbooks.ids == set(shipped()) >= ASKED
    assert playbooks.warnings == ()


@pytest.mark.parametrize("id", shipped())
def test_a_shipped_playbook_says_the_same_in_both_languages(id: str, playbooks: Playbooks) -> None:
    english, french = playbooks.page(id, "en"), playbooks.page(id, "fr")
    assert english is not None and french is not None
    assert [(step.role, step.due) for step in english.view.steps] == [(s.role, s.due) for s in french.view.steps]
    assert len(english.view.never) == len(french.view.never) >= 4
    assert [len(one.fields) for one in english.statements] == [len(one.fields) for one in french.statements]
    for count in (
        r"^## ",
        r"^### ",
        r"^- ",
        r"^\d\. ",
        r"^\|",
        r"\[ \]",
        r"\]\([a-z-]+\.(?:en|fr)\.md\)",
        r"\{\{[a-z]+\}\}",
    ):
        found = [len(re.findall(count, page.text, re.MULTILINE)) for page in (english, french)]
        assert found[0] == found[1], count


@pytest.mark.parametrize("id", shipped())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_playbook_is_complete(id: str, language: Language, playbooks: Playbooks) -> None:
    page = playbooks.page(id, language)
    assert page is not None
    assert [section for section in page.sections if section != "next"] == [one for one in SECTIONS if one != "next"]
    first = [step.due for step in page.view.steps if step.due and step.stage == SECTIONS["first"][language]]
    later = [step.due for step in page.view.steps if step.due and step.stage == SECTIONS["next"][language]]
    assert len(first) + len(later) == len(page.view.steps)
    assert 6 <= len(first) <= 9
    # Praise waits for working hours: nobody is woken to thank.
    assert first == sorted(first) and first[-1] <= timedelta(hours=24 if id == "praise" else 1)
    assert later == sorted(later) and all(due > timedelta(hours=1) for due in later)
    assert all(step.role for step in page.view.steps)
    assert len(page.questions) >= 3 and page.statements


@pytest.mark.parametrize("id", sorted(ASKED - {"praise", "stream-silence"}))
def test_a_statement_about_a_crisis_has_facts_to_confirm_and_admits_what_is_unknown(
    id: str, playbooks: Playbooks
) -> None:
    page = playbooks.page(id, "fr")
    assert page is not None
    kinds = {field.kind for statement in page.statements for field in statement.fields}
    assert kinds == set(FieldKind)


def test_the_data_leak_notifies_the_authority_before_72_hours(playbooks: Playbooks) -> None:
    page = playbooks.page("data-leak", "fr")
    assert page is not None
    (notify,) = [step for step in page.view.steps if "CNIL" in step.text]
    assert notify.role == "legal" and notify.due is not None and notify.due < timedelta(hours=72)


@pytest.mark.parametrize("id", shipped())
def test_french_is_set_as_french_is(id: str) -> None:
    text = (SHIPPED / f"{id}.fr.md").read_text(encoding="utf-8").split("---", 2)[2]
    assert not re.findall(r"[ \w][;!?](?=\s)|« | »|\w'\w| :\s|[\w»]:\s|“|”", text)


# choosing


def test_the_leading_theme_chooses_where_the_rule_names_a_general_one(playbooks: Playbooks) -> None:
    assert playbooks.choose("bad-buzz", [("data", 0.5), ("product-safety", 0.3)]) == "data-leak"
    assert playbooks.choose("critical-words", [("product-safety", 0.25), ("service", 0.6)]) == "product-safety"
    assert playbooks.choose("bad-buzz", [("service", 0.9)]) == "bad-buzz"
    assert playbooks.choose("", [("employees", 0.4)]) == "strike"


def test_a_theme_that_few_speak_of_chooses_nothing(playbooks: Playbooks) -> None:
    assert playbooks.choose("bad-buzz", [("data", 0.29)]) == "bad-buzz"
    assert playbooks.choose("bad-buzz", [("health", 0.2)]) == "product-safety"


def test_the_role_of_the_topic_comes_before_themes(playbooks: Playbooks) -> None:
    assert playbooks.choose("bad-buzz", [("data", 0.9)], "competitor") == "competitor"
    assert playbooks.choose("bad-buzz", [], "executive") == "misconduct"
    assert playbooks.choose("bad-buzz", [], "brand") == "bad-buzz"


@pytest.mark.parametrize("named", ["influencer", "praise", "outage", "of-our-own"])
def test_a_playbook_about_one_thing_stays(named: str, playbooks: Playbooks) -> None:
    assert playbooks.choose(named, [("data", 1.0)], "competitor") == named


themes = st.dictionaries(st.sampled_from(["data", "ethics", "health", "x"]), st.integers(0, 100), max_size=4)


@given(shares=themes.filter(lambda shares: len(set(shares.values())) == len(shares)))
def test_the_order_in_which_themes_come_decides_nothing(shares: dict[str, int], playbooks: Playbooks) -> None:
    came = [(theme, share / 100) for theme, share in shares.items()]
    chosen = playbooks.choose("bad-buzz", came)
    assert chosen == playbooks.choose("bad-buzz", came[::-1]) and chosen in playbooks
    assert Playbooks().choose("bad-buzz", came) == "bad-buzz"


def test_the_whole_text_is_filled_in_as_markdown(playbooks: Playbooks) -> None:
    text = playbooks.text("outage", "fr", {"topic": "Acme *rouge*"})
    assert "> Acme \\*rouge\\*\u00a0: {{confirmer\u00a0: ce qui ne marche pas}}" in text
    assert Playbooks().text("outage", "fr", {}) == ""


def test_the_incident_fills_in_what_it_knows() -> None:
    page, faults = parse_playbook(GOOD.replace("Name the clocks", "Call {{leader}} about {{topic}}"), file="leak.en.md")
    assert page is not None and not faults
    told = Playbooks({("leak", "en"): page}).view("leak", "en", {"topic": "Acme\n- [ ] {{leader}}"})
    assert told is not None and told.steps[1].text == "Call {{leader}} about Acme - [ ] { {leader} }."
