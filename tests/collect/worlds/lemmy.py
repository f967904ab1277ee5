"""A Lemmy instance that answers `v3`."""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, reply, web_page


class World(base.World):
    """Every other text is a comment, the others are posts; pages are numbered, and shift when something is said."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page", "cut"))
    page: ClassVar[int] = 5

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/api/v3/search").respond_with_handler(self._answer)
        return {"address": self.server.url_for("/"), "queries": ["lumio"], "per_page": self.page}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none"), "queries": ["lumio"]}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "limited":
            wait = f"{self.wait.total_seconds():.0f}"
            return reply({"error": "too_many_requests"}, 429, Retry_After=wait)
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        kind, page, limit = request.args["type_"], int(request.args["page"]), int(request.args["limit"])
        if limit > 50 or kind not in ("Posts", "Comments"):
            return reply({"error": "couldnt_get_posts"}, 400)
        said = [text for number, text in enumerate(self.texts) if (kind == "Comments") == bool(number % 2)]
        said = sorted(said, key=self.at, reverse=True)[(page - 1) * limit : page * limit]
        found = [self.record(text, "comment" if kind == "Comments" else "post") for text in said]
        empty: dict[str, Any] = {"type_": kind, "posts": [], "comments": [], "communities": [], "users": []}
        response = reply(empty | {kind.lower(): found})
        return cut(response) if self.trouble == "cut" else response

    def record(self, text: str, name: str) -> dict[str, Any]:
        """A post or a comment as the instance shows it."""
        number = self.texts.index(text)
        shown: dict[str, Any] = {
            "id": number,
            "removed": False,
            "deleted": False,
            "published": self.at(text).isoformat().replace("+00:00", "Z"),
            "updated": None,
            "ap_id": None if text in self.spoilt else f"https://lemmy.example/{name}/{number}",
        }
        post = {"name": "", "ap_id": "https://lemmy.example/post/991", "featured_community": False}
        said = {"content": text} if name == "comment" else {"name": "About it", "body": text}
        return {
            "post": post,
            "creator": {"id": 12, "name": "kettlehead", "actor_id": "https://lemmy.example/u/kettlehead"},
            "community": {"id": 5, "name": "appliances"},
            "counts": {"score": 52, "upvotes": 55, "downvotes": 3, "comments": 14},
            name: (post if name == "post" else {}) | shown | said,
        }
