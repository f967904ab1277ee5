"""mediastack: one search."""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page


class World(base.World):
    """Every text is the description of an article that the search finds. Paged by offset, within days."""

    page: ClassVar[int] = 5
    secrets: ClassVar[tuple[str, ...]] = ("0123456789abcdef0123456789abcdef",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/v1/news").respond_with_handler(self._answer)
        address = self.server.url_for("/v1")
        return {"address": address, "queries": ["lumio"], "key": {"env": "SECRET_0"}, "plan": "paid"}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/none")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return error(429, "rate_limit_reached", "Slow down.", Retry_After=f"{self.wait.total_seconds():.0f}")
        if self.trouble == "refused" or request.args.get("access_key") != self.secrets[0]:
            return error(401, "invalid_access_key", f"You have not supplied a valid API Access Key: {self.secrets[0]}")
        first, last = request.args["date"].split(",")
        found = [self.article(text) for text in reversed(self.texts) if first <= f"{self.at(text):%Y-%m-%d}" <= last]
        offset = int(request.args.get("offset", 0))
        shown = found[offset : offset + self.page]
        paging = {"limit": self.page, "offset": offset, "count": len(shown), "total": len(found)}
        response = reply({"pagination": paging, "data": shown})
        return cut(response) if self.trouble == "cut" else response

    def article(self, text: str) -> dict[str, Any]:
        """An article as the service shows it."""
        spoilt = text in self.spoilt
        return {
            "author": None,
            "title": "Lumio rappelle 40 000 bouilloires",
            "description": text,
            "url": "" if spoilt else f"https://conso-matin.example/lumio-{self.texts.index(text)}",
            "source": "Conso Matin",
            "image": None,
            "category": "general",
            "language": "fr",
            "country": "fr",
            "published_at": self.at(text).isoformat(),
        }


def error(status: int, code: str, message: str, **headers: str) -> Response:
    """An error of the service."""
    return reply({"error": {"code": code, "message": message, "context": None}}, status, **headers)
