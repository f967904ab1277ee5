"""`buzzguard drill`: a marked exercise through the whole chain, and how it went."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.cli.ask import Caller, acting
from buzzguard.cli.report import common, desk_of, faults_told, put, put_page

if TYPE_CHECKING:
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.model import Incident, Page
    from buzzguard.review.drills import Score
    from buzzguard.store.recalling import Recalled, RecallStore

_YEAR = timedelta(days=366)


class _DrillGroup(click.Group):
    """`drill score` is a command of its own; any other word is the playbook to exercise."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or begin

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] == "score":
            return super().resolve_command(ctx, args)
        return "", begin, args

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([("PLAYBOOK", begin.get_short_help_str(90)), ("score", score.get_short_help_str(90))])


@click.group("drill", cls=_DrillGroup, subcommand_metavar="PLAYBOOK|score [OPTIONS]")
def command() -> None:
    """Run a marked exercise by a playbook through the whole chain, and score it."""


@click.command("drill")
@click.argument("playbook")
@click.option("--topic", default="", help="On this topic; the first brand when absent.")
@click.option("--severity", type=click.Choice(["yellow", "orange", "red"]), default="red", show_default=True)
@click.option("--story", default="", help="What happens, in a sentence or two; that of the playbook when absent.")
@click.option("--policy", default="", help="Who is told; chosen as for a real one when absent.")
@click.option("--page", is_flag=True, help="Use receivers that page (PagerDuty, SMS), too.")
@acting
def begin(  # noqa: PLR0913 - one argument an option, as click passes them
    caller: Caller, playbook: str, topic: str, severity: str, story: str, policy: str, page: bool
) -> None:
    """Begin an exercise by PLAYBOOK through the running daemon: people are told as of a real one.

    Every message of it says EXERCISE. It counts in no report, precision or budget, and ends by itself after 4 hours.
    """
    from buzzguard.model import CommandKind, Declaration, Severity

    chosen = caller.named("playbook", playbook, caller.directory.playbooks)
    subject = caller.desk.topic(topic) if topic else _topic(caller)
    asked = Declaration(
        topic=subject,
        severity=Severity(severity),
        story=caller.text(story, "--story") if story else _story(caller, chosen, subject),
        playbook=chosen,
        policy=caller.named("policy", policy, caller.directory.policies) if policy else "",
        drill=True,
        page=page,
    )
    paging = caller.words["paged" if page else "not_paged"]
    caller.ask(caller.command(CommandKind.DECLARE, asked=asked), "drilled", paging=paging)


@command.command("score")
@click.argument("id", required=False)
@common
def score(id: str | None, form: str, output: Path | None, lang: str | None, path: Path) -> None:
    """Score the exercise ID (the last one when absent): times against what was due, a grade, what to improve."""
    with faults_told():
        from buzzguard.cli.drill_telling import score_document
        from buzzguard.cli.report_json import as_json
        from buzzguard.respond.runs import playbook_of

        desk = desk_of(path, lang)
        recalled, told = _scored(desk, id)
        if form == "json":
            incident = recalled.incident
            head = {"id": incident.id, "topic": incident.topic, "playbook": playbook_of(incident) or None}
            put(as_json(head | score_document(told)), output)
        else:
            put_page(_page(desk, recalled, told), form, output)


def _topic(caller: Caller) -> str:
    """The topic to exercise on when none is named. Raises Refused."""
    from buzzguard.cli.drill_words import DRILL_WORDS
    from buzzguard.cli.mention_acts import Refused

    topics = caller.desk.settings.topics
    brands = [id for id, one in topics.items() if one.role == "brand"] or (list(topics) if len(topics) == 1 else [])
    if not brands:
        raise Refused(DRILL_WORDS[caller.desk.language]["no_topic"].format(hint=", ".join(sorted(topics)[:8])))
    return brands[0]


def _story(caller: Caller, playbook: str, topic: str) -> str:
    """The story that the playbook keeps for an exercise. Raises Refused."""
    from buzzguard.cli.drill_words import DRILL_WORDS
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.config.words import show
    from buzzguard.respond.playbook_text import fill_in

    page = caller.playbooks.page(playbook, caller.desk.language)
    if page is None or not page.drill:
        raise Refused(DRILL_WORDS[caller.desk.language]["no_story"].format(playbook=show(playbook)))
    return fill_in(page.drill, {"topic": caller.desk.settings.topics[topic].name})


def _scored(desk: Desk, written: str | None) -> tuple[Recalled, Score]:
    """The exercise that is meant, and its score. Raises Refused, StoreError, ConfigError."""
    import asyncio

    return asyncio.run(_score(desk, written))


async def _score(desk: Desk, written: str | None) -> tuple[Recalled, Score]:
    from buzzguard.cli.drill_score import scored
    from buzzguard.cli.drill_words import DRILL_WORDS
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.cli.report_facts import the_incident
    from buzzguard.store.recalling import RecallStore

    words = DRILL_WORDS[desk.language]
    store = await RecallStore.look_now(desk.settings.store, now=desk.now, base=desk.base)
    try:
        last = None if written else await _last(desk, store)
        if not written and last is None:
            raise Refused(words["no_drill"])
        recalled = await the_incident(desk, store, written or (last.id if last else ""))
    finally:
        await store.close()
    if not recalled.incident.drill:
        raise Refused(words["not_a_drill"].format(id=recalled.incident.id))
    return recalled, scored(desk, recalled)


async def _last(desk: Desk, store: RecallStore) -> Incident | None:
    drills = [one for one in await store.incidents_between(desk.now - _YEAR, desk.now) if one.drill]
    return drills[-1] if drills else None


def _page(desk: Desk, recalled: Recalled, told: Score) -> Page:
    from buzzguard.cli.backtest_words import Voice
    from buzzguard.cli.drill_telling import score_sections
    from buzzguard.cli.drill_words import DRILL_WORDS
    from buzzguard.deliver.tame import LINE, NAME, short
    from buzzguard.model import Page
    from buzzguard.respond.runs import playbook_of

    words, incident = DRILL_WORDS[desk.language], recalled.incident
    voice = Voice(language=desk.language, time_zone=desk.settings.time_zone)
    topic = desk.settings.topics.get(incident.topic)
    ended = words["ended"].format(at=voice.instant(incident.changed_at)) if told.over else words["going"]
    return Page(
        language=desk.language,
        title=words["title"].format(id=short(incident.id, NAME), topic=short(topic.name if topic else "", NAME)),
        subtitle=words["subtitle"].format(
            playbook=short(playbook_of(incident) or "–", NAME), opened=voice.instant(incident.opened_at), state=ended
        ),
        caveats=(short(incident.story, LINE),) if incident.story else (),
        sections=tuple(score_sections(told, voice, id=incident.id)),
    )
