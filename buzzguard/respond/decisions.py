"""What was decided in a turn, in rows: why people were told, why they were not, who asked for that.

Reasons by verdict:

- `told`: the cause of the news (`opened`, `step_timed_out`, `severity_raised`…), whom, and by which step or route.
- `hushed`: `silenced` (by whom, until when), `quiet_hours`, `inhibited`, `flapping`, `capped`, `grouped`,
  `shown_in_run` (a step was marked: the message of the run is edited).
- `held`: the next step waits: `quiet_hours`, `capped`, `grouping`, `silenced`.
- `left_out`: `judged`: people ended an incident over this very firing within a day.
- `instead_…` (`hushed`): nobody was told in the place of a receiver that could not be reached, for the reason that
  `respond.standing_in` names.
- `muted` (`hushed`): somebody muted it (who, until when, why); `unmuted` (`heard`): somebody ended that.
- `nobody_to_tell`: there is no policy or receiver.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from buzzguard.model import Alert, Decision, Incident, Verdict


def about(
    incident: Incident, verdict: Verdict, reason: str, now: datetime, *, detail: Mapping[str, str] | None = None
) -> Decision:
    """A decision on an incident; one a version, verdict and reason."""
    return Decision(
        key=f"{incident.id}/{incident.version}/{verdict.value}/{reason}",
        verdict=verdict,
        reason=reason,
        at=now,
        topic=incident.topic,
        incident=incident.id,
        detail=dict(detail or {}),
    )


def left_out(alert: Alert, reason: str, now: datetime, *, incident: str = "") -> Decision:
    """An alert that opens nothing and joins nothing: one a firing and severity."""
    began = alert.fired_at or alert.since
    return Decision(
        key=f"{alert.fingerprint}/{began.isoformat()}/{alert.severity.value}/{reason}",
        verdict=Verdict.LEFT_OUT,
        reason=reason,
        at=now,
        topic=alert.topic,
        incident=incident,
        alert=alert.fingerprint,
        rule=alert.rule,
        detail={"severity": alert.severity.value},
    )
