"""The loopback server of the demo's feeds, with the conditional answers of a well-behaved one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from buzzguard.cli.demo_world import SITES, Said, feed
from buzzguard.config.settings import WebSettings
from buzzguard.ports import Clock
from buzzguard.web.server import WebServer


@asynccontextmanager
async def serve_feeds(said: list[Said], clock: Clock) -> AsyncIterator[str]:
    """Serve the feeds of `said` as they stand at `clock`; yields the address, without a final slash."""

    async def answer(request: Request) -> Response:
        site = int(request.path_params["site"])
        if site >= len(SITES):
            return Response(status_code=404)
        text = feed(said, site, clock.now())
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        newest = max((one.at for one in said if one.site == site and one.at <= clock.now()), default=None)
        headers = {"ETag": tag}
        if newest is not None:
            headers["Last-Modified"] = format_datetime(newest, usegmt=True)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/rss+xml")

    server = WebServer(Starlette(routes=[Route("/{site:int}.xml", answer)]), WebSettings(port=0))
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()
