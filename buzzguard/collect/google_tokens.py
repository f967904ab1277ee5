"""Google's access tokens, of service accounts and by consent, and what its APIs say of their trouble."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.bearer import Renew, Token, lasting
from buzzguard.collect.fields import at, text_at
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, wrong_token
from buzzguard.collect.signing import SigningKey
from buzzguard.config.secrets import Sealed, SecretError
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable

TOKENS = "https://oauth2.googleapis.com/token"
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
_SIGNED = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = timedelta(hours=1)
_ASIDE = timedelta(seconds=30)
"""How far the clock of this machine may be ahead of Google's."""
_REASONS = {
    "invalid_grant": "the consent has ended, the account is gone, or this machine's clock is wrong",
    "invalid_client": "the client is not known",
    "unauthorized_client": "the client may not do this",
    "invalid_scope": "the account may not ask for this",
}
_TOO_FAST = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"))
_USED_UP = frozenset(("quotaExceeded", "dailyLimitExceeded"))
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class ServiceAccount(msgspec.Struct, frozen=True):
    """What the JSON file of a service account says, without its key."""

    client_email: str
    private_key_id: str = ""
    token_uri: str = TOKENS


def service_account(http: HttpClient, file: Sealed, *, scope: str) -> Renew:
    """What gets tokens for a service account, known by the JSON file that Google makes for its key.

    Raises SecretError when it is no such file, or what signs is not installed.
    """
    account, key = _read(file)

    async def renew(now: datetime) -> Token:
        claims = {
            "iss": account.client_email,
            "scope": scope,
            "aud": account.token_uri,
            "iat": int((now - _ASIDE).timestamp()),
            "exp": int((now - _ASIDE + _LASTS).timestamp()),
        }
        signed = key.sign(claims, {"kid": account.private_key_id} if account.private_key_id else {})
        fields = {"grant_type": _SIGNED, "assertion": signed.reveal()}
        how = "check the service account and its key in the Google Cloud console"
        return await _token(http, account.token_uri, fields, now, how=how)

    return renew


def consent(http: HttpClient, *, client_id: str, secret: Sealed, refresh: Sealed, address: str = TOKENS) -> Renew:
    """What gets tokens for an account that gave its consent once: by the refresh token of then."""

    async def renew(now: datetime) -> Token:
        fields = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": secret.reveal(),
            "refresh_token": refresh.reveal(),
        }
        return await _token(http, address, fields, now, how="give the consent again and write its refresh token")

    return renew


def explain(answer: Answer, body: Any, *, now: datetime, how: str) -> SourceError | None:
    """What Google's APIs say of their own trouble; `how` a refused token is renewed."""
    if at(body, "error") is None:
        return wrong_token("401", how) if answer.status == 401 else None
    status, reasons = answer.status, _reasons(body)
    said = " ".join(text_at(body, "error.message", most=200).split())
    if reasons & _USED_UP:
        wait = retry_hint(answer, now) or _HOUR
        return SourceUnavailable(f"{status}, Google's quota of the project is used up", retry_after=wait)
    if status == 429 or reasons & _TOO_FAST:
        return SourceUnavailable(
            f"{status}, Google was asked too often", retry_after=retry_hint(answer, now) or _MINUTE
        )
    if status == 401:
        return wrong_token("401", how)
    if status == 200 or status >= 500:
        return SourceUnavailable(f"{status}, Google has trouble: {said or 'no reason told'}")
    return SourceRefused(f"{status}, Google refuses: {said or 'no reason told'}")


def _reasons(body: Any) -> set[str]:
    """Every name that an error gives its reason by: in `errors`, in `details`, and its status."""
    listed = [each for name in ("errors", "details") for each in _list(at(body, f"error.{name}"))]
    return {text_at(body, "error.status", most=60), *(text_at(each, "reason", most=60) for each in listed)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


async def _token(http: HttpClient, address: str, fields: dict[str, str], now: datetime, *, how: str) -> Token:
    answer = await http.post(address, urlencode(fields).encode(), headers=_FORM)

    def refused(answer: Answer, body: Any) -> SourceError | None:
        code = text_at(body, "error", most=60)
        if answer.status >= 500 or answer.status == 429 or not code:
            return None
        return wrong_token(f"{answer.status} {code}", f"{_REASONS.get(code, 'Google gives no token')}: {how}")

    body = read_json(answer, now, authorised=True, explain=refused)
    value = text_at(body, "access_token")
    if not value:
        raise SourceUnavailable(f"{answer.status}, Google gave no token")
    return lasting(value, body, now)


def _read(file: Sealed) -> tuple[ServiceAccount, SigningKey]:
    hint = "make a key of the service account in the Google Cloud console, as JSON"
    try:
        account = msgspec.json.decode(file.reveal(), type=ServiceAccount)
        pem = msgspec.json.decode(file.reveal(), type=dict[str, Any]).get("private_key")
    except (msgspec.MsgspecError, UnicodeError):
        # Not chained: the error may carry a part of the file.
        raise SecretError("the service account is not the JSON file of its key", hint) from None
    if not isinstance(pem, str):
        raise SecretError("the service account's file holds no private_key", hint)
    return account, SigningKey(Sealed(pem), algorithm="RS256", name="the private_key of the service account")
