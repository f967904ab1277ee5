"""Who may push: a bearer token, or a body signed with a shared secret.

Two signatures are accepted: Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`,
https://www.standardwebhooks.com) and `X-Hub-Signature-256: sha256=<hex>` for senders that know only that one. A hook
may also take `X-Hub-Signature: sha1=<hex>`, the only one of Meltwater.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from buzzguard.config.secrets import Sealed

TOLERANCE = timedelta(minutes=5)


def refusal(
    headers: Mapping[str, str],
    body: bytes,
    *,
    token: Sealed | None,
    secret: Sealed | None,
    now: datetime,
    sha1: bool = False,
) -> str | None:
    """Why a request may not push, in words for its sender; None when it may.

    Comparisons take constant time. `headers` has lower-case names.
    """
    if token is None and secret is None:
        return "the intake is closed: set web.intake.token or web.intake.signing_secret"
    bearer = headers.get("authorization", "")
    if token is not None and bearer.lower().startswith("bearer "):
        given = bearer[7:].strip().encode()
        return None if hmac.compare_digest(given, token.reveal().encode()) else "the bearer token is wrong"
    if secret is None:
        return "send the header Authorization: Bearer <token>"
    if "webhook-signature" in headers:
        return _standard_webhook_refusal(headers, body, secret, now)
    if "x-hub-signature-256" in headers:
        return _hub_refusal(headers["x-hub-signature-256"], body, secret, "sha256")
    if sha1 and "x-hub-signature" in headers:
        return _hub_refusal(headers["x-hub-signature"], body, secret, "sha1")
    return "send a bearer token, a webhook-signature or an X-Hub-Signature-256"


def _hub_refusal(given: str, body: bytes, secret: Sealed, algorithm: str) -> str | None:
    expected = f"{algorithm}={hmac.new(secret.reveal().encode(), body, algorithm).hexdigest()}"
    same = hmac.compare_digest(given.strip().lower().encode(), expected.encode())
    return None if same else f"the {algorithm} signature does not match the body"


def _standard_webhook_refusal(headers: Mapping[str, str], body: bytes, secret: Sealed, now: datetime) -> str | None:
    sent = headers.get("webhook-timestamp", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 12:
        return "webhook-timestamp is not a Unix time in seconds"
    if abs(now.timestamp() - int(sent)) > TOLERANCE.total_seconds():
        return "webhook-timestamp is more than five minutes away from now: check the sender's clock"
    signed = f"{headers.get('webhook-id', '')}.{sent}.".encode() + body
    expected = base64.b64encode(hmac.new(_key(secret.reveal()), signed, hashlib.sha256).digest())
    for version, _, given in (part.partition(",") for part in headers["webhook-signature"].split(" ")):
        if version == "v1" and hmac.compare_digest(given.encode(), expected):
            return None
    return "webhook-signature does not match the body"


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()
