"""Would an alert arrive? Asked of Slack itself, before the night on which it must."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.errors import DeliveryError

_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})


async def check_slack(
    api: SlackApi, channels: Mapping[str, str], *, chart: bool, app_api: SlackApi | None
) -> list[str]:
    """Every fault found, one line each, with what to do; empty when alerts would arrive.

    `channels` is the channel of each receiver; `app_api` calls with the app-level token of Socket Mode.
    """
    try:
        scopes = frozenset(await api.scopes())
    except DeliveryError as error:
        return [str(error)]
    faults = _scope_faults(scopes, chart=chart)
    for receiver, channel in channels.items():
        faults += await _channel_faults(api, receiver, channel, scopes)
    if app_api is not None:
        faults += await _faults_of(app_api, "apps.connections.open")
    return faults


def _scope_faults(scopes: frozenset[str], *, chart: bool) -> list[str]:
    if not scopes:
        return []  # this Slack does not say
    faults = []
    if "chat:write" not in scopes:
        faults.append("the app lacks the scope chat:write and cannot post: add it and install the app again")
    if chart and "files:write" not in scopes:
        faults.append("the app lacks the scope files:write: alerts would have no chart; add it, or set chart: false")
    if not scopes & _HISTORY:
        faults.append(
            "the app lacks the scope channels:history (groups:history for private channels): after a crash in the "
            "middle of sending, a message could be posted twice"
        )
    return faults


async def _channel_faults(api: SlackApi, receiver: str, channel: str, scopes: frozenset[str]) -> list[str]:
    if scopes and not scopes & _READ:
        return [f"receiver {receiver}: {channel} cannot be looked up without the scope channels:read"]
    try:
        found = (await api.call("conversations.info", form={"channel": channel})).get("channel")
    except SlackRefused as refused:
        if refused.code == "missing_scope":
            return [f"receiver {receiver}: {channel} cannot be looked up: {refused}"]
        return [f"receiver {receiver}: {channel}: {refused}"]
    except DeliveryError as error:
        return [f"receiver {receiver}: {channel}: {error}"]
    if not isinstance(found, dict):
        return []
    if found.get("is_archived"):
        return [f"receiver {receiver}: the channel {channel} is archived: restore it or give another one"]
    outside = found.get("is_member") is False and not found.get("is_im")
    if outside and (found.get("is_private") or "chat:write.public" not in scopes):
        return [f"receiver {receiver}: the app is not in {channel}: type /invite @BuzzGuard there"]
    return []


async def _faults_of(api: SlackApi, method: str) -> list[str]:
    try:
        await api.call(method)
    except DeliveryError as error:
        return [f"Socket Mode (app_token): {error}"]
    return []
