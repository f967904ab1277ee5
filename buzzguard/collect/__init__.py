"""The world → Mention: one module a source, the poller that asks them, and the only door to the network."""
