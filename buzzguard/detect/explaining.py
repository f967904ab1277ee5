"""All that the bank knows of one topic at one instant, as records for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from buzzguard.detect.bank import CRISIS, REMEMBERED, SCORED, Bank, Facts
from buzzguard.detect.calendar import Calendar
from buzzguard.detect.episodes import MEMORY
from buzzguard.detect.learning import Learning
from buzzguard.detect.scan import Array
from buzzguard.detect.told import Told, instant, period
from buzzguard.model import (
    MEASURED,
    WINDOWS,
    Explanation,
    PastEpisode,
    Samples,
    ScaleReading,
    Signal,
    SignalReading,
)

SEASON = 90.0
_WEEK = float(np.log10(7.0))
_MOST_PAST = 12


class Explaining:
    """Reads a bank for people."""

    def __init__(self, bank: Bank, calendar: Calendar, needed: timedelta, version: str) -> None:
        self._bank, self._calendar = bank, calendar
        self._needed, self._version = needed, version

    def explanation(
        self,
        topic: str,
        row: int,
        *,
        facts: Facts,
        told: Told,
        samples: Sequence[Samples],
        became: Sequence[Learning],
    ) -> Explanation:
        """What is known of a topic (row `row` of the bank), of which `told` was judged from `facts`."""
        watched = float(self._bank.known[row])
        holiday = self._calendar.holiday(topic, facts.minute - 1)
        return Explanation(
            topic=topic,
            at=instant(facts.minute),
            detector=self._version,
            watched=timedelta(days=watched),
            needed=self._needed,
            mentions=float(self._bank.baselines.seen[row, 0]),
            trust=timedelta(days=watched * self._bank.trust),
            signals=tuple(self._signal(signal, row, facts.minute, told, became) for signal in SCORED),
            known=min((one.known for one in samples), default=1.0),
            planned=tuple((event.name, event.expect) for event in self._calendar.events(topic, facts.minute - 1)),
            holiday="" if holiday is None else holiday["en"],
        )

    def _signal(self, signal: Signal, row: int, minute: int, told: Told, became: Sequence[Learning]) -> SignalReading:
        index = SCORED.index(signal)
        sheet = told.sheet
        alone = sheet.verdict.fused[sheet.row] if index == CRISIS else sheet.verdict.read[sheet.row, index]
        decided = np.argsort(-alone, kind="stable")[:2]
        measured = index < len(MEASURED)
        first = told.at(int(decided[0]))[signal]
        return SignalReading(
            signal=signal,
            once_per=period(float(sheet.verdict.periods[sheet.row, index])),
            decided_by=tuple(WINDOWS[each] for each in sorted(decided)),
            scales=tuple(self._scale(signal, index, row, window, told, alone) for window in range(len(WINDOWS))),
            past=() if index == CRISIS else self._past(row, index, minute),
            per_season=self._per_season(row, index),
            own=float(self._bank.tails.own(row)[index]),
            learning=became[index].value if measured else "",
            adopted_at=self._adopted(row, index, minute) if measured else None,
            parts=first.parts,
        )

    def _scale(self, signal: Signal, index: int, row: int, window: int, told: Told, alone: Array) -> ScaleReading:
        sheet = told.sheet
        seen = told.at(window)[signal]
        law = float(alone[window]) if index == CRISIS else float(sheet.verdict.law[sheet.row, index, window])
        known = 0 if index == CRISIS else int(self._counted(row, index, window))
        return ScaleReading(
            window=WINDOWS[window],
            observed=seen.observed,
            expected=seen.expected,
            low=max(0.0, 2.0 * seen.expected - seen.high) if index != CRISIS else 0.0,
            high=seen.high,
            law=period(law),
            alone=period(float(alone[window])),
            episodes=known,
        )

    def _counted(self, row: int, channel: int, window: int) -> int:
        return int(np.isfinite(self._bank.episodes.peaks[row, channel, window]).sum())

    def _past(self, row: int, channel: int, minute: int) -> tuple[PastEpisode, ...]:
        """The largest remembered episodes, the newest first."""
        episodes = self._bank.episodes
        found = []
        for window in range(len(WINDOWS)):
            peaks, ended = episodes.peaks[row, channel, window], episodes.ended[row, channel, window]
            kept = np.isfinite(peaks) & (ended >= minute - MEMORY)
            found += [(float(peak), int(end), window) for peak, end in zip(peaks[kept], ended[kept], strict=True)]
        found.sort(reverse=True)
        newest = sorted(found[:_MOST_PAST], key=lambda one: -one[1])
        return tuple(
            PastEpisode(at=instant(end), window=WINDOWS[window], law=period(peak)) for peak, end, window in newest
        )

    def _per_season(self, row: int, index: int) -> float:
        """Episodes of once in a week or rarer, by the score's own word, in 90 days of this topic's tail."""
        return SEASON * float(self._bank.tails.peaks_a_day(row, _WEEK)[index])

    def _adopted(self, row: int, index: int, minute: int) -> datetime | None:
        since = int(self._bank.adopted[row, index])
        return instant(since) if 0 <= minute - since <= REMEMBERED else None
