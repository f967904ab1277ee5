"""Everything between BuzzGuard and the people in Slack, looked at one by one.

Nothing is changed by it, and nobody is told anything unless a button is to be pressed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Settings
from buzzguard.deliver.slack import SlackReceiver, SlackSettings
from buzzguard.deliver.slack_api import SlackApi, SlackRefused, scopes_in
from buzzguard.deliver.slack_check import Finding, channel_findings, fault, scope_findings
from buzzguard.deliver.slack_check_words import check_word
from buzzguard.deliver.slack_line import PATIENCE, hello
from buzzguard.deliver.slack_payload import shown_name, text_at
from buzzguard.deliver.slack_press import Trial, try_press
from buzzguard.errors import BuzzguardError, DeliveryError
from buzzguard.model import Language
from buzzguard.ports import Clock

__all__ = ["Doctor", "Finding", "Patient", "patient_of"]

_CLOCK_MAY_DIFFER = 30.0
_CLOCK_MUST_NOT = 240.0
"""Seconds: a signed request is refused when it is 300 s old."""
_MOST_PEOPLE = 200


@dataclass(frozen=True)
class Patient:
    """What is looked at: a notifier's settings, its receivers, and the people whom departments name."""

    name: str
    settings: SlackSettings
    receivers: Mapping[str, SlackReceiver]
    departments: Mapping[str, Collection[str]]


def patient_of(settings: Settings, notifier: str = "") -> Patient:
    """The Slack notifier of that name, or the only one. Raises BuzzguardError for none, or for several."""
    known = {name: one for name, one in settings.notifiers.items() if one.kind == "slack"}
    chosen = {notifier: known[notifier]} if notifier in known else {} if notifier else known
    if len(chosen) != 1:
        if not known:
            raise BuzzguardError("the configuration has no notifier of `kind: slack` yet: write one under `notifiers:`")
        there = ", ".join(sorted(known))
        raise BuzzguardError(f"name one Slack notifier of the configuration with --notifier (there is: {there})")
    ((name, given),) = chosen.items()
    receivers = {
        receiver: SlackReceiver(**one.settings) for receiver, one in settings.receivers.items() if one.notifier == name
    }
    departments = {id: one.members for id, one in settings.departments.items()}
    return Patient(name, SlackSettings(**given.settings), receivers, departments)


class Doctor:
    """Looks at a patient, and says what it finds in `language`. Raises SecretError when a token cannot be read."""

    def __init__(self, patient: Patient, *, clock: Clock, language: Language) -> None:
        self._patient = patient
        self._clock = clock
        self._language: Language = language
        settings = patient.settings
        self._api = SlackApi(read_secret(settings.token).reveal(), settings.base_url)
        self._app_api: SlackApi | None = None
        if settings.app_token is not None:
            self._app_api = SlackApi(read_secret(settings.app_token).reveal(), settings.base_url)
        self._lines = 0

    async def examine(self, *, press: str = "", wait: float = 60.0) -> AsyncIterator[Finding]:
        """Every finding, as it is made. `press` is a receiver, or a person's id, who presses a button within `wait`
        seconds; nobody when empty."""
        try:
            me, headers = await self._api.introduce()
        except DeliveryError as error:
            yield fault("token", check_word("token", self._language), error, self._language)
            return
        scopes = scopes_in(headers)
        missing = scope_findings(scopes, chart=self._patient.settings.chart, language=self._language)
        for one in (*self._identity(me), *self._time(headers), *missing):
            yield one
        channels = {name: receiver.channel for name, receiver in self._patient.receivers.items()}
        there = channel_findings(self._api, channels, scopes, language=self._language)
        looks = [there, self._line(), self._groups(scopes), self._people(scopes)]
        for look in [*looks, *([self._press(press, wait)] if press else [])]:
            async for one in look:
                yield one

    def _identity(self, me: Mapping[str, Any]) -> Iterator[Finding]:
        if not me.get("bot_id"):
            text = f"{self._said('token')}: {self._said('no_bot')}"
            yield Finding(mark="fault", about="token", text=text, todo=self._said("no_bot_todo"))
            return
        user = shown_name(text_at(me, "user")) or text_at(me, "user_id")[:30]
        team = shown_name(text_at(me, "team")) or text_at(me, "team_id")[:30]
        yield self._sound("token", "met", user=user, team=team)

    def _time(self, headers: Mapping[str, str]) -> Iterator[Finding]:
        theirs = _date(headers.get("date", ""))
        if theirs is None:
            return
        off = abs((self._clock.now() - theirs).total_seconds())
        if off <= _CLOCK_MAY_DIFFER:
            yield self._sound("clock", "clock", n=f"{max(1, round(off))}")
            return
        signed = self._patient.settings.signing_secret is not None
        text = self._said("clock_off", n=f"{round(off)}")
        mark = "fault" if signed and off > _CLOCK_MUST_NOT else "hint"
        yield Finding(mark=mark, about="clock", text=text, todo=self._said("clock_todo"))  # type: ignore[arg-type]

    async def _line(self) -> AsyncIterator[Finding]:
        """What hears buttons: Socket Mode, which is dialled, or requests, which cannot be tried from here."""
        if self._app_api is None:
            if self._patient.settings.signing_secret is not None:
                yield self._sound("http", "http")
            else:
                yield Finding(mark="hint", about="socket", text=self._said("deaf"), todo=self._said("deaf_todo"))
            return
        try:
            self._lines = await hello(self._app_api)
        except DeliveryError as error:
            yield fault("socket", self._said("socket"), error, self._language)
            return
        if self._lines:
            yield self._sound("socket", "socket_sound", others=self._said("others") if self._lines > 1 else "")
            return
        text = self._said("socket_silent", n=f"{PATIENCE:.0f}")
        yield Finding(mark="fault", about="socket", text=text, todo=self._said("socket_silent_todo"))

    async def _groups(self, scopes: Collection[str]) -> AsyncIterator[Finding]:
        """The user groups that are pinged or invited; on the way, whether the plan has any."""
        named = {one.mention: f"`{name}`" for name, one in self._patient.receivers.items() if one.mention[:1] == "S"}
        named |= {one: "`rooms.invite`" for one in self._patient.settings.rooms.invite if one.startswith("S")}
        if scopes and "usergroups:read" not in scopes:
            return
        try:
            groups = (await self._api.call("usergroups.list")).get("usergroups")
        except SlackRefused as refused:
            if refused.code == "plan_upgrade_required":
                yield Finding(mark="hint", about="plan", text=self._said("plan"))
            elif named:
                yield fault("groups", ", ".join(sorted(named)), refused, self._language)
            return
        except DeliveryError as error:
            yield fault("groups", "usergroups.list", error, self._language)
            return
        known = {text_at(one, "id") for one in groups} if isinstance(groups, list) else set()
        for group in sorted(set(named) - known):
            text = self._said("group_gone", group=group, where=named[group])
            yield Finding(mark="fault", about=f"group {group}", text=text, todo=self._said("group_todo"))
        if found := set(named) & known:
            yield self._sound("groups", "groups", n=str(len(found)))

    async def _people(self, scopes: Collection[str]) -> AsyncIterator[Finding]:
        named = dict(list(self._named().items())[:_MOST_PEOPLE])
        if not named:
            return
        if scopes and "users:read" not in scopes:
            yield Finding(mark="hint", about="people", text=self._said("person_unread", n=str(len(named))))
            return
        sound = 0
        for who, where in named.items():
            try:
                found = (await self._api.call("users.info", form={"user": who})).get("user")
            except DeliveryError as error:
                yield fault(f"person {who}", self._said("person", who=who, where=where), error, self._language)
                continue
            if isinstance(found, Mapping) and found.get("deleted"):
                text = self._said("person_left", who=who, where=where)
                yield Finding(mark="fault", about=f"person {who}", text=text, todo=self._said("person_todo"))
                continue
            sound += 1
        if sound:
            yield self._sound("people", "people", n=str(sound))

    def _named(self) -> dict[str, str]:
        """Everybody whom the configuration names, and where."""
        found: dict[str, str] = {}
        for id, members in self._patient.departments.items():
            found |= {one: f"`departments.{id}`" for one in members}
        mentions = {name: one.mention for name, one in self._patient.receivers.items()}
        found |= {one: f"`{name}`" for name, one in mentions.items() if one[:1] in ("U", "W")}
        return found | {one: "`rooms.invite`" for one in self._patient.settings.rooms.invite if one[0] != "S"}

    async def _press(self, where: str, wait: float) -> AsyncIterator[Finding]:
        known = self._patient.receivers.get(where)
        alone = self._app_api is not None and self._lines <= 1
        trial = Trial(
            api=self._api,
            settings=self._patient.settings if alone else None,
            clock=self._clock,
            language=self._language,
            wait=wait,
        )
        async for one in try_press(trial, channel=known.channel if known is not None else "", where=where):
            yield one

    def _said(self, word: str, /, **values: str) -> str:
        return check_word(word, self._language, **values)

    def _sound(self, about: str, word: str, /, **values: str) -> Finding:
        return Finding(mark="sound", about=about, text=self._said(word, **values))


def _date(header: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else None
