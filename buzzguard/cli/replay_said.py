"""What was being said, below the alerts of a replay: stories in their own words, themes, languages, sides."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from buzzguard.config.settings import Settings
from buzzguard.deliver.tame import tame_said
from buzzguard.deliver.wording import catalogue, narratives_told, percent, said_lines
from buzzguard.deliver.wording.quantities import Clockface
from buzzguard.deliver.wording.saying import NarrativeLine
from buzzguard.model import Language, Record, Said

if TYPE_CHECKING:
    from rich.console import RenderableType

    from buzzguard.replay_report import Noticed

SOON = timedelta(hours=1)
"""Alerts of one topic that follow each other as closely tell a story but once."""
_RECORDING = "recording"
_SIDES: dict[Language, str] = {
    "en": "Sentiment: {negative} negative, {positive} positive",
    "fr": "Sentiment\u00a0: {negative} négatif, {positive} positif",
}


class Told(Record, frozen=True, kw_only=True):
    """What stands below one alert."""

    title: str
    narratives: tuple[NarrativeLine, ...] = ()
    lines: tuple[str, ...] = ()


class Teller:
    """Tells what is said at each alert, in their order: the stories that were not told of the topic within the hour,
    and all of them where the alert is graver; where there are none, nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: dict[tuple[str, str], Noticed] = {}

    def of(self, noticed: Noticed) -> Told | None:
        """What is to be told below this alert; None where that would be nothing new."""
        language = self._settings.language
        if noticed.said is None:
            return None
        said = _without_recording(tame_said(noticed.said))
        face = Clockface(language, self._settings.time_zone, noticed.fired_at)
        stories = [one.id for one in said.narratives if one.headline] or [""]
        fresh = [one for one in stories if not self._is_known(noticed, one)]
        if not fresh:
            return None
        self._told.update({(noticed.topic, one): noticed for one in stories})
        new = replace(said, narratives=tuple(one for one in said.narratives if one.id in fresh))
        return Told(
            title=catalogue(language).saying.title,
            narratives=tuple(narratives_told(new, language, face)),
            lines=(*said_lines(said, language, every_language=True), _sides(noticed, language)),
        )

    def _is_known(self, noticed: Noticed, narrative: str) -> bool:
        before = self._told.get((noticed.topic, narrative))
        if before is None or noticed.fired_at - before.fired_at > SOON:
            return False
        return noticed.severity.rank <= before.severity.rank


def _without_recording(said: Said) -> Said:
    """A recording that names no sites is no place where a story began."""
    stories = (replace(one, first_source="") if one.first_source == _RECORDING else one for one in said.narratives)
    return replace(said, narratives=tuple(stories))


def _sides(noticed: Noticed, language: Language) -> str:
    negative, positive = (percent(round(count / max(noticed.mentions, 1), 2), language) for count in noticed.sides)
    return _SIDES[language].format(negative=negative, positive=positive)


def told_below(told: Told, *, indent: int) -> RenderableType:
    """The same for a terminal."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    lines: list[RenderableType] = []
    for one in told.narratives:
        line = Text(f"{one.headline}  ", style="bold")
        line.append(one.facts, style="not bold dim")
        lines.append(Padding(line, (0, 0, 0, indent), expand=False))
        if one.quote:
            lines.append(Padding(Text(one.quote, style="italic"), (0, 0, 0, indent + 2), expand=False))
    lines += [Padding(Text(line, style="dim"), (0, 0, 0, indent), expand=False) for line in told.lines]
    return Group(*lines)
