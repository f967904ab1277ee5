"""Playbooks: what to do, in Markdown, one file a language: `bad-buzz.fr.md` and `bad-buzz.en.md`.

A file opens with YAML front matter (`Front`), then `## ` sections. A step is a list item with a box, an owner, the
time after the start at which it is due, and a text: `- [ ] **Communications** (15m) — text`. What must never be done
is the list of the section `## Never` (`## Jamais`). Every other section is for the people who read the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.durations import parse_duration
from buzzguard.config.located import build, files_in, inspect_yaml, read_text
from buzzguard.config.settings import Identifier
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Language, PlaybookStep, PlaybookView, Record
from buzzguard.respond.guard import forbidden_act

GENERIC = "bad-buzz"
"""The playbook to fall back on: better a general one at three in the morning than none."""
_OTHER: dict[Language, Language] = {"en": "fr", "fr": "en"}
_FILE = re.compile(r"(?P<id>.+)\.(?P<language>en|fr)\.md")
_NEVER = {"en": "never", "fr": "jamais"}
_ITEM = re.compile(r"[-*+] (?P<box>\[[ xX]?\] ?)?(?P<text>.*)")
_STEP = re.compile(r"(?:\*\*(?P<owner>[^*]*)\*\*:?)?\s*(?:\((?P<due>[^()]*)\))?\s*(?:[—–-]\s*)?(?P<text>.*)", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([^()\s]+)\)")
_EMPHASIS = re.compile(r"(\*\*|__|`|\*)(?=\S)(.+?)(?<=\S)\1")
_BREAK = re.compile(r"\r\n|\n|\r")
_STEP_HINT = "write `- [ ] **Communications** (15m) — what to do`"


class Front(Frozen):
    """The front matter of a playbook. `posture` is whom the public holds responsible (SCCT), as far as is known."""

    id: Identifier
    language: Literal["en", "fr"]
    title: str = Field(min_length=1, max_length=150)
    applies: str = Field(min_length=1, max_length=500)
    posture: Literal["victim", "accidental", "preventable", "unknown", "none"]


class Page(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A playbook in one language: how an alert shows it, and the whole text without its front matter."""

    view: PlaybookView
    language: Language
    applies: str
    posture: str
    text: str
    file: str = ""


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
        wanted = ((id, language), (id, _OTHER[language]), (GENERIC, language), (GENERIC, _OTHER[language]))
        return next((self._pages[key] for key in wanted if key in self._pages), None)

    def view(self, id: str, language: Language) -> PlaybookView | None:
        """What an alert shows of `page`; None when there is no page at all."""
        page = self.page(id, language)
        return page.view if page is not None else None


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
    front, faults = _front("\n".join(["", *lines[1:end]]), file)
    body = _Body(file, lines, end + 1)
    body.read(_NEVER[front.language] if front else "")
    faults += body.faults
    if front is None or faults:
        return None, faults
    view = PlaybookView(id=front.id, title=front.title, steps=tuple(body.steps), never=tuple(body.never))
    whole = "\n".join(lines[end + 1 :]).strip() + "\n"
    page = Page(view=view, language=front.language, applies=front.applies, posture=front.posture, text=whole, file=file)
    return page, []


def _front(text: str, file: str) -> tuple[Front | None, list[Fault]]:
    located, faults = inspect_yaml(text, file=file)
    if located is None or faults:
        return None, faults
    front, faults = build(Front, located)
    named = _FILE.fullmatch(Path(file).name)
    for key in ("id", "language"):
        if front is not None and named is not None and getattr(front, key) != named[key]:
            faults.append(located.fault((key,), f"the file's name says {key} `{named[key]}`", "make them the same"))
    return front, faults


class _Body:
    """Reads the sections after the front matter, line by line."""

    def __init__(self, file: str, lines: Sequence[str], first: int) -> None:
        self.faults: list[Fault] = []
        self.steps: list[PlaybookStep] = []
        self.never: list[str] = []
        self._file = file
        self._lines = lines
        self._first = first

    def read(self, never_heading: str) -> None:
        section = ""
        for at in range(self._first, len(self._lines)):
            line = self._lines[at]
            if line.startswith("## "):
                section = line[3:].strip().casefold()
            item = _ITEM.match(line)
            if item is None:
                continue
            if item["box"]:
                self._step(at, item)
            elif section == never_heading:
                self.never.append(_plain(self._whole(at, item["text"])))
        if not self.steps and not self.faults:
            self._fault(self._first, 0, "no step is to be done", _STEP_HINT)
        if never_heading and not self.never:
            self._fault(self._first, 0, f"the section `## {never_heading.capitalize()}` is missing or empty", "list it")

    def _step(self, at: int, item: re.Match[str]) -> None:
        start = item.start("text")
        found = _STEP.fullmatch(self._whole(at, item["text"]))
        owner, due, text = (found["owner"] or "", found["due"], found["text"]) if found else ("", None, "")
        before = len(self.faults)
        if not owner.strip():
            self._fault(at, start, "a step without an owner: nobody will do it", _STEP_HINT)
        if not text.strip():
            self._fault(at, start, "a step without a text", _STEP_HINT)
        act = forbidden_act(text)
        if act:
            offset = max(self._lines[at].find(act), start)
            self._fault(
                at, offset, f"`{act}`: a step never deletes, hides or threatens criticism", "answer in the open"
            )
        when = self._due(at, start, due)
        if len(self.faults) == before:
            self.steps.append(PlaybookStep(text=_plain(text), owner=owner.strip().rstrip(":").strip(), due=when))

    def _due(self, at: int, start: int, due: str | None) -> timedelta | None:
        if due is None:
            self._fault(at, start, "a step that is never due", _STEP_HINT)
            return None
        try:
            return parse_duration(due)
        except ValueError as error:
            message, _, hint = str(error).partition(", write ")
            self._fault(at, max(self._lines[at].find(f"({due})") + 1, start), message, f"write {hint}" if hint else "")
            return None

    def _whole(self, at: int, text: str) -> str:
        """The text of a list item with the indented lines that go on with it."""
        parts = [text.strip()]
        for line in self._lines[at + 1 :]:
            if not line.startswith((" ", "\t")) or not line.strip() or _ITEM.match(line.strip()):
                break
            parts.append(line.strip())
        return " ".join(parts)

    def _fault(self, at: int, column: int, message: str, hint: str) -> None:
        line = min(at, len(self._lines) - 1) + 1
        self.faults.append(Fault(file=self._file, line=line, column=column + 1, message=message, hint=hint))


def _plain(text: str) -> str:
    """Markdown of one line as plain text: emphasis dropped, links with their address behind them."""
    return _EMPHASIS.sub(r"\2", _LINK.sub(r"\1 (\2)", text)).strip()


def _without_twin(pages: Mapping[tuple[str, Language], Page]) -> Iterator[Fault]:
    for (id, language), page in pages.items():
        other = _OTHER[language]
        if (id, other) not in pages:
            message = f"`{id}` has no text in {'English' if other == 'en' else 'French'}"
            hint = f"write {id}.{other}.md: whoever reads that language gets this one meanwhile"
            yield Fault(file=page.file, line=1, column=1, message=message, hint=hint)
