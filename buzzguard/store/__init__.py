"""The memory: tables in SQLAlchemy Core, alembic migrations, the Store on SQLite.

Decisions:
- One process writes. Every write is `BEGIN IMMEDIATE`, so a read-modify-write can never lose an update silently.
- `synchronous=FULL`: a mention acknowledged to a pusher survives a power cut. A step is one transaction, so the
  price is one fsync a step, not one a mention.
- Instants are stored as whole microseconds since the epoch, durations as whole seconds: both sort and compare.
- Records travel as JSON in `body`; what is searched or expired by is a column beside it.
"""
