"""`python -m buzzguard.understand.train`: train weights, and calibrate them. See `--help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from buzzguard.errors import BuzzguardError
from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable
from buzzguard.understand.train import commands

HELP = """Train the sentiment tiers on labelled texts, and calibrate them.

DIR holds umsab/<language>/{train,val}_{text,labels}.txt (one text a line; 0 negative, 1 neutral, 2 positive), which
tiers are judged on, and extra/<set>.jsonl.gz ({"text": …, "label": 0|1|2, "lang": …}), which --sets names. In order:

  accurate DIR --out ACCURATE                        about an hour of one core, and 4 GiB
  default DIR --out WEIGHTS --teacher ACCURATE       about half an hour; from the labels alone without --teacher
  quick DIR --out WEIGHTS [--teacher ACCURATE]       about three minutes
  calibrate DIR --out WEIGHTS [--accurate ACCURATE]  writes WEIGHTS/calibration.json and ACCURATE/calibration.json

The encoders need the extra: pip install 'buzzguard[train]'. The licences of the texts that you train on are yours to
mind: weights that are passed on stand on them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 with one line of reason when it could not."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        run(options)
    except (BuzzguardError, WeightsUnreadable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed: pip install 'buzzguard[train]'", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(
        prog="python -m buzzguard.understand.train",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    named = line.add_subparsers(required=True, metavar="quick|default|accurate|calibrate")
    for name, run in commands.COMMANDS.items():
        own = named.add_parser(name, help=run.__doc__)
        own.set_defaults(run=run)
        own.add_argument("folder", type=Path, metavar="DIR", help="labelled texts")
        own.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the weights")
        own.add_argument(
            "--sets", type=_names, default=commands.SHIPPED, help="extra sets, by name and with commas between"
        )
        _own_options(name, own)
    return line


def _own_options(name: str, own: argparse.ArgumentParser) -> None:
    if name == "calibrate":
        own.add_argument("--accurate", type=Path, metavar="DIR", help="weights of the accurate tier")
    if name in {"quick", "default"}:
        own.add_argument("--teacher", type=Path, metavar="DIR", help="weights of the accurate tier, to learn from")
        own.add_argument("--unlabelled", type=Path, action="append", default=[], metavar="FILE", help="one text a line")


def _names(given: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in given.split(","))))


if __name__ == "__main__":
    raise SystemExit(main())
