"""What could not be made a mention, and what was spent on places that cost money or quota."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "quarantine",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("mark", sa.String(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
    )
    op.create_index("quarantine_at", "quarantine", ["at"])
    op.create_table(
        "spending",
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("since", sa.BigInteger(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("cap", sa.Float(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
    )
