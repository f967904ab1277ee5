"""`buzzguard rules`: lint and test rules, for those who write them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.cli.common import as_json, echo_faults, place_of, short_path
from buzzguard.cli.rules_tune import tune
from buzzguard.errors import ConfigError

if TYPE_CHECKING:
    from buzzguard.decide.lint import Finding
    from buzzguard.decide.rule import Rule
    from buzzguard.decide.rule_tests import LocatedTest, Outcome, RuleTest
    from buzzguard.model import Alert

_PATH = click.Path(exists=True, path_type=Path)
_COLOURS = {"error": "red", "warning": "yellow"}


@click.group("rules")
def command() -> None:
    """Lint, test and tune rules, and list the names that they may use."""


@command.command("lint")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("-c", "--config", type=_PATH, help="See too whether somebody stands behind each owner of a step.")
@click.option("--json", "json_out", is_flag=True, help="Print the findings as JSON.")
def lint(folders: tuple[Path, ...], strict: bool, json_out: bool, config: Path | None) -> None:
    """Show everything that is wrong or doubtful in the rules, playbooks, themes and gravity words of FOLDERS (./rules
    when none is named).

    Exit status 1 when there is an error, with --strict also when there is a warning.
    """
    from buzzguard.cli.playbook_lint import lint_playbooks
    from buzzguard.cli.word_lint import lint_words
    from buzzguard.decide.lint import lint_rules

    named = _folders(folders)
    findings = [*lint_rules(named), *lint_playbooks(named, staffed=_staffed(config)), *lint_words(named)]
    if json_out:
        click.echo(json.dumps([{**as_json(one), "severity": one.severity} for one in findings], ensure_ascii=False))
    else:
        _echo_findings(findings)
    if any(one.severity == "error" or strict for one in findings):
        sys.exit(1)


@command.command("test")
@click.argument("paths", nargs=-1, type=_PATH)
@click.option("-k", "matching", default="", metavar="TEXT", help="Only tests whose name or rule holds this text.")
@click.option("-v", "--verbose", is_flag=True, help="Show what happened in tests that pass, too.")
def test(paths: tuple[Path, ...], matching: str, verbose: bool) -> None:
    """Run the tests beside the rules: PATHS are folders of rules or single test files (./rules when none is named).

    Exit status 1 when a test fails or a file has faults.
    """
    try:
        outcomes = _run(paths, matching)
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    for outcome in outcomes:
        _echo_outcome(outcome, verbose=verbose)
    failed = sum(not outcome.passed for outcome in outcomes)
    number = _counted(len(outcomes), "test")
    summary = f"{number}, {failed} failed" if failed else f"{number} passed"
    click.secho(summary, fg="red" if failed else "green", bold=True)
    if failed or not outcomes:
        sys.exit(1)


@command.command("names")
def names() -> None:
    """List every name and function that conditions may use, as Markdown tables."""
    from buzzguard.decide.reference import tables

    for heading, table in tables().items():
        click.echo(f"### {heading}\n\n{table}\n")


def _staffed(config: Path | None) -> set[str] | None:
    """The names under which a configuration can reach somebody: receivers, rotas, policies, departments."""
    if config is None:
        return None
    from buzzguard.cli.common import plugin_models
    from buzzguard.config.loader import inspect_settings

    loaded = inspect_settings(config, models=plugin_models())
    if loaded.settings is not None:
        from buzzguard.cli.people_notes import peopled

        return peopled(loaded.settings)
    return {name for section in ("receivers", "rotas", "policies") for name in loaded.names(section)}


command.add_command(tune)


def _folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders named, `./rules` when none is, the shipped rules when that does not exist."""
    if folders:
        return tuple(folders)
    here = Path("rules")
    if here.is_dir():
        return (here,)
    from buzzguard.config.shipped import shipped_rules

    return (shipped_rules(),)


def _run(paths: tuple[Path, ...], matching: str) -> list[Outcome]:
    """Play every test against the rules of the folder in which it lies."""
    from buzzguard.decide.loader import load_rules
    from buzzguard.decide.rule_tests import read_tests, run_tests

    outcomes: list[Outcome] = []
    rules: dict[Path, tuple[Rule, ...]] = {}
    for path in paths or _folders(()):
        folder = path if path.is_dir() else path.parent
        if folder not in rules:
            rules[folder] = load_rules([folder])
        tests = [located for located in read_tests([path]) if _matches(located, matching)]
        outcomes += run_tests(tests, play=lambda test, folder=folder: _play(rules[folder], folder, test))  # type: ignore[misc]
    return outcomes


def _matches(located: LocatedTest, text: str) -> bool:
    return text.casefold() in f"{located.rule} {located.test.name}".casefold()


def _play(rules: Sequence[Rule], folder: Path, test: RuleTest) -> list[Alert]:
    from buzzguard.decide.rehearse import rehearse

    if not test.mentions:
        return rehearse(rules, test)
    from buzzguard.cli.rule_play import play_mentions

    return play_mentions(rules, folder, test)


def _echo_findings(findings: Sequence[Finding]) -> None:
    for one in findings:
        hint = click.style(f" ({one.hint})", dim=True) if one.hint else ""
        severity = click.style(one.severity, fg=_COLOURS[one.severity])
        click.echo(f"{click.style(place_of(one), bold=True)}: {severity}: {one.message}{hint}")
    errors = sum(one.severity == "error" for one in findings)
    warnings = len(findings) - errors
    colour = "red" if errors else "yellow" if warnings else "green"
    summary = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}" if findings else "no findings"
    click.secho(summary, fg=colour, bold=True)


def _echo_outcome(outcome: Outcome, *, verbose: bool) -> None:
    from buzzguard.decide.rule_tests import describe

    located = outcome.located
    mark = click.style("ok  ", fg="green") if outcome.passed else click.style("FAIL", fg="red", bold=True)
    click.echo(f"{mark} {short_path(located.file)}:{located.line}: {located.test.name}")
    if verbose or not outcome.passed:
        for line in describe(outcome):
            click.echo(f"     {line}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
