"""A report before it is shown: headings, lines and tables in one language, fit for Markdown and for a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from buzzguard.deliver.escape import JOINER
from buzzguard.model import Page, Table

if TYPE_CHECKING:
    from jinja2 import Environment

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_LEADS = re.compile(r"^(\d{1,9})([.)])|^([-+=])")
_ADDRESS = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=www)\.")
_NAME = re.compile(r"@(?=\w)")


def as_markdown(page: Page) -> str:
    """The report in Markdown (CommonMark with tables); nothing in it formats, links or names anybody by accident."""
    return "\n".join(_markdown(page)).rstrip("\n") + "\n"


def as_html(page: Page) -> str:
    """The report as a page in one file: no script, nothing fetched."""
    return _environment().get_template("report.html.j2").render(page=page)


def escaped(text: str) -> str:
    """A text as it reads, for any place in Markdown."""
    line = _MARKS.sub(r"\\\g<0>", " ".join(text.split(" ")).replace("\n", " "))
    line = _ADDRESS.sub(r"\\\g<0>", line)
    line = _LEADS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", line)
    return _NAME.sub(f"@{JOINER}", line)


def _markdown(page: Page) -> Iterator[str]:
    yield f"# {escaped(page.title)}"
    yield ""
    if page.subtitle:
        yield from (escaped(page.subtitle), "")
    for caveat in page.caveats:
        yield from (f"> {escaped(caveat)}", "")
    for section in page.sections:
        yield from (f"## {escaped(section.title)}", "")
        if section.lines:
            yield from (f"- {escaped(line)}" for line in section.lines)
            yield ""
        if section.table is not None:
            yield from _markdown_table(section.table)
            yield ""
        if section.note:
            yield from (f"*{escaped(section.note)}*", "")
    if page.footer:
        yield from ("---", "", escaped(page.footer))


def _markdown_table(table: Table) -> Iterator[str]:
    yield _row(table.heads)
    yield _row(["---:" if at in table.numbers else "---" for at in range(len(table.heads))], raw=True)
    for row in table.rows:
        yield _row(row)


def _row(cells: Sequence[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else escaped(cell) for cell in cells)} |"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("buzzguard.cli", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
