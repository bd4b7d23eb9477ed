"""What `check-pbx` says about one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    GOOD = "ok"
    UNKNOWN = "?"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    subject: str
    text: str
    needed: bool = False  # without it the PBX cannot be used
