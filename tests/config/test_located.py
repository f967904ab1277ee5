"""Every value knows where it stands, and every fault is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.located import parse_yaml, read_yaml
from buzzguard.errors import ConfigError

DOCUMENT = """\
topics:
  acme:
    name: "Acmé"
    words: [one, two]
streams: {blog: {every: 5m}}
"""


def test_each_value_has_its_line_and_column() -> None:
    located = parse_yaml(DOCUMENT, file="f.yml")
    assert located.place(("topics", "acme", "name")) == (3, 11)
    assert located.place(("topics", "acme", "words", 1)) == (4, 18)
    assert located.place(("streams", "blog", "every")) == (5, 25)


def test_each_key_has_its_line_and_column() -> None:
    located = parse_yaml(DOCUMENT, file="f.yml")
    assert located.key_place(("topics", "acme", "name")) == (3, 5)
    assert located.key_place(("streams", "blog", "every")) == (5, 18)
    assert located.key_place(("topics", "acme", "words", 1)) == (4, 18)
    assert located.key_place(()) == (1, 1)


def test_what_is_absent_stands_where_its_nearest_ancestor_stands() -> None:
    located = parse_yaml(DOCUMENT, file="f.yml")
    assert located.place(("topics", "acme", "query", 3)) == (3, 5)
    assert located.key_place(("topics", "acme", "query", 3)) == (2, 3)
    assert located.place(("nothing",)) == (1, 1)


@pytest.mark.parametrize(
    "written",
    [
        "a: one\n  two three\n",
        "a: >\n  one\n  two\n\n  three\n",
        "a: |\n  one\n    two\n\n  three\n",
        "a: 'it''s one, three'\n",
        'a: "\\u00e9 \\"one\\" \\\n   three"\n',
        "a: one three\n",
    ],
)
def test_a_character_of_a_text_is_found_however_the_text_is_written(written: str) -> None:
    located = parse_yaml(written, file="f.yml")
    offset = str(located.get(("a",))).index("three")
    line, column = located.place_in_text(("a",), offset)
    assert written.splitlines()[line - 1][column - 1 :].startswith("three")


def test_a_file_that_is_not_utf8_is_refused_with_the_place_of_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "latin.yml"
    file.write_bytes("a: 1\nname: café".encode("latin-1"))
    with pytest.raises(ConfigError) as raised:
        read_yaml(file)
    assert str(raised.value) == f"{file}:2:10: the byte 0xE9 is not UTF-8 (save the file as UTF-8)"


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: no such file or directory"):
        read_yaml(tmp_path / "nowhere.yml")
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        read_yaml(tmp_path)
    large = tmp_path / "large.yml"
    large.write_text("#" * 3_000_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="is larger than 2 MiB"):
        read_yaml(large)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "bom.yml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(file).place(("a",)) == (1, 4)


@given(st.text(st.characters(), max_size=200) | st.text("ab:-&*<>|'\"[]{}\n\t #!%@", max_size=60))
def test_no_text_raises_anything_but_config_error(text: str) -> None:
    try:
        located = parse_yaml(text, file="f.yml")
    except ConfigError as error:
        assert all(fault.line >= 1 and fault.column >= 1 for fault in error.faults)
        assert error.faults
    else:
        assert located.place(()) >= (1, 1)


@given(
    text=st.text("ab 'é\"\\:#\n\t—", min_size=1, max_size=40),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    unicode=st.booleans(),
)
def test_a_letter_of_a_text_is_found_in_every_style(text: str, style: str | None, unicode: bool) -> None:
    written = yaml.safe_dump({"key": [text]}, default_style=style, width=20, allow_unicode=unicode)
    located = parse_yaml(written, file="f.yml")
    value = str(located.get(("key", 0)))
    for offset, character in enumerate(value):
        if character in "ab":
            line, column = located.place_in_text(("key", 0), offset)
            assert written.split("\n")[line - 1][column - 1] == character
