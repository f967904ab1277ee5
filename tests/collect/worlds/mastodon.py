"""A Mastodon server: hashtag timelines, search, what it says of itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import NOW, Trouble, cut, reply, web_page

ERRORS: dict[Trouble, tuple[str, int]] = {
    "refused": ("The access token is invalid", 401),
    "limited": ("Too many requests", 429),
}


class World(base.World):
    """One server with one hashtag; ids grow with the time of writing."""

    page = 40
    secrets: ClassVar[tuple[str, ...]] = ("mastodon-token-1234",)

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.asked: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.headers: dict[str, str] = {}
        self.instance: dict[str, Any] = {"configuration": {"urls": {"streaming": ""}}}
        self.instance_asked = 0
        self.open = True
        self.changed: dict[str, dict[str, Any]] = {}
        """Further fields of statuses, by text."""
        self.underway: set[str] = set()
        """Said on other servers; this one has not heard of them yet."""

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/v1/timelines/tag/lumio").respond_with_handler(self._timeline)
        self.server.expect_request("/api/v2/search").respond_with_handler(self._search)
        self.server.expect_request("/api/v2/instance").respond_with_handler(self._instance)
        return {"servers": [self.address], "hashtags": ["#lumio"], "token": {"env": "SECRET_0"}}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"servers": [f"{self.address}/nothing"]}

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.server.url_for("/").rstrip("/")

    def status(self, text: str) -> dict[str, Any]:
        """A status as the server writes it."""
        number = 115_400_000_000_000_000 + self.texts.index(text)
        if text in self.spoilt:
            return {"id": None, "uri": None, "visibility": "public", "created_at": 7, "account": None}
        address = "https://piaille.example"
        account = {
            "id": "109000000000000007",
            "username": "bouilloirette",
            "acct": "bouilloirette@piaille.example",
            "display_name": "Bouilloirette",
            "bot": False,
            "created_at": "2022-11-05T00:00:00.000Z",
            "followers_count": 812,
        }
        return {
            "id": str(number),
            "created_at": self.at(text).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "in_reply_to_id": None,
            "spoiler_text": "",
            "visibility": "public",
            "language": "fr",
            "uri": f"{address}/users/bouilloirette/statuses/{number}",
            "url": f"{address}/@bouilloirette/{number}",
            "replies_count": 4,
            "reblogs_count": 22,
            "favourites_count": 31,
            "quotes_count": 1,
            "content": text,
            "reblog": None,
            "account": account,
        } | self.changed.get(text, {})

    def _troubled(self, request: Request) -> Response | None:
        self.asked.append(dict(request.args))
        self.tokens.append(request.headers.get("Authorization", ""))
        if self.trouble in ERRORS:
            said, status = ERRORS[self.trouble]
            reset = (NOW + self.wait).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            limits = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": reset} if status == 429 else {}
            return reply({"error": said}, status, **limits)
        if self.trouble == "down":
            return Response("<html>Maintenance</html>", 503, content_type="text/html")
        if self.trouble == "web_page":
            return web_page()
        return None

    def _timeline(self, request: Request) -> Response:
        troubled = self._troubled(request)
        if troubled is not None:
            return troubled
        newest = [(115_400_000_000_000_000 + index, text) for index, text in enumerate(self.texts)][::-1]
        below = int(request.args.get("max_id", 1 << 62))
        shown = [(number, text) for number, text in newest if number < below and text not in self.underway][
            : int(request.args["limit"])
        ]
        links = {}
        if shown and self.open:
            tag = f"{self.address}/api/v1/timelines/tag/lumio"
            older, newer = f'<{tag}?max_id={shown[-1][0]}>; rel="next"', f'<{tag}?min_id={shown[0][0]}>; rel="prev"'
            links = {"Link": f"{older}, {newer}"}
        answer = reply([self.status(text) for _, text in shown] if self.open else [], 200, **links, **self.headers)
        return cut(answer) if self.trouble == "cut" else answer

    def _search(self, request: Request) -> Response:
        troubled = self._troubled(request)
        start = int(request.args.get("offset", 0))
        found = [self.status(text) for text in self.texts[::-1]][start : start + int(request.args["limit"])]
        return troubled or reply({"accounts": [], "statuses": found if self.open else [], "hashtags": []})

    def _instance(self, _: Request) -> Response:
        self.instance_asked += 1
        return reply(self.instance)


def reset_in(seconds: int) -> str:
    """A reset as Mastodon writes it."""
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
