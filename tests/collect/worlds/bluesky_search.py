"""A PDS of Bluesky: sessions and search."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import NOW, cut, reply, web_page
from tests.collect.worlds.bluesky_jetstream import DID, tid


class World(base.World):
    """One account. Access tokens are numbered; those in `expired` are refused."""

    page = 100
    secrets: ClassVar[tuple[str, ...]] = ("hunter-app-pass",)

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.logins = self.renewals = 0
        self.expired: set[str] = set()
        self.refresh_ended = False
        self.asked: list[dict[str, str]] = []
        self.headers: dict[str, str] = {}

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        xrpc = {
            "com.atproto.server.createSession": self._login,
            "com.atproto.server.refreshSession": self._renew,
            "app.bsky.feed.searchPosts": self._search,
        }
        for name, handler in xrpc.items():
            self.server.expect_request(f"/xrpc/{name}").respond_with_handler(handler)
        return {
            "identifier": "lumio-watch.bsky.social",
            "password": {"env": "SECRET_0"},
            "queries": ["lumio"],
            "service": self.server.url_for("/").rstrip("/"),
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"service": self.server.url_for("/nothing")}

    def _login(self, request: Request) -> Response:
        body = request.get_json()
        if self.trouble == "refused" or body["password"] != self.secrets[0]:
            return reply({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        self.logins += 1
        return self._tokens()

    def _renew(self, request: Request) -> Response:
        if self.refresh_ended or not request.headers["Authorization"].startswith("Bearer refresh"):
            return reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        self.renewals += 1
        return self._tokens()

    def _tokens(self) -> Response:
        number = self.logins + self.renewals
        return reply({"accessJwt": f"access{number}", "refreshJwt": f"refresh{number}", "did": DID, "handle": "x"})

    def _search(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.trouble == "limited":
            wait = str(int(self.wait.total_seconds()))
            return reply({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, Retry_After=wait)
        if self.trouble == "down":
            return reply({"error": "UpstreamFailure", "message": "Upstream Failure"}, 502)
        if self.trouble == "web_page":
            return web_page()
        if not token.startswith("access"):
            return reply({"error": "AuthMissing", "message": "Authentication Required"}, 401)
        if token in self.expired:
            return reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        self.asked.append(dict(request.args))
        answer = self._found(request)
        return cut(answer) if self.trouble == "cut" else answer

    def _found(self, request: Request) -> Response:
        since = datetime.fromisoformat(request.args["since"])
        texts = [text for text in reversed(self.texts) if self.at(text) >= since]
        start, most = int(request.args.get("cursor", 0)), int(request.args["limit"])
        shown = texts[start : start + most]
        more = {"cursor": str(start + most)} if start + most < len(texts) else {}
        return reply(
            {"posts": [self.post(text) for text in shown], "hitsTotal": len(texts)} | more, 200, **self.headers
        )

    def post(self, text: str) -> dict[str, Any]:
        """The view of a post."""
        at = self.at(text)
        if text in self.spoilt:
            return {"uri": 7, "record": None, "indexedAt": at.isoformat()}
        return {
            "uri": f"at://{DID}/app.bsky.feed.post/{tid(at)}",
            "author": {"did": DID, "handle": "cafetiere.bsky.social", "displayName": "Clémence", "labels": []},
            "record": {"$type": "app.bsky.feed.post", "createdAt": at.isoformat(), "langs": ["fr"], "text": text},
            "replyCount": 12,
            "repostCount": 41,
            "likeCount": 203,
            "quoteCount": 7,
            "indexedAt": (at + timedelta(seconds=1)).isoformat(),
        }


def soon(seconds: int) -> str:
    """A reset in unix seconds."""
    return str(int(NOW.timestamp()) + seconds)
