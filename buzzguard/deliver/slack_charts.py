"""The chart of a card as a file in Slack. It may fail in any way: an alert never waits long for it, nor is lost."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from buzzguard.deliver import wording
from buzzguard.deliver.slack_api import SlackApi, in_thread
from buzzguard.errors import DeliveryDelayed, DeliveryError, DeliveryRefused
from buzzguard.model import Card
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

_LIMIT = 6.0
"""Seconds that a card waits for its chart, drawing and upload together."""
_REMEMBERED = 50
_STALE = timedelta(minutes=15)
_GROWN = 1.25
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Charts:
    """Draws and uploads charts. What it knows of one lives in the card's `Delivery.extra`."""

    def __init__(self, api: SlackApi, *, base_url: str, wanted: bool) -> None:
        self._api = api
        self._plain_http = urlsplit(base_url).scheme == "http"
        self._wanted = wanted
        self._uploads: OrderedDict[Hashable, asyncio.Task[str]] = OrderedDict()

    async def close(self) -> None:
        """Forget; an upload under way ends for whoever waits for it."""
        self._uploads.clear()

    async def memory_for(self, card: Card, memory: Mapping[str, str]) -> dict[str, str]:
        """What to remember with the card; under `file`, the id of the file to show, absent when there is none.

        A chart already uploaded is kept until the evidence has changed notably: graver, a quarter higher, or a
        quarter of an hour older.
        """
        if not self._wanted or card.briefing.chart is None or not _outdated(card, memory):
            return dict(memory)
        try:
            async with asyncio.timeout(_LIMIT):
                return {"file": await asyncio.shield(self._shared_upload(card)), **_mark(card)}
        except TimeoutError:
            reason = f"not ready within {_LIMIT:.0f} s"
        except DeliveryError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a picture, the alert must leave
            reason = f"fault in drawing: {type(error).__name__}"
        _log.warning("chart.failed", incident=card.incident.id, reason=reason)
        return dict(memory)

    def _shared_upload(self, card: Card) -> asyncio.Task[str]:
        """One upload for all receivers that are shown the same picture."""
        key = (card.incident.id, card.briefing.chart, card.incident.opened_at, card.language, card.time_zone)
        known = self._uploads.get(key)
        if known is not None and not (known.done() and (known.cancelled() or known.exception())):
            return known
        upload = self._uploads[key] = asyncio.create_task(self._upload(card))
        upload.add_done_callback(_seen)
        while len(self._uploads) > _REMEMBERED:
            self._uploads.popitem(last=False)
        return upload

    async def _upload(self, card: Card) -> str:
        picture = await in_thread(lambda: _draw(card))
        wanted = {
            "filename": f"{card.incident.id}.png",
            "length": len(picture),
            "alt_txt": wording.chart_alt(card)[:500],
        }
        place = await self._api.call("files.getUploadURLExternal", form=wanted)
        file_id, url = str(place.get("file_id", "")), str(place.get("upload_url", ""))
        await in_thread(lambda: _send(url, picture, plain_http=self._plain_http))
        files = json.dumps([{"id": file_id, "title": card.briefing.topic_name[:80]}])
        # Callable once: after a lost answer the file is left behind, private to the app, and a new one is made.
        await self._api.call("files.completeUploadExternal", form={"files": files})
        return file_id


def _seen(upload: asyncio.Task[str]) -> None:
    """Whoever waited for it may have given up: its failure is told there."""
    if not upload.cancelled():
        upload.exception()


def _draw(card: Card) -> bytes:
    from buzzguard.deliver.chart import chart_png, chart_svg

    chart = card.briefing.chart
    if chart is None:
        raise ValueError("no chart to draw")
    svg = chart_svg(
        chart,
        language=card.language,
        time_zone=card.time_zone,
        title=wording.chart_title(card),
        alert_at=card.incident.opened_at,
    )
    return chart_png(svg)


def _send(url: str, picture: bytes, *, plain_http: bool) -> None:
    """Post the bytes, with no token: the address itself is the permission."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (plain_http and parts.scheme == "http"):
        raise DeliveryRefused("Slack gave an upload address that is not https")
    handlers: list[HTTPRedirectHandler | ProxyHandler] = [_NoRedirect()]
    if parts.hostname in _LOOPBACK:
        handlers.append(ProxyHandler({}))
    request = Request(url, data=picture, method="POST", headers={"Content-Type": "application/octet-stream"})
    try:
        with build_opener(*handlers).open(request, timeout=_LIMIT) as response:
            response.read(1000)
        return
    except (OSError, HTTPException, ValueError) as error:
        failure = type(error).__name__
    raise DeliveryDelayed(f"the upload of the chart failed ({failure})")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Never: the bytes go to the address that Slack gave."""


def _mark(card: Card) -> dict[str, str]:
    return {
        "chart_until": _until(card).isoformat(),
        "chart_peak": repr(_peak(card)),
        "chart_severity": card.incident.severity.value,
    }


def _outdated(card: Card, memory: Mapping[str, str]) -> bool:
    try:
        return (
            not memory["file"]
            or memory["chart_severity"] != card.incident.severity.value
            or _until(card) - datetime.fromisoformat(memory["chart_until"]) >= _STALE
            or _peak(card) >= _GROWN * float(memory["chart_peak"]) + 1
        )
    except (KeyError, ValueError, TypeError):
        return True  # none yet, or written by another version


def _until(card: Card) -> datetime:
    chart = card.briefing.chart
    return card.briefing.at if chart is None else chart.start + chart.bin * len(chart.volume)


def _peak(card: Card) -> float:
    chart = card.briefing.chart
    return 0.0 if chart is None else max(chart.volume, default=0.0)
