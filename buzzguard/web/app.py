"""The routes. Every answer to a refused request says why, and nothing of the sender's text is echoed or logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from buzzguard import telemetry
from buzzguard.collect.websub import Subscriptions
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Secret, WebSettings
from buzzguard.deliver.slack_actions import read_form, read_json, read_request, verify_signature
from buzzguard.deliver.slack_front import Body, Kind
from buzzguard.errors import StoreError
from buzzguard.model import Batch, Received
from buzzguard.ports import Clock, Intake
from buzzguard.web.hooks import Hook
from buzzguard.web.pushed import BodyError, parse_body
from buzzguard.web.signature import refusal

MOST_WAITING = 20_000
"""Mentions that may wait for a step before pushers are told to come back later."""
_ALIVE_WITHIN = timedelta(minutes=2)
_SLACK_BODY = 200_000

log = telemetry.get_logger("web")


class _TooLarge(Exception):
    """The body is longer than what is taken."""


class SlackDoor(Protocol):
    """A Slack app of which people's acts may come as signed HTTP requests: its notifier."""

    @property
    def signing_secret(self) -> Sealed | None:
        """With what it signs; None when it does not send any."""
        ...

    async def take(self, kind: Kind, payload: Mapping[str, Any]) -> Body:
        """See `SlackFront.take`: the body to acknowledge with, in time."""
        ...

    async def finish(self, seconds: float) -> None:
        """Let what was acknowledged come to its end."""
        ...


class Web:
    """The handlers, around the daemon's `Intake`."""

    def __init__(
        self,
        intake: Intake,
        settings: WebSettings,
        *,
        clock: Clock,
        slack: Sequence[SlackDoor] = (),
        hubs: Subscriptions | None = None,
    ) -> None:
        """Raises SecretError when a secret cannot be read."""
        self._intake = intake
        self._clock = clock
        self._hubs = hubs
        self.replace(settings, slack)

    def replace(self, settings: WebSettings, slack: Sequence[SlackDoor]) -> None:
        """Go on with other secrets, hooks and limits. Raises SecretError, and then the former ones stay."""
        intake = settings.intake
        token, secret = _open(intake.token), _open(intake.signing_secret)
        hooks = {name: Hook(name, hook) for name, hook in settings.hooks.items()}
        self._settings, self._slack, self._hooks = intake, tuple(slack), hooks
        self._token, self._secret = token, secret

    async def finish(self, seconds: float) -> None:
        """Let what people did in Slack, and was acknowledged, come to its end."""
        await asyncio.gather(*(door.finish(seconds) for door in self._slack))

    def app(self, *more: Route) -> Starlette:
        """The ASGI application, with routes of others beside its own."""
        routes = [
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/v1/mentions", self.mentions, methods=["POST"]),
            Route("/v1/hooks/{name}", self.hooked, methods=["POST"]),
            Route("/v1/websub/{stream}/{token}", self.hub_asks, methods=["GET"]),
            Route("/v1/websub/{stream}/{token}", self.hub_knocks, methods=["POST"]),
            Route("/v1/slack/actions", self.slack_actions, methods=["POST"]),
            Route("/v1/slack/commands", self.slack_commands, methods=["POST"]),
            Route("/v1/slack/events", self.slack_events, methods=["POST"]),
            *more,
        ]
        return Starlette(routes=routes)

    async def healthz(self, _request: Request) -> Response:
        """200 while the daemon takes turns, 503 when it is stuck."""
        alive = self._intake.turning(_ALIVE_WITHIN)
        return PlainTextResponse("ok\n" if alive else "stuck\n", status_code=200 if alive else 503)

    async def readyz(self, _request: Request) -> Response:
        """200 when the daemon watches and can tell; otherwise 503, with what is wrong."""
        health = self._intake.health()
        body = {
            "ready": health.ready,
            "troubles": list(health.troubles),
            "last_step_at": health.last_step_at.isoformat() if health.last_step_at else None,
            "outbox_depth": health.outbox_depth,
        }
        return JSONResponse(body, status_code=200 if health.ready else 503)

    async def metrics(self, _request: Request) -> Response:
        """Prometheus text format, rendered in a thread."""
        text = await asyncio.to_thread(generate_latest, telemetry.REGISTRY)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def mentions(self, request: Request) -> Response:
        """`POST /v1/mentions`; answers once what was taken is committed."""

        def refused(body: bytes) -> str | None:
            return refusal(_headers(request), body, token=self._token, secret=self._secret, now=self._clock.now())

        body = await self._let_in(request, refused)
        return body if isinstance(body, Response) else await self._take(request, body)

    async def hooked(self, request: Request) -> Response:
        """`POST /v1/hooks/NAME`; answers once what was taken is committed.

        A record of which no mention can be made is set aside and the answer is still 200: a vendor that is refused
        stops its hook, and nobody there reads why.
        """
        hook = self._hooks.get(request.path_params["name"])
        if hook is None:
            return _error(404, "there is no hook of that name: see web.hooks")
        now = self._clock.now()
        body = await self._let_in(request, lambda body: hook.refusal(_headers(request), body, now))
        if isinstance(body, Response):
            return body
        try:
            mentions, quarantined = hook.read(body, now=now, most=self._settings.max_mentions)
        except BodyError as error:
            return _error(422, str(error))
        batch = Batch(mentions=tuple(mentions), quarantined=tuple(quarantined))
        return await self._submit(batch, {"quarantined": len(quarantined)})

    async def hub_asks(self, request: Request) -> Response:
        """`GET /v1/websub/STREAM/TOKEN`: a hub asks whether a subscription was meant."""
        stream, token = request.path_params["stream"], request.path_params["token"]
        if self._hubs is None:
            return _error(404, "there is no such subscription")
        challenge = self._hubs.verified(stream, token, request.query_params, self._clock.now())
        return _error(404, "there is no such subscription") if challenge is None else PlainTextResponse(challenge)

    async def hub_knocks(self, request: Request) -> Response:
        """`POST /v1/websub/STREAM/TOKEN`: a hub says that a feed has news. One that is not signed as agreed is answered
        alike and ignored, as the standard asks; 404 ends a subscription that is not ours."""
        stream, token = request.path_params["stream"], request.path_params["token"]
        try:
            body = await _read(request, self._settings.max_bytes)
        except _TooLarge:
            return _error(413, "the body is too large")
        signature = request.headers.get("x-hub-signature", "")
        if self._hubs is None or not self._hubs.knocked(stream, token, signature, body):
            return _error(404, "there is no such subscription")
        return Response(status_code=202)

    async def _let_in(self, request: Request, refused: Callable[[bytes], str | None]) -> bytes | Response:
        """The body of a request that may push now, or the answer that it gets instead."""
        try:
            body = await _read(request, self._settings.max_bytes)
        except _TooLarge:
            return _error(413, f"the body is larger than {self._settings.max_bytes} bytes: send smaller batches")
        why = refused(body)
        if why is not None:
            log.warning("intake.refused", reason=why)
            return _error(401, why, {"WWW-Authenticate": "Bearer"})
        if self._intake.backlog() > MOST_WAITING:
            return _error(503, "too much waits already: send again later", {"Retry-After": "5"})
        return body

    async def slack_actions(self, request: Request) -> Response:
        """A press or a submitted modal sent by Slack over HTTP: signed, answered in time, obeyed also when that takes
        longer."""
        return await self._from_slack(request, "interactive", read_request)

    async def slack_commands(self, request: Request) -> Response:
        """A slash command sent by Slack over HTTP."""
        return await self._from_slack(request, "command", read_form)

    async def slack_events(self, request: Request) -> Response:
        """An event sent by Slack over HTTP, or its question whether this address is meant."""
        return await self._from_slack(request, "event", read_json)

    async def _from_slack(
        self, request: Request, kind: Kind, read: Callable[[bytes], Mapping[str, Any] | None]
    ) -> Response:
        try:
            body = await _read(request, _SLACK_BODY)
        except _TooLarge:
            return _error(413, "the body is too large")
        door = self._signed_by_slack(_headers(request), body)
        if door is None:
            return _error(401, "the Slack signature does not match")
        payload = read(body)
        # What cannot be read is acknowledged as well: Slack shows every other answer to the person as a failure.
        answer = await door.take(kind, payload) if payload is not None else {}
        return JSONResponse(answer) if answer else Response(status_code=200)

    async def _take(self, request: Request, body: bytes) -> Response:
        content_type = request.headers.get("content-type", "")
        try:
            mentions, invalid = parse_body(body, content_type, now=self._clock.now(), most=self._settings.max_mentions)
        except BodyError as error:
            return _error(422, str(error))
        faults = [{"index": one.index, "reason": one.reason} for one in invalid]
        if not mentions:
            return JSONResponse({"error": "no mention could be read", "invalid": faults}, status_code=422)
        return await self._submit(Batch(mentions=tuple(mentions)), {"invalid": faults})

    async def _submit(self, batch: Batch, more: Mapping[str, object]) -> Response:
        try:
            received = await self._intake.submit(batch)
        except StoreError as error:
            return _error(503, str(error), {"Retry-After": "5"})
        return JSONResponse({**_summary(received), **more})

    def _signed_by_slack(self, headers: Mapping[str, str], body: bytes) -> SlackDoor | None:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        now = self._clock.now()
        for door in self._slack:
            secret = door.signing_secret
            if secret is not None and verify_signature(secret.reveal(), timestamp, body, signature, now=now):
                return door
        return None


def _summary(received: Received) -> dict[str, object]:
    reasons: dict[str, int] = {}
    for drop in received.dropped:
        reasons[drop.reason] = reasons.get(drop.reason, 0) + 1
    return {"counted": received.counted, "dropped": reasons}


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _read(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _TooLarge
    return bytes(body)


def _error(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": reason}, status_code=status, headers=headers)


def _open(secret: Secret | None) -> Sealed | None:
    return None if secret is None else read_secret(secret)
