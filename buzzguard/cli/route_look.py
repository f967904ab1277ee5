"""Where an alert would go: the look at it, as lines in English and French, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from buzzguard.cli.common import plugin_models, query_fault
from buzzguard.config.durations import format_duration
from buzzguard.config.loader import inspect_settings
from buzzguard.config.located import Located
from buzzguard.config.settings import Settings
from buzzguard.config.words import listed, safe, show, suggest
from buzzguard.decide.loader import load_rules
from buzzguard.deliver.wording import department
from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import Language, Record, Severity
from buzzguard.respond.policy import Policies
from buzzguard.respond.routing import Facts, Router, Way
from buzzguard.understand.theme_files import load_themes

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "policy": "policy",
        "department": "business of",
        "also": "told beside",
        "routes": "by the route",
        "none": "no route takes it",
        "line": "line {line}",
        "step": "step {n}",
        "after": "after {delay}",
        "nobody": "nobody: there is no receiver",
        "by.route": "the route says so",
        "by.theme": "the theme’s owner",
        "by.topic": "the topic’s owner",
        "by.watcher": "BuzzGuard’s own troubles",
        "by.rule": "the rule says so",
        "by.default": "no route, owner or rule says otherwise",
    },
    "fr": {
        "policy": "politique",
        "department": "du ressort de",
        "also": "prévenus en plus",
        "routes": "par la route",
        "none": "aucune route ne la prend",
        "line": "ligne {line}",
        "step": "étape {n}",
        "after": "après {delay}",
        "nobody": "personne : il n’y a pas de destinataire",
        "by.route": "la route le dit",
        "by.theme": "le service chargé du thème",
        "by.topic": "le service chargé du sujet",
        "by.watcher": "les soucis de BuzzGuard lui-même",
        "by.rule": "la règle le dit",
        "by.default": "ni route, ni service, ni règle ne dit autre chose",
    },
}


class Unknown(BuzzguardError):
    """A name that nothing has."""


class Asked(Record, frozen=True, kw_only=True):
    """The alert that is asked about."""

    topic: str
    themes: tuple[str, ...] = ()
    severity: str = "orange"
    rule: str = ""
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}


class Found(Record, frozen=True, kw_only=True):
    """Where it would go: the way, the policy that is climbed, by what it was chosen, and the places of the routes."""

    settings: Settings
    way: Way
    policy: str
    by: str
    lines: tuple[int, ...]


def look(config: Path, asked: Asked) -> Found:
    """Find the way. Raises ConfigError for faults of the configuration, its rules and themes; Unknown for a name."""
    loaded = inspect_settings(config, models=plugin_models(), query_fault=query_fault)
    settings, located = loaded.settings, loaded.located
    if settings is None or located is None:
        raise ConfigError(loaded.faults)
    folders = [config.resolve().parent / folder for folder in settings.rules]
    _known(asked.topic, settings.topics, "topic")
    owners = {theme.id: theme.owner for theme in load_themes(folders).themes} if asked.themes else {}
    for theme in asked.themes:
        _known(theme, owners, "theme")
    rules = {rule.id: rule.file for rule in load_rules(folders, policies=settings.policies)} if asked.rule else {}
    if asked.rule:
        _known(asked.rule, rules, "rule")
    rule = rules.get(asked.rule)
    topic = settings.topics[asked.topic]
    told = {**settings.receivers, **settings.rotas}
    router = Router(
        settings.routes,
        policies=settings.policies,
        reachable=told,
        topics=settings.topics,
        departments=settings.departments,
    )
    way = router.way(
        Facts(
            topic=asked.topic,
            role=topic.role,
            labels={**topic.labels, **(rule.labels if rule is not None else {}), **asked.labels},
            rule=asked.rule,
            severity=asked.severity,
            themes=dict.fromkeys(asked.themes, 1.0),
            owner=owners[asked.themes[0]] if asked.themes else "",
            languages=dict.fromkeys(asked.languages, 1.0),
            sources=dict.fromkeys(asked.sources, 1.0),
        )
    )
    own = (rule.policy if rule is not None else None) or ""
    policy = Policies(settings.policies, settings.receivers).pick(
        asked.topic, Severity(asked.severity), own, way.policy
    )
    by = way.why.get("policy", "rule" if own and policy == own else "default")
    return Found(
        settings=settings, way=way, policy=policy, by=by, lines=tuple(_line(located, place) for place in way.path)
    )


def route_document(found: Found) -> dict[str, Any]:
    """The answer for other programs."""
    way = found.way
    return {
        "policy": found.policy,
        "policy_by": found.by,
        "department": way.department,
        "department_by": way.why.get("department", ""),
        "also": list(way.also),
        "routes": [{"route": place, "line": line} for place, line in zip(way.path, found.lines, strict=True)],
        "steps": [
            {"after_seconds": int(after.total_seconds()), "receivers": list(names)} for after, names in _steps(found)
        ],
    }


def route_lines(found: Found, language: Language) -> Iterator[str]:
    """The answer for people."""
    words, way = _WORDS[language], found.way
    rows = [(words["policy"], f"{safe(found.policy) or '–'} ({words['by.' + found.by]})")]
    if way.department:
        by = words["by." + way.why["department"]]
        rows.append((words["department"], f"{safe(department(way.department, language))} ({by})"))
    if way.also:
        rows.append((words["also"], ", ".join(way.also)))
    places = [f"{place} ({words['line'].format(line=line)})" for place, line in zip(way.path, found.lines, strict=True)]
    rows.append((words["routes"], ", ".join(places) or words["none"]))
    for number, (after, names) in enumerate(_steps(found), 1):
        delay = f"{words['after'].format(delay=format_duration(after))} → " if after else "→ "
        rows.append((words["step"].format(n=number), delay + ", ".join(names)))
    if not found.settings.receivers:
        rows.append(("", words["nobody"]))
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {said}" for name, said in rows)


def _steps(found: Found) -> list[tuple[Any, tuple[str, ...]]]:
    policy = found.settings.policies.get(found.policy)
    if policy is None:
        return []
    return [
        (step.after, (*step.notify, *(found.way.also if not index else ()))) for index, step in enumerate(policy.steps)
    ]


def _line(located: Located, place: str) -> int:
    """The line of `routes[2].routes[0]`."""
    path: list[str | int] = []
    for name, index in re.findall(r"(\w+)\[(\d+)\]", place):
        path += [name, int(index)]
    return located.place(tuple(path))[0]


def _known(name: str, known: Mapping[str, object], noun: str) -> None:
    if name not in known:
        hint = suggest(name, known) or (f"known: {listed(sorted(known), last='and')}" if known else "there are none")
        raise Unknown(f"unknown {noun} `{show(name)}` ({hint})")
