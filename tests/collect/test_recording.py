"""Recordings: read in order with flat memory, and played as a source."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.recording import ColumnMapping, RecordingSource, merge_recordings, read_recording
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import ConfigError, SourceRefused
from buzzguard.model import Fault, Mention, MentionKind

T0 = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def at(minute: float) -> str:
    return (T0 + timedelta(minutes=minute)).isoformat()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


Write = Callable[[str, str | bytes], Path]


def texts(path: Path, mapping: ColumnMapping | None = None) -> list[str]:
    return [mention.text for mention in read_recording(path, mapping)]


def test_json_lines_are_read_with_the_usual_names(write: Write) -> None:
    row = {
        "id": 7, "created_at": at(0), "text": "nul", "user": "bob", "retweets": "12", "favorites": 3, "lang": "FR",
        "brand": "US Airways", "url": "https://www.press.co.uk/x", "stars": "4,5",
    }  # fmt: skip
    (mention,) = read_recording(write("a.jsonl", json.dumps(row)))
    assert (mention.id, mention.text, mention.author.handle) == ("recording:a:7", "nul", "bob")
    assert (mention.engagement.shares, mention.engagement.likes, mention.rating) == (12, 3, 4.5)
    assert (mention.topics, mention.site, mention.language) == (("us-airways",), "press.co.uk", "fr")
    assert mention.published == mention.fetched == T0


def test_rows_with_times_alone_are_mentions_of_their_own(write: Write) -> None:
    path = write("t.csv", f"published,brand\n{at(0)},tata\n{at(0)},tata\n")
    one, other = read_recording(path)
    assert one.id != other.id
    assert (one.topics, one.text) == (("tata",), "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_csv_of_any_delimiter_and_charset_is_read(write: Write, delimiter: str, charset: str) -> None:
    lines = f'date,text,name\n{at(0)},"déçu, l’été",é\n'.replace('"déçu, ', '"déçu; ').replace(",", delimiter)
    (mention,) = read_recording(write("a.csv", lines.encode(charset)))
    assert mention.text == "déçu; l’été"


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zstandard.ZstdCompressor().compress(raw)])
def test_packed_files_are_known_by_their_first_bytes(write: Write, pack: Callable[[bytes], bytes]) -> None:
    assert texts(write("a.csv", pack(f"date,text\n{at(0)},hello\n".encode()))) == ["hello"]


def test_a_quoted_cell_may_hold_lines_quotes_and_delimiters(write: Write) -> None:
    path = write("a.csv", f'date,text\r\n{at(0)},"one\r\ntwo, ""three"""\r\n{at(1)},last\r\n')
    assert texts(path) == ['one\r\ntwo, "three"', "last"]


def test_a_quote_that_is_never_closed_costs_its_own_row(write: Write) -> None:
    rows = "".join(f"{at(n)},row {n}\n" for n in range(1, 400))
    path = write("a.csv", f'date,text\n{at(0)},"never closed\n{rows}')
    faults: list[Fault] = []
    read = list(read_recording(path, faults=faults.append))
    assert len(read) == 399
    assert [fault.line for fault in faults] == [2]


def test_a_stray_quote_within_a_cell_is_a_character(write: Write) -> None:
    assert texts(write("a.csv", f'date,text\n{at(0)},a 5" screen\n{at(1)},next\n')) == ['a 5" screen', "next"]


def test_bad_rows_are_told_with_their_place_and_cost_no_other(write: Write) -> None:
    rows = [
        json.dumps({"date": at(0), "text": "ok"}),
        "{broken",
        "[1]",
        json.dumps({"date": "yesterday"}),
        "",
        '{"text": "x"}',
    ]
    path = write("a.jsonl", "\n".join(rows))
    faults: list[Fault] = []
    assert [mention.text for mention in read_recording(path, faults=faults.append)] == ["ok"]
    assert [(fault.line, fault.message) for fault in faults] == [
        (2, "not valid JSON"),
        (3, "not a JSON object"),
        (4, "'yesterday' is not a time"),
        (6, "no time of publication"),
    ]
    assert str(faults[0]).startswith(f"{path}:2:1: ")


def test_half_an_emoji_costs_no_row(write: Write) -> None:
    assert texts(write("a.jsonl", f'{{"date": "{at(0)}", "text": "oh \\ud83d"}}')) == ["oh ?"]


def test_a_line_without_end_is_skipped(write: Write) -> None:
    path = write(
        "a.jsonl",
        f'{{"date": "{at(0)}"}}\n{{"date": "{at(1)}", "text": "{"x" * 3_000_000}"}}\n{{"date": "{at(2)}"}}\n',
    )
    faults: list[Fault] = []
    assert len(list(read_recording(path, faults=faults.append))) == 2
    assert [fault.line for fault in faults] == [2]


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zstandard.ZstdCompressor().compress(raw)])
def test_a_packed_file_that_breaks_off_gives_what_it_holds(write: Write, pack: Callable[[bytes], bytes]) -> None:
    rng = random.Random(1)
    rows = "".join(f"{at(n)},{rng.getrandbits(400)}\n" for n in range(5_000))
    path = write("a.csv", pack(f"date,text\n{rows}".encode())[:-200])
    faults: list[Fault] = []
    assert 0 < len(list(read_recording(path, faults=faults.append))) <= 5_000
    assert "ends too early" in faults[-1].message


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "", "empty"),
        ("a.csv", "brand,words\nx,y\n", "no column looks like a time"),
        ("a.json", '[{"date": 1}]', "one JSON list"),
        ("a.csv", b"\x1f\x8bgarbage", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name(
    write: Write, name: str, content: str | bytes, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        list(read_recording(write(name, content)))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_recording(tmp_path / "none.csv")


def test_a_mapped_column_that_is_not_there_is_refused(write: Write) -> None:
    with pytest.raises(ConfigError, match="no column 'when'"):
        read_recording(write("a.csv", "date,text\n"), ColumnMapping(published="when"))


def test_a_mapping_reads_paths_constants_zones_and_formats(write: Write) -> None:
    row = {"t": {"at": "22h07 le 22/11/2026"}, "b": "dire", "u": {"name": "bob"}}
    mapping = ColumnMapping(
        published="t.at",
        text="b",
        author="u.name",
        time_zone="Europe/Paris",
        time_format="%Hh%M le %d/%m/%Y",
        constants={"kind": "review", "source": "shop"},
    )
    (mention,) = read_recording(write("a.jsonl", json.dumps(row)), mapping)
    assert mention.published == datetime(2026, 11, 22, 21, 7, tzinfo=UTC)
    assert (mention.kind, mention.source, mention.author.handle) == (MentionKind.REVIEW, "shop", "bob")
    assert mention.id == "shop:1"


@given(minutes=st.lists(st.integers(0, 50), max_size=60))
def test_a_recording_comes_in_order_and_equal_times_as_written(
    minutes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("r") / "a.csv"
    path.write_text("date,text\n" + "".join(f"{at(m)},{n}\n" for n, m in enumerate(minutes)), encoding="utf-8")
    read = [(mention.published, int(mention.text)) for mention in read_recording(path)]
    assert read == sorted((T0 + timedelta(minutes=m), n) for n, m in enumerate(minutes))


def test_recordings_are_merged_in_order(write: Write) -> None:
    one = write("a.csv", "date\n" + "".join(f"{at(n)}\n" for n in (0, 4, 8)))
    other = write("b.csv", "date\n" + "".join(f"{at(n)}\n" for n in (1, 2, 9)))
    merged = list(merge_recordings([read_recording(one), read_recording(other)]))
    assert [mention.stream for mention in merged] == ["a", "b", "b", "a", "a", "b"]


def play(path: Path, **settings: object) -> RecordingSource:
    own = RecordingSource.Settings.model_validate({"path": path, **settings})
    return RecordingSource("drill", own, common=StreamSettings(source="recording"))


async def test_a_recording_is_played_in_batches_with_its_own_times(write: Write) -> None:
    path = write("a.csv", "date\n" + "".join(f"{at(n)}\n" for n in range(5)))
    source, cursor, read = play(path, batch=2), "", list[Mention]()
    waits: list[timedelta | None] = []
    for _ in range(3):
        fetched = await source.fetch(cursor, T0)
        cursor, waits = fetched.cursor, [*waits, fetched.retry_after]
        read += fetched.mentions
    assert [mention.published for mention in read] == [T0 + timedelta(minutes=n) for n in range(5)]
    assert waits == [timedelta(0), timedelta(0), None]
    assert {mention.stream for mention in read} == {"drill"}


async def test_at_a_pace_the_first_mention_is_now_and_the_others_follow(write: Write) -> None:
    path = write("a.csv", "date\n" + "".join(f"{at(n)}\n" for n in (0, 10, 20)))
    start = T0 + timedelta(days=900)
    first = await play(path, pace=2).fetch("", start)
    second = await play(path, pace=2).fetch(first.cursor, start + timedelta(minutes=6))
    assert [mention.published for mention in first.mentions] == [start]
    assert [mention.published for mention in second.mentions] == [start + timedelta(minutes=5)]


async def test_bad_rows_are_noted_once(write: Write) -> None:
    path = write("a.csv", f"date\n{at(0)}\nnever\n{at(1)}\n")
    source = play(path)
    first = await source.fetch("", T0)
    assert first.note == f"1 rows could not be read, the first: {path}:3:1: 'never' is not a time"
    assert (await source.fetch(first.cursor, T0)).note == ""


async def test_a_recording_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no such file"):
        await play(tmp_path / "none.csv").fetch("", T0)


@pytest.mark.real_data
@pytest.mark.skipif(not DATA.exists(), reason="the real recordings are not part of the project")
@pytest.mark.parametrize(
    ("name", "rows", "topics"),
    [
        ("airline.jsonl.gz", 14_640, True),
        ("boycott_events.csv", 690, True),
        ("review_bombing.jsonl.gz", 1_103, True),
        ("hn_titles.jsonl.gz", 20_100, False),
        ("stocknet/BA.csv", 1_104, False),
        ("crisislex/2013_Lac_Megantic_train_crash.csv.gz", None, False),
    ],
)
def test_real_recordings_are_read_to_the_last_row(name: str, rows: int | None, topics: bool) -> None:
    faults: list[Fault] = []
    mentions = list(read_recording(DATA / name, faults=faults.append))
    assert not faults
    assert rows is None or len(mentions) == rows
    assert all(one.published <= other.published for one, other in pairwise(mentions))
    assert bool(mentions[0].topics) is topics
