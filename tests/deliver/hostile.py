"""Hypothesis strategies for cards as the worst of worlds would fill them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from buzzguard.model import (
    Alert,
    AlertState,
    Assessment,
    Beside,
    Briefing,
    Card,
    Cause,
    Chart,
    Direction,
    Estimate,
    Evidence,
    Growth,
    Incident,
    IncidentState,
    Outlook,
    PeakPast,
    Person,
    Phase,
    PlaybookStep,
    PlaybookView,
    Polarity,
    Quote,
    Room,
    Run,
    RunStep,
    Severity,
    Signal,
    SpanEstimate,
    StatementMark,
    StepState,
    StreamHealth,
    Transition,
)

PIECES = (
    "<!channel>",
    "<@U1|x>",
    "@here",
    "*b*",
    "_i_",
    "`c`",
    "~s~",
    "&",
    "<",
    ">",
    "|",
    "\n",
    "\u202e",
    "\x1b[31m",
    "\x00",
    "👨‍👩‍👧‍👦",
    "🇫🇷",
    "e\u0301\u0302\u0303\u0304\u0305\u0306",
    "שלום",
    "العربية",
    "漢字",
    ":fire:",
    "https://bank.com",
    "\ud800",
    "{x}",
    "[red]",
    "[/]",
    "\u00a0",
    "a" * 400,
    "é",
    " ",
    "word ",
    "%s",
    "]]>",
    "</svg>",
    "＠",
    "\ue000",
    "𝕏" * 50,
)

instants = st.integers(0, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
spans = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=40_000)),
    st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=100), timedelta.max]),
)
windows = st.sampled_from([timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24)])
texts = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.builds(lambda piece, times: piece * times, st.sampled_from(PIECES), st.integers(0, 200)),
)
values = st.one_of(st.floats(), st.integers(0, 10**9).map(float))
ids = st.one_of(st.just("inc-20261122-0abc12"), st.text("abc-0123456789", min_size=1, max_size=300))
people = st.builds(Person, id=texts, name=texts, via=texts)
assessments = st.builds(
    Assessment,
    signal=st.sampled_from(Signal),
    window=windows,
    observed=values,
    expected=values,
    high=values,
    once_per=spans,
    direction=st.sampled_from(Direction),
    learned=spans,
    needed=spans,
    doubles_in=st.none() | spans,
    parts=st.dictionaries(st.sampled_from([*(signal.value for signal in Signal), "", "{x}"]), values, max_size=4),
)
estimates = st.builds(Estimate, value=values, low=values, high=values)
some_spans = st.timedeltas(timedelta(0), timedelta(days=40))
span_estimates = st.builds(SpanEstimate, value=some_spans, low=some_spans, high=some_spans)
growths = st.builds(
    Growth,
    at=instants,
    signal=st.sampled_from(Signal),
    phase=st.none() | st.sampled_from(Phase),
    since=st.none() | instants,
    per_hour=values,
    doubles_in=st.none() | span_estimates,
    halves_in=st.none() | span_estimates,
    forecast=st.lists(st.builds(Outlook, at=instants, per_hour=estimates), max_size=3).map(tuple),
    reproduction=st.none() | estimates,
    past_peak=st.booleans(),
    peaked=st.none() | st.builds(PeakPast, at=instants, per_hour=values),
)
healths = st.builds(
    StreamHealth,
    stream=texts,
    at=instants,
    silent_for=spans,
    expected=st.floats(0, 1e9),
    once_per=spans,
    failing_for=spans,
    failures=st.integers(0, 10**6),
    reason=texts,
)
alerts = st.builds(
    Alert,
    fingerprint=st.just("f"),
    rule=texts,
    topic=texts,
    labels=st.just({}),
    state=st.sampled_from(AlertState),
    severity=st.sampled_from(Severity),
    since=instants,
    at=instants,
    title=st.dictionaries(st.sampled_from(["en", "fr"]), texts),
    evidence=st.builds(
        Evidence,
        window=st.none() | windows,
        assessments=st.lists(assessments, max_size=9).map(tuple),
        health=st.none() | healths,
    ),
    raised_by=texts,
    resolved_at=st.none() | instants,
)
urls = st.one_of(texts, texts.map(lambda tail: f"https://x.example/{tail}"))
spoken = st.dictionaries(st.sampled_from(["en", "fr"]), texts)
run_steps = st.builds(
    RunStep,
    key=texts,
    text=spoken,
    owner=spoken,
    due=st.none() | instants,
    state=st.sampled_from(StepState),
)
runs = st.builds(
    Run, playbook=texts, title=spoken, started_at=instants, steps=st.lists(run_steps, max_size=4).map(tuple)
)
marks = st.builds(StatementMark, id=texts, at=instants, who=people, url=urls, detected=st.booleans())
besides = st.builds(
    Beside, id=texts, title=spoken, severity=st.none() | st.sampled_from(Severity), over=st.booleans(), url=urls
)
incidents = st.builds(
    Incident,
    id=ids,
    topic=texts,
    state=st.sampled_from(IncidentState),
    severity=st.sampled_from(Severity),
    opened_at=instants,
    changed_at=instants,
    alerts=st.lists(alerts, max_size=5).map(tuple),
    policy=texts,
    owner=st.none() | people,
    next_step_at=st.none() | instants,
    silenced_until=st.none() | instants,
    relapse_of=texts,
    related=st.lists(texts, max_size=9).map(tuple),
    department=texts,
    held_for=st.sampled_from(["", "quiet_hours", "capped", "grouping", "{x}"]),
    story=texts,
    declared_by=st.none() | people,
    drill=st.booleans(),
    merged_into=texts,
    split_from=texts,
    room=st.none() | st.builds(Room, place=texts, name=texts, url=urls),
    run=st.none() | runs,
    published=st.lists(marks, max_size=4).map(tuple),
)
transitions = st.builds(
    Transition,
    incident=ids,
    version=st.integers(1, 9),
    before=st.none() | st.sampled_from(IncidentState),
    after=st.sampled_from(IncidentState),
    cause=st.sampled_from(Cause),
    at=instants,
    severity=st.sampled_from(Severity),
    who=st.none() | people,
    reason=texts,
    detail=st.dictionaries(st.sampled_from(["receivers", "until", "why", "last", "raised_by", "rule"]), texts),
)
quotes = st.builds(
    Quote,
    text=texts,
    url=urls,
    author=texts,
    site=texts,
    published=instants,
    polarity=st.sampled_from(Polarity),
    reach=st.integers(0, 10**12),
    engagement=st.integers(0, 10**12),
)
series = st.lists(values, max_size=40).map(tuple)
charts = st.builds(
    Chart,
    start=instants,
    bin=st.timedeltas(timedelta(0), timedelta(days=30)),
    volume=series,
    negative=series,
    expected=series,
    high=series,
)
playbooks = st.builds(
    PlaybookView,
    id=texts,
    title=texts,
    steps=st.lists(st.builds(PlaybookStep, text=texts, owner=texts, due=st.none() | spans), max_size=9).map(tuple),
    never=st.lists(texts, max_size=9).map(tuple),
)
cards = st.builds(
    Card,
    incident=incidents,
    briefing=st.builds(
        Briefing,
        topic=texts,
        topic_name=texts,
        at=instants,
        quotes=st.one_of(st.lists(quotes, max_size=7).map(tuple), st.builds(lambda quote: (quote,) * 100, quotes)),
        chart=st.none() | charts,
        assessments=st.lists(assessments, max_size=9).map(tuple),
        growth=st.none() | growths,
        planned=st.lists(st.tuples(texts, values), max_size=6).map(tuple),
        holiday=st.dictionaries(st.sampled_from(["en", "fr"]), texts),
    ),
    language=st.sampled_from(["en", "fr"]),
    time_zone=st.sampled_from(["Europe/Paris", "UTC", "Pacific/Kiritimati", "Nowhere/Land"]),
    news=st.lists(transitions, max_size=12).map(tuple),
    playbook=st.none() | playbooks,
    next_receivers=st.lists(texts, max_size=30).map(tuple),
    drill=st.booleans(),
    department=spoken,
    beside=st.lists(besides, max_size=4).map(tuple),
)
