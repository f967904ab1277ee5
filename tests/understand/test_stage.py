"""Short stories of mentions on their way through understanding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.config.settings import TopicSettings
from buzzguard.model import (
    Author,
    Confusion,
    Dropped,
    Engagement,
    Mention,
    MentionKind,
    Polarity,
    ScoredMention,
    Sentiment,
    Text,
)
from buzzguard.understand.cleaning import MAX_COUNT
from buzzguard.understand.gravity import parse_gravity
from buzzguard.understand.query import QueryError
from buzzguard.understand.stage import Readers, Understanding

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GRAVITY = parse_gravity("en: {boycott: [boycott*]}\nfr: {boycott: [boycott*]}")


class Listening:
    """A scorer that calls everything negative and notes what it was given."""

    name = "listening"
    confusion = Confusion()

    def __init__(self) -> None:
        self.calls: list[list[Text]] = []

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        self.calls.append(list(texts))
        return [Sentiment(value=-0.5, polarity=Polarity.NEGATIVE, confidence=0.5) for _ in texts]


def stage(scorer: Listening | None = None, /, **queries: str) -> Understanding:
    queries = queries or {"acme": "acme NOT jobs", "rival": "rival"}
    topics = {topic: TopicSettings(name=topic, query=query) for topic, query in queries.items()}
    return Understanding(topics, Readers(scorer=scorer or Listening(), gravity=GRAVITY))


def mention(id: str = "1", text: str = "acme", **more: Any) -> Mention:
    fields: dict[str, Any] = {"stream": "s", "source": "rss", "published": NOW, "fetched": NOW, **more}
    return Mention(id=id, text=text, **fields)


def reasons(dropped: list[Dropped]) -> list[tuple[str, str]]:
    return [(one.id, one.reason) for one in dropped]


def one(mentioned: Mention, now: datetime = NOW, **queries: str) -> ScoredMention:
    (scored,), dropped = stage(None, **queries).understand([mentioned], now)
    assert dropped == []
    return scored


def test_a_mention_is_cleaned_matched_and_scored() -> None:
    scored = one(
        mention(
            text="<p>Boycott #ACME, c&rsquo;est une honte&nbsp;!</p>",
            title="<b>Rival</b>",
            url="https://www.Example.org:443/a?utm_source=x#c-1",
            author=Author(handle="a\u202eb", name="N\x00ame", followers=-3),
            engagement=Engagement(likes=10**18),
        )
    )
    assert scored.topics == ("acme", "rival")
    assert scored.gravity == ("boycott",)
    assert scored.language == scored.mention.language == "fr"
    assert scored.mention.text == "Boycott #ACME, c’est une honte !"
    assert scored.mention.title == "Rival"
    assert scored.mention.url == "https://www.example.org/a#c-1"
    assert scored.mention.site == "example.org"
    assert scored.mention.author == Author(handle="ab", name="Name")
    assert scored.mention.engagement == Engagement(likes=MAX_COUNT)
    assert scored.sentiment.polarity is Polarity.NEGATIVE


def test_only_kept_mentions_are_scored_and_in_one_call() -> None:
    scorer = Listening()
    batch = [mention("1", "acme 1"), mention("2", "other"), mention("3", "rival", title="T", language="en-GB")]
    scored, dropped = stage(scorer).understand(batch, NOW)
    assert [one.mention.id for one in scored] == ["1", "3"]
    assert reasons(dropped) == [("2", "no_topic")]
    assert scorer.calls == [[Text(text="acme 1"), Text(text="T. rival", language="en")]]
    stage(scorer).understand([], NOW)
    assert len(scorer.calls) == 1


def test_no_phrase_spans_title_and_text() -> None:
    _, dropped = stage(a='"big acme"').understand([mention(title="so big", text="acme rises")], NOW)
    assert reasons(dropped) == [("1", "no_topic")]


def test_topics_given_by_the_source_are_trusted() -> None:
    assert one(mention(text="nothing of it", topics=("rival", "acme", "gone", "rival"))).topics == ("acme", "rival")
    assert one(mention(text="", url="https://e.org/photo", topics=("rival",))).topics == ("rival",)
    assert one(mention(text="acme", topics=("gone",))).topics == ("acme",)


def test_a_time_ahead_becomes_now() -> None:
    assert one(mention(published=NOW + timedelta(minutes=2))).mention.published == NOW
    assert one(mention(published=NOW + timedelta(minutes=2))).mention.time_trusted
    assert not one(mention(published=NOW + timedelta(days=2))).mention.time_trusted
    assert one(mention(published=NOW - timedelta(days=2))).mention.published == NOW - timedelta(days=2)


def test_repeats_are_dropped_within_and_across_batches() -> None:
    understanding = stage()
    text = "acme is closing my account without a word of explanation"
    _, first = understanding.understand([mention("1", text), mention("1", text), mention("2", text + " ")], NOW)
    assert reasons(first) == [("1", "repeat"), ("2", "repeat")]
    _, second = understanding.understand([mention("1", "acme, edited")], NOW)
    assert reasons(second) == [("1", "repeat")]


def test_copies_by_different_authors_are_kept_and_share_their_key() -> None:
    batch = [mention("1", "Boycott ACME", author=Author(id="a")), mention("2", "boycott acmé", author=Author(id="b"))]
    scored, dropped = stage().understand(batch, NOW)
    assert dropped == []
    assert scored[0].repeat_key == scored[1].repeat_key != 0
    assert -(2**63) <= scored[0].repeat_key < 2**63


def test_copies_that_differ_in_their_address_share_another_key() -> None:
    text = "acme is closing my account without a word of explanation"
    batch = [mention(str(n), f"@user{n} {text} https://t.co/{n}", author=Author(id=str(n))) for n in range(2)]
    first, second = stage().understand([*batch, mention("3", text, author=Author(id="c"))], NOW)[0][:2]
    assert first.repeat_key != second.repeat_key
    assert first.copy_key == second.copy_key == one(mention(text=text)).repeat_key
    assert not first.copied
    assert second.copied


def test_the_key_of_a_text_is_the_same_in_every_process() -> None:
    assert one(mention(text="acme")).repeat_key == one(mention("2", text="ACME")).repeat_key == 3469556990258029185


def test_restore_remembers() -> None:
    text = "acme is closing my account without a word of explanation"
    batch = [
        mention("1", text, author=Author(id="a")),
        mention("2", "acme", url="https://e.org/a", kind=MentionKind.ARTICLE),
        mention("3", title="rival", text=text),
    ]
    live, again = stage(), stage()
    scored, _ = live.understand(batch, NOW)
    again.restore(scored)
    later = [
        mention("1"),
        mention("4", text, author=Author(id="a")),
        mention("5", "acme!", url="https://e.org/a?utm_source=x", kind=MentionKind.ARTICLE),
        mention("6", title="rival", text=text),
        mention("7", text, author=Author(id="b")),
    ]
    assert again.understand(later, NOW) == live.understand(later, NOW)
    assert len(again.understand([mention("8", text, author=Author(id="c"))], NOW)[0]) == 1


@pytest.mark.parametrize(
    "broken",
    [
        mention(id=""),
        mention(id="a\ud800"),
        mention(id="a\x00"),
        mention(id="x" * 2_000),
        mention(stream=""),
        mention(text="<script>acme</script>"),
        mention(text=""),
        mention(published=datetime(2026, 3, 2, 12)),  # noqa: DTZ001
        mention(fetched=datetime(2026, 3, 2, 12)),  # noqa: DTZ001
        mention(published=datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_unusable_mention_is_dropped_and_costs_no_other(broken: Mention) -> None:
    scored, dropped = stage().understand([mention("good 1", "acme 1"), broken, mention("good 2", "acme 2")], NOW)
    assert [one.mention.id for one in scored] == ["good 1", "good 2"]
    assert [one.reason for one in dropped] == ["invalid"]


def test_what_a_bound_stream_brings_of_other_topics_can_still_come_by_another() -> None:
    topics = {topic: TopicSettings(name=topic, query=topic) for topic in ("acme", "rival")}
    understanding = Understanding(
        topics, Readers(scorer=Listening(), gravity=GRAVITY), bound={"narrow": frozenset({"acme"})}
    )
    text = "rival is closing my account without a word of explanation"
    _, dropped = understanding.understand([mention("1", text, stream="narrow")], NOW)
    assert reasons(dropped) == [("1", "no_topic")]
    scored, _ = understanding.understand([mention("2", text), mention("3", "acme rival", stream="narrow")], NOW)
    assert [one.topics for one in scored] == [("rival",), ("acme",)]


def test_a_faulty_query_names_its_topic() -> None:
    with pytest.raises(QueryError, match="topic bad, column 1") as caught:
        stage(good="acme", bad="NOT acme")
    assert caught.value.topic == "bad"


@given(st.text(), st.text(), st.text(), st.text())
@settings(deadline=None)
def test_nothing_a_mention_holds_raises(text: str, title: str, url: str, name: str) -> None:
    given_mention = mention(
        text=text + " acme", title=title, url="https://" + url, author=Author(id=name, handle=name, name=name),
        site=name, parent=name, source=name, language=name[:3],
    )  # fmt: skip
    scored, dropped = stage().understand([given_mention], NOW)
    assert len(scored) + len(dropped) == 1
    repr(scored).encode()
    assert stage().understand([given_mention], NOW) == (scored, dropped)
