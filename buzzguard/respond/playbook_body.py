"""The sections of a playbook, line by line: steps, what is never done, statements, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from buzzguard.config.durations import parse_duration
from buzzguard.model import Fault, Language, PlaybookStep, Question, Statement
from buzzguard.respond.guard import forbidden_act
from buzzguard.respond.playbook_front import Front
from buzzguard.respond.playbook_text import holes, parse_statement
from buzzguard.respond.playbook_words import SECTIONS, role_of, section_of

_ITEM = re.compile(r"[-*+] (?P<box>\[[ xX]?\] ?)?(?P<text>.*)")
_STEP = re.compile(r"(?:\*\*(?P<owner>[^*]*)\*\*:?)?\s*(?:\((?P<due>[^()]*)\))?\s*(?:[—–-]\s*)?(?P<text>.*)", re.DOTALL)
_QUESTION = re.compile(r"\*\*(?P<question>[^*]+)\*\*\s*(?:[—–-]\s*)?(?P<answer>.*)", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([^()\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*\*|__|`|\*)(?=\S)(.+?)(?<=\S)\1")
_LONGEST_HEADING = 80
_STEP_HINT = "write `- [ ] **Communications** (15m) — what to do`"
_OPEN_HINT = "answer in the open; what must not be done stands under {never}"


class Line(NamedTuple):
    """A line of the body, with its number in the file from 0, and where it stands: ids and headings."""

    at: int
    text: str
    section: str
    heading: str
    below: str


class Body:
    """What the sections after the front matter hold. `first` is the line of the file at which they begin."""

    def __init__(self, file: str, lines: Sequence[str], first: int, front: Front | None) -> None:
        self.faults: list[Fault] = []
        self.steps: list[PlaybookStep] = []
        self.never: list[str] = []
        self.questions: list[Question] = []
        self.statements: list[Statement] = []
        self.sections: list[str] = []
        self._file = file
        self._lines = lines
        self._first = first
        self._front = front
        self._language: Language = front.language if front is not None else "en"
        self._read()

    def _read(self) -> None:
        quoted: list[Line] = []
        for line in self._walk():
            if line.text.startswith("## ") and line.section:
                self.sections.append(line.section)
            if line.text.startswith(">") and line.section == "statement":
                quoted.append(line)
                continue
            self._statement(quoted)
            quoted = []
            self._item(line)
        self._statement(quoted)
        self._holes()
        if not self.steps and not self.faults:
            self._fault(self._first, 0, "no step is to be done", _STEP_HINT)
        if self._front is not None and not self.never:
            heading = SECTIONS["never"][self._language]
            self._fault(self._first, 0, f"the section `## {heading}` is missing or empty", "list it")

    def _walk(self) -> Iterator[Line]:
        section = heading = below = ""
        for at in range(self._first, len(self._lines)):
            line = self._lines[at]
            if line.startswith("## "):
                heading, below = line[3:].strip(), ""
                section = section_of(heading, self._language)
            elif line.startswith("### "):
                below = line[4:].strip()
            yield Line(at, line, section, heading, below)

    def _item(self, line: Line) -> None:
        item = _ITEM.match(line.text)
        if item is None:
            return
        if item["box"]:
            self._step(line, item)
        elif line.section == "never":
            self.never.append(plain(self._whole(line.at, item["text"])))
        elif line.section == "questions":
            self._question(line.at, item["text"])

    def _step(self, line: Line, item: re.Match[str]) -> None:
        at, start = line.at, item.start("text")
        found = _STEP.fullmatch(self._whole(at, item["text"]))
        owner, due, text = (found["owner"] or "", found["due"], found["text"]) if found else ("", None, "")
        owner = owner.strip().rstrip(":").strip()
        before = len(self.faults)
        if not owner:
            self._fault(at, start, "a step without an owner: nobody will do it", _STEP_HINT)
        if not text.strip():
            self._fault(at, start, "a step without a text", _STEP_HINT)
        self._judge(at, text, start)
        when = self._due(at, start, due)
        if len(self.faults) == before:
            role = role_of(owner, self._language, self._front.roles if self._front is not None else None)
            self.steps.append(
                PlaybookStep(text=plain(text), owner=owner, due=when, role=role, stage=line.heading[:_LONGEST_HEADING])
            )

    def _judge(self, at: int, text: str, start: int) -> None:
        act = forbidden_act(text)
        if act:
            offset = max(self._lines[at].find(act), start)
            hint = _OPEN_HINT.format(never=SECTIONS["never"][self._language])
            self._fault(at, offset, f"`{act}`: a step never deletes, hides or threatens criticism", hint)

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

    def _question(self, at: int, text: str) -> None:
        found = _QUESTION.fullmatch(self._whole(at, text))
        if found is not None:
            self.questions.append(Question(question=plain(found["question"]), answer=plain(found["answer"])))

    def _statement(self, quoted: Sequence[Line]) -> None:
        text = "\n".join(line.text[1:].strip() for line in quoted)
        if not text.strip():
            return
        title = quoted[0].below or quoted[0].heading
        self.statements.append(parse_statement(plain(text), key=str(len(self.statements) + 1), title=title))

    def _holes(self) -> None:
        """Every field and variable that is none, and fields where nothing is to be filled in."""
        for line in self._walk():
            for hole in holes(line.text):
                if hole.wrong:
                    self._fault(line.at, hole.start, hole.wrong, hole.hint)
                elif hole.kind is not None and line.section not in ("statement", "questions"):
                    message = "a field that nobody will be asked to fill"
                    self._fault(line.at, hole.start, message, "fields stand in statements and in answers")

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


def plain(text: str) -> str:
    """Markdown as plain text: emphasis dropped, links with their address behind them where it leads elsewhere."""
    return _EMPHASIS.sub(r"\2", _LINK.sub(_linked, text)).strip()


def _linked(link: re.Match[str]) -> str:
    return f"{link[1]} ({link[2]})" if _ELSEWHERE.match(link[2]) else link[1]
