"""Google Play: the reviews of one app."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page
from tests.collect.worlds.google import Tokens, account_file, error
from tests.collect.worlds.keys import private_key

PACKAGE = "com.example.lumio"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"


class World(base.World):
    """Every text is the text of a review; pages are named by the place of the last one shown."""

    page: ClassVar[int] = 5
    wait: ClassVar[timedelta] = timedelta(minutes=1)
    """None is told; BuzzGuard's own."""
    secrets: ClassVar[tuple[str, ...]] = (private_key("RS256"),)
    stale = False
    """Whether the names of further pages are no longer known."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.tokens = Tokens(server, scope=SCOPE)

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        path = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"
        self.server.expect_request(path).respond_with_handler(self._answer)
        return {
            "address": self.server.url_for("").rstrip("/"),
            "packages": [PACKAGE],
            "service_account": {"file": str(account_file(self.folder, self.tokens.address))},
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"packages": ["com.example.nothing"]}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return error(503, "UNAVAILABLE")
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return error(429, "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED")
        if self.trouble == "refused" or not self.tokens.accepts(request):
            return error(401, "UNAUTHENTICATED")
        response = self._found(request)
        return cut(response) if self.trouble == "cut" else response

    def _found(self, request: Request) -> Response:
        newest = [self.review(text) for text in reversed(self.texts)]
        start = 0
        if "token" in request.args:
            if self.stale:
                return error(400, "INVALID_ARGUMENT", "Invalid token")
            start = [f"after-{place}" for place in range(len(newest) - 1, -1, -1)].index(request.args["token"]) + 1
        shown = newest[start : start + self.page]
        body: dict[str, Any] = {"reviews": shown} if shown else {}
        if start + len(shown) < len(newest):
            body["tokenPagination"] = {"nextPageToken": f"after-{len(newest) - start - len(shown)}"}
        return reply(body)

    def review(self, text: str) -> dict[str, Any]:
        """A review as the API shows it."""
        place, second = self.texts.index(text), int(self.at(text).timestamp())
        comment = {
            "text": f"\t{text}",
            "lastModified": {"seconds": str(second), "nanos": 0},
            "starRating": 1,
            "reviewerLanguage": "fr",
            "thumbsUpCount": 12,
        }
        if text in self.spoilt:
            return {"reviewId": None, "authorName": None, "comments": [{"developerComment": {"text": "Bonjour"}}]}
        return {"reviewId": f"gp:AO{place}", "authorName": "A Google user", "comments": [{"userComment": comment}]}
