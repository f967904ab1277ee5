"""What other processes ask of the daemon."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "requests",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("outcome", sa.String(), nullable=False, server_default=""),
        sa.Column("made", sa.String(), nullable=False, server_default=""),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("requests_waiting", "requests", ["taken_at", "seq"])
