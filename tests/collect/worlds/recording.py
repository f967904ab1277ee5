"""A file of mentions."""

from __future__ import annotations

import csv
from typing import Any, ClassVar

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble


class World(base.World):
    """A CSV file, written anew at each publication."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset()

    def publish(self, *texts: str) -> None:
        """See `base.World`."""
        super().publish(*texts)
        with (self.folder / "stream.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("date", "id", "text"))
            for text in self.texts:
                rows.writerow(("" if text in self.spoilt else self.at(text).isoformat(), text[:80], text))

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"path": str(self.folder / "stream.csv")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"path": str(self.folder / "none.csv")}
