"""Slack: a card for each incident in each channel, edited in place, with what is new told in its thread.

An edit notifies nobody, so what people must hear of is a reply; a severity raised, an escalation and a reminder that
nobody has answered show in the channel as well. A reminder pings the owner. The run of the playbook is one message
of the thread, edited in place.

Never twice: a message carries the key of its notification as metadata, and an attempt whose end is
not known is followed by a look-up before anything is posted again. The look-up needs the scope `channels:history`
(`groups:history` for private channels); without it the message is posted again, since an alert lost is worse than
one read twice, and the log says `lookup.refused`.

Scopes: `chat:write`, `files:write` (charts), `channels:history`, `groups:history`; `channels:read`, `groups:read`
for `buzzguard check --online`; `connections:write` on the app-level token for the buttons.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from msgspec.structs import replace
from pydantic import AfterValidator

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_charts import Charts
from buzzguard.deliver.slack_check import check_slack
from buzzguard.deliver.slack_front import Body, Kind, SlackFront
from buzzguard.deliver.slack_letters import Letters
from buzzguard.deliver.slack_lookup import Lookup, metadata_of
from buzzguard.deliver.slack_room_news import RoomNews, room_channel
from buzzguard.deliver.slack_room_settings import RoomSettings
from buzzguard.deliver.slack_run_post import MESSAGE_GONE, THREAD_GONE, kept, show_run
from buzzguard.deliver.slack_socket import SlackListener
from buzzguard.errors import DeliveryDelayed, DeliveryRefused
from buzzguard.model import (
    Card,
    Cause,
    Delivery,
    DeliveryState,
    IncidentState,
    Letter,
    Notification,
    NotificationKind,
    Transition,
)
from buzzguard.ports import Clock, FrontDesk
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.blocks import SlackMessage

_log = get_logger("deliver.slack")

Sleep = Callable[[float], Awaitable[object]]

_PACE = 1.0
"""Seconds between two messages to one channel."""
_READY_WAITS = (0.5, 1.0, 2.0)
"""Slack may refuse a file as `invalid_blocks` for a moment after its upload."""
_UNSHOWABLE = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"}) | {
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
    "block_mismatch",
    "msg_too_long",
}
_CHANNEL_GONE = frozenset({"channel_not_found", "is_inactive", "is_archived", "not_in_channel"})
MOST_PINGED = 20
_LOUD = frozenset({Cause.SEVERITY_RAISED, Cause.STEP_TIMED_OUT, Cause.ESCALATED_BY_USER, Cause.UNACKNOWLEDGED})
"""Causes that must be seen in the channel, not only in the thread."""


def _channel_id(channel: str) -> str:
    if channel[:1] not in ("C", "G", "D") or not (channel.isalnum() and channel.isascii() and channel.isupper()):
        raise ValueError(
            f"{channel[:40]!r} is not a channel id: it begins with C, G or D and is found at the bottom of the "
            "channel's details, for example C0123ABCD"
        )
    return channel


def _mention_id(mention: str) -> str:
    if mention and (mention[0] not in "UWS" or not (mention.isalnum() and mention.isascii() and mention.isupper())):
        raise ValueError(f"{mention[:40]!r} is not the id of a person (U…, W…) or of a user group (S…)")
    return mention


class SlackSettings(Frozen):
    """The app in one workspace. `app_token` opens Socket Mode; `signing_secret` verifies its HTTP counterpart."""

    token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    base_url: str = "https://slack.com/api/"
    chart: bool = True
    rooms: RoomSettings = RoomSettings()


class SlackReceiver(Frozen):
    """A channel, and whom a new card there pings; and again when it grows graver or nobody answers."""

    channel: Annotated[str, AfterValidator(_channel_id)]
    mention: Annotated[str, AfterValidator(_mention_id)] = ""


@dataclass(frozen=True)
class _Job:
    """One attempt."""

    notification: Notification
    receiver: SlackReceiver
    card: Delivery | None
    uncertain: bool
    now: datetime

    @property
    def shown(self) -> Card:
        return self.notification.card


class SlackNotifier:
    """See `ports.Notifier`. Raises SecretError when a secret that it needs cannot be read."""

    Settings = SlackSettings
    Receiver = SlackReceiver
    shows_runs = True

    def __init__(
        self, settings: SlackSettings, receivers: Mapping[str, SlackReceiver], *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._settings = settings
        self._receivers = dict(receivers)
        self._api = SlackApi(read_secret(settings.token).reveal(), settings.base_url)
        self._charts = Charts(self._api, base_url=settings.base_url, wanted=settings.chart)
        self._lookup = Lookup(self._api)
        self._rooms = RoomNews(self._api)
        self._letters = Letters(self._api, self._lookup)
        self.signing_secret = None if settings.signing_secret is None else read_secret(settings.signing_secret)
        """Verifies what comes as HTTP requests; None where nothing is expected."""
        self._front: SlackFront | None = None
        self._sleep = sleep
        self._free_at: dict[str, float] = {}
        self._limited: dict[str, datetime] = {}

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: datetime
    ) -> Delivery:
        """See `ports.Notifier.deliver`."""
        room = room_channel(notification)
        receiver = SlackReceiver(channel=room) if room else self._receivers.get(notification.receiver)
        if receiver is None:
            raise DeliveryRefused(f"the receiver {notification.receiver!r} has no Slack channel")
        standing = card if card is not None and card.message else None
        job = _Job(notification, receiver, standing, uncertain, now)
        return await self._rooms.settle(notification, await self._deliver(job), before=standing)

    async def _deliver(self, job: _Job) -> Delivery:
        notification, receiver, standing = job.notification, job.receiver, job.card
        if standing is None and notification.kind is NotificationKind.RUN:
            return await self._post_all(job)
        if standing is None or notification.kind is NotificationKind.CARD:
            return await self._post_card(job, mention=receiver.mention)
        if notification.kind is NotificationKind.RUN and job.shown.incident.run is not None:
            return await self._show_run(job, standing)
        if notification.kind in (NotificationKind.UPDATE, NotificationKind.RUN):
            return await self._edit_card(job, standing)
        return await self._post_news(job, standing)

    async def deliver_letter(self, letter: Letter, *, uncertain: bool, now: datetime) -> Delivery:
        """See `ports.LetterNotifier.deliver_letter`."""
        receiver = self._receivers.get(letter.receiver)
        return await self._letters.deliver(letter, receiver.channel if receiver else None, uncertain=uncertain, now=now)

    async def check(self) -> list[str]:
        """What would keep alerts from arriving, one line each with what to do; asks Slack."""
        channels = {name: receiver.channel for name, receiver in self._receivers.items()}
        app_api = None
        if self._settings.app_token is not None:
            app_api = SlackApi(read_secret(self._settings.app_token).reveal(), self._settings.base_url)
        return await check_slack(self._api, channels, chart=self._settings.chart, app_api=app_api)

    def listener(self, *, clock: Clock, desk: FrontDesk, name: str = "slack") -> SlackListener | None:
        """Attend to people at the daemon's desk, as the notifier called `name`. What hears them over Socket Mode; None
        without an `app_token` (then what they do comes as signed HTTP, to `take`)."""
        self._front = SlackFront(self._api, desk, clock=clock, name=name, rooms=self._settings.rooms)
        return None if self._settings.app_token is None else SlackListener(self._settings, self._front)

    async def take(self, kind: Kind, payload: Mapping[str, Any]) -> Body:
        """See `SlackFront.take`; nothing before there is a desk to attend at."""
        return {} if self._front is None else await self._front.take(kind, payload)

    async def finish(self, seconds: float) -> None:
        """Let what was acknowledged come to its end."""
        if self._front is not None:
            await self._front.finish(seconds)

    async def close(self) -> None:
        """Forget the charts, and attend to nobody more; nothing stays open between two calls."""
        await self._charts.close()
        if self._front is not None:
            await self._front.close()

    async def _post_card(self, job: _Job, *, mention: str = "") -> Delivery:
        channel = job.receiver.channel
        if job.uncertain:
            found = await self._lookup.find(job.notification, channel)
            if found:
                return _delivered(job, channel, found, {})
        memory = await self._charts.memory_for(job.shown, {})
        target = {"channel": channel, "metadata": metadata_of(job.notification), **_QUIET_LINKS}
        answer, memory = await self._show(job, "chat.postMessage", target, memory, mention=mention)
        return _delivered(job, str(answer.get("channel", channel)), str(answer.get("ts", "")), memory)

    async def _edit_card(self, job: _Job, card: Delivery) -> Delivery:
        memory = await self._charts.memory_for(job.shown, card.extra)
        target = {"channel": card.place, "ts": card.message}
        try:
            _, memory = await self._show(job, "chat.update", target, memory)
        except SlackRefused as refused:
            moved = refused.code in _CHANNEL_GONE and card.place != job.receiver.channel
            if refused.code not in MESSAGE_GONE and not moved:
                raise
            _log.warning("card.replaced", incident=job.notification.incident, reason=refused.code)
            return await self._post_all(job)
        return _delivered(job, card.place, card.message, memory | kept(card))

    async def _post_all(self, job: _Job) -> Delivery:
        """The card, posted anew, and in its thread the run; that is found again by a key of its own."""
        card = await self._post_card(job)
        if job.shown.incident.run is None:
            return card
        notification = replace(job.notification, key=f"{job.notification.key}/run")
        shown = await self._show_run(dataclasses.replace(job, notification=notification), card)
        return replace(shown, key=card.key)

    async def _show_run(self, job: _Job, card: Delivery) -> Delivery:
        """The run beside the card that stands: its delivery is the card's, which remembers where the run is."""
        from buzzguard.deliver.slack_run import render_run

        message = render_run(job.shown)

        async def write(method: str, place: Mapping[str, object]) -> dict[str, Any]:
            return await self._show_or_say(job, method, place, message)

        # Those in a room follow its channel, not its threads.
        thread = "" if room_channel(job.notification) else card.message
        stands = await show_run(job.notification, card, write, self._lookup, thread=thread, uncertain=job.uncertain)
        return replace(card, key=job.notification.key, at=job.now, extra={**card.extra, **stands})

    async def _post_news(self, job: _Job, card: Delivery) -> Delivery:
        if job.uncertain:
            found = await self._lookup.find(job.notification, card.place, thread=card.message)
            if found:
                return _delivered(job, card.place, found, {})
        loud = any(transition.cause in _LOUD or _unanswered(transition) for transition in job.shown.news)
        thread = {"channel": card.place, "thread_ts": card.message} | ({"reply_broadcast": True} if loud else {})
        if room_channel(job.notification):
            thread = {"channel": card.place}  # all who are there follow the channel
        try:
            answer = await self._tell(job, thread)
        except SlackRefused as refused:
            moved = refused.code in _CHANNEL_GONE and card.place != job.receiver.channel
            if refused.code not in THREAD_GONE and not moved:
                raise
            _log.warning("thread.lost", incident=job.notification.incident, reason=refused.code)
            answer = await self._tell(job, {"channel": job.receiver.channel})
        return _delivered(job, str(answer.get("channel", card.place)), str(answer.get("ts", "")), {})

    async def _tell(self, job: _Job, place: Mapping[str, object]) -> dict[str, Any]:
        from buzzguard.deliver.blocks import render_news
        from buzzguard.deliver.slack_drafts import with_drafts

        target = {**place, "metadata": metadata_of(job.notification), **_QUIET_LINKS}
        message = with_drafts(render_news(job.shown), job.shown)
        return await self._show_or_say(job, "chat.postMessage", target, message, mention=_pinged(job))

    async def _show(
        self, job: _Job, method: str, target: Mapping[str, object], memory: dict[str, str], *, mention: str = ""
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Write the card with its chart or, when Slack does not take that, without; and what to remember of it."""
        from buzzguard.deliver.blocks import render_card

        if memory.get("file"):
            message = render_card(job.shown, chart_file=memory["file"])
            answer = await self._show_chart(job, method, {**target, **_content(message, mention)})
            if answer is not None:
                return answer, memory
        message = render_card(job.shown, chart_file=None)
        return await self._show_or_say(job, method, target, message, mention=mention), {}

    async def _show_chart(self, job: _Job, method: str, payload: Mapping[str, object]) -> dict[str, Any] | None:
        for wait in (*_READY_WAITS, None):
            try:
                return await self._write(job, method, payload)
            except SlackRefused as refused:
                if refused.code not in _UNSHOWABLE:
                    raise
                reason = refused.code
            if wait is None or reason != "invalid_blocks":
                break
            await self._sleep(wait)
        _log.warning("chart.left_out", incident=job.notification.incident, reason=reason)
        return None

    async def _show_or_say(
        self, job: _Job, method: str, target: Mapping[str, object], message: SlackMessage, *, mention: str = ""
    ) -> dict[str, Any]:
        """Write the message; when Slack cannot show it, its plain text rather than nothing."""
        try:
            return await self._write(job, method, {**target, **_content(message, mention)})
        except SlackRefused as refused:
            if refused.code not in _UNSHOWABLE:
                raise
            _log.error("message.simplified", key=job.notification.key, reason=refused.code, details=refused.details)
        plain = f"{_ping(mention)} {message.text}".strip()
        return await self._write(job, method, {**target, "text": plain, "blocks": [], "attachments": []})

    async def _write(self, job: _Job, method: str, payload: Mapping[str, object]) -> dict[str, Any]:
        limited = self._limited.get(method)
        if limited is not None and job.now < limited:
            raise DeliveryDelayed(f"Slack {method}: rate limited", retry_after=limited - job.now)
        await self._keep_pace(str(payload["channel"]))
        try:
            return await self._api.call(method, json=payload, repeatable=method == "chat.update")
        except DeliveryDelayed as error:
            if error.retry_after is not None:
                self._limited[method] = job.now + min(error.retry_after, timedelta(minutes=5))
            raise

    async def _keep_pace(self, channel: str) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free_at.get(channel, now))
        self._free_at[channel] = turn + _PACE
        if turn > now:
            await self._sleep(turn - now)


_QUIET_LINKS: Mapping[str, object] = {"unfurl_links": False, "unfurl_media": False}
"""Previews of hostile posts would bury the card."""


def _content(message: SlackMessage, mention: str) -> dict[str, object]:
    blocks = list(message.blocks)
    if mention:
        ping = {"type": "section", "text": {"type": "mrkdwn", "text": _ping(mention)}}
        blocks = [ping, *blocks]
    text = f"{_ping(mention)} {message.text}".strip()
    return {"text": text, "blocks": blocks, "attachments": list(message.attachments)}


def _ping(mentions: str) -> str:
    """The pings of ids parted by spaces."""
    return " ".join(f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>" for one in mentions.split())


def _pinged(job: _Job) -> str:
    """Whom news pings: the owner when it grew graver or goes on, whom the card pinged when nobody has answered, and
    those whom the news itself names.

    Nobody in a room: whoever is there is pinged where the alert is.
    """
    if room_channel(job.notification):
        return ""
    named = [id for move in job.shown.news for id in move.detail.get("ping", "").split(",") if _PERSON.fullmatch(id)]
    return " ".join(dict.fromkeys([*_asked(job).split(), *named[:MOST_PINGED]]))


def _asked(job: _Job) -> str:
    """Whom news pings by what it is."""
    news, owner = job.shown.news, job.shown.incident.owner
    graver = any(transition.cause is Cause.SEVERITY_RAISED for transition in news)
    asked = [owner.id] if owner is not None and owner.via == "slack" and _PERSON.fullmatch(owner.id) else []
    if graver or any(map(_unanswered, news)):
        return " ".join(dict.fromkeys([*asked, *filter(None, [job.receiver.mention])]))
    return " ".join(asked if any(transition.cause is Cause.REMINDED for transition in news) else [])


def _unanswered(transition: Transition) -> bool:
    return transition.cause is Cause.REMINDED and transition.after is IncidentState.TRIGGERED


_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


def _delivered(job: _Job, place: str, message: str, extra: Mapping[str, str]) -> Delivery:
    return Delivery(
        key=job.notification.key,
        at=job.now,
        state=DeliveryState.DELIVERED,
        place=place,
        message=message,
        extra=dict(extra),
    )
