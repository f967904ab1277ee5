"""The shape of a language: every word and sentence that an alert can hold.

A language is one `Catalogue` without defaults, so that a missing sentence is a type error. Templates are filled
with `str.format` by keyword; what is filled in is data and never itself a template.
"""

from __future__ import annotations

from typing import NamedTuple

from buzzguard.model import CommandKind, IncidentState, Language, Record, Severity, Signal


class Plural(NamedTuple):
    """A text for one and for many; French says one for 0 and 1.5 as well, English for 1 alone."""

    one: str
    many: str


class Units(Record, frozen=True, kw_only=True):
    """Spans of time, with `{n}`."""

    second: Plural
    minute: Plural
    hour: Plural
    hour_minute: str
    day: Plural
    week: Plural
    month: Plural
    year: Plural


class Rarity(Record, frozen=True, kw_only=True):
    """Return periods in words; `one` is used for exactly one unit."""

    usual: str
    hour: Plural
    day: Plural
    week: Plural
    month: Plural
    beyond_year: str
    unseen: str
    unknown: str


class Times(Record, frozen=True, kw_only=True):
    """Instants: bare (`stamp`) and in a sentence, today and on another day; `first_day`: how the 1st is written."""

    months: tuple[str, ...]
    stamp_today: str
    stamp_other: str
    at_today: str
    at_other: str
    until_today: str
    until_other: str
    by_today: str
    by_other: str
    around_today: str
    around_other: str
    first_day: str


class Numbers(Record, frozen=True, kw_only=True):
    """The evidence: labels of signals, counted nouns, and the lines made of them.

    `counted` of the share is given per cent; that of the crisis score holds no number, for nobody can read one. `due`
    says what a part of that score is due to.
    """

    thousands: str
    decimal: str
    singular_below: float
    almost_zero: str
    unknown: str
    percent: str
    label: dict[Signal, str]
    counted: dict[Signal, Plural]
    due: dict[Signal, str]
    due_first: str
    amount: str
    at_once: str
    told: str
    beside: str
    line: str
    line_made_of: str
    growth: str
    summary: str
    summary_growth: str
    summary_share: str
    summary_crisis: str
    from_authors: str
    stream_label: str
    stream_silent: str
    stream_failing: str
    stream_failing_why: str
    learning: str
    learning_days: Plural


class Prospects(Record, frozen=True, kw_only=True):
    """How a story goes on; spans and numbers stand with their intervals."""

    interval: str
    doubles: str
    halves: str
    begun: str
    steady: str
    past_peak: str
    over: str
    pace: str
    around: str
    expected: str
    peak: str
    unknown: str
    begets: str
    seems_to_beget: str
    joint: str


class Saying(Record, frozen=True, kw_only=True):
    """What is said: narratives, themes, languages, copies; who speaks, clues, advocates.

    `language` names languages by ISO 639-1 code, `clue` says each kind of clue with its numbers. `new` speaks of the
    thirty days of `understand.authors.NEW`.
    """

    title: str
    narrative: str
    of_authors: str
    mentions: Plural
    authors: Plural
    last_hour: str
    last_hour_growth: str
    first_at: str
    first_on: str
    quoted: str
    themes: str
    theme: str
    theme_words: str
    theme_owner: str
    word: str
    languages: str
    language_share: str
    copies: str
    unsure: str
    provisional: Plural
    press: Plural
    press_named: str
    verified: Plural
    new: Plural
    clues: str
    clue: dict[str, str]
    advocates: str
    language: dict[str, str]
    department: dict[str, str]
    joint: str


class States(Record, frozen=True, kw_only=True):
    """Who has it, what comes next."""

    name: dict[IncidentState, str]
    nobody: str
    next_step: Plural
    next_step_somebody: str
    no_next_step: str
    in_charge: str
    took_charge: str
    somebody: str
    muted: str
    resolved: str
    resolved_calm: str
    resolved_by: str
    false_alarm: str
    false_alarm_by: str
    reason: str
    relapse: str
    calm: str
    taken_for_less: str
    level_times: str
    level_part: str
    level_plain: str
    resolved_normal: str
    calm_normal: str


class News(Record, frozen=True, kw_only=True):
    """What a transition says; one sentence for each cause, with and without a person."""

    opened: str
    opened_relapse: str
    alert_joined: str
    fires_again: str
    severity_raised: str
    severity_raised_why: str
    silence_broken: str
    step_timed_out: Plural
    step_timed_out_plain: str
    step_graver: Plural
    step_graver_plain: str
    asked_again: str
    reminded: str
    reminded_owner: str
    reminded_silence: str
    reminded_nothing: str
    unacknowledged: str
    acknowledged_in_part: Plural
    silence_ends_soon: str
    alerts_joined: str
    step_held: Plural
    step_held_plain: str
    step_taken_back: Plural
    step_taken_back_plain: str
    not_reached: str
    not_taken: str
    told_instead: Plural
    silence_ended: Plural
    silence_ended_plain: str
    last_step: str
    escalated: Plural
    escalated_plain: str
    acknowledged: str
    took_over: str
    silenced: str
    silenced_until: str
    false_alarm: str
    resolved_by_user: str
    alerts_resolved: str
    alerts_resolved_normal: str


class Labels(Record, frozen=True, kw_only=True):
    """Headings, buttons and the small print."""

    drill: str
    planned: str
    planned_event: str
    holiday: str
    rule: str
    severity: str
    raised_by: str
    both: str
    either: str
    rarer: str
    at_least: str
    counted_at_least: str
    times_usual: str
    share: str
    sources: Plural
    audience: str
    top_mentions: str
    playbook: str
    never: str
    reach: str
    engagement: str
    anonymous: str
    updated: str
    incident: str
    rules: str
    more_alerts: str
    chart_alt: str
    chart_title: str
    chart_negative: str
    chart_other: str
    chart_usual: str
    chart_alert: str
    chart_empty: str
    button: dict[CommandKind, str]
    button_hint: str
    confirm_title: str
    confirm_text: str
    confirm_yes: str
    confirm_no: str
    colon: str


class Catalogue(Record, frozen=True, kw_only=True):
    """Everything BuzzGuard says in one language."""

    language: Language
    severity: dict[Severity, str]
    severity_call: dict[Severity, str]
    units: Units
    rarity: Rarity
    times: Times
    numbers: Numbers
    prospects: Prospects
    saying: Saying
    states: States
    news: News
    labels: Labels
