"""Gravity words: words that make a mention grave whatever its sentiment (boycott, recall, leak).

They are read from YAML: `words/gravity.yml` of a rules folder for what is grave everywhere, `words/SECTOR.yml` for what
is grave in a sector. A mention carries the names of the families found in it. A word that is directly negated, part of
an idiom, told of the past or of another brand does not count, and the judgement says which of these it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from ahocorasick_rs import AhoCorasick

from buzzguard.config.located import files_in, read_text
from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from buzzguard.understand.fold import fold
from buzzguard.understand.gravity_files import Family, GravityReader
from buzzguard.understand.negation import negated, words_before
from buzzguard.understand.setting import PLAIN, Setting, is_past, of_another

__all__ = ["Family", "GravityHit", "GravityWords", "Setting", "load_gravity", "parse_gravity", "read_gravity"]

MAX_HITS = 200
"""Occurrences judged in one text: more would say nothing new, and cost time that a hostile text could choose."""
FOLDER, GENERAL = "words", "gravity"

Reason: TypeAlias = Literal["", "negated", "idiom", "other_sense", "past", "other_brand"]


class GravityHit(NamedTuple):
    """One occurrence: the family, how grave it is (1 to 3), whether it counts, why not, and the words of the text."""

    word: str
    grade: int
    counted: bool
    reason: Reason
    form: str


class _Span(NamedTuple):
    start: int
    end: int
    family: Family


class GravityWords:
    """Finds gravity words in folded texts."""

    def __init__(self, families: Iterable[Family], idioms: Iterable[str] = ()) -> None:
        self.families = tuple(families)
        owners: dict[str, list[tuple[Family | None, bool]]] = {}
        shapes = [(family, form) for family in self.families for form in family.forms]
        for family, form in (*shapes, *((None, idiom) for idiom in idioms)):
            owners.setdefault(form.rstrip("*"), []).append((family, form.endswith("*")))
        self._owners = list(owners.values())
        self._find = AhoCorasick(list(owners)).find_matches_as_indexes

    @property
    def sectors(self) -> frozenset[str]:
        """The sectors that have words of their own."""
        return frozenset(family.sector for family in self.families if family.sector)

    def found(self, folded_text: str, setting: Setting = PLAIN) -> tuple[str, ...]:
        """The names of the families that count in the text, in order of appearance, each once."""
        return tuple(dict.fromkeys(hit.word for hit in self.judge(folded_text, setting) if hit.counted))

    def judge(self, folded_text: str, setting: Setting = PLAIN) -> tuple[GravityHit, ...]:
        """Every occurrence of a family that is grave everywhere or in the sectors of `setting`, in order.

        Of the forms of a family that lie within one another the longest is judged alone: in "never a data leak" the
        negation stands before "data leak", not before "leak".
        """
        hits = self._find(folded_text, overlapping=True)[:MAX_HITS]
        if not hits:
            return ()
        spans, idioms = self._spans(folded_text, hits, setting.sectors)
        judged = [(span.start, span.end, self._hit(folded_text, span, idioms, setting)) for span in _outermost(spans)]
        judged.sort(key=lambda one: (one[0], one[1], one[2].word))
        return tuple(hit for _, _, hit in judged)

    def _spans(
        self, text: str, hits: Sequence[tuple[int, int, int]], sectors: frozenset[str]
    ) -> tuple[list[_Span], list[tuple[int, int]]]:
        """What is found, and the idioms; nothing that lies within a longer word."""
        spans: list[_Span] = []
        idioms: list[tuple[int, int]] = []
        for shape, start, end in hits:
            if start and _in_word(text[start - 1]):
                continue
            whole = end == len(text) or not _in_word(text[end])
            for family, prefix in self._owners[shape]:
                if not (whole or prefix):
                    continue
                if family is None:
                    idioms.append((start, end))
                elif not family.sector or family.sector in sectors:
                    spans.append(_Span(start, end, family))
        return spans, idioms

    def _hit(self, text: str, span: _Span, idioms: list[tuple[int, int]], setting: Setting) -> GravityHit:
        start, end, family = span
        reason = _reason(text, span, idioms, setting)
        while end < len(text) and _in_word(text[end]):
            end += 1
        return GravityHit(family.name, family.grade, not reason, reason, text[start:end])


def _outermost(spans: list[_Span]) -> list[_Span]:
    spans.sort(key=lambda span: span.start - span.end)
    kept: list[_Span] = []
    for span in spans:
        inside = (o.family.name == span.family.name and o.start <= span.start and span.end <= o.end for o in kept)
        if not any(inside):
            kept.append(span)
    return kept


def _reason(text: str, span: _Span, idioms: list[tuple[int, int]], setting: Setting) -> Reason:
    start, end, family = span
    if any(begin < end and start < stop for begin, stop in idioms):
        return "idiom"
    if family.unless_after and words_before(text, start)[-1:] and words_before(text, start)[-1] in family.unless_after:
        return "other_sense"
    if negated(text, start):
        return "negated"
    if of_another(text, start, end, setting):
        return "other_brand"
    return "past" if is_past(text, start, end, setting) else ""


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def parse_gravity(yaml_text: str, *, file: str = "gravity.yml", sector: str = "") -> GravityWords:
    """Read a gravity file, all of whose words belong to `sector`. Raises `ConfigError` with every fault and its
    place."""
    reader = GravityReader(file, sector=sector)
    families = list(reader.families(yaml_text))
    if reader.faults:
        raise ConfigError(reader.faults)
    return GravityWords(families, reader.idioms)


def load_gravity(folders: Sequence[Path]) -> GravityWords:
    """The gravity words of rules folders. Raises `ConfigError` with every fault of every file."""
    words, faults = read_gravity(folders)
    if faults:
        raise ConfigError(faults)
    return words


def read_gravity(folders: Sequence[Path]) -> tuple[GravityWords, list[Fault]]:
    """What can be read of the gravity words of rules folders, and every fault.

    Of two files with one name that of the earlier folder is read: a team's own list replaces the shipped one.
    """
    files: dict[str, Path] = {}
    families: list[Family] = []
    idioms: list[str] = []
    faults: list[Fault] = []
    for folder in folders:
        try:
            files = {path.stem: path for path in files_in(folder / FOLDER, ".yml")} | files
        except ConfigError as error:
            faults += error.faults
    for name, path in sorted(files.items()):
        reader = GravityReader(str(path), sector="" if name == GENERAL else fold(name))
        try:
            families += reader.families(read_text(path))
        except ConfigError as error:
            faults += error.faults
        idioms += reader.idioms
        faults += reader.faults
    return GravityWords(families, dict.fromkeys(idioms)), faults
