"""The app's own page in Slack: what is open, what waits for the reader, who is on call, how the watch goes.

It is written when somebody opens it, and again when something has changed while they may still be looking.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from buzzguard.deliver import slack_ids
from buzzguard.deliver.slack_looks import (
    MARKS,
    Block,
    Reader,
    address,
    button,
    context,
    escaped,
    fitting,
    heading,
    incident_line,
    oncall_lines,
    section,
    silence_line,
    watch_lines,
    watched_line,
)
from buzzguard.deliver.slack_payload import PERSON_ID, matching, text_at
from buzzguard.errors import DeliveryError, StoreError
from buzzguard.model import (
    Directory,
    Draft,
    Health,
    Incident,
    IncidentState,
    OnCall,
    Record,
    RunStep,
    Severity,
    Silence,
    StepState,
    Watch,
)
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

LOOKING = timedelta(minutes=15)
"""Slack tells when the page is opened, never when it is left: so long somebody may still be looking."""
REFRESH_EVERY = timedelta(seconds=30)
MOST_BLOCKS, MOST_TEXT = 100, 40_000
MOST_READERS = 200
MOST_INCIDENTS, MOST_STEPS, MOST_DRAFTS = 20, 15, 5
LONGEST_DRAFT = 2_400
"""A longer statement is not approved here: nobody approves what they cannot read whole."""
_OPEN_LIMIT = 1_000
_WEEK = timedelta(days=7)
_WEEK_LIMIT = 2_000
_log = get_logger("deliver.slack")


class Sight(Record, frozen=True, kw_only=True):
    """What the page is made of, at one instant. `urls` lead to the cards of incidents, by id."""

    open: tuple[Incident, ...]
    lately: tuple[Incident, ...]
    rotas: tuple[OnCall, ...]
    silences: tuple[Silence, ...]
    health: Health
    watch: Watch
    urls: Mapping[str, str] = {}

    @property
    def marks(self) -> tuple[object, ...]:
        """What makes a new page worth writing."""
        incidents = tuple((one.id, one.version) for one in self.open)
        failing = tuple(poll.stream for poll in self.watch.failing)
        return incidents, tuple(one.id for one in self.silences), self.health.ready, self.health.troubles, failing


class Home:
    """The pages of one app's readers. `sleep` waits between two looks whether something has changed."""

    def __init__(self, front: SlackFront, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._front = front
        self._sleep = sleep
        self._readers: OrderedDict[str, datetime] = OrderedDict()
        self._shown: dict[str, tuple[object, ...]] = {}
        self._workspace = ""
        self._refreshing: asyncio.Task[None] | None = None

    async def opened(self, event: Mapping[str, Any]) -> None:
        """Somebody opened the app's page (`app_home_opened`); its tab of messages is none."""
        user = matching(PERSON_ID, text_at(event, "user"))
        if not user or text_at(event, "tab") not in ("", "home"):
            return
        self._readers.pop(user, None)
        self._readers[user] = self._front.clock.now()
        while len(self._readers) > MOST_READERS:
            self._shown.pop(self._readers.popitem(last=False)[0], None)
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh())
        await self._publish(user, await self._sight())

    async def stop(self) -> None:
        """Refresh no more."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await self._refreshing

    async def _refresh(self) -> None:
        """While somebody may be looking, write their page anew when something has changed."""
        while self._readers:
            await self._sleep(REFRESH_EVERY.total_seconds())
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - the loop of a task: the next look may go well
                _log.error("home.failed", error=type(error).__name__)

    async def refresh(self) -> None:
        """Write the pages of those who may be looking where something has changed since."""
        now = self._front.clock.now()
        for user in [user for user, at in self._readers.items() if not timedelta() <= now - at < LOOKING]:
            del self._readers[user]
            self._shown.pop(user, None)
        if not self._readers:
            return
        sight = await self._sight()
        if sight is None:
            return
        for user in [one for one in self._readers if self._shown.get(one) != sight.marks]:
            await self._publish(user, sight)

    async def _sight(self) -> Sight | None:
        desk = self._front.desk
        try:
            found = await desk.open_incidents(_OPEN_LIMIT)
            return Sight(
                open=tuple(found),
                lately=tuple(await desk.lately(_WEEK, _WEEK_LIMIT)),
                rotas=tuple(await desk.on_call()),
                silences=tuple(await desk.silences()),
                health=desk.health(),
                watch=await desk.watch(),
                urls=await self._urls([one.id for one in found]),
            )
        except StoreError as error:
            _log.warning("home.delayed", reason=str(error))
            return None

    async def _urls(self, ids: Sequence[str]) -> dict[str, str]:
        workspace = await self._address()
        places = await self._front.desk.places(ids[: 2 * MOST_INCIDENTS])
        found = {id: address(deliveries, workspace) for id, deliveries in places.items()}
        return {id: url for id, url in found.items() if url}

    async def _address(self) -> str:
        """The workspace's own address, asked for once; empty while Slack does not tell."""
        if not self._workspace:
            with suppress(DeliveryError):
                url = text_at(await self._front.api.call("auth.test"), "url")
                self._workspace = url if url.startswith("https://") and url.endswith("/") else ""
        return self._workspace

    async def _publish(self, user: str, sight: Sight | None) -> None:
        house = self._front.desk.directory
        reader = Reader(language=house.language, now=self._front.clock.now(), house=house)
        blocks = page(sight, user, reader) if sight is not None else [section(f"⚠️ {reader.said('home.trouble')}")]
        try:
            await self._front.api.call(
                "views.publish", json={"user_id": user, "view": {"type": "home", "blocks": blocks}}
            )
        except DeliveryError as error:
            _log.warning("home.refused", reason=str(error))
            return
        if sight is not None:
            self._shown[user] = sight.marks


def page(sight: Sight, user: str, reader: Reader) -> list[Block]:
    """The whole page of one person, within Slack's limits."""
    updated = reader.said("home.updated", time=reader.face.stamp(reader.now), zone=escaped(reader.house.time_zone, 60))
    blocks = [
        *_tasks(sight, user, reader),
        *_incidents(sight, reader),
        *_oncall(sight, reader),
        *_watch(sight, reader),
        *_week(sight, reader),
        context(updated, reader.said("home.commands")),
    ]
    return fitting(blocks, MOST_BLOCKS, MOST_TEXT)


def _incidents(sight: Sight, reader: Reader) -> Iterator[Block]:
    yield heading(reader.said("home.incidents"))
    if not sight.open:
        yield section(f"🟢 {reader.said('calm')}")
    for one in sight.open[:MOST_INCIDENTS]:
        yield _incident(one, sight.urls.get(one.id, ""), reader)
    if (more := len(sight.open) - MOST_INCIDENTS) > 0:
        yield context(reader.counted("open_more", more))
    if sight.silences:
        yield context("\n".join(silence_line(one, reader) for one in sight.silences[:8]))


def _incident(incident: Incident, url: str, reader: Reader) -> Block:
    """An incident, with the button to take charge where nobody has, else that to its card."""
    if incident.state is IncidentState.TRIGGERED:
        take = button("take_charge", reader.said("home.take"), incident.id, style="primary")
        return section(incident_line(incident, reader, url), accessory=take)
    lead = button("home_open", reader.said("home.open"), url=url) if url else None
    return section(incident_line(incident, reader), accessory=lead)


def _tasks(sight: Sight, user: str, reader: Reader) -> Iterator[Block]:
    """What waits for one person: incidents they are in charge of, steps of their departments, statements to approve."""
    yield heading(reader.said("home.tasks"))
    mine = [one for one in sight.open if _owns(one, user)]
    blocks = [_mine(one, sight.urls.get(one.id, ""), reader) for one in mine[:10]]
    blocks += _drafts(sight.open, user, reader)
    steps = sorted(_steps(sight.open, user, reader.house), key=lambda pair: _order(pair[1]))
    blocks += [_step(incident, step, reader) for incident, step in steps[:MOST_STEPS]]
    yield from blocks or [section(f"✅ {reader.said('home.no_tasks')}")]
    if (more := len(steps) - MOST_STEPS) > 0:
        yield context(reader.counted("home.cut", more))


def _owns(incident: Incident, user: str) -> bool:
    owner = incident.owner
    taken = incident.state is IncidentState.ACKNOWLEDGED
    return taken and owner is not None and owner.via == "slack" and owner.id == user


def _mine(incident: Incident, url: str, reader: Reader) -> Block:
    what = f"{MARKS[incident.severity]} *{reader.topic(incident.topic)}* `{incident.id}`"
    lead = button("home_open", reader.said("home.open"), url=url) if url else None
    return section(reader.said("home.mine", what=what), accessory=lead)


def _steps(incidents: Sequence[Incident], user: str, house: Directory) -> Iterator[tuple[Incident, RunStep]]:
    """The open steps that are a person's: those of their departments, and of departments without named people those
    of the incidents that they are in charge of."""
    for incident in incidents:
        for step in incident.run.steps if incident.run is not None else ():
            if step.state is not StepState.OPEN:
                continue
            department = house.departments.get(step.role)
            members = department.members if department is not None else ()
            if user in members or (not members and _owns(incident, user)):
                yield incident, step


def _order(step: RunStep) -> tuple[bool, float]:
    return step.due is None, step.due.timestamp() if step.due is not None else 0.0


def _step(incident: Incident, step: RunStep, reader: Reader) -> Block:
    from buzzguard.deliver import wording

    text = escaped(wording.localised(step.text, reader.language), 400)
    small = [reader.topic(incident.topic), reader.department(step.role) if step.role else ""]
    mark = "▫️"
    if step.due is not None:
        late = step.due <= reader.now
        small.append(reader.said("home.step_late" if late else "home.step_due", by=reader.face.by(step.due)))
        mark = "⏰" if late else mark
    done = button(slack_ids.STEP_DONE, reader.said("home.done"), slack_ids.value_of(incident.id, step.key))
    return section(f"{mark} {text}\n_{' · '.join(part for part in small if part)}_", accessory=done)


def _drafts(incidents: Sequence[Incident], user: str, reader: Reader) -> list[Block]:
    waiting = [(one, draft) for one in incidents for draft in one.drafts if _awaits(draft, user, reader.house)]
    return [block for one, draft in waiting[:MOST_DRAFTS] for block in _draft(one, draft, reader)]


def _awaits(draft: Draft, user: str, house: Directory) -> bool:
    """Whether a person may approve it now: one of the department's people, or anybody where these are not named."""
    if not draft.awaits:
        return False
    department = house.departments.get(draft.awaits)
    return department is None or not department.members or user in department.members


def _draft(incident: Incident, draft: Draft, reader: Reader) -> list[Block]:
    title, department = escaped(draft.title, 150), reader.department(draft.awaits)
    told = f"📝 {reader.topic(incident.topic)} · {reader.said('home.draft', department=department, title=title)}"
    lines = [f"> {escaped(line, LONGEST_DRAFT)}" for line in draft.text.splitlines() if line.strip()]
    if len(draft.text) > LONGEST_DRAFT:
        return [section(told)]
    approve = button(
        slack_ids.DRAFT_APPROVE,
        reader.said("home.approve"),
        slack_ids.approval_of(incident.id, draft.id, draft.awaits),
        style="primary",
    )
    return [section(told), section("\n".join(lines) or "…", accessory=approve)]


def _oncall(sight: Sight, reader: Reader) -> Iterator[Block]:
    yield heading(reader.said("home.oncall"))
    yield section("\n".join(oncall_lines(sight.rotas, reader)))


def _watch(sight: Sight, reader: Reader) -> Iterator[Block]:
    yield heading(reader.said("home.health"))
    troubles = watch_lines(sight.health, sight.watch, reader)
    yield section("\n".join(troubles) if troubles else f"🟢 {watched_line(sight.watch, reader)}")
    small = []
    if sight.health.last_step_at is not None:
        small.append(reader.said("last_step", time=reader.face.at(sight.health.last_step_at)))
    if sight.health.outbox_depth:
        small.append(reader.counted("outbox", sight.health.outbox_depth))
    if small:
        yield context(" · ".join(small))


def _week(sight: Sight, reader: Reader) -> Iterator[Block]:
    real = [one for one in sight.lately if not one.drill]
    drills = len(sight.lately) - len(real)
    false = sum(one.state is IncidentState.FALSE_ALARM for one in real)
    told = [reader.counted("home.week_open", len(real)) if real else reader.said("home.week_none")]
    grave = {severity: sum(one.severity is severity for one in real) for severity in reversed(Severity)}
    told += [" ".join(f"{MARKS[severity]} {n}" for severity, n in grave.items() if n)] if real else []
    told += [reader.counted("home.week_false", false)] if false else []
    told += [reader.counted("home.week_drills", drills)] if drills else []
    yield heading(reader.said("home.week"))
    yield section(" · ".join(told))
