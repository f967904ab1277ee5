"""NewsAPI.org: one search."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page


class World(base.World):
    """Every text is the description of an article that the search finds; the free plan pages through `most` of them."""

    page: ClassVar[int] = 5
    most: ClassVar[int] = 100
    wait: ClassVar[timedelta] = timedelta(hours=1)
    """None is told; BuzzGuard's own."""
    secrets: ClassVar[tuple[str, ...]] = ("0123456789abcdef0123456789abcdef",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/v2/everything").respond_with_handler(self._answer)
        return {"address": self.server.url_for("/v2"), "queries": ["lumio"], "key": {"env": "SECRET_0"}}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/none")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return error(429, "rateLimited", f"Too many requests recently, {self.secrets[0]}.")
        if self.trouble == "refused" or request.headers.get("X-Api-Key") != self.secrets[0]:
            return error(401, "apiKeyInvalid", f"Your API key {self.secrets[0]} is invalid or incorrect.")
        response = self._found(request)
        return cut(response) if self.trouble == "cut" else response

    def _found(self, request: Request) -> Response:
        since = datetime.fromisoformat(request.args["from"])
        until = datetime.fromisoformat(request.args.get("to", "2100-01-01T00:00:00Z"))
        number, size = int(request.args.get("page", 1)), int(request.args["pageSize"])
        if number * size > self.most:
            return error(426, "maximumResultsReached", f"Accounts are limited to a max of {self.most} results.")
        found = [self.article(text) for text in reversed(self.texts) if since <= self.at(text) <= until]
        shown = found[(number - 1) * self.page : number * self.page]
        return reply({"status": "ok", "totalResults": len(found), "articles": shown})

    def article(self, text: str) -> dict[str, Any]:
        """An article as the service shows it."""
        spoilt = text in self.spoilt
        return {
            "source": None if spoilt else {"id": None, "name": "Conso Matin"},
            "author": ["?"] if spoilt else "Élodie Garnier",
            "title": "Lumio rappelle 40 000 bouilloires",
            "description": 7 if spoilt else text,
            "url": None if spoilt else f"https://conso-matin.example/lumio-{self.texts.index(text)}",
            "urlToImage": None,
            "publishedAt": self.at(text).isoformat().replace("+00:00", "Z"),
            "content": None,
        }


def error(status: int, code: str, message: str) -> Response:
    """An error of the service."""
    return reply({"status": "error", "code": code, "message": message}, status)
