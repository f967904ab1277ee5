"""Playbooks: what a file must hold, every fault with its place, and the ones that are shipped."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Language
from buzzguard.respond.playbooks import Playbooks, load_playbooks, parse_playbook

SHIPPED = Path(__file__).parents[2] / "rules" / "playbooks"
LANGUAGES: tuple[Language, ...] = ("en", "fr")
SECTIONS = {
    "en": [
        "When it applies",
        "Posture",
        "First hour",
        "Holding statement",
        "Questions and answers",
        "Never",
        "Stand down",
        "Debrief",
    ],
    "fr": [
        "Quand l’appliquer",
        "Posture",
        "Première heure",
        "Message d’attente",
        "Questions et réponses",
        "Jamais",
        "Fin d’alerte",
        "Retour d’expérience",
    ],
}
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


def shipped() -> list[str]:
    """Their ids, from the names of the files."""
    return sorted({file.name.split(".")[0] for file in SHIPPED.glob("*.*.md")})


def test_the_shipped_playbooks_have_no_fault_and_both_languages() -> None:
    playbooks = load_playbooks([SHIPPED])
    assert playbooks.ids == set(shipped()) >= {"bad-buzz", "critical-words", "influencer", "stream-silence"}
    assert playbooks.warnings == ()


@pytest.mark.parametrize("id", shipped())
def test_a_shipped_playbook_says_the_same_in_both_languages(id: str) -> None:
    playbooks = load_playbooks([SHIPPED])
    english, french = playbooks.page(id, "en"), playbooks.page(id, "fr")
    assert english is not None and french is not None
    assert [step.due for step in english.view.steps] == [step.due for step in french.view.steps]
    assert len(english.view.never) == len(french.view.never) >= 4
    assert english.posture == french.posture
    for count in (r"^## ", r"^- ", r"^\d\. ", r"^\|", r"^> ", r"\[ \]"):
        found = [len(re.findall(count, page.text, re.MULTILINE)) for page in (english, french)]
        assert abs(found[0] - found[1]) <= (3 if count == r"^> " else 0), count


@pytest.mark.parametrize("id", shipped())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_playbook_is_complete(id: str, language: Language) -> None:
    page = load_playbooks([SHIPPED]).page(id, language)
    assert page is not None
    headings = re.findall(r"^## (.+)$", page.text, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS[language]] == SECTIONS[language]
    dues = [step.due for step in page.view.steps if step.due]
    assert 6 <= len(dues) <= 9
    # Praise waits for working hours: nobody is woken to thank.
    assert dues == sorted(dues) and dues[-1] <= timedelta(hours=24 if id == "praise" else 1)
    assert "[" in page.text.split(SECTIONS[language][3])[1].split("## ")[0]


@pytest.mark.parametrize("id", shipped())
def test_french_is_set_as_french_is(id: str) -> None:
    text = (SHIPPED / f"{id}.fr.md").read_text(encoding="utf-8").split("---", 2)[2]
    assert not re.findall(r"[ \w][;!?](?=\s)|« | »|\w'\w| :\s", text)
