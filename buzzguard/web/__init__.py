"""The loopback server: health and metrics for ops, the intake for pushed mentions, signed clicks from Slack."""
