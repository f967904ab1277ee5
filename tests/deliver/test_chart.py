"""The chart: every value in its place, whatever the series; a picture that looks the same everywhere."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.deliver.chart import ASSETS, chart_png, chart_svg, sparkline, terminal_chart
from buzzguard.deliver.chart_text import NEGATIVE, Line
from buzzguard.deliver.series import prepare, time_ticks, value_ticks
from buzzguard.deliver.wording import chart_title
from buzzguard.model import Chart, Language
from tests.deliver.hostile import charts, texts
from tests.deliver.samples import NOW, OPENED, sample_card, sample_chart

START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


def chart_of(*volume: float, negative: tuple[float, ...] = (), high: tuple[float, ...] = ()) -> Chart:
    return Chart(
        start=START, bin=timedelta(hours=1), volume=volume, negative=negative, expected=tuple(high), high=tuple(high)
    )


def svg_of(chart: Chart, *, language: Language = "en", title: str = "Lumio", alert_at: datetime | None = None) -> str:
    return chart_svg(chart, language=language, time_zone="Europe/Paris", title=title, alert_at=alert_at)


def texts_of(svg: str) -> list[str]:
    return [
        "".join(element.itertext()).strip() for element in ET.fromstring(svg).iter() if element.tag.endswith("text")
    ]


def drawn(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


# the picture


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["negative", "other mentions", "usual range"]),
        ("fr", ["négatives", "autres mentions", "niveau habituel"]),
    ],
)
def test_the_picture_speaks_the_language_and_the_time_zone(language: Language, words: list[str]) -> None:
    card = sample_card(language=language)
    svg = svg_of(sample_chart(), language=language, title=chart_title(card), alert_at=OPENED)
    found = texts_of(svg)
    assert found[0] == {"en": "Lumio – mentions per 10 min", "fr": "Lumio – mentions par 10\u00a0min"}[language]
    assert set(words) <= set(found)
    assert {"16:00", "02:00"} <= set(found), "Paris, not UTC"
    assert {"en": "22\u00a0Nov", "fr": "22\u00a0nov."}[language] in found
    assert {"en": "alert 02:57", "fr": "alerte 02:57"}[language] in found


def test_the_picture_is_a_png_of_twice_its_size() -> None:
    png = chart_png(svg_of(sample_chart()))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1600, 800)
    assert 10_000 < len(png) < 200_000


def test_the_picture_does_not_depend_on_the_fonts_of_the_machine() -> None:
    assert chart_png(svg_of(sample_chart())) == chart_png(svg_of(sample_chart()))
    assert sum(font.stat().st_size for font in ASSETS.glob("*.otf")) < 400_000
    assert "SIL Open Font License" in (ASSETS / "Inter-LICENSE.txt").read_text(encoding="utf-8")


def test_a_title_from_outside_is_text_and_is_cut() -> None:
    svg = svg_of(sample_chart(), title="</text><script>x</script>&" + "long " * 40)
    assert texts_of(svg)[0].startswith("</text><script>x</script>&long")
    assert len(texts_of(svg)[0]) <= 52
    assert "<script" not in svg


def test_bars_are_as_high_as_their_values() -> None:
    svg = svg_of(chart_of(10, 20, negative=(5, 20)))
    ground = 352.0
    tops = [float(top) for top in re.findall(r'V([\d.]+)h-[\d.]+z" fill="#8fa8c0"', svg)]
    reds = [float(top) for top in re.findall(r'V([\d.]+)h-[\d.]+z" fill="#d3202f"', svg)]
    assert len(tops) == 1, "all of the second bar is negative"
    assert ground - tops[0] == pytest.approx((ground - reds[1]) / 2, abs=0.2)
    assert ground - reds[0] == pytest.approx((ground - reds[1]) / 4, abs=0.2)


def test_an_alert_outside_the_chart_is_not_marked() -> None:
    assert not [text for text in texts_of(svg_of(sample_chart(), alert_at=NOW + timedelta(days=2))) if "alert" in text]


@pytest.mark.parametrize("chart", [chart_of(), chart_of(0, 0, 0), chart_of(float("nan"))])
def test_a_chart_of_nothing_says_so(chart: Chart) -> None:
    svg = svg_of(chart)
    assert "no data" in texts_of(svg)
    assert chart_png(svg)


@settings(max_examples=60, deadline=None)
@given(charts, texts)
def test_every_chart_is_well_formed_and_within_the_frame(chart: Chart, title: str) -> None:
    svg = svg_of(chart, title=title, alert_at=chart.start)
    assert "nan" not in re.sub(r"<text.*?</text>", "", svg)
    for path in re.findall(r' d="([^"]*)"', svg):
        assert all(-1 <= float(number) <= 801 for number in re.findall(r"-?\d+(?:\.\d+)?", path.replace("h-", "h")))


@settings(max_examples=8, deadline=None)
@given(charts, texts)
def test_every_chart_is_drawn(chart: Chart, title: str) -> None:
    assert chart_png(svg_of(chart, title=title))


# the series


@given(charts, st.integers(1, 50))
def test_bins_are_added_up_and_none_is_lost(chart: Chart, most: int) -> None:
    whole, few = prepare(chart, 10_000), prepare(chart, most)
    assert len(few.bars) <= most
    assert few.end >= whole.end
    assert sum(bar.volume for bar in few.bars) == pytest.approx(sum(bar.volume for bar in whole.bars))
    assert all(0 <= bar.negative <= bar.volume and 0 <= bar.expected <= bar.high for bar in few.bars)


@given(st.floats(1, 1e12))
def test_value_ticks_reach_the_top_in_few_round_steps(top: float) -> None:
    ticks = value_ticks(top)
    assert ticks[0] == 0 and ticks[-1] >= top * 0.999
    assert 2 <= len(ticks) <= 7
    assert all(tick == int(tick) for tick in ticks), "mentions come whole"


def test_time_ticks_follow_the_clocks_of_the_team() -> None:
    series = prepare(chart_of(*[1.0] * 48), 100)
    ticks = time_ticks(series, language="fr", time_zone="Europe/Paris", most=8)
    assert [tick.text for tick in ticks if tick.strong] == ["29\u00a0mars", "30\u00a0mars"]
    midnight, noon = (next(tick for tick in ticks if tick.text == text) for text in ("29\u00a0mars", "12:00"))
    hours = (noon.place - midnight.place) * 48
    assert hours in (pytest.approx(11), pytest.approx(-13)), "the night of the change has an hour less"


@given(charts, st.integers(1, 12))
def test_time_ticks_are_few_and_in_order(chart: Chart, most: int) -> None:
    ticks = time_ticks(prepare(chart, 120), language="en", time_zone="Europe/Paris", most=most)
    assert all(0 <= tick.place <= 1 for tick in ticks)
    assert len(ticks) <= most + 14


# block characters


def test_a_sparkline_spans_nothing_to_the_largest() -> None:
    assert sparkline([0, 1, 2, 4, 8], 5) == "▁▁▂▄█"
    assert sparkline([1, 1, 8, 8], 2) == "▁█"
    assert sparkline([0, 0], 5) == "▁▁"
    assert sparkline([], 5) == sparkline([1], 0) == ""


@given(st.lists(st.floats(), max_size=200), st.integers(0, 80))
def test_a_sparkline_is_never_wider_than_asked(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) <= width


def test_the_terminal_chart_shows_red_where_mentions_are_negative() -> None:
    lines = terminal_chart(sample_chart(), 80, 6, language="en", time_zone="Europe/Paris", alert_at=OPENED)
    last = [line[-1][1] for line in lines[:6]]
    assert [style.startswith(NEGATIVE) for style in last[2:]] == [True] * 4
    assert "▲" in drawn(lines)[6]
    assert "02:00" in drawn(lines)[7]


def test_without_colour_the_negative_part_is_still_told_apart() -> None:
    chart = chart_of(8, 8, 8, negative=(0, 4, 8), high=(4, 4, 4))
    lines = drawn(terminal_chart(chart, 11, 4, language="en", time_zone="UTC", color=False))
    assert [line[2:] for line in lines[:4]] == ["▒▒▒▒▒▒███", "▒▒▒▒▒▒███", "▒▒▒██████", "▒▒▒██████"]


@settings(max_examples=60, deadline=None)
@given(charts, st.integers(1, 120), st.integers(1, 12), st.booleans())
def test_the_terminal_chart_keeps_to_its_size(chart: Chart, width: int, height: int, color: bool) -> None:
    lines = terminal_chart(
        chart, width, height, language="fr", time_zone="Europe/Paris", alert_at=chart.start, color=color
    )
    assert len(lines) == height + 2
    widest = max(map(len, drawn(lines)))
    assert widest <= max(width, 20)


def test_missing_series_cost_nothing() -> None:
    bare = msgspec.structs.replace(sample_chart(), negative=(), expected=(), high=())
    assert "#d3202f" in svg_of(bare), "the legend"
    assert chart_png(svg_of(bare))


# statements


def marked(*hours: float, language: Language = "en") -> str:
    chart = chart_of(*range(1, 25))
    times = [START + timedelta(hours=at) for at in hours]
    return chart_svg(chart, language=language, time_zone="UTC", title="Lumio", statements=times)


def test_a_statement_is_a_line_with_its_time() -> None:
    assert "statement 15:00" in texts_of(marked(3))
    assert "communiqué 15:00" in texts_of(marked(3, language="fr"))
    assert marked(3).count("#1f7a4d") == 2, "the line and its label"
    assert "#1f7a4d" not in marked(-1, 30), "what lies outside is not drawn"


def test_labels_of_statements_stand_on_rows_of_their_own_while_there_is_room() -> None:
    found = re.findall(r'y="(\d+)"[^>]*fill="#1f7a4d"[^>]*>statement', marked(3, 3.1, 3.2, 3.3))
    assert len(found) == len(set(found)) == 3
    assert marked(3, 3.1, 3.2, 3.3).count('stroke="#1f7a4d"') == 4, "the line stands without its label"
    apart = re.findall(r'y="(\d+)"[^>]*fill="#1f7a4d"[^>]*>statement', marked(2, 12))
    assert len(set(apart)) == 1


def test_more_statements_than_anybody_counts_are_cut() -> None:
    assert marked(*(at / 10 for at in range(1, 200))).count('stroke="#1f7a4d"') == 20
