"""YAML with places: what a person wrote, and the line and column of each value of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import TypeAlias

from msgspec.structs import replace

from buzzguard.config.explain import build
from buzzguard.config.nodes import Lines, Node, Reader
from buzzguard.config.words import listed, show, suggest
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

__all__ = [
    "Located",
    "Path",
    "build",
    "files_in",
    "inspect_yaml",
    "is_folder",
    "listed",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "show",
    "suggest",
]

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys and places in lists, `("streams", "blog", "topics", 0)`."""

MOST_BYTES = 2 * 1024 * 1024
"""No file that people write is larger."""
_AS_WHOM = "the user that BuzzGuard runs as must be able to read it"


class Located:
    """Parsed YAML that knows where each value stands. `file` is the name that faults carry."""

    def __init__(self, root: Node, *, text: str, file: str) -> None:
        self.file = file
        self.value: object = root.plain()
        self._root = root
        self._text = text
        self._lines = Lines(text)

    def get(self, path: Path) -> object:
        """The plain value at `path`; None when there is none."""
        node = self._walk(path)
        return node.plain() if node else None

    def has(self, path: Path) -> bool:
        """Whether something is written at `path` (it may be nothing: `key:`)."""
        return self._walk(path) is not None

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`; of its nearest ancestor when there is none."""
        node = self._walk(path)
        while node is None:
            path = path[:-1]
            node = self._walk(path)
        return self._lines.place(node.start)

    def key_place(self, path: Path) -> tuple[int, int]:
        """Line and column of the key that leads to the value at `path`.

        For an item of a list, the item; for a path that is absent, the key of its nearest ancestor; for the whole
        document, its beginning.
        """
        while path:
            parent = self._walk(path[:-1])
            if parent is not None and parent.fields is not None and path[-1] in parent.fields:
                return self._lines.place(parent.fields[str(path[-1])][0].start)
            if parent is not None and isinstance(path[-1], int) and parent.child(path[-1]) is not None:
                return self.place(path)
            path = path[:-1]
        return 1, 1

    def place_in_text(self, path: Path, offset: int) -> tuple[int, int]:
        """Line and column of the character `offset` (from 0) of the text at `path`, however the text is quoted."""
        node = self._walk(path)
        if node is None or not isinstance(node.value, str):
            return self.place(path)
        return self._lines.place(_raw_index(self._text, node, min(offset, len(node.value))))

    def fault(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Fault:
        """A fault of the value at `path` (of its key when `key`)."""
        line, column = self.key_place(path) if key else self.place(path)
        return Fault(file=self.file, line=line, column=column, message=message, hint=hint)

    def written(self, path: Path) -> str:
        """The value at `path` as it is written, quotes and all; empty for sections, lists and nothing."""
        node = self._walk(path)
        scalar = node is not None and node.fields is None and node.items is None
        return self._text[node.start : node.end] if node and scalar else ""

    def _walk(self, path: Path) -> Node | None:
        node: Node | None = self._root
        for step in path:
            node = node.child(step) if node else None
        return node


def _raw_index(text: str, node: Node, offset: int) -> int:
    """Where the character `offset` of a scalar's value stands in the file.

    Folding and indentation change white space alone, so the visible characters of the value are those of the file,
    in order: count them. White space stands after the visible character before it.
    """
    value = str(node.value)
    visible = sum(not character.isspace() for character in value[:offset])
    at_visible = offset < len(value) and not value[offset].isspace()
    after = node.start + (node.style in ("'", '"'))
    for number, (start, end) in enumerate(_visible_units(text, node)):
        if number == visible and at_visible:
            return start
        if number == visible:
            break
        after = end
    return after


def _visible_units(text: str, node: Node) -> Iterator[tuple[int, int]]:
    """The spans in the file that make one visible character of a scalar each."""
    raw = node.start + (node.style in ("'", '"'))
    if node.style in ("|", ">"):
        raw = text.find("\n", raw, node.end) + 1 or raw
    while raw < node.end:
        width = _width(text, raw, node.style)
        if not _is_blank(text[raw : raw + width]):
            yield raw, raw + width
        raw += width


def _width(text: str, raw: int, style: str) -> int:
    """How many characters of the file make the one character of the value that stands at `raw`."""
    if style == "'" and text.startswith("''", raw):
        return 2
    if style != '"' or text[raw] != "\\":
        return 1
    return {"x": 4, "u": 6, "U": 10}.get(text[raw + 1 : raw + 2], 2)


def _is_blank(unit: str) -> bool:
    """Whether a character, or an escape of double quotes, is white space."""
    if len(unit) == 1:
        return unit.isspace()
    if len(unit) > 2:
        return chr(int(unit[2:], 16)).isspace()
    return unit[0] == "\\" and unit[1] in " \t\ntnrvfNL_P\r"


def inspect_yaml(text: str, *, file: str) -> tuple[Located | None, list[Fault]]:
    """Read as much of one YAML document as can be read, and list what is wrong with it.

    The `Located` is None when nothing could be read; with faults it lacks the values that they name.
    """
    text = text.removeprefix("\ufeff")
    reader = Reader(text, file=file)
    reader.read()
    if reader.root is not None:
        return Located(reader.root, text=text, file=file), reader.faults
    empty = Fault(file=file, line=1, column=1, message="the file is empty", hint="")
    return None, reader.faults or [empty]


def parse_yaml(text: str, *, file: str) -> Located:
    """Read one YAML document. Raises ConfigError with every fault that can be told at once."""
    located, faults = inspect_yaml(text, file=file)
    if faults or located is None:
        raise ConfigError(faults)
    return located


def read_yaml(file: FilePath) -> Located:
    """Read one YAML file of at most 2 MiB of UTF-8. Raises ConfigError, also when the file cannot be read."""
    return parse_yaml(read_text(file), file=str(file))


def read_text(file: FilePath) -> str:
    """The text of a file that a person wrote. Raises ConfigError when it is missing, too large or not UTF-8."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigError([_closed(file, error)]) from error
    if len(content) > MOST_BYTES:
        raise ConfigError([_whole_file(file, f"is larger than {MOST_BYTES // 1024 // 1024} MiB")])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = Lines(before := content[: error.start].decode("utf-8")).place(len(before))
        message = f"the byte 0x{content[error.start]:02X} is not UTF-8"
        fault = Fault(file=str(file), line=line, column=column, message=message, hint="save the file as UTF-8")
        raise ConfigError([fault]) from error


def files_in(folder: FilePath, suffix: str) -> list[FilePath]:
    """What a folder holds whose names end so, by name; nothing where there is no such folder.

    Raises ConfigError for a folder that may not be read: what lies in it would be passed over in silence.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.name.endswith(suffix))
        if found:
            found[0].lstat()  # a folder may be listed and yet not entered
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise ConfigError([_closed(folder, error)]) from error
    return found


def is_folder(folder: FilePath) -> bool:
    """Whether there is such a folder. Raises ConfigError when that may not be looked at."""
    try:
        return folder.is_dir()
    except OSError as error:
        raise ConfigError([_closed(folder, error)]) from error


def _closed(folder: FilePath, error: OSError | ValueError) -> Fault:
    fault = _whole_file(folder, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}")
    return replace(fault, hint=_AS_WHOM) if isinstance(error, PermissionError) else fault


def _whole_file(file: FilePath, message: str) -> Fault:
    return Fault(file=str(file), line=0, column=0, message=message)
