"""`buzzguard init`: from an empty folder to a watch that can be started."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.errors import ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.starting import Answers

_FEW = 4
"""More files than this are not named in a refusal."""
_WORDS = {
    "en": {
        "hello": "A few questions, and your watch can begin. Everything can be changed later in buzzguard.yml.",
        "brand": "What is the brand called",
        "bad_brand": "a name has letters or digits, on one line of at most 100 characters",
        "feed": "The address of a feed to watch (RSS, Atom or JSON; empty to go on)",
        "bad_feed": "this is no http or https address: {}",
        "channel": "The id of a Slack channel, such as C0123ABCD (empty without Slack)",
        "bad_channel": "a channel's id begins with C, G or D and stands at the bottom of its details in Slack: {}",
        "no_brand": "which brand? Give --brand NAME",
        "taken": "already there: {}\nNothing was written. --force overwrites these files.",
        "refused": "cannot write to {}: {}",
        "written": "Written to {}",
        "config": "the configuration, every part explained",
        "rules": "{} rules and {} playbooks, to read and adapt",
        "manifest": "the Slack app, ready to create",
        "next": "What to do next",
        "enter": "go to the folder",
        "streams": "name your feeds in buzzguard.yml: nothing is read yet",
        "app": "create the Slack app at https://api.slack.com/apps from slack-manifest.yml, and install it",
        "tokens": "hand over its two tokens",
        "invite": "type in the channel: /invite @BuzzGuard",
        "check": "see that everything is right",
        "check_slack": "see that everything is right, and that Slack answers",
        "run": "begin to watch",
        "slack_later": "To be told in Slack: slack-manifest.yml says how.",
    },
    "fr": {
        "hello": "Quelques questions, et la veille peut commencer. Tout se change ensuite dans buzzguard.yml.",
        "brand": "Comment s’appelle la marque",
        "bad_brand": "un nom a des lettres ou des chiffres, sur une ligne de 100 caractères au plus",
        "feed": "L’adresse d’un fil à surveiller (RSS, Atom ou JSON\u00a0; vide pour continuer)",
        "bad_feed": "ce n’est pas une adresse http ou https\u00a0: {}",
        "channel": "L’identifiant d’un canal Slack, comme C0123ABCD (vide sans Slack)",
        "bad_channel": "l’identifiant d’un canal commence par C, G ou D et se trouve tout en bas de ses détails dans "
        "Slack\u00a0: {}",
        "no_brand": "quelle marque\u00a0? Donnez --brand NOM",
        "taken": "déjà là\u00a0: {}\nRien n’a été écrit. --force remplace ces fichiers.",
        "refused": "impossible d’écrire dans {}\u00a0: {}",
        "written": "Écrit dans {}",
        "config": "la configuration, expliquée partie par partie",
        "rules": "{} règles et {} playbooks, à lire et à adapter",
        "manifest": "l’application Slack, prête à créer",
        "next": "Et maintenant",
        "enter": "allez dans le dossier",
        "streams": "nommez vos fils dans buzzguard.yml\u00a0: rien n’est encore lu",
        "app": "créez l’application Slack sur https://api.slack.com/apps avec slack-manifest.yml, et installez-la",
        "tokens": "donnez ses deux jetons",
        "invite": "tapez dans le canal\u00a0: /invite @BuzzGuard",
        "check": "vérifiez que tout est juste",
        "check_slack": "vérifiez que tout est juste et que Slack répond",
        "run": "commencez la veille",
        "slack_later": "Pour être prévenu dans Slack\u00a0: slack-manifest.yml dit comment.",
    },
}


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--lang", type=click.Choice(["fr", "en"]), help="The language of the files, messages and questions.")
@click.option("--brand", help="The name of the brand to watch.")
@click.option("--feed", "feeds", multiple=True, metavar="URL", help="A feed to watch (RSS, Atom, JSON); repeatable.")
@click.option("--slack-channel", "channel", metavar="ID", help="The Slack channel to tell, such as C0123ABCD.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def command(
    directory: Path, lang: str | None, brand: str | None, feeds: Sequence[str], channel: str | None, **flags: bool
) -> None:
    """Write a commented configuration, rules and playbooks into DIRECTORY (here by default)."""
    asking = not flags["yes"] and sys.stdin.isatty()
    language = lang or _language(asking=asking)
    words = _WORDS[language]
    if asking and brand is None:
        click.echo(words["hello"])
    answers = _answers(language, brand, feeds, channel, asking=asking)
    written = _written(answers, directory, force=flags["force"])
    _say_what_next(answers, directory, written)


def _language(*, asking: bool) -> str:
    """The language of the terminal, or the one asked for."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    usual = "fr" if named.startswith("fr") else "en"
    if not asking:
        return usual
    chosen: str = click.prompt("Français (fr) / English (en)", type=click.Choice(["fr", "en"]), default=usual)
    return chosen


def _answers(language: str, brand: str | None, feeds: Sequence[str], channel: str | None, *, asking: bool) -> Answers:
    """Options that were given are judged; without a brand, and with somebody to ask, the rest is asked for."""
    from buzzguard.cli.starting import Answers

    words = _WORDS[language]
    _judge_options(words, brand, feeds, channel)
    if brand is None and not asking:
        raise click.UsageError(words["no_brand"])
    if brand is None:
        brand = _asked(words["brand"], lambda name: _brand_fault(words, name))
        feeds = feeds or _asked_feeds(words)
        if channel is None:
            channel = _asked(words["channel"], lambda text: _channel_fault(words, text), optional=True)
    return Answers(language=language, brand=brand.strip(), feeds=tuple(feeds), channel=channel or "")


def _judge_options(words: Mapping[str, str], brand: str | None, feeds: Sequence[str], channel: str | None) -> None:
    judged = [("--brand", _brand_fault(words, brand) if brand is not None else "")]
    judged += [("--feed", _feed_fault(words, feed)) for feed in feeds]
    judged += [("--slack-channel", _channel_fault(words, channel or ""))]
    for option, fault in judged:
        if fault:
            raise click.BadParameter(fault, param_hint=option)


def _brand_fault(words: Mapping[str, str], brand: str) -> str:
    from buzzguard.cli.starting import brand_trouble

    return words["bad_brand"] if brand_trouble(brand) else ""


def _feed_fault(words: Mapping[str, str], feed: str) -> str:
    from buzzguard.cli.starting import is_feed
    from buzzguard.config.words import show

    return "" if is_feed(feed) else words["bad_feed"].format(show(feed))


def _channel_fault(words: Mapping[str, str], channel: str) -> str:
    from buzzguard.cli.starting import is_channel
    from buzzguard.config.words import show

    return "" if not channel or is_channel(channel) else words["bad_channel"].format(show(channel))


def _asked(question: str, fault_of: Callable[[str], str], *, optional: bool = False) -> str:
    """An answer without fault; asks again until there is one."""
    while True:
        answer: str = click.prompt(question, default="" if optional else None, show_default=False).strip()
        fault = fault_of(answer)
        if not fault:
            return answer
        click.echo(click.style(fault, fg="yellow"))


def _asked_feeds(words: Mapping[str, str]) -> list[str]:
    feeds: list[str] = []
    while feed := _asked(words["feed"], lambda url: _feed_fault(words, url) if url else "", optional=True):
        feeds.append(feed)
    return feeds


def _written(answers: Answers, directory: Path, *, force: bool) -> list[Path]:
    from buzzguard.cli.common import echo_faults
    from buzzguard.cli.starting import Taken, write

    words = _WORDS[answers.language]
    try:
        return write(answers, directory, force=force)
    except Taken as taken:
        shown = ", ".join(map(str, taken.files[:_FEW])) + (" …" if len(taken.files) > _FEW else "")
        raise click.ClickException(words["taken"].format(shown)) from taken
    except OSError as error:
        raise click.ClickException(words["refused"].format(directory, (error.strerror or "").lower())) from error
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)


def _say_what_next(answers: Answers, directory: Path, written: Sequence[Path]) -> None:
    from buzzguard.cli.starting import CONFIG, MANIFEST

    words = _WORDS[answers.language]
    counts = words["rules"].format(*_rules_and_playbooks(written))
    click.echo(click.style(words["written"].format(directory), bold=True))
    for name, said in ((CONFIG, words["config"]), ("rules/", counts), (MANIFEST, words["manifest"])):
        click.echo(f"  {click.style(f'{name:<20}', fg='cyan')} {said}")
    click.echo()
    click.echo(click.style(words["next"], bold=True))
    for number, (said, typed) in enumerate(_steps(answers, directory), start=1):
        click.echo(f"  {number}. {said}")
        for line in typed:
            click.echo(click.style(f"       {line}", fg="cyan"))
    if not answers.channel:
        click.echo()
        click.echo(click.style(words["slack_later"], dim=True))


def _rules_and_playbooks(written: Sequence[Path]) -> tuple[int, int]:
    """How many rules and playbooks were written (a playbook has a file for each language)."""
    rules = [file for file in written if file.match("rules/*.yml") and not file.match("*.test.yml")]
    playbooks = {file.name.split(".")[0] for file in written if file.match("rules/playbooks/*.*.md")}
    return len(rules), len(playbooks)


def _steps(answers: Answers, directory: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a newcomer does next, and what they type for it."""
    words = _WORDS[answers.language]
    if directory.resolve() != Path.cwd():
        yield words["enter"], (f"cd {shlex.quote(str(directory))}",)
    if not answers.feeds:
        yield words["streams"], ()
    if answers.channel:
        yield words["app"], ()
        yield words["tokens"], ("export SLACK_BOT_TOKEN=xoxb-…", "export SLACK_APP_TOKEN=xapp-…")
        yield words["invite"], ()
        yield words["check_slack"], ("buzzguard check --online",)
    else:
        yield words["check"], ("buzzguard check",)
    yield words["run"], ("buzzguard run",)
