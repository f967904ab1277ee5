"""The store keeps what a step wants kept, once, and hands the outbox out in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import (
    Alert,
    AlertState,
    Author,
    Briefing,
    Card,
    Checkpoint,
    Click,
    ClickKind,
    Delivery,
    DeliveryState,
    Effects,
    Evidence,
    Incident,
    IncidentState,
    Mention,
    Notification,
    NotificationKind,
    Pending,
    Person,
    Poll,
    Samples,
    ScoredMention,
    Sentiment,
    Severity,
    Silence,
    Span,
)
from buzzguard.store.sql import SqlStore

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


def _mention(name: str, *, at: datetime = NOW, handle: str = "jo") -> ScoredMention:
    mention = Mention(
        id=name, stream="press", source="rss", published=at, fetched=at, text="é'\";--", author=Author(handle=handle)
    )
    return ScoredMention(mention=mention, topics=("acme",), sentiment=Sentiment(value=-0.5), repeat_key=7)


def _incident(*, state: IncidentState = IncidentState.TRIGGERED, at: datetime = NOW) -> Incident:
    return Incident(
        id="inc-1",
        topic="acme",
        state=state,
        severity=Severity.RED,
        opened_at=at,
        changed_at=at,
        alerts=(),
        policy="crisis",
    )


def _notification(key: str, kind: NotificationKind, *, receiver: str = "room", due: datetime = NOW) -> Notification:
    card = Card(
        incident=_incident(),
        briefing=Briefing(topic="acme", topic_name="Acme", at=NOW),
        language="fr",
        time_zone="Europe/Paris",
    )
    return Notification(key=key, incident="inc-1", receiver=receiver, kind=kind, due_at=due, card=card)


def _alert(state: AlertState) -> Alert:
    return Alert(
        fingerprint="f",
        rule="negative-surge",
        topic="acme",
        labels={},
        state=state,
        severity=Severity.ORANGE,
        since=NOW,
        at=NOW,
        title={"en": "x"},
        evidence=Evidence(window=None),
    )


def _keys(pending: list[Pending]) -> list[str]:
    return [item.notification.key for item in pending]


async def test_step_comes_back_as_it_was_committed(store: SqlStore) -> None:
    effects = Effects(
        at=NOW,
        mentions=(_mention("a"),),
        samples=(
            Samples(
                topic="acme", window=5 * MINUTE, end=NOW, volume=3, voices=2_700, hostile=900, known=0.5, closed=True
            ),
        ),
        checkpoints=(Checkpoint(topic="acme", at=NOW, detector="seasonal/1", state=b"x"),),
        alerts=(_alert(AlertState.FIRING),),
        incidents=(_incident(),),
        silences=(Silence(id="s", topic="acme", starts_at=NOW, ends_at=NOW + MINUTE, who=Person(id="U1")),),
    )
    await store.commit(effects, {"press": "after-a"})

    before = NOW - MINUTE
    assert await store.cursors() == {"press": "after-a"}
    assert await store.known(["a", "b"]) == {"a"}
    assert await store.mentions_since(before) == list(effects.mentions)
    assert await store.samples_since(before) == list(effects.samples)
    assert await store.checkpoints() == list(effects.checkpoints)
    assert await store.alerts_open() == list(effects.alerts)
    assert await store.incidents_open(NOW) == list(effects.incidents)
    assert await store.incidents_since(before) == list(effects.incidents)
    assert await store.incidents_since(NOW + MINUTE) == []
    assert await store.silences_active(NOW) == list(effects.silences)


async def test_repeated_commit_doubles_nothing(store: SqlStore) -> None:
    effects = Effects(at=NOW, mentions=(_mention("a"),), notifications=(_notification("k", NotificationKind.CARD),))
    await store.commit(effects, {})
    await store.commit(effects, {})

    assert len(await store.mentions_since(NOW - MINUTE)) == 1
    assert await store.outbox_depth() == 1


async def test_failing_commit_keeps_nothing(store: SqlStore) -> None:
    samples = Samples(topic="acme", window=MINUTE, end=NOW, volume=None)  # type: ignore[arg-type]
    broken = Effects(at=NOW, mentions=(_mention("a"),), samples=(samples,))
    with pytest.raises(StoreError, match="NOT NULL"):
        await store.commit(broken, {"press": "after-a"})

    assert await store.mentions_since(NOW - MINUTE) == []
    assert await store.cursors() == {}


async def test_alert_that_resolved_is_no_longer_open(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, alerts=(_alert(AlertState.FIRING),)), {})
    await store.commit(Effects(at=NOW, alerts=(_alert(AlertState.RESOLVED),)), {})
    assert await store.alerts_open() == []


async def test_outbox_keeps_the_order_of_one_receiver_and_does_not_hold_back_another(store: SqlStore) -> None:
    made = (
        _notification("card", NotificationKind.CARD),
        _notification("news", NotificationKind.NEWS),
        _notification("other", NotificationKind.CARD, receiver="phone"),
    )
    await store.commit(Effects(at=NOW, notifications=made), {})
    assert _keys(await store.due(NOW, 10)) == ["card", "other"]

    retry_at = NOW + MINUTE
    await store.record(Delivery(key="card", at=NOW, state=DeliveryState.DELAYED, reason="429", retry_at=retry_at))
    assert _keys(await store.due(NOW, 10)) == ["other"]

    await store.record(Delivery(key="card", at=retry_at, state=DeliveryState.DELIVERED, place="C1", message="1.2"))
    assert _keys(await store.due(retry_at, 10)) == ["news", "other"]


async def test_newest_of_waiting_updates_is_the_one_sent(store: SqlStore) -> None:
    made = tuple(_notification(f"u{n}", NotificationKind.UPDATE) for n in range(4))
    await store.commit(Effects(at=NOW, notifications=made), {})
    assert _keys(await store.due(NOW, 10)) == ["u3"]
    assert await store.outbox_depth() == 1


async def test_attempt_that_began_and_never_ended_is_uncertain(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, notifications=(_notification("k", NotificationKind.CARD),)), {})
    assert [item.uncertain for item in await store.due(NOW, 10)] == [False]
    await store.begin("k", NOW)
    assert [item.uncertain for item in await store.due(NOW, 10)] == [True]

    await store.record(Delivery(key="k", at=NOW, state=DeliveryState.DELAYED, retry_at=NOW))
    assert [(item.uncertain, item.attempts) for item in await store.due(NOW, 10)] == [(False, 1)]


async def test_attempt_whose_answer_was_lost_stays_uncertain(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, notifications=(_notification("k", NotificationKind.CARD),)), {})
    await store.begin("k", NOW)
    lost = Delivery(key="k", at=NOW, state=DeliveryState.DELAYED, retry_at=NOW, extra={"uncertain": "yes"})
    await store.record(lost)
    assert [item.uncertain for item in await store.due(NOW, 10)] == [True]


async def test_what_was_refused_waits_again_once_somebody_has_mended_the_reason(store: SqlStore) -> None:
    made = (_notification("card", NotificationKind.CARD), _notification("news", NotificationKind.NEWS))
    await store.commit(Effects(at=NOW, incidents=(_incident(),), notifications=made), {})
    for key in ("card", "news"):
        await store.record(Delivery(key=key, at=NOW, state=DeliveryState.REFUSED, reason="token_revoked"))
    assert await store.due(NOW, 10) == []

    assert await store.revive(NOW + MINUTE) == 2
    assert _keys(await store.due(NOW + MINUTE, 10)) == ["card"]


async def test_what_was_refused_stays_so_when_its_incident_has_ended_or_it_is_old(store: SqlStore) -> None:
    made = (_notification("card", NotificationKind.CARD),)
    await store.commit(Effects(at=NOW, incidents=(_incident(),), notifications=made), {})
    await store.record(Delivery(key="card", at=NOW, state=DeliveryState.REFUSED))
    assert await store.revive(NOW + timedelta(days=2)) == 0

    await store.commit(Effects(at=NOW, incidents=(_incident(state=IncidentState.RESOLVED),)), {})
    assert await store.revive(NOW + MINUTE) == 0


async def test_card_is_where_it_was_last_posted_and_news_do_not_move_it(store: SqlStore) -> None:
    made = (
        _notification("card", NotificationKind.CARD),
        _notification("news", NotificationKind.NEWS),
        _notification("update", NotificationKind.UPDATE),
    )
    await store.commit(Effects(at=NOW, notifications=made), {})
    posted = Delivery(key="card", at=NOW, state=DeliveryState.DELIVERED, place="C1", message="1", extra={"file": "F"})
    await store.record(posted)
    await store.record(Delivery(key="news", at=NOW, state=DeliveryState.DELIVERED, place="C1", message="2"))
    assert await store.card("inc-1", "room") == posted

    moved = Delivery(key="update", at=NOW, state=DeliveryState.DELIVERED, place="C1", message="3")
    await store.record(moved)
    assert await store.card("inc-1", "room") == moved
    assert await store.card("inc-1", "phone") is None


async def test_only_polls_around_a_failure_are_logged(store: SqlStore) -> None:
    outcomes = (True, True, False, False, True, True)
    polls = tuple(Poll(stream="press", at=NOW + n * MINUTE, ok=ok) for n, ok in enumerate(outcomes))
    for poll in polls:
        await store.commit(Effects(at=poll.at, polls=(poll,)), {"press": "c"})

    assert [poll.at for poll in await store.polls_since(NOW - MINUTE)] == [NOW + n * MINUTE for n in (1, 2, 3, 4)]
    assert (await store.last_polls())["press"] == polls[-1]
    assert await store.cursors() == {"press": "c"}


async def test_what_came_late_or_tells_of_lost_time_is_logged_too(store: SqlStore) -> None:
    gone = Span(start=NOW - MINUTE, end=NOW)
    ends = ((0, ()), (1, ()), (60, ()), (61, (gone,)), (62, ()))
    polls = tuple(
        Poll(stream="press", at=NOW + n * MINUTE, next_at=NOW + (n + 1) * MINUTE, ok=True, lost=lost)
        for n, lost in ends
    )
    for poll in polls:
        await store.commit(Effects(at=poll.at, polls=(poll,)), {"press": "c"})

    logged = await store.polls_since(NOW - MINUTE)
    assert [(poll.at, poll.next_at is None, poll.lost) for poll in logged] == [
        (NOW + MINUTE, False, ()),
        (NOW + 60 * MINUTE, True, ()),
        (NOW + 61 * MINUTE, True, (gone,)),
    ], "the next of the first was late, those of the others are left out"


async def test_what_is_older_than_its_retention_goes_and_what_is_open_stays(store: SqlStore) -> None:
    long_ago = NOW - timedelta(days=2000)
    old = Effects(
        at=long_ago,
        mentions=(_mention("old", at=long_ago), _mention("new")),
        samples=(Samples(topic="acme", window=MINUTE, end=long_ago),),
        incidents=(_incident(at=long_ago),),
        notifications=(_notification("waiting", NotificationKind.CARD, due=long_ago),),
    )
    await store.commit(old, {})
    gone = await store.expire(NOW)

    assert (gone["mentions"], gone["samples"], gone["incidents"], gone["outbox"]) == (1, 1, 0, 0)
    assert await store.known(["old", "new"]) == {"new"}

    await store.commit(Effects(at=NOW, incidents=(_incident(state=IncidentState.RESOLVED, at=long_ago),)), {})
    assert (await store.expire(NOW))["incidents"] == 1


async def test_pending_alert_that_lapsed_goes_and_one_that_fires_stays(store: SqlStore) -> None:
    for state in (AlertState.PENDING, AlertState.FIRING):
        await store.commit(Effects(at=NOW, alerts=(_alert(state),)), {})
        await store.expire(NOW + timedelta(days=8))
        assert len(await store.alerts_open()) == (state is AlertState.FIRING)


async def test_author_can_be_erased(store: SqlStore) -> None:
    made = (_mention("a"), _mention("b", handle="al"))
    await store.commit(Effects(at=NOW, mentions=made), {})
    assert await store.erase_author("rss:jo", at=NOW) == 1
    assert await store.known(["a", "b"]) == {"b"}


def _click(name: str, *, at: datetime = NOW) -> Click:
    return Click(
        id=name, kind=ClickKind.NOT_NEGATIVE, mention="a", who=Person(id="jo"), at=at, text="ça va", author="rss:jo"
    )


async def test_clicks_come_back_once_each_in_the_order_in_which_they_were_kept(store: SqlStore) -> None:
    assert await store.click(_click("second", at=NOW + MINUTE))
    assert await store.click(_click("first"))
    assert not await store.click(_click("first"))
    clicks, last = await store.clicks_after(0)
    assert [click.id for click in clicks] == ["second", "first"]
    assert await store.clicks_after(last) == ([], last)
    assert await store.click(_click("third"))
    assert [click.id for click in (await store.clicks_after(last))[0]] == ["third"]


async def test_what_was_said_of_a_persons_mentions_goes_with_them(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, mentions=(_mention("a"),)), {})
    await store.click(_click("one"))
    await store.erase_author("rss:jo", at=NOW)
    assert (await store.clicks_after(0))[0] == []


async def test_clicks_expire(store: SqlStore) -> None:
    await store.click(_click("old", at=NOW - timedelta(days=401)))
    await store.click(_click("new"))
    assert (await store.expire(NOW))["clicks"] == 1
    assert [click.id for click in (await store.clicks_after(0))[0]] == ["new"]


async def test_a_mention_is_found_by_its_id(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, mentions=(_mention("a"),)), {})
    assert await store.mention("a") == _mention("a")
    assert await store.mention("b") is None
