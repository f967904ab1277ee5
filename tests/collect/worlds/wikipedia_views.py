"""The page views of Wikimedia."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import NOW, Trouble, cut, reply, web_page


class World(base.World):
    """One article: every day has as many views as texts were published."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("refused", "limited", "down", "web_page", "cut"))
    counts: ClassVar[bool] = True

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        path = (
            "/metrics/pageviews/per-article/fr.wikipedia/all-access/user/Lumio_(entreprise)/daily/20261023/20261121",
            "/metrics/pageviews/per-article/fr.wikipedia/all-access/user/Lumio_(entreprise)/daily/20261118/20261121",
        )
        for each in path:
            self.server.expect_request(each).respond_with_handler(self._answer)
        return {"address": self.server.url_for("/"), "articles": {"fr.wikipedia": ["Lumio (entreprise)"]}}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none"), "articles": {"fr.wikipedia": ["Lumio"]}}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "refused":
            return Response("Please set a user-agent and respect our robot policy", 403)
        if self.trouble == "limited":
            return Response("slow down", 429, {"Retry-After": f"{self.wait.total_seconds():.0f}"})
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        first = request.path.rpartition("/")[0].rpartition("/")[2]
        days = [NOW - timedelta(days=back) for back in range(30, 0, -1)]
        items = [self.item(f"{day:%Y%m%d}", len(self.texts)) for day in days if f"{day:%Y%m%d}" >= first]
        response = reply({"items": items})
        return cut(response) if self.trouble == "cut" else response

    def item(self, day: str, views: int) -> dict[str, Any]:
        """A day as the service tells it."""
        return {
            "project": "fr.wikipedia",
            "article": "Lumio_(entreprise)",
            "granularity": "daily",
            "timestamp": f"{day}00",
            "access": "all-access",
            "agent": "user",
            "views": views,
        }
