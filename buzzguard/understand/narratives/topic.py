"""The narratives of one topic: each mention goes where it belongs, and what belongs together becomes one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import numpy as np

from buzzguard.model import NarrativeChange, Record, Told
from buzzguard.understand.narratives.groups import Groups, Nearest
from buzzguard.understand.narratives.story import Story
from buzzguard.understand.narratives.words import words_of

MAX_COPIES = 4_000
"""Texts of which copies are recognised, the newest."""
MAX_ALIASES = 1_000
MAX_MERGED = 20
"""Ids of absorbed narratives that a narrative names, the newest."""
MAX_CHANGES = 1_000
_HOUR = 3_600.0


class NarrativeSettings(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How narratives are told apart. The defaults were chosen on half of the airline set (`tests/bench/narratives.md`).

    A mention joins a narrative from the cosine `near` on, rather a large one than a small one by `draw`; two narratives
    from `same` on are one. What was not told again fades with `half_life` and is forgotten after `memory`. A narrative
    is shown from `smallest` mentions on; a topic holds at most `most` of them, those not yet shown among them, over at
    most `vocabulary` words.
    """

    near: float = 0.13
    draw: float = 0.5
    same: float = 0.6
    half_life: timedelta = timedelta(hours=24)
    memory: timedelta = timedelta(hours=72)
    smallest: int = 3
    most: int = 64
    vocabulary: int = 4_096


class TopicNarratives:
    """What is told of one topic. `common` are the stems that all its mentions share: its names."""

    def __init__(self, topic: str, settings: NarrativeSettings, common: frozenset[str]) -> None:
        self.topic = topic
        self.common = common
        self.stories: dict[int, Story] = {}
        self.changes: list[NarrativeChange] = []
        self._settings = settings
        self._half_life = settings.half_life.total_seconds()
        self._memory = settings.memory.total_seconds()
        self.groups = Groups(
            most=settings.most,
            vocabulary=settings.vocabulary,
            half_life=self._half_life,
            near=settings.near,
            draw=settings.draw,
        )
        self._columns: dict[str, int] = {}
        self._aliases: dict[str, str] = {}
        self._copies: dict[int, tuple[str, int]] = {}
        self._newest = float("-inf")

    def place(self, told: Told, known: str = "") -> str:
        """The id of the narrative that a mention belongs to, empty while it belongs to none that is shown.

        What was published before the memory of the newest mention belongs to none: a backdated text begins no story.

        `known` is where the mention went in an earlier life: it goes there again, under that id.
        """
        at = told.at.timestamp()
        self._keep_up(at)
        if at < self._newest - self._memory:
            return ""
        words = words_of(told.folded, self.common)
        copied, rank = self._copied(told.copy_key)
        if not words and copied is None:
            return ""
        weight = self.groups.weight_at(at) / rank
        near = self.groups.nearest(words, weight)
        column, cosine = self._column_of(told, near, copied, known)
        self.groups.join(column, near, weight)
        story = self.stories[column]
        story.add(told, at, original=rank == 1, cosine=cosine)
        self._remember(told.copy_key, story.id, rank)
        story.named = story.named or bool(known) or story.size >= self._settings.smallest
        return story.id if story.named else ""

    def column(self, id: str) -> int | None:
        """Where a narrative is now; None when it faded."""
        return self._columns.get(self._aliases.get(id, id))

    def erase(self, ids: frozenset[str]) -> int:
        """Forget texts and names of mentions; returns how many were held."""
        return sum(story.erase(ids) for story in self.stories.values())

    def _column_of(self, told: Told, near: Nearest, copied: int | None, known: str) -> tuple[int, float]:
        column, cosine = (near.column, near.cosine) if copied is None else (copied, max(near.cosine, 0.0))
        if known:
            return self._column_known(known, column), cosine
        if column < 0:
            return self._begin(_id_of(self.topic, told.id)), 1.0
        return column, cosine

    def _column_known(self, known: str, column: int) -> int:
        held = self.column(known)
        if held is not None:
            return held
        if column < 0 or self.stories[column].named:
            return self._begin(known)
        story = self.stories[column]
        del self._columns[story.id]
        self._aliases.pop(known, None)
        self._aliases[story.id] = known
        story.id = known
        self._columns[known] = column
        return column

    def _begin(self, id: str) -> int:
        column = self.groups.begin()
        if column in self.stories:
            self._fade(column)
        while id in self._columns:  # the same mention twice
            id = _id_of(id, "again")
        self._aliases.pop(id, None)
        self.stories[column] = Story(id, self._half_life)
        self._columns[id] = column
        return column

    def _fade(self, column: int) -> None:
        story = self.stories.pop(column)
        del self._columns[story.id]
        if story.named:
            self._changed("faded", story.id)

    def _changed(self, kind: str, id: str, into: str = "") -> None:
        at = datetime.fromtimestamp(self._newest, UTC)
        change = NarrativeChange(
            topic=self.topic, at=at, kind="merged" if kind == "merged" else "faded", id=id, into=into
        )
        self.changes.append(change)
        del self.changes[:-MAX_CHANGES]

    def _copied(self, key: int) -> tuple[int | None, int]:
        """The column of the text that a mention copies, and the rank of the copy: 1 for an original."""
        held = self._copies.get(key) if key else None
        if held is None:
            return None, 1
        return self.column(held[0]), held[1] + 1

    def _remember(self, key: int, id: str, rank: int) -> None:
        if not key:
            return
        self._copies.pop(key, None)
        self._copies[key] = (id, rank)
        if len(self._copies) > MAX_COPIES:
            del self._copies[next(iter(self._copies))]

    def _keep_up(self, at: float) -> None:
        """What is done once an hour of event time: forget, and make one of what became one."""
        before, self._newest = self._newest, max(self._newest, at)
        if before == float("-inf") or before // _HOUR == self._newest // _HOUR:
            return
        horizon = self._newest - self._memory
        for column in sorted(self.stories):
            if self.stories[column].last < horizon:
                self._fade(column)
                self.groups.clear(column)
            else:
                self.stories[column].forget(horizon)
        self._merge()

    def _merge(self) -> None:
        columns = sorted(column for column, story in self.stories.items() if story.named)
        if len(columns) < 2:
            return
        cosines = self.groups.cosines(columns)
        near = np.argwhere(np.triu(cosines >= self._settings.same, 1)).tolist()
        pairs = [(-float(cosines[i, j]), columns[i], columns[j]) for i, j in near]
        gone: set[int] = set()
        for _, one, other in sorted(pairs):
            if one in gone or other in gone:
                continue
            older, younger = sorted((one, other), key=lambda column: (self.stories[column].first, column))
            self._absorb(older, younger)
            gone.add(younger)

    def _absorb(self, older: int, younger: int) -> None:
        self.groups.merge(older, younger)
        story, other = self.stories[older], self.stories.pop(younger)
        story.absorb(other)
        story.merged = (*story.merged, other.id, *other.merged)[-MAX_MERGED:]
        del self._columns[other.id]
        for alias, id in self._aliases.items():
            if id == other.id:
                self._aliases[alias] = story.id
        self._aliases[other.id] = story.id
        if len(self._aliases) > MAX_ALIASES:
            del self._aliases[next(iter(self._aliases))]
        self._changed("merged", other.id, story.id)


def _id_of(topic: str, mention: str) -> str:
    return blake2b(f"{topic}\0{mention}".encode("utf-8", "replace"), digest_size=8).hexdigest()
