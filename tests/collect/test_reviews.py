"""What the places of reviews have in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.collect.reviews import rating_at
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, START, World

PLACES = ["app_store", "google_play", "google_business", "trustpilot"]


@pytest.mark.parametrize("place", PLACES)
async def test_a_review_that_is_shown_late_is_read_once(
    place: str, httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual: type[World] = import_module(f"tests.collect.worlds.{place}").World

    class Checked(usual):  # type: ignore[valid-type,misc]
        """Where a review is checked for hours before it is shown, with the date on which it was written."""

        def at(self, text: str) -> datetime:
            return START - timedelta(hours=5) if text == "checked for long" else super().at(text)

    for number, secret in enumerate(usual.secrets):
        monkeypatch.setenv(f"SECRET_{number}", secret)
    world: World = Checked(httpserver, tmp_path)
    world.publish("a", "b")
    async with opened(place, world.settings(), topics=("acme",)) as source:
        first = await source.fetch("", NOW)
        world.publish("checked for long")
        second = await source.fetch(first.cursor, NOW + timedelta(hours=1))
        third = await source.fetch(second.cursor, NOW + timedelta(hours=2))
    assert said(first) == ["a", "b"]
    assert said(second) == ["checked for long"]
    assert said(third) == []


@pytest.mark.parametrize(
    ("stars", "read"), [(1, 1.0), ("5", 5.0), (4.5, 4.5), (0, None), (6, None), (True, None), ("nan", None), ([], None)]
)
def test_stars_are_one_to_five(stars: object, read: float | None) -> None:
    assert rating_at({"stars": stars}, "stars") == read
