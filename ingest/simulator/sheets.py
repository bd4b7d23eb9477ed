"""Flat sheets of numbers that one block of the history is written on before it becomes Arrow tables.

A row costs eight bytes a column, so half a million calls with their legs take some hundred megabytes
less than the same rows as Python objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

import numpy as np
import numpy.typing as npt

from ingest.simulator.calendar import Floats
from ingest.simulator.numbers import Ints


class Sheet:
    """Rows of numbers under named columns; nan stands for null."""

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._row = Struct(f"={len(columns)}d")
        self._bytes = bytearray()
        self.count = 0  # rows

    def add(self, *row: float) -> None:
        """Append a row; the caller keeps to the order of the columns."""
        # Packing is twice as quick as extending an array of doubles.
        self._bytes += self._row.pack(*row)
        self.count += 1

    def clear(self) -> None:
        # New bytes: frames may still look at the old ones.
        self._bytes = bytearray()
        self.count = 0

    def frame(self, keep: npt.NDArray[np.bool_] | None = None) -> Frame:
        """The rows as columns; `keep`: only the rows of these calls (by the column `call`)."""
        values = np.frombuffer(self._bytes, np.float64).reshape(-1, len(self.columns))
        if keep is not None:
            values = values[keep[values[:, self.columns.index("call")].astype(np.int64)]]
        return Frame(self.columns, values)


class Frame:
    """The columns of a sheet."""

    def __init__(self, columns: Sequence[str], values: Floats) -> None:
        self._at = {name: place for place, name in enumerate(columns)}
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, name: str) -> Floats:
        return self._values[:, self._at[name]]

    def ints(self, name: str) -> Ints:
        return self[name].astype(np.int64)

    def micros(self, name: str) -> Ints:
        """A column of unix times as whole microseconds; the smallest integer where it is nan."""
        column = self[name]
        known = ~np.isnan(column)
        return np.where(known, np.rint(np.where(known, column, 0.0) * 1e6), np.iinfo(np.int64).min).astype(np.int64)


class Block:
    """All sheets of one block."""

    def __init__(self) -> None:
        self.calls = Sheet(
            "call", "direction", "outcome", "reason", "application", "at", "end", "answer", "wait", "talk", "hold",
            "number", "did", "group", "queue", "caller", "called", "status", "cause",
        )  # fmt: skip
        self.legs = Sheet(
            "call", "role", "caller", "party", "queue", "result", "status", "cause", "at", "ring", "answer", "end",
            "talk", "hold",
        )  # fmt: skip
        self.visits = Sheet("call", "queue", "enter", "leave", "place", "result", "party")
        self.transfers = Sheet("call", "kind", "from", "to", "completed", "at")
        self.intervals = Sheet("call", "kind", "party", "other", "at", "end")
        self.sessions = Sheet("queue", "party", "kind", "at", "end")

    def clear(self) -> None:
        """Empty all sheets for the next block."""
        for sheet in (self.calls, self.legs, self.visits, self.transfers, self.intervals, self.sessions):
            sheet.clear()
