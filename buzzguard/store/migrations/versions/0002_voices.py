"""Voices and the hostile ones among them, for the negative share.

Of samples stored before, nobody knows: zero of zero voices. With a constant default SQLite adds a column without
rewriting the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward."""
    for name in ("voices", "hostile"):
        op.add_column("samples", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
