"""The tables. `tests/store/test_migrations.py` holds that the migrations build exactly these."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

metadata = MetaData()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """An aware instant as it is stored. Raises TypeError for a naive one."""
    return (instant - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware `datetime`, kept as whole microseconds since the epoch. Naive ones are refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From the database."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Seconds(TypeDecorator[timedelta]):
    """A duration, kept as whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else int(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From the database."""
        return None if value is None else timedelta(seconds=value)


mentions = Table(
    "mentions",
    metadata,
    Column("id", String, primary_key=True),
    Column("published", Instant, nullable=False, index=True),
    Column("stream", String, nullable=False),
    Column("author", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
"""`author` is `source:id` or `source:handle`, so that a person's mentions can be found and erased."""

samples = Table(
    "samples",
    metadata,
    Column("topic", String, primary_key=True),
    Column("window", Seconds, primary_key=True),
    Column("end", Instant, primary_key=True),
    Column("volume", Integer, nullable=False),
    Column("negative", Integer, nullable=False),
    Column("positive", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    Column("reach", BigInteger, nullable=False),
    Column("engagement", BigInteger, nullable=False),
    Column("spread", Integer, nullable=False),
    Column("gravity", Integer, nullable=False),
    Column("sources", Integer, nullable=False),
    Column("top_reach", BigInteger, nullable=False),
    Column("voices", BigInteger, nullable=False, server_default="0"),
    Column("hostile", BigInteger, nullable=False, server_default="0"),
    Column("copies", Integer, nullable=False, server_default="0"),
    Column("known", Float, nullable=False),
    Column("closed", Boolean, nullable=False),
    Index("samples_end", "end"),
)

streams = Table(
    "streams",
    metadata,
    Column("stream", String, primary_key=True),
    Column("cursor", String, nullable=False),
    Column("last_poll", LargeBinary),
)

polls = Table(
    "polls",
    metadata,
    Column("stream", String, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Index("polls_at", "at"),
)
"""Failed polls, the good one before each failure and the good one after: what is needed to know unknown minutes."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("topic", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("detector", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

anomalies = Table(
    "anomalies",
    metadata,
    Column("topic", String, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("signal", String, primary_key=True),
    Column("window", Seconds, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("rule", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("alerts_rule", "rule", "at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("topic", String, nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("severity", String, nullable=False),
    Column("opened_at", Instant, nullable=False, index=True),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("incident", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("cause", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String, primary_key=True),
    Column("topic", String, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

clicks = Table(
    "clicks",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False, index=True),
    Column("author", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What people said of mentions, in the order in which it is learned: a number is never used
twice, also after an erasure, so that a daemon misses none. `author` is that of the mention."""

erasures = Table(
    "erasures",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("clicks", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""That something was erased, or grew too old, and how much: by the last number a daemon knows that
it must look which of what it holds is gone. Whose it was stands nowhere any more."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("stream", String, primary_key=True),
    Column("mark", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("record", String, nullable=False),
    Index("quarantine_at", "at"),
)
"""`mark` is a hash of reason and record: a fault that is listed again is one row, counted in `times`."""

spending = Table(
    "spending",
    metadata,
    Column("account", String, primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant, nullable=False),
    Column("unit", String, nullable=False),
    Column("cap", Float, nullable=False),
    Column("amount", Float, nullable=False),
)
"""What was spent of each allowance, as `collect.meter` counts it; `cap` is the one last asked for."""

counts = Table(
    "counts",
    metadata,
    Column("stream", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("start", Instant, primary_key=True),
    Column("end", Instant, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Index("counts_end", "end"),
)
"""What sources counted without giving texts, as JSON of `model.Count`: a later one of the same span replaces it."""

decisions = Table(
    "decisions",
    metadata,
    Column("key", String, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("alert", String, nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
"""Why people were told, or were not, as JSON of `model.Decision`."""

backfills = Table(
    "backfills",
    metadata,
    Column("stream", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""How far the reading of each stream's past has come, as JSON of `model.Backfill`."""

keys = Table("keys", metadata, Column("name", String, primary_key=True), Column("value", LargeBinary, nullable=False))
"""Secrets that belong to this store alone: hashes of authors made with them mean nothing elsewhere."""

commands = Table(
    "commands",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("taken_at", Instant),
    Column("outcome", String, nullable=False, server_default=""),
    Column("made", String, nullable=False, server_default=""),
    Column("body", LargeBinary, nullable=False),
    Index("requests_waiting", "taken_at", "seq"),
)
"""What other processes ask of the daemon, as JSON of `model.Command`; `taken_at` is when a step has answered it."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True),
    Column("incident", String, nullable=False),
    Column("receiver", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    Column("body", LargeBinary, nullable=False),
    Index("outbox_waiting", "state", "seq"),
)
"""`state` is `waiting`, or how the last attempt ended for good. `due_at` moves on with each delayed attempt."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("incident", String, primary_key=True),
    Column("receiver", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Where the card of an incident stands at each receiver, as JSON of `model.Delivery`."""
