"""A site with an RSS feed."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, web_page


class World(base.World):
    """One feed that lists everything, with an ETag."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("refused", "limited", "down", "web_page", "cut"))

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/feed").respond_with_handler(self._answer)
        return {"url": self.server.url_for("/feed")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"url": self.server.url_for("/nothing")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "refused":
            return Response("no", 401)
        if self.trouble == "limited":
            return Response("slow down", 429, {"Retry-After": str(int(self.wait.total_seconds()))})
        if self.trouble == "down":
            return Response("later", 503)
        if self.trouble == "web_page":
            return web_page()
        tag = f'"{len(self.texts)}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        items = "".join(self._item(text) for text in self.texts)
        document = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
        response = Response(document, content_type="application/rss+xml", headers={"ETag": tag})
        return cut(response) if self.trouble == "cut" else response

    def _item(self, text: str) -> str:
        if text in self.spoilt:
            return "<item><guid></guid></item>"
        said = escape(text)
        return (
            f"<item><guid>{said[:80]}</guid><description>{said}</description>"
            f"<pubDate>{self.at(text).isoformat()}</pubDate></item>"
        )
