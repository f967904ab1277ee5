"""Real recordings through the shipped rules: what BuzzGuard would have said of what really happened, and when.

As a program, `python -m tests.acceptance.real_data [NAME…]` plays the recordings and prints each alert with its lead
time. The recordings are not part of the project: `BUZZGUARD_DATA` names their folder (`../shared/data` otherwise).
Some of them hold times alone. Those are given what their description says: a text and one author a mention.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from buzzguard.assembly import assemble
from buzzguard.collect.recording import ColumnMapping, merge_recordings, read_recording, topic_id
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Author, Mention
from buzzguard.pipeline import Core
from buzzguard.replay import replay
from buzzguard.replay_report import Noticed, Report

HERE = Path(__file__).parents[2]
YEAR = timedelta(days=365.25)
TIMES_ONLY = ColumnMapping(published="published")


def data_folder() -> Path:
    """Where the recordings are; they may be absent."""
    return Path(os.environ.get("BUZZGUARD_DATA") or HERE / ".." / "shared" / "data")


def instant(text: str) -> datetime:
    """`2015-02-22 20:00` as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Recording:
    """What is played: `topics` with their queries, and the mentions as they are read from a folder.

    Of each set a slice from `first` to `last` is played, a month of ordinary days before what is known to have come:
    learning an empty hour costs as much as a full one. `crises` gives topics and the span in which theirs began; `why`
    says what the set is.
    """

    name: str
    why: str
    topics: dict[str, str]
    mentions: Callable[[Path], Iterable[Mention]]
    crises: tuple[tuple[str, datetime, datetime], ...] = ()
    first: str = "1990-01-01"
    last: str = "2030-01-01"

    def sliced(self, folder: Path) -> Iterator[Mention]:
        """The mentions of the slice, in order."""
        first, last = instant(self.first), instant(self.last)
        return (mention for mention in self.mentions(folder) if first <= mention.published < last)


@dataclass(frozen=True)
class Played:
    """What a replay of a recording showed."""

    recording: Recording
    report: Report
    seconds: float
    rows: int

    @property
    def noticed(self) -> list[Noticed]:
        """Every alert that fired, in order."""
        return self.report.noticed

    def of(self, topic: str) -> list[Noticed]:
        """The alerts of one topic."""
        return [noticed for noticed in self.noticed if noticed.topic == topic]

    def within(self, topic: str, first: datetime, last: datetime) -> list[Noticed]:
        """The alerts of a topic that fired in a span."""
        return [noticed for noticed in self.of(topic) if first <= noticed.fired_at < last]

    def outside_crises(self) -> list[Noticed]:
        """The alerts that no known crisis explains."""
        spans = self.recording.crises
        return [
            noticed
            for noticed in self.noticed
            if not any(topic == noticed.topic and first <= noticed.fired_at < last for topic, first, last in spans)
        ]

    @property
    def topic_years(self) -> float:
        """For how long how many topics were watched."""
        if self.report.first is None or self.report.last is None:
            return 0.0
        return (self.report.last - self.report.first) / YEAR * len(self.recording.topics)


def play(recording: Recording, folder: Path) -> Played:
    """Play a recording through the pipeline with the shipped rules."""
    settings = Settings.model_validate(
        {
            "topics": {topic: {"name": topic, "query": query} for topic, query in recording.topics.items()},
            "rules": (str(shipped_rules()),),
        }
    )
    core = Core(settings, assemble(settings, Path()).parts)
    report = Report(core)
    rows = 0

    def count(several: int) -> None:
        nonlocal rows
        rows += several

    began = time.perf_counter()
    for effects in replay(core, recording.sliced(folder), seen=count):
        report.take(effects)
    return Played(recording, report, time.perf_counter() - began, rows)


def episodes(alerts: Iterable[Noticed], *, gap: timedelta = timedelta(hours=24)) -> list[list[Noticed]]:
    """Alerts of a topic that people would handle as one incident: those that follow one another within `gap`."""
    found: list[list[Noticed]] = []
    latest: dict[str, list[Noticed]] = {}
    for noticed in sorted(alerts, key=lambda one: one.fired_at):
        before = latest.get(noticed.topic)
        if before is not None and noticed.fired_at - before[-1].fired_at < gap:
            before.append(noticed)
            continue
        latest[noticed.topic] = [noticed]
        found.append(latest[noticed.topic])
    return found


def told(played: Played) -> str:
    """The table: a line an alert."""
    report = played.report
    lines = [
        f"\n{played.recording.name}: {played.recording.why}",
        f"  {played.rows:,} rows in {played.seconds:.1f} s, {report.mentions:,} counted, {report.dropped:,} dropped;"
        f" {len(played.noticed)} alerts in {played.topic_years:.1f} topic-years",
    ]
    for noticed in played.noticed:
        lead = f"{noticed.lead.total_seconds() / 3600:+.1f} h" if noticed.lead is not None else "–"
        lines.append(
            f"  {noticed.fired_at:%Y-%m-%d %H:%M} {noticed.severity.value:6} {noticed.topic:24} {noticed.rule:18}"
            f" {noticed.signal or '':9} {noticed.observed:g}, usually {noticed.expected:.1f},"
            f" once in {noticed.once_per.days} d, learned {noticed.learned.days} d; peak {noticed.peak}/h, lead {lead}"
        )
    return "\n".join(lines)


AIRLINES = {
    "american": "american airlines",
    "delta": "delta",
    "southwest": "southwest",
    "united": "united",
    "us-airways": '"us airways"',
    "virgin-america": '"virgin america"',
}


def _airline(folder: Path) -> Iterator[Mention]:
    mapping = ColumnMapping(
        published="published", id="id", text="text", author="author", shares="shares", language="lang", topics="brand"
    )
    return read_recording(folder / "airline.jsonl.gz", mapping)


def _with_words(mentions: Iterable[Mention], text: Callable[[Mention], str]) -> Iterator[Mention]:
    """Times become mentions: each by an author of its own, with the text that the set's description gives."""
    for number, mention in enumerate(mentions):
        yield msgspec.structs.replace(mention, text=text(mention), author=Author(id=f"author-{number}"))


def _boycott(folder: Path) -> Iterator[Mention]:
    mapping = ColumnMapping(published="published", topics="brand")
    calls = read_recording(folder / "boycott_events.csv", mapping)
    return _with_words(calls, lambda mention: f"Boycott {mention.topics[0]}! This is a disgrace.")


def times_without_text(folder: Path) -> Iterator[Mention]:
    """The boycott calls as they are recorded: times and brands, no word to read."""
    return read_recording(folder / "boycott_events.csv", ColumnMapping(published="published", topics="brand"))


def _stock(company: str, folder: Path) -> Iterator[Mention]:
    mapping = ColumnMapping(published="created_at_utc", constants={"topics": company})
    rows = read_recording(folder / "stocknet" / f"{company.upper()}.csv", mapping)
    return _with_words(rows, lambda _: f"${company.upper()} shares today")


def _hacker_news(folder: Path) -> Iterator[Mention]:
    mapping = ColumnMapping(
        published="published", id="id", title="title", url="url", author="author", likes="points", replies="comments"
    )
    return read_recording(folder / "hn_titles.jsonl.gz", mapping)


def _review_bombing(folder: Path) -> Iterator[Mention]:
    mapping = ColumnMapping(
        published="published", id="id", text="text", topics="topic", time_format="%d.%m.%Y %H:%M:%S"
    )
    reviews = read_recording(folder / "review_bombing.jsonl.gz", mapping)
    # A review site lets an account write one review of a game; the set leaves the accounts out.
    return (msgspec.structs.replace(review, author=Author(id=review.id)) for review in reviews)


ONSET = instant("2015-06-10 14:00")
"""Where the shape of a disaster is laid into an ordinary stream."""


def _onset(folder: Path) -> Iterator[Mention]:
    """BP's ordinary mentions; into them the first hours of what Venezuelans wrote of a refinery's fire."""
    mapping = ColumnMapping(published="published", constants={"topics": "bp"})
    fire = _with_words(
        read_recording(folder / "crisislex" / "2012_Venezuela_refinery.csv.gz", mapping),
        lambda _: "Terrible explosion at the BP refinery, people are dead",
    )
    began = (mention for mention in fire if mention.published >= instant("2012-08-25 18:00"))
    return merge_recordings([_stock("bp", folder), _shifted(began, ONSET, most=400)])


def _shifted(mentions: Iterable[Mention], to: datetime, *, most: int) -> Iterator[Mention]:
    by: timedelta | None = None
    for number, mention in enumerate(mentions):
        if number >= most:
            return
        by = to - mention.published if by is None else by
        moved = mention.published + by
        yield msgspec.structs.replace(mention, id=f"shifted:{mention.id}", published=moved, fetched=moved)


def _days(topic: str, first: str, days: int) -> tuple[str, datetime, datetime]:
    return topic, instant(first), instant(first) + timedelta(days=days)


RECORDINGS = {
    recording.name: recording
    for recording in (
        Recording(
            "airline",
            "six airlines in a week; American cancelled flights from the 22nd on, of it nothing was collected before",
            AIRLINES,
            _airline,
            crises=(_days("american", "2015-02-22", 3),),
        ),
        Recording(
            "tanishq",
            "a jeweller's advertisement about a marriage of two faiths, withdrawn the next day",
            {"tanishq": "tanishq", "tata": "tata"},
            _boycott,
            crises=(_days("tanishq", "2020-10-12", 4), _days("tata", "2020-10-12", 4)),
            first="2020-09-12",
            last="2020-10-17",
        ),
        Recording(
            "fabindia",
            "a clothes shop's name for its Diwali collection",
            {"fabindia": "fabindia"},
            _boycott,
            crises=(_days("fabindia", "2021-10-18", 3),),
            first="2021-09-18",
            last="2021-10-21",
        ),
        Recording(
            "netflix",
            "a kiss in a temple, in a series",
            {"netflix": "netflix"},
            _boycott,
            crises=(_days("netflix", "2020-11-22", 3),),
            first="2020-10-22",
            last="2020-11-25",
        ),
        Recording(
            "mcdonalds",
            "ordinary weeks of a listed company",
            {"mcd": "mcd"},
            partial(_stock, "mcd"),
            first="2014-03-01",
            last="2014-05-01",
        ),
        Recording(
            "hacker-news",
            "titles among which a brand is seldom named",
            {"volkswagen": "volkswagen OR vw", "note-7": '"note 7" OR note7'},
            _hacker_news,
            first="2015-09-06",
            last="2015-10-10",
        ),
        Recording(
            "review-bombing",
            "a sample of reviews: three days of a campaign, nothing before",
            {topic_id("Skyrim - Paid Mods"): "skyrim", "firewatch": "firewatch"},
            _review_bombing,
            first="2015-04-24",
            last="2015-05-01",
        ),
        Recording(
            "onset",
            "a refinery's fire, laid into quiet weeks",
            {"bp": "bp"},
            _onset,
            crises=(("bp", ONSET, ONSET + timedelta(days=2)),),
            first="2015-05-10",
            last="2015-06-12",
        ),
    )
}


def main(names: list[str]) -> None:
    """Play the recordings named, or all, and print what was noticed."""
    folder = data_folder()
    if not folder.is_dir():
        sys.exit(f"the real recordings are not here: {folder} (BUZZGUARD_DATA names their folder)")
    for name in names or list(RECORDINGS):
        print(told(play(RECORDINGS[name], folder)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
