"""Names in `departments:` and `statements:` that nothing has."""

from __future__ import annotations

from collections.abc import Iterator

from buzzguard.config.located import Located
from buzzguard.config.sections import section, unknown
from buzzguard.model import Fault


def department_faults(located: Located) -> Iterator[Fault]:
    """Departments that tell a receiver or rota which nobody has defined."""
    told = {**section(located, ("receivers",)), **section(located, ("rotas",))}
    for name in section(located, ("departments",)):
        written = located.get(("departments", name, "notify"))
        for index, one in enumerate(written if isinstance(written, list) else []):
            yield from unknown(located, ("departments", name, "notify", index), one, told, noun="receiver")
