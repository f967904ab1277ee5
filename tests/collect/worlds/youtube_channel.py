"""The feed of a channel."""

from __future__ import annotations

from typing import Any

from tests.collect.worlds import rss

CHANNEL = "UC0000000000000000000000"


class World(rss.World):
    """As any feed, at YouTube's address."""

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        wanted = {"channel_id": CHANNEL}
        self.server.expect_request("/feeds/videos.xml", query_string=wanted).respond_with_handler(self._answer)
        return {"channel": CHANNEL, "address": self.server.url_for("").rstrip("/")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"channel": "UC1111111111111111111111"}
