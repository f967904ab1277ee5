"""A forum with a JSON interface of its own making: pages by number, a bearer token, ISO times."""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page


class World(base.World):
    """Newest first, three records a page."""

    page: ClassVar[int] = 3
    secrets: ClassVar[tuple[str, ...]] = ("t0ken-of-the-forum",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/posts").respond_with_handler(self._answer)
        return {
            "url": self.server.url_for("/api/posts"),
            "params": {"page": "{page}", "after": "{since_unix}"},
            "auth": {"bearer": {"env": "SECRET_0"}},
            "records": "data.items",
            "error": "error.message",
            "mention": {
                "id": "id",
                "text": "body",
                "published": "created",
                "url": "join('', ['/p/', id])",
                "author": "user.login",
                "likes": "stats.likes",
            },
            "paging": {"by": "page", "size": self.page},
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"url": self.server.url_for("/nothing")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "refused" or request.headers.get("Authorization") != f"Bearer {self.secrets[0]}":
            return reply({"error": {"message": f"bad token {self.secrets[0]}"}}, 401)
        if self.trouble == "limited":
            return reply({}, 429, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(self.wait.total_seconds())))
        if self.trouble == "down":
            return reply({"error": {"message": "try later"}}, 503)
        if self.trouble == "web_page":
            return web_page()
        begin = (int(request.args["page"]) - 1) * self.page
        since = float(request.args["after"])
        newest = [text for text in reversed(self.texts) if self.at(text).timestamp() >= since]
        response = reply({"data": {"items": [self._record(text) for text in newest[begin : begin + self.page]]}})
        return cut(response) if self.trouble == "cut" else response

    def _record(self, text: str) -> dict[str, Any]:
        if text in self.spoilt:
            return {"id": None, "body": {"html": "?"}, "created": "yesterday", "user": None}
        return {
            "id": str(self.texts.index(text)),
            "body": text,
            "created": self.at(text).isoformat(),
            "user": {"login": "clem"},
            "stats": {"likes": "3"},
        }
