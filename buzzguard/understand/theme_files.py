"""Theme files: `themes/*.yml` in a rules folder, one theme each. Every fault of every file is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.located import Located, build, files_in, read_yaml
from buzzguard.config.settings import Identifier
from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from buzzguard.understand.fold import fold
from buzzguard.understand.terms import parse_term
from buzzguard.understand.themes import NONE, Theme, Themes

FOLDER = "themes"
MOST_TERMS = 2_000
MOST_EXAMPLES = 500
"""In one list: the model is made anew at each start."""
FEW_EXAMPLES = 12
"""Fewer teach little."""
LANGUAGES = ("en", "fr")
_LISTS = ("strong", "weak")

Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Phrase = Annotated[str, Field(min_length=1, max_length=80)]
Example = Annotated[str, Field(min_length=3, max_length=500)]
Terms = Annotated[tuple[Phrase, ...], Field(max_length=MOST_TERMS)]
Examples = Annotated[tuple[Example, ...], Field(max_length=MOST_EXAMPLES)]


class ThemeTitle(Frozen):
    """The title in every language that BuzzGuard speaks."""

    en: Annotated[str, Field(min_length=1, max_length=60)]
    fr: Annotated[str, Field(min_length=1, max_length=60)]


class ThemeWords(Frozen):
    """The terms of one language."""

    strong: Terms = Field(default=(), description="Each is enough by itself.")
    weak: Terms = Field(default=(), description="Two of them are enough, or one beside likeness to the examples.")


class ThemeFile(Frozen):
    """A theme as it is written. Terms: `refund` (and its plural), `refund*` (what begins so), `=pse` (that alone)."""

    id: Identifier = Field(description="The theme's name, and that of its file.")
    title: ThemeTitle = Field(description="What people read, in French and in English.")
    owner: Identifier = Field(default="communications", description="The department whose business it is.")
    words: dict[Language, ThemeWords] = Field(default={}, description="Terms by language.")
    against: dict[Language, Terms] = Field(
        default={}, description="Terms by language that speak against it, or take away a term within them."
    )
    examples: dict[Language, Examples] = Field(default={}, description="Sentences by language, as people write them.")
    unless_negated: bool = Field(default=False, description="Whether a term that is directly negated does not count.")


def theme_schema() -> dict[str, Any]:
    """The JSON Schema of a theme file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ThemeFile.model_json_schema()}


class ReadTheme(NamedTuple):
    """A theme and the file it came from, with the places of its values."""

    theme: Theme
    located: Located


def load_themes(folders: Sequence[Path]) -> Themes:
    """The themes of rules folders; of two with one name that of the earlier folder. Raises ConfigError with every
    fault. Folders without themes are passed over."""
    read, faults = read_themes(folders)
    if faults:
        raise ConfigError(faults)
    return Themes([one.theme for one in read])


def read_themes(folders: Sequence[Path]) -> tuple[list[ReadTheme], list[Fault]]:
    """The themes of rules folders that can be used, and every fault of the others."""
    read: dict[str, ReadTheme] = {}
    faults: list[Fault] = []
    for folder in folders:
        try:
            paths = files_in(folder / FOLDER, ".yml")
        except ConfigError as error:
            faults += error.faults
            continue
        for path in paths:
            one, wrong = read_theme(path)
            faults += wrong
            if one is not None:
                read.setdefault(one.theme.id, one)
    return list(read.values()), faults


def read_theme(path: Path) -> tuple[ReadTheme | None, list[Fault]]:
    """One theme file: the theme, or every fault of it."""
    try:
        located = read_yaml(path)
    except ConfigError as error:
        return None, list(error.faults)
    file, faults = build(ThemeFile, located)
    faults = [*faults, *_term_faults(located)]
    if file is not None and file.id != path.stem:
        faults.append(located.fault(("id",), f"the file is called {path.name}", f"call it {file.id}.yml"))
    if file is None or faults:
        return None, faults
    return ReadTheme(_theme(file), located), []


def _theme(file: ThemeFile) -> Theme:
    return Theme(
        id=file.id,
        title={"en": file.title.en, "fr": file.title.fr},
        owner=file.owner,
        strong={language: words.strong for language, words in file.words.items()},
        weak={language: words.weak for language, words in file.words.items()},
        against=file.against,
        examples=file.examples,
        unless_negated=file.unless_negated,
    )


def _term_faults(located: Located) -> Iterator[Fault]:
    """Terms that cannot be looked for, and those that stand twice in a theme."""
    words = located.get(("words",))
    for language in words if isinstance(words, dict) else ():
        seen: dict[str, str] = {}
        for name in _LISTS:
            yield from _list_faults(located, ("words", language, name), seen)
    against = located.get(("against",))
    for language in against if isinstance(against, dict) else ():
        yield from _list_faults(located, ("against", language), {})


def _list_faults(located: Located, path: tuple[str, ...], seen: dict[str, str]) -> Iterator[Fault]:
    terms = located.get(path)
    for index, written in enumerate(terms if isinstance(terms, list | tuple) else ()):
        if not isinstance(written, str) or not written.strip():
            continue  # pydantic says so
        try:
            parse_term(written)
        except ValueError as error:
            yield located.fault((*path, index), f"{written!r} is not a term: {error}")
            continue
        if (key := fold(written)) in seen:
            yield located.fault((*path, index), f"{written!r} stands here twice", f"keep it in {seen[key]}")
        seen.setdefault(key, path[-1])


def theme_warnings(read: Sequence[ReadTheme]) -> list[Fault]:
    """What is allowed in themes but hardly meant: too few examples, examples that the theme does not find."""
    themes = Themes([one.theme for one in read])
    return [fault for one in read for fault in (*_few(one), *_missed(one, themes))]


def _few(one: ReadTheme) -> Iterator[Fault]:
    for language in LANGUAGES:
        number = len(one.theme.examples.get(language, ()))
        if number < FEW_EXAMPLES:
            path = ("examples", language) if number else ("examples",)
            hint = f"{FEW_EXAMPLES} or more, as people write them"
            yield one.located.fault(path, f"{number} examples in {language!r} teach little", hint, key=True)


def _missed(one: ReadTheme, themes: Themes) -> Iterator[Fault]:
    if one.theme.id == NONE:
        return
    for language, examples in one.theme.examples.items():
        for index, text in enumerate(examples):
            if not any(found.id == one.theme.id for found in themes.of(fold(text), language)):
                message = f"this example is not recognised as {one.theme.id}"
                yield one.located.fault(("examples", language, index), message, "add its words, or a similar example")
