"""The interface of GDELT."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, reply, web_page


class World(base.World):
    """Every text is the title of an article that the search finds. There are no pages, only spans of time."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page", "cut"))
    page: ClassVar[int] = 20

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/doc").respond_with_handler(self._answer)
        own = {"queries": ["lumio"], "pause": timedelta(0), "most": self.page}
        return own | {"address": self.server.url_for("/doc")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none"), "queries": ["lumio"], "pause": timedelta(0)}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "limited":
            wait = {"Retry-After": f"{self.wait.total_seconds():.0f}"}
            return Response("Please limit requests to one every 5 seconds", 429, wait, content_type="text/html")
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        begin, end = (
            datetime.strptime(request.args[name], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            for name in ("startdatetime", "enddatetime")
        )
        if begin >= end:
            return sentence("Invalid query start date.")
        found = [text for text in reversed(self.texts) if begin <= self.at(text) <= end]
        articles = [self.article(text) for text in found[: min(250, int(request.args["maxrecords"]))]]
        response = reply({"articles": articles} if articles else {})
        # Control characters come raw.
        response.set_data(response.get_data().replace(b"\\u0007", b"\x07"))
        return cut(response) if self.trouble == "cut" else response

    def article(self, text: str) -> dict[str, Any]:
        """An article as GDELT lists it."""
        number = self.texts.index(text)
        return {
            "url": "" if text in self.spoilt else f"https://conso-matin.example/2026/11/{number}",
            "title": text,
            "seendate": self.at(text).strftime("%Y%m%dT%H%M%SZ"),
            "socialimage": "bell \u0007",
            "domain": "conso-matin.example",
            "language": "French",
            "sourcecountry": "France",
        }


def sentence(said: str) -> Response:
    """An error, as GDELT tells them: with success, as a page of one sentence."""
    return Response(said, 200, content_type="text/html; charset=utf-8")
