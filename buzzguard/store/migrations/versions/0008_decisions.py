"""Why people were told, or were not."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "decisions",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_decisions_incident", "decisions", ["incident"])
    op.create_index("ix_decisions_alert", "decisions", ["alert"])
    op.create_index("ix_decisions_at", "decisions", ["at"])
