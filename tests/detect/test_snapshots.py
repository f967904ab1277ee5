"""The state of a topic as bytes, and what is refused."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect import snapshots
from buzzguard.detect.bank import Bank
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.detect.snapshots import Table
from buzzguard.model import Confusion

VERSION = "seasonal/0"


def bank() -> Bank:
    """Two topics whose arrays hold other numbers each."""
    made = Bank.of(2, Confusion(), trust=100.0)
    made.baselines.level[:] = np.arange(made.baselines.level.size).reshape(made.baselines.level.shape)
    made.tails.count[1], made.episodes.last[1], made.known[1] = 7.0, 12345, 30.5
    return made


def altered(**change: object) -> bytes:
    """A state of which the first table is altered."""
    first, *others = msgspec.msgpack.decode(snapshots.write(bank(), 0), type=list[Table])
    return msgspec.msgpack.encode([msgspec.structs.replace(first, **change), *others])


def test_a_row_reads_back_into_another_row_and_touches_no_other() -> None:
    one, other = bank(), Bank.of(3, Confusion(), trust=100.0)
    untouched = snapshots.write(other, 0), snapshots.write(other, 2)
    snapshots.read(other, 1, snapshots.write(one, 1), VERSION)
    assert snapshots.write(other, 1) == snapshots.write(one, 1)
    assert (snapshots.write(other, 0), snapshots.write(other, 2)) == untouched
    assert float(other.known[1]) == 30.5


def test_a_state_of_another_form_has_another_version() -> None:
    """A checkpoint of the same version is taken to cover what came before it: were it of another form, an upgrade would
    cost every baseline. Who changes the form raises the version and writes both down here."""
    tables = msgspec.msgpack.decode(snapshots.write(bank(), 0), type=list[Table])
    form = repr(sorted((table.name, table.kind, table.shape) for table in tables))
    assert (SeasonalDetector.version, blake2b(form.encode(), digest_size=4).hexdigest()) == ("seasonal/5", "60fb6571")


def test_a_topic_takes_less_than_twenty_kilobytes() -> None:
    assert len(snapshots.write(bank(), 0)) <= 20_000


FOREIGN = {
    "nothing": b"",
    "text": b"no state",
    "a pickle": b"\x80\x04N.",
    "an empty list": b"\x90",
    "half of it": snapshots.write(bank(), 0)[:-100],
    "another table": altered(name="elsewhere"),
    "other numbers": altered(kind="<f8"),
    "another shape": altered(shape=(1,)),
    "too few bytes": altered(cells=b"\0"),
    "no number": altered(cells=np.full(48, np.nan, np.float32).tobytes()),
}


@pytest.mark.parametrize("state", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_state_is_refused_with_a_reason_and_changes_nothing(state: bytes) -> None:
    made = bank()
    before = snapshots.write(made, 0)
    with pytest.raises(ValueError, match=f"not a state of {VERSION}: ."):
        snapshots.read(made, 0, state, VERSION)
    assert snapshots.write(made, 0) == before


@given(at=st.integers(0, 15_000), byte=st.integers(0, 255), cut=st.booleans())
def test_whatever_befalls_the_bytes_it_is_read_or_refused(at: int, byte: int, cut: bool) -> None:
    made, state = bank(), bytearray(snapshots.write(bank(), 0))
    state[at : at + 1] = b"" if cut else bytes([byte])
    try:
        snapshots.read(made, 0, bytes(state), VERSION)
    except ValueError as error:
        assert VERSION in str(error)
