"""Any JSON interface by YAML: its ways of paging, signing in and failing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.http import HttpClient
from buzzguard.collect.http_json import HttpJsonSource
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import MentionKind

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MENTION = {"id": "id", "text": "text", "published": "at"}
Answer = Callable[[Request], Any]
Build = Callable[..., HttpJsonSource]


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    yield client
    await client.close()


@pytest.fixture
def source(httpserver: HTTPServer, http: HttpClient) -> Build:
    def build(
        answer: Answer, *, words: tuple[str, ...] = (), path: str = "/api", backfill: int = 0, **settings: Any
    ) -> HttpJsonSource:
        def respond(request: Request) -> Response:
            found = answer(request)
            return (
                found if isinstance(found, Response) else Response(json.dumps(found), content_type="application/json")
            )

        httpserver.expect_request(path).respond_with_handler(respond)
        read = HttpJsonSource.Settings.model_validate(
            {"url": httpserver.url_for(path), "mention": MENTION, "records": "items"} | settings
        )
        tools = Tools(http, words=words, backfill=timedelta(days=backfill))
        return HttpJsonSource("stream", read, common=StreamSettings(source="http_json"), tools=tools)

    return build


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "text": f"t{number}", "at": (NOW - timedelta(minutes=number)).isoformat()} | more


async def everything(source: HttpJsonSource, cursor: str = "") -> tuple[list[str], str]:
    found: list[str] = []
    for _ in range(20):
        fetched = await source.fetch(cursor, NOW)
        found += [one.text for one in fetched.mentions]
        cursor = fetched.cursor
        if fetched.retry_after != timedelta(0):
            break
    return sorted(found, key=lambda text: int(text[1:])), cursor


ALL = [f"t{number}" for number in range(7)]


async def test_pages_by_offset(source: Build) -> None:
    def answer(request: Request) -> Any:
        begin = int(request.args["skip"])
        return {"items": [record(number) for number in range(7)][begin : begin + 3]}

    built = source(answer, params={"skip": "{offset}"}, paging={"by": "offset", "size": 3, "most": 1})
    assert (await everything(built))[0] == ALL


async def test_pages_by_a_cursor_that_the_answer_names(source: Build) -> None:
    def answer(request: Request) -> Any:
        begin = int(request.args.get("after", 0))
        following = begin + 3 if begin + 3 < 7 else None
        return {"items": [record(number) for number in range(7)][begin : begin + 3], "meta": {"next": following}}

    built = source(answer, params={"after": "{cursor}"}, paging={"by": "cursor", "next": "meta.next"})
    assert (await everything(built))[0] == ALL


@pytest.mark.parametrize("way", ["header", "body"])
async def test_pages_by_links(source: Build, httpserver: HTTPServer, way: str) -> None:
    def answer(request: Request) -> Any:
        begin = int(request.args.get("from", 0))
        link = f"/api?from={begin + 3}" if begin + 3 < 7 else ""
        items = [record(number) for number in range(7)][begin : begin + 3]
        if way == "body":
            return {"items": items, "next": link}
        header = f'<{httpserver.url_for("/x")}>; rel="prev", <{link}>; rel="next"' if link else ""
        return Response(json.dumps({"items": items}), headers={"Link": header}, content_type="application/json")

    paging = {"by": "link"} | ({"next": "next"} if way == "body" else {})
    assert (await everything(source(answer, paging=paging)))[0] == ALL


async def test_a_next_link_to_another_host_is_not_followed(source: Build) -> None:
    built = source(
        lambda _: {"items": [record(0)], "next": "http://elsewhere.example/api"},
        paging={"by": "link", "next": "next"},
    )
    with pytest.raises(SourceRefused, match="another host"):
        await built.fetch("", NOW)


async def test_lists_that_are_read_on_from_the_last_id(source: Build) -> None:
    said = [record(number) for number in range(6, 0, -1)]

    def answer(request: Request) -> Any:
        last = request.args.get("since_id")
        begin = next((place + 1 for place, one in enumerate(said) if str(one["id"]) == last), 0)
        return {"items": said[begin : begin + 2]}

    built = source(answer, params={"since_id": "{last_id}"}, paging={"by": "last_id", "size": 2, "most": 2})
    found, cursor = await everything(built)
    said.append(record(0))
    later, _ = await everything(built, cursor)
    assert found == ALL[1:]
    assert later == ["t0"]


async def test_times_words_and_constants_find_their_places(source: Build) -> None:
    asked: list[dict[str, str]] = []

    def answer(request: Request) -> Any:
        asked.append(dict(request.args))
        return {"items": []}

    built = source(
        answer,
        words=("lumio", "air france"),
        params={"q": "{words}", "from": "{since}", "ms": "{since_ms}", "n": 50, "cursor": "{cursor}"},
        backfill=3,
    )
    await built.fetch("", NOW)
    since = NOW - timedelta(days=3)
    assert asked == [
        {
            "q": 'lumio OR "air france"',
            "from": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ms": str(int(since.timestamp() * 1_000)),
            "n": "50",
        }
    ]


async def test_secrets_are_sent_and_never_shown(source: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k3y&x=1")
    monkeypatch.setenv("HEADER", "h3ader")
    seen: list[tuple[str | None, str | None]] = []

    def answer(request: Request) -> Any:
        seen.append((request.args.get("apikey"), request.headers.get("X-Api-Key")))
        return Response("no", 403)

    built = source(answer, auth={"query": {"apikey": {"env": "KEY"}}, "headers": {"X-Api-Key": {"env": "HEADER"}}})
    with pytest.raises(SourceRefused) as raised:
        await built.fetch("", NOW)
    assert seen == [("k3y&x=1", "h3ader")]
    assert "k3y" not in str(raised.value) + repr(built.__dict__)
    assert "h3ader" not in str(raised.value) + repr(built.__dict__)


async def test_basic_authentication(source: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: Request) -> Any:
        assert request.authorization is not None
        return {"items": [record(0, text=f"{request.authorization.username}:{request.authorization.password}")]}

    monkeypatch.setenv("PASSWORD", "p")
    built = source(answer, auth={"user": "u", "password": {"env": "PASSWORD"}})
    assert [one.text for one in (await built.fetch("", NOW)).mentions] == ["u:p"]


async def test_a_trouble_under_200_is_found(source: Build) -> None:
    built = source(lambda _: {"status": "error", "message": "quota is used up"}, error="status == 'error' && message")
    with pytest.raises(SourceUnavailable, match="quota is used up"):
        await built.fetch("", NOW)


async def test_an_answer_of_another_shape_is_passing_trouble(source: Build) -> None:
    for body in ({"items": 3}, {"items": {"a": 1}}):
        built = source(lambda _, body=body: body, path=f"/{id(body)}")
        with pytest.raises(SourceUnavailable, match="another shape"):
            await built.fetch("", NOW)


async def test_a_vendor_s_sample_maps_whole(source: Build) -> None:
    """A result of Talkwalker, as its documentation shows it."""
    said = {
        "data": {
            "url": "https://conso-matin.example/2026/11/lumio-surchauffe",
            "published": 1795328410000,
            "title": "Lumio : la poignée fond",
            "content": "Trois clients affirment…",
            "lang": "fr",
            "engagement": 41,
            "reach": 12000,
            "extra_author_attributes": {"id": "ex:conso-matin.example-1", "name": "Élodie Garnier"},
        }
    }
    built = source(
        lambda _: {"result": {"items": [said]}},
        records="result.items[].data",
        mention={
            "text": "content",
            "title": "title",
            "published": "published",
            "url": "url",
            "language": "lang",
            "author_id": "extra_author_attributes.id",
            "author_name": "extra_author_attributes.name",
            "followers": "reach",
            "shares": "engagement",
            "kind": "'article'",
        },
    )
    (mention,) = (await built.fetch("", NOW)).mentions
    assert (mention.title, mention.text, mention.language) == (
        "Lumio : la poignée fond",
        "Trois clients affirment…",
        "fr",
    )
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert (mention.author.id, mention.author.name) == ("ex:conso-matin.example-1", "Élodie Garnier")
    assert (mention.author.followers, mention.engagement.shares) == (12_000, 41)
    assert (mention.kind, mention.site) == (MentionKind.ARTICLE, "conso-matin.example")


async def test_an_expression_that_fails_on_one_record_costs_no_other(source: Build) -> None:
    built = source(
        lambda _: {"items": [record(0, tags=["a"]), record(1, tags=3)]},
        mention=MENTION | {"title": "join(', ', tags)"},
    )
    fetched = await built.fetch("", NOW)
    assert [one.title for one in fetched.mentions] == ["a"]
    assert "cannot be evaluated" in fetched.quarantined[0].reason


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"url": "ftp://x/"}, "https://api.example.org"),
        ({"url": "https://{words}.example/"}, "https://api.example.org"),
        ({"params": {"q": "{brand}"}}, "known are cursor"),
        ({"records": "data.["}, "JMESPath"),
        ({"paging": {"by": "cursor"}}, "meta.next_cursor"),
        ({"paging": {"by": "last_id"}}, "{last_id}"),
        ({"auth": {"user": "u"}}, "belong together"),
        ({"auth": {"headers": {"X:Y": {"env": "A"}}}}, "X-Api-Key"),
        ({"mention": {"text": "t"}}, "published"),
    ],
)
def test_what_is_written_wrong_is_told_with_a_hint(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValidationError) as raised:
        HttpJsonSource.Settings.model_validate({"url": "https://a.example/", "mention": MENTION} | wrong)
    assert hint in str(raised.value)
