"""How far an import has come, for whoever watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ingest.imports.merging import Merged


@dataclass(slots=True)
class Report:
    """What an import did."""

    rows: int = 0
    bad_rows: int = 0
    set_aside: list[Path] = field(default_factory=list)  # files with the bad rows
    calls: Merged = field(default_factory=Merged)
    filled_gaps: int = 0  # times when nobody listened, of which the import has the records


class Watch(Protocol):
    """Is told now and then."""

    def __call__(self, name: str, report: Report, done_share: float, /) -> None: ...


def unwatched(name: str, report: Report, done_share: float, /) -> None:
    """Nobody looks."""
