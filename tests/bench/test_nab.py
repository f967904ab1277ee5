"""The NAB bench reads files of any length, says where one is wrong, and feeds the watch what was known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.bench.nab import bench, main
from tests.bench.nab_data import BadData, alarm_rows, cohorts, periods_of, read
from tests.bench.stand_in import make
from tests.bench.watching import FloatArray, IntArray, alarms

START = datetime(2015, 2, 26, 21, 42, 53, tzinfo=UTC)
BASELINES = """
class Count:
    def update(self, ts, c):
        assert ts % 300 == 0
        return float(c)

def registry():
    return {"CUSUM NB k=3": Count, "another": Count}
"""


def stamp(row: int) -> str:
    return (START + timedelta(minutes=5 * row)).strftime("%Y-%m-%d %H:%M:%S")


def write(folder: Path, name: str, rows: list[tuple[str, str]], windows: list[tuple[int, int]] | None = None) -> None:
    """Add a file with windows from row to row."""
    path = folder / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("timestamp,value\n" + "".join(f"{when},{value}\n" for when, value in rows))
    labels = folder / "labels" / "combined_windows.json"
    labels.parent.mkdir(exist_ok=True)
    known = json.loads(labels.read_text()) if labels.exists() else {}
    known[name] = [[stamp(first) + ".000000", stamp(last) + ".000000"] for first, last in windows or []]
    labels.write_text(json.dumps(known))


def spiky(rows: int, spike: int) -> list[tuple[str, str]]:
    """Counts around ten with one burst of an hour."""
    dice = np.random.default_rng(rows)
    counts = dice.poisson(10, rows)
    counts[spike : spike + 12] += 100
    return [(stamp(row), str(count)) for row, count in enumerate(counts)]


class Diary:
    """A watch that notes what it is fed; the period is the count."""

    def __init__(self, fed: list[tuple[int, list[int]]]) -> None:
        self.fed = fed

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """Note the bin."""
        self.fed.append((end, volume.tolist()))
        return volume.astype(np.float64)

    def fork(self, index: IntArray) -> Diary:
        """Go on noting in the same list."""
        return Diary(self.fed)


def test_files_of_different_lengths_tick_side_by_side_until_each_ends(tmp_path: Path) -> None:
    for name, rows in (("g/a.csv", 3), ("g/b.csv", 5), ("h/c.csv", 4)):
        write(tmp_path, name, [(stamp(row), str(10 * rows + row)) for row in range(rows)])
    group = cohorts(read(tmp_path))[0]
    diary = Diary([])
    periods = periods_of(group, diary)
    assert [counts for _, counts in diary.fed] == [[50, 40, 30], [51, 41, 31], [52, 42, 32], [53, 43], [54]]
    assert [one.name for one in group] == ["g/b.csv", "h/c.csv", "g/a.csv"]
    assert [one.tolist() for one in periods] == [[50, 51, 52, 53, 54], [40, 41, 42, 43], [30, 31, 32]]


def test_bins_end_on_whole_five_minutes_utc(tmp_path: Path) -> None:
    write(tmp_path, "g/a.csv", [(stamp(0), "1")])
    end = read(tmp_path)[0].ends[0] * 60
    assert datetime.fromtimestamp(float(end), UTC) == datetime(2015, 2, 26, 21, 45, tzinfo=UTC)


def test_a_repeated_bin_is_given_once_and_a_missing_one_not_at_all(tmp_path: Path) -> None:
    rows = [0, 1, 1, 0, 4, 5]
    write(tmp_path, "g/a.csv", [(stamp(row), str(90 + place)) for place, row in enumerate(rows)])
    recording = read(tmp_path)[0]
    diary = Diary([])
    (periods,) = periods_of([recording], diary)
    first = diary.fed[0][0]
    assert [((end - first) // 5, counts[0]) for end, counts in diary.fed] == [(0, 90), (1, 91), (4, 94), (5, 95)]
    assert periods.tolist() == [90, 91, 0, 0, 94, 95]


def test_files_on_other_clocks_are_watched_apart(tmp_path: Path) -> None:
    write(tmp_path, "g/a.csv", [(stamp(row), "1") for row in range(4)])
    write(tmp_path, "g/b.csv", [(stamp(row), "1") for row in (0, 1, 3, 4)])
    assert [len(group) for group in cohorts(read(tmp_path))] == [1, 1]


def test_the_hold_is_twelve_hours_of_the_files_own_time(tmp_path: Path) -> None:
    write(tmp_path, "g/a.csv", [(stamp(row), "1") for row in (*range(10), 400, 401)])
    recording = read(tmp_path)[0]
    assert alarm_rows(recording, np.full(12, 20.0), 14).tolist() == [0, 10]
    write(tmp_path, "g/a.csv", [(stamp(row), "1") for row in range(500)])
    periods = np.random.default_rng(1).exponential(4.0, 500)
    assert alarm_rows(read(tmp_path)[0], periods, 14).tolist() == alarms(periods, 14).tolist()


@pytest.mark.parametrize(
    ("value", "when", "complaint"),
    [
        ("-1", stamp(1), r"a\.csv:3: '-1' is negative"),
        ("nan", stamp(1), r"a\.csv:3: 'nan' is no count"),
        ("inf", stamp(1), r"a\.csv:3: 'inf' is no count"),
        ("", stamp(1), r"a\.csv:3: '' is no count"),
        ("1", "yesterday", r"a\.csv:3: 'yesterday' is no timestamp"),
    ],
)
def test_bad_rows_are_named_by_file_and_line(tmp_path: Path, value: str, when: str, complaint: str) -> None:
    write(tmp_path, "g/a.csv", [(stamp(0), "1"), (when, value)])
    with pytest.raises(BadData, match=complaint):
        read(tmp_path)


def test_bad_folders_are_named_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot be read"):
        read(tmp_path)
    write(tmp_path, "g/a.csv", [(stamp(0), "1")], [(50, 60)])
    with pytest.raises(BadData, match="no row lies in the labelled window"):
        read(tmp_path)
    (tmp_path / "data" / "g" / "a.csv").write_text("time,value\n1,2\n")
    with pytest.raises(BadData, match=r"a\.csv:1: the columns must be timestamp,value"):
        read(tmp_path)
    (tmp_path / "data" / "g" / "a.csv").unlink()
    with pytest.raises(BadData, match="give the folder that holds data/ and labels/"):
        read(tmp_path)


def test_a_burst_in_a_window_is_caught_and_scored(tmp_path: Path) -> None:
    write(tmp_path, "g/a.csv", spiky(2000, 1500), [(1500, 1600)])
    write(tmp_path, "g/b.csv", spiky(1900, 1000), [(950, 1050)])
    found = bench(read(tmp_path), lambda streams: make(streams, signal="volume", scorer=None), 14.0)
    assert (found["caught"], found["windows"]) == (2, 2)
    assert found["standard"] > 80
    assert found["halves"]["splits"] == 2


def test_the_command_prints_one_object_with_the_baselines_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "g/a.csv", spiky(1200, 1000), [(995, 1050)])
    rivals = tmp_path / "rivals.py"
    rivals.write_text(BASELINES)
    options = [str(tmp_path), "--watch", "tests.bench.stand_in:make", "--baselines", str(rivals)]
    main([*options, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert {"standard", "low_fp", "low_fn", "caught", "windows", "false_rows", "threshold_days", "files"} <= set(found)
    assert [one["detector"] for one in found["baselines"]] == ["CUSUM NB k=3"]
    assert found["baselines"][0]["standard"] > 80
    main([*options, "--all-baselines"])
    assert "| another |" in capsys.readouterr().out


def test_a_bad_folder_ends_the_command_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="combined_windows"):
        main([str(tmp_path)])
