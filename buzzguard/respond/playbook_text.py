"""Texts of playbooks: fields to confirm or strike, the incident's variables, and what a filled statement says.

`{{confirm: what}}`, `{{unknown: what}}` and `{{fill: what}}` are fields, `{{topic}}` is a variable. Values come from
outside, so they are put in once (never read again for fields or variables) and can forge neither lines nor Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from buzzguard.config.words import suggest
from buzzguard.model import FieldKind, Record, Statement, StatementField
from buzzguard.respond.playbook_words import KINDS, VARIABLES

LONGEST_VALUE = 120
_LONGEST_READ = 10_000
_BRACES = re.compile(r"\{\{(?P<inside>[^{}\n]{0,200})\}\}|\{\{|\}\}")
_INSIDE = re.compile(r"\s*(?:(?P<kind>\w+)\s*:\s*(?P<what>\S.*?)|(?P<name>\w+))\s*")
_FORGES = re.compile(r"([\\`*_{}\[\]()<>#+.!|~@=-])")
_SENTENCE = re.compile(r"(?<=[.!?…])(?:[\u00a0\u202f ]?[»”])?\s+(?=[A-ZÀ-ÖØ-Þ«“\"—\x02])")
_SPACE_BEFORE_STOP = re.compile(r" +([.,])")


class Hole(NamedTuple):
    """What stands between double braces: a field (`kind`, `what`), a variable (`name`), or neither (`wrong`)."""

    start: int
    end: int
    kind: FieldKind | None = None
    what: str = ""
    name: str = ""
    wrong: str = ""
    hint: str = ""


def holes(text: str) -> Iterator[Hole]:
    """All that stands between double braces in a text, in its order."""
    for found in _BRACES.finditer(text):
        inside = _INSIDE.fullmatch(found["inside"] or "")
        if inside is None:
            hint = "write {{topic}} or {{confirm: what happened}}, on one line"
            yield Hole(found.start(), found.end(), wrong=f"`{found.group()}` is no field", hint=hint)
        elif inside["name"]:
            yield _variable(found, inside["name"])
        else:
            yield _field(found, inside["kind"], " ".join(inside["what"].split()))


def _variable(found: re.Match[str], name: str) -> Hole:
    if name in VARIABLES:
        return Hole(found.start(), found.end(), name=name)
    if name in KINDS:
        return Hole(found.start(), found.end(), wrong=f"`{name}` what?", hint=f"write {{{{{name}: what happened}}}}")
    hint = suggest(name, VARIABLES) or f"there are {', '.join(VARIABLES)}"
    return Hole(found.start(), found.end(), wrong=f"nothing fills in `{name}`", hint=hint)


def _field(found: re.Match[str], kind: str, what: str) -> Hole:
    if kind in KINDS:
        return Hole(found.start(), found.end(), kind=KINDS[kind], what=what)
    hint = suggest(kind, KINDS) or "a field begins with confirm, unknown or fill"
    return Hole(found.start(), found.end(), wrong=f"`{kind}` is no kind of field", hint=hint)


def fill_in(text: str, values: Mapping[str, str], *, markdown: bool = False) -> str:
    """`text` with the incident's variables put in; one that `values` lack, and every field, stays as it is written.

    With `markdown` the values are escaped for Markdown, else they are plain text on one line.
    """
    shown: Callable[[str], str] = _escaped if markdown else one_line
    return _replaced(text, lambda hole: shown(values[hole.name]) if hole.name in values else None)


def _replaced(text: str, by: Callable[[Hole], str | None]) -> str:
    parts, end = [], 0
    for hole in holes(text):
        said = by(hole)
        if said is not None:
            parts += [text[end : hole.start], said]
            end = hole.end
    return "".join([*parts, text[end:]])


def one_line(value: str, *, longest: int = LONGEST_VALUE) -> str:
    """A value as plain text on one line, at most `longest` characters, braces apart so that it is no field."""
    line = clean_line(value[: 4 * longest])
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def clean_line(value: str) -> str:
    """As `one_line`, but cut only where nobody reads any more: whoever asks can tell that it is too long."""
    printable = "".join(character if character.isprintable() else " " for character in value[:_LONGEST_READ])
    return " ".join(printable.split()).replace("{{", "{ {").replace("}}", "} }")


def _escaped(value: str) -> str:
    return _FORGES.sub(r"\\\1", one_line(value))


def parse_statement(text: str, *, key: str, title: str) -> Statement:
    """A statement out of its text, paragraphs parted by empty lines. What is no field stays text."""
    keys: dict[tuple[FieldKind, str], str] = {}
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
    return Statement(
        key=key, title=title, paragraphs=tuple(tuple(_parts(one, keys)) for one in paragraphs if one.strip())
    )


def _parts(text: str, keys: dict[tuple[FieldKind, str], str]) -> Iterator[str | StatementField]:
    end = 0
    for hole in holes(text):
        if hole.kind is None:
            continue
        if text[end : hole.start]:
            yield text[end : hole.start]
        key = keys.setdefault((hole.kind, hole.what.casefold()), str(len(keys) + 1))
        yield StatementField(key=key, kind=hole.kind, what=hole.what)
        end = hole.end
    if text[end:]:
        yield text[end:]


class Filled(Record, frozen=True, kw_only=True):
    """A statement as far as it is filled. `missing` are the fields neither filled nor struck: with any of them left
    nobody may approve it, and `text` shows them in brackets."""

    text: str
    missing: tuple[StatementField, ...] = ()


def complete(
    statement: Statement,
    answers: Mapping[str, str | None],
    values: Mapping[str, str],
    *,
    longest: int = LONGEST_VALUE,
) -> Filled:
    """Fill a statement: `answers` by the fields' keys, None where a field is struck; `values` for its variables.

    A struck field takes its sentence with it: half a sentence is no statement. An answer of which nothing can be read
    is none; one is cut after `longest` characters.
    """
    struck = {key for key, answer in answers.items() if answer is None}
    lines = {key: one_line(answer, longest=longest) for key, answer in answers.items() if answer is not None}
    given = {key: line for key, line in lines.items() if line}
    paragraphs = [_kept(paragraph, struck) for paragraph in statement.paragraphs]
    fields = {field.key: field for field in statement.fields}
    standing = [key for key in fields if any(f"\x02{key}\x03" in paragraph for paragraph in paragraphs)]
    shown = {key: given.get(key, f"[{fields[key].what}]") for key in standing}
    text = "\n\n".join(_said(paragraph, shown, values) for paragraph in paragraphs if paragraph)
    return Filled(text=text, missing=tuple(fields[key] for key in standing if key not in given))


def _kept(paragraph: tuple[str | StatementField, ...], struck: set[str]) -> str:
    """A paragraph, its fields as marks, without the sentences that hold a struck field."""
    text = "".join(
        part.replace("\x02", "").replace("\x03", "") if isinstance(part, str) else f"\x02{part.key}\x03"
        for part in paragraph
    )
    ends = [found.end() for found in _SENTENCE.finditer(text)]
    sentences = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return "".join(one for one in sentences if not any(f"\x02{key}\x03" in one for key in struck)).strip()


def _said(paragraph: str, shown: Mapping[str, str], values: Mapping[str, str]) -> str:
    text = fill_in(paragraph, values)
    for key, value in shown.items():
        text = text.replace(f"\x02{key}\x03", value)
    return _SPACE_BEFORE_STOP.sub(r"\1", text)
