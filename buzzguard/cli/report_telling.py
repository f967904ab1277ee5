"""The report of an incident in words: facts become headings, lines and tables of one language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.cli.backtest_words import Voice
from buzzguard.cli.drill_telling import score_sections
from buzzguard.cli.report_facts import Facts
from buzzguard.cli.report_words import WORDS
from buzzguard.deliver import wording
from buzzguard.deliver.chart import chart_svg
from buzzguard.deliver.tame import LINE, NAME, short, tame
from buzzguard.model import (
    Alert,
    Briefing,
    Card,
    DeliveryState,
    IncidentState,
    Language,
    NotificationKind,
    Page,
    Person,
    Section,
    Table,
)
from buzzguard.respond.runs import playbook_of
from buzzguard.review.effect import Change, Effect, Verdict
from buzzguard.review.measures import Took
from buzzguard.review.story import first_alert
from buzzguard.review.timeline import Entry, EntryKind, published_at, statements

MINUTE = timedelta(minutes=1)
_KEPT = 1_500
"""Of a message that people keep: what was said in a crisis is not cut as a heading is."""
_NOBODY = Person(id="?")


def tell(facts: Facts, language: Language) -> Page:
    """The whole report as a page."""
    return Teller(facts, language).page()


class Teller:
    """Tells one incident in one language. Every text from outside is cleaned and cut before it is put in."""

    def __init__(self, facts: Facts, language: Language) -> None:
        self._facts, self._language = facts, language
        self._words = WORDS[language]
        self._voice = Voice(language=language, time_zone=facts.time_zone)
        incident = facts.recalled.incident
        briefing = Briefing(topic=incident.topic, topic_name=facts.topic_name, at=facts.now)
        self._card = Card(incident=incident, briefing=briefing, language=language, time_zone=facts.time_zone)

    def page(self) -> Page:
        """Everything."""
        facts, words = self._facts, self._words
        incident = facts.recalled.incident
        chart_title = words["chart"].format(topic=self._topic())
        alert_at = first_alert(incident, facts.recalled.alerts)
        return Page(
            language=self._language,
            title=words["title"].format(id=short(incident.id, NAME), topic=self._topic()),
            subtitle=words["subtitle"].format(
                severity=wording.severity_name(incident.severity, self._language),
                state=self._state(),
                opened=self._voice.instant(incident.opened_at),
            ),
            caveats=tuple(self._caveats()),
            sections=tuple(self._sections()),
            footer=f"{words['made'].format(at=self._voice.instant(facts.now))} · "
            f"{words['zone'].format(zone=facts.time_zone)}",
            svg=""
            if facts.chart is None
            else chart_svg(
                facts.chart,
                language=self._language,
                time_zone=facts.time_zone,
                title=chart_title,
                alert_at=alert_at,
                statements=self._published(),
            ),
            svg_title=chart_title,
        )

    def _published(self) -> list[datetime]:
        """When statements came out."""
        recalled = self._facts.recalled
        return [published_at(one) for one in statements(recalled.commands, recalled.transitions)]

    def line(self, entry: Entry) -> str:
        """What happened, in one sentence."""
        return _LINES[entry.kind](self, entry)

    def _sections(self) -> Iterator[Section]:
        words = self._words
        yield Section(title=words["facts"], lines=tuple(self._in_short()))
        if self._facts.score is None:
            yield Section(title=words["measures"], table=self._measures())
        else:
            yield from score_sections(self._facts.score, self._voice, id=short(self._facts.recalled.incident.id, NAME))
        for effect in self._facts.effects:
            yield self._effect(effect)
        yield Section(title=words["timeline"], table=self._timeline(), note=words["zone"].format(zone=self._zone()))

    def _caveats(self) -> Iterator[str]:
        facts, words = self._facts, self._words
        if facts.score is not None:
            yield words["drill"]
        elif facts.measures.size is None:
            yield words["gone"]
        elif not facts.story.narrative:
            yield words["no_narrative"]
        if len(facts.effects) > 1:
            yield words["several"]

    # in short

    def _in_short(self) -> Iterator[str]:
        incident, words = self._facts.recalled.incident, self._words
        over = incident.state in (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)
        if over:
            span = self._voice.span(incident.changed_at - incident.opened_at)
            yield words["ended"].format(at=self._voice.instant(incident.changed_at), span=span)
        else:
            yield words["going"].format(span=self._voice.span(self._facts.now - incident.opened_at))
        yield from filter(None, [wording.declared_line(tame(self._card))])
        if incident.owner is not None:
            yield words["owner"].format(who=self._person(incident.owner))
        yield from (self._alert(one) for one in self._facts.recalled.alerts)
        playbook = playbook_of(incident)
        yield words["playbook"].format(id=short(playbook, NAME)) if playbook else words["no_playbook"]
        if incident.policy:
            yield words["policy"].format(id=short(incident.policy, NAME))
        if incident.relapse_of:
            yield words["relapse"].format(id=short(incident.relapse_of, NAME))

    def _alert(self, alert: Alert) -> str:
        form = self._words["alert" if alert.resolved_at is not None else "alert_on"]
        return form.format(
            title=short(wording.title(alert, self._language), NAME),
            rule=short(alert.rule, NAME),
            severity=wording.severity_name(alert.severity, self._language).lower(),
            fired=self._voice.instant(alert.fired_at or alert.since),
            ended=self._voice.instant(alert.resolved_at) if alert.resolved_at else "",
        )

    def _state(self) -> str:
        incident = self._facts.recalled.incident
        who = wording.person(incident.owner, self._language) if incident.owner is None else self._person(incident.owner)
        return self._words[f"state_{incident.state.value}"].format(who=who)

    # measures

    def _measures(self) -> Table:
        told, words = self._facts.measures, self._words
        rows = [
            (words[name], self._took(took), words[why])
            for name, took, why in (
                ("notice", told.notice, "notice_from"),
                ("tell", told.tell, "tell_from"),
                ("acknowledge", told.acknowledge, "acknowledge_from"),
                ("statement_time", told.statement, "statement_from"),
                ("peak_time", told.peak, "peak_from"),
                ("half_life", told.half_life, "half_life_from"),
                ("calm", told.calm, "calm_from"),
            )
        ]
        return Table(heads=(words["measure"], words["value"], words["meaning"]), rows=(*rows, *self._size()))

    def _size(self) -> Iterator[tuple[str, str, str]]:
        size, words, voice = self._facts.measures.size, self._words, self._voice
        if size is None:
            return
        volume = voice.number(size.volume)
        if size.usual is not None:
            volume = words["volume_usual"].format(n=volume, usual=wording.number(size.usual, self._language))
        span = words["volume_from"].format(since=voice.instant(size.since), until=voice.instant(size.until))
        yield words["volume"], volume, span
        peak = self._facts.measures.instants.peak
        yield words["peak_size"], voice.number(size.peak), voice.instant(peak) if peak else ""
        share = "" if size.share is None else wording.percent(size.share, self._language)
        negative = words["negative_share"].format(n=voice.number(size.negative), share=share)
        yield words["negative"], negative if share else voice.number(size.negative), ""
        yield words["reach"], voice.number(size.reach), words["reach_from"]
        yield words["authors"], voice.number(size.authors), ""
        named = ", ".join(f"{short(name, NAME)} {voice.number(count)}" for name, count in size.sources)
        yield words["sources"], named, words["sites_from"].format(n=voice.number(size.sites)) if size.sites else ""

    def _took(self, took: Took) -> str:
        return self._voice.span(took.span) if took.span is not None else self._words[str(took.missing)]

    # effect

    def _effect(self, effect: Effect) -> Section:
        words = self._words
        title = words["effect"].format(at=self._voice.instant(effect.at))
        if effect.unfit is not None:
            return Section(title=title, lines=(words[effect.unfit.value],))
        rows = [
            *(self._change(one, "signal_volume", self._count) for one in effect.volume),
            *(self._change(one, "signal_share", self._percent) for one in effect.share),
        ]
        heads = (words["after"], words["came"], words["expected"], words["verdict"])
        return Section(title=title, table=Table(heads=heads, rows=tuple(rows)), note=words["effect_note"])

    def _change(self, change: Change, name: str, shown: Callable[[float], str]) -> tuple[str, str, str, str]:
        words, expected = self._words, "–"
        if change.expected is not None and change.verdict is not Verdict.TOO_VAGUE:
            value, low, high = map(shown, (change.expected.value, change.expected.low, change.expected.high))
            expected = words["interval"].format(value=value, low=low, high=high)
        came = "–" if change.observed is None else shown(change.observed)
        after = words[name].format(span=self._voice.span(change.span))
        return after[:1].upper() + after[1:], came, expected, words[change.verdict.value]

    def _count(self, value: float) -> str:
        return wording.number(round(value), self._language)

    def _percent(self, value: float) -> str:
        return wording.percent(round(value, 2), self._language)

    # timeline

    def _timeline(self) -> Table:
        words = self._words
        rows = tuple((self._voice.instant(one.at), self.line(one), self._who(one)) for one in self._facts.entries)
        return Table(heads=(words["when"], words["what"], words["who"]), rows=rows)

    def _who(self, entry: Entry) -> str:
        return self._words["machine"] if entry.who is None else self._person(entry.who)

    def _moved(self, entry: Entry) -> str:
        move = entry.transition
        assert move is not None
        card = tame(replace(self._card, news=(move,)))
        return wording.news_line(card.news[0], card)

    def _message(self, entry: Entry) -> str:
        words, receiver = self._words, self._receiver(entry)
        if entry.kind is EntryKind.TOLD:
            name = "told_card" if entry.message is NotificationKind.CARD else "told_news"
            return words[name].format(receiver=receiver)
        told = words["delayed" if entry.state is DeliveryState.DELAYED else "refused"].format(receiver=receiver)
        if entry.reason:
            told = words["because"].format(what=told, why=short(entry.reason, LINE))
        if entry.count > 1 and entry.until is not None:
            told = words["times"].format(
                what=told, count=self._voice.number(entry.count), until=self._voice.instant(entry.until)
            )
        return told

    def _edited(self, entry: Entry) -> str:
        until = self._voice.instant(entry.until or entry.at)
        form = self._words["edited_one" if entry.count == 1 else "edited_many"]
        return form.format(receiver=self._receiver(entry), count=self._voice.number(entry.count), until=until)

    def _waits(self, entry: Entry) -> str:
        form = self._words["waiting_one" if entry.count == 1 else "waiting_many"]
        return form.format(receiver=self._receiver(entry), count=self._voice.number(entry.count))

    def _statement(self, entry: Entry) -> str:
        if entry.seen:
            place = short(entry.who.via if entry.who is not None else "", NAME)
            told = self._words["statement_seen"].format(place=place, id=short(entry.id, NAME))
            return self._noted(told, replace(entry, reason=entry.url))
        marked = entry.until or entry.at
        late = abs(marked - entry.at) >= MINUTE
        form = self._words["statement_marked" if late else "statement"]
        return self._noted(form.format(at=self._voice.instant(marked), id=short(entry.id, NAME)), entry)

    def _taken_back(self, entry: Entry) -> str:
        return self._noted(self._words["statement_taken_back"].format(id=short(entry.id, NAME)), entry)

    def _silence_ended(self, entry: Entry) -> str:
        return self._noted(self._words["silence_ended"], entry)

    def _story_began(self, _entry: Entry) -> str:
        return self._words["story_began"]

    def _peaked(self, entry: Entry) -> str:
        return self._words["peak_entry"].format(count=self._voice.number(entry.count))

    def _kept(self, entry: Entry) -> str:
        said = self._words["kept"].format(text=short(entry.reason, _KEPT), by=self._person(entry.by or _NOBODY))
        if not entry.count or entry.until is None:
            return said
        return self._words["kept_edited"].format(said=said, at=self._voice.instant(entry.until))

    def _not_kept(self, entry: Entry) -> str:
        form = self._words["kept_deleted" if entry.deleted else "kept_no_more"]
        at = self._voice.instant(entry.until or entry.at)
        return form.format(at=at, by=self._person(entry.by or _NOBODY))

    def _noted_late(self, entry: Entry) -> str:
        return self._noted(self._words["noted_late"], entry)

    def _noted(self, what: str, entry: Entry) -> str:
        return self._words["noted"].format(what=what, note=short(entry.reason, LINE)) if entry.reason else what

    def _receiver(self, entry: Entry) -> str:
        """Whom a message was for, by name; the incident's room by its channel."""
        room = self._facts.recalled.incident.room
        if room is not None and entry.receiver == room.receiver:
            return f"#{short(room.name, NAME)}"
        return short(entry.receiver, NAME)

    def _person(self, who: Person) -> str:
        return short(wording.person(who, self._language), NAME)

    def _topic(self) -> str:
        return short(self._facts.topic_name, NAME)

    def _zone(self) -> str:
        return self._facts.time_zone


_LINES: dict[EntryKind, Callable[[Teller, Entry], str]] = {
    EntryKind.TRANSITION: Teller._moved,
    EntryKind.TOLD: Teller._message,
    EntryKind.NOT_TOLD: Teller._message,
    EntryKind.EDITED: Teller._edited,
    EntryKind.WAITING: Teller._waits,
    EntryKind.STATEMENT: Teller._statement,
    EntryKind.STATEMENT_TAKEN_BACK: Teller._taken_back,
    EntryKind.SILENCE_ENDED: Teller._silence_ended,
    EntryKind.STORY_BEGAN: Teller._story_began,
    EntryKind.PEAK: Teller._peaked,
    EntryKind.KEPT: Teller._kept,
    EntryKind.NOT_KEPT: Teller._not_kept,
    EntryKind.NOTED: Teller._noted_late,
}
