"""The source `reddit` against a server that speaks its API and its feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.http import HttpClient
from buzzguard.collect.reddit import RedditSource
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Mention, MentionKind
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.reddit import World

SAMPLE = {
    "subreddit": "france",
    "subreddit_name_prefixed": "r/france",
    "subreddit_subscribers": 2100345,
    "id": "1abcde9",
    "name": "t3_1abcde9",
    "title": "Ma bouilloire Lumio a fondu cette nuit",
    "selftext": "Photo dans les commentaires. Le SAV me raccroche au nez.",
    "author": "theiere_triste",
    "author_fullname": "t2_9xyz12",
    "score": 412,
    "num_comments": 131,
    "num_crossposts": 2,
    "created_utc": 1795328410.0,
    "edited": False,
    "is_self": True,
    "permalink": "/r/france/comments/1abcde9/ma_bouilloire/",
    "removed_by_category": None,
    "view_count": None,
}
COMMENT = {
    "name": "t1_c0ffee",
    "body": "Pareil chez moi &amp; chez ma sœur",
    "author": "Kettle_Head",
    "link_id": "t3_1abcde9",
    "parent_id": "t3_1abcde9",
    "permalink": "/r/france/comments/1abcde9/ma_bouilloire/c0ffee/",
    "score": 7,
    "created_utc": 1795328500.0,
    "edited": 1795328600.0,
    "replies": "",
}
SAID = datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
TOKEN = "5ecre7f33d"


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    yield client
    await client.close()


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    monkeypatch.setenv("FEED", TOKEN)
    world = World(httpserver, tmp_path)
    world.settings()
    return world


def opened(world: World, http: HttpClient, *, words: tuple[str, ...] = (), **more: Any) -> RedditSource:
    settings = RedditSource.Settings.model_validate(world.settings() | more)
    return RedditSource("acme", settings, common=StreamSettings(source="reddit"), tools=Tools(http, words=words))


def by_feed(world: World, http: HttpClient, **more: Any) -> RedditSource:
    feed = {"mode": "rss", "feed_token": {"env": "FEED"}, "feed_user": "watcher"}
    return opened(world, http, **(feed | {"client_secret": None, "client_id": "", "user_agent": ""} | more))


def listing(*things: tuple[str, dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    children = [{"kind": kind, "data": data} for kind, data in things]
    return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(children), "children": children}}


async def test_a_post_is_read_as_documented(world: World, http: HttpClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/r/france/new").respond_with_json(listing(("t3", SAMPLE)))
    (mention,) = (await opened(world, http, subreddits=["r/france"]).fetch("", NOW)).mentions
    assert mention == Mention(
        id="reddit:t3_1abcde9",
        stream="acme",
        source="reddit",
        published=SAID,
        fetched=NOW,
        text="Photo dans les commentaires. Le SAV me raccroche au nez.",
        title="Ma bouilloire Lumio a fondu cette nuit",
        url="https://www.reddit.com/r/france/comments/1abcde9/ma_bouilloire/",
        site="reddit.com",
        kind=MentionKind.POST,
        author=Author(id="theiere_triste", handle="theiere_triste", name="theiere_triste"),
        engagement=Engagement(likes=412, replies=131, shares=2),
    )


async def test_comments_are_read_beside_posts_and_what_was_taken_back_is_told(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    answered = COMMENT | {"name": "t1_c0fff0", "parent_id": "t1_c0ffee", "replies": listing(), "author": "[deleted]"}
    removed = COMMENT | {"name": "t1_c0fff1", "body": "[removed]"}
    httpserver.expect_request("/r/acme/comments").respond_with_json(
        listing(("t1", removed), ("t1", answered), ("t1", COMMENT))
    )
    world.publish("a")
    source = opened(world, http, comments=True)
    fetched = await source.fetch("", NOW)
    first, second = (each for each in fetched.mentions if each.kind is MentionKind.COMMENT)
    assert {first.parent, second.parent} == {"reddit:t3_1abcde9", "reddit:t1_c0ffee"}
    assert {first.author.handle, second.author.handle} == {"Kettle_Head", ""}
    assert fetched.deleted == ("reddit:t1_c0fff1",)
    assert len(fetched.mentions) == 3
    assert (await source.fetch(fetched.cursor, NOW)).deleted == ()


async def test_a_token_is_renewed_before_it_ends_and_once_when_it_is_refused(world: World, http: HttpClient) -> None:
    world.publish("a")
    world.lasts = 3_600
    source = opened(world, http)
    fetched = await source.fetch("", NOW)
    await source.fetch(fetched.cursor, NOW + timedelta(minutes=58))
    assert world.tokens == 1
    await source.fetch(fetched.cursor, NOW + timedelta(minutes=59, seconds=30))
    assert world.tokens == 2
    world.tokens = 7  # revoked: only the seventh would count
    await source.fetch(fetched.cursor, NOW + timedelta(minutes=60))
    assert world.tokens == 8


async def test_nothing_is_asked_while_nothing_remains(world: World, http: HttpClient, httpserver: HTTPServer) -> None:
    world.publish(*(str(number) for number in range(150)))
    world.remaining = "0.0"
    source = opened(world, http)
    first = await source.fetch("", NOW)
    assert len(first.mentions) == 100
    assert first.retry_after == timedelta(seconds=498)
    asked = len(httpserver.log)
    with pytest.raises(SourceUnavailable) as raised:
        await source.fetch(first.cursor, NOW + timedelta(seconds=60))
    assert raised.value.retry_after == timedelta(seconds=438)
    assert len(httpserver.log) == asked
    world.remaining = "600.0"
    rest = await source.fetch(first.cursor, NOW + timedelta(seconds=499))
    assert len(rest.mentions) == 50


async def test_an_anchor_that_is_deleted_on_the_way_loses_nothing(world: World, http: HttpClient) -> None:
    texts = [str(number) for number in range(170)]
    world.publish(*texts)
    world.remaining = "0.0"
    source = opened(world, http)
    first = await source.fetch("", NOW)
    world.deleted = frozenset((first.mentions[0].text,))  # the last of the page: what `after` names
    world.remaining = "600.0"
    rest = await source.fetch(first.cursor, NOW + timedelta(seconds=499))
    assert sorted(each.text for each in (*first.mentions, *rest.mentions)) == sorted(texts)


async def test_a_newest_post_that_is_deleted_hides_no_later_one(world: World, http: HttpClient) -> None:
    world.publish("a", "b")
    source = opened(world, http)
    fetched = await source.fetch("", NOW)
    world.deleted = frozenset("b")
    world.publish("c")
    assert [each.text for each in (await source.fetch(fetched.cursor, NOW)).mentions] == ["c"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response("<html>whoa there, pardner", 403, content_type="text/html"), "403, Reddit answered with its page"),
        (reply({"message": "Forbidden", "error": 403, "reason": "private"}, 403), "403, the subreddit is private"),
        (reply({"message": "Not Found", "error": 404, "reason": "banned"}, 404), "404, the subreddit was banned"),
        (reply({"message": "Forbidden", "error": 403}, 403), "403, Reddit refuses"),
        (Response("", 302, {"Location": "/subreddits/search?q=acme"}), "302, Reddit leads elsewhere"),
    ],
)
async def test_a_subreddit_that_is_closed_is_told_as_such(
    world: World, http: HttpClient, httpserver: HTTPServer, answer: Response, words: str
) -> None:
    httpserver.expect_request("/r/closed/new").respond_with_response(answer)
    with pytest.raises(SourceRefused, match=words):
        await opened(world, http, subreddits=["closed"]).fetch("", NOW)


async def test_the_words_of_the_topics_are_searched_for_where_nothing_else_is_given(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/search").respond_with_json(listing(("t3", SAMPLE)))
    source = opened(world, http, words=("Lumio", "bouilloire K2"), subreddits=[])
    assert len((await source.fetch("", NOW)).mentions) == 1
    asked = httpserver.log[-1][0].args
    assert (asked["q"], asked["sort"], asked["type"]) == ('"Lumio" OR "bouilloire K2"', "new", "link")
    with pytest.raises(SourceRefused, match="nothing to look for"):
        await opened(world, http, subreddits=[]).fetch("", NOW)


FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>/r/acme/new/.rss</id><title>newest submissions : acme</title>
<entry><author><name>/u/theiere_triste</name><uri>https://www.reddit.com/user/theiere_triste</uri></author>
<content type="html">&lt;!-- SC_OFF --&gt;&lt;div class="md"&gt;&lt;p&gt;Photo dans les commentaires.&lt;/p&gt;&lt;/div&gt;&lt;!-- SC_ON --&gt; submitted by &lt;a href="https://www.reddit.com/user/theiere_triste"&gt; /u/theiere_triste &lt;/a&gt;</content>
<id>t3_1abcde9</id><link href="https://www.reddit.com/r/france/comments/1abcde9/ma_bouilloire/"/>
<updated>2026-11-22T06:20:10+00:00</updated><published>2026-11-22T06:20:10+00:00</published>
<title>Ma bouilloire Lumio a fondu cette nuit</title></entry>
<entry><author><name>/u/kettle</name></author><content type="html">Pareil</content><id>t1_c0ffee</id>
<link href="https://www.reddit.com/r/france/comments/1abcde9/ma_bouilloire/c0ffee/"/>
<updated>2026-11-22T06:21:10+00:00</updated><title>/u/kettle on Ma bouilloire</title></entry>
<entry><id>nonsense</id><title>?</title><updated>2026-11-22T06:21:10+00:00</updated></entry></feed>"""  # noqa: E501


async def test_a_feed_gives_the_same_mentions_as_the_api_and_is_read_rarely(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    def answer(request: Request) -> Response:
        assert (request.args["feed"], request.args["user"]) == (TOKEN, "watcher")
        return Response(FEED, content_type="application/atom+xml")

    httpserver.expect_request("/r/acme/new/.rss").respond_with_handler(answer)
    source = by_feed(world, http)
    fetched = await source.fetch("", NOW)
    post, comment = fetched.mentions
    assert (post.id, post.published, post.author.id) == ("reddit:t3_1abcde9", SAID, "theiere_triste")
    assert post.text == '<div class="md"><p>Photo dans les commentaires.</p></div>'
    assert (comment.id, comment.parent, comment.title) == ("reddit:t1_c0ffee", "reddit:t3_1abcde9", "")
    assert len(fetched.quarantined) == 1
    assert fetched.retry_after == timedelta(minutes=10)
    assert TOKEN not in fetched.cursor + fetched.note
    assert (await source.fetch(fetched.cursor, NOW)).mentions == ()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (429, {"Retry-After": "900"}, "<html>Too Many Requests"),
        (403, {}, "<html>Blocked"),
        (401, {}, ""),
        (500, {}, "oops"),
        (200, {}, "<html>a challenge"),
    ],
)
async def test_the_private_token_is_in_no_error(
    world: World, http: HttpClient, httpserver: HTTPServer, status: int, headers: dict[str, str], body: str
) -> None:
    httpserver.expect_request("/r/acme/new/.rss").respond_with_data(body, status, headers, content_type="text/html")
    with pytest.raises(SourceError) as raised:
        await by_feed(world, http).fetch("", NOW)
    assert TOKEN not in str(raised.value)
    if status == 429:
        assert isinstance(raised.value, SourceUnavailable)
        assert raised.value.retry_after == timedelta(seconds=900)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"user_agent": "python-requests/2.0"}, "the form that Reddit asks for"),
        ({"client_id": ""}, "client_id and client_secret"),
        ({"subreddits": ["https://reddit.com/r/x"]}, "not the name of a subreddit"),
        ({"subreddits": [], "comments": True}, "name them in `subreddits`"),
        ({"mode": "rss"}, "feed_token and feed_user"),
    ],
)
def test_wrong_settings_are_told_with_what_to_write(world: World, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RedditSource.Settings.model_validate(world.settings() | more)
