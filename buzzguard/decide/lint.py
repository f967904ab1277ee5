"""What is allowed in a rule but is probably not meant: each check a small function, found by its decorator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from buzzguard.config.durations import format_duration
from buzzguard.config.located import files_in
from buzzguard.decide.bounds import contradiction, follows
from buzzguard.decide.expression import Bound, Condition
from buzzguard.decide.loader import TEST_SUFFIX, ReadRule, read_rules
from buzzguard.decide.rule import Rule
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Severity

CLEARLY = 3
"""An alert that ends at a third of the return period at which it begins does not flicker around it."""
NOISE = timedelta(days=1)
"""A return period below a day means an alert a day."""


class Finding(Fault, frozen=True, kw_only=True):
    """Something doubtful in a rule. An `error` makes the rule useless, a `warning` probably worse than meant."""

    severity: Literal["error", "warning"] = "warning"


_Check: TypeAlias = Callable[[ReadRule], Iterator[Finding]]
CHECKS: list[_Check] = []
"""Every check of one rule, in order."""


def _check(function: _Check) -> _Check:
    CHECKS.append(function)
    return function


def lint_rules(folders: Sequence[Path]) -> list[Finding]:
    """Everything wrong or doubtful in the rules of `folders`, in order of file and place. Never raises for a rule."""
    read, faults = read_rules(folders)
    findings = [
        Finding(
            file=fault.file,
            line=fault.line,
            column=fault.column,
            message=fault.message,
            hint=fault.hint,
            severity="error",
        )
        for fault in faults
    ]
    findings += [finding for one in read for check in CHECKS for finding in check(one)]
    findings += _same_titles(read)
    findings += _tests_without_rule(folders)
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.column, finding.message))


def _finding(
    read: ReadRule,
    path: tuple[str, ...],
    message: str,
    hint: str = "",
    *,
    severity: Literal["error", "warning"] = "warning",
) -> Finding:
    line, column = read.located.key_place(path)
    return Finding(file=read.located.file, line=line, column=column, message=message, hint=hint, severity=severity)


@_check
def _file_is_named_after_its_rule(read: ReadRule) -> Iterator[Finding]:
    name = Path(read.located.file).stem
    if name != read.rule.id:
        yield _finding(read, ("id",), f"the file is called {name}.yml", f"call it {read.rule.id}.yml")


@_check
def _has_a_test(read: ReadRule) -> Iterator[Finding]:
    test = Path(read.located.file).with_name(read.rule.id + TEST_SUFFIX)
    if not test.is_file():
        yield _finding(read, ("id",), "the rule has no test", f"write {test.name} beside it")


@_check
def _names_its_false_positives(read: ReadRule) -> Iterator[Finding]:
    if not read.rule.file.false_positives:
        hint = "say what else can make it fire, for whoever is woken by it"
        yield _finding(read, ("id",), "the rule lists no `false_positives`", hint)


@_check
def _speaks_two_languages(read: ReadRule) -> Iterator[Finding]:
    title = read.rule.file.title
    if title.en == title.fr:
        yield _finding(read, ("title", "fr"), "the French title is the English one", "translate it")


@_check
def _brings_a_playbook(read: ReadRule) -> Iterator[Finding]:
    if not read.rule.file.playbook:
        yield _finding(read, ("id",), "the alert brings no playbook", "name one with `playbook`")


@_check
def _does_not_flap(read: ReadRule) -> Iterator[Finding]:
    if not read.rule.file.keep_firing_for:
        hint = "an alert that ends and begins again tells everybody twice, write for example `keep_firing_for: 30m`"
        yield _finding(read, ("id",), "the rule has no `keep_firing_for`", hint)


@_check
def _ends_clearly_below_its_threshold(read: ReadRule) -> Iterator[Finding]:
    rule = read.rule
    begins = {bound.name: bound for bound in rule.when.bounds if bound.operator in (">", ">=")}
    if rule.until is None:
        rare = next((bound for bound in begins.values() if bound.name.endswith(".once_per")), None)
        if rare is not None and rule.file.scope == "topic" and isinstance(rare.value, timedelta):
            message = (
                f"an alert that hovers around {rare.name} {rare.operator} {format_duration(rare.value)} ends there"
            )
            yield _finding(read, ("when",), message, f"write for example `until: {rare.name} < {_third(rare.value)}`")
        return
    found = contradiction(rule.until.bounds)
    if found:
        message = f"the alert never ends: {_words(found.first)} and {_words(found.second)}"
        yield _finding(read, ("until",), message, severity="error")
    for bound in rule.until.bounds:
        begin = begins.get(bound.name)
        if begin is not None and bound.operator in ("<", "<=") and not bound.value < begin.value:  # type: ignore[operator] # bounds of one name are of one kind
            message = f"{_words(bound)} leaves no gap to {_words(begin)}, where the alert begins"
            yield _finding(read, ("until",), message, "end it at about a third of that")


def _third(period: timedelta) -> str:
    """A third of a return period as an author writes it."""
    part = period / CLEARLY
    days = round(part / timedelta(days=1))
    return f"days({days})" if days else f"hours({max(1, round(part / timedelta(hours=1)))})"


@_check
def _may_be_as_grave_as_it_says(read: ReadRule) -> Iterator[Finding]:
    file = read.rule.file
    gravest = file.status.gravest
    wanted = [(file.severity, ("severity",)), *((severity, ("raise", severity.value)) for severity in file.raise_to)]
    for severity, path in wanted:
        if severity.rank > gravest.rank:
            message = f"{severity} is never reached: a rule with `status: {file.status}` is {gravest} at most"
            yield _finding(read, path, message, "set `status: stable` once it is trusted")


@_check
def _can_hold(read: ReadRule) -> Iterator[Finding]:
    rule = read.rule
    found = contradiction(rule.when.bounds)
    if found:
        message = f"the condition never holds: {_words(found.first)} and {_words(found.second)}"
        yield _finding(read, ("when",), message, severity="error")
        return
    for raised in rule.raises:
        found = contradiction([*rule.when.bounds, *raised.when.bounds])
        if found:
            message = f"{raised.severity} is never reached: {_words(found.first)} and {_words(found.second)}"
            yield _finding(read, ("raise", raised.severity.value), message, severity="error")


@_check
def _each_severity_is_reached(read: ReadRule) -> Iterator[Finding]:
    rule = read.rule
    lesser: list[tuple[Severity, tuple[Bound, ...]]] = [
        (raised.severity, (*rule.when.bounds, *raised.when.bounds)) for raised in rule.raises
    ]
    lesser.append((rule.severity, rule.when.bounds))
    for position, raised in enumerate(rule.raises):
        for severity, bounds in lesser[position + 1 :]:
            if follows(raised.when, bounds):
                message = f"{severity} is never reached: whenever it holds, {raised.severity} holds as well"
                yield _finding(read, ("raise", raised.severity.value), message, severity="error")


@_check
def _reads_a_signal(read: ReadRule) -> Iterator[Finding]:
    when = read.rule.when
    if read.rule.file.scope == "stream":
        if not when.names - {"stream.id"}:
            yield _finding(read, ("when",), "the condition asks nothing of the stream", severity="error")
        return
    if not when.signals:
        yield _finding(read, ("when",), "the condition asks nothing of any signal: it always fires", severity="error")
    elif not _asks(read.rule, ".once_per", ".lull_once_per"):
        hint = "a fixed number fires daily on a busy topic, add for example `negative.once_per > days(90)`"
        yield _finding(read, ("when",), "the condition asks for no return period", hint)
    elif not _asks(read.rule, ".count", ".value", ".top", ".sources", ".sites", ".lull_once_per"):
        hint = "on a quiet topic two mentions are rare, add for example `negative.count >= 10`"
        yield _finding(read, ("when",), "the condition asks for no count", hint)


@_check
def _is_rarer_than_noise(read: ReadRule) -> Iterator[Finding]:
    conditions: list[tuple[tuple[str, ...], Condition]] = [(("when",), read.rule.when)]
    conditions += [(("raise", raised.severity.value), raised.when) for raised in read.rule.raises]
    for path, condition in conditions:
        for bound in condition.bounds:
            rare = bound.name.endswith("once_per") and bound.operator in (">", ">=")
            if rare and isinstance(bound.value, timedelta) and bound.value < NOISE:
                message = f"{_words(bound)} is met more than once a day by chance alone"
                yield _finding(read, path, message, "ten false alarms a day: ask for days(30) or more")


@_check
def _waits_no_longer_than_it_sees(read: ReadRule) -> Iterator[Finding]:
    file = read.rule.file
    if file.scope == "topic" and file.hold_for >= max(file.windows):
        longest = format_duration(max(file.windows))
        message = f"a surge is over before `for` has passed: the longest window is {longest}"
        yield _finding(read, ("for",), message)
    if file.hold_for and "volume.lull_once_per" in read.rule.when.names:
        message = "a lull is judged once, when its window closes: with `for` the rule never fires"
        yield _finding(read, ("for",), message, "leave `for` out", severity="error")


def _asks(rule: Rule, *endings: str) -> bool:
    return any(name.endswith(endings) for name in rule.when.names)


def _words(bound: Bound) -> str:
    value = format_duration(bound.value) if isinstance(bound.value, timedelta) else f"{bound.value:g}"
    return f"{bound.name} {bound.operator} {value}"


def _same_titles(read: Sequence[ReadRule]) -> list[Finding]:
    first: dict[tuple[str, str], Rule] = {}
    findings = []
    for one in read:
        for language, title in (("en", one.rule.file.title.en), ("fr", one.rule.file.title.fr)):
            other = first.setdefault((language, title.casefold()), one.rule)
            if other is not one.rule:
                message = f"the title `{title}` is already that of {other.id}"
                findings.append(_finding(one, ("title", language), message, severity="error"))
    return findings


def _tests_without_rule(folders: Sequence[Path]) -> list[Finding]:
    return [
        Finding(file=str(test), line=0, column=0, message="the test has no rule beside it", severity="warning")
        for folder in folders
        for test in _tests_in(folder)
        if not test.with_name(test.name.removesuffix(TEST_SUFFIX) + ".yml").is_file()
    ]


def _tests_in(folder: Path) -> list[Path]:
    """The tests of a folder; none of one that may not be read: its rules have said so."""
    try:
        return files_in(folder, TEST_SUFFIX)
    except ConfigError:
        return []
