"""`buzzguard check`: everything that was written, judged before the night on which it must work."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from buzzguard.cli.checkup import Checkup

_WORDS = {
    "en": {
        "configuration": "configuration",
        "calendar": "calendar",
        "playbooks": "playbooks",
        "words": "gravity words",
        "themes": "themes",
        "rotas": "rotas",
        "routes": "routes",
        "departments": "departments",
        "press": "press",
        "rules": "rules",
        "sentiment": "sentiment",
        "budget": "budget",
        "secrets": "secrets",
        "good": "Everything is in order.",
        "unread": "no stream is read: nothing can be noticed",
        "untold": "there is no receiver: nobody would be told",
        "counts": {
            "topics": ("topic", "topics"),
            "streams": ("stream", "streams"),
            "receivers": ("receiver", "receivers"),
            "policies": ("policy", "policies"),
            "playbooks": ("playbook", "playbooks"),
            "rules": ("rule", "rules"),
            "rotas": ("rota", "rotas"),
            "routes": ("route", "routes"),
            "departments": ("department", "departments"),
            "themes": ("theme", "themes"),
            "sites": ("site", "sites"),
            "secrets": ("secret can be read", "secrets can be read"),
            "mentions": ("mention read", "mentions read"),
            "events": ("planned event", "planned events"),
        },
    },
    "fr": {
        "configuration": "configuration",
        "calendar": "calendrier",
        "playbooks": "playbooks",
        "words": "mots graves",
        "themes": "thèmes",
        "rotas": "astreintes",
        "routes": "routage",
        "departments": "services",
        "press": "presse",
        "rules": "règles",
        "sentiment": "sentiment",
        "budget": "budget",
        "secrets": "secrets",
        "good": "Tout est en ordre.",
        "unread": "aucun flux n’est lu\u00a0: rien ne peut être remarqué",
        "untold": "il n’y a pas de destinataire\u00a0: personne ne serait prévenu",
        "counts": {
            "topics": ("sujet", "sujets"),
            "streams": ("flux", "flux"),
            "receivers": ("destinataire", "destinataires"),
            "policies": ("politique d’escalade", "politiques d’escalade"),
            "playbooks": ("playbook", "playbooks"),
            "rules": ("règle", "règles"),
            "rotas": ("astreinte", "astreintes"),
            "routes": ("route", "routes"),
            "departments": ("service", "services"),
            "themes": ("thème", "thèmes"),
            "sites": ("site", "sites"),
            "secrets": ("secret lisible", "secrets lisibles"),
            "mentions": ("mention lue", "mentions lues"),
            "events": ("événement prévu", "événements prévus"),
        },
    },
}


@click.command("check")
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True)
@click.option("--online", is_flag=True, help="Also ask each notifier and read each stream once.")
@click.option("--no-secrets", is_flag=True, help="Do not look whether secrets can be read (where they are not).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(config: Path, online: bool, no_secrets: bool, as_json: bool) -> None:
    """Validate the configuration, rules, playbooks and secrets.

    Every fault is printed as file:line:column: message (hint), and the exit status is 1 when there is one.
    """
    from buzzguard.cli.checkup import Checkup
    from buzzguard.clock import SystemClock

    clock = SystemClock()
    checkup = Checkup(config, environment=os.environ)
    checkup.settings()
    checkup.calendar(clock.now())
    checkup.rotas(clock.now())
    checkup.people()
    checkup.rules()
    checkup.sentiment()
    if not no_secrets:
        checkup.secrets()
    if online:
        checkup.online(clock)
    if as_json:
        _print_json(checkup)
    else:
        _print(checkup)
    sys.exit(1 if checkup.faults else 0)


def _print_json(checkup: Checkup) -> None:
    from buzzguard.cli.common import as_json

    result = {
        "ok": not checkup.faults,
        "faults": [as_json(fault) for fault in checkup.faults],
        "checked": [{"what": what, **counts} for what, counts in checkup.passed],
        "tiers": list(checkup.tiers),
        "notes": checkup.notes,
    }
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))


def _print(checkup: Checkup) -> None:
    from buzzguard.cli.common import echo_faults

    if checkup.faults:
        echo_faults(checkup.faults)
        return
    words = _WORDS[checkup.language]
    labels = [str(words.get(what, what)) for what, _ in checkup.passed]
    width = max(map(len, labels), default=0)
    for label, (part, counts) in zip(labels, checkup.passed, strict=True):
        found = checkup.told.get(part) or ", ".join(
            _counted(number, what, checkup.language) for what, number in counts.items()
        )
        click.echo(f"{click.style('✓', fg='green')} {label:<{width}}  {found}".rstrip())
    for note in checkup.notes:
        click.echo(click.style(f"· {words.get(note, note)}", fg="yellow"))
    click.echo(click.style(str(words["good"]), bold=True))


def _counted(number: int, what: str, language: str) -> str:
    counts = _WORDS[language]["counts"]
    assert isinstance(counts, dict)
    one, many = counts[what]
    # French counts nothing in the singular.
    single = number == 1 or (language == "fr" and number == 0)
    return f"{number} {one if single else many}"
