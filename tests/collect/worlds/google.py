"""What Google's APIs have in common: where tokens come from, and errors."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.collect.worlds.base import reply
from tests.collect.worlds.keys import private_key, verified

EMAIL = "watch@lumio.iam.gserviceaccount.example"


class Tokens:
    """Gives out tokens, for an hour each; the last one counts."""

    def __init__(self, server: HTTPServer, *, scope: str = "", refresh: str = "", client: str = "") -> None:
        self._scope = scope
        self._known = {"grant_type": "refresh_token", "client_id": "client", "client_secret": client}
        self._known |= {"refresh_token": refresh}
        self.address = server.url_for("/token")
        self.given = 0
        self.error = ""
        """What it says instead of a token."""
        server.expect_request("/token", method="POST").respond_with_handler(self._answer)

    def accepts(self, request: Request) -> bool:
        """Whether a request bears the last token."""
        return self.given > 0 and request.headers.get("Authorization") == f"Bearer token-{self.given}"

    def _answer(self, request: Request) -> Response:
        trusted = self._signed(request) if self._scope else request.form.to_dict() == self._known
        if self.error or not trusted:
            code = self.error or "invalid_grant"
            return reply({"error": code, "error_description": "Token has been expired or revoked."}, 400)
        self.given += 1
        return reply({"access_token": f"token-{self.given}", "expires_in": 3_599, "token_type": "Bearer"})

    def _signed(self, request: Request) -> bool:
        if request.form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return False
        try:
            claims, headers = verified(request.form["assertion"], "RS256")
        except jwt.InvalidTokenError:
            return False
        named = (claims["iss"], claims["scope"], claims["aud"]) == (EMAIL, self._scope, self.address)
        return named and headers["kid"] == "k1" and claims["exp"] - claims["iat"] == 3_600


def account_file(folder: Path, token_uri: str) -> Path:
    """The JSON file of a service account's key."""
    file = folder / "service-account.json"
    account = {
        "type": "service_account",
        "project_id": "lumio",
        "private_key_id": "k1",
        "private_key": private_key("RS256"),
        "client_email": EMAIL,
        "client_id": "1",
        "token_uri": token_uri,
    }
    file.write_text(json.dumps(account), "utf-8")
    file.chmod(0o600)
    return file


def error(status: int, name: str, message: str = "said", reason: str = "") -> Response:
    """An error of an API; `reason` stands among the details."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return reply({"error": {"code": status, "message": message, "status": name, "details": details}}, status)
