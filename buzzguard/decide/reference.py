"""The tables of names that conditions may read, as Markdown: `rules/README.md` holds exactly these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from buzzguard.decide.vocabulary import FUNCTIONS, SIGNALS, Variable, attributes, variables
from buzzguard.model import Signal


def tables() -> dict[str, str]:
    """Every table by its heading."""
    topic = variables("topic").values()
    of_every = {f"{signal}.{name}" for signal in Signal for name in attributes()}
    return {
        "Signals": _table(("signal", "what it counts"), [(f"`{name}`", means) for name, means in SIGNALS.items()]),
        "What every signal offers": _table(
            ("name", "kind", "meaning"),
            [(f"`negative.{name}`", kind, means) for name, (kind, means) in attributes().items()],
        ),
        "More names for topics": _variables(variable for variable in topic if variable.name not in of_every),
        "Names for `scope: stream`": _variables(variables("stream").values()),
        "Names for `topics:`": _variables(variables("selector").values()),
        "Functions": _table(("example", "gives"), [(f"`{example}`", means) for example, means in FUNCTIONS.values()]),
    }


def _variables(several: Iterable[Variable]) -> str:
    rows = [(f"`{variable.name}`", variable.kind, variable.means) for variable in several]
    return _table(("name", "kind", "meaning"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
