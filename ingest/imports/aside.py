"""Rows that cannot be used: kept in a file beside the state of the import, with the reason, for a person to see."""

from __future__ import annotations

import csv
from pathlib import Path

import structlog

log = structlog.get_logger()

_NAMED = 20  # so many are written to the log one by one


class Aside:
    """The bad rows of one file."""

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        self.count = 0
        self._source = source

    def put(self, number: int, raw: bytes, reason: str) -> None:
        """Keep line `number`; the log names the first ones."""
        self.count += 1
        is_new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(("file", "line", "reason", "row"))
            writer.writerow((self._source.name, number, reason, raw.decode("utf-8", "replace")))
        if self.count <= _NAMED:
            log.warning("row cannot be used and is set aside", file=self._source.name, line=number, reason=reason)
