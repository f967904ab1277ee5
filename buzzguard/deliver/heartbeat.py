"""A dead man's switch: a monitor outside hears from BuzzGuard while it is well, and raises the alarm when it does not.

Whoever watches cannot tell by itself that it is dead, cut off or blind; whoever waits for its sign of life can.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from buzzguard.config.heartbeat import HeartbeatSettings
from buzzguard.config.secret import Secret
from buzzguard.config.settings import NetworkSettings
from buzzguard.deliver.http import Http, judge, secret_address
from buzzguard.errors import DeliveryError
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.heartbeat")
_SERVICE = "the monitor of the heartbeat"


class Heartbeat:
    """Sends one sign of life at a time. Raises ConfigError when its address or the proxy's is a secret that cannot be
    read."""

    def __init__(self, settings: HeartbeatSettings, network: NetworkSettings) -> None:
        self.every: timedelta = settings.every
        """How often it is to be sent."""
        self._method = settings.method
        url = settings.url
        self._url = secret_address(url, what="the heartbeat").reveal if isinstance(url, Secret) else lambda: url
        self._http = Http(_SERVICE)
        self._http.use(network)
        self._said = ""

    async def beat(self, trouble: str, now: datetime) -> bool:
        """Send a sign of life, unless there is `trouble`; whether it was taken. Never raises for what the network does.

        Why it was not is logged when it begins, and that it is again when it ends.
        """
        if trouble:
            self._say("heartbeat.withheld", trouble)
            return False
        try:
            judge(await self._http.send(self._method, self._url()), _SERVICE, now=now)
        except DeliveryError as error:
            self._say("heartbeat.failed", str(error))
            return False
        if self._said:
            _log.info("heartbeat.resumed")
        self._said = ""
        return True

    async def close(self) -> None:
        """Free the connections. May be called twice."""
        await self._http.close()

    def _say(self, event: str, reason: str) -> None:
        if self._said != event:
            _log.error(event, reason=reason)
        self._said = event
