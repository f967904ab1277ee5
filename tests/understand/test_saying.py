"""What is said of a topic: who speaks, clues of arrangement, advocates; and what is kept to tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.config.understanding import AccountSettings
from buzzguard.model import Author, Engagement, Mention, MentionKind, Polarity, Said, ScoredMention, Sentiment
from buzzguard.understand.authors import Accounts, Standing
from buzzguard.understand.coordination import trace_of
from buzzguard.understand.recent import MOST, Recent
from buzzguard.understand.saying import BIN, MEMORY, Saying
from buzzguard.understand.voices import MAX_QUOTE, Distinct

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ACCOUNTS = Accounts(AccountSettings(press=("@jopress", "milk-weekly.example")), ["lemonde.fr", "lefigaro.fr"])
CALL = "Acme has lied to us for years about its milk and I will never buy a single bottle from them again"
SIDES = {
    Polarity.POSITIVE: Sentiment(value=0.8, polarity=Polarity.POSITIVE, confidence=0.9),
    Polarity.NEGATIVE: Sentiment(value=-0.8, polarity=Polarity.NEGATIVE, confidence=0.9),
    Polarity.NEUTRAL: Sentiment(),
}


def saying() -> Saying:
    return Saying({"acme": ["acme"], "rival": ["rival"]}, accounts=ACCOUNTS)


def one(
    n: int,
    text: str = "",
    *,
    ago: timedelta = MINUTE,
    side: Polarity = Polarity.NEUTRAL,
    site: str = "",
    author: Author | None = None,
    likes: int = 0,
    kind: MentionKind = MentionKind.POST,
    key: int = 0,
) -> ScoredMention:
    mention = Mention(
        id=f"m{n}", stream="s", source="x", published=NOW - ago, fetched=NOW, site=site, kind=kind,
        text=text or f"word{n} other{n} thing{n}", author=author or Author(id=f"a{n}"),
        engagement=Engagement(likes=likes),
    )  # fmt: skip
    return ScoredMention(mention=mention, topics=("acme",), sentiment=SIDES[side], copy_key=key or n + 1)


def heard(scored: Sequence[ScoredMention], span: timedelta = HOUR) -> Said:
    told = saying()
    told.take(scored)
    found = told.said("acme", NOW, span)
    assert found is not None
    return found


def test_the_press_is_counted_and_its_best_known_names_are_told() -> None:
    sites = ["milk-weekly.example", "sante.lefigaro.fr", "www.lemonde.fr", "lefigaro.fr", "blog.example"]
    articles = [one(n, site=site, kind=MentionKind.ARTICLE) for n, site in enumerate(sites)]
    comment = one(8, site="lemonde.fr", kind=MentionKind.COMMENT)
    journalist = one(9, site="x.example", author=Author(id="9", handle="JoPress"))
    voices = heard([*articles, comment, journalist]).voices
    assert voices.press == 5
    assert voices.press_names == ("lemonde.fr", "lefigaro.fr", "@jopress")


def test_a_site_that_looks_like_press_is_named_by_nobody() -> None:
    hostile = [one(n, site=site) for n, site in enumerate(["lemonde.fr.evil.example", "x" * 10_000 + ".fr", "<b>.fr"])]
    assert heard(hostile).voices.press == 0
    below = heard([one(1, site="*_<!channel>_*.lemonde.fr")]).voices
    assert below.press_names == ("lemonde.fr",), "a site is named as the list names it"


def test_verified_and_new_accounts_are_counted_once_each() -> None:
    star = Author(id="star", verified=True)
    young = Author(id="young", created=NOW - timedelta(days=3), verified=True)
    nobody = Author(verified=True)
    scored = [one(n, author=author, ago=n * MINUTE) for n, author in enumerate([star, star, young, young, nobody])]
    assert (heard(scored).voices.verified, heard(scored).voices.new) == (2, 1)


def test_clues_are_told_of_the_span_and_no_longer() -> None:
    arranged = [one(n, CALL, ago=3 * HOUR + n * timedelta(seconds=10), key=7) for n in range(8)]
    told = saying()
    told.take([*arranged, one(99)])
    recent, day = told.said("acme", NOW, HOUR), told.said("acme", NOW, 24 * HOUR)
    assert recent is not None and recent.clues == ()
    assert day is not None
    assert [(clue.kind, clue.numbers) for clue in day.clues] == [
        ("same_text", {"authors": 8, "minutes": 2}),
        ("same_moment", {"authors": 8, "minutes": 2}),
    ]
    assert set(day.clues[0].mentions) == {f"m{n}" for n in range(8)}


def test_of_each_kind_the_strongest_clue_is_told() -> None:
    first = [one(n, CALL, ago=n * MINUTE * 5, key=7) for n in range(9)]
    second = [one(20 + n, CALL[::-1], ago=n * MINUTE * 5, key=8) for n in range(6)]
    clues = heard([*second, *first]).clues
    assert [clue.kind for clue in clues] == ["same_text"]
    assert clues[0].numbers["authors"] == 9


def test_advocates_are_those_heard_most_once_each_in_their_own_words() -> None:
    fan = Author(id="fan", name="Fan", followers=9_000)
    scored = [
        one(1, "I love my Acme bottles, honestly", side=Polarity.POSITIVE, author=fan),
        one(2, "Acme is still great, I love it", side=Polarity.POSITIVE, author=fan, ago=9 * MINUTE),
        one(3, "Acme was kind to my old mother", side=Polarity.POSITIVE, likes=200),
        one(4, "Acme is good and I say so too", side=Polarity.POSITIVE, likes=3),
        one(5, "Acme is a shame, never ever again", side=Polarity.NEGATIVE, likes=900),
        one(6, "Acme!", side=Polarity.POSITIVE, likes=9_000),
        one(7, "RT: Acme was kind to my old mother", side=Polarity.POSITIVE, likes=900, kind=MentionKind.REPOST),
        replace(one(8, "Acme was kind to my old mother", side=Polarity.POSITIVE, likes=999), copied=True),
        one(9, "Acme made my day, ages ago, it did", side=Polarity.POSITIVE, likes=999, ago=2 * HOUR),
    ]
    quotes = heard(scored).advocates
    assert [quote.text for quote in quotes] == ["Acme was kind to my old mother", "I love my Acme bottles, honestly"]
    assert (quotes[1].author, quotes[1].reach, quotes[0].engagement) == ("Fan", 9_000, 200)


def test_who_praises_one_brand_and_blames_another_is_an_advocate_of_the_one() -> None:
    both = replace(
        one(1, "Acme is a joy, Rival a disaster", side=Polarity.NEGATIVE),
        topics=("acme", "rival"),
        toward=(SIDES[Polarity.POSITIVE], SIDES[Polarity.NEGATIVE]),
    )
    told = saying()
    told.take([both])
    acme, rival = told.said("acme", NOW, HOUR), told.said("rival", NOW, HOUR)
    assert acme is not None and len(acme.advocates) == 1
    assert rival is not None and rival.advocates == ()


def test_praise_that_is_read_otherwise_later_is_no_praise_any_more() -> None:
    before = one(1, "What a great Sunday, thank you Acme", side=Polarity.POSITIVE)
    after = replace(before, sentiment=Sentiment(value=-0.1, unsure=True))
    told = saying()
    told.take([before])
    told.amend(before, after)
    now = told.said("acme", NOW, HOUR)
    assert now is not None and now.advocates == () and now.unsure == 1.0
    told.amend(after, before)
    again = told.said("acme", NOW, HOUR)
    assert again is not None and len(again.advocates) == 1 and again.unsure == 0.0


def test_who_asks_to_be_forgotten_is_not_quoted_and_no_evidence() -> None:
    told = saying()
    told.take([one(n, CALL, side=Polarity.POSITIVE, key=7) for n in range(8)])
    told.forget(f"m{n}" for n in range(6))
    said = told.said("acme", NOW, HOUR)
    assert said is not None
    assert said.clues == ()
    shown = {quote.text for quote in said.advocates}
    told.forget(["m6", "m7"])
    said = told.said("acme", NOW, HOUR)
    assert said is not None and said.advocates == () and shown == {CALL}
    assert all(narrative.quote == "" for narrative in said.narratives)


def test_quotes_are_cut_at_a_word() -> None:
    (quote,) = heard([one(1, "lovely bottles " * 5_000, side=Polarity.POSITIVE)]).advocates
    assert len(quote.text) <= MAX_QUOTE and quote.text.endswith("bottles…")
    (quote,) = heard([one(1, "很" * 5_000, side=Polarity.POSITIVE)]).advocates
    assert len(quote.text) <= MAX_QUOTE


def test_what_is_kept_for_evidence_is_bounded() -> None:
    recent = Recent(MEMORY)
    traces = [trace for n in range(2 * MOST) if (trace := trace_of(one(n, CALL, ago=n * MINUTE / 60))) is not None]
    for trace in traces:
        recent.add(trace)
    assert len(recent) == MOST
    late = trace_of(one(1, ago=-2 * MEMORY))
    assert late is not None
    recent.add(late)
    assert len(recent) == 1, "what is older than the memory is let go"
    recent.add(traces[0])
    assert len(recent) == 1


def test_distinct_names_are_exact_when_few_and_near_when_many() -> None:
    few, many = Distinct(), Distinct()
    for n in range(250):
        few.add(f"a{n}")
        few.add(f"a{n}")
    for n in range(20_000):
        many.add(f"a{n}")
    assert few.count() == 250
    assert 0.75 < many.count() / 20_000 < 1.25
    whole = Distinct()
    whole.absorb(few)
    whole.absorb(many)
    assert 0.75 < whole.count() / 20_000 < 1.25


STARS = [Author(id=f"s{n}", followers=n, verified=n % 2 == 0, created=NOW - timedelta(days=9 * n)) for n in range(8)]
mentions = st.builds(
    lambda n, minutes, side, site, author: one(
        n, f"{CALL} {n % 3}", ago=minutes * MINUTE, side=side, site=site, author=author, key=1 + n % 3
    ),
    st.integers(0, 10**6),
    st.integers(0, 180),
    st.sampled_from(list(Polarity)),
    st.sampled_from(["", "lemonde.fr", "lefigaro.fr", "blog.example"]),
    st.sampled_from(STARS),
)
streams = st.lists(mentions, max_size=40, unique_by=lambda scored: scored.mention.id)


@given(streams, st.sampled_from([10 * MINUTE, HOUR, 3 * HOUR]))
@settings(max_examples=40, deadline=None)
def test_counts_by_bins_equal_a_recount(scored: list[ScoredMention], span: timedelta) -> None:
    told = saying()
    told.take(scored)
    said = told.said("acme", NOW, span)
    first = (int((NOW - span).timestamp()) // int(BIN.total_seconds()) + 1) * BIN.total_seconds()
    within = [each for each in scored if first <= each.mention.published.timestamp()]
    if not within:
        assert said is None
        return
    assert said is not None
    facts = [(each.mention.author_key, ACCOUNTS.facts(each.mention)) for each in within]
    assert said.mentions == len(within)
    assert said.voices.press == sum(each.standing is Standing.PRESS for _, each in facts)
    assert said.voices.verified == len({who for who, each in facts if each.verified})
    assert said.voices.new == len({who for who, each in facts if each.new})


@given(streams, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_restored_it_says_what_it_said_live_whatever_the_order_of_arrival(
    scored: list[ScoredMention], chance: object
) -> None:
    arrived = list(scored)
    chance.shuffle(arrived)  # type: ignore[attr-defined]
    live, restored = saying(), saying()
    taken = live.take(arrived)
    restored.restore(sorted(taken, key=lambda each: each.mention.published))
    for span in (HOUR, 3 * HOUR):
        a, b = live.said("acme", NOW, span), restored.said("acme", NOW, span)
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert (a.voices, a.clues, a.advocates) == (b.voices, b.clues, b.advocates)
