"""Plays the rule tests that hold mentions: through the daemon's own pipeline, minute by minute."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import timedelta
from heapq import merge
from pathlib import Path

import msgspec

from buzzguard.assembly import assemble
from buzzguard.config.located import files_in, read_text
from buzzguard.config.settings import PolicySettings, Settings, StepSettings
from buzzguard.config.shipped import shipped_rules
from buzzguard.decide.rehearse import topic_settings
from buzzguard.decide.rule import Rule
from buzzguard.decide.rule_tests import START, TOPIC, MentionSeries, RuleTest
from buzzguard.model import MINUTE, Alert, Author, Engagement, Mention
from buzzguard.pipeline import Core, Parts
from buzzguard.replay import replay
from buzzguard.understand.gravity import GravityWords, parse_gravity


def play_mentions(rules: Sequence[Rule], folder: Path, test: RuleTest) -> list[Alert]:
    """The alerts that `rules` make of the mentions of `test`; critical words are those of `folder`."""
    settings = _settings(rules, test)
    made = assemble(settings, Path()).parts
    readers = dataclasses.replace(made.readers, gravity=_gravity(folder))
    parts: Parts = msgspec.structs.replace(made, rules=tuple(rules), readers=readers)
    core = Core(settings, parts)
    until = START + test.until + MINUTE
    return [alert for effects in replay(core, _mentions(test), until=until) for alert in effects.alerts]


def _gravity(folder: Path) -> GravityWords:
    """The critical words beside the rules, the shipped ones where there are none."""
    own = [file for file in files_in(folder / "words", ".yml") if file.stem == "gravity"]
    return parse_gravity(read_text(own[0] if own else shipped_rules() / "words" / "gravity.yml"))


def _settings(rules: Sequence[Rule], test: RuleTest) -> Settings:
    """A configuration with one topic, in which every policy that a rule names exists and tells nobody.

    It names no folders: what a rule does is tested, not whether its playbook is at hand.
    """
    policy = PolicySettings(steps=(StepSettings(notify=("nobody",)),))
    named = {rule.file.policy for rule in rules if rule.file.policy}
    return Settings(
        topics={TOPIC: topic_settings(test)},
        rules=(),
        policies=dict.fromkeys(sorted(named), policy),
    )


def _mentions(test: RuleTest) -> Iterator[Mention]:
    """The mentions of a test in order of publication."""
    series = [_series(number, one) for number, one in enumerate(test.mentions)]
    return merge(*series, key=lambda mention: mention.published)


def _series(number: int, series: MentionSeries) -> Iterator[Mention]:
    for index in range(series.repeat):
        published = START + series.at + index * series.every
        author = _counted(series.author, index)
        yield Mention(
            id=f"test:{number}:{index}",
            stream=f"test-{series.source}",
            source=series.source,
            published=published,
            fetched=published + timedelta(seconds=1),
            text=_counted(series.text, index),
            site=_counted(series.site, index),
            language=series.language,
            author=Author(id=author, handle=author, followers=series.followers),
            engagement=Engagement(likes=series.likes, shares=series.shares),
        )


def _counted(text: str, index: int) -> str:
    return text.replace("{n}", str(index + 1))
