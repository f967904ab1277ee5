"""What is wrong with the digest that its shape cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

from buzzguard.config.located import Located
from buzzguard.config.sections import section, unknown
from buzzguard.model import Fault


def digest_faults(located: Located) -> Iterator[Fault]:
    """Receivers of the digest that nobody knows."""
    known, written = section(located, ("receivers",)), located.get(("digest", "receivers"))
    for index, name in enumerate(written) if isinstance(written, list) else ():
        if isinstance(name, str):
            yield from unknown(located, ("digest", "receivers", index), name, known, noun="receiver")
