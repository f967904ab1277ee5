"""Playbooks: what to do, in Markdown, one file a language: `bad-buzz.fr.md` and `bad-buzz.en.md`.

A file opens with YAML front matter (`playbook_front.Front`), then `## ` sections (`playbook_words.SECTIONS`). A step is
a list item with a box, an owner, the time after the start at which it is due, and a text:
`- [ ] **Communications** (15m) — text`. What must never be done is the list of the section `## Never` (`## Jamais`);
the quoted paragraphs of `## Holding statement` (`## Message d’attente`) are statements with fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from buzzguard.config.located import files_in, read_text
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Language, PlaybookView, Question, Record, Statement
from buzzguard.respond.playbook_body import Body
from buzzguard.respond.playbook_front import Front, read_front
from buzzguard.respond.playbook_text import fill_in

GENERIC = "bad-buzz"
"""The playbook to fall back on: better a general one at three in the morning than none."""
OTHER: dict[Language, Language] = {"en": "fr", "fr": "en"}
_FILE = re.compile(r"(?P<id>.+)\.(?P<language>en|fr)\.md")
_BREAK = re.compile(r"\r\n|\n|\r")


class Page(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A playbook in one language: how an alert shows it, and the whole text without its front matter.

    `general`, `themes`, `at_least` and `topic_roles` say when it is chosen (see `Playbooks.choose`); `sections` are the
    ids of its sections in their order, `drill` the story of an exercise.
    """

    view: PlaybookView
    language: Language
    applies: str
    posture: str
    text: str
    file: str = ""
    statements: tuple[Statement, ...] = ()
    questions: tuple[Question, ...] = ()
    sections: tuple[str, ...] = ()
    general: bool = False
    themes: tuple[str, ...] = ()
    at_least: float = 0.0
    topic_roles: tuple[str, ...] = ()
    drill: str = ""


class Playbooks:
    """All playbooks. `warnings` are faults that stop nothing: a playbook that one language lacks."""

    def __init__(
        self, pages: Mapping[tuple[str, Language], Page] | None = None, *, warnings: Sequence[Fault] = ()
    ) -> None:
        self._pages = dict(pages or {})
        self.warnings = tuple(warnings)

    @property
    def ids(self) -> frozenset[str]:
        """The ids that rules may name."""
        return frozenset(id for id, _ in self._pages)

    def __contains__(self, id: object) -> bool:
        return id in self.ids

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    def page(self, id: str, language: Language) -> Page | None:
        """The playbook in `language`, else in the other one; the generic one when there is none of that id."""
        wanted = ((id, language), (id, OTHER[language]), (GENERIC, language), (GENERIC, OTHER[language]))
        return next((self._pages[key] for key in wanted if key in self._pages), None)

    def view(self, id: str, language: Language, values: Mapping[str, str] | None = None) -> PlaybookView | None:
        """What an alert shows of `page`, with the incident's variables put in; None when there is no page at all."""
        page = self.page(id, language)
        return None if page is None else _filled(page.view, values or {})

    def text(self, id: str, language: Language, values: Mapping[str, str]) -> str:
        """The whole of `page` as Markdown, the incident's variables put in and escaped; empty when there is none."""
        page = self.page(id, language)
        return "" if page is None else fill_in(page.text, values, markdown=True)

    def choose(self, named: str, themes: Sequence[tuple[str, float]] = (), role: str = "") -> str:
        """The id of the playbook for an alert whose rule names `named`.

        A general one gives way to one that claims the topic's `role`, else to one that claims the theme with the
        largest share (0…1) among those that have the share which their playbook asks for. One that is about a thing by
        itself stays: its rule saw that thing. Of several that claim the same the first by id is taken.
        """
        if self.specificity(named) > 1:
            return named
        claims = [page for page in self._one_of_each() if not page.general]
        for page in claims:
            if role in page.topic_roles:
                return page.view.id
        for theme, share in sorted(themes, key=lambda one: -one[1]):
            for page in claims:
                if theme in page.themes and share >= page.at_least:
                    return page.view.id
        return named

    def specificity(self, id: str) -> int:
        """How much it is about one thing: 0 the generic one (or none), 1 one that gives way, 2 one that stays."""
        page = self.page(id, "en") if id in self.ids else None
        return 0 if id in ("", GENERIC) else 1 if page is not None and page.general else 2

    def _one_of_each(self) -> Iterator[Page]:
        for id in self:
            page = self.page(id, "en")
            if page is not None:
                yield page


def load_playbooks(folders: Sequence[Path]) -> Playbooks:
    """Read `<id>.<language>.md` in each folder (a folder that is absent holds none); a later folder's file wins.

    Raises ConfigError with every fault of every file: name, front matter, steps without owner or due time, nothing
    that is never done, a step that deletes, threatens or hides.
    """
    pages: dict[tuple[str, Language], Page] = {}
    faults: list[Fault] = []
    for folder in folders:
        for file in files_in(folder, ".md"):
            if file.name.lower() == "readme.md":
                continue
            page, found = read_playbook(file)
            faults += found
            if page is not None:
                pages[page.view.id, page.language] = page
    if faults:
        raise ConfigError(faults)
    return Playbooks(pages, warnings=tuple(_without_twin(pages)))


def read_playbook(file: Path) -> tuple[Page | None, list[Fault]]:
    """Read one file: its page, or None and what is wrong with it."""
    if not _FILE.fullmatch(file.name):
        hint = "name it after its id and language: bad-buzz.fr.md, bad-buzz.en.md"
        return None, [Fault(file=str(file), line=0, column=0, message="not the name of a playbook", hint=hint)]
    try:
        text = read_text(file)
    except ConfigError as error:
        return None, list(error.faults)
    return parse_playbook(text, file=str(file))


def parse_playbook(text: str, *, file: str) -> tuple[Page | None, list[Fault]]:
    """Parse the text of a playbook. `file` names it in faults, and says which id and language it must have."""
    lines = _BREAK.split(text.removeprefix("\ufeff"))
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == "---"), 0)
    if not end or lines[0].rstrip() != "---":
        hint = "begin the file with ---, id, language, title, applies, posture, and --- again"
        return None, [Fault(file=file, line=1, column=1, message="the front matter is missing", hint=hint)]
    named = _FILE.fullmatch(Path(file).name)
    front, faults = read_front("\n".join(["", *lines[1:end]]), file, named.groupdict() if named is not None else None)
    body = Body(file, lines, end + 1, front)
    faults += body.faults
    if front is None or faults:
        return None, faults
    return _page(front, body, text="\n".join(lines[end + 1 :]).strip() + "\n", file=file), []


def _page(front: Front, body: Body, *, text: str, file: str) -> Page:
    return Page(
        view=PlaybookView(
            id=front.id,
            title=front.title,
            steps=tuple(body.steps),
            never=tuple(body.never),
            statements={one.key: one.title for one in body.statements},
        ),
        language=front.language,
        applies=front.applies,
        posture=front.posture,
        text=text,
        file=file,
        statements=tuple(body.statements),
        questions=tuple(body.questions),
        sections=tuple(body.sections),
        general=front.general,
        themes=front.themes,
        at_least=front.at_least,
        topic_roles=front.topic_roles,
        drill=" ".join(front.drill.split()),
    )


def _filled(view: PlaybookView, values: Mapping[str, str]) -> PlaybookView:
    steps = tuple(replace(step, text=fill_in(step.text, values)) for step in view.steps)
    never = tuple(fill_in(rule, values) for rule in view.never)
    statements = {key: fill_in(title, values) for key, title in view.statements.items()}
    return replace(view, title=fill_in(view.title, values), steps=steps, never=never, statements=statements)


def _without_twin(pages: Mapping[tuple[str, Language], Page]) -> Iterator[Fault]:
    for (id, language), page in pages.items():
        other = OTHER[language]
        if (id, other) not in pages:
            message = f"`{id}` has no text in {'English' if other == 'en' else 'French'}"
            hint = f"write {id}.{other}.md: whoever reads that language gets this one meanwhile"
            yield Fault(file=page.file, line=1, column=1, message=message, hint=hint)
