"""Every sentence that a user reads in an alert, in English and French.

What comes from outside (names, reasons) is put into the sentences as it is: whoever shows them escapes the whole
sentence for the place where it is shown.
"""

from __future__ import annotations

from buzzguard.deliver.wording.catalogue import Catalogue, Plural
from buzzguard.deliver.wording.conditions import condition
from buzzguard.deliver.wording.evidence import (
    NumberLine,
    by_gravity,
    counted,
    growth,
    learning_line,
    made_of,
    numbers,
    rarity,
    told,
    usually,
)
from buzzguard.deliver.wording.labels import (
    button,
    chart_alt,
    chart_title,
    quote_author,
    quote_weight,
    small_print,
    step_note,
)
from buzzguard.deliver.wording.news import news_line, not_reached_line
from buzzguard.deliver.wording.planned import day_lines, holiday_line, planned_line
from buzzguard.deliver.wording.prospects import course_line, growth_line, prospects
from buzzguard.deliver.wording.quantities import (
    CATALOGUES,
    Clockface,
    catalogue,
    duration,
    number,
    once_in,
    percent,
    plural,
    zone,
)
from buzzguard.deliver.wording.saying import (
    NarrativeLine,
    department,
    language_name,
    main_quotes,
    narrative_lines,
    narratives_told,
    said_lines,
    saying_lines,
)
from buzzguard.deliver.wording.sentences import (
    FINAL,
    clockface,
    heading,
    headline,
    localised,
    next_step_line,
    notification_line,
    person,
    severity_call,
    severity_name,
    state_line,
    status_word,
    summary,
    title,
)
from buzzguard.deliver.wording.speaking import AdvocateLine, advocate_lines, clue_line, voices_line

__all__ = [
    "CATALOGUES",
    "FINAL",
    "AdvocateLine",
    "Catalogue",
    "Clockface",
    "NarrativeLine",
    "NumberLine",
    "Plural",
    "advocate_lines",
    "button",
    "by_gravity",
    "catalogue",
    "chart_alt",
    "chart_title",
    "clockface",
    "clue_line",
    "condition",
    "counted",
    "course_line",
    "day_lines",
    "department",
    "duration",
    "growth",
    "growth_line",
    "heading",
    "headline",
    "holiday_line",
    "language_name",
    "learning_line",
    "localised",
    "made_of",
    "main_quotes",
    "narrative_lines",
    "narratives_told",
    "news_line",
    "next_step_line",
    "not_reached_line",
    "notification_line",
    "number",
    "numbers",
    "once_in",
    "percent",
    "person",
    "planned_line",
    "plural",
    "prospects",
    "quote_author",
    "quote_weight",
    "rarity",
    "said_lines",
    "saying_lines",
    "severity_call",
    "severity_name",
    "small_print",
    "state_line",
    "status_word",
    "step_note",
    "summary",
    "title",
    "told",
    "usually",
    "voices_line",
    "zone",
]
