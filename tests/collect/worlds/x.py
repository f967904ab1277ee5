"""X's API: recent search, counts, mentions of an account, and what they are charged."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import NOW, START, cut, reply, web_page

SEARCH, COUNTS, OWN = "/2/tweets/search/recent", "/2/tweets/counts/recent", "/2/users/777/mentions"
FIRST_ID = 1990000000000000000
PROBLEM = "https://api.x.com/2/problems/"


class World(base.World):
    """One search; what it returns is charged once a day."""

    page: ClassVar[int] = 100
    secrets: ClassVar[tuple[str, ...]] = ("AAAA-bearer",)
    posts = "always"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.charged: set[str] = set()
        self._places: dict[str, int] = {}
        self.calls = {SEARCH: 0, COUNTS: 0, OWN: 0}
        self.headers: dict[str, str] = {}
        self.out: dict[str, Response] = {}
        """What a path answers instead."""

    @property
    def dollars(self) -> float:
        """The bill: posts, accounts and counts."""
        posts = sum(one.startswith("post") for one in self.charged)
        users = len(self.charged) - posts
        return posts * 0.005 + users * 0.010 + self.calls[COUNTS] * 0.005

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        for path, answer in ((SEARCH, self._search), (OWN, self._search), (COUNTS, self._counts)):
            self.server.expect_request(path).respond_with_handler(answer)
        root = self.server.url_for("").rstrip("/")
        token = {"env": "SECRET_0"}
        return {"query": "lumio", "bearer_token": token, "address": root, "posts": self.posts, "daily_cap": 100}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/nothing").rstrip("/")}

    def _refused(self, request: Request) -> Response | None:
        self.calls[request.path] += 1
        if request.path in self.out:
            return self.out[request.path]
        if request.headers.get("Authorization") != "Bearer AAAA-bearer" or self.trouble == "refused":
            return reply({"title": "Unauthorized", "type": "about:blank", "status": 401}, 401)
        if self.trouble == "limited":
            answer = reply({"title": "Too Many Requests", "type": PROBLEM + "rate-limit-exceeded"}, 429)
            until = str(int((NOW + self.wait).timestamp()))
            answer.headers.extend({"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0"})
            answer.headers["x-rate-limit-reset"] = until
            return answer
        if self.trouble == "down":
            return reply({"title": "Service Unavailable", "type": "about:blank", "status": 503}, 503)
        return web_page() if self.trouble == "web_page" else None

    def _search(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        many = int(request.args["max_results"])
        assert 10 <= many <= 100
        after = request.args.get("since_id", "")
        start = request.args.get("start_time", "")
        token = request.args.get("next_token") or request.args.get("pagination_token") or ""
        found = [
            text
            for text in reversed(self.texts)
            if (not after or self.number(text) > int(after))
            and (not start or self.at(text) >= datetime.fromisoformat(start))
            and (not token or self.number(text) < int(token.removeprefix("b26v")))
        ]
        some = found[:many]
        answer = reply(self._document(some, more=len(found) > many, authors="expansions" in request.args))
        answer.headers.extend(self.headers)
        return cut(answer) if self.trouble == "cut" else answer

    def _document(self, some: list[str], *, more: bool, authors: bool) -> dict[str, Any]:
        if not some:
            return {"meta": {"result_count": 0}}
        self.charged |= {f"post {self.number(text)}" for text in some}
        meta: dict[str, Any] = {
            "newest_id": str(self.number(some[0])),
            "oldest_id": str(self.number(some[-1])),
            "result_count": len(some),
        }
        if more:
            meta["next_token"] = f"b26v{self.number(some[-1])}"
        document: dict[str, Any] = {"data": [self.post(text) for text in some], "meta": meta}
        if authors:
            self.charged.add("user 777000111")
            document["includes"] = {"users": [{"id": "777000111", "name": "Clémence", "username": "clem_the"}]}
        return document

    def at(self, text: str) -> datetime:
        """See `base.World`."""
        return START + timedelta(minutes=self._place(text))

    def number(self, text: str) -> int:
        """The id of a post."""
        return FIRST_ID + self._place(text)

    def _place(self, text: str) -> int:
        if len(self._places) != len(self.texts):
            self._places = {text: place for place, text in enumerate(self.texts)}
        return self._places[text]

    def post(self, text: str) -> dict[str, Any]:
        """A post as X tells it."""
        if text in self.spoilt:
            return {"id": str(self.number(text)), "text": None, "created_at": 12, "edit_history_tweet_ids": "x"}
        return {
            "id": str(self.number(text)),
            "text": text,
            "created_at": self.at(text).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "lang": "fr",
            "author_id": "777000111",
            "public_metrics": {"retweet_count": 41, "reply_count": 12, "like_count": 203, "quote_count": 7},
            "edit_history_tweet_ids": [str(self.number(text))],
        }

    def _counts(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        width = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}[request.args["granularity"]]
        start = datetime.fromisoformat(request.args["start_time"])
        end = datetime.fromisoformat(request.args["end_time"])
        many = Counter((self.at(text) - start) // width for text in self.texts)
        data: list[dict[str, Any]] = []
        while start < end:
            data.append({"start": _iso(start), "end": _iso(start + width), "tweet_count": many[len(data)]})
            start += width
        return reply({"data": data, "meta": {"total_tweet_count": sum(one["tweet_count"] for one in data)}})


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
