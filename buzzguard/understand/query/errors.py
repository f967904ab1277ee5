"""What is wrong with a query, and where."""

from __future__ import annotations

from buzzguard.errors import BuzzguardError


class QueryError(BuzzguardError):
    """A query cannot be used. `column` counts from 1, `hint` says how to put it right; `topic` when one is known."""

    def __init__(self, message: str, column: int, hint: str = "", *, topic: str = "") -> None:
        self.message = message
        self.column = column
        self.hint = hint
        self.topic = topic
        tail = f" ({hint})" if hint else ""
        place = f"topic {topic}, " if topic else ""
        super().__init__(f"{place}column {column}: {message}{tail}")
