"""The command line. Each command lives in its own module, imported only when it is called: `--help` stays quick."""

from __future__ import annotations

import importlib

import click

from buzzguard import __version__

_COMMANDS = {
    "demo": "Play a crisis of an invented brand through the real daemon.",
    "watch": "Watch a brand on places that ask for no key, with no configuration at all.",
    "init": "Write a commented configuration, rules and playbooks.",
    "check": "Validate everything that was written, and show every fault with its place.",
    "run": "Run the daemon.",
    "replay": "Run recordings through the same pipeline and print the alerts.",
    "detect": "Explain what the detector knows of a topic, and why it spoke or kept silent.",
    "backtest": "Tell what the rules and other thresholds would have made of the past.",
    "import": "Make a recording of an export of a listening tool.",
    "rules": "Lint and test rules.",
    "notifier": "Try whether people can be told.",
    "slack": "Make the Slack app, and see whether it works.",
    "incident": "Show incidents and why people were told of them or not, and act on them.",
    "drill": "Run a marked exercise through the whole chain, and score it.",
    "silence": "Mute what matches for a while, and show what is muted.",
    "route": "Show where an alert would go, and why.",
    "oncall": "Show who is on call, now and in the days to come.",
    "mention": "Show mentions, and correct what was understood of them.",
    "report": "Report on incidents and weeks, and mark when a statement was published.",
    "source": "Show the places that can be read, and how streams are doing.",
    "topic": "Try the query of a topic on a text, or preview it on the past.",
    "schema": "Print the JSON Schema of the configuration or of rules.",
}


_MODULES = {"import": "importing"}
"""Commands whose name Python keeps for itself."""


class _LazyGroup(click.Group):
    """A group that knows its commands' names and help lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"buzzguard.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="buzzguard")
def main() -> None:
    """BuzzGuard: early warning for crises of reputation."""
