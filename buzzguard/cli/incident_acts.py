"""`buzzguard incident declare|take|give|…`: what people do with incidents, through the running daemon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from buzzguard.cli.ask import Caller, acting

if TYPE_CHECKING:
    from datetime import timedelta

    from buzzguard.model import Incident, Person

_SLACK = re.compile(r"[UW][A-Z0-9]{6,30}")
_SEVERITIES = click.Choice(["yellow", "orange", "red"])
_REASONS = click.Choice(["homonym", "campaign", "spam", "old_news", "other"])


@click.command("declare")
@click.argument("topic")
@click.option("--severity", type=_SEVERITIES, default="orange", show_default=True, help="How grave it is.")
@click.option("--story", required=True, help="What happens, in a sentence.")
@click.option("--playbook", default="", help="What to do; chosen by the topic when absent.")
@click.option("--policy", default="", help="Who is told; chosen as for an alert when absent.")
@acting
def declare(caller: Caller, topic: str, severity: str, story: str, playbook: str, policy: str) -> None:
    """Open an incident on TOPIC by hand: people are told as of an alert."""
    from buzzguard.model import CommandKind, Declaration, Severity

    directory = caller.directory
    asked = Declaration(
        topic=caller.desk.topic(topic),
        severity=Severity(severity),
        story=caller.text(story, "--story"),
        playbook=caller.named("playbook", playbook, directory.playbooks) if playbook else "",
        policy=caller.named("policy", policy, directory.policies) if policy else "",
    )
    caller.ask(caller.command(CommandKind.DECLARE, asked=asked), "declared")


@click.command("take")
@click.argument("id")
@acting
def take(caller: Caller, id: str) -> None:
    """Take charge of the incident ID."""
    from buzzguard.model import CommandKind

    command = caller.command(CommandKind.TAKE_CHARGE, incident=caller.incident(id).id)
    caller.ask(command, "taken", who=caller.who.name or caller.who.id)


@click.command("give")
@click.argument("id")
@click.option("--to", metavar="NAME", help="The person: a name, or a Slack id (U0123456).")
@click.option("--department", help="The department whose business it is.")
@acting
def give(caller: Caller, id: str, to: str | None, department: str | None) -> None:
    """Give the incident ID to a person or to a department, who are told."""
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.deliver.wording import localised
    from buzzguard.model import CommandKind, Handover

    if (to is None) == (department is None):
        raise Refused(caller.words["one_of_both"])
    incident = caller.incident(id).id
    if department is not None:
        known = caller.directory.departments
        asked = Handover(department=caller.named("department", department, known))
        name = localised(known[asked.department].title, caller.desk.language, default=department)
    else:
        other = _other(caller, to or "")
        asked, name = Handover(person=other), other.name or other.id
    caller.ask(caller.command(CommandKind.GIVE, incident=incident, asked=asked), "given", to=name)


@click.command("escalate")
@click.argument("id")
@acting
def escalate(caller: Caller, id: str) -> None:
    """Tell the next step of the policy of the incident ID now."""
    from buzzguard.model import CommandKind

    caller.ask(caller.command(CommandKind.ESCALATE, incident=caller.incident(id).id), "escalated")


@click.command("silence")
@click.argument("id")
@click.option("--for", "duration", required=True, metavar="DURATION", help="For how long: 2h, 30m; 7d at most.")
@click.option("--reason", default="", help="Why.")
@acting
def silence(caller: Caller, id: str, duration: str, reason: str) -> None:
    """Mute the topic of the incident ID for a while: nobody is called, what grows graver excepted."""
    from buzzguard.deliver.wording import duration as spoken
    from buzzguard.model import CommandKind

    span = read_span(caller, duration)
    command = caller.command(
        CommandKind.SILENCE,
        incident=caller.incident(id).id,
        duration=span,
        reason=caller.text(reason, "--reason") if reason else "",
    )
    caller.ask(command, "silenced", duration=spoken(span, caller.desk.language))


@click.command("merge")
@click.argument("id")
@click.option("--into", required=True, metavar="ID", help="The incident that it becomes part of.")
@acting
def merge(caller: Caller, id: str, into: str) -> None:
    """Make the incident ID part of another one."""
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.model import CommandKind, Merge

    incident, other = caller.incident(id).id, caller.incident(into).id
    if incident == other:
        raise Refused(caller.words["same_incident"])
    caller.ask(caller.command(CommandKind.MERGE, incident=incident, asked=Merge(into=other)), "merged", into=other)


@click.command("split")
@click.argument("id")
@click.option(
    "--alerts", required=True, multiple=True, help="Fingerprints of alerts, or their rules; commas part them."
)
@acting
def split(caller: Caller, id: str, alerts: tuple[str, ...]) -> None:
    """Take alerts out of the incident ID into an incident of their own."""
    from buzzguard.model import CommandKind, Split

    incident = caller.incident(id)
    chosen = _alerts(caller, incident, [one for word in alerts for one in word.split(",") if one.strip()])
    caller.ask(caller.command(CommandKind.SPLIT, incident=incident.id, asked=Split(alerts=chosen)), "split")


@click.command("note")
@click.argument("id")
@click.argument("text")
@acting
def note(caller: Caller, id: str, text: str) -> None:
    """Write a note into the record of the incident ID."""
    from buzzguard.model import CommandKind

    written = caller.text(text, "TEXT")
    caller.ask(caller.command(CommandKind.NOTE, incident=caller.incident(id).id, reason=written), "noted")


@click.command("false-alarm")
@click.argument("id")
@click.option("--because", type=_REASONS, required=True, help="What it was.")
@click.option("--note", "words", default="", help="More, in words.")
@acting
def false_alarm(caller: Caller, id: str, because: str, words: str) -> None:
    """Close the incident ID as a false alarm."""
    from buzzguard.model import AlarmReason, CommandKind, Dismissal

    command = caller.command(
        CommandKind.FALSE_ALARM,
        incident=caller.incident(id).id,
        asked=Dismissal(why=AlarmReason(because)),
        reason=caller.text(words, "--note") if words else "",
    )
    caller.ask(command, "dismissed")


@click.command("new-normal")
@click.argument("id")
@click.option("--note", "words", default="", help="Why, in words.")
@acting
def new_normal(caller: Caller, id: str, words: str) -> None:
    """Say that the level of the incident ID is the new normal, and close it."""
    from buzzguard.model import CommandKind

    reason = caller.text(words, "--note") if words else ""
    caller.ask(caller.command(CommandKind.NEW_NORMAL, incident=caller.incident(id).id, reason=reason), "normal")


@click.command("playbook")
@click.argument("id")
@click.argument("name")
@acting
def playbook(caller: Caller, id: str, name: str) -> None:
    """Work by the playbook NAME on the incident ID."""
    from buzzguard.model import CommandKind, PlaybookChoice

    incident, chosen = caller.incident(id).id, caller.named("playbook", name, caller.directory.playbooks)
    command = caller.command(CommandKind.CHOOSE_PLAYBOOK, incident=incident, asked=PlaybookChoice(playbook=chosen))
    caller.ask(command, "chosen", playbook=chosen)


@click.command("resolve")
@click.argument("id")
@click.option("--summary", required=True, help="How it ended, in a sentence.")
@acting
def resolve(caller: Caller, id: str, summary: str) -> None:
    """Resolve the incident ID."""
    from buzzguard.model import CommandKind

    reason = caller.text(summary, "--summary")
    caller.ask(caller.command(CommandKind.RESOLVE, incident=caller.incident(id).id, reason=reason), "resolved")


ACTS = (
    declare,
    take,
    give,
    escalate,
    silence,
    merge,
    split,
    note,
    false_alarm,
    new_normal,
    playbook,
    resolve,
)


def read_span(caller: Caller, written: str) -> timedelta:
    """A duration for which something is muted. Raises Refused."""
    from datetime import timedelta

    from buzzguard.cli.mention_acts import Refused
    from buzzguard.config.durations import parse_duration
    from buzzguard.config.words import safe
    from buzzguard.deliver.wording.refusals import refusal
    from buzzguard.respond.silences import LONGEST_DURATION

    try:
        span = parse_duration(written)
    except ValueError as error:
        raise Refused(caller.words["bad_duration"].format(why=safe(str(error)))) from error
    if not timedelta(0) < span <= LONGEST_DURATION:
        raise Refused(refusal("bad_duration", caller.desk.language))
    return span


def _other(caller: Caller, written: str) -> Person:
    """Somebody else, by the id that Slack gives them or by name. Raises Refused."""
    from buzzguard.model import Person

    if _SLACK.fullmatch(written.strip()):
        return Person(id=written.strip(), via="slack")
    return caller.desk.person(written)


def _alerts(caller: Caller, incident: Incident, written: list[str]) -> tuple[str, ...]:
    """The fingerprints of an incident's alerts that are meant. Raises Refused."""
    chosen: dict[str, None] = {}
    known = {one.fingerprint for one in incident.alerts} | {one.rule for one in incident.alerts}
    for word in map(str.strip, written):
        meant = [one for one in incident.alerts if word in (one.fingerprint, one.rule)]
        near = meant or [one for one in incident.alerts if len(word) >= 4 and one.fingerprint.startswith(word)]
        if not near:
            caller.named("alert", word, known)
        chosen |= dict.fromkeys(one.fingerprint for one in near)
    return tuple(chosen)
