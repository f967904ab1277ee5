"""Where the files that come with BuzzGuard lie: inside the installed package, or at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_rules() -> Path:
    """The folder of shipped rules, with `playbooks` and `words` in it.

    Raises ConfigError when the installation lacks it.
    """
    places = (_PACKAGE / "shipped" / "rules", _PACKAGE.parent / "rules")
    for place in places:
        if (place / "playbooks").is_dir():
            return place
    message = "the shipped rules are missing"
    raise ConfigError([Fault(file=str(places[0]), line=0, column=0, message=message, hint="install BuzzGuard again")])
