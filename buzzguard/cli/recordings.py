"""Recordings as commands read them, and the settings under which they are played where none are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from buzzguard.errors import BuzzguardError
from buzzguard.model import Fault, Mention

if TYPE_CHECKING:
    from buzzguard.assembly import Assembly

_MOST_TOPICS = 500
_FAULTS_SHOWN = 5


class Recordings:
    """Several recordings read as one; `faults` are the first rows that could not be read, `fault_count` all of them."""

    def __init__(self, paths: Sequence[Path], mapping: Path | None) -> None:
        from buzzguard.collect.recording import load_mapping

        self._paths = paths
        self._mapping = load_mapping(mapping) if mapping else None
        self.faults: list[Fault] = []
        self.fault_count = 0

    def mentions(self) -> Iterator[Mention]:
        """From the beginning, in order of publication."""
        from buzzguard.collect.recording import merge_recordings, read_recording

        self.faults, self.fault_count = [], 0
        return merge_recordings([read_recording(path, self._mapping, faults=self._fault) for path in self._paths])

    def topics(self) -> dict[str, dict[str, str]]:
        """The topics that the recordings' own column names, found by reading them once."""
        return topics_named(self.mentions())

    def _fault(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < _FAULTS_SHOWN:
            self.faults.append(fault)


def topics_named(mentions: Iterable[Mention]) -> dict[str, dict[str, str]]:
    """The topics that mentions name, as a configuration has them. Raises BuzzguardError for too many."""
    names: dict[str, str] = {}
    for name in chain.from_iterable(mention.topics for mention in mentions):
        names.setdefault(name, name)
        if len(names) > _MOST_TOPICS:
            raise BuzzguardError(f"the recording names more than {_MOST_TOPICS} topics: check the mapping's `topics`")
    return {name: {"name": name.replace("-", " ").title(), "query": f'"{name}"'} for name in names}


def topics_of(queries: Iterable[str]) -> dict[str, dict[str, str]]:
    """Topics from boolean queries, as a configuration has them."""
    return {f"topic-{number}": {"name": query, "query": query} for number, query in enumerate(queries, start=1)}


def assemble_shipped(topics: dict[str, dict[str, str]], language: str | None) -> Assembly:
    """The shipped rules over these topics. Raises BuzzguardError when there are none, ConfigError for a bad query."""
    from buzzguard.assembly import assemble
    from buzzguard.config.settings import Settings
    from buzzguard.config.shipped import shipped_rules

    if not topics:
        raise BuzzguardError(
            "the recording names no topics: say what to watch with --topic 'QUERY', or give a configuration with -c"
        )
    settings = Settings.model_validate(
        {
            "language": language or "en",
            "topics": topics,
            "rules": (str(shipped_rules()),),
            "notifiers": {"console": {"kind": "console"}},
            "receivers": {"terminal": {"notifier": "console"}},
        }
    )
    return assemble(settings, Path())
