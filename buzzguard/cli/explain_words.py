"""An explanation told in one language: a headline, rows, sentences. How it is drawn is left to those who draw it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from buzzguard.cli import explain_rules
from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_rules import RuleRow, lower_first
from buzzguard.cli.explain_texts import WORDS, Words
from buzzguard.deliver import wording
from buzzguard.deliver.tame import NAME, short
from buzzguard.deliver.wording import Clockface
from buzzguard.deliver.wording.quantities import WEEK, YEAR, expectation
from buzzguard.model import Explanation, Language, Record, ScaleReading, Signal, SignalReading

REMARKABLE = WEEK
"""Rarer than this is told as unusual: what lies above the usual range."""
_PREFERRED = (Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME, Signal.GRAVITY)
"""What a headline is about, of signals about as rare: people ask first what is said against them."""
_USUAL_WINDOW = timedelta(hours=1)
_MOST_EPISODES = 3
_SILENT = timedelta(hours=2)
"""A watch that left no trace for longer may not have run; windows stay open no longer for slow streams."""
_WHOLLY = 0.995
"""A window that is known as far as this is taken for wholly known."""


class SignalRow(Record, frozen=True, kw_only=True):
    """One signal on the window that tells most of it."""

    signal: Signal
    label: str
    window: str
    observed: str
    usual: str
    rarity: str
    remarkable: bool


class ScaleRow(Record, frozen=True, kw_only=True):
    """One window of a signal; `alone` and `law` are return periods, for drawing."""

    window: str
    observed: str
    usual: str
    rarity: str
    alone: timedelta
    law: timedelta
    decides: bool


class Telling(Record, frozen=True, kw_only=True):
    """All that is told, in the order in which it is read. `scales` are told of a few signals, the lead one first."""

    headline: str
    subtitle: str
    unusual: bool
    caveats: tuple[str, ...]
    rows: tuple[SignalRow, ...]
    scales: tuple[tuple[str, tuple[ScaleRow, ...]], ...]
    crisis: str
    crisis_rarity: str
    parts: tuple[tuple[str, float], ...]
    budget: str
    rules: tuple[RuleRow, ...]
    state: tuple[str, ...]
    basis: tuple[str, ...]
    words: Words


def tell(facts: Facts, language: Language, *, window: timedelta | None = None) -> Telling:
    """Tell facts in a language; `window` is the one to speak of, None for the one that tells most."""
    return _Teller(facts, language, window).told()


class _Teller:
    def __init__(self, facts: Facts, language: Language, window: timedelta | None) -> None:
        self._facts, self._language, self._window = facts, language, window
        self._own = WORDS[language]
        self._face = Clockface(language, facts.time_zone, facts.at)
        self._name = short(facts.name, NAME) or facts.topic
        self._said = facts.explanation

    def told(self) -> Telling:
        lead = lead_reading(self._said)
        crisis = next((one for one in self._said.signals if one.signal is Signal.CRISIS), None)
        return Telling(
            headline=self._headline(lead),
            subtitle=self._subtitle(),
            unusual=any(one.once_per >= REMARKABLE for one in self._said.signals),
            caveats=tuple(self._caveats()),
            rows=tuple(self._row(one) for one in self._said.signals if one.scales and one.signal is not Signal.CRISIS),
            scales=tuple((self._label(one.signal), self._scales(one)) for one in self._drawn(lead)),
            crisis=self._crisis(crisis),
            crisis_rarity=self._rarity(crisis.once_per if crisis and crisis.once_per >= REMARKABLE else timedelta(0)),
            parts=tuple((self._label_of(name), part) for name, part in (crisis.parts if crisis else {}).items()),
            budget=self._budget(),
            rules=explain_rules.rows(self._facts, self._language),
            state=tuple(explain_rules.state_lines(self._facts, self._language)),
            basis=tuple(self._basis(lead)),
            words=self._own,
        )

    # the headline

    def _headline(self, lead: SignalReading | None) -> str:
        scale = self._scale(lead) if lead else None
        if lead is None or scale is None:
            return f"{self._name}{self._own.ordinary}"
        form = self._own.headline_share if lead.signal is Signal.SHARE else self._own.headline
        usual = self._amount(lead.signal, scale.expected, usual=True)
        plural = (
            self._own.usual.one
            if round(scale.expected, 1) == 1 or lead.signal is Signal.SHARE
            else self._own.usual.many
        )
        said = form.format(
            topic=self._name,
            count=self._counted(lead.signal, scale.observed),
            last=self._own.last.get(scale.window, wording.duration(scale.window, self._language)),
            usual=plural.format(n=usual),
        )
        return said + self._verdict(lead, scale)

    def _verdict(self, lead: SignalReading, scale: ScaleReading) -> str:
        period = lead.once_per if scale.window in lead.decided_by else scale.alone
        if period < REMARKABLE:
            return self._own.fewer if scale.observed < scale.low else self._own.ordinary
        rarity = self._rarity(period)
        claimed = rarity == wording.once_in(period, self._language)
        return (self._own.happens if claimed else self._own.plain).format(rarity=rarity)

    def _counted(self, signal: Signal, value: float) -> str:
        if signal is Signal.SHARE:
            return self._amount(signal, value)
        return wording.counted(signal, value, self._language)

    def _subtitle(self) -> str:
        local = self._facts.at.astimezone(wording.zone(self._facts.time_zone))
        day = f"{self._face.day(self._facts.at)}\u00a0{local.year}"
        return self._own.at.format(day=day, time=f"{local:%H:%M}", zone=self._facts.time_zone)

    def _scale(self, reading: SignalReading) -> ScaleReading | None:
        """The window to speak of: the one asked for, of those that decided the rarest, else the last hour."""
        by_window = {scale.window: scale for scale in reading.scales}
        if self._window is not None and self._window in by_window:
            return by_window[self._window]
        decided = [by_window[one] for one in reading.decided_by if one in by_window]
        rarest = max((scale.alone for scale in decided), default=timedelta(0))
        # Of windows about as rare the longest: it tells of most of what happened.
        if rarest >= REMARKABLE and reading.once_per >= REMARKABLE:
            return max((scale for scale in decided if scale.alone >= rarest / 2), key=lambda scale: scale.window)
        return by_window.get(_USUAL_WINDOW) or next(iter(reading.scales), None)

    # rows

    def _row(self, reading: SignalReading) -> SignalRow:
        scale = self._scale(reading) or reading.scales[0]
        asked = self._window is not None and scale.window == self._window and scale.window not in reading.decided_by
        period = scale.alone if asked else reading.once_per
        return SignalRow(
            signal=reading.signal,
            label=self._label(reading.signal),
            window=wording.duration(scale.window, self._language),
            observed=self._amount(reading.signal, scale.observed),
            usual=self._usual(reading.signal, scale),
            rarity=self._rarely(period),
            remarkable=period >= REMARKABLE,
        )

    def _scales(self, reading: SignalReading) -> tuple[ScaleRow, ...]:
        return tuple(
            ScaleRow(
                window=wording.duration(scale.window, self._language),
                observed=self._amount(reading.signal, scale.observed),
                usual=self._usual(reading.signal, scale),
                rarity=self._rarely(scale.alone),
                alone=scale.alone if scale.alone >= REMARKABLE else timedelta(0),
                law=scale.law if scale.law >= REMARKABLE else timedelta(0),
                decides=scale.window in reading.decided_by and reading.once_per >= REMARKABLE,
            )
            for scale in reading.scales
        )

    def _drawn(self, lead: SignalReading | None) -> list[SignalReading]:
        """The signals whose windows are told one by one: the lead one, and the other preferred ones that are there."""
        others = [
            one
            for signal in (Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME)
            for one in self._said.signals
            if one.signal is signal and one is not lead and one.scales
        ]
        return [*([lead] if lead and lead.scales else []), *others]

    def _crisis(self, crisis: SignalReading | None) -> str:
        if crisis is None:
            return ""
        if crisis.once_per < REMARKABLE:
            return self._own.crisis_usual
        return self._own.crisis.format(rarity=self._rarity(crisis.once_per))

    def _budget(self) -> str:
        """What the budget of false alarms does to what rules read; empty when it does nothing."""
        if self._facts.factor > 0.95 or self._facts.factor <= 0:
            return ""
        return self._own.budget.format(n=wording.number(1 / self._facts.factor, self._language))

    def _usual(self, signal: Signal, scale: ScaleReading) -> str:
        low, high = (self._amount(signal, end) for end in (scale.low, scale.high))
        band = low if low == high else f"{low.removesuffix('%').rstrip() if signal is Signal.SHARE else low}–{high}"
        return f"{self._amount(signal, scale.expected, usual=True)} ({band})"

    def _amount(self, signal: Signal, value: float, *, usual: bool = False) -> str:
        if signal is Signal.SHARE:
            return self._own.percent.format(n=wording.number(round(100 * value), self._language))
        return expectation(value, self._language) if usual else wording.number(value, self._language)

    def _rarity(self, period: timedelta) -> str:
        return wording.once_in(period, self._language, learned=self._said.watched)

    def _rarely(self, period: timedelta) -> str:
        """A return period in a table: what lies within the usual range is as usual."""
        if period < REMARKABLE:
            return wording.once_in(timedelta(0), self._language)
        rarity = self._rarity(period)
        if rarity == wording.once_in(period, self._language) or self._said.watched < _USUAL_WINDOW:
            return rarity
        return self._own.never.format(span=wording.duration(self._said.watched, self._language))

    def _label(self, signal: Signal) -> str:
        return label(signal, self._language)

    def _label_of(self, name: str) -> str:
        try:
            return self._label(Signal(name))
        except ValueError:
            return short(name, NAME)

    # what it knows

    def _caveats(self) -> list[str]:
        said, told = self._said, []
        last = self._facts.last_sign
        if last is not None and self._facts.at - last > _SILENT:
            told.append(self._own.stopped.format(at=self._face.stamp(last)))
        holes = [one for one in self._facts.samples if one.known < _WHOLLY]
        if holes:
            widest = max(holes, key=lambda one: one.window)
            window, n = wording.duration(widest.window, self._language), max(1, round(100 * (1 - widest.known)))
            told.append(self._own.unknown.format(n=n, window=window))
        if said.watched < said.needed:
            learned, needed = (wording.duration(one, self._language) for one in (said.watched, said.needed))
            told.append(self._own.learning.format(learned=learned, needed=needed))
        if said.planned:
            told.append(
                wording.planned_line([(short(name, NAME), n) for name, n in said.planned], self._language) + "."
            )
        holiday = self._facts.holiday or ({self._language: said.holiday} if said.holiday else None)
        if holiday:
            told.append(f"{wording.holiday_line(holiday, self._language)}.")
        return told

    def _basis(self, lead: SignalReading | None) -> list[str]:
        said, own = self._said, self._own
        mentions = wording.counted(Signal.VOLUME, round(said.mentions), self._language)
        lines = [own.watched.format(span=wording.duration(said.watched, self._language), mentions=mentions)]
        if timedelta(0) < said.trust < YEAR:
            lines.append(own.trust.format(rarity=wording.once_in(said.trust, self._language)))
        if said.since is not None:
            why = self._own.reasons.get(said.reason, short(said.reason, NAME))
            reason = f" ({why})" if why else ""
            lines.append(own.restarted.format(at=self._face.at(said.since), reason=reason))
        return [*lines, *self._learning(), *(self._past(lead) if lead else [])]

    def _learning(self) -> list[str]:
        """What became of the last closed window, the signals of one fate together; what was adopted."""
        fates: dict[str, list[Signal]] = {}
        for one in self._said.signals:
            if one.learning and one.signal is not Signal.CRISIS:
                fates.setdefault(one.learning, []).append(one.signal)
        lines = [self._fate(fate, signals) for fate, signals in fates.items()]
        lines = [f"{line[:1].upper()}{line[1:]}." for line in lines]
        for one in self._said.signals:
            if one.adopted_at is not None:
                since = self._face.stamp(one.adopted_at)
                lines.append(self._own.adopted.format(since=since, signals=self._names([one.signal])))
        return lines

    def _fate(self, fate: str, signals: Sequence[Signal]) -> str:
        form = self._own.learned.get(fate)
        names = self._names(signals)
        return f"{short(fate, NAME)} ({names})" if form is None else form.format(signals=names)

    def _past(self, lead: SignalReading) -> list[str]:
        name = self._names([lead.signal])
        rarest = sorted(lead.past, key=lambda one: one.law, reverse=True)[:_MOST_EPISODES]
        if not rarest:
            return [self._own.episodes_none.format(signal=name)]
        listed = ", ".join(
            f"{self._face.day(one.at)} ({wording.duration(one.window, self._language)})"
            for one in sorted(rarest, key=lambda one: one.at)
        )
        lines = [self._own.episodes.format(signal=name, list=listed)]
        if lead.per_season:
            n = wording.number(lead.per_season, self._language)
            lines.append(self._own.per_season.format(signal=self._label(lead.signal), n=n))
            lines.append(self._own.own.format(own=round(100 * min(1.0, max(0.0, lead.own)))))
        return lines

    def _names(self, signals: Sequence[Signal]) -> str:
        return ", ".join(lower_first(self._label(signal)) for signal in signals)


def lead_reading(said: Explanation) -> SignalReading | None:
    """The signal that the headline is about: the rarest, a preferred one when it is at least half as rare."""
    readings = [one for one in said.signals if one.signal is not Signal.CRISIS and one.scales]
    rarest = max((one.once_per for one in readings), default=timedelta(0))
    for signal in _PREFERRED:
        for one in readings:
            if one.signal is signal and one.once_per >= max(rarest / 2, REMARKABLE):
                return one
    if rarest >= REMARKABLE:
        return max(readings, key=lambda one: one.once_per)
    return next((one for one in readings if one.signal is Signal.VOLUME), next(iter(readings), None))


def label(signal: Signal, language: Language) -> str:
    """A signal's name as people read it."""
    return wording.catalogue(language).numbers.label[signal]
