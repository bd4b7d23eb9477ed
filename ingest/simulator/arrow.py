"""Arrow columns out of codes, moments and lists of the sheets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.simulator.calendar import Floats
from ingest.simulator.numbers import Ints

INSTANT = pa.timestamp("us", tz="UTC")
_NULL = np.iinfo(np.int64).min
Bools = npt.NDArray[np.bool_]


def words(values: Sequence[str], codes: Ints) -> pa.Array:
    """The word of each code; null where the code is negative."""
    return pa.array(values, pa.string()).take(pa.array(codes, mask=codes < 0))


def digits(numbers: Ints) -> pa.Array:
    """Numbers as text; null where negative."""
    return pa.array(numbers, mask=numbers < 0).cast(pa.string())


def instants(micros: Ints) -> pa.Array:
    return pa.array(micros, mask=micros == _NULL).cast(INSTANT)


def seconds(values: Floats) -> pa.Array:
    """Seconds to the microsecond; null where nan."""
    return pa.array(np.round(values, 6), mask=np.isnan(values))


def span(earlier: Ints, later: Ints) -> pa.Array:
    """Seconds between two columns of whole microseconds; zero where one of them is unknown."""
    known = (earlier != _NULL) & (later != _NULL)
    return pa.array(np.where(known, later - earlier, 0) / 1e6)


def constant(value: object, count: int, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), count)


def no_events(count: int) -> pa.Array:
    """An empty list of journal positions for every row: no journal holds an invented past."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], pa.int64()))


def lists(values: pa.Array, owners: Ints, count: int) -> pa.Array:
    """Per owner (0..count-1, ascending in `owners`) the list of its values."""
    sizes = np.bincount(owners, minlength=count)
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)), values)


def first_seen(owners: Ints, values: Ints) -> Bools:
    """True at the first row of each pair of owner and value."""
    keys = owners * (1 << 20) + values + 1
    mask = np.zeros(len(keys), np.bool_)
    mask[np.unique(keys, return_index=True)[1]] = True
    return mask


def joined(*parts: pa.Array | str) -> pa.Array:
    """Text columns one after the other."""
    return pc.binary_join_element_wise(*parts, "")


def positions(owners: Ints) -> pa.Array:
    """1, 2, 3 … within each owner; owners in groups."""
    starts = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]])) if len(owners) else np.array([], int)
    sizes = np.diff(np.concatenate([starts, [len(owners)]])).astype(np.int64)
    return pa.array((np.arange(len(owners)) - np.repeat(starts, sizes) + 1).astype(np.int32))
