"""Meta's Graph: what tags a page, its feed and comments, and a hashtag."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page

PAGE = "1234567890"


def error(code: int, message: str, status: int = 400) -> Response:
    """An error as Graph tells it."""
    return reply({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b"}}, status)


class World(base.World):
    """Posts that tag a page, fifty at a time."""

    page: ClassVar[int] = 50
    secrets: ClassVar[tuple[str, ...]] = ("EAAG-token",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.lists: dict[str, list[dict[str, Any]]] = {f"{PAGE}/feed": []}
        self.out: Response | None = None

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request(re.compile("^/v26.0/.*")).respond_with_handler(self._answer)
        return {"page": PAGE, "access_token": {"env": "SECRET_0"}, "address": self.server.url_for("/v26.0")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/nothing")}

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer EAAG-token" or self.trouble == "refused":
            return error(190, "Error validating access token: Session has expired", 401)
        if self.trouble == "limited":
            answer = error(32, "(#32) Page request limit reached", 403)
            answer.headers["Retry-After"] = "90"
            return answer
        if self.trouble == "down":
            return error(2, "An unexpected error has occurred. Please retry your request later.", 500)
        if self.trouble == "web_page":
            return web_page()
        if self.out is not None:
            return self.out
        path = request.path.removeprefix("/v26.0/")
        if path != f"{PAGE}/tagged":
            known = self.lists.get(path)
            after = "after" in request.args
            return reply({"data": [] if after else known}) if known is not None else error(100, "Unknown path")
        answer = reply(self._tagged(request))
        return cut(answer) if self.trouble == "cut" else answer

    def _tagged(self, request: Request) -> dict[str, Any]:
        below = int(request.args["after"].removeprefix("QVFI")) if "after" in request.args else len(self.texts)
        some = list(range(below - 1, max(below - 51, -1), -1))
        document: dict[str, Any] = {"data": [self.post(self.texts[number]) for number in some]}
        if some:
            document["paging"] = {"cursors": {"after": f"QVFI{some[-1]}"}}
        return document

    def post(self, text: str) -> dict[str, Any]:
        """A post as Graph tells it, without `from`."""
        if text in self.spoilt:
            return {"message": None, "created_time": []}
        number = f"99_{self.texts.index(text)}"
        return {
            "id": number,
            "message": text,
            "created_time": self.at(text).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/{number}",
        }
