"""A playbook's Markdown as Slack shows it: as Slack's own markup for a message, and without dead links for a canvas."""

from __future__ import annotations

import re

from buzzguard.deliver.escape import truncate, units

LONGEST_SECTION = 2_900
MOST_TEXT = 11_000
"""Of one message, all its sections together."""
LONGEST_CANVAS = 90_000
_NOWHERE = re.compile(r"\[([^\]\n]{1,300})\]\((?!https?://)[^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]{1,300})\]\((https?://[^)\s|<>]{1,600})\)")
_BACKSLASH = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_LOOKALIKES = {"*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼"}
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_BOX = re.compile(r"^(\s*)[-*]\s+\[( |x|X)\]\s+")
_ITEM = re.compile(r"^(\s*)[-*]\s+")
_RULER = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_BOLD = re.compile(r"\*\*(?=\S)(.{1,300}?\S?)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300}?)\*(?![\w*])")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOLD_MARK = "\ue000"
_FIELD = re.compile(r"\{\{\s*(?P<kind>[a-z]{1,20})\s*:\s*(?P<what>[^{}]{1,400}?)\s*\}\}")
_WRAP = re.compile(r"\s*\n(?:\s*>)?\s*")
_FIELDS = {
    "confirm": "to confirm: ",
    "unknown": "not known yet: ",
    "fill": "to fill in: ",
    "confirmer": "à confirmer\u00a0: ",
    "inconnu": "pas encore connu\u00a0: ",
    "remplir": "à remplir\u00a0: ",
}
"""What people are to put into a statement, by the word of its field."""


def for_canvas(text: str) -> str:
    """The Markdown for a canvas: links that lead to files beside it become their words; cut at a line when endless."""
    sound = _sound(text)
    if len(sound) <= LONGEST_CANVAS:
        return sound
    return f"{sound[:LONGEST_CANVAS].rpartition(chr(10))[0]}\n\n…\n"


def as_sections(text: str) -> list[str]:
    """The Markdown as texts in Slack's markup, each fit for a section; nothing in it pings or breaks out."""
    sections: list[str] = []
    for line in _joined(_sound(text)):
        shown = truncate(_line(line), LONGEST_SECTION)
        if sections and units(sections[-1]) + units(shown) + 1 <= LONGEST_SECTION and not _HEADING.match(line):
            sections[-1] += f"\n{shown}"
        elif shown.strip():
            sections.append(shown)
    return [section.strip("\n") for section in sections]


def in_messages(sections: list[str]) -> list[list[str]]:
    """Sections shared out among messages."""
    messages: list[list[str]] = []
    room = 0
    for section in sections:
        room -= units(section)
        if not messages or room < 0 or len(messages[-1]) >= 40:
            messages.append([])
            room = MOST_TEXT - units(section)
        messages[-1].append(section)
    return messages


def _sound(text: str) -> str:
    """Without remarks and links that lead nowhere; the fields of statements in words."""
    return _FIELD.sub(_field, _NOWHERE.sub(r"\1", _COMMENT.sub("", text)))


def _field(found: re.Match[str]) -> str:
    kind = _FIELDS.get(found["kind"])
    return found[0] if kind is None else f"[{kind}{_WRAP.sub(' ', found['what'])}]"


def _joined(text: str) -> list[str]:
    """Lines, with those that only wrap joined to what they belong to; nothing empty below a heading. A table becomes a
    list, each row an item below what the columns are; of three and more each cell is named, also an empty one."""
    lines: list[str] = []
    columns: list[str] = []
    for line in text.splitlines():
        before = lines[-1] if lines else ""
        if not line.lstrip().startswith("|"):
            columns = []
        if _RULER.match(line) and before.lstrip().startswith("|"):
            columns = _split(lines.pop())
            lines += [f"*{' – '.join(filter(None, columns))}*"] if len(columns) < 3 else []
        elif columns:
            lines.append(_row(columns, _split(line)))
        elif _wraps(before, line):
            lines[-1] = f"{before} {line.strip().removeprefix('>').strip()}"
        elif line.strip() or not _HEADING.match(before):
            lines.append(line.rstrip())
    return lines


def _wraps(before: str, line: str) -> bool:
    """Whether a line only goes on with the one before: in the same paragraph, item or quote."""
    if not line.strip() or not before.strip() or _ends(before):
        return False
    quote, quoted = before.lstrip(), line.lstrip()
    if quoted.startswith(">"):
        return quote.startswith(">") and bool(quoted[1:].strip()) and bool(quote[1:].strip())
    return not _opens(line)


def _split(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|")]


def _row(columns: list[str], cells: list[str]) -> str:
    """A row of a table as an item of a list."""
    first, *rest = cells
    if len(columns) > 2:
        named = zip(columns[1:], rest, strict=False)
        rest = [f"{name}\u00a0: {cell or '…'}" if name else cell for name, cell in named]
    title = f"**{first}**" if first and "*" not in first else first
    return f"- {' – '.join(filter(None, (title, *rest)))}"


def _cells(row: str) -> str:
    """A row of what is no whole table, as one line."""
    return " – ".join(filter(None, _split(row)))


def _opens(line: str) -> bool:
    found = line.lstrip()
    return found.startswith(("#", "|", ">", "```")) or bool(re.match(r"[-*]\s|\d{1,3}[.)]\s", found))


def _ends(line: str) -> bool:
    return bool(_HEADING.match(line)) or line.lstrip().startswith("|")


def _line(line: str) -> str:
    held: list[str] = []
    line = _BACKSLASH.sub(lambda found: _hold(held, _LOOKALIKES.get(found[1], found[1])), line)
    heading = _HEADING.match(line)
    quoted = line.lstrip().startswith(">")
    line = line.lstrip()[1:].lstrip() if quoted else line
    if heading:
        line = heading[1].replace("*", "")
    elif line.lstrip().startswith("|"):
        line = f"- {_cells(line)}"
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = _BOX.sub(lambda found: f"{found[1]}{'☐' if found[2] == ' ' else '☑'} ", escaped)
    escaped = _ITEM.sub(r"\1• ", escaped)
    escaped = _LINK.sub(r"<\2|\1>", escaped)
    escaped = _ITALIC.sub(r"_\1_", _BOLD.sub(rf"{_BOLD_MARK}\1{_BOLD_MARK}", escaped)).replace(_BOLD_MARK, "*")
    for place, char in enumerate(held):
        escaped = escaped.replace(chr(0xE100 + place), {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char))
    if heading:
        return f"\n*{escaped}*"
    return f"> {escaped}" if quoted else escaped


def _hold(held: list[str], char: str) -> str:
    """A character that was escaped on purpose, kept out of the way of the marks."""
    if len(held) >= 0x700:
        return char
    held.append(char)
    return chr(0xE100 + len(held) - 1)
