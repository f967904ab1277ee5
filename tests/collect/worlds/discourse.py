"""A private Discourse forum."""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, reply, web_page


class World(base.World):
    """Posts by id, newest first, with gaps between their numbers; `before` names the first that is listed."""

    page: ClassVar[int] = 5
    secrets: ClassVar[tuple[str, ...]] = ("k3y-of-the-forum",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/posts.json").respond_with_handler(self._answer)
        key = {"api_key": {"env": "SECRET_0"}, "api_username": "system"}
        return {"address": self.server.url_for("/"), **key}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none")}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "refused" or request.headers.get("Api-Key") != self.secrets[0]:
            errors = {"errors": ["You are not permitted to view the requested resource."]}
            return reply(errors | {"error_type": "invalid_access"}, 403)
        if self.trouble == "limited":
            seconds = int(self.wait.total_seconds())
            body = {"errors": ["too many times"], "error_type": "rate_limit", "extras": {"wait_seconds": seconds}}
            return reply(body, 429, Retry_After="5")
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        before = int(request.args.get("before", 10**9))
        posts = [self.post(number, text) for number, text in enumerate(self.texts)]
        shown = [post for post in reversed(posts) if int(post.pop("number")) <= before][: self.page]
        response = reply({"latest_posts": shown})
        return cut(response) if self.trouble == "cut" else response

    def post(self, number: int, text: str) -> dict[str, Any]:
        """A post as the forum shows it."""
        id = 90_000 + 3 * number
        spoilt: Trouble | bool = text in self.spoilt
        return {
            "number": id,
            "id": {"no": "id"} if spoilt else id,
            "username": "mathilde_75",
            "name": None,
            "created_at": self.at(text).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "cooked": text,
            "post_number": number + 1,
            "topic_id": 4410,
            "topic_slug": "lumio-k2-fondue",
            "topic_title": "Lumio K2 fondue",
            "hidden": False,
            "post_url": f"/t/lumio-k2-fondue/4410/{number + 1}",
        }
