"""The one door to Slack's Web API: a method called, an answer or one of our errors back.

Slack's client runs in daemon threads, so that a Slack that hangs holds back neither the loop nor the end of the
process. Its own retries are off: it would send again after a lost answer, and post twice. No error raised here holds
a request, a header or a token, nor is chained to one that does.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit

from buzzguard.deliver.slack_hints import hint_for
from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

T = TypeVar("T")

TIMEOUT = 8
"""Seconds to wait for one answer: the daemon has ten to stop."""
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"})
"""Slack says of these that part of the work may have been done."""
_CODE = re.compile(r"[a-z0-9_.]{1,80}")
_DEFAULT_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_NEVER_LEFT = (ConnectionRefusedError, gaierror, SSLCertVerificationError)
"""Faults of connecting: the request cannot have arrived."""


class SlackRefused(DeliveryRefused):
    """Slack said no, by a code that trying again cannot change. `details` are its remarks on the blocks."""

    def __init__(self, method: str, code: str, *, needed: str = "", details: tuple[str, ...] = ()) -> None:
        self.code = code
        self.needed = needed
        self.details = details
        super().__init__(f"Slack refused {method}: {code}. {hint_for(code, needed)}")


@dataclass(frozen=True)
class _Answer:
    status: int
    data: object
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _NoAnswer:
    reason: str
    left: bool
    """Whether the request may have reached Slack."""


@dataclass(frozen=True)
class Me:
    """The app in the workspace: its user, its bot, and the workspace's address."""

    user: str
    bot: str
    url: str


class SlackApi:
    """Calls methods with one token. Thread-safe; opens nothing that must be closed."""

    def __init__(self, token: str, base_url: str, *, timeout: int = TIMEOUT) -> None:
        self._token = token
        self._base_url = base_url
        self._timeout = timeout
        self._client: WebClient | None = None
        self._me: Me | None = None

    async def call(
        self,
        method: str,
        *,
        json: Mapping[str, object] | None = None,
        form: Mapping[str, object] | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        """Slack's answer, `ok` being true.

        Raises DeliveryDelayed for what passes, SlackRefused for what does not; for a method that is not
        `repeatable`, DeliveryUncertain when it may have been done although no good answer came.
        """
        answer = await in_thread(lambda: self._send(method, json, form))
        return judge(method, answer, repeatable=repeatable)

    async def me(self) -> Me:
        """Who we are in the workspace, asked once."""
        if self._me is None:
            told = await self.call("auth.test")
            self._me = Me(*(str(told.get(name) or "") for name in ("user_id", "bot_id", "url")))
        return self._me

    async def scopes(self) -> tuple[str, ...]:
        """What the token may do, as `auth.test` says in a header; empty when Slack does not tell."""
        _, headers = await self.introduce()
        return scopes_in(headers)

    async def introduce(self) -> tuple[dict[str, Any], Mapping[str, str]]:
        """What `auth.test` says of the token, and the headers of its answer, their names in lower case."""
        answer = await in_thread(lambda: self._send("auth.test", None, None))
        data = judge("auth.test", answer, repeatable=True)
        headers = answer.headers if isinstance(answer, _Answer) else {}
        return data, {name.lower(): value for name, value in headers.items()}

    def client(self) -> WebClient:
        """Slack's own client, made at the first use (its import is slow)."""
        if self._client is None:
            self._client = _make_client(self._token, self._base_url, self._timeout)
        return self._client

    def _send(
        self, method: str, json: Mapping[str, object] | None, form: Mapping[str, object] | None
    ) -> _Answer | _NoAnswer:
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            return _from(
                self.client().api_call(method, json=dict(json) if json else None, params=dict(form) if form else None)
            )
        except SlackApiError as error:
            return _from(error.response)
        except SlackClientError:
            return _NoAnswer("the request could not be made", left=False)
        except URLError as error:
            return _NoAnswer(f"no connection ({type(error.reason).__name__})", left=_may_have_left(error.reason))
        except (OSError, HTTPException) as error:
            return _NoAnswer(f"the answer was lost ({type(error).__name__})", left=True)
        except (ValueError, AttributeError, TypeError):
            return _NoAnswer("the answer could not be read", left=True)


def judge(method: str, answer: _Answer | _NoAnswer, *, repeatable: bool) -> dict[str, Any]:
    """The data of a good answer; for any other, the error that says whether to try again."""
    lost = DeliveryDelayed if repeatable else DeliveryUncertain
    if isinstance(answer, _NoAnswer):
        raise (lost if answer.left else DeliveryDelayed)(f"Slack {method}: {answer.reason}")
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error", ""))
    if answer.status == 429 or code in _LIMITED:
        raise DeliveryDelayed(f"Slack {method}: rate limited", retry_after=_wait(answer.headers))
    if answer.status >= 500 or code in _PASSING:
        wait = _wait(answer.headers) if answer.status == 503 else None
        raise lost(f"Slack {method}: passing trouble ({code if code in _PASSING else answer.status})", retry_after=wait)
    if data.get("ok") is True:
        return data
    if not _CODE.fullmatch(code):
        raise lost(f"Slack {method}: the answer is not Slack's (status {answer.status})")
    raise SlackRefused(method, code, needed=_scope(data.get("needed")), details=_details(data))


def scopes_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The scopes that the headers of an answer name; empty when they name none."""
    return tuple(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip())


def quiet_logger() -> logging.Logger:
    """A logger for Slack's client that says nothing: its messages hold requests, and so what people wrote."""
    logger = logging.getLogger("buzzguard.slack_sdk")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger


async def in_thread(work: Callable[[], T]) -> T:
    """The result of `work`, run in a daemon thread.

    Cancelling the caller lets the thread go; its result is dropped. `asyncio.to_thread` would make the end of the
    process wait for it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T admits it

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as caught:  # noqa: BLE001 - carried over to the awaiting task, which raises it
            error = caught
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    threading.Thread(target=run, daemon=True, name="buzzguard-slack").start()
    return await future


def bypass_proxy(client: WebClient, base_url: str) -> None:
    """Reach a Slack on this machine directly: the client obeys proxy variables, but not `NO_PROXY`."""
    from urllib.request import proxy_bypass

    host = urlsplit(base_url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"} or proxy_bypass(host):
        client.proxy = None


def _make_client(token: str, base_url: str, timeout: int) -> WebClient:
    from slack_sdk import WebClient

    client = WebClient(
        token=token,
        base_url=base_url,
        timeout=timeout,
        retry_handlers=[],
        logger=quiet_logger(),
        user_agent_suffix="buzzguard",
    )
    bypass_proxy(client, base_url)
    return client


def _from(response: SlackResponse) -> _Answer:
    return _Answer(status=response.status_code, data=response.data, headers=dict(response.headers or {}))


def _may_have_left(reason: object) -> bool:
    unreachable = isinstance(reason, OSError) and reason.errno in {101, 113}  # ENETUNREACH, EHOSTUNREACH
    return not (unreachable or isinstance(reason, _NEVER_LEFT))


def _wait(headers: Mapping[str, str]) -> timedelta:
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if not re.fullmatch(r"\d{1,9}", said.strip()):
        return _DEFAULT_WAIT
    return min(timedelta(seconds=max(1, int(said))), _LONGEST_WAIT)


def _scope(needed: object) -> str:
    return needed if isinstance(needed, str) and re.fullmatch(r"[a-z:._,]{1,80}", needed) else ""


def _details(data: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return tuple(str(message)[:200] for message in messages[:10]) if isinstance(messages, list) else ()
