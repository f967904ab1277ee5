"""A document of our own making, before it is shown anywhere."""

from __future__ import annotations

from buzzguard.model.base import Language, Record


class Table(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Rows of texts below their heads; `numbers` are the columns set to the right."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


class Section(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a page: lines below a heading, then a table, then a note in small print."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    note: str = ""


class Page(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A whole page. All texts are data: whoever shows them escapes them. `svg` alone is markup of our own."""

    language: Language
    title: str
    subtitle: str = ""
    caveats: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: str = ""
    svg: str = ""
    svg_title: str = ""
