"""The events bench counts false alarms, crises and the mentions they took."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.bench.events import at_threshold, bench, main, plain_rule, spanned, stretches, watch_all
from tests.bench.events_data import KNOWN, Crisis, read, read_crises
from tests.bench.nab_data import BadData
from tests.bench.stand_in import StandIn, make
from tests.bench.watching import DAY_BINS, FloatArray, IntArray

CRISES = {"acme": (Crisis(date(2020, 3, 1), "the advert"),)}


def at(day: int, *, hour: int = 0, minute: int = 0) -> str:
    """An instant of so many days after the first of January 2020."""
    return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=hour, minutes=minute)).isoformat()


def story(folder: Path) -> Path:
    """Two brands; acme has a crisis on the first of March, day 60, and a false burst on day 40."""
    lines = [f"{at(day)},{brand}" for day in (0, 70) for brand in ("acme", "other")]
    lines += [f"{at(40, hour=hour)},acme" for hour in (1, 2, 3, 4)]
    lines += [f"{at(60, hour=9, minute=20 * number)},acme" for number in range(9)]
    path = folder / "events.csv"
    path.write_text("published,brand\n" + "\n".join(sorted(lines)) + "\n")
    return path


class Noted(StandIn):
    """A stand-in that can idle, and notes how many bins it ticked and idled through."""

    ticked = idled = 0

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """Note the tick; rare is any bin with a mention."""
        self.ticked += 1
        return np.where(volume > 0, 20.0, 0.0)

    def idle(self, end: int, bins: int) -> None:
        """Note the bins."""
        self.idled += bins


def test_the_plain_rule_finds_the_crisis_at_its_fourth_mention_and_one_false_alarm(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    found = at_threshold(mentions, plain_rule(mentions), 0.0, CRISES)
    assert (found["found"], found["crises"], found["false_alarms"]) == (1, 1, 1)
    assert (found["median_mentions"], found["median_minutes"]) == (4, 65)
    quiet = (2 * (71 - 28) - 12) / 365.25
    assert found["brand_years"] == pytest.approx(quiet)
    assert found["false_alarms_brand_year"] == pytest.approx(1 / quiet)


def test_the_plain_rule_forgets_after_six_hours(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("published,brand\n" + "".join(f"{at(0, hour=2 * number)},a\n" for number in range(8)))
    assert not len(plain_rule(read(path))[0].bins)


def test_the_alarms_of_a_crisis_are_never_false_and_those_of_other_brands_are(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    everything = at_threshold(mentions, plain_rule(mentions), 0.0, {"other": CRISES["acme"]})
    assert (everything["false_alarms"], everything["found"]) == (2, 0)


def test_a_watch_that_can_idle_is_spared_the_empty_years(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    noted = Noted(np.zeros(2), np.ones(2), 0)
    said = watch_all(noted, mentions, 14.0)
    assert noted.ticked + noted.idled == mentions.length
    assert noted.ticked < 12 * DAY_BINS
    acme = np.unique(mentions.bins[0])
    assert said[0].bins.tolist() == acme.tolist()


def test_stretches_follow_each_other_and_mentions_are_only_in_those_that_are_near(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    pieces = list(stretches(mentions))
    assert [first for first, _, _ in pieces] == np.cumsum([0, *(bins for _, bins, _ in pieces[:-1])]).tolist()
    assert sum(bins for _, bins, _ in pieces) == mentions.length
    assert all(not mentions.counts(first, bins).any() for first, bins, empty in pieces if empty)


def test_crises_before_the_first_judged_day_or_after_the_last_are_left_out(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    days = [date(2020, 1, 5), date(2020, 3, 1), date(2021, 1, 1)]
    kept = spanned({"acme": [Crisis(day, "") for day in days], "absent": [Crisis(days[1], "")]}, mentions)
    assert {brand: [one.day for one in crises] for brand, crises in kept.items()} == {"acme": [days[1]], "other": []}


def test_the_known_crises_are_named() -> None:
    assert {"tanishq", "fabindia", "netflix", "tiktok"} <= set(KNOWN)
    assert all(one.what for crises in KNOWN.values() for one in crises)


def test_the_command_prints_one_object_and_takes_other_crises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "crises.csv"
    other.write_text("brand,date\nacme,2020-03-01\n")
    options = [
        str(story(tmp_path)),
        "--crises",
        str(other),
        "--watch",
        "tests.bench.stand_in:make",
        "--days",
        "30",
        "7",
    ]
    main([*options, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [one["threshold_days"] for one in found["thresholds"]] == [7, 30]
    assert found["plain_rule"]["crises"] == 1
    main(options)
    assert "4 mentions in 6 h" in capsys.readouterr().out


def test_a_watch_finds_the_crisis_of_a_brand_and_its_figures_stand_beside_the_rule(tmp_path: Path) -> None:
    mentions = read(story(tmp_path))
    found = bench(make(2, signal="volume", scorer=None), mentions, CRISES, (7.0, 14.0))
    assert [one["threshold_days"] for one in found["thresholds"]] == [7.0, 14.0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("time,brand\n", r":1: the columns must be published,brand"),
        ("published,brand\n2020-13-01,acme\n", r":2: '2020-13-01' is no instant"),
        ("published,brand\n2020-12-01,\n", r":2: published,brand must all be given"),
        ("published,brand\n", r"holds no mention"),
    ],
)
def test_bad_files_are_named_with_their_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(BadData, match=complaint):
        read(path)


def test_bad_crises_are_named_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "crises.csv"
    path.write_text("brand,date\nacme,1st of March\n")
    with pytest.raises(BadData, match=r":2: '1st of March' is no day"):
        read_crises(path)
    with pytest.raises(BadData, match="cannot be read"):
        read_crises(tmp_path / "absent.csv")
