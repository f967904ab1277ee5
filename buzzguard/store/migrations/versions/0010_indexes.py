"""Find the newest incidents, and a rule's last alert, without reading them all."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forward."""
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"])
    op.create_index("alerts_rule", "alerts", ["rule", "at"])
