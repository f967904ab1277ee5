"""Settings of every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Examples are bounded in number, not in time: the machines that run them differ and are shared. What decides on a
# change tries the same examples each time; everybody else looks for new ones.
settings.register_profile(
    "buzzguard",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("buzzguard")
