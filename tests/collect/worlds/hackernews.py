"""The search of Hacker News."""

from __future__ import annotations

import operator
import re
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, reply, web_page

_COMPARE = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">": operator.gt, ">=": operator.ge}
_CONDITION = re.compile(r"created_at_i(<=|>=|<|>|=)(\d+)")


class World(base.World):
    """Every text is a comment that the search finds; the server gives fewer hits a page than it is asked for."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page", "cut"))
    page: ClassVar[int] = 5

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/v1/search_by_date").respond_with_handler(self._answer)
        return {"address": self.server.url_for("/api/v1"), "queries": ["lumio"]}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none"), "queries": ["lumio"]}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "limited":
            return reply({"message": "blacklisted", "status": 429}, 429, Retry_After=f"{self.wait.total_seconds():.0f}")
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        hits = [self.hit(number, text) for number, text in enumerate(self.texts)]
        for condition in request.args["numericFilters"].split(","):
            match = _CONDITION.fullmatch(condition)
            if match is None:
                return reply({"message": f"invalid numericFilters {condition}", "status": 400}, 400)
            compare, bound = _COMPARE[match[1]], int(match[2])
            hits = [hit for hit in hits if compare(hit["created_at_i"], bound)]
        hits = sorted(hits, key=lambda hit: int(hit["created_at_i"]), reverse=True)
        size = min(self.page, int(request.args["hitsPerPage"]))
        body = {
            "hits": hits[:size],
            "page": 0,
            "nbHits": len(hits),
            "hitsPerPage": size,
            "query": request.args["query"],
        }
        response = reply(body)
        return cut(response) if self.trouble == "cut" else response

    def hit(self, number: int, text: str) -> dict[str, Any]:
        """A comment as the index holds it."""
        at = self.at(text)
        if text in self.spoilt:
            return {"objectID": None, "created_at_i": int(at.timestamp()), "comment_text": {"value": 7}, "_tags": None}
        return {
            "objectID": str(49_100_000 + number),
            "created_at": at.isoformat(),
            "created_at_i": int(at.timestamp()),
            "author": "kettlehead",
            "title": None,
            "points": None,
            "num_comments": None,
            "comment_text": text,
            "story_title": "Connected kettles are melting",
            "story_id": 49_099_000,
            "parent_id": 49_099_000,
            "_tags": ["comment", "author_kettlehead", "story_49099000"],
        }
