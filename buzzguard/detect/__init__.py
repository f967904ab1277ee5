"""Sample → Anomaly."""
