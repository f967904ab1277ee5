"""YouTube's Data API: the comments of a video, and a search."""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page

VIDEO = "AbCdEfGhIjK"


def error(code: int, reason: str, message: str = "") -> Response:
    """An error as Google tells it."""
    detail = {"message": message, "domain": "youtube", "reason": reason}
    return reply({"error": {"code": code, "message": message, "errors": [detail]}}, code)


class World(base.World):
    """Comments of one video, newest first, a hundred a page."""

    page: ClassVar[int] = 100
    secrets: ClassVar[tuple[str, ...]] = ("AIza-key",)
    calls = 0
    searches = 0
    out: Response | None = None
    """What comments are answered with instead."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.videos: list[dict[str, Any]] = []
        self.closed: dict[str, Response] = {}

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/commentThreads").respond_with_handler(self._threads)
        self.server.expect_request("/search").respond_with_handler(self._search)
        root = self.server.url_for("").rstrip("/")
        return {"key": {"env": "SECRET_0"}, "videos": [VIDEO], "address": root}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": self.server.url_for("/nothing").rstrip("/")}

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("X-Goog-Api-Key") != "AIza-key" or self.trouble == "refused":
            return error(400, "badRequest", "API key not valid. Please pass a valid API key.")
        if self.trouble == "limited":
            answer = error(403, "userRateLimitExceeded", "Too fast")
            answer.headers["Retry-After"] = "90"
            return answer
        if self.trouble == "down":
            return error(503, "backendError", "Backend Error")
        return web_page() if self.trouble == "web_page" else None

    def _search(self, request: Request) -> Response:
        self.searches += 1
        refused = self._refused(request)
        assert (request.args["order"], request.args["type"]) == ("date", "video")
        return refused or reply({"kind": "youtube#searchListResponse", "items": self.videos})

    def _threads(self, request: Request) -> Response:
        self.calls += 1
        refused = self._refused(request) or self.out or self.closed.get(request.args.get("videoId", ""))
        if refused is not None:
            return refused
        assert (request.args["order"], request.args["textFormat"]) == ("time", "plainText")
        below = int(request.args["pageToken"].removeprefix("Z2V")) if "pageToken" in request.args else len(self.texts)
        some = list(range(below - 1, max(below - 101, -1), -1))
        document: dict[str, Any] = {"items": [self.thread(self.texts[number]) for number in some]}
        if some and some[-1] > 0:
            document["nextPageToken"] = f"Z2V{some[-1]}"
        answer = reply(document)
        return cut(answer) if self.trouble == "cut" else answer

    def thread(self, text: str) -> dict[str, Any]:
        """A thread as YouTube tells it."""
        if text in self.spoilt:
            return {"id": None, "snippet": {"topLevelComment": {"snippet": {"textDisplay": 5}}}}
        number = f"Ugx{self.texts.index(text)}"
        snippet = {
            "videoId": VIDEO,
            "textDisplay": text,
            "authorDisplayName": "@mathilde_75",
            "authorChannelId": {"value": "UC1111111111111111111111"},
            "likeCount": 41,
            "publishedAt": self.at(text).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        top = {"kind": "youtube#comment", "id": number, "snippet": snippet}
        return {"id": number, "snippet": {"videoId": VIDEO, "totalReplyCount": 3, "topLevelComment": top}}
