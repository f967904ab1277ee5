"""GNews: one search."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page


class World(base.World):
    """Every text is the description of an article that the search finds. The quota of the day ends at 00:00 UTC."""

    page: ClassVar[int] = 5
    wait: ClassVar[timedelta] = timedelta(hours=15)
    secrets: ClassVar[tuple[str, ...]] = ("0123456789abcdef0123456789abcdef",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/v4/search").respond_with_handler(self._answer)
        return {
            "address": self.server.url_for("/api/v4"),
            "queries": ["lumio"],
            "key": {"env": "SECRET_0"},
            "requests_per_second": 100,
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/none")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return reply({"errors": ["Service unavailable"]}, 503)
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return reply({"errors": ["You have reached your request limit for today."]}, 403)
        if self.trouble == "refused" or request.args.get("apikey") != self.secrets[0]:
            return reply({"errors": [f"Your API key {self.secrets[0]} is invalid."]}, 401)
        since = datetime.fromisoformat(request.args["from"])
        until = datetime.fromisoformat(request.args.get("to", "2100-01-01T00:00:00Z"))
        found = [self.article(text) for text in reversed(self.texts) if since <= self.at(text) <= until]
        response = reply({"totalArticles": len(found), "articles": found[: self.page]})
        return cut(response) if self.trouble == "cut" else response

    def article(self, text: str) -> dict[str, Any]:
        """An article as the service shows it."""
        spoilt = text in self.spoilt
        return {
            "title": "Lumio rappelle 40 000 bouilloires",
            "description": {} if spoilt else text,
            "content": None,
            "url": 4 if spoilt else f"https://conso-matin.example/lumio-{self.texts.index(text)}",
            "image": None,
            "publishedAt": self.at(text).isoformat().replace("+00:00", "Z"),
            "lang": "fr",
            "source": {"id": "s1", "name": "Conso Matin", "url": "https://conso-matin.example", "country": "fr"},
        }
