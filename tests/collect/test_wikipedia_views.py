"""The source `wikipedia_views` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import CountKind, Fetched
from tests.collect.opened import opened
from tests.collect.worlds.base import NOW

PATH = "/metrics/pageviews/per-article/{}/all-access/user/{}/daily/{}/20261121"
MONTH, LATELY = "20261023", "20261118"


def serve(server: HTTPServer, views: dict[str, Any], *, article: str = "Lumio", first: str = MONTH) -> dict[str, Any]:
    items = [{"timestamp": f"{day}00", "views": number} for day, number in views.items()]
    server.expect_request(PATH.format("fr.wikipedia", article, first)).respond_with_json({"items": items})
    return {"address": server.url_for("/"), "articles": {"fr.wikipedia": ["lumio"]}}


def told(fetched: Fetched) -> dict[str, float]:
    return {f"{one.start:%m-%d}": one.value for one in fetched.counts}


async def test_a_day_of_views_becomes_a_count(httpserver: HTTPServer) -> None:
    async with opened("wikipedia_views", serve(httpserver, {"20261121": 4120})) as source:
        (count,) = (await source.fetch("", NOW)).counts
    assert (count.kind, count.value) == (CountKind.PAGE_VIEWS, 4120)
    assert (count.start, count.end) == (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))


async def test_days_that_are_corrected_are_told_again_and_no_others(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, {"20261119": 10, "20261120": 20})
    serve(httpserver, {"20261119": 10, "20261120": 25, "20261121": 30}, first=LATELY)
    async with opened("wikipedia_views", settings) as source:
        first = await source.fetch("", NOW)
        second = await source.fetch(first.cursor, NOW)
        third = await source.fetch(second.cursor, NOW)
    assert told(first) == {"11-19": 10, "11-20": 20}
    assert told(second) == {"11-20": 25, "11-21": 30}
    assert told(third) == {}


async def test_views_of_several_articles_are_added_up(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, {"20261120": 20, "20261121": 30})
    serve(httpserver, {"20261121": 5}, article="Lumio K2/Rappel?".replace(" ", "_"))
    settings["articles"] = {"fr.wikipedia": ["Lumio", "Lumio K2/Rappel?"]}
    async with opened("wikipedia_views", settings) as source:
        assert told(await source.fetch("", NOW)) == {"11-20": 20, "11-21": 35}
    assert httpserver.log[1][0].environ["REQUEST_URI"].split("/")[-4] == "Lumio_K2%2FRappel%3F"


async def test_no_data_is_no_error_and_is_noted_at_first(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH.format("fr.wikipedia", "Lumio", MONTH)).respond_with_json(
        {"type": "not_found", "detail": "no data"}, status=404
    )
    settings = {"address": httpserver.url_for("/"), "articles": {"fr.wikipedia": ["Lumio"]}}
    async with opened("wikipedia_views", settings) as source:
        fetched = await source.fetch("", NOW)
    assert fetched.counts == ()
    assert "no views are known of 'Lumio' in fr.wikipedia" in fetched.note


async def test_an_article_that_cannot_be_had_leaves_no_half_sum(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, {"20261121": 30})
    httpserver.expect_request(PATH.format("fr.wikipedia", "K2", MONTH)).respond_with_data("later", status=503)
    settings["articles"] = {"fr.wikipedia": ["Lumio", "K2"]}
    async with opened("wikipedia_views", settings) as source:
        with pytest.raises(SourceUnavailable):
            await source.fetch("", NOW)


async def test_the_day_that_runs_and_numbers_that_are_none_do_not_count(httpserver: HTTPServer) -> None:
    views = {"20261119": "many", "20261120": -3, "20261121": 7, "20261122": 9, "20261399": 1}
    async with opened("wikipedia_views", serve(httpserver, views)) as source:
        fetched = await source.fetch("", NOW)
    assert told(fetched) == {"11-21": 7}
    assert len(fetched.quarantined) == 3


async def test_a_past_that_is_asked_for_is_read_for_the_baseline(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, {"20260901": 7}, first="20260824")
    async with opened("wikipedia_views", settings, backfill=timedelta(days=90)) as source:
        fetched = await source.fetch("", NOW)
    assert told(fetched) == {"09-01": 7}
    assert fetched.backfilling


async def test_a_reader_that_is_turned_away_is_told_why(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH.format("fr.wikipedia", "Lumio", MONTH)).respond_with_data("robots", status=403)
    settings = {"address": httpserver.url_for("/"), "articles": {"fr.wikipedia": ["Lumio"]}}
    async with opened("wikipedia_views", settings) as source:
        with pytest.raises(SourceRefused, match=r"403, Wikimedia turns this reader away; write network\.user_agent"):
            await source.fetch("", NOW)


def test_an_article_must_be_named() -> None:
    with pytest.raises(ValidationError, match="no article is named"):
        plugins.settings_model("source", "wikipedia_views").model_validate({"articles": {}})
