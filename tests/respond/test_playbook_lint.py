"""What lint says of playbooks, and that it says nothing of the shipped ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.model import Language
from buzzguard.respond.playbook_links import anchors, dead_links
from buzzguard.respond.playbook_lint import lint_playbooks
from buzzguard.respond.playbook_words import ROLES
from buzzguard.respond.playbooks import load_playbooks

RULES = Path(__file__).parents[2] / "rules"
ENGLISH = """\
---
id: leak
language: en
title: Leak
applies: Data leaked.
posture: preventable
themes: [data]
---

## When it applies

- Somebody says so. See [never](#never).

## Posture

## First hour

- [ ] **Communications** (15m) — Read the mentions.
- [ ] **Legal** (1h) — Name the clocks.

## Holding statement

> We know of {{confirm: what happened}}. — {{fill: name}}

## Questions and answers

- **Is it true?** — “{{confirm: what happened}}.”

## Never

- Delete comments.

## Stand down

## Debrief
"""
FRENCH = """\
---
id: leak
language: fr
title: Fuite
applies: Des données ont fui.
posture: preventable
themes: [data]
---

## Quand l’appliquer

- On le dit. Voir [jamais](#jamais).

## Posture

## Première heure

- [ ] **Communication** (15m) — Lire les mentions.
- [ ] **Juridique** (1h) — Nommer les délais.

## Message d’attente

> Nous savons {{confirmer : ce qui s’est passé}}. — {{remplir : nom}}

## Questions et réponses

- **Est-ce vrai ?** — « {{confirmer : ce qui s’est passé}}. »

## Jamais

- Supprimer des commentaires.

## Fin d’alerte

## Retour d’expérience
"""


def found(folder: Path, english: str = ENGLISH, french: str = FRENCH, **known: set[str]) -> list[str]:
    """What lint says of one playbook, as `file:line: severity: message`."""
    home = folder / "playbooks"
    home.mkdir(exist_ok=True)
    for language, text in (("en", english), ("fr", french)):
        if text:
            (home / f"leak.{language}.md").write_text(text, encoding="utf-8")
    doubts = lint_playbooks([folder], themes=known.get("themes"), staffed=known.get("staffed"))
    return [f"{Path(one.file).name}:{one.line}: {one.severity}: {one.message}" for one in doubts]


def test_a_sound_playbook_has_no_doubt(tmp_path: Path) -> None:
    assert found(tmp_path, themes={"data"}, staffed={"communications", "legal"}) == []


def test_the_shipped_playbooks_have_none() -> None:
    themes = {file.stem for file in (RULES / "themes").glob("*.yml")}
    assert lint_playbooks([RULES], themes=themes, staffed=set(ROLES)) == []


@pytest.mark.parametrize(
    ("old", "new", "doubt"),
    [
        ("**Legal**", "**Lawyers**", "leak.en.md:19: error: `Lawyers` is no role that anybody has"),
        ("**Legal**", "**Risk**", "leak.fr.md:19: error: legal (1h) here, risk (1h) in leak.en.md"),
        ("(1h)", "(2h)", "leak.fr.md:19: error: legal (1h) here, legal (2h) in leak.en.md"),
        ("(1h)", "(5m)", "leak.en.md:19: warning: due after 5m, sooner than the step above it"),
        ("- [ ] **Legal** (1h) — Name the clocks.\n", "", "leak.fr.md:1: error: 2 steps here, 1 in leak.en.md"),
        ("**Legal** ", "", "leak.en.md:19: error: a step without an owner: nobody will do it"),
        ("(1h) ", "", "leak.en.md:19: error: a step that is never due"),
        ("Name the clocks", "Hide critical comments", "leak.en.md:19: error: `Hide`: a step never deletes"),
        ("Name the clocks", "Threaten to sue the author", "leak.en.md:19: error: `Threaten`: a step never deletes"),
        ("— {{fill: name}}", "We will sue the authors.", "leak.en.md:1: error: `sue the authors`: a statement never"),
        ("{{fill: name}}", "[name]", "leak.en.md:23: error: `[name]` is a gap that nobody is asked to fill"),
        ("{{confirm: what happened}}. —", "it. —", "leak.en.md:1: warning: nothing in `Holding statement` has to be"),
        ("{{fill: name}}", "{{name}}", "leak.en.md:23: error: nothing fills in `name`"),
        ("{{fill: name}}", "{{confirm: name}}", "leak.fr.md:1: error: the fields of the statements are not"),
        ("(#never)", "(#nevr)", "leak.en.md:12: error: the link to #nevr is dead: there is no heading #nevr"),
        ("(#never)", "(leek.en.md)", "leak.en.md:12: error: the link to leek.en.md is dead: there is no such file"),
        ("(#never)", "(leak.fr.md#never)", "the link to leak.fr.md#never is dead: there is no heading #never in it"),
        ("(#never)", "(leak.fr.md#jamais) [x](https://example.org/none)", ""),
        ("## Stand down\n", "", "leak.en.md:1: warning: the section `## Stand down` is missing"),
        ("## Debrief\n", "## Debrief\n\n## Debrief\n", "leak.en.md:1: warning: the section `## Debrief` stands here t"),
        ("## Stand down\n\n## Debrief", "## Debrief\n\n## Stand down", "stand in another order than in other"),
        ("- Delete comments.", "- Delete comments.\n- Lie.", "leak.fr.md:1: error: the rules under never are not"),
        ("posture: preventable", "posture: victim", "leak.fr.md:1: error: the posture is not as in leak.en.md"),
        ("themes: [data]", "themes: [dta]", "leak.en.md:1: error: there is no theme `dta`"),
        ("themes: [data]", "themes: [data]\ndrill: Fire.", "the story of an exercise is not as in leak.en.md"),
        ("themes: [data]", "themes: [data]\ndrill: '{{confirm: x}} at {{topic}}'", "`x` is not known when an exercise"),
        ("themes: [data]", "themes: [data]\ngeneral: true", "leak.en.md:1: error: a general playbook gives way"),
    ],
)
def test_each_doubt_has_its_place(old: str, new: str, doubt: str, tmp_path: Path) -> None:
    assert old in ENGLISH
    said = found(tmp_path, english=ENGLISH.replace(old, new, 1), themes={"data"})
    assert any(doubt in one for one in said) if doubt else said == [], said


def test_every_shipped_playbook_can_be_exercised() -> None:
    playbooks = load_playbooks([RULES / "playbooks"])
    languages: tuple[Language, ...] = ("en", "fr")
    pages = [playbooks.page(id, language) for id in playbooks for language in languages]
    assert len(pages) == 2 * len(playbooks) >= 30
    assert all(page is not None and 80 < len(page.drill) < 300 and "{{topic}}" in page.drill for page in pages)


def test_a_language_that_cannot_be_read_is_not_missing(tmp_path: Path) -> None:
    assert found(tmp_path, french="---") == ["leak.fr.md:1: error: the front matter is missing"]


def test_a_missing_language_is_an_error(tmp_path: Path) -> None:
    assert found(tmp_path, french="") == ["leak.en.md:1: error: `leak` has no text in French"]


def test_a_role_behind_which_nobody_stands_is_told_once(tmp_path: Path) -> None:
    said = found(tmp_path, staffed={"communications"})
    assert said == ["leak.en.md:19: warning: nobody stands behind `legal`, which has steps in 1 playbook"]


def test_a_house_may_have_roles_of_its_own(tmp_path: Path) -> None:
    english = ENGLISH.replace("themes: [data]", "themes: [data]\nroles: {dpo: Privacy}").replace("Legal", "Privacy")
    french = FRENCH.replace("themes: [data]", "themes: [data]\nroles: {dpo: DPO}").replace("Juridique", "DPO")
    assert found(tmp_path, english, french) == []


def test_two_playbooks_for_one_theme_are_one_too_many(tmp_path: Path) -> None:
    found(tmp_path)
    for language, text in (("en", ENGLISH), ("fr", FRENCH)):
        twin = tmp_path / "playbooks" / f"spill.{language}.md"
        twin.write_text(text.replace("id: leak", "id: spill"), encoding="utf-8")
    assert found(tmp_path) == ["spill.en.md:1: warning: the theme `data` is already that of leak"]


def test_links_lead_to_the_shipped_ones_beside_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "playbooks").mkdir()
    text = ENGLISH.replace("(#never)", "(boycott.en.md#never)")
    (tmp_path / "own" / "playbooks" / "leak.en.md").write_text(text, encoding="utf-8")
    messages = [one.message for one in lint_playbooks([RULES, tmp_path / "own"])]
    assert not [message for message in messages if "dead" in message]


@given(st.lists(st.text(max_size=80), max_size=5))
def test_no_text_breaks_the_search_for_links(lines: list[str]) -> None:
    for at, message, _ in dead_links(lines, []):
        assert 1 <= at <= len(lines) and "dead" in message
    assert all(not re.search(r"[A-Z\s#]", one) or not one.isascii() for one in anchors(lines))


def test_anchors_are_those_of_github() -> None:
    assert anchors(["## Quand l’appliquer", "### 72 h: what now?", "#not"]) == {"quand-lappliquer", "72-h-what-now"}
