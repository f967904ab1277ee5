"""`POST /v1/pagerduty`: what people did at PagerDuty, brought back as commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from buzzguard import telemetry
from buzzguard.config.secrets import Sealed
from buzzguard.deliver.pagerduty_webhook import parse_event, verified
from buzzguard.errors import StoreError
from buzzguard.model import Batch
from buzzguard.ports import Clock, Intake

_MOST_BYTES = 500_000

log = telemetry.get_logger("web")


class PagerdutyHook:
    """The handler, around the daemon's `Intake`."""

    def __init__(self, intake: Intake, *, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock
        self._secrets: tuple[Sealed, ...] = ()

    def replace(self, notifiers: Iterable[Any]) -> None:
        """Know the secrets of these notifiers; those that have none, or are not PagerDuty's, are passed over."""
        found = (getattr(notifier, "webhook_secret", None) for notifier in notifiers)
        self._secrets = tuple(secret for secret in found if isinstance(secret, Sealed))

    def route(self) -> Route:
        """Where PagerDuty knocks."""
        return Route("/v1/pagerduty", self.knocked, methods=["POST"])

    async def knocked(self, request: Request) -> Response:
        """200 once a person's act is committed, or where there is none to take; 503 when it must be sent again."""
        body = await _read(request)
        if body is None:
            return JSONResponse({"error": "the body is too large"}, status_code=413)
        signature = request.headers.get("x-pagerduty-signature", "")
        if not any([verified(secret, body, signature) for secret in self._secrets]):
            log.warning("intake.refused", reason="the signature of PagerDuty does not match")
            return JSONResponse({"error": "the signature does not match"}, status_code=401)
        command = parse_event(body, now=self._clock.now())
        if command is None:
            return Response(status_code=200)
        log.info("command.received", command=command.kind.value, incident=command.incident, who=command.who.id)
        try:
            await self._intake.submit(Batch(commands=(command,)))
        except StoreError as error:
            return JSONResponse({"error": str(error)}, status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=200)


async def _read(request: Request) -> bytes | None:
    """The body; None for one that is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    return bytes(body)
