"""What modals ask for, before the whole core and its store: each act is taken, or refused where it is seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from buzzguard.deliver.slack_modals_work import declare
from buzzguard.deliver.slack_views import Meta
from buzzguard.front import Front
from buzzguard.model import DraftState, Incident, IncidentState, Person, StepState
from tests.slack.sitting import Sitting
from tests.slack.strict_server import StrictSlack
from tests.small_world import mentions
from tests.test_front import front


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


class Night:
    """An incident that is open, and somebody at Slack who handles it."""

    def __init__(self, slack: StrictSlack, desk: Front, id: str) -> None:
        self.at = Sitting(slack, real=desk)
        self.desk = desk
        self.id = id

    async def incident(self) -> Incident:
        found = await self.desk.incident(self.id)
        assert found is not None
        return found

    async def fill(self, action: str, what: str = "", **answers: object) -> None:
        """Open a modal, fill it in, see it close."""
        await self.at.press(action, what, incident=self.id)
        assert await self.at.submit(answers) == {}


@asynccontextmanager
async def _night(slack: StrictSlack, folder: Path) -> AsyncIterator[Night]:
    async with front(folder, language="en") as (world, desk):
        await world.submit(*mentions(3))
        (first,) = await desk.open_incidents(10)
        yield Night(slack, desk, first.id)


def test_a_night_is_handled_from_slack_alone(slack: StrictSlack, tmp_path: Path) -> None:
    async def story() -> None:
        async with _night(slack, tmp_path) as night:
            await night.fill("give", person="U0MARC0001")
            assert (await night.incident()).owner == Person(id="U0MARC0001", name="Marc Petit", via="slack")
            await night.fill("give", department="legal", reason="Their business")
            assert (await night.incident()).department == "legal"
            view = declare(Meta(), night.desk.directory, topic="acme")
            assert not isinstance(view, str)
            assert await night.at.front.open_view(slack.workspace.windows.trigger(), view)
            assert await night.at.submit({"story": "A video burns"}) == {}
            (declared,) = [one for one in await night.desk.open_incidents(10) if one.id != night.id]
            assert declared.story == "A video burns"
            await night.at.press("more", "merge", incident=declared.id)
            assert await night.at.submit({"into": night.id}) == {}
            await night.fill("silence", **{"for": "30m", "reason": "Known"})
            await night.fill("note", text="Called the shop")
            await night.fill("resolve", summary="Calm again")
            assert (await night.incident()).state is IncidentState.RESOLVED
            await night.at.press("note", incident=night.id)
            assert "closed already" in night.at.told[-1]

    asyncio.run(story())


def test_the_playbook_and_its_statement_are_worked_through_from_slack(slack: StrictSlack, tmp_path: Path) -> None:
    async def story() -> None:
        async with _night(slack, tmp_path) as night:
            await night.at.press("take_charge", incident=night.id)
            await night.fill("more", "playbook", playbook="product-safety")
            run = (await night.incident()).run
            assert run is not None and run.playbook == "product-safety"
            await night.at.press("step_done", run.steps[0].key, incident=night.id)
            marked = (await night.incident()).run
            assert marked is not None and marked.steps[0].state is StepState.DONE

            statement = (await night.desk.statements(night.id, "en"))[0]
            words = {f"f:{field.key}": "as confirmed" for field in statement.fields}
            await night.fill("draft_open", statement.key, **words)
            await night.fill("draft_send_back", (await night.incident()).drafts[0].id, reason="Too vague")
            await night.fill("draft_open", statement.key, **words)
            drafts = (await night.incident()).drafts
            assert [draft.state for draft in drafts] == [DraftState.REPLACED, DraftState.WAITING]

    asyncio.run(story())
