"""The interface of Stack Exchange."""

from __future__ import annotations

import gzip
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page


class World(base.World):
    """Every text is a question that the search finds. All answers are compressed; errors come with status 400."""

    page: ClassVar[int] = 5
    secrets: ClassVar[tuple[str, ...]] = ("U4DMV*8nvpm3EOpvf69Rxw((",)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/2.3/search/advanced").respond_with_handler(self._answer)
        return {"address": self.server.url_for("/2.3"), "queries": ["lumio"], "key": {"env": "SECRET_0"}}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.server.url_for("/none"), "queries": ["lumio"], "key": {"env": "SECRET_0"}}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        response = compressed(self._said(request))
        return cut_short(response) if self.trouble == "cut" else response

    def _said(self, request: Request) -> Response:
        if self.trouble == "limited":
            wait = f"more requests available in {self.wait.total_seconds():.0f} seconds"
            return error(502, "throttle_violation", f"too many requests from this IP, {wait}")
        if self.trouble == "refused" or request.args.get("key") != self.secrets[0]:
            return error(400, "bad_parameter", f"`key` doesn't match a known application: {self.secrets[0]}")
        since, until = int(request.args["fromdate"]), int(request.args.get("todate", 10**10))
        items = [self.item(number, text) for number, text in enumerate(self.texts)]
        items = [item for item in reversed(items) if since <= int(item["creation_date"]) <= until]
        shown = items[: self.page]
        return reply({"items": shown, "has_more": len(items) > len(shown), "quota_max": 10_000, "quota_remaining": 998})

    def item(self, number: int, text: str) -> dict[str, Any]:
        """A question as the interface shows it."""
        return {
            "question_id": None if text in self.spoilt else 79_000_000 + number,
            "title": "It melts &amp; smells",
            "body": text,
            "link": f"https://stackoverflow.com/questions/{79_000_000 + number}",
            "score": 3,
            "creation_date": int(self.at(text).timestamp()),
            "owner": {"user_id": 22656, "display_name": "kettlehead"},
        }


def error(number: int, name: str, message: str) -> Response:
    """An error of the interface, always with status 400."""
    return reply({"error_id": number, "error_name": name, "error_message": message}, 400)


def compressed(response: Response) -> Response:
    """The same, as the interface sends everything."""
    response.set_data(gzip.compress(response.get_data(), compresslevel=1))
    response.headers["Content-Encoding"] = "gzip"
    return response


def cut_short(response: Response) -> Response:
    """A compressed answer that ends in the middle."""
    half = cut(response)
    half.headers["Content-Encoding"] = "gzip"
    return half
