"""Google Business Profile: the reviews of one place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page
from tests.collect.worlds.google import Tokens, error

PLACE = "accounts/111/locations/222"


class World(base.World):
    """Every text is the comment of a review; pages are named by the place of the last one shown."""

    page: ClassVar[int] = 5
    wait: ClassVar[timedelta] = timedelta(minutes=1)
    """None is told; BuzzGuard's own."""
    secrets: ClassVar[tuple[str, ...]] = ("GOCSPX-very-secret", "1//0refresh-token")
    stale = False
    """Whether the names of further pages are no longer known."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.tokens = Tokens(server, client=self.secrets[0], refresh=self.secrets[1])

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request(f"/v4/{PLACE}/reviews").respond_with_handler(self._answer)
        return {
            "address": self.server.url_for("").rstrip("/"),
            "token_address": self.tokens.address,
            "locations": [PLACE],
            "client_id": "client",
            "client_secret": {"env": "SECRET_0"},
            "refresh_token": {"env": "SECRET_1"},
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"locations": ["accounts/111/locations/404"]}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return error(503, "UNAVAILABLE")
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return error(429, "RESOURCE_EXHAUSTED")
        if self.trouble == "refused" or not self.tokens.accepts(request):
            return error(401, "UNAUTHENTICATED")
        response = self._found(request)
        return cut(response) if self.trouble == "cut" else response

    def _found(self, request: Request) -> Response:
        assert (request.args["orderBy"], request.args["pageSize"]) == ("updateTime desc", "50")
        newest = [self.review(text) for text in reversed(self.texts)]
        start = 0
        if "pageToken" in request.args:
            if self.stale:
                return error(400, "INVALID_ARGUMENT", "Invalid page token")
            start = len(newest) - int(request.args["pageToken"])
        shown = newest[start : start + self.page]
        body: dict[str, Any] = {"reviews": shown, "averageRating": 4.1, "totalReviewCount": len(newest)}
        if start + len(shown) < len(newest):
            body["nextPageToken"] = str(len(newest) - start - len(shown))
        return reply(body)

    def review(self, text: str) -> dict[str, Any]:
        """A review as the API shows it."""
        number, at = f"AbCd{self.texts.index(text)}", self.at(text).isoformat().replace("+00:00", ".000000000Z")
        spoilt = text in self.spoilt
        return {
            "name": f"{PLACE}/reviews/{number}",
            "reviewId": {} if spoilt else number,
            "reviewer": None if spoilt else {"displayName": "Mathilde R.", "isAnonymous": False},
            "starRating": "ONE",
            "comment": text,
            "createTime": at,
            "updateTime": at,
        }
