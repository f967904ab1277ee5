"""What PagerDuty's webhooks (v3) say: that a person acknowledged or resolved an incident there.

`X-PagerDuty-Signature` holds `v1=` and the hex of HMAC-SHA256 over the body, several with commas while secrets change.
What a program did there, this one included, is not a person's act and changes nothing here: BuzzGuard's own acknowledge
comes back as one. https://developer.pagerduty.com/docs/webhooks-overview
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.config.secrets import Sealed
from buzzguard.deliver.pagerduty import PREFIX
from buzzguard.deliver.tame import short
from buzzguard.model import Command, CommandKind, Person

_KINDS = {"incident.acknowledged": CommandKind.TAKE_CHARGE, "incident.resolved": CommandKind.RESOLVE}
_MAX_ID = 300


def verified(secret: Sealed, body: bytes, signature: str) -> bool:
    """Whether one of the signatures is the body's; takes constant time for each."""
    expected = f"v1={hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()}".encode()
    given = [part.strip().encode() for part in signature.split(",")[:10]]
    return any([hmac.compare_digest(one, expected) for one in given])


def parse_event(body: bytes, *, now: datetime) -> Command | None:
    """The command in a verified body; None for all that asks nothing of BuzzGuard: other events, other incidents,
    programs. Its id is that of the event, so that one sent again is known."""
    try:
        event = _dict(_dict(msgspec.json.decode(body)).get("event"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    kind = _KINDS.get(_text(event.get("event_type")))
    agent, data = _dict(event.get("agent")), _dict(event.get("data"))
    key, id = _text(data.get("incident_key")), _text(event.get("id"))
    if kind is None or agent.get("type") != "user_reference" or not id or not key.startswith(PREFIX):
        return None
    who = Person(id=_text(agent.get("id"))[:80], name=short(_text(agent.get("summary")), 80), via="pagerduty")
    return Command(id=f"pagerduty/{id}", kind=kind, incident=key.removeprefix(PREFIX), who=who, at=now)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _MAX_ID else ""
