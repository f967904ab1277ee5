"""Settings of every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Examples are bounded in number, not in time: the machines that run them differ and are shared.
settings.register_profile("buzzguard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("buzzguard")
