"""Tries the line of Socket Mode: dial, hear Slack's hello, hang up."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

from buzzguard.deliver.slack_api import SlackApi, in_thread, quiet_logger
from buzzguard.deliver.slack_socket import close_client

PATIENCE = 10.0


async def hello(app_api: SlackApi, *, patience: float = PATIENCE) -> int:
    """How many connections the app has, this one included, as Slack says in its hello; 0 when it says none in time.

    Raises DeliveryError when Slack gives no line. Whatever else comes over it is not acknowledged, so that Slack gives
    it to whoever else listens.
    """
    url = str((await app_api.call("apps.connections.open")).get("url", ""))
    return await in_thread(lambda: _dial(app_api, url, patience))


def _dial(app_api: SlackApi, url: str, patience: float) -> int:
    from slack_sdk.socket_mode import SocketModeClient

    web = app_api.client()
    client = SocketModeClient(
        app_token=str(web.token), web_client=web, logger=quiet_logger(), auto_reconnect_enabled=False, proxy=web.proxy
    )
    client.proxy = web.proxy
    said, greeted = threading.Event(), [0]

    def hear(message: str) -> None:
        found = _read(message)
        if found.get("type") == "hello":
            number = found.get("num_connections")
            greeted[0] = number if isinstance(number, int) and number > 0 else 1
            said.set()

    client.on_message_listeners.append(hear)
    try:
        client.wss_uri = url
        client.connect()
        if client.is_connected():
            said.wait(patience)
    except Exception:  # noqa: BLE001 - whatever keeps the line from standing is the same to who asked
        return 0
    finally:
        with suppress(Exception):
            close_client(client)
    return greeted[0]


def _read(message: str) -> dict[str, Any]:
    try:
        found = json.loads(message)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
