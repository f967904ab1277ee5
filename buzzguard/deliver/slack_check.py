"""Would an alert arrive? Asked of Slack itself, before the night on which it must.

`check_slack` gives the faults that keep alerts from arriving; the doctor (`slack_doctor`) shows these probes and more,
whatever they find, in the operator's language.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Literal

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_check_words import check_word
from buzzguard.deliver.slack_hints import hint_for
from buzzguard.deliver.slack_payload import shown_name
from buzzguard.deliver.slack_scopes import SCOPES, superfluous
from buzzguard.errors import DeliveryError
from buzzguard.model import Language, Record

_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})


class Finding(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was looked at: sound, worth a hint, or at fault. `about` names it for programs, `todo` is what a
    person does about it."""

    mark: Literal["sound", "hint", "fault"]
    about: str
    text: str
    todo: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        return f"{self.text}: {self.todo}" if self.todo else self.text


async def check_slack(
    api: SlackApi, channels: Mapping[str, str], *, chart: bool, app_api: SlackApi | None, language: Language = "en"
) -> list[str]:
    """Every fault found, one line each, with what to do; empty when alerts would arrive.

    `channels` is the channel of each receiver; `app_api` calls with the app-level token of Socket Mode.
    """
    try:
        scopes = frozenset(await api.scopes())
    except DeliveryError as error:
        return [str(error)]
    found = list(scope_findings(scopes, chart=chart, language=language))
    found += [one async for one in channel_findings(api, channels, scopes, language=language)]
    if app_api is not None:
        try:
            await app_api.call("apps.connections.open")
        except DeliveryError as error:
            found.append(fault("socket", check_word("socket", language), error, language))
    return [one.line for one in found if one.mark == "fault"]


def scope_findings(scopes: Collection[str], *, chart: bool, language: Language) -> Iterator[Finding]:
    """The scopes that are missing, with what they cost, and those that nothing needs; none where Slack does not say."""
    if not scopes:
        return
    grave = {"chat:write"} | ({"files:write"} if chart else set())
    for one in SCOPES:
        if one.name in scopes:
            continue
        bad = one.name in grave or (one.name == "channels:history" and not _HISTORY & set(scopes))
        text = check_word("scope", language, scope=one.name, lost=one.lost[language])
        todo = hint_for("missing_scope", one.name, language)
        yield Finding(mark="fault" if bad else "hint", about=f"scope {one.name}", text=text, todo=todo)
    spare = superfluous(scopes)
    if spare:
        named = ", ".join(one[:60] for one in spare[:12])
        text = check_word("spare", language, scopes=named)
        yield Finding(mark="hint", about="scopes", text=text, todo=check_word("spare_todo", language))
    elif {one.name for one in SCOPES} <= set(scopes):
        yield Finding(mark="sound", about="scopes", text=check_word("scopes", language, n=str(len(set(scopes)))))


async def channel_findings(
    api: SlackApi, channels: Mapping[str, str], scopes: Collection[str], *, language: Language
) -> AsyncIterator[Finding]:
    """Whether each receiver's channel is there, in use, and has the app in it."""
    for receiver, channel in channels.items():
        about = f"receiver {receiver}"
        head = check_word("receiver", language, receiver=receiver, channel=channel)
        if scopes and not _READ & set(scopes):
            text = f"{head}{check_word('unread', language)}"
            todo = hint_for("missing_scope", "channels:read", language)
            yield Finding(mark="fault", about=about, text=text, todo=todo)
            continue
        try:
            found = (await api.call("conversations.info", form={"channel": channel})).get("channel")
        except DeliveryError as error:
            yield fault(about, head.rstrip(" :\u00a0"), error, language)
            continue
        yield _channel(about, head, found if isinstance(found, dict) else {}, scopes, language)


def fault(about: str, text: str, error: DeliveryError, language: Language) -> Finding:
    """What Slack refused, or did not answer, and what to do."""
    colon = "\u00a0: " if language == "fr" else ": "
    if isinstance(error, SlackRefused):
        told = f"{text}{colon}{error.code}"
        return Finding(mark="fault", about=about, text=told, todo=hint_for(error.code, error.needed, language))
    return Finding(mark="fault", about=about, text=f"{text}{colon}{error}", todo=check_word("later", language))


def _channel(
    about: str, head: str, found: Mapping[str, object], scopes: Collection[str], language: Language
) -> Finding:
    outside = found.get("is_member") is False and not found.get("is_im")
    if found.get("is_archived"):
        problem, todo = "archived", "archived_todo"
    elif outside and (found.get("is_private") or "chat:write.public" not in scopes):
        problem, todo = "outside", "outside_todo"
    else:
        name = shown_name(str(found.get("name") or ""))
        told = check_word("there", language, name=f" (#{name})" if name else "")
        return Finding(mark="sound", about=about, text=f"{head}{told}")
    text = f"{head}{check_word(problem, language)}"
    return Finding(mark="fault", about=about, text=text, todo=check_word(todo, language))
