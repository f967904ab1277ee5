"""A rule: what its file holds (`RuleFile`), and what the decider uses (`Rule`, its conditions compiled)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.durations import format_duration
from buzzguard.config.settings import Duration, Identifier
from buzzguard.decide.expression import Condition
from buzzguard.decide.vocabulary import TopicFacts, selector_values
from buzzguard.model import WINDOWS, Severity


class Status(StrEnum):
    """How far a rule is trusted, and so how grave an alert it may raise."""

    EXPERIMENTAL = "experimental"
    TEST = "test"
    STABLE = "stable"

    @property
    def gravest(self) -> Severity:
        """A rule on trial cannot convene a crisis team."""
        return _GRAVEST[self]


_GRAVEST = {Status.EXPERIMENTAL: Severity.YELLOW, Status.TEST: Severity.ORANGE, Status.STABLE: Severity.RED}


def _known_window(window: timedelta) -> timedelta:
    if window not in WINDOWS:
        raise ValueError("is no window, the windows are 5m, 15m, 1h, 6h and 24h")
    return window


Window = Annotated[Duration, AfterValidator(_known_window)]


class Title(Frozen):
    """The title in every language that BuzzGuard speaks."""

    en: Annotated[str, Field(min_length=1, max_length=120)]
    fr: Annotated[str, Field(min_length=1, max_length=120)]


class RuleFile(Frozen):
    """A rule as it is written. Conditions are CEL over the names in `rules/README.md`."""

    id: Identifier = Field(description="The rule's name, and that of its file.")
    title: Title = Field(description="What people read, in French and in English.")
    description: str = Field(default="", description="What the rule is for.")
    scope: Literal["topic", "stream"] = Field(
        default="topic", description="What it watches: topics, or our own streams."
    )
    topics: str = Field(default="", description='CEL over role, id, owner, labels: `role in ["brand", "product"]`.')
    when: str = Field(description="CEL: the condition, judged on each window by itself.")
    windows: tuple[Window, ...] = Field(default=WINDOWS, min_length=1, description="The windows to judge.")
    hold_for: Duration = Field(default=timedelta(0), alias="for", description="How long it must hold before it fires.")
    until: str = Field(
        default="",
        description="CEL: once it fires it is not gone before this holds on every window on which `when` has held.",
    )
    keep_firing_for: Duration = Field(default=timedelta(0), description="How long it must be gone before it resolves.")
    severity: Severity = Field(description="How grave an alert of this rule is.")
    raise_to: dict[Severity, str] = Field(default={}, alias="raise", description="CEL by graver severity.")
    playbook: Identifier | None = Field(default=None, description="The playbook that the alert brings.")
    policy: Identifier | None = Field(default=None, description="The escalation policy; the default one when absent.")
    labels: dict[Identifier, str] = Field(default={}, description="Labels of its alerts.")
    false_positives: tuple[str, ...] = Field(default=(), description="What else can make it fire.")
    status: Status = Field(
        default=Status.EXPERIMENTAL, description="experimental: yellow at most; test: orange at most."
    )
    enabled: bool = Field(default=True, description="Whether it is used.")

    @model_validator(mode="after")
    def _fits_its_scope(self) -> RuleFile:
        if self.scope == "stream" and (self.topics or "windows" in self.model_fields_set):
            raise ValueError("a rule with `scope: stream` has no `topics` and no `windows`")
        return self


class Raise(NamedTuple):
    """A condition under which an alert is graver than its rule says."""

    severity: Severity
    when: Condition


class Rule(NamedTuple):
    """A rule ready for use. `raises` runs from the gravest down, none above what the rule's status allows.

    `until` is None where an alert is gone as soon as `when` does not hold.
    """

    file: RuleFile
    place: str
    when: Condition
    selector: Condition | None
    raises: tuple[Raise, ...]
    until: Condition | None = None

    @property
    def id(self) -> str:
        """The rule's name."""
        return self.file.id

    @property
    def severity(self) -> Severity:
        """The severity of an alert that no condition raises."""
        return min(self.file.severity, self.file.status.gravest, key=lambda severity: severity.rank)

    def selects(self, topic: TopicFacts) -> bool:
        """Whether the rule watches this topic."""
        if self.file.scope != "topic":
            return False
        return self.selector is None or self.selector.holds(selector_values(topic))


def rule_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors. Durations are as people write them: `2m`."""
    schema = RuleFile.model_json_schema(by_alias=True)
    properties = schema["properties"]
    for name, field in RuleFile.model_fields.items():
        if isinstance(field.default, timedelta):
            properties[field.alias or name]["default"] = format_duration(field.default)
    windows = [format_duration(window) for window in WINDOWS]
    properties["windows"].update(default=windows, items={"type": "string", "enum": windows})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "BuzzGuard rule"}
