"""Trustpilot: the reviews of one company."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page

UNIT = "507f191e810c19729de860ea"


class World(base.World):
    """Every text is the text of a review. The private interface, for whoever holds the last token; `public`: the other,
    for whoever holds the key."""

    page: ClassVar[int] = 5
    secrets: ClassVar[tuple[str, ...]] = ("api-key-very-secret", "api-secret-very-secret")
    public = False
    tokens = 0

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        token = "/v1/oauth/oauth-business-users-for-applications/accesstoken"
        self.server.expect_request(token, method="POST").respond_with_handler(self._token)
        self.server.expect_request(f"/v1/private/business-units/{UNIT}/reviews").respond_with_handler(self._private)
        self.server.expect_request(f"/v1/business-units/{UNIT}/reviews").respond_with_handler(self._answer)
        settings = {
            "address": self.server.url_for("/v1"),
            "business_units": [UNIT],
            "key": {"env": "SECRET_0"},
            "secret": {"env": "SECRET_1"},
        }
        if self.public:
            del settings["secret"]
        return settings

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"business_units": ["0" * 24]}

    def _token(self, request: Request) -> Response:
        pair = b64encode(":".join(self.secrets).encode()).decode()
        trusted = request.headers.get("Authorization") == f"Basic {pair}"
        if not trusted or request.form.to_dict() != {"grant_type": "client_credentials"}:
            return reply({"message": "Unauthorized"}, 401)
        self.tokens += 1
        return reply({"access_token": f"t{self.tokens}", "expires_in": "359999"})

    def _private(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer t{self.tokens}":
            return reply({"message": "Unauthorized"}, 401)
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return Response("upstream", 503)
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return reply({"message": "Too many requests"}, 429, Retry_After=f"{self.wait.total_seconds():.0f}")
        if self.trouble == "refused" or request.headers.get("apikey") != self.secrets[0]:
            return reply({"message": f"Invalid key {self.secrets[0]}"}, 401)
        response = self._found(request)
        return cut(response) if self.trouble == "cut" else response

    def _found(self, request: Request) -> Response:
        assert request.args["orderBy"] == "createdat.desc"
        since = datetime.fromisoformat(request.args.get("startDateTime", "2000-01-01T00:00:00Z"))
        until = datetime.fromisoformat(request.args.get("endDateTime", "2100-01-01T00:00:00Z"))
        found = [self.review(text) for text in reversed(self.texts) if since <= self.at(text) <= until]
        number = int(request.args.get("page", 1))
        shown = found[(number - 1) * self.page : number * self.page]
        more = number * self.page < len(found)
        links = [{"href": "https://api.trustpilot.com/…", "method": "GET", "rel": "next-page"}] if more else []
        return reply({"links": links, "reviews": shown})

    def review(self, text: str) -> dict[str, Any]:
        """A review as the API shows it."""
        spoilt = text in self.spoilt
        return {
            "id": None if spoilt else f"6aa89d332cc378fe839d{self.texts.index(text):04}",
            "stars": 1,
            "title": "Poignée fondue",
            "text": None if spoilt else text,
            "language": "fr",
            "createdAt": self.at(text).isoformat().replace("+00:00", "Z"),
            "updatedAt": None,
            "isVerified": True,
            "numberOfLikes": 3,
            "consumer": 5 if spoilt else {"id": "55cc4f3b0000fe0002c4f125", "displayName": "Mathilde"},
            "companyReply": None,
        }
