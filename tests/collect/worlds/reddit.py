"""Reddit's API: one subreddit's new posts."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page

AGENT = "linux:org.example.buzzguard:1.0 (by /u/acme)"
BASIC = "Basic " + b64encode(b"client:very-secret").decode()


class World(base.World):
    """`/r/acme/new`, a hundred a page, for whoever holds a token of the hour."""

    page: ClassVar[int] = 100
    secrets: ClassVar[tuple[str, ...]] = ("very-secret",)
    tokens = 0
    """How many were given out; the last one counts."""
    deleted: frozenset[str] = frozenset()
    """Texts whose posts are gone from the list: as anchors they empty it."""
    remaining = "96.0"
    reset = "498"
    lasts = 86_400

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/v1/access_token", method="POST").respond_with_handler(self._token)
        self.server.expect_request("/r/acme/new").respond_with_handler(self._new)
        root = self.server.url_for("").rstrip("/")
        return {
            "subreddits": ["acme"],
            "client_id": "client",
            "client_secret": {"env": "SECRET_0"},
            "user_agent": AGENT,
            "address": root,
            "api": root,
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"subreddits": ["nothing"]}

    def _token(self, request: Request) -> Response:
        named = request.headers.get("Authorization") == BASIC and request.headers.get("User-Agent") == AGENT
        if not named or request.form.get("grant_type") != "client_credentials" or self.trouble == "refused":
            return reply({"message": "Unauthorized", "error": 401}, 401)
        self.tokens += 1
        return reply(
            {"access_token": f"t{self.tokens}", "token_type": "bearer", "expires_in": self.lasts, "scope": "*"}
        )

    def _new(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"bearer t{self.tokens}":
            return reply({"message": "Unauthorized", "error": 401}, 401)
        assert request.headers.get("User-Agent") == AGENT
        assert request.args["raw_json"] == "1"
        if self.trouble == "limited":
            return self._told(reply({"message": "Too Many Requests", "error": 429}, 429), "0.0", "90")
        if self.trouble == "down":
            return reply({"message": "Service Unavailable", "error": 503}, 503)
        if self.trouble == "web_page":
            return web_page()
        answer = self._told(reply(self._listing(request)), self.remaining, self.reset)
        return cut(answer) if self.trouble == "cut" else answer

    def _told(self, answer: Response, remaining: str, reset: str) -> Response:
        answer.headers.extend({"x-ratelimit-remaining": remaining, "x-ratelimit-used": "4", "x-ratelimit-reset": reset})
        return answer

    def _listing(self, request: Request) -> dict[str, Any]:
        newest = [text for text in reversed(self.texts) if text not in self.deleted]
        names = [self.name(text) for text in newest]
        start = 0
        if "after" in request.args:
            after = request.args["after"]
            start = names.index(after) + 1 if after in names else len(names)
        some = newest[start : start + int(request.args.get("limit", "25"))]
        more = some and start + len(some) < len(newest)
        return {
            "kind": "Listing",
            "data": {
                "after": self.name(some[-1]) if more else None,
                "before": None,
                "dist": len(some),
                "children": [{"kind": "t3", "data": self.post(text)} for text in some],
            },
        }

    def name(self, text: str) -> str:
        """The full name of a post."""
        return f"t3_p{self.texts.index(text)}"

    def post(self, text: str) -> dict[str, Any]:
        """A post as the API tells it."""
        if text in self.spoilt:
            return {"name": None, "created_utc": "yesterday", "selftext": ["x"], "author": None}
        return {
            "name": self.name(text),
            "id": self.name(text)[3:],
            "title": "",
            "selftext": text,
            "author": "theiere_triste",
            "author_fullname": "t2_9xyz12",
            "score": 412,
            "num_comments": 131,
            "num_crossposts": 2,
            "view_count": None,
            "created_utc": self.at(text).timestamp(),
            "edited": False,
            "permalink": f"/r/acme/comments/{self.name(text)[3:]}/x/",
            "removed_by_category": None,
        }
