"""A feed, its hub and our callback, over real HTTP."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.clock import ManualClock
from buzzguard.collect.http import HttpClient
from buzzguard.collect.rss import RssSource
from buzzguard.collect.tools import Tools
from buzzguard.collect.websub import LEASE, Subscriptions
from buzzguard.config.settings import NetworkSettings, StreamSettings, WebSettings
from buzzguard.web.app import Web
from buzzguard.web.server import WebServer
from tests.web.test_hooks import Intake

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Hub:
    """A hub: keeps the forms it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.forms: list[dict[str, str]] = []
        self.status = 202
        self.where = "feed"
        self.server = server
        server.expect_request("/hub", method="POST").respond_with_handler(self._asked)
        server.expect_request("/feed").respond_with_handler(self._feed)

    def _asked(self, request: Request) -> Response:
        self.forms.append({name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()})
        return Response("", self.status)

    def _feed(self, _: Request) -> Response:
        links = (
            f'<atom:link rel="hub" href="{self.server.url_for("/hub")}"/><atom:link rel="self" href="/feed?canonical"/>'
        )
        headers = {"Link": f'<{self.server.url_for("/hub")}>; rel="hub", </feed?canonical>; rel="self"'}
        body = (
            '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
            f"{links if self.where == 'feed' else ''}<item><guid>1</guid><title>x</title></item></channel></rss>"
        )
        return Response(body, content_type="application/rss+xml", headers=headers if self.where == "header" else {})


@pytest.fixture
def hub(httpserver: HTTPServer) -> Hub:
    return Hub(httpserver)


@pytest.fixture
def news() -> list[str]:
    return []


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    yield client
    await client.close()


@pytest.fixture
async def subscriptions(news: list[str]) -> AsyncIterator[Subscriptions]:
    held = Subscriptions(news.append)
    settings = WebSettings(port=0)
    server = WebServer(Web(Intake(), settings, clock=ManualClock(NOW), hubs=held).app(), settings)
    await server.start()
    held.public_url = f"http://127.0.0.1:{server.port}"
    yield held
    await server.stop()


def source(hub: Hub, http: HttpClient, subscriptions: Subscriptions, **settings: object) -> RssSource:
    read = RssSource.Settings.model_validate({"url": hub.server.url_for("/feed"), **settings})
    tools = Tools(http, subscriptions=subscriptions)
    return RssSource("news", read, common=StreamSettings(source="rss"), tools=tools)


def sign(form: dict[str, str], body: bytes, method: str = "sha256") -> dict[str, str]:
    digest = hmac.new(form["hub.secret"].encode(), body, method).hexdigest()
    return {"X-Hub-Signature": f"{method}={digest}"}


async def verify(form: dict[str, str], **changed: str) -> httpx.Response:
    query = {
        "hub.mode": "subscribe",
        "hub.topic": form["hub.topic"],
        "hub.challenge": "c4",
        "hub.lease_seconds": "3600",
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(form["hub.callback"], params=query | changed)


async def knock(form: dict[str, str], body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(form["hub.callback"], content=body, headers=headers)


@pytest.mark.parametrize("where", ["feed", "header"])
@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
async def test_a_hub_that_knocks_has_the_feed_read(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions, news: list[str], where: str, method: str
) -> None:
    hub.where = where
    await source(hub, http, subscriptions).fetch("", NOW)
    (form,) = hub.forms
    assert form["hub.topic"] == hub.server.url_for("/feed?canonical")
    answer = await verify(form)
    assert (answer.status_code, answer.text) == (200, "c4")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await knock(form, b"<rss/>", sign(form, b"<rss/>", method))).status_code == 202
    assert news == ["news"]


async def test_a_forged_knock_is_answered_alike_and_ignored(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions, news: list[str]
) -> None:
    await source(hub, http, subscriptions).fetch("", NOW)
    (form,) = hub.forms
    await verify(form)
    for headers in ({}, {"X-Hub-Signature": "sha256=" + "0" * 64}, {"X-Hub-Signature": "md5=1"}, sign(form, b"other")):
        assert (await knock(form, b"<rss/>", headers)).status_code == 202
    assert not news


async def test_what_was_not_asked_for_is_not_confirmed(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions
) -> None:
    await source(hub, http, subscriptions).fetch("", NOW)
    (form,) = hub.forms
    assert (await verify(form, **{"hub.topic": "http://elsewhere.example/"})).status_code == 404
    assert (await verify(form, **{"hub.mode": "unsubscribe"})).status_code == 404
    assert (await verify(form | {"hub.callback": form["hub.callback"][:-3]})).status_code == 404
    assert (await verify(form | {"hub.callback": form["hub.callback"].replace("/news/", "/other/")})).status_code == 404


async def test_a_subscription_is_renewed_before_its_lease_ends(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions
) -> None:
    reading = source(hub, http, subscriptions)
    await reading.fetch("", NOW)
    await verify(hub.forms[0], **{"hub.lease_seconds": str(int(LEASE.total_seconds()))})
    await reading.fetch("", NOW + LEASE / 2)
    assert len(hub.forms) == 1
    await reading.fetch("", NOW + LEASE * 0.95)
    assert len(hub.forms) == 2
    assert hub.forms[0]["hub.secret"] != hub.forms[1]["hub.secret"]


async def test_a_hub_that_refuses_is_told_once_and_the_feed_is_polled(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions
) -> None:
    hub.status = 500
    reading = source(hub, http, subscriptions)
    fetched = await reading.fetch("", NOW)
    assert "refused with 500; the feed is polled" in fetched.note
    assert len(fetched.mentions) == 0  # undated entries of a first poll
    assert not (await reading.fetch("", NOW + timedelta(minutes=5))).note.count("hub")
    await reading.fetch("", NOW + timedelta(hours=2))
    assert len(hub.forms) == 2


async def test_without_a_public_address_or_when_unwanted_nobody_is_asked(
    hub: Hub, http: HttpClient, subscriptions: Subscriptions
) -> None:
    await source(hub, http, subscriptions, push=False).fetch("", NOW)
    subscriptions.public_url = ""
    await source(hub, http, subscriptions).fetch("", NOW)
    assert not hub.forms


async def test_a_private_hub_is_not_dialled(hub: Hub, subscriptions: Subscriptions) -> None:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    told = await subscriptions.keep("news", "http://169.254.169.254/hub", "http://x.example/", http=client, now=NOW)
    assert "could not be asked" in told
    await client.close()
