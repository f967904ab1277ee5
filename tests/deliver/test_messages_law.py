"""One law for every message over HTTP: whatever a card holds, it is sound JSON within the service's limits."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings

from buzzguard.deliver import alertmanager, discord, mattermost, ntfy, pagerduty, sms, sms_text, teams, webhook
from buzzguard.deliver.escape import units
from buzzguard.model import Card, NotificationKind
from tests.deliver import hostile
from tests.deliver.samples import NOW, sample_notification


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(card=hostile.cards)
def test_whatever_the_card_holds_every_message_fits(card: Card) -> None:
    for whole in (True, False):
        kind = NotificationKind.CARD if whole else NotificationKind.NEWS
        told = sample_notification(kind, card=card, key="k")
        assert len(teams.payload(told, whole=whole)) <= 28_000
        post = mattermost.payload(told, whole=whole, priority=True)
        assert units(post["attachments"][0]["text"]) <= 16_383
        message = discord.payload(told, whole=whole)
        (embed,) = message["embeds"]
        assert units(message["content"]) <= 2_000
        assert units(embed["title"]) <= 256
        assert units(embed["description"]) <= 4_096
        push = ntfy.payload(told, whole=whole)
        assert len(push["message"].encode()) <= 4_096
        assert sms_text.size(sms.text_of(told, whole=whole)).segments <= 2
        event = pagerduty.event(told, "trigger")
        assert len(event["payload"]["summary"]) <= 1_024
        alerts = alertmanager.payload(card, labels={}, hold=timedelta(hours=1), now=NOW)
        assert all(alert["startsAt"] <= alert["endsAt"] for alert in alerts)
        for made in (post, message, push, event, alerts, webhook.payload(told)):
            encoded = msgspec.json.encode(made)
            assert len(encoded) < 512_000
            json.loads(encoded)
