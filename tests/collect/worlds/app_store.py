"""App Store Connect: the reviews of one app."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import jwt
from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import cut, reply, web_page
from tests.collect.worlds.keys import private_key, verified

APP, KEY_ID, ISSUER = "1500000001", "2X9R4HXF34", "57246542-96fe-1a63-e053-0824d011072a"


class World(base.World):
    """Every text is the body of a review; pages are linked by the place of the last one shown."""

    page: ClassVar[int] = 5
    wait: ClassVar[timedelta] = timedelta(minutes=10)
    """None is told; BuzzGuard's own."""
    secrets: ClassVar[tuple[str, ...]] = (private_key("ES256"),)
    remaining = 3_000
    stale = False
    """Whether links to further pages are no longer known."""
    elsewhere = ""
    """The host that links lead to, when not this one."""

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request(f"/v1/apps/{APP}/customerReviews").respond_with_handler(self._answer)
        return {
            "address": self.server.url_for("").rstrip("/"),
            "apps": [APP],
            "key_id": KEY_ID,
            "issuer_id": ISSUER,
            "private_key": {"env": "SECRET_0"},
        }

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"apps": ["404404404"]}

    def _answer(self, request: Request) -> Response:
        if self.trouble == "down":
            return error(503, "SERVICE_UNAVAILABLE", "Try again later.")
        if self.trouble == "web_page":
            return web_page()
        if self.trouble == "limited":
            return error(429, "RATE_LIMIT_EXCEEDED", "The request rate limit has been reached.")
        if self.trouble == "refused" or not _may_read(request):
            return error(401, "NOT_AUTHORIZED", "Authentication credentials are missing or invalid.")
        response = self._found(request)
        response.headers["X-Rate-Limit"] = f"user-hour-lim:3600;user-hour-rem:{self.remaining};"
        return cut(response) if self.trouble == "cut" else response

    def _found(self, request: Request) -> Response:
        newest = [self.review(text) for text in reversed(self.texts)]
        start = 0
        if "cursor" in request.args:
            if self.stale:
                return error(400, "PARAMETER_ERROR.INVALID", "'cursor' is not a valid value.")
            start = [review["links"] for review in newest].index(request.args["cursor"]) + 1
        else:
            assert (request.args["sort"], request.args["limit"]) == ("-createdDate", "200")
        shown = newest[start : start + self.page]
        here = f"{self.elsewhere or self.server.url_for('').rstrip('/')}/v1/apps/{APP}/customerReviews"
        links = {"self": here}
        if start + len(shown) < len(newest):
            links["next"] = f"{here}?cursor={shown[-1]['links']}&limit=200"
        paging = {"total": len(newest), "limit": 200}
        return reply({"data": shown, "links": links, "meta": {"paging": paging}})

    def review(self, text: str) -> dict[str, Any]:
        """A review as the API shows it; its place stands in `links`."""
        place = self.texts.index(text)
        attributes = {
            "rating": 1,
            "title": "Appli HS",
            "body": text,
            "reviewerNickname": "mathilde75",
            "createdDate": self.at(text).isoformat(),
            "territory": "FRA",
        }
        return {
            "type": "customerReviews",
            "id": None if text in self.spoilt else f"00000028-b08c-0014-729e-{place:012}",
            "attributes": [] if text in self.spoilt else attributes,
            "links": str(place),
        }


def error(status: int, code: str, detail: str) -> Response:
    """An error of the API."""
    return reply(
        {"errors": [{"id": "e1", "status": str(status), "code": code, "title": "Trouble.", "detail": detail}]}, status
    )


def _may_read(request: Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims, headers = verified(token, "ES256")
    except jwt.InvalidTokenError:
        return False
    short = 0 < claims["exp"] - claims["iat"] <= 20 * 60
    named = (claims["iss"], claims["aud"], headers["kid"]) == (ISSUER, "appstoreconnect-v1", KEY_ID)
    return scheme == "Bearer" and short and named
