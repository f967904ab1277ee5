"""The daemon as people in a chat see it: implements `ports.FrontDesk`.

What is open is read from the core between two steps, and changes nothing there; what has ended, and all that people
look up, comes from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from buzzguard.assembly import Assembly
from buzzguard.briefings import Briefings
from buzzguard.config.routes import walk
from buzzguard.config.settings import PolicySettings, Settings
from buzzguard.model import (
    WATCHER_TOPIC,
    Card,
    Command,
    Decision,
    Delivery,
    Department,
    Directory,
    Exercise,
    Found,
    Health,
    Incident,
    Language,
    Measure,
    OnCall,
    PlaybookView,
    Silence,
    Statement,
    Watch,
)
from buzzguard.ports import Clock
from buzzguard.respond.compose import house_name
from buzzguard.respond.incident import gravest_alert
from buzzguard.respond.playbook_text import fill_in
from buzzguard.respond.playbook_values import playbook_values
from buzzguard.respond.playbook_words import ROLES
from buzzguard.respond.playbooks import Page, Playbooks
from buzzguard.respond.policy import Policies, next_receivers
from buzzguard.respond.rotas import Rota, Rotas
from buzzguard.respond.runs import playbook_of
from buzzguard.review.drills import Score, score_of
from buzzguard.store.sql import SqlStore
from buzzguard.worker import Worker

USUAL_DEPARTMENTS = (
    "management",
    "risk",
    "quality",
    "hr",
    "legal",
    "customer-care",
    "communications",
    "marketing",
)
_SEARCH_PATIENCE = 0.5
"""Seconds after which a search looks no further: the answer is due within one."""
_EXERCISES_WITHIN = timedelta(days=366)
_SHIFTS_AHEAD, _SHIFTS_BEHIND = timedelta(days=28), timedelta(days=14)


class Behind(Protocol):
    """The daemon, as far as the desk needs it."""

    store: SqlStore
    worker: Worker

    @property
    def assembly(self) -> Assembly:
        """What it is built from at present."""
        ...

    async def commanded(self, command: Command) -> str | None:
        """Carry out a command; the named reason when it is refused. Raises nothing."""
        ...

    def health(self) -> Health:
        """How it is doing."""
        ...


class Front:
    """See `ports.FrontDesk`."""

    def __init__(self, behind: Behind, *, clock: Clock) -> None:
        self._behind = behind
        self._clock = clock
        self._house: House | None = None

    @property
    def directory(self) -> Directory:
        """See `ports.FrontDesk.directory`."""
        return self._at_home.directory

    async def command(self, command: Command) -> str | None:
        """See `ports.FrontDesk.command`."""
        return await self._behind.commanded(command)

    async def incident(self, id: str) -> Incident | None:
        """See `ports.FrontDesk.incident`."""
        known = next((one for one in self._open() if one.id == id), None)
        return known or await self._behind.store.incident(id)

    async def open_incidents(self, limit: int) -> list[Incident]:
        """See `ports.FrontDesk.open_incidents`."""
        return sorted(self._open(), key=lambda one: (-one.severity.rank, one.opened_at, one.id))[:limit]

    async def card(self, id: str, language: Language) -> Card | None:
        """See `ports.FrontDesk.card`."""
        incident = await self.incident(id)
        return None if incident is None else self._card(incident, language)

    async def incident_at(self, place: str, thread: str) -> str:
        """See `ports.FrontDesk.incident_at`. A room is known before its card stands there."""
        rooms = (one.id for one in self._open() if one.room is not None and one.room.place == place)
        return next(rooms, "") or await self._behind.store.incident_at(place, thread)

    async def kept(self, ref: str) -> Command | None:
        """See `ports.FrontDesk.kept`."""
        return await self._behind.store.kept(ref)

    async def playbook(self, id: str, language: Language) -> str:
        """See `ports.FrontDesk.playbook`."""
        incident = await self.incident(id)
        house = self._at_home
        page = None if incident is None else house.page(incident, language)
        if incident is None or page is None:
            return ""
        return fill_in(page.text, house.values(self._card(incident, language)), markdown=True)

    async def statements(self, id: str, language: Language) -> list[Statement]:
        """See `ports.FrontDesk.statements`."""
        incident = await self.incident(id)
        house = self._at_home
        page = None if incident is None else house.page(incident, language)
        if incident is None or page is None:
            return []
        values = house.values(self._card(incident, language))
        return [_filled(statement, values) for statement in page.statements]

    def exercise(self, playbook: str, topic: str, language: Language) -> str:
        """See `ports.FrontDesk.exercise`."""
        page = self._at_home.assembly.parts.playbooks.page(playbook, language)
        return "" if page is None else fill_in(page.drill, {"topic": self.directory.topics.get(topic, topic)})

    async def last_exercise(self) -> Exercise | None:
        """See `ports.FrontDesk.last_exercise`."""
        now = self._clock.now()
        recalled = await self._behind.store.last_exercise(now - _EXERCISES_WITHIN)
        if recalled is None:
            return None
        incident, house = recalled.incident, self._at_home
        page = house.page(incident, "en")
        speaks = bool(incident.drafts) or (page is not None and bool(page.statements))
        policy = house.assembly.settings.policies.get(incident.policy)
        return _exercise(incident, score_of(recalled, policy, speaks=speaks, now=now))

    async def why(self, about: str, limit: int) -> list[Decision]:
        """See `ports.FrontDesk.why`."""
        found = await self._behind.store.reasons(about, limit=limit)
        return [] if found is None else list(found.decisions)

    async def mentions(self, words: str, limit: int) -> Found:
        """See `ports.FrontDesk.mentions`."""
        end = self._clock.monotonic() + _SEARCH_PATIENCE
        return await self._behind.store.holding(words, limit, enough=lambda: self._clock.monotonic() > end)

    async def lately(self, span: timedelta, limit: int) -> list[Incident]:
        """See `ports.FrontDesk.lately`."""
        return await self._behind.store.opened_since(self._clock.now() - span, limit)

    async def places(self, ids: Sequence[str]) -> dict[str, list[Delivery]]:
        """See `ports.FrontDesk.places`."""
        found: dict[str, list[Delivery]] = {}
        for id, delivery in await self._behind.store.places(ids):
            found.setdefault(id, []).append(delivery)
        return found

    async def on_call(self) -> list[OnCall]:
        """See `ports.FrontDesk.on_call`."""
        now = self._clock.now()
        return [_on_call(name, rota, now) for name, rota in self._at_home.rotas.rotas.items()]

    async def silences(self) -> list[Silence]:
        """See `ports.FrontDesk.silences`."""
        now = self._clock.now()
        return [one for one in await self._behind.store.silences_active(now) if one.ends_at > now]

    async def watch(self) -> Watch:
        """See `ports.FrontDesk.watch`."""
        streams = self._behind.assembly.settings.streams
        reading = {name for name, stream in streams.items() if stream.enabled}
        polls = [poll for name, poll in (await self._behind.store.last_polls()).items() if name in reading]
        return Watch(
            streams=len(reading),
            polled_at=max((poll.at for poll in polls), default=None),
            failing=tuple(sorted((poll for poll in polls if not poll.ok), key=lambda poll: poll.stream)),
        )

    def health(self) -> Health:
        """See `ports.FrontDesk.health`."""
        return self._behind.health()

    @property
    def _at_home(self) -> House:
        """What is made of the configuration, anew after a reload."""
        assembly = self._behind.assembly
        if self._house is None or self._house.assembly is not assembly:
            self._house = House(assembly)
        return self._house

    def _open(self) -> tuple[Incident, ...]:
        return self._behind.worker.core.responder.open_incidents

    def _card(self, incident: Incident, language: Language) -> Card:
        """The card, its briefing as of the last step: a look moves no clock within the core."""
        worker = self._behind.worker
        at = worker.last_step_at or self._clock.now()
        briefing = Briefings(worker.core, {}, at)(incident.topic, gravest_alert(incident))
        return self._at_home.card(Card(incident=incident, briefing=briefing, language=language, time_zone=""))


class House:
    """What a look needs of one configuration, made once."""

    def __init__(self, assembly: Assembly) -> None:
        settings, parts = assembly.settings, assembly.parts
        self.assembly = assembly
        self.rotas = Rotas(
            settings.rotas, time_zone=settings.time_zone, country=settings.country, calendars=parts.calendars
        )
        self._policies = Policies(settings.policies, settings.receivers, self.rotas)
        themes = (theme.owner for theme in parts.readers.themes.themes)
        self.directory = directory_of(settings, parts.playbooks, themes)

    def card(self, blank: Card) -> Card:
        """The card with what the house adds to it: its time zone, the playbook, who is told next."""
        incident, parts = blank.incident, self.assembly.parts
        spoken = replace(
            blank,
            time_zone=self.assembly.settings.time_zone,
            next_receivers=next_receivers(incident, self._policies.of(incident), self.rotas),
            drill=parts.drill or incident.drill,
            department=house_name(self.assembly.settings.departments, incident.department),
        )
        return replace(spoken, playbook=self._view(spoken))

    def page(self, incident: Incident, language: Language) -> Page | None:
        """The playbook that people work by; for BuzzGuard's own troubles never the generic one, about the public."""
        playbooks, id = self.assembly.parts.playbooks, playbook_of(incident)
        if incident.topic == WATCHER_TOPIC and id not in playbooks:
            return None
        return playbooks.page(id, language)

    def values(self, card: Card) -> dict[str, str]:
        """What the incident fills into its playbook."""
        return playbook_values(card.incident, card.briefing, language=card.language, time_zone=card.time_zone)

    def _view(self, card: Card) -> PlaybookView | None:
        if self.page(card.incident, card.language) is None:
            return None
        return self.assembly.parts.playbooks.view(playbook_of(card.incident), card.language, self.values(card))


def directory_of(settings: Settings, playbooks: Playbooks, owners: Iterable[str] = ()) -> Directory:
    """Who and what may be named under these settings; `owners` are the departments that themes name."""
    named = [*settings.departments, *USUAL_DEPARTMENTS, *owners, *_named(settings)]
    return Directory(
        language=settings.language,
        time_zone=settings.time_zone,
        topics={id: topic.name for id, topic in settings.topics.items()},
        departments={id: _department(id, settings) for id in dict.fromkeys(named) if id},
        playbooks={id: _titles(id, playbooks) for id in playbooks},
        policies=tuple(settings.policies),
        receivers=(*settings.receivers, *settings.rotas),
        approvals=settings.statements.approvals,
    )


def _named(settings: Settings) -> Iterator[str]:
    """The departments that topics and routes name."""
    yield from (topic.owner for topic in settings.topics.values())
    yield from (route.owner or "" for _, route in walk(settings.routes))
    yield from settings.statements.approvals


def _department(id: str, settings: Settings) -> Department:
    own = settings.departments.get(id)
    usual = {language: names[0] for language, names in ROLES.get(id, {}).items()}
    title = {"en": id, "fr": id} | usual | ({} if own is None else own.name)
    members = () if own is None else own.members
    return Department(id=id, title=title, receivers=_told(id, settings), members=members)


def _told(id: str, settings: Settings) -> tuple[str, ...]:
    """Who is told of a department's business: as it says, else whoever is called like it."""
    own = settings.departments.get(id)
    if own is not None and own.notify:
        return own.notify
    if id in settings.receivers or id in settings.rotas:
        return (id,)
    policy: PolicySettings | None = settings.policies.get(id)
    return policy.steps[0].notify if policy is not None and policy.steps else ()


def _titles(id: str, playbooks: Playbooks) -> dict[str, str]:
    languages: tuple[Language, ...] = ("en", "fr")
    pages = [page for language in languages if (page := playbooks.page(id, language)) is not None]
    return {page.language: page.view.title for page in pages}


def _filled(statement: Statement, values: dict[str, str]) -> Statement:
    paragraphs = tuple(
        tuple(fill_in(part, values) if isinstance(part, str) else part for part in paragraph)
        for paragraph in statement.paragraphs
    )
    return replace(statement, title=fill_in(statement.title, values), paragraphs=paragraphs)


def _exercise(incident: Incident, score: Score) -> Exercise:
    return Exercise(
        incident=incident,
        measures=tuple(
            Measure(name=one.name, took=one.took, target=one.target, mark=one.mark.value) for one in score.times
        ),
        steps={name: getattr(score.steps, name) for name in score.steps.__struct_fields__},
        points=score.points,
        grade=score.grade,
        over=score.over,
    )


def _on_call(name: str, rota: Rota, now: datetime) -> OnCall:
    """Who a rota tells now, and the turn after it; an end that is further than a month away is none."""
    start, end = now - _SHIFTS_BEHIND, now + _SHIFTS_AHEAD
    shifts = rota.shifts(start, end)
    at = next(index for index, shift in enumerate(shifts) if shift.begins <= now < shift.ends)
    present, following = shifts[at], shifts[at + 1 : at + 2]
    return OnCall(
        rota=name,
        who=present.duty.who,
        since=present.begins if present.begins > start else None,
        until=present.ends if following else None,
        then=following[0].duty.who if following else (),
    )
