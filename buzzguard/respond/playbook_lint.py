"""What is wrong or doubtful in playbooks, beyond what keeps them from being read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from buzzguard.config.durations import format_duration
from buzzguard.config.located import files_in, read_text
from buzzguard.config.words import suggest
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, FieldKind, Language, PlaybookStep
from buzzguard.respond.guard import forbidden_act
from buzzguard.respond.playbook_links import dead_links
from buzzguard.respond.playbook_text import holes
from buzzguard.respond.playbook_words import OPTIONAL, ROLES, SECTIONS
from buzzguard.respond.playbooks import OTHER, Page, read_playbook

_STEP = re.compile(r"[-*+] \[[ xX]?\]")
_QUOTED_GAP = re.compile(r"\[(?![ xX]?\])[^\]\n]*\](?!\()")
_HEADING = re.compile(r"## (?P<heading>.+)")
_LANGUAGES: dict[Language, str] = {"en": "English", "fr": "French"}


class Doubt(Fault, frozen=True, kw_only=True):
    """Something wrong in a playbook (`error`: it will fail those who follow it) or probably not meant (`warning`)."""

    severity: Literal["error", "warning"] = "error"


class Leaf(NamedTuple):
    """A playbook in one language with the lines of its file, and those of its steps counted from 1."""

    page: Page
    lines: tuple[str, ...]
    steps: tuple[int, ...]

    def doubt(
        self, line: int, message: str, hint: str = "", *, severity: Literal["error", "warning"] = "error"
    ) -> Doubt:
        """A doubt about that line."""
        return Doubt(file=self.page.file, line=line, column=1, message=message, hint=hint, severity=severity)


Leaves: TypeAlias = Mapping[tuple[str, Language], Leaf]


def lint_playbooks(
    folders: Sequence[Path], *, themes: Collection[str] | None = None, staffed: Collection[str] | None = None
) -> list[Doubt]:
    """Everything wrong or doubtful in the playbooks of rules folders, in order of file and place. Never raises.

    `themes` are the ids that exist, and `staffed` the roles behind which somebody stands; None where that is not
    known. A later folder's file takes the place of an earlier one's.
    """
    leaves, unread, doubts = _read(folders)
    homes = [folder / "playbooks" for folder in folders]
    for leaf in leaves.values():
        for check in _CHECKS:
            doubts += check(leaf)
        doubts += _sections(leaf)
        doubts += _owners(leaf)
        doubts += _themes(leaf, themes)
        doubts += [leaf.doubt(line, message, hint) for line, message, hint in dead_links(leaf.lines, homes)]
    doubts += _unstaffed(leaves, staffed)
    doubts += _twins(leaves, unread)
    doubts += _claims(leaves)
    return sorted(doubts, key=lambda one: (one.file, one.line, one.column, one.message))


def _read(folders: Sequence[Path]) -> tuple[dict[tuple[str, Language], Leaf], set[str], list[Doubt]]:
    """What can be read, the names of the files that cannot, and why."""
    unread: set[str] = set()
    leaves: dict[tuple[str, Language], Leaf] = {}
    faults: list[Fault] = []
    for folder in folders:
        try:
            files = files_in(folder / "playbooks", ".md")
        except ConfigError as error:
            faults += error.faults
            continue
        for file in files:
            if file.name.lower() == "readme.md":
                continue
            page, found = read_playbook(file)
            faults += found
            if page is None:
                unread.add(file.name)
            else:
                leaves[page.view.id, page.language] = _leaf(page, file)
    return leaves, unread, [_error(fault) for fault in faults]


def _leaf(page: Page, file: Path) -> Leaf:
    lines = tuple(read_text(file).splitlines())
    return Leaf(page, lines, tuple(at for at, line in enumerate(lines, 1) if _STEP.match(line)))


def _error(fault: Fault) -> Doubt:
    return Doubt(file=fault.file, line=fault.line, column=fault.column, message=fault.message, hint=fault.hint)


def _sections(leaf: Leaf) -> Iterator[Doubt]:
    language, found = leaf.page.language, leaf.page.sections
    for id, names in SECTIONS.items():
        if id not in found and id not in OPTIONAL:
            message = f"the section `## {names[language]}` is missing"
            yield leaf.doubt(1, message, "whoever opens it at three in the morning needs it", severity="warning")
    wanted = [id for id in SECTIONS if id in found]
    if list(dict.fromkeys(found)) != wanted:
        order = ", ".join(SECTIONS[id][language] for id in wanted)
        yield leaf.doubt(1, "the sections stand in another order than in other playbooks", order, severity="warning")
    for id in sorted({id for id in found if found.count(id) > 1}):
        yield leaf.doubt(1, f"the section `## {SECTIONS[id][language]}` stands here twice", severity="warning")


def _owners(leaf: Leaf) -> Iterator[Doubt]:
    names = [name for labels in ROLES.values() for name in labels[leaf.page.language][:1]]
    for step, line in zip(leaf.page.view.steps, leaf.steps, strict=False):
        if not step.role:
            hint = suggest(step.owner, names) or "one of its own belongs under `roles` in the front matter"
            yield leaf.doubt(line, f"`{step.owner}` is no role that anybody has", hint)


def _unstaffed(leaves: Leaves, staffed: Collection[str] | None) -> Iterator[Doubt]:
    """Each role that has steps and nobody behind it, once: where its first step stands."""
    if staffed is None:
        return
    places: dict[str, list[tuple[Leaf, int]]] = {}
    for _, leaf in sorted(leaves.items()):
        for step, line in zip(leaf.page.view.steps, leaf.steps, strict=False):
            if step.role and step.role not in staffed:
                places.setdefault(step.role, []).append((leaf, line))
    for role, found in places.items():
        playbooks = len({leaf.page.view.id for leaf, _ in found})
        message = (
            f"nobody stands behind `{role}`, which has steps in {playbooks} playbook{'s' if playbooks > 1 else ''}"
        )
        hint = f"call a receiver or a policy `{role}` in the configuration"
        yield found[0][0].doubt(found[0][1], message, hint, severity="warning")


def _themes(leaf: Leaf, known: Collection[str] | None) -> Iterator[Doubt]:
    for theme in leaf.page.themes:
        if known is not None and theme not in known:
            yield leaf.doubt(1, f"there is no theme `{theme}`", suggest(theme, known))
    if leaf.page.general and (leaf.page.themes or leaf.page.topic_roles):
        yield leaf.doubt(1, "a general playbook gives way and claims nothing", "leave `themes` and `topic_roles` out")


def _gaps_in_words(leaf: Leaf) -> Iterator[Doubt]:
    """Brackets in what is to be published: `[time]` is easily published as it stands, a field is not."""
    for at, line in _of_section(leaf, "statement", "questions"):
        gap = _QUOTED_GAP.search(line)
        if gap is not None:
            hint = "write {{confirm: …}}, {{unknown: …}} or {{fill: …}}"
            yield leaf.doubt(at, f"`{gap.group()}` is a gap that nobody is asked to fill", hint)


def _statements(leaf: Leaf) -> Iterator[Doubt]:
    if "statement" in leaf.page.sections and not leaf.page.statements:
        yield leaf.doubt(1, "no statement is kept ready", "quote one: `> We have seen…`", severity="warning")
    for statement in leaf.page.statements:
        text = "".join(part for paragraph in statement.paragraphs for part in paragraph if isinstance(part, str))
        act = forbidden_act(text)
        if act:
            yield leaf.doubt(1, f"`{act}`: a statement never threatens", f"in `{statement.title}`")
        kinds = {field.kind for field in statement.fields}
        if leaf.page.posture != "none" and FieldKind.CONFIRM not in kinds:
            message = f"nothing in `{statement.title}` has to be confirmed"
            yield leaf.doubt(1, message, "mark its facts: {{confirm: what happened}}", severity="warning")


def _drill(leaf: Leaf) -> Iterator[Doubt]:
    """The story of an exercise: it is told as it stands, so nothing in it waits to be filled in."""
    for hole in holes(leaf.page.drill):
        if hole.name != "topic":
            wrong = hole.wrong or f"`{hole.name or hole.what}` is not known when an exercise begins"
            yield leaf.doubt(1, f"drill: {wrong}", hole.hint or "write {{topic}}, or the words themselves")


def _dues_rise(leaf: Leaf) -> Iterator[Doubt]:
    before: PlaybookStep | None = None
    for step, line in zip(leaf.page.view.steps, leaf.steps, strict=False):
        if before is not None and before.due is not None and step.due is not None and step.due < before.due:
            message = f"due after {format_duration(step.due)}, sooner than the step above it"
            yield leaf.doubt(line, message, "steps are read from above", severity="warning")
        before = step


_CHECKS: tuple[Callable[[Leaf], Iterator[Doubt]], ...] = (_gaps_in_words, _statements, _drill, _dues_rise)


def _twins(leaves: Leaves, unread: Collection[str]) -> Iterator[Doubt]:
    for (id, language), leaf in leaves.items():
        other = leaves.get((id, OTHER[language]))
        if other is None and f"{id}.{OTHER[language]}.md" not in unread:
            message = f"`{id}` has no text in {_LANGUAGES[OTHER[language]]}"
            yield leaf.doubt(1, message, f"write {id}.{OTHER[language]}.md")
        elif language == "fr" and other is not None:
            yield from _apart(leaf, other)


def _apart(leaf: Leaf, other: Leaf) -> Iterator[Doubt]:
    """Where two languages tell different people to do different things."""
    twin = Path(other.page.file).name
    steps, others = leaf.page.view.steps, other.page.view.steps
    if len(steps) != len(others):
        yield leaf.doubt(1, f"{len(steps)} steps here, {len(others)} in {twin}", "both languages are one playbook")
    for mine, its, line in zip(steps, others, leaf.steps, strict=False):
        if (mine.role, mine.due) != (its.role, its.due):
            yield leaf.doubt(line, f"{_whose(mine)} here, {_whose(its)} in {twin}", "both languages are one playbook")
    for what, here, there in _counts(leaf.page, other.page):
        if here != there:
            message = f"{what} not as in {twin}"
            yield leaf.doubt(1, message, f"{here} here, {there} there")


def _whose(step: PlaybookStep) -> str:
    return f"{step.role or step.owner} ({format_duration(step.due)})" if step.due is not None else step.role


def _counts(page: Page, other: Page) -> Iterator[tuple[str, object, object]]:
    yield "the posture is", page.posture, other.posture
    yield "the story of an exercise is", bool(page.drill), bool(other.drill)
    yield "what chooses it is", _chosen_by(page), _chosen_by(other)
    yield "the sections are", page.sections, other.sections
    yield "the rules under never are", len(page.view.never), len(other.view.never)
    yield "the questions are", len(page.questions), len(other.questions)
    yield "the fields of the statements are", _fields(page), _fields(other)


def _chosen_by(page: Page) -> object:
    return page.general, page.themes, page.at_least, page.topic_roles


def _fields(page: Page) -> list[list[str]]:
    return [[f"{field.key} {field.kind}" for field in statement.fields] for statement in page.statements]


def _claims(leaves: Leaves) -> Iterator[Doubt]:
    """Two playbooks for one theme: only one of them will ever be chosen."""
    first: dict[str, str] = {}
    for (id, language), leaf in sorted(leaves.items()):
        for theme in leaf.page.themes:
            if first.setdefault(theme, id) != id and language == "en":
                message = f"the theme `{theme}` is already that of {first[theme]}"
                yield leaf.doubt(1, message, "the first by id is chosen", severity="warning")


def _of_section(leaf: Leaf, *ids: str) -> Iterator[tuple[int, str]]:
    headings = {SECTIONS[id][leaf.page.language] for id in ids}
    within = False
    for at, line in enumerate(leaf.lines, 1):
        heading = _HEADING.match(line)
        if heading is not None:
            within = heading["heading"].strip() in headings
        elif within:
            yield at, line
